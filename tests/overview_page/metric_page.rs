//! The page of one metric.

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{at, batch, change, deployed, deployment, incident};

#[test]
fn buckets_are_listed_latest_first_and_the_running_one_is_marked() {
    let all = [deployments("checkout", &EVERY_OTHER_DAY), deployments("checkout", &["03-03"])].concat();
    let page = Site::over(&[batch(&all)]).get("/m/deployment_frequency?window=4");
    let text = page.text();
    // One deployment in the 2 days and 10 hours of the running week: 1 / 2.4167 = 0.414 a day, 2.9 a week.
    let running = text.find("week of 2 Mar 2026 2.9 per week").expect("the running week has a row");
    let last = text.find("week of 23 Feb 2026 3.0 per week").expect("the last complete week has a row");
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
        text.contains("Name change_fail_rate Version 3 Unit a share in per cent; from 0 to 1 in JSON and CSV Better lower Provisional for 7 days Source"),
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

#[test]
fn a_week_stands_beside_what_was_to_be_expected_of_it() {
    // Eleven of an hour and of two by turns on twelve Mondays from 1 December 2025, then of 13 hours, a second apart and the
    // sixth of just so much: the root of 2 hours divided and multiplied by 2^3.145 are 9.6 minutes and 12.51 hours.
    let minutes = [60, 120].repeat(6).into_iter().chain([13 * 60]);
    let weeks = (0..).zip(minutes).flat_map(|(week, minutes)| (0..11).map(move |number| (week, minutes, number)));
    let incidents = weeks.map(|(week, minutes, number)| {
        let mut incident = incident(&format!("{week}-{number}"), Some("checkout"), "2025-12-01T10:00:00Z", None, None);
        incident.opened_at += chrono::TimeDelta::weeks(week);
        incident.resolved_at = Some(incident.opened_at + chrono::TimeDelta::seconds(minutes * 60 + number - 5));
        incident
    });
    let site = Site::over(&[batch(&incidents.collect::<Vec<_>>())]);
    let page = site.get("/m/time_to_restore?window=4");
    let text = page.text();
    assert!(text.contains("11 9 min 36 s to 12 h 31 min ▲ worse"), "{text}");
    assert!(text.contains("week of 16 Feb 2026 2 h"), "{text}");
    assert!(text.contains("week of 2 Mar 2026 – – 0 – –"), "the running week is not judged: {text}");
    assert!(text.contains("unusual after the twelve weeks before it"), "{text}");
    assert_eq!(page.html.matches("<polyline class=\"expected\"").count(), 2);
    let said = "week of 23 Feb 2026: ▲ worse , 13 h where 9 min 36 s to 12 h 31 min was to be expected";
    assert!(text.contains(said), "{text}");
    let card = site.get("/?window=4").card("time_to_restore");
    assert!(super::site::text(&card).contains(said), "{card}");
    assert!(!site.get("/m/time_to_restore?window=4&grain=day").text().contains("To be expected"));
}

#[test]
fn a_metric_that_has_no_team_offers_none_and_shows_all_where_one_is_asked_for() {
    let up = facts::Availability {
        component: "portal".into(),
        from: at("2026-02-02T00:00:00Z"),
        to: at("2026-02-03T00:00:00Z"),
        up_seconds: 86_400.0,
        url: None,
    };
    let site = Site::over(&[batch(&[up]), batch(&deployments("checkout", &["02-02"]))]);
    let page = site.get("/m/platform_availability?window=4&team=payments");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("This metric is not told by team: its figures are of all."), "{}", page.text());
    assert!(!page.html.contains("name=\"team\""), "no choice of a team");
    assert_eq!(site.get("/m/platform_availability/rows?team=payments").status, 200);
    assert!(site.get("/m/deployment_frequency").html.contains("name=\"team\""));
}

#[test]
fn a_survey_shows_its_latest_wave_and_a_score_below_zero_lies_below_the_axis() {
    use store::Question;
    let folder = tempfile::tempdir().unwrap();
    let store = crate::support::store_in(&folder);
    // Ten people: of six detractors and two promoters, -40; and a quarter later of two and six, 40.
    for (wave, closed_at, low, high) in
        [("2025-Q4", "2025-12-15T18:00:00Z", 6, 2), ("2026-Q1", "2026-02-10T18:00:00Z", 2, 6)]
    {
        let closed_at = at(closed_at);
        store.open_wave(wave, closed_at - chrono::Duration::days(14)).unwrap();
        store.invite(wave, "payments", 12).unwrap();
        let answers = [(2, low), (8, 2), (10, high)].into_iter().flat_map(|(value, n)| std::iter::repeat_n(value, n));
        for value in answers {
            store.take_answers(wave, "payments", &[(Question::Recommend, value)]).unwrap();
        }
        store.close_wave(wave, closed_at).unwrap();
    }
    let site = Site::of(folder, &store);
    let page = site.get("/m/employee_nps?window=26");
    let text = page.text();
    assert!(text.contains("40 points") && text.contains("of the wave that closed in the week of 9 Feb 2026"), "{text}");
    assert!(text.contains("week of 15 Dec 2025 -40 points"), "{text}");
    // Nothing stands for the weeks between.
    assert!(!text.contains("week of 5 Jan 2026"), "{text}");
    let of_teams = text.split("By team").nth(1).unwrap();
    assert!(of_teams.contains("payments") && of_teams.contains("40 points"), "{of_teams}");
    // The axis of 0 lies above the scale's lower end.
    let axis = page.html.split("class=\"axis\"").nth(1).unwrap().split("y1=\"").nth(1).unwrap();
    assert!(axis.split('"').next().unwrap().parse::<f64>().unwrap() < 200.0, "{axis}");
    // Before any wave there is nothing, and the page says of what.
    assert!(Site::over(&[]).get("/m/employee_nps").text().contains("No wave of a survey has closed"));
}

#[test]
fn a_metric_page_is_of_one_name_in_the_dimensions_that_its_metric_has() {
    let ticket = |id: &str, queue: &str| facts::Ticket {
        id: id.into(),
        queue: queue.into(),
        opened_at: at("2026-02-10T10:00:00Z"),
        kind: None,
        category: None,
        team: None,
        first_response_at: None,
        resolved_at: None,
        answered_by_docs: None,
        url: None,
    };
    let site = Site::over(&[batch(&[ticket("1", "build"), ticket("2", "build"), ticket("3", "access")])]);
    let page = site.get("/m/platform_ticket_volume?window=4");
    assert!(page.html.contains("<select id=\"queue\" name=\"queue\">"), "{}", page.html);
    assert!(page.links().contains(&"/m/platform_ticket_volume?window=4&queue=build".to_owned()), "{:?}", page.links());
    let page = site.get("/m/platform_ticket_volume?window=4&queue=build");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("(UTC), queue build ."), "{}", page.text());
    assert!(page.html.contains("<option value=\"build\" selected>"), "{}", page.html);
    // The table still has the others, to go on to.
    assert!(page.links().contains(&"/m/platform_ticket_volume?window=4&queue=access".to_owned()), "{:?}", page.links());
    let (rows, json) = ("/m/platform_ticket_volume/rows?", "/v1/metrics/platform_ticket_volume?");
    assert!(page.links().iter().any(|link| link.starts_with(rows) && link.ends_with("&queue=build")));
    assert!(page.links().iter().any(|link| link.starts_with(json) && link.contains("&where=queue%3Dbuild")));
    let rows = site.get("/m/platform_ticket_volume/rows?window=4&queue=access").text();
    assert!(rows.contains("rows 1 to 1"), "{rows}");
    assert_eq!(site.get("/m/platform_ticket_volume?queue=none").status, 400);
}

#[test]
fn of_thirty_years_by_day_the_table_begins_where_something_is_known() {
    let site = Site::over(&[batch(&deployments("checkout", &["01-05", "01-07"]))]);
    let page = site.get("/m/deployment_frequency?from=1996-01-01&to=2026-03-01&grain=day");
    let text = page.text();
    // Thirty years with eight leap days, and the four days from 1 to 4 January.
    assert!(text.contains("10 962 earlier days are not listed: nothing is known of them."), "{text}");
    // From 5 January to 28 February.
    assert_eq!(page.html.matches("<th scope=\"row\" class=\"time\">").count(), 27 + 28);
}

#[test]
fn what_holds_is_not_told_of_the_future() {
    let site = Site::over(&[
        batch(&deployments("checkout", &["01-05"])),
        batch(&[change("1", "acme/checkout", "2026-02-27T10:00:00Z")]),
    ]);
    let text = site.get("/m/undeployed_changes?from=2026-02-23&to=2026-03-23").text();
    // The running week is that of 2 March; those after it have not begun.
    for (week, is_known) in [("2 Mar 2026", true), ("9 Mar 2026", false), ("16 Mar 2026", false)] {
        let known = format!("week of {week} 1 change");
        assert_eq!(text.contains(&known), is_known, "{week}: {text}");
    }
}
