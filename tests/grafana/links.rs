//! The links of panels lead somewhere.

use std::collections::BTreeSet;

use super::interpolation::interpolate;
use super::organisation::{Organisation, all_chosen, range};
use super::shipped::{all_of, dashboards};

#[test]
fn links_of_panels_lead_to_pages_and_rows() {
    let organisation = Organisation::shared();
    // Of a clicked group every name will do, so all are taken; and once a group is clicked on that has no name.
    let group = regex::Regex::new(r"\$\{__(field\.labels|data\.fields)\.\w+:percentencode\}").unwrap();
    let mut followed = BTreeSet::new();
    for board in dashboards() {
        for panel in board.panels() {
            let links = all_of(panel, "links").into_iter().flat_map(|links| links.as_array().unwrap());
            for link in links {
                let url = link["url"].as_str().unwrap();
                // What stands in the cell that is clicked on.
                if url == "${__value.raw}" {
                    continue;
                }
                assert!(url.starts_with("${cairn}/"), "{}: {url}", board.path);
                for name in ["*", ""] {
                    followed.insert(interpolate(&group.replace_all(url, name), &all_chosen(), range()));
                }
            }
        }
    }
    assert!(followed.len() > 70, "{}", followed.len());
    for path in followed {
        let (status, body) = organisation.get(&path);
        assert_eq!(status, 200, "{path}: {body}");
    }
}
