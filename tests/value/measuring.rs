//! Inputs that are measured: by facts, and by metrics of the engine.

use analytics::value::{Basis, Distribution, Stage, ValueReport, compute};
use chrono::{Days, NaiveDate};
use facts::{Cost, Layer, PolicyBlock, Team, TeamKind, TimeSaving};

use super::{NOW, Written, points, span, worked_example};
use crate::support::{at, batch, engine, incident, store_in, write};

/// 91 days, 13 weeks.
const WINDOW: (&str, &str) = ("2025-01-01", "2025-04-02");

fn saving(
    id: &str,
    capability: &str,
    day: &str,
    hours: f64,
    occurrences: i64,
    basis: Option<facts::Basis>,
) -> TimeSaving {
    TimeSaving {
        id: id.into(),
        capability: capability.into(),
        at: at(&format!("{day}T12:00:00Z")),
        hours,
        occurrences: Some(occurrences),
        team: None,
        basis,
        url: None,
    }
}

fn cost(team: &str, resource: &str, day: &str, amount: f64, currency: &str) -> Cost {
    Cost {
        team: team.into(),
        resource: resource.into(),
        day: day.parse().unwrap(),
        amount,
        currency: currency.into(),
        service: None,
        url: None,
    }
}

fn team(name: &str, valid_from: &str, kind: TeamKind, engineers: i64) -> Team {
    Team {
        name: name.into(),
        valid_from: Some(at(valid_from)),
        kind: Some(kind),
        engineers: Some(engineers),
        parent: None,
        url: None,
    }
}

fn report_over(batches: &[facts::Batch], written: &Written, (from, to): (&str, &str)) -> ValueReport {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, batches);
    compute(&engine(&store, "UTC"), &written.model(), None, &span(from, to), at(NOW)).unwrap()
}

fn says(report: &ValueReport, words: &[&str]) -> bool {
    report.notes.iter().any(|note| words.iter().all(|word| note.contains(word)))
}

/// A capability whose hours are those of the facts, by a basis.
fn told_by_facts(basis: &str) -> Written {
    let written = worked_example().without_capabilities();
    written.saving("templates", &format!("{basis}.hours"), "facts = \"time_saving\"")
}

#[test]
fn hours_of_facts_are_spread_over_the_weeks_of_the_window() {
    let telemetry = Some(facts::Basis::Telemetry);
    let savings = [
        saving("1", "templates", "2025-01-01", 3.0, 1_000, telemetry),
        saving("2", "templates", "2025-04-01", 1.5, 3_200, telemetry),
        // Outside of the window, of another basis, of none, and of a capability that nothing claims.
        saving("3", "templates", "2025-04-02", 9.0, 1_000, telemetry),
        // Said at noon of a day, of the time since the statement before it, which is of no hours.
        saving("3b", "templates", "2025-01-01", 0.0, 1, Some(facts::Basis::Survey)),
        saving("4", "templates", "2025-02-01", 4.0, 1_000, Some(facts::Basis::Survey)),
        saving("5", "templates", "2025-02-01", 5.0, 100, None),
        saving("6", "template", "2025-02-01", 7.0, 100, telemetry),
    ];
    let report = report_over(&[batch(&savings)], &told_by_facts("telemetry"), WINDOW);
    // (3 000 + 4 800) / 13.
    assert_eq!(points(report.bases[&Basis::Telemetry].hours), [600.0; 3]);
    assert_eq!(points(report.bases[&Basis::Telemetry].gross), [3_000_000.0; 3]);
    assert_eq!(report.bases[&Basis::Survey].gross, None);
    assert!(says(&report, &["4\u{202f}000 hours of `templates` (basis survey)", "left out"]), "{:?}", report.notes);
    assert!(says(&report, &["500 hours of `templates`", "do not say whether"]), "{:?}", report.notes);
    assert!(says(&report, &["700 hours of `template` (basis telemetry)"]), "{:?}", report.notes);
    assert!(says(&report, &["capability.templates.telemetry.hours rests on 2 only"]), "{:?}", report.notes);
}

#[test]
fn what_tools_told_of_before_and_not_in_the_window_is_none_and_what_people_did_not_tell_is_unknown() {
    let told = |basis| {
        [
            saving("1", "templates", "2024-12-01", 3.0, 1_000, basis),
            saving("2", "portal", "2025-04-01", 3.0, 1_000, basis),
        ]
    };
    let report = report_over(&[batch(&told(Some(facts::Basis::Telemetry)))], &told_by_facts("telemetry"), WINDOW);
    assert_eq!(points(report.bases[&Basis::Telemetry].hours), [0.0; 3]);
    let report = report_over(&[batch(&told(Some(facts::Basis::Survey)))], &told_by_facts("survey"), WINDOW);
    assert_eq!(report.bases[&Basis::Survey].hours, None);
    // Told of only after the window's begin: whether there was any before is not known.
    let later = [saving("2", "portal", "2025-04-01", 3.0, 1_000, Some(facts::Basis::Telemetry))];
    let report = report_over(&[batch(&later)], &told_by_facts("telemetry"), WINDOW);
    assert_eq!(report.bases[&Basis::Telemetry].hours, None);
}

#[test]
fn a_factor_corrects_what_people_say() {
    let survey = Some(facts::Basis::Survey);
    let savings = [
        saving("1", "templates", "2025-02-01", 0.0, 1, survey),
        saving("2", "templates", "2025-03-01", 4.0, 1_300, survey),
    ];
    let written = told_by_facts("survey").saving("templates", "survey.factor", "min = 0.5\nmax = 0.7");
    let report = report_over(&[batch(&savings)], &written, WINDOW);
    // Of 60 of the 91 days people spoke, to the first of March: 5 200 / 60 x 7 = 606.67 hours a week, times 0.52, 0.6, 0.68.
    super::assert_near(points(report.bases[&Basis::Survey].hours), [315.4667, 364.0, 412.5333], 1e-3);
    assert!(
        says(&report, &["people spoke of 60 of the 91 days of the window, 2025-03-01 the last"]),
        "{:?}",
        report.notes
    );
}

#[test]
fn a_day_that_reaches_into_the_window_says_nothing_of_the_window() {
    let survey = Some(facts::Basis::Survey);
    let savings = [
        saving("1", "templates", "2025-01-01", 4.0, 1_300, survey),
        saving("2", "templates", "2024-12-01", 0.0, 1, survey),
    ];
    let report = report_over(&[batch(&savings)], &told_by_facts("survey"), WINDOW);
    assert_eq!(report.bases[&Basis::Survey].hours, None);
    assert!(says(&report, &["people spoke of 1 of the 91 days", "too little"]), "{:?}", report.notes);
}

#[test]
fn teams_that_say_their_number_late_are_taken_to_have_been_so_before_and_that_is_said() {
    let teams = [team("web", "2025-03-01T00:00:00Z", TeamKind::Product, 200)];
    let written = worked_example().figure("engineers", "facts = \"team\"");
    let report = report_over(&[batch(&teams)], &written, WINDOW);
    let remark = report.inputs["engineers"].remark.clone().unwrap_or_default();
    assert!(remark.contains("told from 2025-03-01 on, and taken to have been so before"), "{remark}");
    let before = report_over(&[batch(&teams)], &written, ("2025-03-02", "2025-04-02"));
    let remark = before.inputs["engineers"].remark.clone().unwrap_or_default();
    assert!(!remark.is_empty() && !remark.contains("told from"), "{remark}");
}

#[test]
fn what_people_say_is_of_the_time_before_they_say_it_wherever_the_window_is_cut() {
    let said = |id: &str, team: &str, at_time: &str, hours: f64| TimeSaving {
        at: at(at_time),
        team: Some(team.into()),
        ..saving(id, "templates", "2025-01-01", hours, 1, Some(facts::Basis::Survey))
    };
    let savings = [
        // 92 days before their first statement, then the 40 days from it to the second.
        said("1", "shop", "2025-04-03T00:00:00Z", 920.0),
        said("2", "shop", "2025-05-13T00:00:00Z", 40.0),
        // Two people of another team at one instant: both speak for the same 92 days.
        said("3", "cart", "2025-04-03T00:00:00Z", 46.0),
        said("4", "cart", "2025-04-03T00:00:00Z", 46.0),
    ];
    let weekly = |from: &str, to: &str| {
        let report = report_over(&[batch(&savings)], &told_by_facts("survey"), (from, to));
        report.bases[&Basis::Survey].hours.map(|hours| hours.p50)
    };
    let hours = |from: &str, to: &str, n_days: f64| weekly(from, to).map(|hours| (hours * n_days / 7.0).round());
    // The quarter from January 1 to April 3, its two halves of 46 days, and a part of both periods of one team.
    assert_eq!(hours("2025-01-01", "2025-04-03", 92.0), Some(1_012.0));
    assert_eq!(hours("2025-01-01", "2025-02-16", 46.0), Some(506.0));
    assert_eq!(hours("2025-02-16", "2025-04-03", 46.0), Some(506.0));
    // 10 days of 11 hours, then 20 of 1.
    assert_eq!(hours("2025-03-24", "2025-04-23", 30.0), Some(130.0));
    // Of the time before, and of that since the last statement, nothing was said.
    assert_eq!(weekly("2024-12-01", "2025-01-01"), None);
    assert_eq!(weekly("2025-05-13", "2025-06-01"), None);
}

#[test]
fn without_data_nothing_is_known_which_is_not_zero_and_the_way_out_is_said() {
    let report = report_over(&[], &told_by_facts("telemetry").figure("engineers", "facts = \"team\""), WINDOW);
    let figures = &report.bases[&Basis::Telemetry];
    assert_eq!((figures.hours, figures.gross, figures.net), (None, None, None));
    assert_eq!(figures.chance_net_above_zero, None);
    assert_eq!(points(figures.platform_cost), [600_000.0; 3], "what is written is known all the same");
    assert!(figures.missing.contains(&"engineers".to_owned()), "{:?}", figures.missing);
    assert!(says(&report, &["engineers is not known", "cairn import team"]), "{:?}", report.notes);
    assert!(
        says(&report, &["templates.telemetry.hours is not known", "cairn import time_saving"]),
        "{:?}",
        report.notes
    );
}

#[test]
fn one_unknown_capability_takes_nothing_from_the_others_and_is_named() {
    let written = told_by_facts("telemetry").saving("portal", "telemetry.hours", "value = 40");
    let report = report_over(&[], &written, WINDOW);
    let figures = &report.bases[&Basis::Telemetry];
    assert_eq!(points(figures.hours), [40.0; 3]);
    assert_eq!(figures.missing, ["capability.templates.telemetry.hours"]);
    assert_eq!(report.capabilities.iter().find(|one| one.name == "templates").unwrap().telemetry, None);
}

#[test]
fn engineers_are_counted_as_long_as_they_were_there() {
    let teams = [
        team("shop", "2024-06-01T00:00:00Z", TeamKind::Product, 10),
        // 10 engineers for 49 of the 91 days, then 23 for 42: 16 on average.
        team("shop", "2025-02-19T00:00:00Z", TeamKind::Product, 23),
        // Known from the middle on, and counted from the begin: nothing better is known.
        team("cart", "2025-03-01T00:00:00Z", TeamKind::Product, 4),
        team("tools", "2024-01-01T00:00:00Z", TeamKind::Platform, 5),
    ];
    let written =
        worked_example().figure("engineers", "facts = \"team\"").figure("platform.engineers", "facts = \"team\"");
    let report = report_over(&[batch(&teams)], &written, WINDOW);
    let value = |name: &str| match report.inputs[name].distribution {
        Some(Distribution::Fixed { value }) => value,
        other => panic!("{other:?}"),
    };
    assert!((value("engineers") - 20.0).abs() < 1e-9, "{}", value("engineers"));
    assert_eq!(value("platform.engineers"), 5.0);
}

#[test]
fn costs_of_platform_teams_are_taken_at_the_rate_of_a_year_and_other_currencies_are_left_out() {
    let teams = [
        team("tools", "2024-01-01T00:00:00Z", TeamKind::Platform, 5),
        team("shop", "2024-01-01T00:00:00Z", TeamKind::Product, 10),
    ];
    let costs = [
        cost("tools", "compute", "2025-01-01", 5_000.0, "USD"),
        cost("tools", "compute", "2025-04-01", 4_100.0, "USD"),
        cost("tools", "compute", "2025-04-02", 9_999.0, "USD"),
        cost("tools", "compute", "2025-02-01", 700.0, "EUR"),
        cost("tools", "licences", "2025-02-01", 9_999.0, "USD"),
        cost("shop", "compute", "2025-02-01", 9_999.0, "USD"),
    ];
    let batches = [batch(&teams), batch(&costs)];
    let infrastructure = |keys: &str| worked_example().figure("platform.infrastructure", keys);
    let report = report_over(&batches, &infrastructure("facts = \"cost\"\nresources = [\"compute\"]"), WINDOW);
    // 9 100 in 91 days are 36 500 in 365, beside 600 000 for three engineers.
    assert_eq!(points(report.bases[&Basis::Telemetry].platform_cost), [636_500.0; 3]);
    assert!(says(&report, &["left out: EUR 700", "the model is in USD"]), "{:?}", report.notes);
    let named = report_over(&batches, &infrastructure("facts = \"cost\"\nteams = [\"shop\"]"), WINDOW);
    assert_eq!(points(named.bases[&Basis::Telemetry].platform_cost), [600_000.0 + 9_999.0 * 365.0 / 91.0; 3]);

    let in_pounds = infrastructure("facts = \"cost\"").top("currency = \"GBP\"");
    let report = report_over(&batches, &in_pounds, WINDOW);
    let figures = &report.bases[&Basis::Telemetry];
    assert_eq!((figures.platform_cost, figures.net), (None, None), "a cost that is not known is not 0");
    assert!(figures.gross.is_some());
    assert_eq!(figures.missing, ["platform.infrastructure"]);
}

#[test]
fn costs_told_by_the_month_are_spread_over_its_days() {
    let teams = [team("tools", "2024-01-01T00:00:00Z", TeamKind::Platform, 5)];
    let months = ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"];
    let monthly =
        months.map(|day| cost("tools", "compute", day, if day == "2025-02-01" { 2_800.0 } else { 3_100.0 }, "USD"));
    let daily = ["2025-02-10", "2025-02-11", "2025-02-12"].map(|day| cost("tools", "storage", day, 70.0, "USD"));
    let written = worked_example().figure("platform.infrastructure", "facts = \"cost\"");
    // Two weeks of February at 100 a day, and three days of 70, at the rate of a year; then 7 days of each of two months.
    for (window, cost) in [(("2025-02-05", "2025-02-19"), 1_400.0 + 210.0), (("2025-02-22", "2025-03-08"), 1_400.0)] {
        let report = report_over(&[batch(&teams), batch(&monthly), batch(&daily)], &written, window);
        let found = points(report.bases[&Basis::Telemetry].platform_cost);
        super::assert_near(found, [600_000.0 + cost * 365.0 / 14.0; 3], 1e-9);
    }
}

#[test]
fn violations_are_counted_once_each_in_the_window() {
    let block = |number: u32, day: &str| PolicyBlock {
        id: number.to_string(),
        policy: "signed-images".into(),
        at: at(&format!("{day}T12:00:00Z")),
        layer: Layer::Ci,
        service: None,
        team: None,
        severity: None,
        url: None,
    };
    let first: NaiveDate = "2025-01-01".parse().unwrap();
    let mut blocks: Vec<PolicyBlock> =
        (0..15).map(|number| block(number, &(first + Days::new(number.into())).to_string())).collect();
    blocks.push(block(99, "2025-04-02"));
    let written = worked_example()
        .figure("incidents.blocked", "facts = \"policy_block\"")
        .figure("incidents.share", "value = 1")
        .figure("incidents.hours", "value = 20");
    // Sent again, they are the same facts.
    let report = report_over(&[batch(&blocks), batch(&blocks)], &written, WINDOW);
    assert_eq!(points(report.incidents.unwrap().hours), [300.0; 3]);
    let report = report_over(&[], &written, WINDOW);
    assert_eq!(report.incidents.as_ref().unwrap().hours, None, "without a source the number is not known");
}

#[test]
fn occurrences_and_durations_are_asked_of_metrics() {
    // Two weeks of incidents that last two hours, then two weeks of such that last half an hour, two each day.
    let begin: NaiveDate = "2025-01-06".parse().unwrap();
    let incidents: Vec<facts::Incident> = (0..56)
        .map(|number| {
            let (day, hour) = (begin + Days::new(number / 2), 8 + 4 * (number % 2));
            let end = if number < 28 { format!("{}:00:00", hour + 2) } else { format!("{hour:02}:30:00") };
            let (opened, resolved) = (format!("{day}T{hour:02}:00:00Z"), format!("{day}T{end:0>8}Z"));
            incident(&number.to_string(), Some("shop"), &opened, Some(&resolved), None)
        })
        .collect();
    let metric = "metric = \"time_to_restore\"";
    let written = worked_example()
        .without_capabilities()
        .saving("restoring", "telemetry.occurrences", metric)
        .saving("restoring", "telemetry.baseline", &format!("{metric}\nfrom = \"2025-01-06\"\nto = \"2025-01-20\""))
        .saving("restoring", "telemetry.observed", metric)
        .saving("restoring", "telemetry.active_share", "value = 0.5");
    let report = report_over(&[batch(&incidents)], &written, ("2025-01-20", "2025-02-03"));
    // 14 a week x (2 h - 0.5 h) x 0.5.
    assert_eq!(points(report.bases[&Basis::Telemetry].hours), [10.5; 3]);
    let occurrences = &report.inputs["capability.restoring.telemetry.occurrences"];
    assert_eq!((occurrences.n, occurrences.distribution), (Some(28), Some(Distribution::Fixed { value: 14.0 })));
}

#[test]
fn a_measured_median_brings_its_interval() {
    // 20 incidents of 1 to 20 hours: the interval of the median goes from the 6th to the 15th of them.
    let incidents: Vec<facts::Incident> = (1..=20)
        .map(|hours| {
            let opened = at("2025-01-06T00:00:00Z");
            let resolved = (opened + chrono::TimeDelta::hours(hours)).to_rfc3339();
            incident(&hours.to_string(), None, "2025-01-06T00:00:00Z", Some(&resolved), None)
        })
        .collect();
    let metric = "metric = \"time_to_restore\"";
    let written = worked_example()
        .saving("restoring", "telemetry.occurrences", metric)
        .saving("restoring", "telemetry.baseline", "value = 100")
        .saving("restoring", "telemetry.observed", metric);
    let report = report_over(&[batch(&incidents)], &written, WINDOW);
    let observed = report.inputs["capability.restoring.telemetry.observed"].distribution.unwrap();
    assert!(matches!(observed, Distribution::LogNormal { .. }), "{observed:?}");
    assert!(observed.quantile(0.5) >= 10.0 && observed.quantile(0.5) <= 11.0, "{observed:?}");
    assert!(observed.quantile(0.025) < observed.quantile(0.5) && observed.quantile(0.975) > observed.quantile(0.5));
}

#[test]
fn metrics_that_do_not_fit_are_refused_and_names_that_the_data_lacks_are_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let engine = engine(&store, "UTC");
    let ask = |occurrences: &str, observed: &str| {
        let written = worked_example()
            .saving("x", "telemetry.occurrences", occurrences)
            .saving("x", "telemetry.baseline", "value = 1")
            .saving("x", "telemetry.observed", observed);
        compute(&engine, &written.model(), None, &span(WINDOW.0, WINDOW.1), at(NOW))
    };
    let refused = |occurrences: &str, observed: &str| ask(occurrences, observed).unwrap_err().to_string();
    let restore = "metric = \"time_to_restore\"";
    let unknown = refused("metric = \"time_to_restor\"", restore);
    assert!(unknown.contains("did you mean `time_to_restore`?"), "{unknown}");
    let state = refused("metric = \"undeployed_changes\"", restore);
    assert!(state.contains("needs a metric of events") || state.contains("occurrences need"), "{state}");
    let no_duration = refused(restore, "metric = \"deployment_frequency\"");
    assert!(no_duration.contains("needs a metric of durations"), "{no_duration}");
    let dimension = refused("metric = \"time_to_restore\"\nwhere = [\"teem=x\"]", restore);
    assert!(dimension.contains("did you mean `team`?"), "{dimension}");
    let report = ask("metric = \"time_to_restore\"\nwhere = [\"team=nobody\"]", restore).unwrap();
    assert!(
        says(&report, &["x.telemetry.occurrences is not known", "there is no team `nobody`"]),
        "{:?}",
        report.notes
    );
}

#[test]
fn a_window_longer_than_what_was_told_is_said_and_one_beyond_the_present_refused() {
    let telemetry = Some(facts::Basis::Telemetry);
    let savings = [saving("1", "templates", "2025-03-20", 3.0, 1_000, telemetry)];
    let written = told_by_facts("telemetry");
    let report = report_over(&[batch(&savings)], &written, WINDOW);
    assert!(
        says(&report, &["time_saving facts are told from 2025-03-20 to 2025-03-20 only", "too low"]),
        "{:?}",
        report.notes
    );
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&store_in(&folder), "UTC");
    let later = compute(&engine, &written.model(), None, &span("2025-12-01", "2026-02-01"), at(NOW)).unwrap_err();
    assert!(later.to_string().contains("ends after the present"), "{later}");
}

#[test]
fn old_inputs_are_said() {
    let report = report_over(
        &[],
        &worked_example().bare("recapture", &format!("value = 1\n{}", super::SAID.replace("2025-12-01", "2023-12-01"))),
        WINDOW,
    );
    assert!(says(&report, &["recapture is of 2023-12-01, more than a year before"]), "{:?}", report.notes);
}

#[test]
fn the_stage_chooses_the_headline() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&[crate::support::deployment("1", "shop", "2025-02-01T00:00:00Z")])]);
    let engine = engine(&store, "UTC");
    let headline = |stage| {
        let report = compute(&engine, &worked_example().model(), Some(stage), &span(WINDOW.0, WINDOW.1), at(NOW));
        report.unwrap().stage.unwrap().headline
    };
    let growing = headline(Stage::Growing);
    let frequency = growing.iter().find(|figure| figure.metric == "deployment_frequency").unwrap();
    // Of the 91 days from 1 January that of the one deployment is known, and the three for which a source may be silent.
    assert_eq!((frequency.n, frequency.value), (1, Some(1.0 / 4.0)));
    let of = |stage: Stage| stage.headline().to_vec();
    assert!(of(Stage::Early).contains(&"time_to_first_deployment") && of(Stage::Early).contains(&"template_adoption"));
    assert!(of(Stage::Mature).contains(&"policy_compliance") && !of(Stage::Mature).contains(&"template_adoption"));
    assert!(headline(Stage::Mature).iter().all(|figure| of(Stage::Mature).contains(&figure.metric.as_str())));
}
