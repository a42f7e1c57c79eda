//! From a system's names to Cairn's.

use collectors::mapping::{Line, Mapping};

fn mapping(lines: &[(&str, Option<&str>, &str)]) -> Result<Mapping, String> {
    let lines: Vec<Line> = lines
        .iter()
        .map(|(pattern, path, name)| Line {
            pattern: (*pattern).into(),
            path: path.map(str::to_owned),
            name: (*name).into(),
        })
        .collect();
    Mapping::new(&lines)
}

#[test]
fn the_first_line_that_matches_names_it() {
    let services = mapping(&[
        ("acme/shop", None, "storefront"),
        ("acme/pay-*", None, "payments-*"),
        ("re:acme/(?<name>[a-z]+)-svc", None, "${name}"),
    ])
    .unwrap();
    assert_eq!(services.find("acme/shop", None).as_deref(), Some("storefront"));
    assert_eq!(services.find("acme/pay-core", None).as_deref(), Some("payments-core"));
    assert_eq!(services.find("acme/login-svc", None).as_deref(), Some("login"));
    assert_eq!(services.find("acme/login-svc-2", None), None);
    assert_eq!(services.find("other/acme/shop", None), None);
}

#[test]
fn a_line_with_a_path_needs_a_file_under_it() {
    let services =
        mapping(&[("acme/mono", Some("pay/**"), "payments"), ("acme/mono", Some("web/**"), "storefront")]).unwrap();
    assert_eq!(services.find("acme/mono", None), None);
    assert_eq!(services.find("acme/mono", Some("web/src/main.ts")).as_deref(), Some("storefront"));
    assert_eq!(services.all("acme/mono", &["pay/a.rs", "pay/b.rs", "web/c.ts", "docs/d"]), ["payments", "storefront"]);
}

#[test]
fn without_lines_names_stand_as_they_are() {
    let none = mapping(&[]).unwrap();
    assert_eq!(none.or_own("acme/shop", "shop").as_deref(), Some("shop"));
    assert_eq!(mapping(&[("a", None, "b")]).unwrap().or_own("acme/shop", "shop"), None);
}

#[test]
fn a_line_that_cannot_be_read_is_told_with_its_text() {
    assert!(mapping(&[("re:(", None, "x")]).unwrap_err().contains("re:("));
    assert!(mapping(&[("a", Some("["), "x")]).unwrap_err().contains("path"));
    assert!(mapping(&[("a", None, " ")]).unwrap_err().contains("empty"));
}
