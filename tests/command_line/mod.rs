//! The binary as people run it: what it prints, what it writes, how it ends.

mod as_of;
mod collect;
mod collect_git;
mod crash;
mod demo;
mod import;
mod metrics;
mod metrics_dir;
mod source_tables;
mod stores;
mod words;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The built binary, to be run in a folder.
pub fn cairn(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    command
}

/// How a run ended and what it said.
pub struct Said {
    /// It ended well.
    pub is_well: bool,
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
}

/// Runs the binary in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Said {
    said(cairn(folder, arguments).output().unwrap())
}

/// What a finished run said.
pub fn said(output: Output) -> Said {
    Said {
        is_well: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
