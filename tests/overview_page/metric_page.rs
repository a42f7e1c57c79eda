//! The page of one metric.

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{at, batch, change, deployed, deployment};

#[test]
fn buckets_are_listed_latest_first_and_the_running_one_is_marked() {
    let all = [deployments("checkout", &EVERY_OTHER_DAY), deployments("checkout", &["03-03"])].concat();
    let page = Site::over(&[batch(&all)]).get("/m/deployment_frequency?window=4");
    let text = page.text();
    // One deployment in the 2 days and 10 hours of the running week: 1 / 2.4167 = 0.414 a day, 2.9 a week.
    let running = text.find("week of 2 Mar 2026 2.9 per week").expect("the running week has a row");
    let last = text.find("week of 23 Feb 2026 3 per week").expect("the last complete week has a row");
    assert!(running < last);
    assert_eq!(text.matches("incomplete").count(), 1, "{text}");
    assert!(page.links().contains(&"/m/deployment_frequency/rows?from=2026-02-23&to=2026-03-02".to_owned()));
    assert_eq!(page.html.matches("<circle class=\"hollow\"").count(), 1, "the running week is drawn hollow");
}

#[test]
fn the_definition_comes_with_version_unit_and_source() {
    let page = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]).get("/m/change_fail_rate");
    let text = page.text();
    assert!(text.contains("Production deployments that failed / production deployments."), "{text}");
    assert!(
        text.contains("Name change_fail_rate Version 1 Unit share Better lower Provisional for 7 days Source"),
        "{text}"
    );
    assert!(page.links().contains(&"https://dora.dev/guides/dora-metrics-four-keys/".to_owned()));
}

#[test]
fn a_lead_time_is_taken_apart_into_its_stages_and_its_coverage_gives_reasons() {
    let mut shipped = deployment("d1", "checkout", "2026-02-10T12:00:00Z");
    shipped.repository = Some("acme/checkout".into());
    let mut merged = change("c1", "acme/checkout", "2026-02-10T08:00:00Z");
    merged.merge_revision = Some("aaaa".into());
    merged.first_commit_at = Some(at("2026-02-09T08:00:00Z"));
    merged.opened_at = Some(at("2026-02-09T20:00:00Z"));
    merged.first_review_at = Some(at("2026-02-10T05:30:00Z"));
    let mut unclear = change("c2", "acme/checkout", "2026-02-10T09:00:00Z");
    unclear.merge_revision = Some("bbbb".into());
    let listed = [deployed("d1", "aaaa"), deployed("d1", "bbbb")];
    let site = Site::over(&[batch(&[shipped]), batch(&[merged, unclear]), batch(&listed)]);
    let text = site.get("/m/change_lead_time?window=4").text();
    // 8:00 to 20:00, to 5:30, to 8:00, to 12:00.
    for stage in ["coding 12 h", "pickup 9 h 30 min", "review 2 h 30 min", "deploy 4 h"] {
        assert!(text.contains(stage), "{stage}: {text}");
    }
    assert!(text.contains("50 % of what counts could be used: 1 of 2."), "{text}");
    assert!(text.contains("the start is not known: 1"), "{text}");
}

#[test]
fn the_score_has_a_page_without_rows() {
    let page = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]).get("/m/dora_score?window=4");
    assert_eq!(page.status, 200);
    assert!(!page.links().iter().any(|link| link.contains("/rows")), "{:?}", page.links());
    assert!(page.text().contains("Deployment frequency 6.0 4.8"));
}
