//! The pages without a mouse.

use super::chromium::{Choice, Job, problems, run};
use super::pages::{Sites, job};

const KEYS: &str = include_str!("keys.js");

#[test]
fn every_kind_of_page_is_gone_through_by_keyboard() {
    let Some(found) = run(KEYS, &Sites::shared().jobs()) else { return };
    let problems = problems(&found);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_is_chosen_by_keyboard_changes_the_address_and_the_figures() {
    let server = &Sites::shared().whole.server;
    let window = Choice { list: "window", parameter: "window" };
    let team = Choice { list: "team", parameter: "team" };
    let metric = Choice { list: "metric", parameter: "metric" };
    let of = |path: &str, choices: &[&Choice]| {
        let choices = choices.iter().map(|choice| (*choice).clone()).collect();
        Job { choices, ..job(server, path, 200) }
    };
    let improvement = "/improvements/Golden-path%20pipeline";
    let jobs = [of("/", &[&window, &team]), of("/m/change_lead_time", &[&window, &team]), of(improvement, &[&metric])];
    let Some(found) = run(KEYS, &jobs) else { return };
    let problems = problems(&found);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A page whose focus goes wild and is not to be seen.
const SPOILT: &str = r##"<!doctype html><html lang="en"><head><title>Spoilt</title><style>
:focus { outline: none } .away { position: absolute; left: -999px }</style></head><body>
<a class="skip" href="#nowhere">Skip</a><header><a href="/">Cairn</a></header><main tabindex="-1" id="main">
<select id="window"><option>1</option><option>2</option></select><button type="submit">Show</button>
<a href="#first" tabindex="3">first of all</a><a class="away" href="/">away</a></main></body></html>"##;

#[test]
fn what_the_keyboard_cannot_do_is_noticed() {
    let spoilt = Job { html: Some(SPOILT), ..job(&Sites::shared().whole.server, "/spoilt", 200) };
    let ordered = SPOILT.replace(" tabindex=\"3\"", "").replace("class=\"skip\"", "").leak();
    let jobs = [spoilt.clone(), Job { html: Some(ordered), ..spoilt }];
    let Some(found) = run(KEYS, &jobs) else { return };
    let wild = problems(&found[..1]).join("\n");
    assert!(wild.contains("begins with") && wild.contains("Tab leads from -1 to"), "{wild}");
    assert!(wild.contains("the way to the content leads to"), "{wild}");
    let unseen = problems(&found[1..]).join("\n");
    assert!(unseen.contains("does not show that this has the focus"), "{unseen}");
    assert!(unseen.contains("has the focus out of view"), "{unseen}");
}
