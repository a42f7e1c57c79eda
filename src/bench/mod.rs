//! `cairn bench`: what this machine does, beside what it should do.

use std::path::PathBuf;
use std::process::ExitCode;

/// What to measure.
pub struct Options {
    /// `s`, `m` or `l`.
    pub scale: String,
    /// Where to write the figures too.
    pub json: Option<PathBuf>,
    /// Where to work.
    pub folder: Option<PathBuf>,
}

/// Measures, and prints each figure beside its limit.
pub fn run(_options: &Options) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
