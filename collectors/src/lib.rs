//! collectors
pub mod import;
pub mod git;
