//! `cairn collect git` of small repositories: what is delivered and what waits, whose facts stand beside whose, and who owned
//! the service when.

use std::path::Path;

use serde_json::Value;

use super::{Said, run};
use crate::git_collecting::workshop::{Workshop, hour};

const DAY: i64 = 86_400;

/// Collects a clone into the store of a folder, and ends well.
fn collect(folder: &Path, shop: &Workshop, more: &[&str]) -> Said {
    let said = try_collect(folder, &shop.path, more);
    assert!(said.is_well, "{}", said.err);
    said
}

fn try_collect(folder: &Path, path: &Path, more: &[&str]) -> Said {
    run(folder, &[&["collect", "git", path.to_str().unwrap()], more].concat())
}

/// The rows of a metric over all of the workshops' time.
fn rows(folder: &Path, metric: &str, more: &[&str]) -> Vec<Value> {
    let question =
        ["metrics", metric, "--from", "2023-11-01", "--to", "2024-11-01", "--grain", "all", "--format", "json"];
    let found = run(folder, &[&question, more].concat());
    assert!(found.is_well, "{}", found.err);
    let mut answer: Value = serde_json::from_str(&found.out).unwrap();
    answer["rows"].as_array_mut().map(std::mem::take).unwrap_or_default()
}

/// How many rows a figure rests on.
fn n(folder: &Path, metric: &str) -> u64 {
    rows(folder, metric, &[]).first().map_or(0, |row| row["n"].as_u64().unwrap())
}

/// Of each group of the deployment frequency, what it is called and how many there are.
fn deployments_by(folder: &Path, dimension: &str) -> Vec<(String, u64)> {
    let found = rows(folder, "deployment_frequency", &["--by", dimension]);
    let mut groups: Vec<_> = found
        .iter()
        .map(|row| (row[dimension].as_str().unwrap_or("nobody").to_owned(), row["n"].as_u64().unwrap()))
        .filter(|(_, n)| *n > 0)
        .collect();
    groups.sort();
    groups
}

/// Two commits on main, from which `release-1.0` forks; main goes on with four, one a day.
fn shop_with_a_release_branch() -> (Workshop, String) {
    let shop = Workshop::new();
    let base = shop.line(None, 0, 2);
    let mut head = base[1].clone();
    for day in 2..=5 {
        head = shop.commit(&[&head], hour(0) + day * DAY, &format!("feature of day {day}"));
    }
    shop.branch("main", &head);
    let fix = shop.commit(&[&base[1]], hour(0) + 6 * DAY, "fix for 1.0");
    shop.annotated("v1.0.0", &fix, hour(0) + 7 * DAY);
    (shop, fix)
}

#[test]
fn the_summary_reaches_to_what_was_merged_last() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Workshop::new();
    let base = shop.line(None, 0, 2);
    shop.annotated("v1.0.0", &base[1], hour(0) + DAY);
    // Merged four and five days after the last release.
    let next = shop.commit(&[&base[1]], hour(0) + 5 * DAY, "feature");
    let last = shop.commit(&[&next], hour(0) + 6 * DAY, "another");
    shop.branch("main", &last);
    let said = collect(folder.path(), &shop, &[]);
    let waiting = said.out.lines().find(|line| line.contains("Changes waiting for production")).unwrap();
    assert!(waiting.contains("2 changes") && waiting.contains("oldest 2 d"), "{waiting}");
}

#[test]
fn what_the_first_release_does_not_contain_waits_though_it_is_older() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, fix) = shop_with_a_release_branch();
    let said = collect(folder.path(), &shop, &[]);
    assert!(!said.out.contains("taken from the times"), "{}", said.out);
    assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (0, 4));

    // One more fix is delivered, and the four wait on.
    let next = shop.commit(&[&fix], hour(0) + 8 * DAY, "another fix");
    shop.annotated("v1.0.1", &next, hour(0) + 9 * DAY);
    collect(folder.path(), &shop, &[]);
    assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (1, 4));
    // A store that reads all of it at once says the same.
    let other = tempfile::tempdir().unwrap();
    collect(other.path(), &shop, &[]);
    assert_eq!((n(other.path(), "change_lead_time"), n(other.path(), "undeployed_changes")), (1, 4));
}

#[test]
fn what_was_merged_after_the_commit_of_a_late_tag_waits_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Workshop::new();
    let line = shop.line(None, 0, 4);
    shop.branch("main", &line[3]);
    shop.annotated("v1", &line[1], hour(10));
    collect(folder.path(), &shop, &[]);
    assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (0, 2));
    shop.annotated("v2", &line[2], hour(20));
    collect(folder.path(), &shop, &[]);
    assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (1, 1));
}

#[test]
fn pull_requests_told_from_elsewhere_are_there_before_the_first_tag_unless_the_clone_has_them_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Workshop::new();
    let line = shop.line(None, 0, 3);
    shop.branch("main", &line[2]);
    shop.annotated("v1", &line[1], hour(10));
    collect(folder.path(), &shop, &["--tags", "v*"]);
    let merged = |id: usize| format!("{id},shop,2023-11-14T23:00:00Z,{}\n", line[id]);
    let changes: String = (0..3).map(merged).collect();
    std::fs::write(folder.path().join("c.csv"), format!("id,repository,merged_at,merge_revision\n{changes}")).unwrap();
    assert!(run(folder.path(), &["import", "change", "c.csv"]).is_well);
    // The first two are in v1, the third is not.
    assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (0, 1));
}

#[test]
fn two_repositories_of_one_name_do_not_take_each_other_s_facts_away() {
    for remotes in [None, Some(["https://git.example.com/a/shop.git", "https://git.example.com/b/shop.git"])] {
        let folder = tempfile::tempdir().unwrap();
        let shops = [0, 100].map(|first_hour| {
            let shop = Workshop::new();
            let line = shop.line(None, first_hour, 3);
            shop.branch("main", &line[2]);
            shop.annotated("v1", &line[0], hour(first_hour + 10));
            shop.annotated("v2", &line[1], hour(first_hour + 20));
            shop
        });
        for (shop, url) in shops.iter().zip(remotes.into_iter().flatten()) {
            shop.git(&["config", "remote.origin.url", url]);
        }
        collect(folder.path(), &shops[0], &[]);
        let refused = try_collect(folder.path(), &shops[1].path, &[]);
        let place = shops[0].path.canonicalize().unwrap().display().to_string();
        let before = if remotes.is_some() { "git.example.com/a/shop".to_owned() } else { place };
        let expected = format!("shop was collected from {before} before, and {} is another", shops[1].path.display());
        assert!(!refused.is_well && refused.err.contains(&expected), "{}", refused.err);
        assert!(refused.err.contains("name its service with --service"), "{}", refused.err);
        assert_eq!(deployments_by(folder.path(), "service"), [("shop".to_owned(), 2)]);
        assert!(collect(folder.path(), &shops[0], &[]).out.contains("nothing new"));

        // Under another name it stands beside the first, and nothing of it is taken for the first's.
        collect(folder.path(), &shops[1], &["--service", "other"]);
        let both = [("other".to_owned(), 2), ("shop".to_owned(), 2)];
        assert_eq!(deployments_by(folder.path(), "service"), both);
        assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (2, 2));
        for (shop, more) in [(&shops[0], &[][..]), (&shops[1], &["--service", "other"])] {
            assert!(collect(folder.path(), shop, more).out.contains("nothing new"));
        }
    }
}

#[test]
fn a_clone_made_anew_or_moved_is_the_same_repository() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, fix) = shop_with_a_release_branch();
    collect(folder.path(), &shop, &[]);
    let anew = folder.path().join("elsewhere").join("shop.git");
    shop.git(&["clone", "-q", "--bare", shop.path.to_str().unwrap(), anew.to_str().unwrap()]);
    let said = try_collect(folder.path(), &anew, &[]);
    assert!(said.is_well && said.out.contains("nothing new"), "{}{}", said.out, said.err);

    // By its remote it is known even where nothing of the history is left.
    let remote = |url: &str, shop: &Workshop| shop.git(&["config", "remote.origin.url", url]);
    remote("https://git.example.com/acme/shop", &shop);
    collect(folder.path(), &shop, &[]);
    let rewritten = Workshop::new();
    let line = rewritten.line(None, 300, 2);
    rewritten.branch("main", &line[1]);
    rewritten.annotated("v1.0.0", &line[0], hour(310));
    remote("git@git.example.com:acme/shop.git", &rewritten);
    collect(folder.path(), &rewritten, &[]);
    assert_eq!((n(folder.path(), "deployment_frequency"), n(folder.path(), "undeployed_changes")), (1, 1));

    // Its address changed, which nobody can know but who says so.
    remote("https://git.example.com/new-owner/shop", &shop);
    assert!(!try_collect(folder.path(), &shop.path, &[]).is_well);
    collect(folder.path(), &shop, &["--moved"]);
    assert_eq!(n(folder.path(), "undeployed_changes"), 4);
    shop.annotated("v1.0.1", &fix, hour(400));
    collect(folder.path(), &shop, &[]);
    assert_eq!(n(folder.path(), "deployment_frequency"), 2);
}

#[test]
fn the_environments_of_a_service_stand_beside_each_other() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 6);
    shop.branch("main", &line[5]);
    for (tag, commit) in [("s-1", 1), ("s-2", 3), ("s-3", 4), ("p-1", 1), ("p-2", 3)] {
        shop.annotated(tag, &line[commit], hour(10 + commit as i64) + i64::from(tag.starts_with('p')));
    }
    let staging = ["--tags", "s-*", "--environment", "staging"];
    let production = ["--tags", "p-*"];
    for order in [[staging.as_slice(), &production], [&production, staging.as_slice()]] {
        let folder = tempfile::tempdir().unwrap();
        for options in order {
            let said = collect(folder.path(), &shop, options);
            assert!(!said.out.contains("removed"), "{}", said.out);
        }
        let found = run(
            folder.path(),
            &["metrics", "deployment_frequency", "--rows", "--from", "2023-11-01", "--to", "2024-11-01"],
        );
        assert!(found.out.contains("p-1") && found.out.contains("p-2"), "{}", found.out);
        assert_eq!(n(folder.path(), "deployment_frequency"), 2);
        // Into production came the third and fourth commit; the fifth is on staging and waits, as does the sixth.
        assert_eq!((n(folder.path(), "change_lead_time"), n(folder.path(), "undeployed_changes")), (2, 2));
        for options in order {
            assert!(collect(folder.path(), &shop, options).out.contains("nothing new"));
        }
    }
}

#[test]
fn another_team_owns_the_service_from_the_run_on_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, _) = shop_with_a_release_branch();
    collect(folder.path(), &shop, &[]);
    // The first team that is named stands for the time before it, of which nothing else is known.
    collect(folder.path(), &shop, &["--team", "payments"]);
    let payments = || [("payments".to_owned(), 1)];
    assert_eq!(deployments_by(folder.path(), "team"), payments());
    let said = collect(folder.path(), &shop, &["--team", "checkout"]);
    assert!(said.out.contains("service: 1 new") && !said.out.contains("everything is sent again"), "{}", said.out);
    assert_eq!(deployments_by(folder.path(), "team"), payments(), "it was deployed by the team that had it then");
    let owner = |more: &[&str]| rows(folder.path(), "undeployed_changes", more)[0]["team"].clone();
    assert_eq!(owner(&["--by", "team"]), "payments");
    // Runs without a team take none away, one that sends everything again neither.
    assert!(collect(folder.path(), &shop, &[]).out.contains("nothing new"));
    let said = collect(folder.path(), &shop, &["--tags", "v1*"]);
    assert!(said.out.contains("everything is sent again") && !said.out.contains("removed"), "{}", said.out);
    assert_eq!(deployments_by(folder.path(), "team"), payments());
    // Nor does one of another environment, which names yet another.
    collect(folder.path(), &shop, &["--environment", "production-eu", "--team", "europe"]);
    assert_eq!(deployments_by(folder.path(), "team"), payments());
}

#[test]
fn a_tag_of_a_time_to_come_is_kept_and_marked_and_the_figures_go_up_to_now() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Workshop::new();
    let line = shop.line(None, 0, 4);
    shop.branch("main", &line[3]);
    shop.annotated("v1", &line[0], hour(10));
    shop.annotated("v2", &line[1], hour(20));
    shop.annotated("v3", &line[2], 32_503_680_000);
    for _ in 0..2 {
        let said = collect(folder.path(), &shop, &[]);
        let note = "note: tags of a time to come, kept and counted once it has come: v3 (3000-01-01)";
        assert!(said.out.contains(note) && said.out.contains("Change lead time"), "{}", said.out);
        assert!(said.out.contains("to before 2023-11-16"), "{}", said.out);
    }
    assert_eq!((n(folder.path(), "deployment_frequency"), n(folder.path(), "change_lead_time")), (2, 1));
    let said = run(folder.path(), &["doctor", "data", "--check", "facts_in_the_future"]);
    assert!(said.out.contains("v3"), "{}{}", said.out, said.err);
    // One where nothing else was ever deployed is no reason to fail either.
    shop.git(&["tag", "-d", "v1", "v2"]);
    collect(folder.path(), &shop, &[]);
}
