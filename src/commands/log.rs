//! Where the log goes: standard error, as text or JSON.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, LogFormat};

/// Starts logging as the command line says. Unless told, a server says when it starts and stops.
pub(crate) fn start(cli: &Cli) {
    let is_server = matches!(cli.command, Command::Serve(_));
    let level = cli.global.log.as_deref().unwrap_or(if is_server { "info" } else { "warn" });
    let filter = EnvFilter::try_new(level).unwrap_or_else(|error| {
        eprintln!("cairn: --log {level}: {error}; logging warnings");
        EnvFilter::new("warn")
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for terminals; in a file or a pipe they are noise.
        .with_ansi(std::io::stderr().is_terminal());
    match cli.global.log_format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
}
