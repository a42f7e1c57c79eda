//! How the pages look: for people who see them, and for those who have them read out.

use super::chromium::{Job, problems, run};
use super::pages::{Sites, job};

const LOOK: &str = include_str!("look.js");

#[test]
fn every_kind_of_page_is_in_order_on_a_desktop_and_a_phone_in_light_and_in_dark() {
    let Some(found) = run(LOOK, &Sites::shared().jobs()) else { return };
    let problems = problems(&found);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// As much as can be wrong at once.
const SPOILT: &str = r##"<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Nothing</title></head><body>
<h1>One</h1><h1>Two</h1><p style="color:#bbb;background:#fff">pale</p><a href="#lost">a link to nowhere in this page</a>
<div style="width:900px">wide</div><svg width="9" height="9"></svg><img src="http://localhost:9/elsewhere.png" alt="">
<div style="overflow-x:auto;width:200px" tabindex="0"><svg class="chart" width="700" height="20" role="img" aria-label="a chart over time"></svg></div>
<script>console.error("a word")</script></body></html>"##;

#[test]
fn what_is_wrong_with_a_page_is_noticed() {
    let spoilt = Job { html: Some(SPOILT), ..job(&Sites::shared().whole.server, "/spoilt", 200) };
    let missing = job(&Sites::shared().whole.server, "/nothing/here", 200);
    let Some(found) = run(LOOK, &[spoilt, missing]) else { return };
    let said = problems(&found).join("\n");
    for problem in [
        "has no language",
        "is titled \"Nothing\"",
        "has 2 main headings",
        "a picture that says nothing",
        "a link to nowhere",
        "scrolls sideways: 908 px on 390 (phone)",
        "opens at its oldest end",
        "asks another origin: http://localhost:9/",
        "a request failed",
        "the console says: a word",
        "color-contrast (desktop, light)",
        "color-contrast (phone, dark)",
        "html-has-lang",
        "answered with 404, not 200",
    ] {
        assert!(said.contains(problem), "{problem}: {said}");
    }
}
