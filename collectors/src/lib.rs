//! collectors
pub mod import;
