//! When something is done by itself: a line as cron has them, in the reporting zone.

use std::str::FromStr as _;

use anyhow::bail;
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// Times that come again and again.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    /// By the clock on the wall, as if it were UTC.
    times: cron::Schedule,
    is_each_hour: bool,
    zone: Tz,
}

impl Schedule {
    /// Reads the five fields of a line: minute, hour, day of the month, month, day of the week. Days of the week are
    /// named, since their numbers mean other days to other programs.
    pub fn parse(text: &str, zone: Tz) -> anyhow::Result<Schedule> {
        const SUCH_AS: &str = "write minute, hour, day of the month, month and day of the week, such as \"*/15 * * * *\" or \"30 6 * * mon-fri\"";
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [_, hour, _, _, week_days] = fields[..] else {
            let n = fields.len();
            bail!("`{}` has {n} {}; {SUCH_AS}", facts::shorten(text), if n == 1 { "field" } else { "fields" });
        };
        if week_days.contains(|letter: char| letter.is_ascii_digit()) {
            bail!(
                "`{}` names days of the week by number, which not all count alike; write mon, tue, wed, thu, fri, sat or sun",
                facts::shorten(text)
            );
        }
        let Ok(times) = cron::Schedule::from_str(&format!("0 {text}")) else {
            bail!(
                "`{}` names no times: minutes go from 0 to 59, hours from 0 to 23, days from 1 to 31, months from 1 to 12 (or jan to dec), days of the week from sun to sat, none of them backwards; {SUCH_AS}",
                facts::shorten(text)
            );
        };
        let is_each_hour = hour.starts_with('*');
        let schedule = Schedule { text: text.to_owned(), times, is_each_hour, zone };
        if schedule.after(crate::now()).is_none() {
            bail!("`{}` names a time that never comes", facts::shorten(text));
        }
        Ok(schedule)
    }

    /// The times and the next of them, for people.
    pub fn shown(&self, now: DateTime<Utc>) -> String {
        let next = self.after(now).map(|next| next.with_timezone(&self.zone).format("%-d %b %Y, %H:%M").to_string());
        format!("\"{}\" in {}, next on {}", self.text, self.zone, next.unwrap_or_default())
    }

    /// The first of the times after another. Where clocks are set forward, a time that is left out is the first one after it;
    /// where they are set back, times of every hour come in both hours, others in the first.
    pub fn after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Clocks are set by an hour or two.
        let early = at.with_timezone(&self.zone).naive_local() - TimeDelta::hours(4);
        let mut first: Option<DateTime<Utc>> = None;
        for wall in self.times.after(&early.and_utc()) {
            let instants = self.instants(wall.naive_utc());
            let is_past = first.is_some_and(|first| instants.iter().all(|instant| *instant > first));
            first = first.into_iter().chain(instants.into_iter().filter(|instant| *instant > at)).min();
            if is_past {
                break;
            }
        }
        first
    }

    fn instants(&self, wall: NaiveDateTime) -> Vec<DateTime<Utc>> {
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(instant) => vec![instant.to_utc()],
            LocalResult::Ambiguous(first, second) if self.is_each_hour => vec![first.to_utc(), second.to_utc()],
            LocalResult::Ambiguous(first, _) => vec![first.to_utc()],
            LocalResult::None => {
                let after = (1..=24 * 4).map(|quarters| wall + TimeDelta::minutes(15 * quarters));
                let found = after.filter_map(|wall| self.zone.from_local_datetime(&wall).earliest()).next();
                found.map(|instant| instant.to_utc()).into_iter().collect()
            }
        }
    }
}
