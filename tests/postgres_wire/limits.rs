//! How much a query may take, and how it is ended.

use std::time::{Duration, Instant};

use dashboards::published::{Cancel, Limits};

use super::running::{Client, Wire, state};
use super::{House, session};

/// A query that takes far longer than any of these tests.
const SLOW: &str =
    "select count(*) from generate_series(1, 3000000) a, generate_series(1, 3000000) b where a.a + b.b = 1";

#[test]
fn a_query_that_takes_too_long_is_ended_and_the_next_is_answered() {
    let house = House::with(Limits { time: Duration::from_secs(1), ..Limits::default() });
    let begun = Instant::now();
    let refusal = house.refusal(SLOW);
    assert_eq!(refusal.sqlstate, "57014");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(house.rows("select 1").unwrap(), [["1"]]);
}

#[test]
fn rows_beyond_the_limit_are_cut_off_and_the_client_is_told() {
    let wire = Wire::configured("rows = 1000");
    let client = Client::of(&wire);
    let found = client.simple("select * from generate_series(1, 5000)").unwrap();
    assert_eq!((found.len(), found.last().unwrap().as_str()), (1001, "done 1000"));
    let Some(psql) = super::clients::program("psql") else { return };
    let said = std::process::Command::new(psql)
        .args(["-X", "-A", "-t", "-c", "select * from generate_series(1, 5000)", &wire.uri()])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("cut off after 1000 rows"));
}

#[test]
fn a_query_that_needs_too_much_memory_is_refused_and_the_server_lives() {
    let house = House::with(Limits { memory: 64_000_000, ..Limits::default() });
    let refusal = house.refusal("select count(*) from (select x, list(y) l from (select x, x % 7 as y from generate_series(1, 50000000) as x) group by x) where len(l) > 1");
    assert_eq!(refusal.sqlstate, "53200", "{refusal:?}");
    assert_eq!(house.rows("select 1").unwrap(), [["1"]]);
}

#[test]
fn a_request_to_cancel_ends_the_query() {
    let wire = Wire::start();
    let Client { runtime, client } = Client::of(&wire);
    let canceller = client.cancel_token();
    let begun = Instant::now();
    let ended = runtime.block_on(async {
        let slow = client.simple_query(SLOW);
        // One that comes before the query has begun finds nothing to cancel, so it is asked for until it is heard.
        let cancel = async {
            loop {
                tokio::time::sleep(Duration::from_millis(300)).await;
                canceller.cancel_query(tokio_postgres::NoTls).await.unwrap();
            }
        };
        tokio::select! {
            ended = slow => ended,
            () = cancel => unreachable!("it is asked for without an end"),
        }
    });
    assert_eq!(state(&ended.unwrap_err()), "57014");
    assert!(begun.elapsed() < Duration::from_secs(20), "the time limit ended it");
    assert!(runtime.block_on(client.simple_query("select 1")).is_ok());
}

#[test]
fn a_flag_that_was_set_before_ends_a_query_at_once() {
    let house = House::new();
    let plan = house.plan(SLOW).unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let ended = house.published.run(&plan, &[], &session(), &cancel, &mut |_| std::ops::ControlFlow::Continue(()));
    assert_eq!(ended.unwrap_err().sqlstate, "57014");
}

#[test]
fn slow_queries_do_not_hold_up_others_and_fifty_are_answered_at_once() {
    let wire = Wire::configured("queries = 4\ntime = \"20s\"");
    let Client { runtime, client } = Client::of(&wire);
    runtime.spawn(async move { client.simple_query(SLOW).await });
    let begun = Instant::now();
    let clients: Vec<std::thread::JoinHandle<Vec<String>>> = (0..50)
        .map(|number| {
            let config = wire.config();
            std::thread::spawn(move || {
                Client::by(&config).unwrap().simple(&format!("select count(*), {number} from deployment")).unwrap()
            })
        })
        .collect();
    for (number, client) in clients.into_iter().enumerate() {
        assert_eq!(client.join().unwrap()[0], format!("row 99|{number}"));
    }
    assert!(begun.elapsed() < Duration::from_secs(18), "{:?}", begun.elapsed());
}

#[test]
fn a_client_that_vanishes_ends_its_query() {
    let wire = Wire::configured("queries = 1\ntime = \"60s\"");
    {
        let gone = Client::of(&wire);
        let begun = gone
            .runtime
            .block_on(async { tokio::time::timeout(Duration::from_millis(500), gone.client.simple_query(SLOW)).await });
        assert!(begun.is_err());
        // Here the client goes, in the midst of its query.
    }
    let begun = Instant::now();
    assert_eq!(Client::of(&wire).simple("select 1").unwrap(), ["row 1", "done 1"]);
    assert!(begun.elapsed() < Duration::from_secs(20), "the only place was taken for {:?}", begun.elapsed());
}
