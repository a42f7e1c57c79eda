//! The published figures are those of the engine, and the tables say what the facts say.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use dashboards::published::{Limits, Session};

use super::{House, house, session};
use crate::support::{ask, at, batch, deployment, write};

#[test]
fn a_call_of_metric_gives_the_figures_of_the_engine() {
    let house = house();
    let rows = house
        .rows("select time, team, value, n, low, high from metric('deployment_frequency', 'week', 'team', '2025-09-01', '2025-10-06') order by 1, 2")
        .unwrap();
    let answer = ask(&house.engine, "deployment_frequency", "2025-09-01", "2025-10-06", "week", "team", "");
    assert_eq!(rows.len(), answer.rows.len());
    assert_eq!(rows.len(), 10, "five weeks of two teams");
    for (row, own) in rows.iter().zip(&answer.rows) {
        assert_eq!(row[1], own.group[0].1.clone().unwrap());
        assert_eq!(row[2].parse::<f64>().ok(), own.estimate.value);
        assert_eq!(row[3], own.estimate.n.to_string());
        assert_eq!(row[4].parse::<f64>().ok(), own.estimate.low);
        assert_eq!(row[5].parse::<f64>().ok(), own.estimate.high);
    }
    // Three deployments of the api in each week, 3 / 7 a day.
    let payments: Vec<&Vec<String>> = rows.iter().filter(|row| row[1] == "payments").collect();
    assert!(payments.iter().all(|row| row[3] == "3" && row[2] == (3.0 / 7.0).to_string()), "{payments:?}");
}

#[test]
fn a_window_that_ends_now_is_the_same_for_a_minute_and_any_other_is_as_it_was_said() {
    let begin = |from: &str, to: &str| {
        let sql = format!("select time from metric('deployment_frequency', 'all', '', '{from}', '{to}')");
        house().rows(&sql).unwrap()[0][0].clone()
    };
    // The present is 2026-01-01T00:00:00Z; the whole range is one bucket, which begins with it.
    let of_now = begin("2025-09-01T00:00:17.25Z", "2026-01-01T00:00:17.25Z");
    assert_eq!(of_now, "2025-09-01T00:00:00");
    assert_eq!(begin("2025-09-01T00:00:40Z", "2026-01-01T00:00:40Z"), of_now);
    assert_eq!(begin("2025-09-01T00:00:17Z", "2025-12-01T00:00:17Z"), "2025-09-01T00:00:17");
    assert_eq!(begin("2025-12-31T23:30:17Z", "2026-01-01T00:00:17Z"), "2025-12-31T23:30:17");
}

/// Seconds by which the clock of a test went on.
static WENT_ON: AtomicI64 = AtomicI64::new(0);

fn going_on() -> DateTime<Utc> {
    at("2026-01-01T00:00:05Z") + TimeDelta::seconds(WENT_ON.load(Ordering::SeqCst))
}

#[test]
fn of_a_large_mart_the_last_answer_stands_for_a_minute_while_it_is_made_anew() {
    let house = House::of(Limits::default(), going_on, |engine| engine.with_many_rows(0));
    let n = || {
        let sql = format!(
            "select n from metric('deployment_frequency', 'all', '', '2025-09-01', '{}')",
            going_on().to_rfc3339()
        );
        house.rows(&sql).unwrap()[0][0].parse::<u64>().unwrap()
    };
    let add = |id: &str| {
        write(house.engine.store(), &[batch(&[deployment(id, "api", "2025-12-30T10:00:00Z")])]);
    };
    let first = n();
    add("late");
    assert_eq!(n(), first, "what was answered last stands");
    // Some seconds later it is made anew behind.
    WENT_ON.store(11, Ordering::SeqCst);
    assert_eq!(n(), first);
    let begun = Instant::now();
    while n() == first {
        assert!(begun.elapsed().as_secs() < 30, "it is never made anew");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(n(), first + 1);
    // After a minute nothing old is handed out.
    add("later");
    WENT_ON.store(72, Ordering::SeqCst);
    assert_eq!(n(), first + 2);
}

#[test]
fn a_statement_sent_again_is_answered_from_what_stands_then_and_for_the_connection_it_came_by() {
    let house = House::new();
    let count = "select count(*) from deployment";
    assert_eq!(house.rows(count).unwrap(), [["99"]]);
    write(house.engine.store(), &[batch(&[deployment("late", "api", "2025-12-30T10:00:00Z")])]);
    assert_eq!(house.rows(count).unwrap(), [["100"]]);
    let asked = "select current_user, current_setting('application_name'), pg_backend_pid()";
    for (user, number) in [("reader", 7), ("grafana", 8)] {
        let mut session = Session { user: user.into(), number, ..session() };
        session.settings.insert("application_name".into(), format!("{user}'s"));
        let expected = [user.to_owned(), format!("{user}'s"), number.to_string()];
        assert_eq!(house.rows_of(asked, &session).unwrap(), [expected]);
    }
    // As SQLAlchemy asks, which says of which type its parameter is.
    let cast = "select current_setting('default_table_access_method'::varchar), pg_get_viewdef(1) is null";
    assert_eq!(house.rows_of(cast, &session()).unwrap(), [["heap", "false"]]);
    let bare = "select session_user from deployment limit 1";
    for user in ["reader", "grafana"] {
        assert_eq!(house.rows_of(bare, &Session { user: user.into(), ..session() }).unwrap(), [[user]]);
    }
}

#[test]
fn a_statement_sent_again_with_other_instants_is_answered_for_those() {
    let house = House::new();
    // The api is deployed on 2025-08-04 at 10, 11 and 12, the web at 10; the same in each week after.
    let call = |from: &str, to: &str| {
        format!("metric('deployment_frequency', 'all', '', '2025-08-{from}Z', '2025-08-{to}Z', 'service=api')")
    };
    for (from, to, n) in [
        ("04T00:00:00", "11T00:00:00", "3"),
        ("04T10:30:00", "11T00:00:00", "2"),
        ("04T10:30:00.5", "18T00:00:00.25", "5"),
        ("04T00:00:00", "11T00:00:00", "3"),
    ] {
        assert_eq!(house.rows(&format!("select n from {}", call(from, to))).unwrap(), [[n]], "{from} to {to}");
    }
    let refused = house.rows(&format!("select n from {}", call("11T00:00:00", "04T00:00:00"))).unwrap_err();
    assert!(refused.message.contains("2025-08-11"), "{}", refused.message);
    // The same instants stand in several places, or others do.
    for (first, second, expected) in [
        (("04T00:00:00", "11T00:00:00"), ("11T00:00:00", "18T00:00:00"), ["3", "3"]),
        (("04T11:30:00", "11T10:30:00"), ("11T10:30:00", "18T10:30:00"), ["2", "3"]),
        (("04T11:30:00", "11T10:30:00"), ("04T11:30:00", "11T10:30:00"), ["2", "2"]),
    ] {
        let [first, second] = [first, second].map(|(from, to)| call(from, to));
        let sql = format!("select (select n from {first}), (select n from {second})");
        assert_eq!(house.rows(&sql).unwrap(), [expected], "{sql}");
    }
    // Outside of the call, and of a table's rows; the last window is of one second.
    for (from, to, n) in [("10:00:00", "10:59:59", "2"), ("10:00:01", "10:59:59", "0"), ("10:00:00", "11:00:00", "3")] {
        let within = format!("time between '2025-08-04T{from}Z' and '2025-08-04T{to}Z'");
        assert_eq!(house.rows(&format!("select count(*) from deployment where {within}")).unwrap(), [[n]], "{within}");
    }
    let figures = |since: &str| {
        let call = "metric('deployment_frequency', 'week', '', '2025-08-04T00:00:00Z', '2025-08-25T00:00:00Z')";
        house.rows(&format!("select count(*) from {call} where time >= '2025-08-{since}T00:00:00Z'")).unwrap()
    };
    assert_eq!(
        (figures("04"), figures("11"), figures("18")),
        (vec![vec!["3".into()]], vec![vec!["2".into()]], vec![vec!["1".into()]])
    );
}

#[test]
fn a_result_of_the_same_answers_is_that_of_the_present() {
    let house = House::new();
    let sql =
        "select n, now()::varchar, 'now' from metric('deployment_frequency', 'all', '', '2025-08-04', '2025-08-11')";
    let [first, second] = [house.rows(sql).unwrap(), house.rows(sql).unwrap()];
    assert_eq!((&first[0][0], &second[0][0]), (&"4".to_owned(), &"4".to_owned()));
    assert_ne!(first[0][1], second[0][1], "the present goes on");
    let plain = "select n from metric('deployment_frequency', 'all', '', '2025-08-04', '2025-08-11')";
    assert_eq!(
        (house.rows(plain).unwrap(), house.rows(plain).unwrap()),
        (vec![vec!["4".into()]], vec![vec!["4".into()]])
    );
    write(house.engine.store(), &[batch(&[deployment("late", "api", "2025-08-05T10:00:00Z")])]);
    assert_eq!(house.rows(plain).unwrap(), [["5"]]);
    // What is done with the answer differs.
    assert_eq!(house.rows(&plain.replace("select n", "select n * 2")).unwrap(), [["10"]]);
}

#[test]
fn metric_value_gives_whole_buckets_whatever_the_time_asked_for() {
    let house = house();
    // From a Wednesday to a Tuesday: the weeks that these days lie in begin on Mondays.
    let rows = house
        .rows("select time::date, value, n from metric_value where metric = 'deployment_frequency' and grain = 'week' and grouped_by = 'all' and time between '2025-08-31T00:00:00Z' and '2025-09-16T00:00:00Z' order by time")
        .unwrap();
    let answer = ask(&house.engine, "deployment_frequency", "2025-09-01", "2025-09-22", "week", "", "");
    let expected: Vec<Vec<String>> = answer
        .rows
        .iter()
        .map(|row| {
            vec![
                row.time.format("%Y-%m-%d").to_string(),
                row.estimate.value.unwrap().to_string(),
                row.estimate.n.to_string(),
            ]
        })
        .collect();
    assert_eq!(rows, expected);
    assert_eq!(rows.iter().map(|row| &row[0][..]).collect::<Vec<_>>(), ["2025-09-01", "2025-09-08", "2025-09-15"]);
}

#[test]
fn a_team_named_in_a_condition_is_the_group_that_is_computed() {
    let house = house();
    let rows = house
        .rows("select distinct grouped_by, team from metric_value where metric = 'change_fail_rate' and grain = 'month' and team = 'payments'")
        .unwrap();
    assert_eq!(rows, [["team", "payments"]]);
    let both = house
        .rows("select team, sum(n) from metric_value where metric = 'change_fail_rate' and grain = 'month' and team in ('payments', 'checkout') group by team order by team")
        .unwrap();
    // 20 weeks x 3 of the api; of the web 1, 2, 3, 1, 2, 3 ... are 39 in 20 weeks.
    assert_eq!(both, [["checkout", "39"], ["payments", "60"]]);
}

#[test]
fn which_names_there_are_is_answered_without_figures_as_it_would_be_with_them() {
    let house = house();
    let base = "from metric_value";
    for (column, condition) in [
        ("metric", ""),
        ("metric, grain", "where grain in ('month', 'quarter')"),
        ("metric", "where time >= '2025-12-01' and time < '2026-01-01' and grain = 'week'"),
        ("grouped_by", "where metric in ('change_fail_rate', 'policy_compliance')"),
        ("team", ""),
        ("service", "where grouped_by = 'service'"),
        ("grouped_by, team", "where metric in ('deployment_frequency', 'dora_score')"),
        ("environment", "where metric = 'change_lead_time' and grain = 'week'"),
    ] {
        // A count of rows needs all of them.
        let whole =
            format!("select {column} {base} {condition} group by {column} having count(*) > 0 order by {column}");
        let whole = house.rows(&whole).unwrap();
        for asked in [
            format!("select distinct {column} {base} {condition} order by {column}"),
            format!("select {column} {base} {condition} group by {column} order by {column}"),
            format!("select * from (select distinct {column} {base} {condition}) as names order by {column}"),
        ] {
            assert_eq!(house.rows(&asked).unwrap(), whole, "{asked}");
        }
    }
    let literals =
        "select distinct quote_literal(service) from metric_value where service is not null order by 1 limit 100";
    assert_eq!(house.rows(literals).unwrap(), [["'api'"], ["'web'"]]);
    assert_eq!(house.rows("select count(distinct grain), min(grain) from metric_value").unwrap(), [["4", "day"]]);
    let counted = "select distinct grain, count(*) from metric_value where metric = 'change_fail_rate' and grouped_by = 'all' and grain = 'quarter' group by grain";
    // The first facts are of January 2025, and now is the first instant of 2026.
    assert_eq!(house.rows(counted).unwrap(), [["quarter", "4"]]);
}

#[test]
fn a_grain_or_a_grouping_that_there_is_not_is_refused_with_the_nearest() {
    let house = house();
    for (condition, near) in [
        ("grouped_by = 'teams'", "did you mean `team`?"),
        ("grouped_by in ('all', 'servise')", "did you mean `service`?"),
        ("grain = 'weeks'", "did you mean `week`?"),
    ] {
        let refusal =
            house.refusal(&format!("select * from metric_value where metric = 'change_fail_rate' and {condition}"));
        assert_eq!(refusal.sqlstate, "22023", "{condition}");
        assert!(refusal.message.contains(near), "{}", refusal.message);
    }
}

#[test]
fn a_metric_that_is_gone_is_named_with_the_nearest() {
    let house = house();
    for sql in [
        "select * from metric_value where metric = 'deployment_frequencies' and grain = 'week'",
        "select * from metric('deployment_frequencies', 'week')",
    ] {
        let refusal = house.refusal(sql);
        assert_eq!(refusal.sqlstate, "42704", "{sql}");
        assert!(refusal.message.contains("did you mean `deployment_frequency`?"), "{}", refusal.message);
    }
}

#[test]
fn times_that_are_yet_to_come_or_end_before_they_begin_have_no_rows_in_metric_value() {
    let house = house();
    let base =
        "select * from metric_value where metric = 'deployment_frequency' and grain = 'day' and grouped_by = 'all'";
    for condition in ["time > '2030-01-01'", "time > '2025-10-01' and time < '2025-09-01'"] {
        assert_eq!(house.rows(&format!("{base} and {condition}")).unwrap().len(), 0, "{condition}");
    }
    let reversed = house.refusal("select * from metric('deployment_frequency', 'day', '', '2025-10-01', '2025-09-01')");
    assert_eq!(reversed.sqlstate, "22023");
    assert!(reversed.message.contains("exchange from and to"), "{}", reversed.message);
    // Thirty years by day are few enough buckets; without facts they have no figure.
    let long =
        house.rows("select value from metric('deployment_frequency', 'day', '', '1996-01-01', '2025-12-31')").unwrap();
    assert!(long.len() > 10_000);
}

#[test]
fn deployments_incidents_services_and_teams_are_there_and_say_nothing_of_people() {
    let house = house();
    let count = |table: &str| house.rows(&format!("select count(*) from {table}")).unwrap()[0][0].clone();
    assert_eq!(count("deployment"), "99");
    assert_eq!(count("incident"), "2");
    assert_eq!(count("service"), "2");
    assert_eq!(count("change"), "0");
    let failed = house.rows("select id, service, team, is_failed from deployment where is_failed order by id").unwrap();
    // The second incident names no cause, so it is laid at the deployment before it.
    assert_eq!(failed, [["api-4-1", "api", "payments", "true"], ["web-9-0", "web", "checkout", "true"]]);
    let personal = ["actor", "author", "email", "engineer", "person", "requester", "assignee", "title"];
    for relation in house.published.relations() {
        for column in &relation.columns {
            let is_of_metric = ["comparison", "data_quality", "metric_catalogue"].contains(&&*relation.name);
            assert!(is_of_metric || !personal.contains(&&*column.name), "{}.{}", relation.name, column.name);
            assert!(!column.comment.is_empty(), "{}.{} has no comment", relation.name, column.name);
        }
    }
}

#[test]
fn every_published_table_can_be_read_whole() {
    let house = house();
    let names: Vec<String> = house.published.relations().map(|relation| relation.name.clone()).collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names.iter().filter(|name| *name != "metric_value") {
        let rows = house.rows(&format!("select * from {name}"));
        assert!(rows.is_ok(), "{name}: {rows:?}");
        let counted = house.rows(&format!("select count(*) from {name}")).unwrap();
        assert_eq!(counted[0][0], rows.unwrap().len().to_string(), "{name}");
    }
}

#[test]
fn the_observations_of_a_metric_are_a_table_except_where_they_are_about_people() {
    let house = house();
    let rows = house.rows("select count(*), sum(value) from change_fail_rate").unwrap();
    assert_eq!(rows, [["99", "2.0"]]);
    for about_people in ["time_to_first_deployment", "devex_score", "hours_saved"] {
        assert_eq!(house.refusal(&format!("select * from {about_people}")).sqlstate, "42P01");
    }
    let listed = house
        .rows("select count(*) from metric_catalogue where observations is null and metric = 'devex_score'")
        .unwrap();
    assert_eq!(listed[0][0], "1");
}

#[test]
fn a_filter_may_name_what_holds_a_semicolon() {
    let asked = |filter: &str| {
        let call = format!("metric('deployment_frequency', 'all', '', '2025-08-01', '2025-12-01', '{filter}')");
        house().rows(&format!("select n from {call}"))
    };
    // Of the api three in each of the 17 weeks from 2025-08-04 to 2025-11-24.
    for filter in ["service=api", "service=\"api\"; team=payments;", "; service = api"] {
        assert_eq!(asked(filter).unwrap(), [["51"]], "{filter}");
    }
    for filter in ["service=\"a, b;c\"", "service=api,\"a, b;c\"; team=payments"] {
        let refusal = asked(filter).unwrap_err();
        assert_eq!(refusal.message, "there is no service `a, b;c`", "{filter}");
    }
    assert_eq!(asked("service=\"a").unwrap_err().sqlstate, "22023");
}

#[test]
fn further_figures_of_a_metric_stand_under_their_names() {
    let house = house();
    let rows = house
        .rows("select distinct figure from metric_figure('failed_deployment_recovery_time', 'all', '', '2025-08-01', '2025-12-01') order by 1")
        .unwrap();
    assert!(rows.iter().any(|row| row[0] == "value") && rows.iter().any(|row| row[0] == "p75"), "{rows:?}");
}

#[test]
fn of_the_figures_of_a_metric_those_that_are_named_are_given() {
    let house = house();
    let lead = |figures: &str| {
        format!("from metric_figure('change_lead_time', 'all', '', '2025-08-01', '2025-12-01', ''{figures})")
    };
    let all = house.rows(&format!("select figure, value, n {} order by 1", lead(""))).unwrap();
    let names: Vec<&str> = all.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["coding", "deploy", "p75", "p90", "pickup", "review", "value"]);
    // With a stage and without one: two questions to the engine.
    for named in [&["p90", "review"][..], &["p75", "value"]] {
        let some = lead(&format!(", '{}'", named.join(", ")));
        let some = house.rows(&format!("select figure, value, n {some} order by 1")).unwrap();
        let meant: Vec<_> = all.iter().filter(|row| named.contains(&row[0].as_str())).cloned().collect();
        assert_eq!(some, meant);
    }
    let unknown = house.refusal(&format!("select * {}", lead(", 'p75,pikcup'")));
    assert_eq!(unknown.sqlstate, "22023");
    assert!(unknown.message.contains("no figure `pikcup` (did you mean `pickup`?)"), "{}", unknown.message);
    let one = house.refusal("select * from metric('change_lead_time', 'all', '', '2025-08-01', null, '', 'p75')");
    assert_eq!(one.sqlstate, "42883");
}
