//! collectors
pub mod git;
pub mod github;
pub mod import;
pub mod mapping;
pub mod pull;
