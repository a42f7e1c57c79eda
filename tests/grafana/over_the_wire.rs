//! The shipped statements, answered as the wire answers them: each gives rows of the right types, sorted by time, with the
//! figures of the engine.

use std::ops::ControlFlow;

use analytics::Question;
use analytics::quality::Checks;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use dashboards::published::{Cancel, Limits, Published, Session};
use regex::Regex;

use super::interpolation::Variables;
use super::organisation::{Organisation, all_chosen, now};
use super::sql_targets::{sent, statements};

const TIMESTAMPTZ: u32 = 1184;

/// The times and the numbers of a column of an answer.
#[derive(Default)]
struct Read {
    times: Vec<i64>,
    values: Vec<Option<f64>>,
    n_rows: usize,
}

fn read(published: &Published, place: &str, sql: &str) -> Read {
    let session = Session { user: "grafana".into(), database: "cairn".into(), ..Session::default() };
    let plan = published.plan(sql, &[], &session, &Cancel::default());
    let plan = plan.unwrap_or_else(|refusal| panic!("{place}: {refusal:?}\n{sql}"));
    let column = |name: &str| plan.columns.iter().position(|column| column.name == name);
    let (time, value) = (column("time"), column("value"));
    if let Some(time) = time {
        assert_eq!(plan.columns[time].oid, TIMESTAMPTZ, "{place}");
    }
    let mut read = Read::default();
    let done = published.run(&plan, &[], &session, &Cancel::default(), &mut |batch| {
        read.n_rows += batch.num_rows();
        if let Some(time) = time {
            read.times.extend(batch.column(time).as_primitive::<TimestampMicrosecondType>().values().iter());
        }
        if let Some(numbers) = value.and_then(|value| batch.column(value).as_primitive_opt::<Float64Type>()) {
            read.values.extend((0..numbers.len()).map(|row| numbers.is_valid(row).then(|| numbers.value(row))));
        }
        ControlFlow::Continue(())
    });
    done.unwrap_or_else(|refusal| panic!("{place}: {refusal:?}\n{sql}"));
    read
}

#[test]
fn every_shipped_statement_is_answered_with_the_figures_of_the_engine() {
    let organisation = Organisation::shared();
    let checks = Checks::read(sql::CHECKS, organisation.engine.catalogue()).unwrap();
    let published =
        Published::new(organisation.engine.clone(), checks, sql::PUBLISHED, now, Limits::default()).unwrap();
    let call = Regex::new(r"from metric\('(.*?)', '(.*?)', '(.*?)', '(.*?)', '(.*?)', '(.*?)'\)").unwrap();
    let mut n_compared = 0;
    for (place, statement) in statements() {
        let variables: Variables = all_chosen();
        let sql = sent(&statement, &variables);
        let read = read(&published, &place, &sql);
        assert!(read.times.is_sorted(), "{place}");
        let Some(found) = call.captures(&sql) else { continue };
        assert!(read.n_rows > 0, "{place}: {sql}");
        if read.values.is_empty() {
            continue;
        }
        let question = Question {
            metric: found[1].to_owned(),
            grain: Some(found[2].to_owned()),
            by: vec![found[3].to_owned()],
            from: Some(found[4].to_owned()),
            to: Some(found[5].to_owned()),
            filters: found[6].split(';').map(str::to_owned).collect(),
        };
        let answer = organisation.engine.answer(&question.read(chrono_tz::UTC, now()).unwrap(), now()).unwrap();
        let only_complete = sql.contains("where is_complete");
        let own = answer.rows.iter().filter(|row| row.is_complete || !only_complete);
        let mut own: Vec<Option<f64>> = own.map(|row| row.estimate.value).collect();
        let mut values = read.values;
        let order = |one: &Option<f64>, other: &Option<f64>| one.partial_cmp(other).unwrap();
        own.sort_by(order);
        values.sort_by(order);
        assert_eq!(values, own, "{place}: {sql}");
        n_compared += 1;
    }
    assert!(n_compared > 20, "{n_compared}");
}
