//! Plans that were made: a dashboard that reloads sends the same statements again, with other instants, and to look at one
//! takes longer than to hand out figures that are at hand. Nothing in a plan grows old: what may be read, and its columns,
//! are the same for as long as the server runs. What asks about its own connection is another statement on each, and is not kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::shape::Shape;
use super::statement::Plan;

/// The plans, by shape and by the types that a client named.
#[derive(Default)]
pub(super) struct Plans(Mutex<Known>);

#[derive(Default)]
struct Known {
    plans: HashMap<(String, Vec<u32>), Kept>,
    size: usize,
}

struct Kept {
    plan: Plan,
    /// The instants that it was made with.
    instants: Vec<String>,
    is_movable: bool,
}

/// About how many bytes they take together: a few dashboards, each of many teams. Those that nobody asks for again go when it
/// is full, with the others, which are soon made anew.
const MOST: usize = 16_000_000;
/// A longer statement is a rare one, and its tree takes much room.
const LONGEST: usize = 4_000;

impl Plans {
    pub(super) fn find(&self, shape: &Shape, types: &[u32]) -> Option<Plan> {
        let known = self.known();
        let kept = known.plans.get(&(shape.text.clone(), types.to_vec()))?;
        match kept.instants == shape.instants {
            true => Some(kept.plan.clone()),
            false => kept.is_movable.then(|| kept.plan.moved(&kept.instants, &shape.instants)),
        }
    }

    pub(super) fn keep(&self, sql: &str, shape: Shape, types: &[u32], plan: &Plan) {
        if sql.len() > LONGEST {
            return;
        }
        let kept = Kept { plan: plan.clone(), is_movable: plan.is_movable(sql, &shape), instants: shape.instants };
        let mut known = self.known();
        if known.size >= MOST {
            *known = Known::default();
        }
        known.size += 4 * sql.len() + plan.size();
        known.plans.insert((shape.text, types.to_vec()), kept);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
