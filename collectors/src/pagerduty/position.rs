//! Where the reading of PagerDuty is: in which window, or where that holds too much, in which part of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::PAGE;
use crate::pull::{Misread, Next, Note};

pub(super) const WINDOW_DAYS: i64 = 30;
/// PagerDuty refuses to page deeper.
const DEEPEST: i64 = 10_000;
/// Windows are cut down to this, and no further.
const SHORTEST_SECONDS: i64 = 60;
/// So many times as short as that may have too much in one run.
const MOST_LOST: u32 = 10;
/// How long after a window its incidents may still be acknowledged for the first time.
const LATE_DAYS: i64 = 7;

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub(super) began: DateTime<Utc>,
    pub(super) from: DateTime<Utc>,
    /// The window's length: less where PagerDuty has more than it lets page through.
    #[serde(default = "whole_window")]
    pub(super) days: i64,
    /// What of it is being read, where it is too much at once.
    #[serde(default)]
    pub(super) slice: Option<Slice>,
    /// Of how many of the shortest times there was too much, in this run.
    #[serde(default)]
    pub(super) n_lost: u32,
    pub(super) is_log_read: bool,
    pub(super) offset: i64,
    /// When each incident of the window was first acknowledged.
    pub(super) acknowledged: BTreeMap<String, DateTime<Utc>>,
    /// When the oldest incident was opened that this run found open: the next reads from there on again.
    #[serde(default)]
    pub(super) oldest_open: Option<DateTime<Utc>>,
    /// Incidents that were opened again, as the log says, and were not read since.
    #[serde(default)]
    pub(super) reopened: BTreeSet<String>,
    /// Those of them that were not given, with when they first were not: the next runs ask for them again.
    #[serde(default)]
    pub(super) owed: BTreeMap<String, DateTime<Utc>>,
    /// All windows are read; those opened again are still to be asked for, one by one.
    #[serde(default)]
    pub(super) is_log_over: bool,
    pub(super) is_done: bool,
}

/// A part of a window of which PagerDuty has more than it lets page through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Slice {
    from: DateTime<Utc>,
    seconds: i64,
}

fn whole_window() -> i64 {
    WINDOW_DAYS
}

/// What a page holds, of the log or of incidents.
pub(super) struct Read {
    pub(super) n: usize,
    pub(super) is_last: bool,
    /// Of how many, as far as that is told.
    pub(super) total: Option<i64>,
}

impl Position {
    /// Where to go on once the windows are read: to the incidents that were opened again, then to the end.
    pub(super) fn next(mut self) -> Next<Position> {
        if self.reopened.is_empty() {
            self.is_done = true;
            return Next::Done(self);
        }
        Next::Ask(self)
    }

    /// What is being read, the log or the incidents of the window: its begin and end.
    fn range(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let late_days = if self.is_log_read { 0 } else { LATE_DAYS.min(self.days) };
        (self.from, self.from + Duration::days(self.days + late_days))
    }

    /// Of that, what is asked for at once.
    pub(super) fn asked(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let (from, until) = self.range();
        match self.slice {
            Some(Slice { from, seconds }) => (from, until.min(from + Duration::seconds(seconds))),
            None => (from, until),
        }
    }

    /// Where to go on after a page: to the next, or where that lies too deep, to the first page of a shorter time.
    pub(super) fn onward(mut self, page: &Read, notes: &mut Vec<Note>) -> Result<Position, Misread> {
        if self.offset == 0
            && page.total.is_some_and(|total| total >= DEEPEST)
            && let Some(shorter) = self.shorter()
        {
            return Ok(shorter);
        }
        if page.is_last {
            return Ok(self.after_page());
        }
        self.offset += page.n as i64;
        if self.offset + PAGE <= DEEPEST {
            return Ok(self);
        }
        if let Some(shorter) = self.shorter() {
            return Ok(shorter);
        }
        let (from, until) = self.asked();
        let shown = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let span = format!("between {} and {}", shown(from), shown(until));
        if self.n_lost >= MOST_LOST {
            return Err(Misread::new(format!(
                "PagerDuty has more than {DEEPEST} entries within a minute {MOST_LOST} times, the last {span}: does it say `more` without end?"
            )));
        }
        self.n_lost += 1;
        notes.push(Note::LeftOut(format!(
            "PagerDuty has more than {DEEPEST} {} {span}, and lets nobody page deeper: the others are not read",
            if self.is_log_read { "incidents" } else { "log entries" },
        )));
        Ok(self.after_page())
    }

    /// The first page of half the window; of a day, of half of what is asked for: the log of a day is kept together,
    /// since an incident is acknowledged later than opened. None where it cannot be shorter.
    fn shorter(&self) -> Option<Position> {
        if self.days > 1 {
            return Some(Position {
                days: self.days / 2,
                is_log_read: false,
                offset: 0,
                acknowledged: BTreeMap::new(),
                ..self.clone()
            });
        }
        let (from, until) = self.asked();
        let seconds = (until - from).num_seconds() / 2;
        let slice = Some(Slice { from, seconds }).filter(|_| seconds >= SHORTEST_SECONDS)?;
        Some(Position { slice: Some(slice), offset: 0, ..self.clone() })
    }

    /// Where to go on after the last page: with the next slice, with the incidents after the log, with the next window.
    fn after_page(mut self) -> Position {
        let (from, until) = self.asked();
        self.offset = 0;
        if until < self.range().1 {
            // It may be quieter there.
            let seconds = (until - from).num_seconds() * 2;
            self.slice = Some(Slice { from: until, seconds });
            return self;
        }
        self.slice = None;
        if !self.is_log_read {
            self.is_log_read = true;
            return self;
        }
        self.from = until;
        // As much as before, it may be, or little again.
        self.days = (self.days * 2).min(WINDOW_DAYS);
        self.is_log_read = false;
        self.acknowledged.clear();
        self.is_done = self.from >= self.began;
        self
    }
}
