//! From a system's names to Cairn's.

use collectors::mapping::{Line, Mapping, Subject};

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
    assert_eq!(services.find("acme/shop").as_deref(), Some("storefront"));
    assert_eq!(services.find("acme/pay-core").as_deref(), Some("payments-core"));
    assert_eq!(services.find("acme/login-svc").as_deref(), Some("login"));
    assert_eq!(services.find("acme/login-svc-2"), None);
    assert_eq!(services.find("other/acme/shop"), None);
}

#[test]
fn lines_with_paths_are_the_services_of_one_repository() {
    let services = mapping(&[
        ("acme/mono@pay-*", Some("services/pay/**"), "payments"),
        ("acme/mono", Some("services/pay"), "payments"),
        ("acme/mono", Some("/web/"), "storefront"),
        ("acme/*", None, "*"),
    ])
    .unwrap();
    let parts = |subject: &str| -> Vec<(String, Option<String>)> {
        let (joined, name) = (Subject::Joined(subject, '@'), Subject::Name(subject));
        services
            .parts(&[if subject.contains('@') { joined } else { name }])
            .into_iter()
            .map(|part| (part.name, part.path))
            .collect()
    };
    let part = |name: &str, path: &str| (name.to_owned(), Some(path.to_owned()));
    assert_eq!(parts("acme/mono@pay-prod"), [part("payments", "services/pay")]);
    assert_eq!(parts("acme/mono"), [part("payments", "services/pay"), part("storefront", "web")]);
    assert_eq!(parts("acme/shop"), [("shop".to_owned(), None)]);
    assert_eq!(parts("other/shop"), []);
    // As a whole the repository is no part of it.
    assert_eq!(services.find("acme/mono").as_deref(), Some("mono"));
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
    assert!(mapping(&[("a", Some("pay/*.rs"), "x")]).unwrap_err().contains("path"));
    assert!(mapping(&[("a", None, " ")]).unwrap_err().contains("empty"));
    assert!(mapping(&[("a", None, "x-*")]).unwrap_err().contains("match has none"));
}

#[test]
fn a_name_that_refers_to_no_group_is_told_with_the_groups_that_are_there() {
    let refused = |pattern: &str, name: &str| mapping(&[(pattern, None, name)]).unwrap_err();
    let meant = refused("re:acme/(.+)", "$1_service");
    assert!(meant.contains("no group 1_service") && meant.contains("did you mean ${1}_service?"), "{meant}");
    let named = refused("re:acme/(?<name>.+)", "${m}");
    assert!(named.contains("no group m") && named.contains("groups 1 to 1, with the names name"), "{named}");
    assert!(refused("re:acme/.+", "pay-$1").contains("match has no groups"));
    assert!(refused("acme/*", "$2").contains("groups 1 to 1"));
    for (pattern, name, found) in [
        ("re:acme/(.+)", "${1}_service", "shop_service"),
        ("re:acme/(.+)", "$1-$$1-$", "shop-$1-$"),
        ("acme/*", "$1", "shop"),
        ("acme/*", "*", "shop"),
        ("re:(?<of>acme)/(.+)", "$of.$2.$0", "acme.shop.acme/shop"),
        // An exact name stands as it is.
        ("acme/shop", "$5", "$5"),
    ] {
        assert_eq!(mapping(&[(pattern, None, name)]).unwrap().find("acme/shop").as_deref(), Some(found), "{name}");
    }
}

#[test]
fn each_line_is_tried_with_all_names_before_the_next_line_is() {
    let services = mapping(&[("acme/shop", None, "storefront"), ("P1", None, "paging"), ("*", None, "other")]).unwrap();
    let find = |names: &[&str]| {
        let names: Vec<Subject<'_>> = names.iter().map(|name| Subject::Name(name)).collect();
        services.find_any(&names)
    };
    assert_eq!(find(&["acme/shop", "incident"]).as_deref(), Some("storefront"));
    assert_eq!(find(&["Paging", "P1"]).as_deref(), Some("paging"));
    assert_eq!(find(&["Paging", "P2"]).as_deref(), Some("other"));
}

#[test]
fn a_repository_and_environment_are_matched_only_by_lines_that_name_both() {
    let services = mapping(&[
        ("acme/at@eu-*", None, "at-*"),
        ("acme-infra/*", None, "infra-*"),
        ("re:acme/(?<n>.+)", None, "${n}"),
    ])
    .unwrap();
    let name = |repository: &str, environment: &str| {
        let both = format!("{repository}@{environment}");
        let parts = services.parts(&[Subject::Joined(&both, '@'), Subject::Name(repository)]);
        parts.into_iter().map(|part| part.name).collect::<Vec<_>>()
    };
    assert_eq!(name("acme-infra/net", "production"), ["infra-net"]);
    assert_eq!(name("acme/shop", "production"), ["shop"]);
    assert_eq!(name("acme/at", "eu-west"), ["at-west"]);
    assert_eq!(name("acme/at", "us"), ["at"]);
}

#[test]
fn the_placeholder_of_a_proposed_line_is_no_name() {
    let refused = mapping(&[("acme/shop", None, "...")]).unwrap_err();
    assert!(refused.contains("stands for a name of yours"), "{refused}");
}

#[test]
fn what_is_not_known_by_its_name_alone_may_be_with_what_follows() {
    let services = mapping(&[("acme/mono@pay-*", None, "pay"), ("acme/s*@x", None, "s"), ("b/*", None, "*")]).unwrap();
    for (name, is_known) in [("acme/mono", true), ("acme/shop", true), ("b/c", true), ("acme/pay", false)] {
        assert_eq!(services.may_know(name, '@'), is_known, "{name}");
    }
    assert!(mapping(&[("re:acme/.+@prod", None, "x")]).unwrap().may_know("acme/pay", '@'));
    assert!(mapping(&[]).unwrap().may_know("acme/pay", '@'));
}
