//! Days and hours of work in the organisation's time zone: weekends, holidays, the summer dip.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use rand::Rng;

use super::random::Random;

/// How much is delivered on a day, compared with an ordinary Monday to Thursday (1.0). Nothing is between 24 December
/// and 1 January; Good Friday, Easter Monday and 1 May count as a Sunday; Fridays and the summer are quieter.
pub fn day_weight(day: NaiveDate) -> f64 {
    let (month, day_of_month) = (day.month(), day.day());
    if (month == 12 && day_of_month >= 24) || (month == 1 && day_of_month == 1) {
        return 0.0;
    }
    let easter = easter_sunday(day.year());
    let is_holiday = day == easter - Days::new(2) || day == easter + Days::new(1) || (month, day_of_month) == (5, 1);
    if is_holiday || matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return 0.03;
    }
    let of_week = if day.weekday() == Weekday::Fri { 0.7 } else { 1.0 };
    let of_year = if (month == 7 && day_of_month >= 15) || (month == 8 && day_of_month <= 20) { 0.7 } else { 1.0 };
    of_week * of_year
}

/// Whether people are at work on a day.
pub(super) fn is_working_day(day: NaiveDate) -> bool {
    day_weight(day) > 0.1
}

/// The Gregorian date of Easter, after the anonymous algorithm that Meeus prints.
fn easter_sunday(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
    let f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
    NaiveDate::from_ymd_opt(year, (f / 31) as u32, (f % 31 + 1) as u32).expect("Easter is a day of March or April")
}

/// The span of the history and the zone in which its days begin.
pub(super) struct Calendar {
    pub(super) zone: Tz,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
}

impl Calendar {
    /// The 18 months up to `end`, from a local midnight.
    pub(super) fn new(zone: Tz, end: DateTime<Utc>) -> Calendar {
        let mut calendar = Calendar { zone, start: end, end };
        calendar.start = calendar.midnight(calendar.day_of(end) - Months::new(18));
        calendar
    }

    /// The local day on which an instant lies.
    pub(super) fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// A local time of a day, in hours from midnight.
    pub(super) fn at(&self, day: NaiveDate, hours: f64) -> DateTime<Utc> {
        let local = day.and_time(NaiveTime::MIN) + TimeDelta::seconds((hours * 3600.0) as i64);
        // A local time that summer time leaves out is read as UTC; it is an instant of that day all the same.
        self.zone.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
    }

    /// The begin of a local day.
    pub(super) fn midnight(&self, day: NaiveDate) -> DateTime<Utc> {
        self.at(day, 0.0)
    }

    /// A moment within working hours, more often in their middle.
    pub(super) fn working_moment(&self, day: NaiveDate, random: &mut Random) -> DateTime<Utc> {
        self.at(day, 9.0 + 4.5 * (random.random::<f64>() + random.random::<f64>()))
    }

    /// A moment within working hours, some days after the begin of the history.
    pub(super) fn working_moment_near(&self, days_after_start: f64, random: &mut Random) -> DateTime<Utc> {
        self.next_working_moment(self.start + seconds(days_after_start * DAY), random)
    }

    /// A moment within the working hours of that day, or of the next working day when it is none.
    pub(super) fn next_working_moment(&self, at: DateTime<Utc>, random: &mut Random) -> DateTime<Utc> {
        let mut days = self.day_of(at).iter_days();
        let day = days.find(|day| is_working_day(*day)).expect("no run of holidays lasts for ever");
        self.working_moment(day, random)
    }

    /// The local days from the begin of the history to the last that begins before `to`.
    pub(super) fn days_until(&self, to: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let last = self.day_of(to);
        self.day_of(self.start).iter_days().take_while(move |day| *day <= last)
    }

    /// The first days of the months that begin within the history.
    pub(super) fn months(&self) -> Vec<NaiveDate> {
        self.days_until(self.end).filter(|day| day.day() == 1).collect()
    }

    /// The Mondays within the history.
    pub(super) fn mondays(&self) -> Vec<NaiveDate> {
        self.days_until(self.end).filter(|day| day.weekday() == Weekday::Mon).collect()
    }

    /// The length of the history in days.
    pub(super) fn n_days(&self) -> f64 {
        (self.end - self.start).num_seconds() as f64 / DAY
    }

    /// How far an instant lies in the history: 0 at its begin, 1 at its end.
    pub(super) fn progress(&self, at: DateTime<Utc>) -> f64 {
        ((at - self.start).num_seconds() as f64 / DAY / self.n_days()).clamp(0.0, 1.0)
    }

    /// The instant, unless it has not come yet.
    pub(super) fn past(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (at <= self.end).then_some(at)
    }
}

/// The seconds of a minute, an hour and a day, for durations written as products.
pub(super) const MINUTE: f64 = 60.0;
pub(super) const HOUR: f64 = 3600.0;
pub(super) const DAY: f64 = 86_400.0;

/// A span of whole seconds.
pub(super) fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::seconds(seconds.round() as i64)
}
