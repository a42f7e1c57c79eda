//! collectors
pub mod argocd;
pub mod backstage;
pub mod git;
pub mod github;
pub mod hooks;
pub mod import;
pub mod jira;
pub mod kubernetes;
pub mod mapping;
pub mod pagerduty;
pub mod prometheus;
pub mod pull;
