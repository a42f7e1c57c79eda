//! platform_availability

use analytics::Question;
use facts::Kind;

use super::told::{Told, figure, rounded};
use crate::support::{at, engine};

/// Of 172 800 seconds `ci` was down for 172.8; of 86 400 `portal` for 43.2. One row claims more than it measured.
fn told() -> Told {
    Told::of(&[(
        Kind::Availability,
        "component,from,to,up_seconds
        ci,2025-03-01T00:00:00Z,2025-03-02T00:00:00Z,86400
        ci,2025-03-02T00:00:00Z,2025-03-03T00:00:00Z,86227.2
        portal,2025-03-01T00:00:00Z,2025-03-02T00:00:00Z,86356.8
        portal,2025-03-02T00:00:00Z,2025-03-03T00:00:00Z,90000",
    )])
}

#[test]
fn components_weigh_by_the_time_that_was_measured() {
    let told = told();
    let window = "2025-03-01 2025-04-01 month";
    assert_eq!(
        told.figures("platform_availability", window, "component"),
        [figure("ci", 0.999, 2), figure("portal", 0.9995, 1)]
    );
    // 216 seconds down of 259 200.
    let answer = told.ask("platform_availability", window, "", "");
    assert_eq!(rounded(answer.rows[0].estimate.value), rounded(Some(1.0 - 216.0 / 259_200.0)));
    assert_eq!(answer.coverage.reasons["up for longer than it was measured"], 1);
    assert_eq!(told.row("platform_availability", "2025-04-01 2025-05-01", "").estimate.value, None);
}

#[test]
fn the_budget_that_is_left_is_what_the_objective_allows_less_what_was_used() {
    let told = told();
    let left = |filter| rounded(told.row("platform_availability", "2025-03-01 2025-04-01", filter).beside[0].1);
    // At 99.9 % `ci` may be down for 172.8 s, and was; `portal` for 86.4 s, and was for half of that.
    assert_eq!(left("component=ci").map(f64::abs), Some(0.0));
    assert_eq!(left("component=portal"), Some(0.5));
}

#[test]
fn a_dimension_that_it_does_not_have_is_refused_with_those_it_has() {
    let told = told();
    let engine = engine(&told.store, "UTC");
    let now = at("2026-01-01T00:00:00Z");
    let refused = |by: &str, filter: &str| {
        let question = Question {
            metric: "platform_availability".into(),
            by: vec![by.into()],
            filters: vec![filter.into()],
            ..Question::default()
        };
        engine.answer(&question.read(engine.options().zone, now).unwrap(), now).unwrap_err().to_string()
    };
    assert_eq!(refused("team", ""), "platform_availability has no dimension `team`; it has component");
    assert_eq!(refused("", "policy=x"), "platform_availability has no dimension `policy`; it has component");
    assert!(refused("", "component=portl").contains("did you mean `portal`?"));
}

#[test]
fn an_hour_that_was_told_again_and_longer_counts_once() {
    let told = Told::of(&[(
        Kind::Availability,
        "component,from,to,up_seconds
        ci,2025-03-01T00:00:00Z,2025-03-01T00:40:00Z,2400
        ci,2025-03-01T00:00:00Z,2025-03-01T01:00:00Z,2400
        ci,2025-03-01T01:00:00Z,2025-03-01T02:00:00Z,3600",
    )]);
    // Up for 6000 of 7200 seconds.
    let figures = told.figures("platform_availability", "2025-03-01 2025-04-01 month", "component");
    assert_eq!(figures, [figure("ci", rounded(Some(6_000.0 / 7_200.0)).unwrap(), 2)]);
}
