//! How much a query may take, and how it is ended.

use std::time::Duration;

use dashboards::published::{Cancel, Limits};

use super::running::{Client, Wire, state};
use super::{House, session};

/// A query that takes far longer than any of these tests.
const SLOW: &str =
    "select count(*) from generate_series(1, 3000000) a, generate_series(1, 3000000) b where a.a + b.b = 1";

/// One query at a time, and none is ended for being late while these tests run.
const PATIENT: &str = "queries = 1\ntime = \"600s\"";

/// PostgreSQL's words for what was ended because it took too long, and because its client asked for it.
const LATE: &str = "canceling statement due to statement timeout";
const CANCELLED: &str = "canceling statement due to user request";

#[test]
fn a_query_that_takes_too_long_is_ended_and_the_next_is_answered() {
    let house = House::with(Limits { time: Duration::from_secs(1), ..Limits::default() });
    let refusal = house.refusal(SLOW);
    assert_eq!((refusal.sqlstate, refusal.message.as_str()), ("57014", LATE));
    assert!(refusal.hint.unwrap().contains("postgres_wire.time"));
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

/// Asks for a query to be ended until it is, and gives what it was ended with. A request that comes before the query has
/// arrived finds nothing to cancel, so it is asked for again.
async fn ended_on_request(client: &tokio_postgres::Client, sql: &str) -> String {
    let canceller = client.cancel_token();
    let cancel = async {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            canceller.cancel_query(tokio_postgres::NoTls).await.unwrap();
        }
    };
    let ended = tokio::select! {
        ended = client.simple_query(sql) => ended.unwrap_err(),
        () = cancel => unreachable!("it is asked for without an end"),
    };
    assert_eq!(state(&ended), "57014");
    ended.as_db_error().unwrap().message().to_owned()
}

#[test]
fn texts_and_lists_that_double_are_refused_before_they_fill_the_memory() {
    let house = House::with(Limits { memory: 64_000_000, ..Limits::default() });
    let doubling = [
        ("'x'", "s || s", "length(s)"),
        ("'x'", "concat(s, s, s)", "length(s)"),
        ("'x'", "replace(s, 'x', 'xx')", "length(s)"),
        ("'x'", "regexp_replace(s, '.', 'xx', 'g')", "length(s)"),
        ("[1]", "list_concat(s, s)", "len(s)"),
        ("'\"'", "to_json(s || s)::text", "length(s)"),
    ];
    for (first, next, length) in doubling {
        let sql = format!(
            "with recursive t(s, n) as (select {first}, 1 union all select {next}, n + 1 from t where n < 60) select max({length}) from t"
        );
        let refusal = house.refusal(&sql);
        assert!(["53200", "54000"].contains(&refusal.sqlstate), "{next}: {refusal:?}");
        assert_eq!(house.rows("select 1").unwrap(), [["1"]]);
    }
    for call in ["repeat('x', 2000000000)", "lpad('x', 2000000000, 'y')", "rpad('x', 2000000000, 'y')"] {
        assert_eq!(house.refusal(&format!("select length({call})")).sqlstate, "54000", "{call}");
    }
    assert_eq!(
        house.rows("select lpad('a', 3, 'xy'), rpad('a', 3), repeat('ab', 2)").unwrap(),
        [["xya", "a  ", "abab"]]
    );
}

#[test]
fn what_is_looked_for_in_a_text_is_short_and_patterns_do_not_go_back() {
    let house = House::with(Limits { time: Duration::from_secs(20), ..Limits::default() });
    // DuckDB's own LIKE tries some 2000^5 ways to cut this text into pieces.
    let back =
        "select count(*) from (select repeat('a', 2000) as x) as t where x like '%a%a%a%a%_b' or x ilike '%a%a%a%a%ab'";
    assert_eq!(house.rows(back).unwrap(), [["0"]]);
    let long = "(select string_agg('aaaaaaaaaa', '') from generate_series(1, 200000))";
    for call in [
        format!("position({long} || 'b' in {long})"),
        format!("strpos({long}, {long} || 'b')"),
        format!("replace({long}, {long} || 'b', '')"),
        format!("split_part({long}, {long} || 'b', 2)"),
        format!("{long} ~ 'a+b'"),
        format!("'a' like {long}"),
        format!("'a' like '{}'", "a".repeat(2000)),
    ] {
        assert_eq!(house.refusal(&format!("select {call}")).sqlstate, "54000", "{call}");
    }
    let short = "select position('c' in 'abc'), strpos('abc', 'b'), replace('abc', 'b', 'x'), split_part('a,b', ',', 2), 'abc' ~ 'b+'";
    assert_eq!(house.rows(short).unwrap(), [["3", "2", "axc", "b", "true"]]);
}

/// Within one call that DuckDB cannot be interrupted in: 2000 texts, each by an expression of a thousand states.
const DEAF: &str = "select count(*) from generate_series(1, 2000) as x
    where regexp_matches(repeat('a', 9000 + x::int % 100), '(a?){500}(a){500}b')";

#[test]
fn a_query_that_does_not_heed_its_end_is_left_to_itself_and_does_not_hold_the_server() {
    let wire = Wire::start();
    let client = Client::of(&wire);
    client.simple("set statement_timeout = '300ms'").unwrap();
    assert_eq!(client.simple(DEAF).unwrap_err(), "57014");
    assert_eq!(client.simple("select 1").unwrap(), ["row 1", "done 1"]);
    let begun = std::time::Instant::now();
    assert!(wire.stop(), "it did not end well");
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn a_statement_nested_too_deeply_is_told_so_with_a_way_out() {
    let house = super::house();
    for deep in [
        format!("select {}", vec!["1"; 500].join(" + ")),
        format!("select {}true", "not ".repeat(5000)),
        format!("select {}1{}", "(select ".repeat(500), ")".repeat(500)),
        format!("select 1{}", "::int".repeat(5000)),
    ] {
        let refusal = house.refusal(&deep);
        assert_eq!(refusal.sqlstate, "54001", "{refusal:?}");
        assert!(refusal.message.contains("nested too deeply") && refusal.hint.unwrap().contains("IN (...)"));
    }
}

#[test]
fn a_request_to_cancel_ends_the_query() {
    let wire = Wire::configured(PATIENT);
    let Client { runtime, client } = Client::of(&wire);
    assert_eq!(runtime.block_on(ended_on_request(&client, SLOW)), CANCELLED);
    assert!(runtime.block_on(client.simple_query("select 1")).is_ok());
}

#[test]
fn a_request_to_cancel_is_heard_before_the_query_runs() {
    let wire = Wire::configured(PATIENT);
    let Client { runtime: beside, client: first } = Client::of(&wire);
    let Client { runtime, client } = Client::of(&wire);
    let running = first.cancel_token();
    let slow = beside.spawn(async move { first.simple_query(SLOW).await });
    // The only place is taken: this one is not even planned. Whichever of the two came first, the other waits for it.
    let another = format!("{SLOW} and true");
    assert_eq!(runtime.block_on(ended_on_request(&client, &another)), CANCELLED);
    assert!(!slow.is_finished(), "the query that ran was not the one to be ended");
    let ended = runtime.block_on(async {
        let cancel = async {
            loop {
                running.cancel_query(tokio_postgres::NoTls).await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            ended = slow => ended.unwrap().unwrap_err(),
            () = cancel => unreachable!("it is asked for without an end"),
        }
    });
    assert_eq!(ended.as_db_error().unwrap().message(), CANCELLED);
}

#[test]
fn one_connection_more_than_there_may_be_is_told_so_and_can_still_cancel_a_query() {
    let wire = Wire::configured(&format!("connections = 1\n{PATIENT}"));
    let Client { runtime, client } = Client::of(&wire);
    let refused = Client::by(&wire.config()).err().unwrap();
    assert_eq!(state(&refused), "53300");
    let told = refused.as_db_error().unwrap();
    assert!(told.hint().unwrap().contains("raise connections in [postgres_wire]"), "{told:?}");
    // A request to cancel comes by a connection of its own.
    assert_eq!(runtime.block_on(ended_on_request(&client, SLOW)), CANCELLED);
    drop((client, runtime));
    // The place is free once the client has gone.
    let again = (0..50).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Client::by(&wire.config()).ok()
    });
    assert_eq!(again.unwrap().simple("select 42").unwrap(), ["row 42", "done 1"]);
}

#[test]
fn a_connection_may_be_less_patient_than_the_server_and_not_more() {
    let wire = Wire::configured(PATIENT);
    let client = Client::of(&wire);
    let refusal = |client: &Client| {
        let error = client.runtime.block_on(client.client.simple_query(SLOW)).unwrap_err();
        let error = error.as_db_error().unwrap();
        assert_eq!((error.code().code(), error.message()), ("57014", LATE));
        error.hint().unwrap().to_owned()
    };
    assert_eq!(client.simple("set statement_timeout = '300 ms'; show statement_timeout").unwrap()[1], "row 300ms");
    assert!(refusal(&client).contains("statement_timeout is 0.3 s"));
    assert_eq!(client.simple("set statement_timeout = soon").unwrap_err(), "22023");
    assert!(refusal(&client).contains("statement_timeout"), "what was refused changed nothing");
    // As JDBC and psycopg have it from their configuration.
    let mut config = wire.config();
    config.options("-c statement_timeout=300");
    assert!(refusal(&Client::by(&config).unwrap()).contains("statement_timeout is 0.3 s"));
    config.options("-c statement_timeout=soon");
    assert_eq!(state(&Client::by(&config).err().unwrap()), "22023");

    let wire = Wire::configured("time = \"1s\"");
    let client = Client::of(&wire);
    for wish in ["'1h'", "0", "default"] {
        client.simple(&format!("set statement_timeout = {wish}")).unwrap();
        assert!(refusal(&client).contains("postgres_wire.time"), "{wish}");
    }
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
    let wire = Wire::configured("queries = 4\ntime = \"600s\"");
    let Client { runtime, client } = Client::of(&wire);
    let slow = runtime.spawn(async move { client.simple_query(SLOW).await });
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
    assert!(!slow.is_finished(), "the slow query was to run beside them");
}

#[test]
fn a_client_that_vanishes_ends_its_query() {
    let wire = Wire::configured(PATIENT);
    {
        let gone = Client::of(&wire);
        let begun = gone
            .runtime
            .block_on(async { tokio::time::timeout(Duration::from_millis(500), gone.client.simple_query(SLOW)).await });
        assert!(begun.is_err());
        // Here the client goes, in the midst of its query.
    }
    // While its query ran the only place would be taken.
    assert_eq!(Client::of(&wire).simple("select 1").unwrap(), ["row 1", "done 1"]);
}

#[test]
fn thousands_of_comments_are_refused_before_a_parser_chews_on_them() {
    let house = super::house();
    let commented = |n: usize| format!("select 1 {}{}", "/*".repeat(n), "*/".repeat(n));
    assert_eq!(house.rows(&commented(100)).unwrap(), [["1"]]);
    assert_eq!(house.refusal(&commented(20_000)).sqlstate, "54001");
    assert_eq!(house.refusal(&format!("select 1 {}", "/**/".repeat(20_000))).sqlstate, "54001");
}
