//! Questions to the engine that come together: a dashboard asks for the same answer in several panels at once, and many
//! people look at one dashboard. The first to ask computes it; the others wait, and find it at hand. As many are computed at once
//! as there are cores: more would only take longer each.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use analytics::{AnalyticsError, Answer, Ask, Engine, PUBLISHED_MEANS};
use chrono::{DateTime, Utc};

/// The metric that the engine composes of others' answers.
const DORA_SCORE: &str = "dora_score";

/// The questions that are being answered.
pub(super) struct Together {
    asked: Mutex<HashMap<Ask, Arc<Mutex<()>>>>,
    /// How many more may be computed now.
    n_free: Mutex<usize>,
    freed: Condvar,
}

impl Default for Together {
    fn default() -> Together {
        let n_cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Together { asked: Mutex::default(), n_free: Mutex::new(n_cores), freed: Condvar::new() }
    }
}

/// A core to compute on; another may have it when this is dropped.
struct Core<'a>(&'a Together);

impl Drop for Core<'_> {
    fn drop(&mut self) {
        *locked(&self.0.n_free) += 1;
        self.0.freed.notify_one();
    }
}

impl Together {
    /// The engine's answer.
    pub(super) fn answer(&self, engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        if ask.metric == DORA_SCORE {
            // Its parts are likely to be asked for by the panels beside it. What is wrong with one is said by the whole.
            for (part, _) in PUBLISHED_MEANS {
                let _ = self.in_turn(engine, &Ask { metric: part.to_owned(), stages: false, ..ask.clone() }, now);
            }
        }
        self.in_turn(engine, ask, now)
    }

    fn in_turn(&self, engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let turn = Arc::clone(locked(&self.asked).entry(ask.clone()).or_default());
        let answer = {
            let _turn = locked(&turn);
            match engine.at_hand(ask, now) {
                Some(answer) => Ok(answer),
                None => {
                    let _core = self.core();
                    engine.answer(ask, now)
                }
            }
        };
        let mut asked = locked(&self.asked);
        // The list and this one hold it; others would wait for it still.
        if Arc::strong_count(&turn) == 2 {
            asked.remove(ask);
        }
        answer
    }

    fn core(&self) -> Core<'_> {
        let is_taken = |n_free: &mut usize| *n_free == 0;
        let waited = self.freed.wait_while(locked(&self.n_free), is_taken);
        *waited.unwrap_or_else(PoisonError::into_inner) -= 1;
        Core(self)
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is kept behind these locks that a panic could leave half done.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
