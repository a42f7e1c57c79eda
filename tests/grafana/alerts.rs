//! The alert rules: their questions are answered, and their conditions become one truth a series.

use analytics::Catalogue;
use dashboards::grafana::Way;
use serde_json::Value;

use super::frame::Frame;
use super::interpolation::Range;
use super::json_targets::{address, frame};
use super::organisation::{Organisation, all_chosen, now};
use super::shipped::rules;

/// The numbers of a rule's query, series by series: of a table each row is a series of one.
fn series(rule: &Value) -> Vec<Vec<f64>> {
    let organisation = Organisation::shared();
    let query = &rule["data"][0];
    let back = query["relativeTimeRange"]["from"].as_i64().unwrap();
    let range = Range { from: now() - chrono::TimeDelta::seconds(back), to: now() };
    let (status, body) = organisation.get(&address(&query["model"], &all_chosen(), range));
    assert_eq!(status, 200, "{}: {body}", rule["uid"]);
    let found: Frame = frame(&query["model"], &serde_json::from_str(&body).unwrap(), rule["uid"].as_str().unwrap());
    match query["model"]["format"].as_str() {
        Some("timeseries") => {
            let wide = found.wide().unwrap();
            wide.numbers().map(|(_, cells)| cells.iter().copied().flatten().collect()).collect()
        }
        _ => found.numbers().flat_map(|(_, cells)| cells.iter().copied().flatten().map(|cell| vec![cell])).collect(),
    }
}

/// Whether a rule's condition holds for a series: B is its last number, C its mean.
fn holds(rule: &Value, numbers: &[f64]) -> bool {
    let last = *numbers.last().unwrap();
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    let condition = rule["data"].as_array().unwrap().iter().find(|step| step["refId"] == rule["condition"]).unwrap();
    let text = condition["model"]["expression"].as_str().unwrap();
    let [left, relation, right @ ..] = &text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
    let value = |text: &str| match text {
        "$B" => last,
        "$C" => mean,
        number => number.parse().unwrap(),
    };
    let right = match right {
        [one] => value(one),
        [one, "-", other] => value(one) - value(other),
        _ => panic!("{text}"),
    };
    match *relation {
        ">" => value(left) > right,
        "<" => value(left) < right,
        _ => panic!("{text}"),
    }
}

fn rule(name: &str) -> Value {
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    let all = rules(&catalogue, Way::Infinity);
    all.into_iter().find(|rule| rule["uid"].as_str().unwrap().ends_with(name)).unwrap()
}

#[test]
fn every_rule_has_series_and_names_only_steps_that_it_has() {
    let catalogue = Catalogue::read(sql::METRICS).unwrap();
    for rule in rules(&catalogue, Way::Infinity) {
        let name = rule["uid"].as_str().unwrap();
        let steps: Vec<&str> =
            rule["data"].as_array().unwrap().iter().map(|step| step["refId"].as_str().unwrap()).collect();
        assert!(steps.contains(&rule["condition"].as_str().unwrap()), "{name}");
        for step in &rule["data"].as_array().unwrap()[1..] {
            let text = step["model"]["expression"].as_str().unwrap();
            for named in text.split(['$', ' ']).filter(|word| word.len() == 1 && word.starts_with(char::is_uppercase)) {
                assert!(steps.contains(&named), "{name}: {text}");
            }
        }
        // No source of the made-up organisation need be late.
        let found = series(&rule);
        assert!(!found.is_empty() || name.ends_with("source-late"), "{name}");
        for numbers in found.iter().filter(|numbers| !numbers.is_empty()) {
            holds(&rule, numbers);
        }
    }
}

#[test]
fn rules_fire_where_they_should_and_not_before() {
    let falling = rule("compliance-falling");
    // The mean is 0.9 - 0.03 / 4 = 0.8925; the last lies 0.0225 below it, then only 0.015.
    assert!(holds(&falling, &[0.9, 0.9, 0.9, 0.87]));
    assert!(!holds(&falling, &[0.9, 0.9, 0.9, 0.88]));
    assert!(holds(&rule("error-budget-burning"), &[0.2]) && !holds(&rule("error-budget-burning"), &[0.25]));
    assert!(holds(&rule("source-late"), &[1.0]) && !holds(&rule("source-late"), &[0.0]));
    assert!(holds(&rule("quota-nearly-used"), &[0.91]) && !holds(&rule("quota-nearly-used"), &[0.9]));
}
