//! The rows behind a figure.

use facts::Commit;

use super::site::{EVERY_OTHER_DAY, Site, deployments};
use crate::support::{at, batch, deployed, deployment, incident};

#[test]
fn rows_come_in_pages_of_fifty_latest_first() {
    let all: Vec<_> =
        (0..60).map(|n| deployment(&format!("run-{n:02}"), "checkout", &format!("2026-02-10T10:{n:02}:00Z"))).collect();
    let site = Site::over(&[batch(&all)]);
    let first = site.get("/m/deployment_frequency/rows?window=4");
    assert!(first.text().contains("rows 1 to 50"), "{}", first.text());
    assert!(first.text().find("run-59").unwrap() < first.text().find("run-10").unwrap());
    assert!(!first.text().contains("run-09"));
    let next = "/m/deployment_frequency/rows?from=2026-02-02&to=2026-03-02&offset=50";
    assert!(first.links().contains(&next.to_owned()), "{:?}", first.links());
    let second = site.get(next);
    assert!(second.text().contains("run-09") && second.text().contains("rows 51 to 60"), "{}", second.text());
    assert!(second.links().contains(&"/m/deployment_frequency/rows?from=2026-02-02&to=2026-03-02".to_owned()));
}

#[test]
fn a_row_says_whether_the_deployment_failed() {
    let failure = incident("outage", Some("checkout"), "2026-02-04T13:00:00Z", None, Some("checkout-02-04"));
    let site = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY[..2])), batch(&[failure])]);
    let text = site.get("/m/change_fail_rate/rows?window=4").text();
    assert!(text.contains("4 Feb 2026, 12:00 checkout-02-04 yes an incident names it as its cause yes checkout no team known production"), "{text}");
    assert!(text.contains("2 Feb 2026, 12:00 checkout-02-02 no yes checkout no team known production"), "{text}");
    // Its incident is open: from 4 February, 13:00, to the present, 4 March, 10:00.
    let text = site.get("/m/time_to_restore/rows?window=4").text();
    assert!(text.contains("outage 28 d so far"), "{text}");
}

#[test]
fn commits_are_named_by_their_revision_and_lead_to_it() {
    let commit = Commit {
        revision: "c0ffee".into(),
        repository: "acme/checkout".into(),
        authored_at: at("2026-02-01T12:00:00Z"),
        committed_at: at("2026-02-01T12:00:00Z"),
        change_id: None,
        url: Some("https://git.example/acme/checkout/commit/c0ffee".into()),
    };
    let mut shipped = deployment("d1", "checkout", "2026-02-04T12:00:00Z");
    shipped.repository = Some("acme/checkout".into());
    let site = Site::over(&[batch(&[shipped]), batch(&[commit]), batch(&[deployed("d1", "c0ffee")])]);
    let page = site.get("/m/commit_lead_time/rows?window=4");
    assert!(page.text().contains("4 Feb 2026, 12:00 c0ffee 3 d yes checkout"), "{}", page.text());
    assert!(page.links().contains(&"https://git.example/acme/checkout/commit/c0ffee".to_owned()));
}

#[test]
fn a_time_without_rows_says_so() {
    let site = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]);
    let text = site.get("/m/deployment_frequency/rows?from=2025-01-01&to=2025-02-01").text();
    assert!(text.contains("1 Jan 2025 to 31 Jan 2025") && text.contains("There are no rows in this time."), "{text}");
}
