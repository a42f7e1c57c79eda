//! Metric files of an installation's own: what is taken, and how each mistake is told with its file and line.

use analytics::{Catalogue, Engine, EngineOptions, LeadTimeStart, Settings, check_file};
use facts::Kind;

use super::told::{Told, rounded};
use crate::support::ask;

const HEADER: &str = "-- name = \"broken_builds\"
-- title = \"Broken builds\"
-- group = \"delivery\"
-- version = 1
-- unit = \"share\"
-- better = \"lower\"
-- shape = \"event\"
-- aggregate = \"share\"
-- dimensions = [\"team\"]
-- reads = [\"deployment_outcome\"]
-- subjects = \"deployment_name\"
-- definition = \"Production deployments that did not succeed / production deployments.\"
-- source = \"https://example.org/metrics\"
-- One row per deployment.
";

/// The query begins on line 15 of the file: it reads its mart on line 22.
const QUERY: &str = "select
    finished_at as observed_at,
    deployment_hash as subject,
    null as url,
    team_key,
    not is_successful as value,
    null as reason,
from marts.deployment_outcome
where is_production
";

fn options() -> EngineOptions {
    EngineOptions { zone: chrono_tz::UTC, lead_time_start: LeadTimeStart::FirstCommit, settings: Settings::default() }
}

fn empty() -> Told {
    Told::of(&[])
}

/// What is said about a file.
fn refusal(told: &Told, text: &str) -> String {
    check_file(&told.store, options(), "/etc/cairn/metrics/broken_builds.sql", text).unwrap_err().to_string()
}

/// An engine that has the file's metric beside the product's own.
fn engine_with(told: &Told, text: &str) -> Engine {
    check_file(&told.store, options(), "broken_builds.sql", text).unwrap();
    let mut catalogue = Catalogue::read(sql::METRICS).unwrap();
    catalogue.add(&[("broken_builds.sql", text)]).unwrap();
    Engine::new(told.store.clone(), catalogue, options())
}

#[test]
fn a_file_that_keeps_the_rules_is_a_metric_like_all_others() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success
        2,shop,production,2025-03-03T11:00:00Z,failure
        3,shop,production,2025-03-04T11:00:00Z,success
        4,shop,production,2025-03-05T11:00:00Z,success",
    )]);
    let text = format!("{HEADER}{QUERY}");
    let engine = engine_with(&told, &text);
    let answer = ask(&engine, "broken_builds", "2025-03-01", "2025-04-01", "all", "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (Some(0.25), 4));
}

#[test]
fn every_metric_of_the_product_keeps_the_rules_itself() {
    let told = empty();
    for (file, text) in sql::METRICS {
        check_file(&told.store, options(), file, text).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn mistakes_in_a_header_are_told_with_their_line_and_the_nearest_key() {
    let told = empty();
    let with = |old: &str, new: &str| refusal(&told, &format!("{HEADER}{QUERY}").replace(old, new));
    let unknown = with("-- version = 1", "-- versoin = 1");
    assert!(unknown.contains("broken_builds.sql, line 4:") && unknown.contains("did you mean `version`?"), "{unknown}");
    let missing = with("-- unit = \"share\"\n", "");
    assert!(missing.contains("missing field `unit`"), "{missing}");
    let group = with("\"delivery\"", "\"delivry\"");
    assert!(group.contains("line 3:") && group.contains("did you mean `delivery`?"), "{group}");
    let mart = with("[\"deployment_outcome\"]", "[\"deployment_outcomes\"]");
    assert!(mart.contains("line 10:") && mart.contains("did you mean `deployment_outcome`?"), "{mart}");
    let dimension = with("[\"team\"]", "[\"squad\"]");
    assert!(dimension.contains("line 9: there is no dimension `squad`"), "{dimension}");
    let composed = with("aggregate = \"share\"", "aggregate = \"composed\"");
    assert!(composed.contains("line 8:") && composed.contains("none can rest on itself"), "{composed}");
    let marked = refusal(&told, &format!("\u{feff}{HEADER}{QUERY}").replace("is_production", "is_productive"));
    assert!(marked.contains("is_productive"), "a mark before the first letter is none of the header: {marked}");
    let column = with("null as reason", "null as resaon");
    assert!(column.contains("line 14:") && column.contains("did you mean `resaon`?"), "{column}");
    let value = with("not is_successful as value", "'no' as value");
    assert!(value.contains("line 20:") && value.contains("must be a boolean"), "{value}");
    let written = with("select\n    finished_at", "delete\n    finished_at");
    assert!(written.contains("line "), "{written}");
    let name = with("\"broken_builds\"", "\"broken\"");
    assert!(name.contains("line 1: its name is `broken`"), "{name}");
}

#[test]
fn what_is_divided_by_zero_is_neither_true_nor_a_part_of_a_ratio() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success
        2,shop,production,2025-03-03T11:00:00Z,success
        3,shop,production,2025-03-04T13:00:00Z,success",
    )]);
    let figure = |aggregate: &str, value: &str| {
        let header = HEADER.replace("aggregate = \"share\"", &format!("aggregate = \"{aggregate}\""));
        let text = format!("{header}{}", QUERY.replace("not is_successful as value", value));
        let answer = ask(&engine_with(&told, &text), "broken_builds", "2025-03-01", "2025-04-01", "all", "", "");
        let row = &answer.rows[0];
        (rounded(row.estimate.value), row.estimate.n, answer.coverage.usable, answer.coverage.relevant)
    };
    // Of two that are known one is true.
    assert_eq!(figure("share", "1 / (hour(finished_at) - 10) > 0.5 as value"), (Some(0.5), 2, 2, 3));
    // 1 and 1 of 11 and 13.
    let known = |column: &str| format!("if(hour(finished_at) = 10, null, 1) as {column}");
    let of_ratio = (rounded(Some(2.0 / 24.0)), 2, 2, 3);
    assert_eq!(figure("ratio", &format!("{}, hour(finished_at) as denominator", known("numerator"))), of_ratio);
    let below = "1 as numerator, if(hour(finished_at) = 10, null, hour(finished_at)) as denominator";
    assert_eq!(figure("ratio", below), of_ratio);
    let infinite =
        "1 / (hour(finished_at) - 10) * (hour(finished_at) - 10) as numerator, hour(finished_at) as denominator";
    assert_eq!(figure("ratio", infinite), of_ratio);
}

#[test]
fn headers_with_values_that_cannot_be_are_refused() {
    let empty = empty();
    let told = |line: &str| refusal(&empty, &format!("-- {line}\n{HEADER}{QUERY}"));
    for days in ["999999999999999", "-1"] {
        assert!(told(&format!("provisional_days = {days}")).contains("line 1: a figure cannot change for"));
    }
    let unknown = told("counts = \"deploymnet\"");
    assert!(unknown.contains("`counts` names a kind of fact") && unknown.contains("deployment"), "{unknown}");
    let cut = refusal(&empty, &format!("{}{QUERY}", HEADER.replacen("-- unit", "\n-- unit", 1)));
    assert!(cut.contains("missing field") && cut.contains("the header"), "{cut}");
}

#[test]
fn what_has_no_value_does_not_count_and_is_told_so() {
    // By the hour: nothing is known of the one at ten.
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success
        2,shop,production,2025-03-03T11:00:00Z,success
        3,shop,production,2025-03-04T13:00:00Z,success
        4,shop,production,2025-03-05T14:00:00Z,success",
    )]);
    let ask_for = |header: &str, value: &str| {
        let text = format!("{header}{}", QUERY.replace("not is_successful as value", value));
        let engine = engine_with(&told, &text);
        let answer = ask(&engine, "broken_builds", "2025-03-01", "2025-04-01", "all", "", "");
        let reasons: Vec<(String, u64)> = answer.coverage.reasons.clone().into_iter().collect();
        assert_eq!(reasons, [("its value is not known".to_owned(), 1)]);
        assert_eq!((answer.coverage.usable, answer.coverage.relevant), (3, 4));
        (answer.rows[0].estimate.value, answer.rows[0].estimate.n)
    };
    // One of three, not one of four.
    let early = ask_for(HEADER, "if(hour(finished_at) = 10, null, hour(finished_at) < 12) as value");
    assert_eq!(rounded(early.0), rounded(Some(1.0 / 3.0)));
    assert_eq!(early.1, 3);
    // What is divided by zero: 1, 1 / 3 and 1 / 4 of an hour.
    let sum = HEADER.replace("aggregate = \"share\"", "aggregate = \"sum\"");
    let added = ask_for(&sum, "1.0 / (hour(finished_at) - 10) as value");
    assert_eq!(rounded(added.0), rounded(Some(1.0 + 1.0 / 3.0 + 0.25)));
}

#[test]
fn a_query_that_fails_while_it_runs_is_told_with_its_metric() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success",
    )]);
    let failing = QUERY.replace("not is_successful", "(hour(finished_at)::varchar || 'x')::integer > 1");
    let text = format!("{HEADER}{failing}");
    let engine = engine_with(&told, &text);
    let question = analytics::Question { metric: "broken_builds".into(), ..analytics::Question::default() };
    let now = crate::support::at("2025-04-01T00:00:00Z");
    let error = engine.answer(&question.read(chrono_tz::UTC, now).unwrap(), now).unwrap_err().to_string();
    assert!(error.starts_with("the query of broken_builds failed:") && error.contains("10x"), "{error}");
}

/// A bundle of three deployments, one of one, and one that does not count.
const BUNDLED_QUERY: &str = "select
    finished_at as observed_at,
    if(deployment_hash is null, [], [deployment_hash, deployment_hash + 1, deployment_hash + 2][:size]) as subject,
    null as url,
    team_key,
    [hour(finished_at), 100, 200][:size] as value,
    if(is_successful, null, 'it failed') as reason,
from (select *, if(hour(finished_at) = 10, 3, 1) as size from marts.deployment_outcome)
";

#[test]
fn of_bundles_each_value_counts() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success
        2,shop,production,2025-03-03T11:00:00Z,success
        3,shop,production,2025-03-04T10:30:00Z,failure",
    )]);
    let header =
        HEADER.replace("\"share\"", "\"median\"").replace("-- subjects = \"deployment_name\"\n", "-- bundled = true\n");
    let text = format!("{header}{BUNDLED_QUERY}").replace("-- unit = \"median\"", "-- unit = \"points\"");
    let engine = engine_with(&told, &text);
    let answer = ask(&engine, "broken_builds", "2025-03-01", "2025-04-01", "all", "", "");
    // 10, 100, 200 and 11; of the failed one none.
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (Some(55.5), 4));
    assert_eq!((answer.coverage.usable, answer.coverage.relevant), (4, 7));
    assert_eq!(answer.coverage.reasons["it failed"], 3);
    let question = analytics::Question { metric: "broken_builds".into(), ..analytics::Question::default() };
    let now = crate::support::at("2025-04-01T00:00:00Z");
    let rows = engine.observations(&question.read(chrono_tz::UTC, now).unwrap(), 0, 100, now).unwrap();
    assert_eq!(rows.observations.len(), 7, "one by one");

    let single = refusal(&told, &text.replace("[hour(finished_at), 100, 200][:size]", "hour(finished_at)"));
    assert!(single.contains("its column `value` is of type BIGINT; it must be a list"), "{single}");
    let unsaid = refusal(&told, &text.replace("-- bundled = true\n", ""));
    assert!(unsaid.contains("BIGINT[]"), "{unsaid}");
    let share = refusal(&told, &text.replace("aggregate = \"median\"", "aggregate = \"share\""));
    assert!(share.contains("`bundled` is for medians"), "{share}");
}

#[test]
fn a_query_reads_nothing_but_the_marts_its_header_names() {
    let told = empty();
    let with = |old: &str, new: &str| refusal(&told, &format!("{HEADER}{}", QUERY.replace(old, new)));
    let facts = with("marts.deployment_outcome", "facts.deployment");
    assert!(facts.contains("line 22: reads `facts.deployment`; a metric reads marts only"), "{facts}");
    assert!(
        with("where is_production", "where id in (select id from facts.incident)")
            .contains("line 23: reads `facts.incident`")
    );
    let other = with("where is_production", "where id in (select id from marts.incident_outcome)");
    assert!(other.contains("line 23: reads `marts.incident_outcome`, which its header does not name"), "{other}");
    let file = with("where is_production", "where id in (select content from read_text('/etc/hostname'))");
    assert!(file.contains("line 23: takes rows from `read_text`"), "{file}");
    let path = with("where is_production", "where id in (select column0 from '/etc/hostname.csv')");
    assert!(path.contains("/etc/hostname.csv"), "{path}");
    // A name given by `with` is no table, and may not hide one.
    let named = format!(
        "{HEADER}with live as (\nselect * from marts.deployment_outcome\n)\n{}",
        QUERY.replace("marts.deployment_outcome", "live")
    );
    check_file(&told.store, options(), "broken_builds.sql", &named).unwrap();
    let hidden = format!(
        "{HEADER}with incident_outcome as (select 1 as one)\n{}",
        QUERY.replace("where", "cross join marts.incident_outcome where")
    );
    assert!(refusal(&told, &hidden).contains("marts.incident_outcome"));
}

#[test]
fn what_is_no_single_select_is_refused() {
    let told = empty();
    let refused = |query: &str| refusal(&told, &format!("{HEADER}{query}"));
    assert!(refused("delete from marts.deployment_outcome").contains("it is no `select`"));
    // The header has 16 lines, the query 8: the second statement stands on the line after.
    let second_on = HEADER.lines().count() + QUERY.lines().count() + 1;
    let twice = refused(&format!("{};\nselect 1", QUERY.trim_end()));
    assert!(twice.contains(&format!("line {second_on}: it holds several statements")), "{twice}");
    let typo = refused(&QUERY.replace("from marts", "form marts"));
    assert!(typo.contains("line 22: syntax error"), "{typo}");
    let column = refused(&QUERY.replace("not is_successful", "not is_succesful"));
    assert!(column.contains("line 20:") && column.contains("is_succesful"), "{column}");
}

#[test]
fn columns_that_the_shape_needs_must_be_there_and_of_their_type() {
    let told = empty();
    let with = |old: &str, new: &str| refusal(&told, &format!("{HEADER}{}", QUERY.replace(old, new)));
    let missing = with("observed_at", "observd_at");
    assert!(missing.contains("no column `observed_at` (did you mean `observd_at`?)"), "{missing}");
    let typed = with("not is_successful as value", "'yes' as value");
    assert!(typed.contains("its column `value` is of type VARCHAR; it must be a boolean"), "{typed}");
    assert!(with("    team_key,\n", "").contains("no column `team_key`"));
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let mut catalogue = Catalogue::read(sql::METRICS).unwrap();
    let text = format!("{HEADER}{QUERY}").replace("broken_builds", "change_fail_rate");
    let error = catalogue.add(&[("change_fail_rate.sql", &text)]).unwrap_err().to_string();
    assert!(error.contains("there is a metric `change_fail_rate` already"), "{error}");
}

#[test]
fn what_is_divided_by_zero_is_not_known() {
    let told = Told::of(&[(
        Kind::Deployment,
        "id,service,environment,finished_at,result
        1,shop,production,2025-03-03T10:00:00Z,success
        2,shop,production,2025-03-04T10:00:00Z,success",
    )]);
    let with = |aggregate: &str, value: &str| {
        let text = format!("{HEADER}{QUERY}")
            .replace("aggregate = \"share\"", &format!("aggregate = \"{aggregate}\""))
            .replace("not is_successful as value", value);
        let mut catalogue = Catalogue::read(&[]).unwrap();
        catalogue.add(&[("broken_builds.sql", &text)]).unwrap();
        let engine = Engine::new(told.store.clone(), catalogue, options());
        let answer = ask(&engine, "broken_builds", "2025-03-01", "2025-04-01", "all", "", "");
        rounded(answer.rows[0].estimate.value)
    };
    assert_eq!(with("ratio", "1.0 as numerator, 0.0 as denominator"), None);
    assert_eq!(with("median", "1.0 / 0 as value"), None);
    assert_eq!(
        with(
            "sum",
            "if(deployment_hash = (select min(deployment_hash) from marts.deployment_outcome), 1.0 / 0, 3.0) as value"
        ),
        Some(3.0)
    );
}

#[test]
fn thresholds_that_stand_the_wrong_way_round_are_told_with_their_line() {
    let told = empty();
    let with =
        |thresholds: &str| HEADER.replace("-- reads", &format!("-- thresholds = {thresholds}\n-- reads")) + QUERY;
    // Fewer broken builds are better, so what is good lies below what is poor.
    check_file(&told.store, options(), "broken_builds.sql", &with("{ good = 0.05, poor = 0.2 }")).unwrap();
    let refused = refusal(&told, &with("{ good = 0.2, poor = 0.05 }"));
    assert!(refused.contains("line 10") && refused.contains("the wrong way round"), "{refused}");
    let misspelt = refusal(&told, &with("{ good = 0.05, bad = 0.2 }"));
    assert!(misspelt.contains("unknown field `bad`"), "{misspelt}");
}

#[test]
fn what_may_never_end_or_gives_something_else_each_time_is_refused_with_its_line() {
    let told = empty();
    let with = |old: &str, new: &str| refusal(&told, &format!("{HEADER}{QUERY}").replace(old, new));
    let random = with("null as reason", "if(random() > 2, 'rare', null) as reason");
    assert!(
        random.contains("line 21: `random` gives something else each time") && random.contains("{now}"),
        "{random}"
    );
    for (value, name) in [
        ("finished_at < current_timestamp::timestamp", "current_timestamp"),
        ("finished_at < now()::timestamp", "now"),
        ("age(finished_at) > interval 1 day", "age"),
        ("uuid()::varchar < 'a'", "uuid"),
    ] {
        let refused = with("not is_successful as value", &format!("{value} as value"));
        assert!(refused.contains(&format!("line 20: `{name}` gives")), "{refused}");
    }
    let sample = with("from marts.deployment_outcome", "from marts.deployment_outcome tablesample 10%");
    assert!(sample.contains("line 22: `sample` gives"), "{sample}");
    let endless = with("select\n", "with recursive n as (select 1 as x union all select x + 1 from n)\nselect\n");
    assert!(endless.contains("line 15: `n` reads itself"), "{endless}");
    // The way out is a word, and a name alone is no call.
    for value in ["finished_at < {now} as value", "age({now}, finished_at) > interval 1 day as value"] {
        let text = format!("{HEADER}{QUERY}").replace("not is_successful as value", value);
        check_file(&told.store, options(), "broken_builds.sql", &text).unwrap();
    }
    let named = format!("{HEADER}with n as (select *, 1 as now from marts.deployment_outcome)\n{QUERY}")
        .replace("from marts.deployment_outcome\nwhere", "from n\nwhere now = 1 and");
    check_file(&told.store, options(), "broken_builds.sql", &named).unwrap();
}
