//! Every metric has its pages, whatever it can be grouped by.

use facts::Kind;

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::metrics::told::rows;
use crate::support::batch;

fn site() -> Site {
    let told = [
        (Kind::Availability, "component,from,to,up_seconds\nci,2026-02-10T00:00:00Z,2026-02-11T00:00:00Z,86313.6"),
        (
            Kind::TimeSaving,
            "id,capability,at,hours,occurrences,team,basis
            1,pipeline,2026-02-10T00:00:00Z,0.5,10,red,telemetry
            2,pipeline,2026-02-10T00:00:00Z,2,13,red,survey",
        ),
        (Kind::PolicyBlock, "id,policy,at,layer\n1,signed,2026-02-10T00:00:00Z,ci"),
        (
            Kind::Team,
            "name,valid_from,kind,engineers\nred,2026-01-01T00:00:00Z,product,20\npaved,2026-01-01T00:00:00Z,platform,4",
        ),
        (Kind::Cost, "team,resource,day,amount,currency\npaved,compute,2026-02-10,1234.5,EUR"),
    ];
    let mut batches = vec![batch(&deployments("checkout", &EVERY_OTHER_DAY))];
    batches.extend(told.into_iter().flat_map(|(kind, csv)| rows(kind, csv)));
    Site::over(&batches)
}

#[test]
fn every_metric_has_a_page_and_a_page_of_rows() {
    let site = site();
    let catalogue = analytics::Catalogue::read(sql::METRICS).unwrap();
    for metric in catalogue.metrics() {
        let page = site.get(&format!("/m/{}?window=4", metric.name));
        assert_eq!(page.status, 200, "{}: {}", metric.name, page.text());
        let rows = site.get(&format!("/m/{}/rows?window=4", metric.name));
        assert_eq!(rows.status, if metric.has_rows() { 200 } else { 400 }, "{}: {}", metric.name, rows.text());
        assert!(metric.has_rows() || !page.text().contains("Rows behind it"), "{}: {}", metric.name, page.text());
    }
}

#[test]
fn what_is_never_added_is_shown_for_one_name_and_set_side_by_side() {
    let text = site().get("/m/hours_saved?window=4").text();
    assert!(text.contains("basis telemetry"), "{text}");
    assert!(text.contains("5 hours"), "{text}");
    // Of the 92 days that the 26 hours are of, the eight from February 2 to 9 lie in the window.
    assert!(text.contains("By basis") && text.contains("survey 2.3 hours"), "{text}");
}

#[test]
fn figures_beside_the_main_one_and_dimensions_of_its_own_are_on_the_page() {
    let site = site();
    let availability = site.get("/m/platform_availability?window=4").text();
    // Down for 86.4 s of a day: all that 99.9 % allow.
    assert!(availability.contains("99.9 %") && availability.contains("Error budget left"), "{availability}");
    assert!(availability.contains("By component") && availability.contains("ci"), "{availability}");
    assert!(site.get("/m/platform_leverage?window=4").text().contains("5 engineers per platform engineer"));
    assert!(site.get("/m/platform_cost?window=4").text().contains("1 235"));
}
