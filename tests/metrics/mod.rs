//! Facts in, figures out: each delivery metric against figures worked out by hand.

mod change_fail_rate;
mod change_lead_time;
mod commit_lead_time;
mod deployment_frequency;
mod deployment_rework_rate;
mod dora_score;
mod estimates;
mod failed_deployment_recovery_time;
mod questions;
mod time_to_restore;
mod time_zones;
mod undeployed_changes;
mod value_of_time_saved;
