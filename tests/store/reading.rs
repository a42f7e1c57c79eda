//! Answers that nobody waits for any more.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use store::Value;

use crate::support::store_in;

#[test]
fn a_reading_that_nobody_waits_for_ends_before_there_is_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let begun = Instant::now();
    let is_over = || begun.elapsed() > Duration::from_millis(300);
    // Counting these would take years.
    let sql = "select count(*) from range(1000000000) as one(n), range(1000000000) as other(m) where n <> m";
    let mut n_batches = 0;
    let mut take = |_| {
        n_batches += 1;
        ControlFlow::Continue(())
    };
    store.query_while(sql, &[], &is_over, &mut take).unwrap();
    assert_eq!(n_batches, 0);
    // The connection that was interrupted answers the next.
    assert_eq!(store.query("select 42::bigint", &[]).unwrap().rows, [[Value::Integer(42)]]);
}
