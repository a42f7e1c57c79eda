//! Questions to the engine that come together: a dashboard asks for the same answer in several panels at once, and many
//! people look at one dashboard. The first to ask computes it; the others wait, and find it at hand. What took long to
//! compute stands for a while, whatever is written meanwhile: beside a collector that writes all the time, nothing else
//! would be done than computing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use analytics::{AnalyticsError, Answer, Ask, Engine, PUBLISHED_MEANS};
use chrono::{DateTime, Utc};

/// The metric that the engine composes of others' answers.
const DORA_SCORE: &str = "dora_score";

/// An answer that took as long or longer stands for a while.
const LONG: Duration = Duration::from_millis(20);
/// For how many times as long as it took.
const TIMES: u32 = 50;
/// The longest that it stands.
const LONGEST: Duration = Duration::from_secs(10);

/// The questions that are being answered, and answers that stand.
#[derive(Default)]
pub(super) struct Together {
    asked: Mutex<HashMap<Ask, Arc<Mutex<()>>>>,
    standing: Mutex<HashMap<Ask, Standing>>,
}

/// An answer, and until when it stands.
struct Standing {
    answer: Arc<Answer>,
    until: Instant,
}

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
        let turn = Arc::clone(locked(&self.asked).entry(ask.clone()).or_default());
        let answer = {
            let _turn = locked(&turn);
            match self.standing(ask) {
                Some(answer) => Ok(answer),
                None => self.computed(engine, ask, now),
            }
        };
        let mut asked = locked(&self.asked);
        // The list and this one hold it; others would wait for it still.
        if Arc::strong_count(&turn) == 2 {
            asked.remove(ask);
        }
        answer
    }

    fn standing(&self, ask: &Ask) -> Option<Arc<Answer>> {
        let standing = locked(&self.standing);
        standing
            .get(ask)
            .filter(|standing| standing.until > Instant::now())
            .map(|standing| Arc::clone(&standing.answer))
    }

    fn computed(&self, engine: &Engine, ask: &Ask, now: DateTime<Utc>) -> Result<Arc<Answer>, AnalyticsError> {
        let begun = Instant::now();
        let answer = engine.answer(ask, now)?;
        let (ended, took) = (Instant::now(), begun.elapsed());
        let mut standing = locked(&self.standing);
        standing.retain(|_, standing| standing.until > ended);
        if took >= LONG {
            let until = ended + (took * TIMES).min(LONGEST);
            standing.insert(ask.clone(), Standing { answer: Arc::clone(&answer), until });
        }
        Ok(answer)
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is kept behind these locks that a panic could leave half done.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
