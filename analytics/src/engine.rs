//! The engine: a question in, an answer out, kept until the data changes.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use store::{Store, StoreError};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Catalogue, Metric};
use crate::cores::{all_cores, each_on_all_cores};
use crate::dora_score;
use crate::error::AnalyticsError;
use crate::judge::{self, Before};
use crate::kept::Kept;
use crate::options::EngineOptions;
use crate::value;
use crate::window::parse_as_of;

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

/// Answers kept at most; a dashboard of many panels is well below.
const MOST_KEPT: usize = 2_000;
/// Rows of all of them together at most, each of which takes some hundred bytes.
const MOST_ROWS: usize = 400_000;

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

    /// Forgets all that was read of the data, as happens whenever that changes.
    pub fn forget_all(&self) {
        *self.kept() = Kept::default();
    }

    /// Forgets all answers and figures, as a benchmark of a warm engine wants. The rows that they were made of stay, and names
    /// and spans of time.
    pub fn forget(&self) {
        let mut kept = self.kept();
        kept.answers.clear();
        kept.n_rows = 0;
        kept.figures.clear();
        kept.values.clear();
    }

    /// Answers a question. Asked again before the data changes (and within the same minute, since what is still open
    /// grows older), the answer is at hand.
    pub fn answer(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        self.answer_on(all_cores(), ask, now)
    }

    /// Answers several questions at once, one on each core, so that who asks them one after the other finds the answers at
    /// hand. What is wrong with one is said where it is asked.
    pub fn answer_ahead(&self, asks: Vec<Ask>, now: DateTime<Utc>) {
        let mut asked = HashSet::new();
        let asks = asks.into_iter().filter(|ask| asked.insert(ask.clone())).collect();
        each_on_all_cores(asks, |ask| drop(self.answer_on(1, &ask, now)));
    }

    fn answer_on(&self, n_cores: usize, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let data_version = self.0.store.data_version();
        if let Some(answer) = self.at_hand(ask, now) {
            return Ok(answer);
        }
        let metric = self.0.catalogue.get(&ask.metric)?;
        let metric = &metric.with_stages(ask.stages);
        let mut answer = self.made(n_cores, metric, ask, now).map_err(|error| match error {
            AnalyticsError::Store(error) if metric.aggregate != Aggregate::Composed => {
                AnalyticsError::MetricFailed { metric: metric.name.clone(), message: error.to_string() }
            }
            error => error,
        })?;
        answer.as_of = self.0.as_of;
        answer.defined_at = self.0.defined_at.get().and_then(|known| known.get(&metric.name)).copied();
        let answer = Arc::new(answer);
        self.keep(data_version, |kept| {
            if kept.answers.len() >= MOST_KEPT || kept.n_rows + answer.rows.len() > MOST_ROWS {
                kept.answers.clear();
                kept.n_rows = 0;
            }
            kept.n_rows += answer.rows.len();
            kept.answers.insert((ask.clone(), now.timestamp() / 60), Arc::clone(&answer));
        });
        Ok(answer)
    }

    /// The answer that was made before, if the data is still what it was.
    pub fn at_hand(&self, ask: &Ask, now: DateTime<Utc>) -> Option<Arc<Answer>> {
        let minute = now.timestamp() / 60;
        let kept = self.kept();
        let of_all = || kept.answers.get(&(Ask { stages: true, ..ask.clone() }, minute));
        kept.answers.get(&(ask.clone(), minute)).or_else(of_all).cloned()
    }

    /// Makes an answer, with what is judged of it.
    fn made(&self, n_cores: usize, metric: &Metric, ask: &Ask, now: DateTime<Utc>) -> Result<Answer, AnalyticsError> {
        Ok(match metric.aggregate {
            Aggregate::Composed if metric.name == value::metric::NAME => {
                value::metric::compose(self, self.0.value.get(), metric, ask, now)?
            }
            Aggregate::Composed => dora_score::compose(self, metric, ask, now)?,
            _ => {
                let zone = self.0.options.zone;
                let rests_on = self.rests_on(metric, ask, now)?;
                let ask = &self.narrowed(ask, rests_on.as_ref());
                // The waves of a survey are months apart: no twelve weeks say what to expect of one.
                let before = match metric.aggregate {
                    Aggregate::Cell => Before::default(),
                    _ => Before::of(ask, zone, now)?,
                };
                let mut answer = self.compute(n_cores, metric, ask, &before, now)?;
                judge::judge(metric, &mut answer);
                Answer { rests_on, ..answer }
            }
        })
    }
}
