//! Answers that stand for a while. A dashboard over millions of deployments takes a second to make anew, and where facts
//! arrive all the time every reload of every viewer would wait for that. So who asks up to the present, of a metric that reads
//! a large mart, gets the answer made last for up to a minute, while it is made anew behind, once for all who ask.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use analytics::{AnalyticsError, Answer, Ask, Engine, Window};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::call::whole_minute;
use super::together::Together;

/// How old an answer may be that is handed out while it is made anew.
const STANDS: TimeDelta = TimeDelta::minutes(1);
/// How old it is at least before that: what is made anew all the time takes the cores from those who look.
const RESTS: TimeDelta = TimeDelta::seconds(10);

/// The answers made last. Cloning it is cheap, all clones are the same.
#[derive(Clone, Default)]
pub(super) struct Recent {
    together: Arc<Together>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: HashMap<Ask, Kept>,
    /// What is to be made anew, in the order in which it was asked for.
    queue: VecDeque<(Ask, Ask)>,
    is_working: bool,
}

struct Kept {
    answer: Arc<Answer>,
    /// The window asked for.
    window: Window,
    data_version: i64,
    made_at: DateTime<Utc>,
    is_queued: bool,
}

impl Recent {
    /// The engine's answer, or the last one that it gave.
    pub(super) fn answer(
        &self,
        engine: &Engine,
        ask: &Ask,
        clock: fn() -> DateTime<Utc>,
    ) -> Result<Arc<Answer>, AnalyticsError> {
        let now = clock();
        if !may_stand(engine, ask, now)? {
            return self.together.answer(engine, ask, now);
        }
        let question = lasting(ask);
        if let Some(answer) = self.standing(engine, &question, ask, now, clock) {
            return Ok(answer);
        }
        self.made(engine, question, ask, now)
    }

    /// The answer that would be given, if nothing is to be computed for it.
    pub(super) fn at_hand(&self, engine: &Engine, ask: &Ask, clock: fn() -> DateTime<Utc>) -> Option<Arc<Answer>> {
        let now = clock();
        if may_stand(engine, ask, now).ok()? {
            return self.standing(engine, &lasting(ask), ask, now, clock);
        }
        engine.at_hand(ask, now)
    }

    /// The answer kept, where it still stands; where more is known by now, it is made anew behind.
    fn standing(
        &self,
        engine: &Engine,
        question: &Ask,
        ask: &Ask,
        now: DateTime<Utc>,
        clock: fn() -> DateTime<Utc>,
    ) -> Option<Arc<Answer>> {
        let mut state = self.locked();
        let kept = state.answers.get_mut(question)?;
        let moved = [ask.window.from - kept.window.from, ask.window.to - kept.window.to, now - kept.made_at];
        if moved.iter().any(|by| by.abs() > STANDS) {
            return None;
        }
        let answer = Arc::clone(&kept.answer);
        let is_current = kept.window == ask.window && kept.data_version == engine.store().data_version();
        if !is_current && now - kept.made_at >= RESTS && !std::mem::replace(&mut kept.is_queued, true) {
            state.queue.push_back((question.clone(), ask.clone()));
            if !std::mem::replace(&mut state.is_working, true) {
                let (own, engine) = (self.clone(), engine.clone());
                std::thread::spawn(move || own.work_off(&engine, clock));
            }
        }
        Some(answer)
    }

    /// Makes an answer and keeps it.
    fn made(
        &self,
        engine: &Engine,
        question: Ask,
        ask: &Ask,
        now: DateTime<Utc>,
    ) -> Result<Arc<Answer>, AnalyticsError> {
        // Before it is made: what is written meanwhile may be in it or not.
        let data_version = engine.store().data_version();
        let answer = self.together.answer(engine, ask, now)?;
        let kept =
            Kept { answer: Arc::clone(&answer), window: ask.window, data_version, made_at: now, is_queued: false };
        let mut state = self.locked();
        state.answers.retain(|_, kept| kept.is_queued || now - kept.made_at <= STANDS);
        state.answers.insert(question, kept);
        Ok(answer)
    }

    /// Makes one answer after the other anew, until none is left to be made: one thread, so that who looks at something else
    /// has a core left.
    fn work_off(&self, engine: &Engine, clock: fn() -> DateTime<Utc>) {
        loop {
            let next = {
                let mut state = self.locked();
                let next = state.queue.pop_front();
                state.is_working = next.is_some();
                next
            };
            let Some((question, ask)) = next else { return };
            if let Err(error) = self.made(engine, question.clone(), &ask, clock()) {
                // Who asks next is told.
                tracing::debug!(metric = ask.metric, %error, "an answer could not be made anew");
                self.locked().answers.remove(&question);
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves at most a question marked as waiting; its answer is forgotten a minute later.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an answer may stand for a while.
fn may_stand(engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<bool, AnalyticsError> {
    Ok(is_of_now(ask.window, now) && engine.reads_large_marts(engine.catalogue().get(&ask.metric)?)?)
}

/// Whether a window ends with the present: with the minute that has begun, or the one around it by another clock.
fn is_of_now(window: Window, now: DateTime<Utc>) -> bool {
    (window.to - whole_minute(now)).abs() <= TimeDelta::minutes(1)
}

/// The same question for as long as its window only moves on with the clock.
pub(super) fn lasting(ask: &Ask) -> Ask {
    let day = ask.window.from.date_naive().and_time(NaiveTime::MIN).and_utc();
    Ask { window: Window { from: day, to: day }, ..ask.clone() }
}
