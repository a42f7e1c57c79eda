//! The page of the sources.

use super::site::{Site, deployments};
use crate::support::batch;

#[test]
fn sources_stand_with_their_freshness_also_those_that_told_of_nothing_yet() {
    let site = Site::over(&[batch(&deployments("checkout", &["02-10"]))]);
    let page = site.get("/sources");
    let text = page.text();
    assert!(text.contains("github – – – github 0 0"), "{text}");
    assert!(text.contains("test – 10 Feb 2026, 12:00 22 d ago – files, or the API 0 0"), "{text}");
    assert!(text.contains("It has told of nothing yet. What it pushes goes to POST /v1/hooks/github"), "{text}");
    assert!(text.contains("deployment 10 Feb 2026, 12:00"), "{text}");
    let file = site.get("/sources.csv").html;
    assert!(file.contains("\r\ntest,,2026-02-10T12:00:00Z,,"), "{file}");
}
