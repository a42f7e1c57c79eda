//! Facts in, pages out, over HTTP. The present of these pages is Wednesday, 4 March 2026; the zone is UTC. Four complete
//! weeks are thus the 28 days from 2 February to 1 March.

mod all_metrics;
mod cards;
mod empty;
mod errors;
mod figures_in_words;
mod improvements;
mod metric_page;
mod owners;
mod quality;
mod rows_page;
mod safety;
pub mod site;
mod sources;
mod spread;
mod teams;
mod value;
