//! collectors
pub mod git;
pub mod import;
