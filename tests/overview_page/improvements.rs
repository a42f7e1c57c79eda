//! The pages of improvements.

use facts::Improvement;

use super::site::{Site, deployments};
use crate::demo_organisation::improvements::stored;
use crate::support::{at, batch};

fn arrival(name: &str, day: &str, team: Option<&str>, service: Option<&str>) -> Improvement {
    Improvement {
        id: format!("{name}-{day}-{team:?}-{service:?}"),
        name: name.into(),
        at: at(&format!("2026-{day}T09:00:00Z")),
        team: team.map(String::from),
        service: service.map(String::from),
        url: None,
    }
}

#[test]
fn improvements_are_listed_with_where_they_arrived_and_as_a_file() {
    let arrivals = [
        arrival("Faster tests / CI", "01-05", None, None),
        arrival("Faster tests / CI", "01-12", Some("payments"), None),
        arrival("Faster tests / CI", "02-02", Some("search"), None),
        arrival("Feature flags", "02-09", None, Some("checkout")),
    ];
    let site = Site::over(&[batch(&arrivals), batch(&deployments("checkout", &["02-10"]))]);
    let page = site.get("/improvements");
    let text = page.text();
    assert!(text.contains("Faster tests / CI 5 Jan 2026 12 Jan 2026 2 Feb 2026 2 0"), "{text}");
    assert!(text.contains("Feature flags – 9 Feb 2026 9 Feb 2026 0 1"), "{text}");
    assert!(page.links().contains(&"/improvements/Faster%20tests%20%2F%20CI".to_owned()), "{:?}", page.links());
    assert!(page.html.contains("<a href=\"/improvements\" aria-current=\"page\">"));
    let file = site.get("/improvements.csv");
    assert!(file.head.contains("content-type: text/csv"), "{}", file.head);
    let rows = [
        "name,announced_at,first_at,last_at,teams,services",
        "Feature flags,,2026-02-09T09:00:00Z,2026-02-09T09:00:00Z,0,1",
        "Faster tests / CI,2026-01-05T09:00:00Z,2026-01-12T09:00:00Z,2026-02-02T09:00:00Z,2,0",
    ];
    assert_eq!(file.html, rows.join("\r\n") + "\r\n");
    // What cannot be compared is said on the page, and the form stays; what is not there is not found.
    let page = site.get("/improvements/Faster%20tests%20%2F%20CI?metric=platform_cost");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("what can be compared is"), "{}", page.text());
    let unknown = site.get("/improvements/Feature%20flag");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("did you mean Feature flags ?"), "{}", unknown.text());
    assert!(
        Site::over(&[batch(&deployments("checkout", &["02-10"]))])
            .get("/improvements")
            .text()
            .contains("No improvement is known yet")
    );
}

#[test]
fn a_comparison_shows_its_design_effect_assumptions_and_the_picture_of_the_time_before() {
    let engine = stored().1.clone();
    let site = Site::answering(tempfile::tempdir().unwrap(), engine);
    let page = site.get("/improvements/Golden-path%20pipeline?metric=change_lead_time.deploy");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    for said in [
        "Effect of Golden-path pipeline on",
        "Staggered difference-in-differences",
        "“effect of”",
        "What must be so, and whether it is",
        "Before and after the arrival",
        "compared with",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(page.html.matches("class=\"break\"").count(), 1, "the arrival is marked");
    assert!(page.html.matches("class=\"whisker\"").count() > 5, "each period has its interval");
    let json = "/v1/comparisons?metric=change_lead_time.deploy&improvement=Golden-path+pipeline";
    assert!(page.links().contains(&json.to_owned()), "{:?}", page.links());
    // As many as the list of improvements counts, each with the weeks about its arrival.
    let listed = analytics::compare::improvements(stored().1.store()).unwrap();
    let n_teams = listed.iter().find(|one| one.name == "Golden-path pipeline").unwrap().teams;
    let adopters =
        page.links().into_iter().filter(|link| link.starts_with("/m/change_lead_time?from=")).collect::<Vec<_>>();
    assert_eq!(adopters.len() as u64, n_teams, "{adopters:?}");
    assert!(adopters.iter().all(|link| link.contains("&team=")) && text.contains("Where it arrived"), "{adopters:?}");
    let file = site.get("/improvements/Golden-path%20pipeline/comparison.csv?metric=change_lead_time.deploy").html;
    let head = "metric,improvement,design,verb,measure,period,value,low,high,n,unit\r\n";
    assert!(file.starts_with(head), "{file}");
    let first = "change_lead_time.deploy,Golden-path pipeline,staggered difference-in-differences,effect of,ratio,,0.";
    assert!(file[head.len()..].starts_with(first), "{file}");
}
