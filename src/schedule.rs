//! When something is done by itself: a line as cron has them, in the reporting zone.

use std::str::FromStr as _;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Times that come again and again.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    text: String,
    times: cron::Schedule,
    zone: Tz,
}

impl Schedule {
    /// Reads the five fields of a line: minute, hour, day of the month, month, day of the week. Days of the week are
    /// named, since their numbers mean other days to other programs.
    pub(crate) fn parse(text: &str, zone: Tz) -> anyhow::Result<Schedule> {
        const SUCH_AS: &str = "write minute, hour, day of the month, month and day of the week, such as \"*/15 * * * *\" or \"30 6 * * mon-fri\"";
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [_, _, _, _, week_days] = fields[..] else {
            bail!("`{}` has {} fields and not five; {SUCH_AS}", facts::shorten(text), fields.len());
        };
        if week_days.contains(|letter: char| letter.is_ascii_digit()) {
            bail!(
                "`{}` names days of the week by number, which not all count alike; write mon, tue, wed, thu, fri, sat or sun",
                facts::shorten(text)
            );
        }
        let times = cron::Schedule::from_str(&format!("0 {text}"))
            .with_context(|| format!("`{}` is no line of times; {SUCH_AS}", facts::shorten(text)))?;
        let schedule = Schedule { text: text.to_owned(), times, zone };
        if schedule.after(crate::now()).is_none() {
            bail!("`{}` names a time that never comes", facts::shorten(text));
        }
        Ok(schedule)
    }

    /// The times and the next of them, for people.
    pub(crate) fn shown(&self, now: DateTime<Utc>) -> String {
        let next = self.after(now).map(|next| next.with_timezone(&self.zone).format("%-d %b %Y, %H:%M").to_string());
        format!("\"{}\" in {}, next on {}", self.text, self.zone, next.unwrap_or_default())
    }

    /// The first of the times after another.
    pub(crate) fn after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.times.after(&at.with_timezone(&self.zone)).next().map(|next| next.to_utc())
    }
}
