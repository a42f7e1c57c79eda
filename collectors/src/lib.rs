//! collectors
pub mod git;
pub mod import;
pub mod mapping;
pub mod pull;
