//! Facts told in the intake format, as a person would write them into a file, and what the engine makes of them.

use std::error::Error;
use std::io::Cursor;

use analytics::{Answer, Row};
use collectors::import::{DEFAULT_BATCH_ROWS, Options, Rejection, Sink, read_stream};
use facts::{Batch, Kind};
use store::Store;

use crate::support::{ask, at, engine, key, store_in, write};

/// A store that was told some facts.
pub struct Told {
    pub store: Store,
    _folder: tempfile::TempDir,
}

struct Taken(Vec<Batch>);

impl Sink for Taken {
    fn batch(&mut self, batch: Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.push(batch);
        Ok(())
    }

    fn rejection(&mut self, rejection: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(format!("{:?} in `{}`", rejection.problems, rejection.raw).into())
    }

    fn progress(&mut self, _: u64) {}
}

/// Rows of a kind, written as CSV. Where only a day stands, its first instant is meant.
pub fn rows(kind: Kind, csv: &str) -> Vec<Batch> {
    let key = key();
    let options = Options {
        kind,
        key: &key,
        source: "test",
        now: at("2026-01-01T00:00:00Z"),
        time_zone: Some(chrono_tz::UTC),
        batch_rows: DEFAULT_BATCH_ROWS,
    };
    let csv: Vec<String> = csv.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    let mut taken = Taken(Vec::new());
    read_stream("facts", Box::new(Cursor::new(csv.join("\n").into_bytes())), 0, None, &options, &mut taken).unwrap();
    taken.0
}

impl Told {
    pub fn of(facts: &[(Kind, &str)]) -> Told {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        for (kind, csv) in facts {
            write(&store, &rows(*kind, csv));
        }
        Told { store, _folder: folder }
    }

    /// The answer; the window and its grain as `2025-03-01 2025-04-01 month`.
    pub fn ask(&self, metric: &str, window: &str, by: &str, filter: &str) -> Answer {
        let words: Vec<&str> = window.split(' ').collect();
        ask(&engine(&self.store, "UTC"), metric, words[0], words[1], words[2], by, filter)
    }

    /// The one row over a whole window.
    pub fn row(&self, metric: &str, window: &str, filter: &str) -> Row {
        self.ask(metric, &format!("{window} all"), "", filter).rows[0].clone()
    }

    /// Value and number of observations of each row, with the names of its group.
    pub fn figures(&self, metric: &str, window: &str, by: &str) -> Vec<(String, Option<f64>, u64)> {
        let answer = self.ask(metric, window, by, "");
        let names = |row: &Row| {
            let names: Vec<&str> = row.group.iter().map(|(_, name)| name.as_deref().unwrap_or("-")).collect();
            names.join(" ")
        };
        answer.rows.iter().map(|row| (names(row), rounded(row.estimate.value), row.estimate.n)).collect()
    }
}

/// A figure without the noise of binary fractions.
pub fn rounded(value: Option<f64>) -> Option<f64> {
    value.map(|value| (value * 1e9).round() / 1e9)
}

/// A figure of a group, as [`Told::figures`] gives it.
pub fn figure(group: &str, value: f64, n: u64) -> (String, Option<f64>, u64) {
    (group.to_owned(), rounded(Some(value)), n)
}

/// A group of which nothing is known.
pub fn unknown(group: &str, n: u64) -> (String, Option<f64>, u64) {
    (group.to_owned(), None, n)
}
