//! A question that cannot be answered gets a page that says why.

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{batch, service};

fn site() -> Site {
    let catalogue = [service("checkout", "2025-01-01T00:00:00Z", "payments", None)];
    Site::over(&[batch(&catalogue), batch(&deployments("checkout", &EVERY_OTHER_DAY))])
}

#[test]
fn an_unknown_team_is_answered_with_the_nearest() {
    let page = site().get("/?team=paymants");
    assert_eq!(page.status, 400);
    assert!(page.html.starts_with("<!DOCTYPE html>"));
    assert!(page.text().contains("There is no team paymants (did you mean payments ?)"), "{}", page.text());
}

#[test]
fn a_window_grain_or_parameter_that_does_not_exist_is_refused() {
    let site = site();
    for (path, reason) in [
        ("/?window=soon", "soon is no window; write a number of weeks from 1 to 520"),
        ("/?window=0", "0 is no window"),
        ("/?grain=fortnight", "There is no grain fortnight"),
        ("/?from=yesterday", "yesterday is no time for from"),
        ("/?from=2026-02-01&to=2026-01-01", "The window ends"),
        ("/?area=build", "There is no parameter area"),
        ("/m/change_fail_rate?policy=signed", "There is no parameter policy"),
        ("/?squad=payments", "There is no parameter squad"),
        ("/m/change_fail_rate/rows?offset=-1", "-1 is no number of rows to skip"),
    ] {
        let page = site.get(path);
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text().contains(reason), "{path}: {}", page.text());
    }
}

#[test]
fn an_unknown_metric_is_not_found() {
    let page = site().get("/m/change_fail_rat");
    assert_eq!(page.status, 404);
    assert!(
        page.text().contains("There is no metric change_fail_rat (did you mean change_fail_rate ?)"),
        "{}",
        page.text()
    );
}

#[test]
fn empty_fields_of_the_form_are_no_filters() {
    let page = site().get("/?window=4&grain=week&team=&service=");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("4 complete weeks, 2 Feb 2026 to 1 Mar 2026 (UTC)."), "{}", page.text());
}

#[test]
fn the_rows_of_a_composed_metric_are_those_of_its_parts() {
    let page = site().get("/m/dora_score/rows");
    assert_eq!(page.status, 400);
    assert!(page.text().contains("is composed of other metrics and has no rows of its own"), "{}", page.text());
}
