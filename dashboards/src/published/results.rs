//! Results that follow from answers of the engine alone: where the answers are still the same, so is the result, and nothing
//! needs to run.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use analytics::{Answer, Ask};
use arrow::array::RecordBatch;

use super::Done;
use super::recent::lasting;

/// The results made last, by what is done with the answers and what they answer.
#[derive(Default)]
pub(super) struct Results(Mutex<Known>);

#[derive(Default)]
struct Known {
    results: HashMap<(String, Vec<Ask>), Kept>,
    size: usize,
}

struct Kept {
    answers: Vec<Arc<Answer>>,
    result: Arc<Collected>,
    size: usize,
}

/// About how many bytes they take together.
const MOST: usize = 64_000_000;
/// A larger result is not kept.
const LARGEST: usize = 8_000_000;

impl Results {
    /// The result of the same answers.
    pub(super) fn find(&self, what: &str, asks: &[Ask], answers: &[Arc<Answer>]) -> Option<Arc<Collected>> {
        let known = self.known();
        let kept = known.results.get(&key(what, asks))?;
        let is_same = kept.answers.iter().zip(answers).all(|(kept, given)| Arc::ptr_eq(kept, given));
        is_same.then(|| Arc::clone(&kept.result))
    }

    pub(super) fn keep(&self, what: &str, asks: &[Ask], answers: Vec<Arc<Answer>>, result: Collected) {
        // About as much as a row of an answer takes.
        const ROW: usize = 256;
        let size = result.size + answers.iter().map(|answer| answer.rows.len() * ROW).sum::<usize>();
        if size > LARGEST {
            return;
        }
        let mut known = self.known();
        if known.size + size > MOST {
            *known = Known::default();
        }
        known.size += size;
        let kept = Kept { answers, result: Arc::new(result), size };
        if let Some(before) = known.results.insert(key(what, asks), kept) {
            known.size -= before.size;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(what: &str, asks: &[Ask]) -> (String, Vec<Ask>) {
    (what.to_owned(), asks.iter().map(lasting).collect())
}

/// Batches on their way to a client, collected as long as they are few.
#[derive(Debug, Default)]
pub(super) struct Collected {
    batches: Vec<RecordBatch>,
    /// How many bytes they take.
    size: usize,
    is_too_large: bool,
    /// How it ended.
    pub(super) done: Option<Done>,
}

impl Collected {
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        self.size += batch.get_array_memory_size();
        self.is_too_large |= self.size > LARGEST;
        match self.is_too_large {
            true => self.batches.clear(),
            false => self.batches.push(batch.clone()),
        }
    }

    /// Whether all of it is there.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_too_large
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Hands them on.
    pub(super) fn hand_out(&self, take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>) -> ControlFlow<()> {
        self.batches.iter().cloned().try_for_each(take)
    }
}
