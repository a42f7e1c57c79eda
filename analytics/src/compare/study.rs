//! What all designs of a comparison look at: the observations, the units with their arrivals, and the weeks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::adoption::{Adoption, Arrival};
use super::answer::{Adopters, Counts};
use super::ask::{Compared, Figure};
use super::observe::{Observed, Row};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::estimate;
use crate::window::{Grain, Window};

/// With fewer observations a median or share says nothing of a cell.
pub(super) const CELL_NEEDS: usize = 5;
/// A period is long enough when the middle cell has so many observations.
const CELL_WANTS: usize = 10;
/// Lengths of a period to choose from, in weeks.
const PERIODS: [usize; 3] = [4, 8, 13];
const SECOND: f64 = 1e6;
const DAY: f64 = 86_400.0 * SECOND;

/// A team or service.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StudyUnit {
    /// When the improvement arrived there, if it did within the window.
    pub arrived_us: Option<i64>,
    /// The team it is drawn with.
    pub cluster: i64,
    /// When something of it was observed first.
    pub first_us: i64,
}

/// What the designs look at.
pub(super) struct Study<'a> {
    /// What is compared.
    pub compared: &'a Compared<'a>,
    /// What the improvement arrives at.
    pub arrival: Arrival,
    /// The observations of the window.
    pub observed: Observed,
    /// The units that something was observed of, by key.
    pub units: BTreeMap<i64, StudyUnit>,
    /// The begins of the whole weeks, and the end of the last.
    pub weeks: Vec<i64>,
    /// Weeks in a period.
    pub period_weeks: usize,
    /// The span that was looked at.
    pub window: Window,
    /// Arrivals at what nothing was observed of.
    pub n_unseen: usize,
}

impl<'a> Study<'a> {
    /// Puts observations and arrivals together. Refuses what has no before and after at all.
    pub fn new(
        engine: &Engine,
        compared: &'a Compared<'a>,
        adoption: &Adoption,
        observed: Observed,
        asked: Window,
        now: DateTime<Utc>,
    ) -> Result<Study<'a>, AnalyticsError> {
        let name = &compared.metric.name;
        let refuse = |message: String| Err(AnalyticsError::BadQuestion(message));
        let Some(first_at) = observed.first_at() else {
            return refuse(format!(
                "nothing was observed of {name} {}; choose another window with from and to",
                if asked.from == DateTime::UNIX_EPOCH {
                    format!("before {}", asked.to.format("%Y-%m-%d"))
                } else {
                    format!("from {} to {}", asked.from.format("%Y-%m-%d"), asked.to.format("%Y-%m-%d"))
                }
            ));
        };
        let window = Window { from: first_at.max(asked.from), to: asked.to };
        let names = engine.names()?;
        let mut units: BTreeMap<i64, StudyUnit> = BTreeMap::new();
        for row in observed.rows() {
            let new = StudyUnit { arrived_us: None, cluster: row.team, first_us: row.at_us };
            let unit = units.entry(row.unit).or_insert(new);
            unit.first_us = unit.first_us.min(row.at_us);
        }
        let mut n_unseen = 0;
        for (arrived_at_name, at) in &adoption.arrived_at {
            let key = names.key(arrived_at_name);
            match key.and_then(|key| units.get_mut(&key)) {
                Some(unit) => unit.arrived_us = Some(at.timestamp_micros()).filter(|_| *at < window.to),
                None => n_unseen += 1,
            }
        }
        if n_unseen == adoption.arrived_at.len() {
            let known = engine.names_of(adoption.arrival.as_str())?;
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let arrived = adoption.arrived_at.keys().next().map_or("", String::as_str);
            return refuse(format!(
                "nothing was observed of {name} at any of the {n_unseen} {}s where it arrived, such as {arrived}{}",
                adoption.arrival.as_str(),
                facts::did_you_mean(arrived, &known)
            ));
        }
        let arrivals: Vec<i64> = units.values().filter_map(|unit| unit.arrived_us).collect();
        match arrivals.iter().max() {
            None => {
                return refuse(format!(
                    "it arrives only after {}, where the window ends; there is no after yet",
                    window.to.format("%Y-%m-%d")
                ));
            }
            Some(last) if *last <= window.from.timestamp_micros() => {
                return refuse(format!(
                    "it had arrived everywhere it did before {}, the first observation of {name} in the window; there is \
                     no before: choose an earlier `from`, or bring in older facts",
                    window.from.format("%Y-%m-%d")
                ));
            }
            Some(_) => {}
        }
        let buckets = window.buckets(Grain::Week, engine.options().zone, now)?;
        let whole: Vec<_> = buckets.into_iter().filter(|week| week.is_complete).collect();
        let mut weeks: Vec<i64> = whole.iter().map(|week| week.from.timestamp_micros()).collect();
        weeks.extend(whole.last().map(|week| week.to.timestamp_micros()));
        let arrival = adoption.arrival;
        let mut study = Study { compared, arrival, observed, units, weeks, period_weeks: PERIODS[0], window, n_unseen };
        study.period_weeks = study.length_of_a_period();
        Ok(study)
    }

    /// The shortest of which the middle cell has enough; chosen before anything is compared.
    fn length_of_a_period(&self) -> usize {
        let is_enough = |weeks: &usize| {
            let cells = self.observed.grouped(|row| Some((row.unit, (self.week(row.at_us)? / weeks) as i64)));
            let mut sizes: Vec<usize> = cells.values().map(Vec::len).collect();
            sizes.sort_unstable();
            sizes.get(sizes.len() / 2).is_none_or(|middle| *middle >= CELL_WANTS)
        };
        if self.compared.figure == Figure::Rate {
            return PERIODS[0];
        }
        PERIODS.into_iter().find(is_enough).unwrap_or(PERIODS[PERIODS.len() - 1])
    }

    /// The number of whole weeks.
    pub fn n_weeks(&self) -> usize {
        self.weeks.len().saturating_sub(1)
    }

    /// The whole week in which an instant lies.
    pub fn week(&self, at_us: i64) -> Option<usize> {
        let n_begun = self.weeks.partition_point(|begin| *begin <= at_us);
        (n_begun > 0 && n_begun < self.weeks.len()).then(|| n_begun - 1)
    }

    /// The arrival at the unit of a row.
    pub fn arrived_us(&self, row: &Row) -> Option<i64> {
        self.units.get(&row.unit).and_then(|unit| unit.arrived_us)
    }

    /// The figure of some observations over some days, on the scale on which it is compared: durations by the logarithm of
    /// their median. None of too few.
    pub fn figure(&self, rows: &[Row], days: f64) -> Option<f64> {
        match self.compared.figure {
            Figure::Rate => (days > 0.0).then_some(rows.len() as f64 / days),
            _ if rows.len() < CELL_NEEDS => None,
            Figure::Share => Some(rows.iter().map(|row| row.value).sum::<f64>() / rows.len() as f64),
            Figure::Median => {
                let mut lasted: Vec<(f64, bool)> = rows.iter().map(|row| (row.value, row.is_open)).collect();
                estimate::survival(&mut lasted).median.value.filter(|median| *median > 0.0).map(f64::ln)
            }
        }
    }

    /// Days between two instants.
    pub fn days(&self, from_us: i64, to_us: i64) -> f64 {
        (to_us - from_us).max(0) as f64 / DAY
    }

    /// What some observations are, in numbers.
    pub fn counts(&self, wanted: impl Fn(&Row) -> bool) -> Counts {
        let (mut services, mut teams, mut observations) = (BTreeSet::new(), BTreeSet::new(), 0);
        for row in self.observed.rows().filter(|row| wanted(row)) {
            observations += 1;
            services.insert(row.service);
            teams.insert(row.team);
        }
        services.remove(&-1);
        teams.remove(&-1);
        Counts { observations, services: services.len(), teams: teams.len() }
    }

    /// Where the improvement arrived.
    pub fn adopters(&self, adoption: &Adoption) -> Adopters {
        let arrivals = || self.units.values().filter_map(|unit| Some((unit.arrived_us?, unit.first_us)));
        let begin = self.window.from.timestamp_micros();
        let within = || arrivals().filter(|(arrived, _)| *arrived > begin).map(|(arrived, _)| arrived);
        let n_adopters = arrivals().filter(|(arrived, first)| first < arrived).count();
        Adopters {
            arrival: self.arrival,
            announced_at: adoption.announced_at,
            n_adopters,
            n_not_yet: self.units.values().filter(|unit| unit.arrived_us.is_none()).count(),
            n_without_before: arrivals().count() - n_adopters,
            n_unseen: self.n_unseen,
            first_at: within().min().and_then(DateTime::from_timestamp_micros),
            last_at: within().max().and_then(DateTime::from_timestamp_micros),
        }
    }
}
