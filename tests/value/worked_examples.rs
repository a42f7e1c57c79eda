//! The examples that every such model must reproduce, to the last digit.

use super::{points, worked_example};

#[test]
fn two_hundred_engineers_with_three_hours_are_fifteen_engineers_and_three_million_gross() {
    let figures = worked_example().telemetry();
    assert_eq!(points(figures.hours), [600.0; 3]);
    assert_eq!(points(figures.engineers_equivalent), [15.0; 3]);
    assert_eq!(points(figures.gross), [3_000_000.0; 3]);
}

#[test]
fn three_and_four_platform_engineers_leave_two_point_four_and_two_point_two_million() {
    let three = worked_example().telemetry();
    assert_eq!(points(three.platform_cost), [600_000.0; 3]);
    assert_eq!(points(three.net), [2_400_000.0; 3]);
    let four = worked_example().figure("platform.engineers", "value = 4").telemetry();
    assert_eq!(points(four.platform_cost), [800_000.0; 3]);
    assert_eq!(points(four.net), [2_200_000.0; 3]);
    assert_eq!(four.chance_net_above_zero, Some(1.0));
}

#[test]
fn the_other_denominator_gives_two_point_six_five_million_and_says_which_it_is() {
    let report = worked_example().top("currency = \"USD\"\ndenominator = \"paid_hours\"").report();
    assert!(report.denominator_in_words.starts_with("paid hours:"), "{}", report.denominator_in_words);
    let figures = &report.bases[&analytics::value::Basis::Telemetry];
    // 600 h x 46 weeks x 200 000 / 2 080 h = 5 520 000 000 / 2 080.
    let expected = 5_520_000_000.0 / 2_080.0;
    assert!(points(figures.gross).iter().all(|gross| (gross - expected).abs() < 1e-6), "{:?}", figures.gross);
    assert_eq!((expected / 10_000.0).round(), 265.0);
    assert_eq!(figures.engineers_equivalent, None, "whole engineers are a share of the working week");
    let other = worked_example().report();
    assert!(other.denominator_in_words.starts_with("share of the working week:"), "{}", other.denominator_in_words);
}

#[test]
fn fifteen_blocked_violations_are_three_hundred_hours_once_and_in_no_other_figure() {
    let without = worked_example().report();
    let with = worked_example()
        .figure("incidents.blocked", "value = 15")
        .figure("incidents.share", "value = 1")
        .figure("incidents.hours", "value = 20")
        .report();
    assert_eq!(points(with.incidents.as_ref().unwrap().hours), [300.0; 3]);
    assert_eq!(with.bases, without.bases);
    assert_eq!(without.incidents, None);
}

#[test]
fn what_tools_tell_and_what_people_tell_stand_side_by_side() {
    let report = worked_example().saving("platform", "survey.hours_per_engineer_week", "value = 4").report();
    let gross = |basis| points(report.bases[&basis].gross);
    assert_eq!(gross(analytics::value::Basis::Telemetry), [3_000_000.0; 3]);
    // 200 x 4 / 40 x 200 000.
    assert_eq!(gross(analytics::value::Basis::Survey), [4_000_000.0; 3]);
    assert_eq!(points(report.capabilities[0].survey), [800.0; 3]);
}

#[test]
fn nobody_saves_more_hours_than_the_cap_allows() {
    // 200 x (4 + 6) = 2 000 hours claimed, 200 x 5 = 1 000 allowed: 25 engineers, 5 million.
    let figures = worked_example()
        .saving("platform", "telemetry.hours_per_engineer_week", "value = 4")
        .saving("portal", "telemetry.hours_per_engineer_week", "value = 6")
        .telemetry();
    assert_eq!(points(figures.hours_claimed), [2_000.0; 3]);
    assert_eq!(points(figures.hours), [1_000.0; 3]);
    assert_eq!(figures.share_capped, Some(1.0));
    assert_eq!(points(figures.gross), [5_000_000.0; 3]);
}

#[test]
fn a_loss_of_time_is_kept_and_lost_whole() {
    let report = worked_example()
        .figure("recapture", "value = 0.5")
        .saving("portal", "telemetry.occurrences", "value = 100")
        .saving("portal", "telemetry.baseline", "value = 1")
        .saving("portal", "telemetry.observed", "value = 3")
        .report();
    let portal = report.capabilities.iter().find(|capability| capability.name == "portal").unwrap();
    // 100 x (1 - 3).
    assert_eq!(points(portal.telemetry), [-200.0; 3]);
    let figures = &report.bases[&analytics::value::Basis::Telemetry];
    assert_eq!(points(figures.hours), [400.0; 3]);
    assert_eq!(points(figures.gross), [2_000_000.0; 3]);
    // Of the 600 hours freed half become useful; the 200 lost are lost: (300 - 200) / 40 x 200 000.
    assert_eq!(points(figures.after_recapture), [500_000.0; 3]);
    // Less three engineers: below zero, and shown so.
    assert_eq!(points(figures.net), [-100_000.0; 3]);
    assert_eq!(figures.chance_net_above_zero, Some(0.0));
}

#[test]
fn attribution_and_recapture_multiply_and_a_capability_may_have_its_own_attribution() {
    let figures = worked_example()
        .figure("attribution", "value = 0.8")
        .figure("recapture", "value = 0.5")
        .saving("portal", "telemetry.hours", "value = 200")
        .saving("portal", "attribution", "value = 0.2")
        .telemetry();
    // 5 000 for an hour each week: 600 x 0.8 + 200 x 0.2 = 520 hours; half of them.
    assert_eq!(points(figures.gross), [4_000_000.0; 3]);
    super::assert_near(points(figures.after_attribution), [2_600_000.0; 3], 1e-12);
    super::assert_near(points(figures.after_recapture), [1_300_000.0; 3], 1e-12);
}

#[test]
fn licences_infrastructure_and_a_migration_spread_over_years_are_netted() {
    let figures = worked_example()
        .bare("platform", "migration_years = 3\n")
        .figure("platform.licences", "value = 50000")
        .figure("platform.infrastructure", "value = 70000")
        .figure("platform.migration", "value = 300000")
        .figure("platform.engineer_cost", "value = 150000")
        .telemetry();
    // 3 x 150 000 + 50 000 + 70 000 + 300 000 / 3.
    assert_eq!(points(figures.platform_cost), [670_000.0; 3]);
    assert_eq!(points(figures.net), [2_330_000.0; 3]);
}
