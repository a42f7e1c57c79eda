//! What the shipped dashboards and alert rules ask over the PostgreSQL wire: one read each, of `metric(...)`, `metric_figure(...)` or a
//! published table, that names only metrics, grains, dimensions and figures that there are.

use analytics::{Catalogue, Grain, Question};
use dashboards::grafana::Way;
use regex::Regex;

use super::interpolation::{Chosen, Variables, interpolate};
use super::macros::expand;
use super::organisation::{Organisation, all_chosen, now, range};
use super::shipped::{Shipped, Target, dashboards, rules};

/// The tables that are published and that dashboards read as they are.
const TABLES: [&str; 7] = ["comparison", "deployment", "incident", "improvement", "service", "team", "data_quality"];

/// Every statement that is shipped, with where it stands.
pub fn statements() -> Vec<(String, String)> {
    let boards: Vec<Shipped> = dashboards().into_iter().filter(|board| board.way == Way::PostgreSql).collect();
    let sql = |target: Target| (target.place, target.json["rawSql"].as_str().unwrap().to_owned());
    let mut found: Vec<(String, String)> = Vec::new();
    for board in &boards {
        found.extend(board.targets().into_iter().chain(board.annotations()).map(sql));
        let names = ["team", "service", "environment"];
        found.extend(names.map(|name| (name.to_owned(), board.variable(name)["query"].as_str().unwrap().to_owned())));
    }
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    for rule in rules(&catalogue, Way::PostgreSql) {
        let statement = rule["data"][0]["model"]["rawSql"].as_str().unwrap();
        found.push((rule["uid"].to_string(), statement.to_owned()));
    }
    found
}

/// A statement as it is sent.
pub fn sent(statement: &str, variables: &Variables) -> String {
    expand(&interpolate(statement, variables, range()), range()).unwrap()
}

#[test]
fn every_statement_is_one_read_of_what_is_published() {
    let organisation = Organisation::shared();
    let mut some = all_chosen();
    some.insert("team", Chosen::Several(vec!["o'neill", "shop"]));
    let found = statements();
    assert!(found.len() > 80, "{}", found.len());
    for (place, statement) in found {
        let sent = sent(&statement, &all_chosen());
        assert!(!sent.contains('$'), "{place}: {sent}");
        let reads = organisation.engine.store().reads(&sent).unwrap();
        let reads = reads.unwrap_or_else(|fault| panic!("{place}: {}\n{sent}", fault.message));
        assert_eq!(reads.tables.len() + reads.table_functions.len(), 1, "{place}: {reads:?}");
        assert!(reads.tables.iter().all(|table| TABLES.contains(&table.as_str())), "{place}: {reads:?}");
        let functions = ["metric", "metric_figure"];
        assert!(reads.table_functions.iter().all(|name| functions.contains(&name.as_str())), "{place}: {reads:?}");
    }
}

#[test]
fn the_bench_asks_what_grafana_asks_for_the_delivery_dashboard() {
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    let board = dashboards().into_iter().find(|board| board.path == "postgresql/delivery.json").unwrap();
    let is_shown = |target: &Target| !target.place.contains("Deployments");
    let targets: Vec<Target> =
        board.targets().into_iter().chain(board.annotations().into_iter().filter(is_shown)).collect();
    let mut one = all_chosen();
    one.insert("team", Chosen::Several(vec!["shop"]));
    for (team, variables) in [("*", all_chosen()), ("shop", one)] {
        let own = cairn::bench::Range { from: range().from, to: range().to };
        let asked = cairn::bench::dashboard_statements(&catalogue, own, team).unwrap();
        let sent: Vec<String> =
            targets.iter().map(|target| sent(target.json["rawSql"].as_str().unwrap(), &variables)).collect();
        assert_eq!(asked, sent);
    }
}

#[test]
fn what_is_asked_of_a_metric_the_engine_answers_with_those_figures() {
    let organisation = Organisation::shared();
    let call = Regex::new(
        r"from (metric|metric_figure)\('(.*?)', '(.*?)', '(.*?)', '(.*?)', '(.*?)', '(.*?)'(?:, '(.*?)')?\)",
    )
    .unwrap();
    let picked = Regex::new(r"^max\((\w+)\) filter \(where figure = '(\w+)'\) as \w+$").unwrap();
    let mut n_calls = 0;
    for (place, statement) in statements() {
        let sent = sent(&statement, &all_chosen());
        let Some(found) = call.captures(&sent) else {
            assert!(!sent.contains("from metric"), "{place}: {sent}");
            continue;
        };
        n_calls += 1;
        assert!(Grain::parse(&found[3]).is_ok(), "{place}");
        let question = Question {
            metric: found[2].to_owned(),
            grain: Some(found[3].to_owned()),
            by: vec![found[4].to_owned()],
            from: Some(found[5].to_owned()),
            to: Some(found[6].to_owned()),
            filters: found[7].split(';').map(str::to_owned).collect(),
        };
        let ask = question.read(chrono_tz::UTC, now()).unwrap_or_else(|error| panic!("{place}: {error}"));
        let answer = organisation.engine.answer(&ask, now()).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(!answer.rows.is_empty(), "{place}");
        let known = answer.flat().unwrap().columns;
        let is_known = |name: &str| known.iter().any(|known| known == name);
        let selected = sent.strip_prefix("select ").unwrap().split(" from ").next().unwrap();
        for column in selected.split(", ") {
            match picked.captures(column) {
                // Stages go by their names alone there.
                Some(picked) => {
                    assert_eq!(&found[1], "metric_figure", "{place}");
                    assert!(is_known(&picked[1]), "{place}: {column}");
                    assert!(is_known(&picked[2]) || is_known(&format!("{}_value", &picked[2])), "{place}: {column}");
                }
                None => assert!(is_known(column), "{place}: no column {column} in {known:?}"),
            }
        }
    }
    assert!(n_calls > 70, "{n_calls}");
}
