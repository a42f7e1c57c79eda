//! Metrics of which some values are never added, such as hours by what they rest on, or money by its currency: which name
//! a figure is of, and from when to when that name was told of.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use store::Value;

use crate::answer::{Answer, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::statement::filled_in;
use crate::window::{Bucket, Window, midnight};

/// The one name that all figures of an answer are of, in a dimension over which they are never added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RestsOn {
    /// The dimension, such as `basis`.
    pub dimension: String,
    /// The name, such as `telemetry`.
    pub name: String,
}

impl Engine {
    /// The name that a question about such a metric is of: the one it asks for, else the preferred one (of currencies that
    /// of the value model), else the only one there is. None where the question is by name, or of several.
    pub fn rests_on(&self, metric: &Metric, ask: &Ask, now: DateTime<Utc>) -> Result<Option<RestsOn>, AnalyticsError> {
        let Some(apart) = &metric.apart else { return Ok(None) };
        let Some(dimension) = metric.own_dimensions().find(|own| *own == apart.dimension) else { return Ok(None) };
        let on = |name: &String| RestsOn { dimension: dimension.to_owned(), name: name.clone() };
        if ask.by.contains(&dimension) {
            return Ok(None);
        }
        if let Some((_, names)) = ask.filters.iter().find(|(filtered, _)| *filtered == dimension) {
            return Ok(if let [only] = &names[..] { Some(on(only)) } else { None });
        }
        let names = self.names_in(metric, dimension, now)?;
        let of_model = self.value_model().map(|model| model.currency.clone()).filter(|_| dimension == "currency");
        let wanted = apart.prefer.clone().or(of_model);
        let found = names.iter().find(|name| Some(*name) == wanted.as_ref());
        Ok(found.or(if let [only] = &names[..] { Some(only) } else { None }).map(on))
    }

    /// The question, of that name only.
    pub(crate) fn narrowed(&self, ask: &Ask, rests_on: Option<&RestsOn>) -> Ask {
        let mut ask = ask.clone();
        let is_filtered = |on: &RestsOn| ask.filters.iter().any(|(dimension, _)| *dimension == on.dimension);
        if let Some(on) = rests_on.filter(|on| !is_filtered(on))
            && let Some(dimension) = crate::ask::all_dimensions().find(|known| *known == on.dimension)
        {
            ask.filters.push((dimension, vec![on.name.clone()]));
        }
        ask
    }

    /// None of a name is a count of 0 only from the first to the last time that it was told of: that tools tell of hours
    /// says nothing about what people would say. Nor is a bucket complete that reaches beyond those days.
    pub(crate) fn forget_times_untold(
        &self,
        metric: &Metric,
        ask: &Ask,
        (before, buckets): (&[Bucket], &[Bucket]),
        answer: &mut Answer,
        now: DateTime<Utc>,
    ) -> Result<(), AnalyticsError> {
        let Some(dimension) = metric.apart.as_ref().map(|apart| &apart.dimension) else { return Ok(()) };
        // What holds is not counted, and without observations it has no figure anyway; nor has a time without a wave of a survey.
        if metric.shape == Shape::State || metric.aggregate == Aggregate::Cell {
            return Ok(());
        }
        let asked = ask.filters.iter().find(|(filtered, _)| filtered == dimension).map(|(_, names)| &names[..]);
        if asked.is_none() && !ask.by.contains(&dimension.as_str()) {
            return Ok(());
        }
        let told = self.told_of(metric, dimension, now)?;
        let zone = self.options().zone;
        let day = |time: DateTime<Utc>| midnight(zone, time.with_timezone(&zone).date_naive());
        let mut n_untold: BTreeMap<String, u64> = BTreeMap::new();
        let mut forget = |row: &mut Row, buckets: &[Bucket], is_shown: bool| {
            let name = row.group.iter().find(|(by, _)| by == dimension).and_then(|(_, name)| name.as_ref());
            let names: Vec<&String> =
                name.map_or_else(|| asked.unwrap_or_default().iter().collect(), |name| vec![name]);
            let Some(bucket) = buckets.iter().find(|bucket| bucket.time == row.time) else { return };
            let is_told =
                |name: &String| told.get(name).is_some_and(|span| bucket.to > span.from && bucket.from <= span.to);
            // What is told of in part only is no figure of the whole, and nothing to be judged by.
            let is_told_throughout = |name: &String| {
                told.get(name)
                    .is_some_and(|span| day(span.from) <= bucket.from && day(span.to + Days::new(1)) >= bucket.to)
            };
            row.is_complete &= names.iter().all(|name| is_told_throughout(name));
            if row.estimate.n == 0 && row.estimate.value.is_some() && !names.iter().any(|name| is_told(name)) {
                row.estimate.value = None;
                if is_shown {
                    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
                    *n_untold.entry(names.join(", ")).or_default() += 1;
                }
            }
        };
        answer.before.iter_mut().for_each(|row| forget(row, before, false));
        answer.rows.iter_mut().for_each(|row| forget(row, buckets, true));
        for (names, n) in n_untold {
            let reason = format!("{dimension} {names} was not told of at the time, which is not 0");
            answer.coverage.reasons.insert(reason, n);
        }
        Ok(())
    }

    /// From when to when each name was told of, read once until the data changes.
    fn told_of(
        &self,
        metric: &Metric,
        dimension: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<BTreeMap<String, Window>>, AnalyticsError> {
        if let Some(told) = self.kept().told_of.get(&metric.name) {
            return Ok(Arc::clone(told));
        }
        let data_version = self.store().data_version();
        let query = filled_in(metric, self.options(), now);
        let sql = format!(
            "with metric as (\n{query})
            select {dimension}::varchar as name, min(observed_at)::timestamp, max(observed_at)::timestamp
            from metric where name is not null group by name"
        );
        let time = |micros: i64| DateTime::from_timestamp_micros(micros).unwrap_or_default();
        let found = self.store().query(&sql, &[])?.rows.into_iter().filter_map(|row| match &row[..] {
            [Value::Text(name), Value::Time(first), Value::Time(last)] => {
                Some((name.clone(), Window { from: time(*first), to: time(*last) }))
            }
            _ => None,
        });
        let told = Arc::new(found.collect());
        self.keep(data_version, |kept| _ = kept.told_of.insert(metric.name.clone(), Arc::clone(&told)));
        Ok(told)
    }
}
