//! The survey's figures, against what was planted in its waves.

use analytics::{Question, Row};

use super::{full, options};
use crate::support::{engine, store_in};

/// The rows of a metric over the whole history, by wave and, where it has them, area.
fn rows(engine: &analytics::Engine, metric: &str, by: &str) -> Vec<Row> {
    let question = Question {
        metric: metric.into(),
        from: Some("2024".into()),
        grain: Some("all".into()),
        by: vec![by.into()],
        ..Question::default()
    };
    let ask = question.read(engine.options().zone, options().end).unwrap();
    engine.answer(&ask, options().end).unwrap().rows.clone()
}

/// Asserts that a figure lies within four standard errors of what was planted.
fn near(row: &Row, planted: f64, error: f64) {
    let found = row.estimate.value.unwrap();
    assert!((found - planted).abs() < 4.0 * error, "{:?}: {found} instead of {planted}", row.group);
}

#[test]
fn three_waves_show_what_was_planted_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    for wave in &full().surveys {
        cairn::demo::hold(&store, wave).unwrap();
    }
    let engine = engine(&store, "Europe/Berlin");
    let truth = &full().truth.surveys;
    assert_eq!(truth.len(), 3);
    let (overall, net) = (rows(&engine, "devex_score", "wave"), rows(&engine, "employee_nps", "wave"));
    let (response, areas) =
        (rows(&engine, "survey_response_rate", "wave"), rows(&engine, "devex_area_score", "wave,area"));
    for (place, wave) in truth.iter().enumerate() {
        assert!(wave.closed_at <= options().end);
        assert_eq!(overall[place].group[0].1.as_deref(), Some(wave.name.as_str()));
        let n = overall[place].estimate.n as f64;
        assert!(n > 100.0, "{n}");
        // Nine tosses with the probability p of a point each have the variance 9 p (1 - p).
        let p = (wave.overall_mean - 1.0) / 9.0;
        near(&overall[place], wave.overall_mean, (9.0 * p * (1.0 - p) / n).sqrt());
        let points = wave.promoters - wave.detractors;
        let spread = ((wave.promoters + wave.detractors - points * points) / n).sqrt();
        near(&net[place], 100.0 * points, 100.0 * spread);
        let share_error = |share: f64, n: f64| (share * (1.0 - share) / n).sqrt();
        let asked = response[place].estimate.n as f64;
        near(&response[place], wave.response_share, share_error(wave.response_share, asked));
        for (area, content) in &wave.areas {
            let is_it =
                |row: &&Row| row.group[0].1.as_ref() == Some(&wave.name) && row.group[1].1.as_ref() == Some(area);
            near(areas.iter().find(is_it).unwrap(), *content, share_error(*content, n));
        }
    }
}
