//! Progress of long work: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Tells how far a piece of work is.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    total: Option<u64>,
    told: Instant,
}

/// How often a plain line is written.
const EVERY: Duration = Duration::from_secs(5);

impl Progress {
    /// Work on so many bytes.
    pub fn of_bytes(what: &str, total: Option<u64>) -> Progress {
        let template = match total {
            Some(_) => "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            None => "{msg} {spinner} {bytes} {bytes_per_sec}",
        };
        Progress::new(what, total, template)
    }

    /// Work on a number of things not known beforehand.
    pub fn of_things(what: &str) -> Progress {
        Progress::new(what, None, "{msg} {spinner} {human_pos}")
    }

    fn new(what: &str, total: Option<u64>, template: &str) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress { bar, what: what.to_owned(), total, told: Instant::now() }
    }

    /// So much is done.
    pub fn at(&mut self, position: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
        } else if self.told.elapsed() > EVERY {
            self.told = Instant::now();
            match self.total.filter(|total| *total > 0) {
                Some(total) => eprintln!("{}: {} %", self.what, (position * 100 / total).min(100)),
                None => eprintln!("{}: {position}", self.what),
            }
        }
    }

    /// Another step has begun.
    pub fn say(&mut self, what: &str) {
        what.clone_into(&mut self.what);
        match &self.bar {
            Some(bar) => bar.set_message(what.to_owned()),
            None => eprintln!("{what}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
