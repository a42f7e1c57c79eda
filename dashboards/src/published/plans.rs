//! Plans that were made: a dashboard that reloads sends the same statements again, and to look at one takes longer than to
//! hand out figures that are at hand. Nothing in a plan grows old: what may be read, and its columns, are the same for as
//! long as the server runs. What asks about its own connection is another statement on each, and is not kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::statement::Plan;

/// The plans, by text and by the types that a client named.
#[derive(Default)]
pub(super) struct Plans(Mutex<HashMap<(String, Vec<u32>), Plan>>);

/// A few dashboards. Those that nobody asks for again go when it is full, with the others, which are soon made anew.
const MOST: usize = 256;
/// A longer statement is a rare one, and its tree takes much room.
const LONGEST: usize = 4_000;

impl Plans {
    pub(super) fn find(&self, sql: &str, types: &[u32]) -> Option<Plan> {
        self.kept().get(&(sql.to_owned(), types.to_vec())).cloned()
    }

    pub(super) fn keep(&self, sql: &str, types: &[u32], plan: &Plan) {
        if sql.len() > LONGEST {
            return;
        }
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert((sql.to_owned(), types.to_vec()), plan.clone());
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<(String, Vec<u32>), Plan>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
