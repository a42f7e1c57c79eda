//! What sources and readers write is text on a page, never a part of it.

use super::site::{Site, deployments, links};
use crate::support::{batch, service};

const SCRIPT: &str = "<script>alert(1)</script>";

fn site() -> Site {
    let mut evil = deployments(SCRIPT, &["02-10"]);
    evil[0].url = Some("javascript:alert(1)".into());
    let mut good = deployments("checkout", &["02-12"]);
    good[0].url = Some("https://ci.example/run/7?a=1&b=2".into());
    let catalogue = [service(SCRIPT, "2025-01-01T00:00:00Z", "<b onclick=x>\"team\"", None)];
    Site::over(&[batch(&catalogue), batch(&[evil, good].concat())])
}

#[test]
fn names_are_escaped_on_every_page() {
    let site = site();
    for path in [
        "/?window=4",
        "/?window=4&team=%3Cb+onclick%3Dx%3E%22team%22",
        "/m/deployment_frequency?window=4",
        "/m/deployment_frequency/rows?window=4",
        "/?team=%3Cscript%3Ealert(2)%3C/script%3E",
        "/?window=%3Cscript%3E",
        "/?%3Cscript%3E=1",
        "/m/%3Cscript%3Ealert(3)",
        "/services/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/teams/%3Cb%20onclick=x%3E%22team%22",
        "/improvements/%3Cscript%3E",
        "/data-quality/%3Cscript%3E",
    ] {
        let page = site.get(path);
        assert!(!page.html.contains("<script"), "{path}");
        assert!(!page.html.contains("<b onclick"), "{path}");
        assert!(page.html.contains("&lt;"), "{path} shows the name as text");
    }
}

#[test]
fn evidence_is_a_link_only_where_it_lies_on_the_web() {
    let page = site().get("/m/deployment_frequency/rows?window=4");
    let links = links(&page.html);
    assert!(links.contains(&"https://ci.example/run/7?a=1&b=2".to_owned()), "{links:?}");
    assert!(!page.html.contains("javascript:"), "{}", page.html);
}

#[test]
fn every_answer_carries_the_policy_and_no_page_needs_an_exception() {
    let site = site();
    for path in [
        "/",
        "/m/change_lead_time",
        "/m/change_fail_rate/rows",
        "/improvements",
        "/value",
        "/data-quality",
        "/sources",
        "/?window=soon",
        "/assets/style.css",
    ] {
        let page = site.get(path);
        let policy = "content-security-policy: default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        assert!(page.head.contains(policy), "{path}: {}", page.head);
        assert!(page.head.contains("x-content-type-options: nosniff"), "{path}");
        assert!(!page.html.contains(" style=") && !page.html.contains("<style"), "{path} has a style of its own");
        assert!(!page.html.contains("<script"), "{path} has a script");
    }
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    let site = site();
    let page = site.get("/");
    for word in ["src=\"http", "<img", "<iframe", "@import"] {
        assert!(!page.html.contains(word), "{word}");
    }
    let style = site.get("/assets/style.css");
    assert!(style.head.contains("content-type: text/css"));
    assert!(!style.html.contains("url(") && !style.html.contains("@import"));
}

#[test]
fn pages_are_laid_out_for_phones_and_for_those_who_listen() {
    let site = site();
    for path in [
        "/",
        "/m/change_lead_time",
        "/m/change_fail_rate/rows",
        "/improvements",
        "/value",
        "/data-quality",
        "/sources",
        "/?window=soon",
    ] {
        let html = site.get(path).html;
        assert!(html.contains("<html lang=\"en\">"), "{path}");
        assert!(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"), "{path}");
        assert!(html.contains("href=\"#main\"") && html.contains("id=\"main\""), "{path} has a way past its head");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert_eq!(
            html.matches("<th").count() - html.matches("<thead").count(),
            html.matches("<th scope=").count(),
            "{path}"
        );
    }
}
