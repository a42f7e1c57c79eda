//! Where the buckets lie, and which of them a row falls into.

use std::ops::Range;

use arrow::array::{Array, AsArray, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::catalogue::Shape;
use crate::window::{Bucket, midnight};

/// The times of a batch's rows.
pub(crate) enum Times {
    Events(TimestampMicrosecondArray),
    States(TimestampMicrosecondArray, TimestampMicrosecondArray),
    Unknown,
}

impl Times {
    pub(crate) fn of(shape: Shape, batch: &RecordBatch) -> Times {
        let column = |name: &str| {
            batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>()).cloned()
        };
        let times = match shape {
            Shape::Event => column("observed_at").map(Times::Events),
            Shape::State => {
                column("held_from").zip(column("held_until")).map(|(from, until)| Times::States(from, until))
            }
        };
        times.unwrap_or(Times::Unknown)
    }

    /// The instants of events.
    pub(crate) fn instants(&self) -> Option<&[i64]> {
        match self {
            Times::Events(at) => Some(at.values()),
            _ => None,
        }
    }

    /// When a row happened or began to hold, and the buckets that it counts in.
    #[inline]
    pub(crate) fn locate(&self, places: &mut Places, row: usize) -> (i64, Range<usize>) {
        match self {
            Times::Events(at) => (at.value(row), places.of_event(at.value(row))),
            Times::States(from, until) => {
                let until = until.is_valid(row).then(|| until.value(row));
                (from.value(row), places.of_state(from.value(row), until))
            }
            Times::Unknown => (0, 0..0),
        }
    }
}

/// Where the buckets lie.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    begins: Vec<i64>,
    end: i64,
    /// The ends at which states are counted, of the buckets that have begun: none of them in the future.
    ends: Vec<i64>,
    /// The bucket found last, with its begin and end: marts are in order of time, so it mostly holds the next row too.
    last: (Range<i64>, usize),
    /// How many of the ends lay before the end of the last state.
    n_ended: usize,
    /// The begins of the days, where days are counted.
    days: Vec<i64>,
    /// The day found last, with its begin and end and the bucket that it is counted in.
    last_day: (Range<i64>, usize, usize),
}

impl Places {
    /// The places of some buckets.
    pub(crate) fn new(buckets: &[Bucket], now: DateTime<Utc>) -> Places {
        Places {
            begins: buckets.iter().map(|bucket| bucket.from.timestamp_micros()).collect(),
            end: buckets.last().map_or(0, |bucket| bucket.to.timestamp_micros()),
            ends: buckets
                .iter()
                .filter(|bucket| bucket.from <= now)
                .map(|bucket| bucket.to.min(now).timestamp_micros())
                .collect(),
            last: (0..0, 0),
            n_ended: 0,
            days: Vec::new(),
            last_day: (0..0, 0, 0),
        }
    }

    /// The same, with the days of a zone that the buckets span.
    pub(crate) fn with_days(mut self, buckets: &[Bucket], zone: Tz) -> Places {
        let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return self };
        let days = first.from.with_timezone(&zone).date_naive().iter_days();
        let begins = days.map(|day| midnight(zone, day)).take_while(|begin| *begin < last.to);
        self.days = begins.map(|begin| begin.timestamp_micros()).collect();
        self
    }

    pub(crate) fn n_buckets(&self) -> usize {
        self.begins.len()
    }

    /// The day of a bucket, counted from its first, that an instant lies in.
    #[inline]
    pub(crate) fn day(&mut self, bucket: usize, at: i64) -> usize {
        if !self.last_day.0.contains(&at) || self.last_day.1 != bucket {
            let n_begun = self.days.partition_point(|begin| *begin <= at);
            let begin = n_begun.checked_sub(1).map_or(i64::MIN, |day| self.days[day]);
            let end = self.days.get(n_begun).copied().unwrap_or(i64::MAX);
            let n_before = self.days.partition_point(|begin| *begin <= self.begins[bucket]);
            self.last_day = (begin..end, bucket, n_begun.saturating_sub(n_before));
        }
        self.last_day.2
    }

    #[inline]
    fn of_event(&mut self, at: i64) -> Range<usize> {
        if !self.last.0.contains(&at) {
            let n_begun = self.begins.partition_point(|begin| *begin <= at);
            if n_begun == 0 || at >= self.end {
                return 0..0;
            }
            let end = self.begins.get(n_begun).copied().unwrap_or(self.end);
            self.last = (self.begins[n_begun - 1]..end, n_begun - 1);
        }
        self.last.1..self.last.1 + 1
    }

    /// A state counts in each bucket at whose end it holds: from the first end at or after its begin up to the first at
    /// or after its end.
    #[inline]
    fn of_state(&mut self, from: i64, until: Option<i64>) -> Range<usize> {
        let end = match until {
            Some(until) => {
                self.n_ended = self.n_before(until);
                self.n_ended
            }
            None => self.ends.len(),
        };
        self.n_before(from)..end
    }

    /// How many of the ends lie before a time. Most states are short and end about when the one before did.
    #[inline]
    fn n_before(&self, time: i64) -> usize {
        let n = self.n_ended;
        let is_it = (n == 0 || self.ends[n - 1] < time) && self.ends.get(n).is_none_or(|end| *end >= time);
        if is_it { n } else { self.ends.partition_point(|end| *end < time) }
    }
}
