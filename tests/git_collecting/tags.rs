//! Which tags are releases, in which order, and when they were made.

use collectors::git::TagPattern;

use super::workshop::{Workshop, at, contents, deployed, git, hour, sorted};

#[test]
fn tags_of_the_same_second_follow_their_versions() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 1);
    shop.branch("main", &line[0]);
    for name in ["v1.10.0", "v1.9.0", "v1.10.0-rc.2", "v1.10.0-rc.10", "v1.9", "v001.9.1"] {
        shop.annotated(name, &line[0], hour(3));
    }
    assert_eq!(deployed(&shop.collect()), ["v1.9", "v1.9.0", "v001.9.1", "v1.10.0-rc.2", "v1.10.0-rc.10", "v1.10.0"]);
}

#[test]
fn a_pattern_picks_one_module_of_a_repository_with_several() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 4);
    shop.branch("main", &line[3]);
    for (name, commit) in [("api/v1.0.0", 0), ("cli/v1.0.0", 1), ("api/v1.1.0", 2), ("api/v1.2.0-rc1", 3)] {
        shop.annotated(name, &line[commit], hour(10 + commit as i64));
    }
    let with = |pattern: &str| shop.collect_with(|options| options.tags = TagPattern::parse(pattern).unwrap()).unwrap();
    assert_eq!(deployed(&with("*")).len(), 4);
    assert_eq!(deployed(&with("api/*")), ["api/v1.0.0", "api/v1.1.0", "api/v1.2.0-rc1"]);
    let released = with(r"re:^api/v\d+\.\d+\.\d+$");
    assert_eq!(deployed(&released), ["api/v1.0.0", "api/v1.1.0"]);
    assert_eq!(
        contents(&released, "api/v1.1.0"),
        sorted(line[1..3].to_vec()),
        "the tag of the other module does not count"
    );
}

#[test]
fn a_pattern_that_is_none_is_refused_with_an_example() {
    let error = TagPattern::parse("re:v(").unwrap_err();
    assert_eq!(error, r"`v(` is not a regular expression (unclosed group); write e.g. `re:^v\d+\.\d+\.\d+$`");
    assert!(TagPattern::parse("v[").unwrap_err().starts_with("`v[` is not a glob ("));
    assert_eq!(TagPattern::parse("").unwrap_err(), "the pattern of tags is empty; `*` stands for all of them");
}

#[test]
fn a_lightweight_tag_has_the_commit_s_time_and_an_annotated_one_its_own() {
    let shop = Workshop::new();
    let early = shop.commit_at(&[], hour(0), hour(1), "early");
    let late = shop.commit_at(&[&early], hour(2), hour(3), "late");
    shop.branch("main", &late);
    shop.tag("light", &early);
    let tag = shop.annotated("heavy", &late, hour(8));
    shop.tag("heavier", &tag);
    let nested =
        format!("object {tag}\ntype tag\ntag outer\ntagger Rel <rel@example.com> {} +0000\n\nouter\n", hour(9));
    let nested = git(&shop.path, &["hash-object", "-t", "tag", "-w", "--stdin"], nested.as_bytes());
    shop.tag("outer", &nested);
    let collected = shop.collect();
    let times: Vec<_> = collected.facts.deployments.iter().map(|one| (one.id.as_str(), one.finished_at)).collect();
    assert_eq!(
        times,
        [("light", at(hour(1))), ("heavier", at(hour(8))), ("heavy", at(hour(8))), ("outer", at(hour(9)))]
    );
    assert!(
        collected.notes.contains(&"tags without a time of their own, the commit's stands for it: 1 of 4".to_owned())
    );
}

#[test]
fn a_tag_that_names_no_commit_is_left_out_and_counted() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 1);
    shop.branch("main", &line[0]);
    shop.tag("v1", &line[0]);
    let blob = git(&shop.path, &["hash-object", "-w", "--stdin"], b"a public key");
    shop.tag("junio-gpg-pub", &blob);
    let collected = shop.collect();
    assert_eq!(deployed(&collected), ["v1"]);
    assert!(collected.notes.contains(&"matching tags left out because they name no commit: 1".to_owned()));
}
