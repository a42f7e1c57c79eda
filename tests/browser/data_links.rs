//! Every page has the same as JSON and as CSV, and these links answer with what they promise.

use std::collections::BTreeMap;

use super::pages::{Sites, whole_paths};
use crate::overview_page::site::links;

#[test]
fn every_page_leads_to_json_and_csv_that_are_just_that() {
    let sites = Sites::shared();
    let server = &sites.whole.server;
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for path in whole_paths(sites.whole) {
        let html = server.get(&path).1;
        let main = html.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        let is_csv = |link: &String| link.ends_with(".csv") || link.contains(".csv?") || link.contains("format=csv");
        let (csv, rest): (Vec<String>, Vec<String>) = links(main).into_iter().partition(is_csv);
        let json: Vec<String> = rest.into_iter().filter(|link| link.starts_with("/v1/")).collect();
        assert!(!csv.is_empty(), "{path} has no CSV");
        assert!(!json.is_empty(), "{path} has no JSON");
        pages.extend(csv.into_iter().map(|link| (link, path.clone())));
        pages.extend(json.into_iter().map(|link| (link, path.clone())));
    }
    assert!(pages.len() > 60, "{}", pages.len());
    for (link, page) in pages {
        let (head, body) = server.answer(&link);
        assert!(head.contains(" 200 "), "{link} on {page}: {head} {body}");
        if head.contains("content-type: text/csv") {
            assert!(link.contains("csv"), "{link} on {page} is CSV");
            let n_columns = body.lines().next().unwrap().split(',').count();
            assert!(n_columns > 1 && body.lines().count() > 1, "{link} on {page}: {body}");
        } else {
            assert!(head.contains("content-type: application/json"), "{link} on {page}: {head}");
            assert!(!link.contains("csv"), "{link} on {page} is JSON");
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(json.is_object() || json.is_array(), "{link} on {page}: {body}");
        }
    }
}
