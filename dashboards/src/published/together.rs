//! Questions to the engine that come together: a dashboard asks for the same answer in several panels at once, and many
//! people look at one dashboard. The first to ask computes it; the others wait, and find it at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use analytics::{AnalyticsError, Answer, Ask, Engine, PUBLISHED_MEANS};
use chrono::{DateTime, Utc};

/// The metric that the engine composes of others' answers.
const DORA_SCORE: &str = "dora_score";

/// The questions that are being answered.
#[derive(Default)]
pub(super) struct Together(Mutex<HashMap<Ask, Arc<Mutex<()>>>>);

impl Together {
    /// The engine's answer.
    pub(super) fn answer(&self, engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        if ask.metric == DORA_SCORE {
            // Its parts are likely to be asked for by the panels beside it. What is wrong with one is said by the whole.
            for (part, _) in PUBLISHED_MEANS {
                let _ = self.in_turn(engine, &Ask { metric: part.to_owned(), ..ask.clone() }, now);
            }
        }
        self.in_turn(engine, ask, now)
    }

    fn in_turn(&self, engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let turn = Arc::clone(locked(&self.0).entry(ask.clone()).or_default());
        let answer = {
            let _turn = locked(&turn);
            engine.answer(ask, now)
        };
        let mut asked = locked(&self.0);
        // The list and this one hold it; others would wait for it still.
        if Arc::strong_count(&turn) == 2 {
            asked.remove(ask);
        }
        answer
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is kept behind these locks that a panic could leave half done.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
