//! Nothing there: each kind of nothing says what it is, and none of them is a 0.

use super::site::{EVERY_OTHER_DAY, Site, deployments, text};
use crate::support::{batch, incident};

#[test]
fn without_facts_the_overview_says_how_to_bring_some() {
    let page = Site::over(&[]).get("/");
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("There are no facts yet"), "{text}");
    for command in ["cairn demo", "cairn collect git PATH", "cairn import deployment FILE"] {
        assert!(text.contains(command), "{text}");
    }
    assert!(!page.html.contains("<article"), "no card without facts");
}

#[test]
fn without_facts_a_metric_still_has_its_definition() {
    let text = Site::over(&[]).get("/m/change_fail_rate").text();
    assert!(text.contains("There are no facts yet") && text.contains("Production deployments that failed"), "{text}");
}

#[test]
fn a_window_without_observations_says_so_and_where_to_look() {
    let site = Site::over(&[batch(&deployments("checkout", &["01-10"]))]);
    let page = site.get("/?window=4");
    assert!(page.text().contains("Nothing was observed in this window"), "{}", page.text());
    assert!(page.links().contains(&"/?window=52".to_owned()));
    // The running week may hold what the complete ones do not.
    assert!(
        page.links().contains(&"/?from=2026-03-02&to=2026-03-04T10%3A00%3A00Z&grain=day".to_owned()),
        "{:?}",
        page.links()
    );
}

#[test]
fn a_window_that_has_not_begun_says_so_on_every_page_of_it() {
    let site = Site::over(&[batch(&deployments("checkout", &["01-10"]))]);
    for path in ["/", "/m/change_fail_rate", "/teams"] {
        let ahead = site.get(&format!("{path}?from=2026-05-01&to=2026-06-01")).text();
        assert!(ahead.contains("This window lies ahead: nothing can have been observed in it yet."), "{path}: {ahead}");
        let begun = site.get(&format!("{path}?from=2026-02-01&to=2026-06-01")).text();
        assert!(!begun.contains("lies ahead"), "{path}: {begun}");
    }
}

#[test]
fn no_failed_deployment_is_no_recovery_time_and_not_0() {
    let (deployments, elsewhere) =
        (deployments("checkout", &EVERY_OTHER_DAY), [incident("a", Some("shop"), "2026-02-03T00:00:00Z", None, None)]);
    let card = |batches: &[facts::Batch]| text(&Site::over(batches).card("failed_deployment_recovery_time"));
    let untold = card(&[batch(&deployments)]);
    assert!(untold.contains("– nothing tells of incidents: what only they would show is missing here"), "{untold}");
    let card = card(&[batch(&deployments), batch(&elsewhere)]);
    assert!(card.contains("– no failed deployments in this time: there is no recovery time, which is not 0"), "{card}");
    assert!(!card.contains(" 0 s"), "{card}");
}

#[test]
fn a_share_of_nothing_is_not_known_and_a_share_of_none_is_0() {
    let site = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]);
    // None of 14. Wilson: z^2 / (14 + z^2) = 3.84 / 17.84 = 21.5 %.
    let card = text(&site.card("change_fail_rate"));
    assert!(card.contains("Change fail rate 0 % 95 %: 0 to 22 % · n = 14"), "{card}");
    let card = text(&site.get("/?from=2026-01-01&to=2026-01-15").card("change_fail_rate"));
    assert!(card.contains("Change fail rate – no production deployments in this time"), "{card}");
}

#[test]
fn a_share_of_failures_that_nobody_would_tell_of_says_so() {
    let deployments = deployments("checkout", &EVERY_OTHER_DAY);
    let said = "nothing tells of incidents: what only they would show is missing here";
    let card = text(&Site::over(&[batch(&deployments)]).card("change_fail_rate"));
    assert!(card.contains(said), "{card}");
    let incidents = [incident("a", Some("checkout"), "2025-01-01T00:00:00Z", None, None)];
    let card = text(&Site::over(&[batch(&deployments), batch(&incidents)]).card("change_fail_rate"));
    assert!(!card.contains(said), "{card}");
}

#[test]
fn before_the_first_source_the_number_of_deployments_is_not_known() {
    let site = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]);
    let card = text(&site.get("/?from=2026-01-01&to=2026-01-15").card("deployment_frequency"));
    assert!(card.contains("Deployment frequency – no source told of deployments in this time"), "{card}");
}

#[test]
fn sources_that_fell_silent_are_told_at_the_top_and_what_holds_is_as_it_was_told() {
    // The present is 4 March; nothing was told since the last of January.
    let silent = Site::over(&[batch(&deployments("checkout", &["01-05", "01-12", "01-31"]))]);
    let text = silent.get("/?window=12").text();
    assert!(text.contains("Nothing was told since 31 Jan 2026"), "{text}");
    // Three in the days from 5 January to 3 February, which are 30, however long the silence.
    let card = super::site::text(&silent.get("/?window=12").card("deployment_frequency"));
    assert!(card.contains("Deployment frequency 3 per month"), "{card}");
    let lively = Site::over(&[batch(&deployments("checkout", &["01-05", "02-28"]))]);
    assert!(!lively.get("/?window=12").text().contains("Nothing was told since"));
    // Of a window that ended before they fell silent there is nothing to say.
    assert!(!silent.get("/?from=2026-01-01&to=2026-02-01").text().contains("Nothing was told since"));
}

#[test]
fn a_metric_of_which_nothing_tells_says_what_would() {
    let site = Site::over(&[batch(&deployments("checkout", &EVERY_OTHER_DAY))]);
    let text = site.get("/m/time_to_restore?window=4").text();
    assert!(text.contains("Nothing tells of this yet") && text.contains("cairn import incident FILE"), "{text}");
    assert!(!text.contains("There are no facts yet"), "{text}");
}
