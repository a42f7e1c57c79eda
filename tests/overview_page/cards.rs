//! The cards of the overview: figures, intervals, trends, and the ways on.

use super::site::{EVERY_OTHER_DAY, Site, WEEKLY_BEFORE, deployments, links, text};
use crate::support::{batch, change, deployed, deployment, incident};

/// Fourteen deployments in four weeks, the first of which failed; some deployments in the four weeks before.
fn site(before: &[&str]) -> Site {
    over(&[deployments("checkout", before), deployments("checkout", &EVERY_OTHER_DAY)].concat())
}

/// The same with one deployment more, so early that all of the four weeks before is known.
fn long_known(before: &[&str]) -> Site {
    let earlier = vec![deployment("earlier", "checkout", "2025-12-30T12:00:00Z")];
    over(&[earlier, deployments("checkout", before), deployments("checkout", &EVERY_OTHER_DAY)].concat())
}

fn over(all: &[facts::Deployment]) -> Site {
    let failure = incident(
        "outage",
        Some("checkout"),
        "2026-02-02T13:00:00Z",
        Some("2026-02-02T16:00:00Z"),
        Some("checkout-02-02"),
    );
    Site::over(&[batch(all), batch(&[failure])])
}

#[test]
fn a_rate_is_shown_per_week_where_it_is_less_than_one_a_day() {
    let card = text(&site(&[]).card("deployment_frequency"));
    // 14 in 28 days. The exact Poisson interval of 14 is 7.65 to 23.49 (Garwood's table): in four weeks, so a quarter
    // of it a week.
    assert!(card.contains("Deployment frequency 3.5 per week 95 %: 1.9 to 5.9 per week · n = 14"), "{card}");
    // On 14 of 28 days.
    assert!(card.contains("on 3.5 days of a week"), "{card}");
}

#[test]
fn a_share_is_shown_with_wilsons_interval() {
    let card = text(&site(&[]).card("change_fail_rate"));
    // 1 of 14. Wilson with z = 1.96: centre (0.0714 + 0.1372) / 1.2744 = 0.1637, half width 0.1510.
    assert!(card.contains("Change fail rate 7.1 % 95 %: 1.3 to 31.5 % · n = 14"), "{card}");
    assert!(card.contains("provisional: the last 7 days may still change"), "{card}");
}

#[test]
fn a_recovery_of_three_hours_is_one_thin_observation_without_an_interval() {
    let card = text(&site(&[]).card("failed_deployment_recovery_time"));
    assert!(card.contains("3 h too few for an interval · n = 1 thin data"), "{card}");
}

#[test]
fn a_figure_is_called_better_only_where_the_intervals_lie_apart() {
    // Two before: up to 7.22 in four weeks, below the 7.65 of fourteen.
    let card = long_known(&["01-06", "01-20"]).card("deployment_frequency");
    assert!(card.contains("trend better") && card.contains("▲"), "{card}");
    assert!(text(&card).contains("better : 0.5 per week in the 4 weeks before"), "{}", text(&card));
}

#[test]
fn a_difference_within_the_intervals_is_no_clear_change() {
    // Four before: up to 10.24 in four weeks.
    let card = text(&long_known(&WEEKLY_BEFORE).card("deployment_frequency"));
    assert!(card.contains("no clear change : 1.0 per week in the 4 weeks before"), "{card}");
}

#[test]
fn a_time_before_that_is_known_in_part_only_is_no_base_for_a_trend() {
    // The source was connected in the third week before; dividing by all four would make everything later a rise.
    let card = text(&site(&["01-20", "01-21"]).card("deployment_frequency"));
    assert!(card.contains("in the 4 weeks before, of which only a part is known: not compared"), "{card}");
    assert!(!card.contains("better"), "{card}");
}

#[test]
fn what_is_not_known_for_a_part_of_the_window_is_marked() {
    let site = Site::over(&[batch(&deployments("checkout", &["02-17", "02-18", "02-25"]))]);
    let card = text(&site.card("deployment_frequency"));
    assert!(card.contains("incomplete: known for 2 of 4 weeks, and of those alone"), "{card}");
}

#[test]
fn a_lead_time_is_titled_with_its_start_and_shown_as_a_duration() {
    let mut shipped = deployment("d1", "checkout", "2026-02-10T12:00:00Z");
    shipped.repository = Some("acme/checkout".into());
    shipped.revision = Some("aaaa".into());
    let mut merged = change("c1", "acme/checkout", "2026-02-09T08:00:00Z");
    merged.merge_revision = Some("aaaa".into());
    merged.first_commit_at = Some(crate::support::at("2026-02-07T08:00:00Z"));
    let mut waiting = change("c2", "acme/checkout", "2026-03-01T10:00:00Z");
    waiting.merge_revision = Some("bbbb".into());
    let site = Site::over(&[batch(&[shipped]), batch(&[merged, waiting]), batch(&[deployed("d1", "aaaa")])]);
    // From 7 February, 8:00, to 10 February, 12:00.
    let card = text(&site.card("change_lead_time"));
    assert!(card.contains("Change lead time (from first commit) 3 d 4 h"), "{card}");
    // The other was merged on 1 March, 10:00, three days before the present.
    let card = text(&site.card("undeployed_changes"));
    assert!(card.contains("1 change as it is now, 4 Mar 2026, 10:00 the oldest has waited for 3 d"), "{card}");
}

#[test]
fn what_waits_is_counted_now_in_the_card_its_chart_and_its_rows() {
    let mut late = change("c1", "acme/checkout", "2026-03-03T10:00:00Z");
    late.merge_revision = Some("aaaa".into());
    let mut shipped = deployment("d1", "checkout", "2026-02-10T12:00:00Z");
    shipped.repository = Some("acme/checkout".into());
    let site = Site::over(&[batch(&[shipped]), batch(&[late]), batch(&[deployed("d1", "bbbb")])]);
    let card = site.card("undeployed_changes");
    // Merged in the running week, after the four complete ones.
    assert!(text(&card).contains("1 change as it is now, 4 Mar 2026, 10:00"), "{card}");
    assert!(card.contains("<circle class=\"hollow\""), "the chart ends with the same figure: {card}");
    let rows = site.get("/m/undeployed_changes/rows?window=4").text();
    assert!(rows.contains("4 Mar 2026, 10:00") && rows.contains("rows 1 to 1"), "{rows}");
}

#[test]
fn every_card_leads_to_its_definition_and_its_rows() {
    let site = site(&WEEKLY_BEFORE);
    let page = site.get("/?window=4");
    let metrics = [
        "change_lead_time",
        "deployment_frequency",
        "failed_deployment_recovery_time",
        "change_fail_rate",
        "deployment_rework_rate",
        "undeployed_changes",
        "commit_lead_time",
        "time_to_restore",
    ];
    for metric in metrics {
        let links = links(&page.card(metric));
        let definition = links.iter().find(|link| link.ends_with("#definition")).unwrap();
        assert!(definition.starts_with(&format!("/m/{metric}?window=4")), "{definition}");
        let rows = links
            .iter()
            .find(|link| link.starts_with(&format!("/m/{metric}/rows?from=2026-02-02&to=2026-03-0")))
            .unwrap();
        assert!(links.iter().any(|link| link.starts_with(&format!("/v1/metrics/{metric}?"))), "{links:?}");
        let there = site.get(definition.trim_end_matches("#definition"));
        assert_eq!(there.status, 200);
        assert!(there.html.contains("id=\"definition\""));
        assert_eq!(site.get(rows).status, 200, "{rows}");
    }
}

#[test]
fn a_small_chart_says_in_words_what_it_shows() {
    let card = site(&[]).card("deployment_frequency");
    assert!(
        card.contains("role=\"img\" aria-label=\"Deployment frequency by week, over 4 complete weeks: first"),
        "{card}"
    );
    // 4, 3, 4 and 3 of the fourteen days lie in the four weeks: each a dot, and one band around them.
    assert_eq!(card.matches("<circle class=\"dot\"").count(), 4);
    assert_eq!(card.matches("<polygon class=\"band\"").count(), 1);
}

#[test]
fn the_score_stands_beside_the_published_means() {
    let page = site(&[]).get("/?window=4").text();
    // No change is known, so there is no lead time, and neither a score. 3.5 a week is "once a day to once a week":
    // the fourth of six answers, 6 points; recovery within 3 h the fifth, 8; 1 of 14 failed, 10 - 0.71.
    assert!(page.contains("– one of the five is not known"), "{page}");
    assert!(page.contains("Change lead time (from first commit) – 5.5"), "{page}");
    assert!(page.contains("Deployment frequency 6.0 4.8"), "{page}");
    assert!(page.contains("Failed deployment recovery time 8.0 7.4"), "{page}");
    assert!(page.contains("Change fail rate 9.3 8.1"), "{page}");
    assert!(page.contains("not a goal"), "{page}");
}
