//! Rates and the time that sources told of.

use analytics::people::{Trend, trend};
use analytics::{Ask, Better, Grain, Window};
use facts::Kind;

use super::told::{Told, rows};
use crate::support::{ask, at, batch, batch_of, deployment, engine, service, store_in, write};

const METRIC: &str = "deployment_frequency";

fn blocks(ats: &[&str]) -> Told {
    let lines: Vec<String> = ats.iter().enumerate().map(|(id, at)| format!("{id},signed,{at},ci")).collect();
    Told::of(&[(Kind::PolicyBlock, &format!("id,policy,at,layer\n{}", lines.join("\n")))])
}

#[test]
fn a_rate_is_not_divided_by_days_before_the_first_fact() {
    // From Thursday 6 March on three a day: four days of the first week, then seven of the second.
    let days: Vec<String> =
        (6..17).flat_map(|day| [8, 12, 16].map(|hour| format!("2025-03-{day:02}T{hour:02}:00:00Z"))).collect();
    let told = blocks(&days.iter().map(String::as_str).collect::<Vec<_>>());
    let weeks = told.ask("policy_blocks", "2025-03-03 2025-03-17 week", "", "");
    // 12 in 4 days and 21 in 7 days.
    assert_eq!(weeks.rows.iter().map(|row| row.estimate.value).collect::<Vec<_>>(), [Some(3.0), Some(3.0)]);
    assert_eq!(weeks.rows.iter().map(|row| row.is_complete).collect::<Vec<_>>(), [false, true]);
    assert_eq!(trend(Better::Higher, &weeks.rows[0], &weeks.rows[1]), Trend::TooLittle);
    // March: 33 in the days from 6 to 16 and the three for which a source may be silent.
    let month = told.ask("policy_blocks", "2025-03-01 2025-04-01 month", "", "");
    assert_eq!((month.rows[0].estimate.value, month.rows[0].is_complete), (Some(33.0 / 14.0), false));
}

#[test]
fn a_silent_weekend_leaves_a_week_complete_and_half_a_silent_week_does_not() {
    let first = ["2025-02-24T00:00:00Z"];
    for (last, is_complete) in [("2025-03-07T16:00:00Z", true), ("2025-03-04T16:00:00Z", false)] {
        let told = blocks(&[first[0], last]);
        let weeks = told.ask("policy_blocks", "2025-02-24 2025-03-10 week", "", "");
        assert_eq!(weeks.rows.iter().map(|row| row.is_complete).collect::<Vec<_>>(), [true, is_complete], "{last}");
    }
}

#[test]
fn a_running_week_has_no_more_than_seven_days_with_deployments() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let days = ["2025-02-24T10:00:00Z", "2025-03-03T10:00:00Z", "2025-03-04T10:00:00Z", "2025-03-05T08:00:00Z"];
    let facts: Vec<_> = days.iter().map(|at| deployment(at, "shop", at)).collect();
    write(&store, &[batch(&facts)]);
    let now = at("2025-03-05T09:36:00Z");
    let running = Ask {
        metric: METRIC.into(),
        window: Window { from: at("2025-03-03T00:00:00Z"), to: now },
        grain: Grain::Week,
        by: Vec::new(),
        filters: Vec::new(),
        stages: true,
    };
    let answer = engine(&store, "UTC").answer(&running, now).unwrap();
    // On each of the three days that began; 3 in 2.4 days.
    assert_eq!(answer.rows[0].more("deployment_days_per_week"), Some(7.0));
    assert_eq!(answer.rows[0].estimate.value, Some(3.0 / 2.4));
}

#[test]
fn a_fact_in_the_far_future_does_not_make_unknown_weeks_empty_ones() {
    let told = blocks(&["2025-03-03T10:00:00Z", "2025-03-05T10:00:00Z"]);
    let values = || -> Vec<Option<f64>> {
        let weeks = told.ask("policy_blocks", "2025-03-03 2025-03-24 week", "", "");
        weeks.rows.iter().map(|row| row.estimate.value).collect()
    };
    let before = values();
    assert_eq!(before, [Some(2.0 / 6.0), None, None]);
    write(&told.store, &rows(Kind::PolicyBlock, "id,policy,at,layer\nfar,signed,2099-01-01T00:00:00Z,ci"));
    assert_eq!(values(), before);
    let weeks = ask(&engine(&told.store, "UTC"), "policy_blocks", "2025-03-03", "2025-03-24", "week", "", "");
    assert!(weeks.freshness.iter().all(|source| source.last_at == at("2025-03-05T10:00:00Z")), "{:?}", weeks.freshness);
}

#[test]
fn what_has_not_happened_yet_does_not_count_and_is_said() {
    // The present is the beginning of 2026, and nine more days were asked for.
    let told = blocks(&["2025-12-30T10:00:00Z", "2025-12-31T10:00:00Z", "2026-01-05T10:00:00Z"]);
    let answer = told.ask("policy_blocks", "2025-12-30 2026-01-10 all", "", "");
    assert_eq!((answer.rows[0].estimate.n, answer.coverage.usable, answer.coverage.relevant), (2, 2, 3));
    assert_eq!(answer.coverage.reasons["lies in the future"], 1);
}

/// The values of some weeks, and of a whole, of each group.
fn values(store: &store::Store, window: (&str, &str), grain: &str, by: &str, filter: &str) -> Vec<Option<f64>> {
    let answer = ask(&engine(store, "UTC"), METRIC, window.0, window.1, grain, by, filter);
    answer.rows.iter().map(|row| row.estimate.value).collect()
}

#[test]
fn a_source_that_told_once_long_ago_makes_no_zeros_of_the_time_between() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch_of("file", &[deployment("1", "ancient", "2025-01-08T10:00:00Z")])]);
    let live = [deployment("1", "shop", "2025-03-10T10:00:00Z"), deployment("2", "shop", "2025-03-12T10:00:00Z")];
    write(&store, &[batch_of("live", &live)]);
    let mut expected = vec![None; 10];
    // Four days of the first week: that of its one word, and the three for which a source may be silent. So six of the last.
    expected[0] = Some(1.0 / 4.0);
    expected[9] = Some(2.0 / 6.0);
    assert_eq!(values(&store, ("2025-01-06", "2025-03-17"), "week", "", ""), expected);
    // Over all of it, ten days are known.
    assert_eq!(values(&store, ("2025-01-06", "2025-03-17"), "all", "", ""), [Some(3.0 / 10.0)]);
    // Nor does it matter how much later one looks.
    assert_eq!(values(&store, ("2025-01-06", "2025-12-01"), "all", "", ""), [Some(3.0 / 10.0)]);
}

/// Two sources, of which one tells of one service for three weeks, and the other of another in the last of them.
fn one_service_each(folder: &tempfile::TempDir) -> store::Store {
    let store = store_in(folder);
    let long = [deployment("1", "ancient", "2025-02-24T10:00:00Z"), deployment("2", "ancient", "2025-03-16T10:00:00Z")];
    write(&store, &[batch_of("git", &long)]);
    let live = [deployment("1", "shop", "2025-03-10T10:00:00Z"), deployment("2", "shop", "2025-03-16T10:00:00Z")];
    write(&store, &[batch_of("live", &live)]);
    store
}

#[test]
fn what_a_source_did_not_tell_of_a_service_is_no_zero_while_another_tells_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = one_service_each(&folder);
    let owners = [
        service("ancient", "2025-01-01T00:00:00Z", "core", None),
        service("shop", "2025-01-01T00:00:00Z", "web", None),
    ];
    write(&store, &[batch_of("catalogue", &owners)]);
    let weeks = ("2025-02-24", "2025-03-17");
    // Of each week first the one, then the other.
    let expected = [Some(1.0 / 7.0), None, Some(0.0), None, Some(1.0 / 7.0), Some(2.0 / 7.0)];
    for by in ["service", "team"] {
        assert_eq!(values(&store, weeks, "week", by, ""), expected, "{by}");
        // Twenty-one days of the one, seven of the other.
        assert_eq!(values(&store, weeks, "all", by, ""), [Some(2.0 / 21.0), Some(2.0 / 7.0)], "{by}");
    }
    assert_eq!(values(&store, weeks, "week", "", "team=web"), [None, None, Some(2.0 / 7.0)]);
    assert_eq!(values(&store, weeks, "all", "", "service=shop"), [Some(2.0 / 7.0)]);
    // The team of the one has no service of the other's source: of both together nobody tells.
    assert_eq!(values(&store, weeks, "all", "", "service=shop; team=core"), [None]);
    // All of them, while any source was connected.
    assert_eq!(values(&store, weeks, "all", "", ""), [Some(4.0 / 21.0)]);
}

#[test]
fn of_those_whose_team_is_not_known_only_the_sources_that_tell_of_them_make_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let store = one_service_each(&folder);
    write(&store, &[batch_of("catalogue", &[service("ancient", "2025-01-01T00:00:00Z", "core", None)])]);
    // Of each week first those of no known team, which are the shop, then the team.
    let expected = [None, Some(1.0 / 7.0), None, Some(0.0), Some(2.0 / 7.0), Some(1.0 / 7.0)];
    assert_eq!(values(&store, ("2025-02-24", "2025-03-17"), "week", "team", ""), expected);
}
