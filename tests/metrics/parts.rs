//! Where a mart is large, each core reads a part of the time. The figures are the same as when one reads all.

use analytics::{Ask, Question, Row};
use arrow::util::display::array_value_to_string;
use cairn::bench::{Organisation, Scale, fill};
use chrono::{DateTime, Utc};
use store::Store;

use crate::support::{engine, key, store_in};

/// A small organisation of the bench, and its present.
fn organisation_in(folder: &tempfile::TempDir) -> (Store, DateTime<Utc>) {
    let scale = Scale { name: "tiny", n_deployments: 400, n_services: 12, n_teams: 3, allowance: 1.0 };
    let organisation = Organisation { scale };
    let store = store_in(folder);
    fill(&store, &organisation, &key()).unwrap();
    (store, organisation.end())
}

#[test]
fn every_metric_says_the_same_whether_it_is_read_at_once_or_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let (store, now) = organisation_in(&folder);
    let (at_once, in_parts) = (engine(&store, "Europe/Berlin"), engine(&store, "Europe/Berlin").with_many_rows(0));
    let mut n_rows = 0;
    for metric in at_once.catalogue().metrics() {
        for (from, grain) in [("2023-07-03", "week"), ("2026-01-01", "day"), ("2023-01-01", "quarter")] {
            for dimension in ["", "team"].into_iter().filter(|name| name.is_empty() || metric.has_dimension(name)) {
                let question = Question {
                    metric: metric.name.clone(),
                    from: Some(from.into()),
                    to: Some("2026-06-20".into()),
                    grain: Some(grain.into()),
                    by: vec![dimension.into()],
                    filters: Vec::new(),
                };
                let ask: Ask = question.read(at_once.options().zone, now).unwrap();
                // The value of time is computed for a few buckets only, and refused in the same words.
                let (one, other) = match (at_once.answer(&ask, now), in_parts.answer(&ask, now)) {
                    (Ok(one), Ok(other)) => (one, other),
                    (one, other) => {
                        assert_eq!(one.unwrap_err().to_string(), other.unwrap_err().to_string());
                        continue;
                    }
                };
                assert_eq!(one.coverage, other.coverage, "{}", metric.name);
                assert_eq!(one.rows.len(), other.rows.len(), "{}", metric.name);
                for (one, other) in one.rows.iter().zip(&other.rows) {
                    assert_eq!(said(one), said(other), "{} by {grain} and `{dimension}`", metric.name);
                }
                n_rows += one.rows.len();
            }
        }
    }
    assert!(n_rows > 5_000, "{n_rows} rows were compared");
}

/// A row as it is compared: sums in another order differ in their last digits.
fn said(row: &Row) -> String {
    let rounded = |value: Option<f64>| value.map(|value| format!("{value:.6e}"));
    let Row { time, group, estimate, usable, relevant, is_complete, .. } = row;
    let figure = [estimate.value, estimate.low, estimate.high].map(rounded);
    let stages: Vec<_> = row.stages.iter().map(|(name, found)| (name, rounded(found.median.value))).collect();
    format!("{time} {group:?} {figure:?} n {} {usable}/{relevant} {is_complete} {stages:?}", estimate.n)
}

#[test]
fn rows_are_named_the_same_whether_they_are_read_at_once_or_in_slices_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let (store, now) = organisation_in(&folder);
    let (at_once, in_slices) = (engine(&store, "UTC"), engine(&store, "UTC").with_many_rows(0));
    let read = |engine: &analytics::Engine, metric: &str, window| {
        let metric = engine.catalogue().get(metric).unwrap();
        let columns: Vec<usize> = (0..metric.observation_columns().len()).collect();
        let mut rows = Vec::new();
        let mut take = |batch: arrow::array::RecordBatch| {
            let shown = |row| {
                let cells = batch.columns().iter();
                cells.map(|cells| array_value_to_string(cells, row).unwrap()).collect::<Vec<_>>().join("|")
            };
            rows.extend((0..batch.num_rows()).map(shown));
            std::ops::ControlFlow::Continue(())
        };
        engine.observations_while(metric, &columns, window, now, &|| false, &mut take).unwrap();
        rows.sort();
        rows
    };
    let window = analytics::Window { from: now - chrono::TimeDelta::days(200), to: now };
    for metric in ["commit_lead_time", "change_lead_time", "deployment_frequency", "time_to_restore"] {
        for window in [None, Some(window)] {
            let rows = read(&at_once, metric, window);
            assert!(!rows.is_empty(), "{metric} {window:?}");
            assert!(rows == read(&in_slices, metric, window), "{metric} {window:?}");
        }
    }
}
