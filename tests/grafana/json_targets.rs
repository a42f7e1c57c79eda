//! Everything that the shipped dashboards ask over the JSON API is answered: rows, of the right types, in the order of time, and
//! with the engine's figures, which are those of `cairn metrics`.

use std::collections::{BTreeMap, BTreeSet};

use analytics::{Question, Row};
use dashboards::grafana::Way;
use serde_json::Value;

use super::frame::{Cells, Column, Frame};
use super::interpolation::{Chosen, Range, Variables, interpolate};
use super::organisation::{Organisation, all_chosen, now, range};
use super::shipped::{Shipped, dashboards};

fn shipped() -> Vec<Shipped> {
    dashboards().into_iter().filter(|board| board.way == Way::Infinity).collect()
}

/// The parameters of a request, filled in.
pub fn parameters(target: &Value, variables: &Variables, range: Range) -> Vec<(String, String)> {
    let list = target["url_options"]["params"].as_array().unwrap().iter();
    list.map(|pair| {
        (pair["key"].as_str().unwrap().to_owned(), interpolate(pair["value"].as_str().unwrap(), variables, range))
    })
    .collect()
}

/// Where a target asks.
pub fn address(target: &Value, variables: &Variables, range: Range) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters(target, variables, range));
    format!("{}?{}", target["url"].as_str().unwrap(), query.finish())
}

/// The frame that the data source makes of an answer, before long becomes wide. Panics where a cell is not of its column's type.
pub fn frame(target: &Value, answer: &Value, place: &str) -> Frame {
    let root = target["root_selector"].as_str().unwrap();
    let rows = if root.is_empty() { answer } else { &answer[root] };
    let rows = rows.as_array().unwrap_or_else(|| panic!("{place}: no rows at `{root}` of {answer}"));
    let column = |wanted: &Value| {
        let selector = wanted["selector"].as_str().unwrap();
        let cells = rows.iter().map(|row| {
            let cell = row.get(selector);
            cell.unwrap_or_else(|| panic!("{place}: no `{selector}` in {row}"))
        });
        let wrong = |cell: &Value| -> ! { panic!("{place}: `{selector}` holds {cell}") };
        let cells = match wanted["type"].as_str().unwrap() {
            "timestamp" => Cells::Time(
                cells
                    .map(|cell| match cell {
                        Value::Null => None,
                        Value::String(text) => Some(text.parse().unwrap_or_else(|_| wrong(cell))),
                        _ => wrong(cell),
                    })
                    .collect(),
            ),
            "number" => Cells::Number(
                cells
                    .map(|cell| match cell {
                        Value::Null => None,
                        Value::Number(number) => number.as_f64(),
                        _ => wrong(cell),
                    })
                    .collect(),
            ),
            _ => Cells::Text(
                cells
                    .map(|cell| match cell {
                        Value::Null => None,
                        Value::String(text) => Some(text.clone()),
                        _ => wrong(cell),
                    })
                    .collect(),
            ),
        };
        Column { name: wanted["text"].as_str().unwrap().to_owned(), labels: BTreeMap::new(), cells }
    };
    Frame { columns: target["columns"].as_array().unwrap().iter().map(column).collect() }
}

fn answered(organisation: &Organisation, target: &Value, variables: &Variables, place: &str) -> Frame {
    let (status, body) = organisation.get(&address(target, variables, range()));
    assert_eq!(status, 200, "{place}: {body}");
    frame(target, &serde_json::from_str(&body).unwrap(), place)
}

/// The figure of a row by its name in flat rows.
fn figure(row: &Row, name: &str) -> Option<f64> {
    if let Some(stage) = name.strip_suffix("_value") {
        let (_, found) = row.stages.iter().find(|(known, _)| known == stage).unwrap();
        return found.median.value;
    }
    match name {
        "value" => row.estimate.value,
        "low" => row.estimate.low,
        "high" => row.estimate.high,
        "n" => Some(row.estimate.n as f64),
        "coverage" => row.coverage(),
        other => row.more(other).or_else(|| row.beside(other)),
    }
}

/// What the engine itself answers to a target's question.
fn expected(organisation: &Organisation, target: &Value, variables: &Variables) -> Vec<Row> {
    let asked: BTreeMap<String, String> = parameters(target, variables, range()).into_iter().collect();
    let question = Question {
        metric: target["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
        from: asked.get("from").cloned(),
        to: asked.get("to").cloned(),
        grain: asked.get("grain").cloned(),
        by: asked.get("by").cloned().into_iter().collect(),
        filters: asked.get("where").map(|text| text.split(';').map(str::to_owned).collect()).unwrap_or_default(),
    };
    let ask = question.read(chrono_tz::UTC, now()).unwrap();
    let answer = organisation.engine.answer(&ask, now()).unwrap();
    let is_wanted = |row: &&Row| asked.get("buckets").is_none_or(|buckets| buckets == "all") || row.is_complete;
    answer.rows.iter().filter(is_wanted).cloned().collect()
}

/// The same figure, but for the last digits: sums of fractions are added on several cores, and numbers read from text.
fn near(found: Option<f64>, figure: Option<f64>) -> bool {
    match (found, figure) {
        (Some(found), Some(figure)) => (found - figure).abs() <= 1e-9 * figure.abs(),
        (found, figure) => found == figure,
    }
}

#[test]
fn every_panel_has_rows_with_the_engines_figures_in_the_order_of_time() {
    let organisation = Organisation::shared();
    let variables = all_chosen();
    let mut n_targets = 0;
    for target in shipped().iter().flat_map(Shipped::targets) {
        let place = &target.place;
        n_targets += 1;
        let found = answered(organisation, &target.json, &variables, place);
        assert!(found.n_rows() > 0, "{place} has no rows");
        if target.json["format"] == "timeseries" {
            let wide = found.wide().unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(wide.times().unwrap().windows(2).all(|pair| pair[0] < pair[1]), "{place}");
        }
        let mut figures = found.numbers().flat_map(|(_, cells)| cells);
        let is_text_only = found.numbers().next().is_none();
        // Of so small an organisation fewer people began than a figure may rest on.
        let is_withheld = target.json["url"].as_str().is_some_and(|url| url.ends_with("/time_to_first_deployment"));
        assert!(is_withheld || is_text_only || figures.any(|figure| figure.is_some()), "{place} shows nothing");
        let path = target.json["url"].as_str().unwrap();
        if path.starts_with("/v1/metrics/") && !path.ends_with("/observations") {
            let rows = expected(organisation, &target.json, &variables);
            assert_eq!(found.n_rows(), rows.len(), "{place}");
            for (column, cells) in found.numbers() {
                let figures: Vec<Option<f64>> = rows.iter().map(|row| figure(row, &column.name)).collect();
                let is_same = cells.iter().zip(&figures).all(|(found, figure)| near(*found, *figure));
                assert!(is_same, "{place}: {} is {cells:?}, and the engine says {figures:?}", column.name);
            }
        }
    }
    assert!(n_targets > 80, "{n_targets}");
}

#[test]
fn panels_follow_the_chosen_team() {
    let organisation = Organisation::shared();
    let mut variables = all_chosen();
    variables.insert("team", Chosen::Several(vec![organisation.team.as_str().to_owned().leak()]));
    variables.insert("grain", Chosen::One("month"));
    for target in shipped().iter().flat_map(Shipped::targets) {
        let place = &target.place;
        let found = answered(organisation, &target.json, &variables, place);
        for column in found.columns.iter().filter(|column| column.name == "team") {
            let Cells::Text(names) = &column.cells else { panic!("{place}: a team is a text") };
            assert!(names.iter().flatten().all(|name| *name == organisation.team), "{place}: {names:?}");
        }
    }
}

#[test]
fn annotations_and_variables_are_answered_in_grafanas_words() {
    let organisation = Organisation::shared();
    let variables = all_chosen();
    for board in shipped() {
        for target in board.annotations() {
            let found = answered(organisation, &target.json, &variables, &target.place);
            assert!(found.n_rows() > 0, "{}", target.place);
            assert!(found.times().unwrap().iter().all(Option::is_some), "{}", target.place);
            // The latest first, so that where there are too many the oldest are left out.
            assert!(found.times().unwrap().windows(2).all(|pair| pair[0] >= pair[1]), "{}", target.place);
            let names: BTreeSet<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!(names, BTreeSet::from(["time", "timeEnd", "title", "text", "tags"]));
        }
        for name in ["team", "service", "environment"] {
            let variable = board.variable(name);
            assert_eq!((&variable["refresh"], &variable["allValue"]), (&2.into(), &"*".into()));
            let query = &variable["query"]["infinityQuery"];
            let found = answered(organisation, query, &variables, name);
            assert!(found.n_rows() > 0, "{}: no {name}", board.path);
        }
        let grains = board.variable("grain")["query"].as_str().unwrap();
        for grain in grains.split(',') {
            assert!(analytics::Grain::parse(grain).is_ok());
        }
    }
}
