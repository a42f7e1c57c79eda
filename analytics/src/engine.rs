//! The engine: a question in, an answer out, kept until the data changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use store::{Store, StoreError};

use crate::answer::{Answer, Coverage, Estimated, Group, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Apart, Catalogue, Metric, Shape};
use crate::cells::{Cell, Cells, count_reasons};
use crate::cores::{all_cores, on_cores};
use crate::dora_score;
use crate::error::AnalyticsError;
use crate::figures::{Placed, row};
use crate::judge::{self, Before};
use crate::kept::Kept;
use crate::options::EngineOptions;
use crate::parts::{self, GroupNames, Part};
use crate::places::Places;
use crate::statement::{Filter, Statement};
use crate::value;
use crate::window::{Bucket, Window, parse_as_of};
use crate::withheld;

/// The engine. Cloning it is cheap.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    catalogue: Catalogue,
    options: EngineOptions,
    value: OnceLock<value::Model>,
    stage: OnceLock<value::Stage>,
    /// From when on definitions hold that were others before.
    defined_at: OnceLock<BTreeMap<String, DateTime<Utc>>>,
    /// From how many rows on a mart is read on all cores.
    pub(crate) many_rows: OnceLock<i64>,
    /// The time of which the store says what was known; none: it is the present one.
    as_of: Option<DateTime<Utc>>,
    pub(crate) kept: Mutex<Kept>,
    /// What was known at the time asked for last, and the version of the data from which that was put together.
    past: Mutex<Option<(i64, Engine)>>,
}

/// More cells than this are no figure to look at; asking for them is refused with advice.
const MOST_CELLS: usize = 500_000;
/// With fewer values, starting another thread takes longer than finding their order.
const MANY_VALUES: u64 = 50_000;
/// Answers kept at most; a dashboard of many panels is well below.
const MOST_KEPT: usize = 2_000;

impl Engine {
    /// An engine over a store.
    pub fn new(store: Store, catalogue: Catalogue, options: EngineOptions) -> Engine {
        Engine::at(store, catalogue, options, None)
    }

    fn at(store: Store, catalogue: Catalogue, options: EngineOptions, as_of: Option<DateTime<Utc>>) -> Engine {
        Engine(Arc::new(Inner {
            store,
            catalogue,
            options,
            value: OnceLock::new(),
            stage: OnceLock::new(),
            defined_at: OnceLock::new(),
            many_rows: OnceLock::new(),
            as_of,
            kept: Mutex::default(),
            past: Mutex::default(),
        }))
    }

    /// The same engine, which knows from when on definitions hold that were others before. What was given first stays.
    pub fn with_definitions(self, defined_at: BTreeMap<String, DateTime<Utc>>) -> Engine {
        self.0.defined_at.get_or_init(|| defined_at);
        self
    }

    /// The same engine, which reads marts of more rows than these on all cores, each a part of the time. What was given first
    /// stays; how large a mart has to be for that to pay is known without being told.
    pub fn with_many_rows(self, many_rows: i64) -> Engine {
        self.0.many_rows.get_or_init(|| many_rows);
        self
    }

    /// An engine over what was known at a time, by today's definitions. It is to be asked with that time as the present.
    /// Putting it together takes as long as a rebuild of the marts, and is done for one time after the other; the last
    /// is kept.
    pub fn as_of(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<Engine, AnalyticsError> {
        let mut past = self.0.past.lock().unwrap_or_else(PoisonError::into_inner);
        let data_version = self.0.store.data_version();
        if let Some((version, engine)) = &*past
            && *version == data_version
            && engine.0.as_of == Some(at)
        {
            return Ok(engine.clone());
        }
        *past = None;
        let store = self.0.store.as_of(at, now).map_err(|error| match error {
            StoreError::NotFound(message) => AnalyticsError::BadQuestion(message),
            error => error.into(),
        })?;
        let mut engine = Engine::at(store, self.0.catalogue.clone(), self.0.options, Some(at));
        if let Some(model) = self.0.value.get() {
            engine = engine.with_value(model.clone());
        }
        if let Some(stage) = self.stage() {
            engine = engine.with_stage(stage);
        }
        if let Some(defined_at) = self.0.defined_at.get() {
            engine = engine.with_definitions(defined_at.clone());
        }
        *past = Some((data_version, engine.clone()));
        Ok(engine)
    }

    /// The same engine, which can also say what saved time is worth. The first model given stays.
    pub fn with_value(self, model: value::Model) -> Engine {
        self.0.value.get_or_init(|| model);
        self
    }

    /// What saved time is worth, where it is configured.
    pub fn value_model(&self) -> Option<&value::Model> {
        self.0.value.get()
    }

    /// The same engine, which knows how far the platform has come. What was given first stays.
    pub fn with_stage(self, stage: value::Stage) -> Engine {
        self.0.stage.get_or_init(|| stage);
        self
    }

    /// How far the platform has come, where that is configured: it decides which figures lead.
    pub fn stage(&self) -> Option<value::Stage> {
        self.0.stage.get().copied()
    }

    /// What to ask, and as of when: this engine and the present, or what was known at the time that a text names.
    pub fn at_time(&self, as_of: Option<&str>, now: DateTime<Utc>) -> Result<(Engine, DateTime<Utc>), AnalyticsError> {
        let Some(text) = as_of else { return Ok((self.clone(), now)) };
        let at = parse_as_of(text, self.0.options.zone, now)?;
        Ok((self.as_of(at, now)?, at))
    }

    /// The metrics it knows.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// The store it asks.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What its answers depend on.
    pub fn options(&self) -> EngineOptions {
        self.0.options
    }

    /// A metric's title with its words filled in.
    pub fn title(&self, metric: &Metric) -> String {
        metric.title.replace("{lead_time_start}", self.0.options.lead_time_start.label())
    }

    /// Forgets all answers, as a benchmark of the first ask wants. Names and spans of time stay, which are no answers.
    pub fn forget(&self) {
        self.kept().answers.clear();
    }

    /// Answers a question. Asked again before the data changes (and within the same minute, since what is still open
    /// grows older), the answer is at hand.
    pub fn answer(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let key = (ask.clone(), now.timestamp() / 60);
        let data_version = self.0.store.data_version();
        if let Some(answer) = self.kept().answers.get(&key) {
            return Ok(Arc::clone(answer));
        }
        let metric = self.0.catalogue.get(&ask.metric)?;
        let mut answer = self.made(metric, ask, now).map_err(|error| match error {
            AnalyticsError::Store(error) if metric.aggregate != Aggregate::Composed => {
                AnalyticsError::MetricFailed { metric: metric.name.clone(), message: error.to_string() }
            }
            error => error,
        })?;
        answer.as_of = self.0.as_of;
        answer.defined_at = self.0.defined_at.get().and_then(|known| known.get(&metric.name)).copied();
        let answer = Arc::new(answer);
        self.keep(data_version, |kept| {
            if kept.answers.len() >= MOST_KEPT {
                kept.answers.clear();
            }
            kept.answers.insert(key, Arc::clone(&answer));
        });
        Ok(answer)
    }

    /// The answer that was made before, if the data is still what it was.
    pub fn at_hand(&self, ask: &Ask, now: DateTime<Utc>) -> Option<Arc<Answer>> {
        self.kept().answers.get(&(ask.clone(), now.timestamp() / 60)).cloned()
    }

    /// Makes an answer, with what is judged of it.
    fn made(&self, metric: &Metric, ask: &Ask, now: DateTime<Utc>) -> Result<Answer, AnalyticsError> {
        Ok(match metric.aggregate {
            Aggregate::Composed if metric.name == value::metric::NAME => {
                value::metric::compose(self, self.0.value.get(), metric, ask, now)?
            }
            Aggregate::Composed => dora_score::compose(self, metric, ask, now)?,
            _ => {
                let zone = self.0.options.zone;
                let rests_on = self.rests_on(metric, ask, now)?;
                let ask = &self.narrowed(ask, rests_on.as_ref());
                let mut answer = self.compute(metric, ask, Before::of(ask, zone, now)?, now)?;
                judge::judge(metric, &mut answer);
                Answer { rests_on, ..answer }
            }
        })
    }

    /// Computes an answer. The buckets `before` those asked for are read by the same statement, only for the others to be
    /// judged by.
    fn compute(
        &self,
        metric: &Metric,
        ask: &Ask,
        before: Before,
        now: DateTime<Utc>,
    ) -> Result<Answer, AnalyticsError> {
        let options = self.0.options;
        let buckets = ask.window.buckets(ask.grain, options.zone, now)?;
        let all = [&before.read[..], &buckets].concat();
        let read = Window { from: all.first().map_or(ask.window.from, |bucket| bucket.from), to: ask.window.to };
        let names = self.names()?;
        let mut filters = self.filters(metric, ask, now)?;
        if metric.aggregate == Aggregate::Cell {
            let is_about_team = |dimension: &str| dimension == "team";
            let asks_for_teams = ask.by.iter().any(|dimension| is_about_team(dimension))
                || ask.filters.iter().any(|(dimension, _)| is_about_team(dimension));
            filters.push(if asks_for_teams { Filter::SingleTeams } else { Filter::AllTeams });
        }

        // Names that are never added are numbered part by part.
        let is_split = metric.apart.is_none() && self.reads_large_marts(metric)?;
        let n_parts = if is_split { all_cores() } else { 1 };
        let read_part = |buckets: &[Bucket]| -> Result<Part, AnalyticsError> {
            let mut cells = Cells::new(metric, &ask.by, Places::new(buckets, now), MOST_CELLS);
            let window = Window {
                from: buckets.first().map_or(read.from, |bucket| bucket.from),
                to: buckets.last().map_or(read.to, |bucket| bucket.to),
            };
            let rows = Statement::bundles(metric, options, &filters, now).rows(metric, &ask.by, &window, buckets, now);
            self.0.store.query_each(&rows.sql, &rows.parameters, |batch| cells.add(batch))?;
            let n_groups = cells.n_groups();
            Ok(Part { n_groups, groups: cells.into_groups(all_cores() / n_parts, |key| names.name(key)) })
        };
        let (n_groups, mut groups) = parts::read(&all, n_parts, read_part)?;
        let is_too_many = n_groups.saturating_mul(all.len()) > MOST_CELLS;
        if is_too_many && !before.read.is_empty() {
            // It may still be answered, only not judged.
            return self.compute(metric, ask, Before::default(), now);
        }
        if is_too_many {
            return Err(AnalyticsError::BadQuestion(format!(
                "the answer would have {} buckets x {n_groups} groups; choose a coarser grain, a shorter window or a filter",
                buckets.len(),
            )));
        }
        groups.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut groups_before = parts::split_off_before(&mut groups, before.read.len(), ask.by.is_empty());
        // Of what figures are judged by no stage is looked at.
        groups_before.iter_mut().flat_map(|(_, cells)| cells).for_each(|cell| cell.stages.clear());
        if before.whole.is_some() {
            parts::make_whole(metric, (&before.read, &buckets), &mut groups_before, &groups);
        }
        let total = |count: fn(&Cell) -> u64| groups.iter().flat_map(|(_, cells)| cells).map(count).sum::<u64>();
        let (n_all, n_usable) = (total(|cell| cell.n_all), total(|cell| cell.n_usable));
        let (n_left_out, n_estimated) = (total(|cell| cell.n_left_out), total(|cell| cell.n_estimated));

        let mut answer = Answer::of(
            metric,
            self.title(metric),
            ask.window,
            ask.grain,
            ask.by.iter().map(|name| (*name).to_owned()).collect(),
        );
        let estimated = metric.estimates.clone().filter(|_| n_estimated > 0);
        answer.coverage = Coverage {
            usable: n_usable,
            relevant: n_all - n_left_out,
            reasons: BTreeMap::new(),
            estimated: estimated.map(|how| Estimated { n: n_estimated, how }),
        };
        if let ([only], true) = (&metric.left_out[..], n_left_out > 0 && n_usable + n_left_out == n_all) {
            answer.coverage.reasons.insert(only.clone(), n_left_out);
        } else if n_usable < n_all {
            let reasons =
                Statement::observations(metric, options, &filters, now).reasons(metric, &ask.window, &buckets, now);
            let (mut places, mut counts) = (Places::new(&buckets, now), HashMap::new());
            let count = |batch: &RecordBatch| count_reasons(metric, batch, &mut places, &mut counts);
            self.0.store.query_each(&reasons.sql, &reasons.parameters, count)?;
            answer.coverage.reasons = counts.into_iter().collect();
        }
        let n_mixed = groups.iter().flat_map(|(_, cells)| cells).filter(|cell| cell.is_mixed).map(|cell| cell.n_usable);
        let n_mixed: u64 = n_mixed.sum();
        if metric.aggregate == Aggregate::Cell && n_mixed > 0 {
            answer.coverage.usable -= n_mixed;
            let reason =
                format!("several published cells, never added together: ask by {}", metric.dimensions.join(", "));
            answer.coverage.reasons.insert(reason, n_mixed);
        } else if let (Some(Apart { dimension, .. }), true) = (&metric.apart, n_mixed > 0) {
            answer.coverage.usable -= n_mixed;
            let reason =
                format!("more than one {dimension}, never added together: ask by {dimension}, or for one of them");
            answer.coverage.reasons.insert(reason, n_mixed);
        }
        withheld::withhold(metric, &mut groups, &mut answer.coverage);
        withheld::mark(metric, &mut groups_before);
        answer.freshness = self.freshness(metric)?;
        let connected = self.connected(metric, ask)?;
        let told = |bucket: &Bucket, times: &[Window]| match metric.shape {
            Shape::Event => bucket.told(times, options.zone, now),
            Shape::State => *bucket,
        };
        let make = |cells: Vec<Placed>| -> Vec<Row> { cells.into_iter().map(|cell| row(metric, cell, now)).collect() };
        let n_cores = if n_usable < MANY_VALUES { 1 } else { all_cores() };
        let rows = |buckets: &[Bucket], groups: Vec<(GroupNames, Vec<Cell>)>| -> Vec<Row> {
            let mut figures: Vec<Vec<_>> = buckets.iter().map(|_| Vec::new()).collect();
            // Most groups are told of by the same sources.
            let mut known = HashMap::new();
            for (names, cells) in groups {
                let sources = connected.sources_of(&names);
                let (connected, buckets) = known.entry(sources).or_insert_with_key(|sources: &Vec<usize>| {
                    let times: Arc<[Window]> = connected.times(sources).into();
                    let buckets: Vec<Bucket> = buckets.iter().map(|bucket| told(bucket, &times)).collect();
                    (times, buckets)
                });
                let group: Group = ask.by.iter().map(|by| (*by).to_owned()).zip(names).collect();
                for ((place, cell), bucket) in figures.iter_mut().zip(cells).zip(buckets) {
                    let (connected, group) = (Arc::clone(connected), Arc::clone(&group));
                    place.push(Placed { bucket: *bucket, connected, group, cell });
                }
            }
            on_cores(n_cores, figures, make).into_iter().flatten().collect()
        };
        answer.rows = rows(&buckets, groups);
        let before = before.buckets();
        answer.before = rows(&before, groups_before);
        self.forget_times_untold(metric, ask, (&before, &buckets), &mut answer, now)?;
        Ok(answer)
    }
}
