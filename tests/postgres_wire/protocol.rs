//! The protocol: simple and extended, texts and binary forms, errors and transactions.

use std::io::{Read as _, Write as _};

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use super::running::{Client, Wire, state};

#[test]
fn empty_statements_several_statements_and_settings_are_answered_as_postgresql_does() {
    let wire = Wire::start();
    let client = Client::of(&wire);
    // The client makes `done 0` of an empty answer too; that there is no row and no error is what can be seen here.
    assert_eq!(client.simple("-- ping").unwrap(), ["done 0"]);
    assert_eq!(client.simple(";").unwrap(), ["done 0"]);
    assert_eq!(client.simple("set extra_float_digits = 3; select 42").unwrap(), ["done 0", "row 42", "done 1"]);
    assert_eq!(
        client.simple("with a as (select 1 as x union all select 2) select x from a order by 1").unwrap(),
        ["row 1", "row 2", "done 2"]
    );
    assert_eq!(client.simple("show server_version_num").unwrap()[0], "row 150000");
    assert_eq!(client.simple("select current_setting('server_version_num')::int / 100").unwrap()[0], "row 1500");
    assert_eq!(client.simple("show transaction isolation level").unwrap()[0], "row read committed");
    assert!(client.simple("select version()").unwrap()[0].starts_with("row PostgreSQL 15.0"));
    assert_eq!(client.simple("set application_name to 'x'; show application_name").unwrap()[1], "row x");
    assert_eq!(client.simple("set no_such_setting = 1").unwrap_err(), "42704");
    assert_eq!(client.simple("select 1; select no_such_column; select 2").unwrap_err(), "42703");
    for cursor in ["declare c cursor for select 1", "fetch 5 from c", "move 5 in c", "close c"] {
        assert_eq!(client.simple(cursor).unwrap_err(), "0A000", "{cursor}");
    }
    for (call, state) in [
        ("select nosuch(1)", "42883"),
        ("select * from nosuch(1)", "42883"),
        ("select getenv('HOME')", "42883"),
        ("select getvariable('x')", "42501"),
    ] {
        assert_eq!(client.simple(call).unwrap_err(), state, "{call}");
    }
    assert_eq!(client.simple("select 5 / 2, 1").unwrap()[0], "row 2|1", "whole numbers divide as in PostgreSQL");
    assert_eq!(
        client.simple("select x from (values (1), (null), (2)) t(x) order by x").unwrap()[2],
        "row -",
        "nulls come last"
    );
}

#[test]
fn an_error_leaves_the_connection_usable_and_transactions_are_harmless() {
    let wire = Wire::start();
    let client = Client::of(&wire);
    assert_eq!(client.simple("delete from deployment").unwrap_err(), "42501");
    assert_eq!(client.simple("select 1").unwrap(), ["row 1", "done 1"]);
    assert_eq!(client.simple("begin; select 1; commit").unwrap(), ["done 0", "row 1", "done 1", "done 0"]);
    client.simple("begin").unwrap();
    assert_eq!(client.simple("select no_such_column").unwrap_err(), "42703");
    assert_eq!(client.simple("select 1").unwrap_err(), "25P02");
    client.simple("rollback").unwrap();
    assert_eq!(client.simple("select 1").unwrap(), ["row 1", "done 1"]);
}

#[test]
fn types_are_those_of_postgresql_in_text_and_in_binary() {
    let wire = Wire::start();
    let client = Client::of(&wire);
    let sql = "select true as b, 1::smallint as s, 2 as i, 3::bigint as l, 1.5::float8 as d, 'é' as t, sum(1) as huge,
        1.25 as exact, timestamptz '2026-01-02 03:04:05+00' as at, date '2026-01-02' as day, array['a', null, 'b c'] as list,
        null::int as nothing, count(*) as n, interval '1 month 2 days' as span";
    let statement = client.runtime.block_on(client.client.prepare(sql)).unwrap();
    let types: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
    let expected = [
        Type::BOOL,
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::FLOAT8,
        Type::TEXT,
        Type::NUMERIC,
        Type::NUMERIC,
        Type::TIMESTAMPTZ,
        Type::DATE,
        Type::TEXT_ARRAY,
        Type::INT4,
        Type::INT8,
        Type::INTERVAL,
    ];
    assert_eq!(types, expected);
    // The client asks for binary forms and checks them against the types.
    let row = client.runtime.block_on(client.client.query_one(&statement, &[])).unwrap();
    assert!(row.get::<_, bool>("b"));
    assert_eq!((row.get::<_, i16>("s"), row.get::<_, i32>("i"), row.get::<_, i64>("l")), (1, 2, 3));
    assert_eq!((row.get::<_, f64>("d"), row.get::<_, &str>("t")), (1.5, "é"));
    let at: std::time::SystemTime = row.get("at");
    assert_eq!(DateTime::<Utc>::from(at), crate::support::at("2026-01-02T03:04:05Z"));
    assert_eq!(row.get::<_, Vec<Option<String>>>("list"), [Some("a".into()), None, Some("b c".into())]);
    assert_eq!(row.get::<_, Option<i32>>("nothing"), None);
    let texts = client.simple(sql).unwrap();
    assert_eq!(
        texts[0],
        "row t|1|2|3|1.5|é|1|1.25|2026-01-02 03:04:05+00|2026-01-02|{a,NULL,\"b c\"}|-|1|1 mon 2 days"
    );
}

#[test]
fn named_statements_take_parameters_of_the_types_they_are_compared_with() {
    let wire = Wire::start();
    let Client { runtime, client } = Client::of(&wire);
    let statement = runtime
        .block_on(
            client
                .prepare("select count(*) from deployment where service = $1 and time >= $2 and is_live = $3 limit $4"),
        )
        .unwrap();
    assert_eq!(statement.params(), [Type::TEXT, Type::TIMESTAMPTZ, Type::BOOL, Type::INT8]);
    let from: std::time::SystemTime = crate::support::at("2025-12-01T00:00:00Z").into();
    for (service, n) in [("api", 9_i64), ("web", 6), ("none' or '1' = '1", 0)] {
        let row = runtime.block_on(client.query_one(&statement, &[&service, &from, &true, &5_i64])).unwrap();
        assert_eq!(row.get::<_, i64>(0), n, "{service}");
    }
    let named = runtime
        .block_on(client.query(
            "select team, n from metric($1, $2, 'team', '2025-09-01', $3) order by team",
            &[&"deployment_frequency", &"all", &"2025-10-01"],
        ))
        .unwrap();
    assert_eq!(named.len(), 2);
    // Groups by a parameter: the columns of all dimensions are there, and those grouped by have names.
    let grouped =
        runtime.block_on(client.prepare("select team, service, n from metric($1, $2, $3, $4, $5) order by n"));
    let grouped = grouped.unwrap();
    let asked = |by: &'static str| {
        let arguments: [&'static str; 5] = ["deployment_frequency", "all", by, "2025-09-01", "2025-10-06"];
        let arguments: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            arguments.iter().map(|text| text as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
        let rows = runtime.block_on(client.query(&grouped, &arguments)).unwrap();
        let row = |row: &tokio_postgres::Row| (row.get(0), row.get(1), row.get(2));
        rows.iter().map(row).collect::<Vec<(Option<String>, Option<String>, i64)>>()
    };
    let [web, api] = [Some("web".to_owned()), Some("api".to_owned())];
    let [checkout, payments] = [Some("checkout".to_owned()), Some("payments".to_owned())];
    assert_eq!(asked("team"), [(checkout.clone(), None, 11), (payments.clone(), None, 15)]);
    assert_eq!(asked("team,service"), [(checkout, web, 11), (payments, api, 15)]);
    assert_eq!(asked(""), [(None, None, 26)]);
    let any = runtime
        .block_on(client.query("select id from incident where id = any($1::text[])", &[&vec!["i1", "x,\"y"]]))
        .unwrap();
    assert_eq!(any.len(), 1);
    // Without a cast it is an array of what it is compared with; written out it is one too.
    let method = "default_table_access_method";
    let heap = runtime.block_on(client.query_one("select current_setting($1::varchar)", &[&method])).unwrap();
    assert_eq!(heap.get::<_, String>(0), "heap");
    let any = runtime.block_on(client.query("select id from incident where id = any($1)", &[&vec!["i1", "x,\"y"]]));
    assert_eq!(any.unwrap().len(), 1);
    let written = r#"select id from incident where id = any('{i1,"x,\"y"}') and id = any('{i1,i2}'::text[])"#;
    assert_eq!(runtime.block_on(client.query(written, &[])).unwrap().len(), 1);
    let wrong = runtime.block_on(client.query("select 1 / $1::int", &[&0_i32]));
    assert!(wrong.is_ok() || !state(&wrong.unwrap_err()).is_empty());
}

#[test]
fn rows_are_fetched_a_few_at_a_time_by_a_portal() {
    let wire = Wire::start();
    let Client { runtime, mut client } = Client::of(&wire);
    runtime.block_on(async {
        let transaction = client.transaction().await.unwrap();
        let portal = transaction.bind("select x from generate_series(1, 10) as x", &[]).await.unwrap();
        let mut found = Vec::new();
        loop {
            let rows = transaction.query_portal(&portal, 4).await.unwrap();
            if rows.is_empty() {
                break;
            }
            assert!(rows.len() <= 4);
            found.extend(rows.iter().map(|row| row.get::<_, i64>(0)));
        }
        assert_eq!(found, (1..=10).collect::<Vec<i64>>());
        let whole = transaction.bind("select x from generate_series(1, 10) as x", &[]).await.unwrap();
        assert_eq!(transaction.query_portal(&whole, i32::MAX).await.unwrap().len(), 10, "no room is made beforehand");
        transaction.commit().await.unwrap();
    });
}

#[test]
fn rows_that_the_limit_cuts_off_are_so_for_a_portal_too() {
    let wire = Wire::configured("rows = 1000");
    let Client { runtime, mut client } = Client::of(&wire);
    runtime.block_on(async {
        let transaction = client.transaction().await.unwrap();
        let portal = transaction.bind("select * from generate_series(1, 5000)", &[]).await.unwrap();
        assert_eq!(transaction.query_portal(&portal, 600).await.unwrap().len(), 600);
        assert_eq!(transaction.query_portal(&portal, 600).await.unwrap().len(), 400);
        assert_eq!(transaction.query_portal(&portal, 600).await.unwrap().len(), 0);
    });
}

#[test]
fn a_portal_whose_rows_nobody_takes_gives_its_place_back_in_time() {
    let wire = Wire::configured("queries = 1\ntime = \"1s\"");
    let Client { runtime, mut client } = Client::of(&wire);
    let transaction = runtime.block_on(client.transaction()).unwrap();
    let portal = runtime.block_on(transaction.bind("select * from generate_series(1, 900000)", &[])).unwrap();
    assert_eq!(runtime.block_on(transaction.query_portal(&portal, 5)).unwrap().len(), 5);
    let other = Client::of(&wire);
    let answered = std::iter::repeat_with(|| other.simple("select 1")).take(20).any(|answer| answer.is_ok());
    assert!(answered, "the only place is still taken");
}

/// What a server says to these bytes until it closes the connection.
fn said(wire: &Wire, bytes: &[u8]) -> String {
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", wire.port)).unwrap();
    socket.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // Who closes with something unread resets the connection.
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A message with its kind and length.
fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [kind, &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

#[test]
fn messages_that_are_not_what_they_promise_are_told_so_and_others_are_answered() {
    let wire = Wire::start();
    let hello = message(&[], &[&196_608_u32.to_be_bytes()[..], b"user\0reader\0database\0cairn\0\0"].concat());
    for proof in [
        &b"secret\0"[..],
        b"",
        b"SCRAM-SHA-256\0",
        b"SCRAM-SHA-256\0\0\0\xff\xffx",
        b"SCRAM-SHA-256\0\xff\xff\xff\xf0x",
    ] {
        let answer = said(&wire, &[&hello[..], &message(b"p", proof)].concat());
        assert!(answer.contains("C08P01"), "{proof:?}: {answer:?}");
    }
    // These come before anybody has said who he is, and are read as far as they can be: a parse without its text, a bind
    // whose numbers promise more than there is.
    for (kind, body) in [(b"P", &b"a"[..]), (b"B", b"\0\0\0\x05"), (b"B", b"\0\0\0\0\0\x01\0\0\0\xff")] {
        let answer = said(&wire, &[&hello[..], &message(kind, body)].concat());
        assert!(answer.contains("C08P01"), "{kind:?}: {answer:?}");
    }
    assert_eq!(Client::of(&wire).simple("select 1").unwrap(), ["row 1", "done 1"]);
}
