//! Windows and buckets: calendar buckets of the reporting time zone as UTC instants, exact across changes of the clocks.

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;

/// The length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// A calendar day.
    Day,
    /// An ISO week, from Monday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// The whole window as one.
    All,
}

const GRAINS: [(&str, Grain); 5] = [
    ("day", Grain::Day),
    ("week", Grain::Week),
    ("month", Grain::Month),
    ("quarter", Grain::Quarter),
    ("all", Grain::All),
];

impl Grain {
    /// The grain of a name; the error names the nearest.
    pub fn parse(name: &str) -> Result<Grain, AnalyticsError> {
        let names = GRAINS.map(|(name, _)| name);
        GRAINS.iter().find(|(known, _)| *known == name).map(|(_, grain)| *grain).ok_or_else(|| {
            let hint = facts::did_you_mean(name, &names);
            AnalyticsError::BadQuestion(format!(
                "there is no grain `{name}`{hint}; the grains are {}",
                names.join(", ")
            ))
        })
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        GRAINS.iter().find(|(_, grain)| *grain == self).map_or("", |(name, _)| name)
    }

    /// The first day of the bucket that holds a day.
    fn start_of(self, day: NaiveDate) -> NaiveDate {
        let first_of = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).expect("every month has a first day");
        match self {
            Grain::Day | Grain::All => day,
            Grain::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            Grain::Month => first_of(day.month()),
            Grain::Quarter => first_of((day.month() - 1) / 3 * 3 + 1),
        }
    }

    /// The first day of the bucket after the one that begins on a day.
    /// The next longer one; none is longer than the whole.
    pub fn coarser(self) -> Grain {
        match self {
            Grain::Day => Grain::Week,
            Grain::Week => Grain::Month,
            Grain::Month => Grain::Quarter,
            Grain::Quarter | Grain::All => Grain::All,
        }
    }

    fn next(self, start: NaiveDate) -> NaiveDate {
        match self {
            Grain::Day | Grain::All => start + Days::new(1),
            Grain::Week => start + Days::new(7),
            Grain::Month => start + Months::new(1),
            Grain::Quarter => start + Months::new(3),
        }
    }
}

/// The zone of a name; the error names the nearest.
pub fn parse_zone(name: &str) -> Result<Tz, AnalyticsError> {
    name.parse().map_err(|_| {
        // What is nearest by its letters is of the opposite sign.
        if let Some(minutes) = minutes_ahead(name) {
            let fixed = of_fixed_offset(minutes);
            return AnalyticsError::BadQuestion(format!(
                "there is no time zone `{name}`: zones are named by place, such as Europe/Berlin, and keep their summer time{fixed}"
            ));
        }
        let names: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        let hint = facts::did_you_mean(name, &names);
        AnalyticsError::BadQuestion(format!(
            "there is no time zone `{name}`{hint}; write an IANA name such as Europe/Berlin or UTC"
        ))
    })
}

/// How many minutes what is written as an offset (`GMT+2`, `UTC-03:30`, `+0200`) is ahead of UTC.
fn minutes_ahead(name: &str) -> Option<i32> {
    let written = name.trim().to_ascii_uppercase();
    let offset = written.strip_prefix("GMT").or_else(|| written.strip_prefix("UTC")).unwrap_or(&written).trim_start();
    let (sign, digits) = match offset.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, offset.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then(|| sign * (i32::from(hours) * 60 + i32::from(minutes)))
}

/// How the zone of an offset is named, where it has a name. POSIX counts hours west of Greenwich, and so do these names.
fn of_fixed_offset(minutes_ahead: i32) -> String {
    let hours = minutes_ahead.abs() / 60;
    let (word, sign) = if minutes_ahead > 0 { ("ahead of", '-') } else { ("behind", '+') };
    let name = if hours == 0 { "UTC".to_owned() } else { format!("Etc/GMT{sign}{hours}") };
    match (minutes_ahead % 60, name.parse::<Tz>()) {
        (0, Ok(_)) if hours == 0 => "; without any offset it is UTC".to_owned(),
        (0, Ok(_)) => format!("; {hours} h {word} UTC all the year is {name}, whose sign is the other way round"),
        _ => String::new(),
    }
}

/// A span of time, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Window {
    /// Its begin.
    pub from: DateTime<Utc>,
    /// Its end, not included.
    pub to: DateTime<Utc>,
}

/// A bucket of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Begin of the calendar bucket: its label.
    pub time: DateTime<Utc>,
    /// Begin of the part that lies in the window.
    pub from: DateTime<Utc>,
    /// End of the part that lies in the window, not included.
    pub to: DateTime<Utc>,
    /// Calendar days of that part; a day on which the clocks changed is one day.
    pub days: f64,
    /// The whole calendar bucket lies in the window and in the past.
    pub is_complete: bool,
}

const MOST_BUCKETS: usize = 20_000;

/// Midnight of a day in a zone; where the clocks skip it, the first instant of the day.
pub fn midnight(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let mut local = NaiveDateTime::from(day);
    loop {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(time) => return time.to_utc(),
            LocalResult::Ambiguous(earlier, _) => return earlier.to_utc(),
            LocalResult::None => local += TimeDelta::minutes(15),
        }
    }
}

/// After so many silent days it is no longer clear whether nothing happened or the source fell silent; a long weekend
/// is shorter.
pub(crate) const SILENT_DAYS: u64 = 3;

impl Bucket {
    /// The bucket as far as its sources told of it: days on which none of them was connected are not counted, and where
    /// they began within the bucket, or fell silent in it, it is not complete. A bucket wholly outside stays as it is: nothing
    /// is known there, and nothing is divided by its days. `connected` is in order.
    pub(crate) fn told(self, connected: &[Window], zone: Tz, now: DateTime<Utc>) -> Bucket {
        let day = |time: DateTime<Utc>| time.with_timezone(&zone).date_naive();
        let (mut days, mut told_to) = (0.0, self.from);
        for span in connected {
            if self.to <= span.from || self.from > span.to {
                continue;
            }
            let first = midnight(zone, day(span.from)).max(self.from);
            let last = midnight(zone, day(span.to) + Days::new(1 + SILENT_DAYS));
            let past = self.to.min(last).min(now.max(first));
            if past > first {
                days += days_between(zone, first, past);
            }
            if first <= told_to {
                told_to = told_to.max(last);
            }
        }
        if days == 0.0 {
            return self;
        }
        Bucket { days, is_complete: self.is_complete && told_to >= self.to, ..self }
    }
}

/// The end of the minute that a time lies in.
fn end_of_minute(time: DateTime<Utc>) -> DateTime<Utc> {
    let whole =
        time - TimeDelta::nanoseconds(time.timestamp_nanos_opt().unwrap_or_default().rem_euclid(60_000_000_000));
    if whole == time { time } else { whole + TimeDelta::minutes(1) }
}

impl Window {
    /// Reads the ends of a window: days of the reporting zone (`2026-01-31`), months (`2026-01`), years (`2026`) or
    /// RFC 3339 instants. Without an end it ends with the running minute; without a begin it holds as many buckets as suit the grain.
    pub fn parse(
        from: Option<&str>,
        to: Option<&str>,
        grain: Grain,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Window, AnalyticsError> {
        let is_open_ended = to.is_none();
        let to = match to {
            Some(text) => parse_end(text, "to", zone)?,
            // Not the present to the microsecond: asked again within the minute, it is the same question.
            None => end_of_minute(now),
        };
        let from = match from {
            Some(text) => parse_end(text, "from", zone)?,
            None => {
                let today = to.with_timezone(&zone).date_naive();
                let start = match grain {
                    Grain::Day => today - Days::new(30),
                    Grain::Week => today - Days::new(12 * 7),
                    Grain::Month => today - Months::new(12),
                    Grain::Quarter => today - Months::new(24),
                    Grain::All => today - Months::new(12),
                };
                midnight(zone, grain.start_of(start))
            }
        };
        if from == to {
            return Err(AnalyticsError::BadQuestion(format!(
                "the window begins and ends at {}, so nothing lies in it; `to` is not included, so name a later one",
                in_zone(to, zone)
            )));
        }
        if from > to && is_open_ended {
            return Err(AnalyticsError::BadQuestion(format!(
                "the window begins {}, which lies ahead; choose an earlier begin",
                in_zone(from, zone)
            )));
        }
        if from > to {
            return Err(AnalyticsError::BadQuestion(format!(
                "the window ends ({}) before it begins ({}); exchange from and to",
                in_zone(to, zone),
                in_zone(from, zone)
            )));
        }
        Ok(Window { from, to })
    }

    /// Cuts the window into calendar buckets of a zone.
    pub fn buckets(&self, grain: Grain, zone: Tz, now: DateTime<Utc>) -> Result<Vec<Bucket>, AnalyticsError> {
        let bucket = |start: DateTime<Utc>, end: DateTime<Utc>| {
            let (from, to) = (start.max(self.from), end.min(self.to));
            Bucket {
                time: start,
                from,
                to,
                days: days_between(zone, from, to),
                is_complete: from == start && to == end && end <= now,
            }
        };
        if grain == Grain::All {
            return Ok(vec![bucket(self.from, self.to)]);
        }
        let mut buckets = Vec::new();
        let mut day = grain.start_of(self.from.with_timezone(&zone).date_naive());
        let mut start = midnight(zone, day);
        while start < self.to {
            day = grain.next(day);
            let end = midnight(zone, day);
            // A zone that skipped a whole day (Samoa in 2011) has a bucket without time.
            if end > self.from && end > start {
                buckets.push(bucket(start, end));
            }
            start = end;
            if buckets.len() > MOST_BUCKETS {
                return Err(AnalyticsError::BadQuestion(format!(
                    "the window holds more than {MOST_BUCKETS} buckets of a {}; choose a coarser grain or a shorter window",
                    grain.as_str()
                )));
            }
        }
        Ok(buckets)
    }

    /// The calendar buckets that begin within so many of the grain before the window's first one, up to its begin: the last
    /// is a part of one where the window begins within it. None for grains that are no steps.
    pub(crate) fn buckets_before(
        &self,
        n_before: u32,
        grain: Grain,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Vec<Bucket>, AnalyticsError> {
        let first = grain.start_of(self.from.with_timezone(&zone).date_naive());
        let begin = match grain {
            Grain::Day => first - Days::new(n_before.into()),
            Grain::Week => first - Days::new(7 * u64::from(n_before)),
            Grain::Month => first - Months::new(n_before),
            Grain::Quarter => first - Months::new(3 * n_before),
            Grain::All => return Ok(Vec::new()),
        };
        Window { from: midnight(zone, begin), to: self.from }.buckets(grain, zone, now)
    }
}

/// A time as it is written in questions: a day where it is a midnight of the zone, else the instant.
fn in_zone(time: DateTime<Utc>, zone: Tz) -> String {
    let day = time.with_timezone(&zone).date_naive();
    if midnight(zone, day) == time { format!("on {day}") } else { format!("at {}", time.to_rfc3339()) }
}

fn parse_end(text: &str, end: &str, zone: Tz) -> Result<DateTime<Utc>, AnalyticsError> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    NaiveDate::parse_from_str(&padded, "%Y-%m-%d").map(|day| midnight(zone, day)).map_err(|_| {
        AnalyticsError::BadQuestion(format!(
            "`{text}` is no time for `{end}`; write a day such as 2026-01-31 (of the reporting zone, {zone}) or an instant such as 2026-01-31T14:00:00Z"
        ))
    })
}

/// Reads the time of which is asked what was known: an instant, or a day (month, year) of the reporting zone, which means
/// its end; of one that is not over, the present.
pub fn parse_as_of(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, AnalyticsError> {
    let begin = parse_end(text, "as of", zone)?;
    if DateTime::parse_from_rfc3339(text).is_ok() {
        return Ok(begin);
    }
    let day = begin.with_timezone(&zone).date_naive();
    let next = match text.len() {
        4 => day.checked_add_months(Months::new(12)),
        7 => day.checked_add_months(Months::new(1)),
        _ => day.succ_opt(),
    };
    let end = next.map_or(begin, |next| midnight(zone, next) - TimeDelta::microseconds(1));
    Ok(if begin <= now { end.min(now) } else { begin })
}

/// Calendar days between two instants of a zone: whole days where both are midnights, else by elapsed time.
fn days_between(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    let (first, last) = (from.with_timezone(&zone).date_naive(), to.with_timezone(&zone).date_naive());
    if midnight(zone, first) == from && midnight(zone, last) == to {
        return last.signed_duration_since(first).num_days() as f64;
    }
    to.signed_duration_since(from).num_milliseconds() as f64 / 86_400_000.0
}
