//! The pages of teams and services.

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{at, batch, incident, service};

fn site() -> Site {
    let mut shop = service("shop", "2025-01-01T00:00:00Z", "payments", None);
    shop.template = Some("node-service".into());
    shop.template_version = Some("1.2".into());
    shop.pipeline = Some("golden-path".into());
    let mut newer = service("cart", "2025-02-01T00:00:00Z", "payments", None);
    newer.template = Some("node-service".into());
    newer.template_version = Some("1.10".into());
    newer.pipeline = Some("golden-path".into());
    let team = facts::Team {
        name: "payments".into(),
        valid_from: Some(at("2025-01-01T00:00:00Z")),
        kind: Some(facts::TeamKind::Product),
        engineers: Some(9),
        parent: Some("commerce".into()),
        url: None,
    };
    let failed = incident("i1", Some("shop"), "2026-02-10T13:00:00Z", Some("2026-02-10T15:00:00Z"), None);
    Site::over(&[
        batch(&[shop, newer]),
        batch(&[team]),
        batch(&deployments("shop", &EVERY_OTHER_DAY)),
        batch(&[failed]),
    ])
}

#[test]
fn a_service_page_says_what_it_is_and_shows_the_latest_of_what_it_rests_on() {
    let page = site().get("/services/shop?window=4");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    for said in [
        "Team payments",
        "Template node-service 1.2, one version behind",
        "Pipeline golden-path, approved",
        "Deployment frequency",
        "shop-02-28",
        "i1",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    // Ten of the fourteen, and the way to all.
    assert!(!text.contains("shop-02-02"), "{text}");
    assert!(page.links().iter().any(|link| link.starts_with("/m/change_fail_rate/rows?")), "{:?}", page.links());
    assert!(page.links().contains(&"/teams/payments?window=4".to_owned()), "{:?}", page.links());
    assert!(page.links().contains(&"/v1/services/shop".to_owned()));
}

#[test]
fn a_team_page_has_its_figures_and_its_services() {
    let site = site();
    let page = site.get("/teams/payments?window=4");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    assert!(text.contains("A product team of 9 engineers, part of commerce, with 2 services of its own."), "{text}");
    assert!(page.links().contains(&"/services/shop?window=4".to_owned()), "{:?}", page.links());
    assert!(site.get("/?window=4&team=payments").links().contains(&"/teams/payments?window=4".to_owned()));
    let file = site.get("/teams/payments/figures.csv?window=4").html;
    assert!(
        file.starts_with("metric,unit,grain,time,value,low,high,n,coverage,is_complete,is_provisional\r\n"),
        "{file}"
    );
    // The week from February 23 has deployments on the 24th, 26th and 28th.
    assert!(file.contains("\r\ndeployment_frequency,deployments per day,week,2026-02-23T00:00:00Z,0.42857"), "{file}");
}

#[test]
fn names_that_nothing_tells_of_have_no_page() {
    let site = site();
    let unknown = site.get("/services/shp");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("There is no service shp (did you mean shop ?)"), "{}", unknown.text());
    assert_eq!(site.get("/teams/nobody").status, 404);
}
