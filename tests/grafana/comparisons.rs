//! What improvements did: the dashboard shows, either way, what the engine's comparisons say.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use analytics::compare::{CompareQuestion, Comparison, improvements};
use analytics::quality::Checks;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::Float64Type;
use dashboards::grafana::Way;
use dashboards::published::{Cancel, Limits, Published, Session};
use serde_json::Value;

use super::json_targets::address;
use super::organisation::{Organisation, all_chosen, now, range};
use super::shipped::{Target, dashboards};
use super::sql_targets::sent;

const METRICS: [&str; 4] =
    ["change_lead_time", "deployment_frequency", "change_fail_rate", "failed_deployment_recovery_time"];

/// What the two panels ask: of the strongest design of each, and of all.
fn panels(way: Way) -> [Target; 2] {
    let board = dashboards().into_iter().find(|board| board.way == way && board.path.ends_with("/improvements.json"));
    let targets = board.unwrap().targets();
    ["What each improvement did", "Adopters against others, before and after"].map(|title| {
        let named = targets.iter().find(|target| target.place.contains(title)).unwrap();
        Target { place: named.place.clone(), json: named.json.clone() }
    })
}

/// What the engine says, by improvement and title.
fn compared() -> BTreeMap<(String, String), Comparison> {
    let engine = &Organisation::shared().engine;
    let mut all = BTreeMap::new();
    for improvement in improvements(engine.store()).unwrap() {
        for metric in METRICS {
            let question = CompareQuestion {
                metric: metric.into(),
                improvement: improvement.name.clone(),
                ..CompareQuestion::default()
            };
            let found = engine.compare(&question, now()).unwrap();
            all.insert((improvement.name.clone(), found.title.clone()), found);
        }
    }
    assert_eq!(all.len(), 8, "two improvements, four metrics");
    all
}

/// Texts and numbers of a statement's rows, by column.
fn over_the_wire(sql: &str) -> Vec<BTreeMap<String, Value>> {
    let organisation = Organisation::shared();
    let checks = Checks::read(sql::CHECKS, organisation.engine.catalogue()).unwrap();
    let published =
        Published::new(organisation.engine.clone(), checks, sql::PUBLISHED, now, Limits::default()).unwrap();
    let session = Session { user: "grafana".into(), database: "cairn".into(), ..Session::default() };
    let plan = published.plan(sql, &[], &session, &Cancel::default()).unwrap();
    let mut rows = Vec::new();
    published
        .run(&plan, &[], &session, &Cancel::default(), &mut |batch| {
            for row in 0..batch.num_rows() {
                let cells = plan.columns.iter().zip(batch.columns()).map(|(column, cells)| {
                    let value = match (cells.as_string_opt::<i32>(), cells.as_primitive_opt::<Float64Type>()) {
                        (Some(texts), _) if texts.is_valid(row) => texts.value(row).into(),
                        (_, Some(numbers)) if numbers.is_valid(row) => numbers.value(row).into(),
                        _ => Value::Null,
                    };
                    (column.name.clone(), value)
                });
                rows.push(cells.collect());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

fn over_the_api(target: &Target) -> Vec<BTreeMap<String, Value>> {
    let (status, body) = Organisation::shared().get(&address(&target.json, &all_chosen(), range()));
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn check(strongest: &[BTreeMap<String, Value>], designs: &[BTreeMap<String, Value>]) {
    let compared = compared();
    assert_eq!(strongest.len(), compared.len());
    for row in strongest {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let found = &compared[&(text("improvement").unwrap(), text("title").unwrap())];
        assert_eq!(text("says").unwrap(), found.says);
        assert_eq!(text("verb"), found.verb.map(|verb| verb.as_str().to_owned()));
        // The sentence holds the effect and both ends, so the words beside it are the same.
        for words in ["effect", "effect_from", "effect_to"] {
            assert!(text(words).is_none_or(|words| found.says.contains(&words)), "{row:?}");
        }
    }
    // Some are told with their size; of so few teams none need be an effect.
    assert!(strongest.iter().any(|row| row["verb"].is_string() && row["effect"].is_string()), "{strongest:?}");
    assert_eq!(designs.len(), compared.values().map(|found| found.designs.len()).sum::<usize>());
    for row in designs {
        let found = &compared[&(row["improvement"].as_str().unwrap().into(), row["title"].as_str().unwrap().into())];
        let design = found.designs.iter().find(|design| row["design"] == design.design.title()).unwrap();
        let effect = design.effects.first();
        assert_eq!(row["measure"].as_str(), effect.map(|effect| effect.measure.as_str()));
        for (name, of) in [("value", effect.map(|one| one.value)), ("low", effect.map(|one| one.low))] {
            // Each engine adds its observations up in an order of its own, which the last digit may show.
            let is_near = |(shown, of): (f64, f64)| (shown - of).abs() <= 1e-9 * of.abs().max(1.0);
            assert_eq!(row[name].is_null(), of.is_none(), "{name}: {row:?}");
            assert!(row[name].as_f64().zip(of).is_none_or(is_near), "{name}: {of:?} {row:?}");
        }
    }
}

#[test]
fn over_the_wire_the_panels_show_the_engines_comparisons() {
    let [strongest, designs] = panels(Way::PostgreSql).map(|target| {
        let statement = target.json["rawSql"].as_str().unwrap().to_owned();
        over_the_wire(&sent(&statement, &all_chosen()))
    });
    check(&strongest, &designs);
}

#[test]
fn over_the_api_the_panels_show_the_engines_comparisons() {
    let [strongest, designs] = panels(Way::Infinity).map(|target| over_the_api(&target));
    check(&strongest, &designs);
}

#[test]
fn only_what_is_named_is_compared_and_a_wrong_name_is_told() {
    let rows = over_the_wire(
        "select distinct metric, improvement from comparison where metric = 'change_fail_rate' and improvement = 'Golden-path pipeline'",
    );
    assert_eq!(rows.len(), 1, "{rows:?}");
    let organisation = Organisation::shared();
    let (status, body) = organisation.get("/v1/comparisons/rows?metric=change_fail_rat");
    assert!(status == 404 && body.contains("did you mean `change_fail_rate`?"), "{body}");
    let (status, body) = organisation.get("/v1/comparisons/rows?improvement=Golden-path%20pipelin");
    assert!(status == 404 && body.contains("did you mean `Golden-path pipeline`?"), "{body}");
    let (status, body) = organisation.get("/v1/comparisons/rows?metric=change_fail_rate&format=cvs");
    assert!(status == 400 && body.contains("the formats are rows, csv"), "{body}");
    let file = organisation.get("/v1/comparisons/rows?metric=change_fail_rate&format=csv").1;
    assert!(file.starts_with("time,improvement,metric,title,design,is_strongest,verb,effect,"), "{file}");
}
