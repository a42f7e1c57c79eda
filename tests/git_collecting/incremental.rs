//! A later run gives only what is new, unless what was given before no longer holds.

use collectors::git::{Collected, GitFacts, Scope, collect};

use super::workshop::{Workshop, change, change_ids, change_of, contents, deployed, hour, options, sorted};

/// Fifty commits on main, `v1` at the tenth and `v2` at the fortieth.
fn shop_of_fifty() -> (Workshop, Vec<String>) {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 50);
    shop.branch("main", &line[49]);
    shop.annotated("v1", &line[9], hour(10));
    shop.annotated("v2", &line[39], hour(40));
    (shop, line)
}

fn assert_sent_again(collected: &Collected, because: &str) {
    assert_eq!(collected.scope, Scope::Whole);
    let note = format!("everything is sent again: {because}");
    assert!(collected.notes.contains(&note), "{:?}", collected.notes);
}

#[test]
fn nothing_new_gives_nothing_and_reads_no_commit() {
    let (shop, _) = shop_of_fifty();
    let first = shop.collect();
    let second = shop.collect_since(&first);
    assert_eq!((second.scope, second.facts, second.n_commits_read), (Scope::New, GitFacts::default(), 0));
    assert_eq!(second.cursor, first.cursor);
}

#[test]
fn commits_on_the_branch_are_new_changes_and_little_else_is_read() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let new = shop.line(Some(&line[49]), 60, 2);
    shop.branch("main", &new[1]);
    let second = shop.collect_since(&first);
    assert_eq!(second.scope, Scope::New);
    assert_eq!(change_ids(&second), sorted(new.clone()));
    assert_eq!((second.facts.commits.len(), second.facts.deployments.len()), (2, 0));
    assert!(second.facts.services.is_empty(), "the service is known already");
    assert!(second.n_commits_read <= 6, "{} commits were read", second.n_commits_read);
}

#[test]
fn a_new_tag_deploys_what_was_merged_before_without_repeating_it() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let new = shop.line(Some(&line[49]), 60, 1);
    shop.branch("main", &new[0]);
    shop.annotated("v3", &new[0], hour(70));
    let second = shop.collect_since(&first);
    assert_eq!(second.scope, Scope::New);
    assert_eq!(deployed(&second), ["v3"]);
    assert_eq!(second.facts.deployments[0].previous_revision.as_ref(), Some(&line[39]));
    assert_eq!(contents(&second, "v3"), sorted([&line[40..], &new[..]].concat()));
    assert_eq!(change_ids(&second), new, "the ten others are known");
    assert_eq!(second.facts.commits.len(), 1);
    assert!(second.n_commits_read <= 14, "{} commits were read", second.n_commits_read);
    // And once more, from the second run's cursor.
    assert_eq!(shop.collect_since(&second).facts, GitFacts::default());
}

#[test]
fn a_merge_of_an_old_branch_is_told_from_what_was_released() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let side = shop.line(Some(&line[30]), 35, 2);
    let merge = shop.commit(&[&line[49], &side[1]], hour(60), "merge what forked before v2");
    shop.branch("main", &merge);
    let second = shop.collect_since(&first);
    assert_eq!(second.scope, Scope::New);
    assert_eq!(change_ids(&second), std::slice::from_ref(&merge));
    assert_eq!(change_of(&second, &side[0]), Some(merge.clone()));
    assert_eq!(change(&second, &merge).first_commit_at, Some(super::workshop::at(hour(35))));
    assert_eq!(second.facts.commits.len(), 2);
    assert!(second.n_commits_read < 30, "{} commits were read", second.n_commits_read);
}

#[test]
fn a_merge_back_of_a_seen_release_reads_more_and_is_right() {
    let (shop, line) = shop_of_fifty();
    let side = shop.line(Some(&line[39]), 41, 2);
    shop.annotated("v2.1", &side[1], hour(45));
    let first = shop.collect();
    let merge = shop.commit(&[&line[49], &side[1]], hour(60), "merge back");
    shop.branch("main", &merge);
    let second = shop.collect_since(&first);
    assert_eq!((second.scope, second.facts.commits.len()), (Scope::New, 0));
    assert_eq!(change(&second, &merge).first_commit_at, Some(super::workshop::at(hour(41))));
}

#[test]
fn a_revert_by_title_finds_a_change_of_an_earlier_run() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let revert = shop.commit(&[&line[49]], hour(60), "Revert \"work of hour 20\"");
    shop.branch("main", &revert);
    let second = shop.collect_since(&first);
    assert_eq!(second.scope, Scope::New);
    assert_eq!(change(&second, &revert).reverts.as_ref(), Some(&line[20]));
    assert_eq!(change_ids(&second), [revert]);
}

#[test]
fn a_change_that_an_earlier_revert_may_mean_sends_everything_again() {
    let (shop, line) = shop_of_fifty();
    let pick = shop.commit(&[&line[39]], hour(55), "picked for the release");
    let revert = shop.commit(&[&line[49]], hour(60), "Revert \"picked for the release\"");
    shop.branch("main", &revert);
    let first = shop.collect();
    assert_eq!(change(&first, &revert).reverts.as_deref(), Some("picked for the release"));
    // Only now is it known that there was such a change.
    shop.annotated("v2.1", &pick, hour(61));
    let second = shop.collect_since(&first);
    assert_sent_again(&second, "a revert may mean a change that a new release has brought to light");
    assert_eq!(change(&second, &revert).reverts, Some(pick));
}

#[test]
fn clocks_that_disagree_do_not_make_released_commits_new() {
    // The released commit claims to be of 1970, so by times alone its parents look newer than it.
    let shop = Workshop::new();
    let line = shop.line(None, 0, 5);
    let wrong = shop.commit(&[&line[4]], 60, "clock not set");
    shop.branch("main", &line[4]);
    shop.annotated("v1", &line[0], hour(10));
    shop.annotated("v2", &wrong, hour(11));
    let first = shop.collect();
    let side = shop.commit(&[&line[3]], hour(20), "from before");
    let merge = shop.commit(&[&line[4], &side], hour(21), "merge");
    shop.branch("main", &merge);
    shop.annotated("v3", &merge, hour(30));
    let second = shop.collect_since(&first);
    assert_eq!(second.scope, Scope::New);
    assert_eq!(contents(&second, "v3"), sorted(vec![side, merge]));
}

#[test]
fn a_moved_removed_or_late_tag_sends_everything_again() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    shop.annotated("v2", &line[38], hour(40));
    let moved = shop.collect_since(&first);
    assert_sent_again(&moved, "tag v2 has moved");
    assert_eq!(moved.facts, shop.collect().facts);
    assert_eq!(contents(&moved, "v2").len(), 29);

    shop.annotated("v1.5", &line[20], hour(21));
    let late = shop.collect_since(&moved);
    assert_sent_again(&late, "tag v1.5 is new and older than others seen before");
    assert_eq!(deployed(&late), ["v1", "v1.5", "v2"]);
    assert_eq!(contents(&late, "v2").len(), 18);

    shop.git(&["tag", "-d", "v1.5"]);
    let removed = shop.collect_since(&late);
    assert_sent_again(&removed, "tag v1.5 is gone");
    assert_eq!(removed.facts, moved.facts);
}

#[test]
fn a_tag_made_anew_at_another_time_has_moved() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    shop.annotated("v2", &line[39], hour(41));
    assert_sent_again(&shop.collect_since(&first), "tag v2 has moved");
}

#[test]
fn a_rewritten_branch_sends_everything_again() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let other = shop.line(Some(&line[45]), 70, 1);
    shop.branch("main", &other[0]);
    let second = shop.collect_since(&first);
    assert_sent_again(&second, "the branch was rewritten");
    assert_eq!(change_ids(&second).len(), 37, "30 of v2, 6 of the branch and the new one");
    // The same when the old head is not even there any more.
    super::workshop::lose(&shop, &line[49]);
    assert_sent_again(&shop.collect_since(&first), "the branch was rewritten");
}

#[test]
fn a_branch_back_at_an_earlier_commit_was_rewritten() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    shop.branch("main", &line[45]);
    assert_sent_again(&shop.collect_since(&first), "the branch was rewritten");
}

#[test]
fn a_release_that_took_the_branch_in_by_a_merge_sends_everything_again() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let release = shop.commit(&[&line[39], &line[45]], hour(60), "take main in");
    shop.annotated("v3", &release, hour(61));
    let second = shop.collect_since(&first);
    assert_sent_again(&second, "a release has taken in changes of the branch by another way than the branch");
    assert_eq!(change_of(&second, &line[45]), Some(release));
}

#[test]
fn other_options_or_an_unreadable_cursor_send_everything_again() {
    let (shop, _) = shop_of_fifty();
    let first = shop.collect();
    let mut other = options(&shop.path);
    other.environment = "staging".into();
    let second = collect(&other, Some(&first.cursor), &mut |_| {}).unwrap();
    assert_sent_again(&second, "the options or the remote have changed");
    shop.git(&["config", "remote.origin.url", "https://git.example.com/acme/shop"]);
    assert_sent_again(&shop.collect_since(&first), "the options or the remote have changed");
    let third = collect(&other, Some("not a cursor"), &mut |_| {}).unwrap();
    assert_sent_again(&third, "the cursor is of another version or cannot be read");
}

#[test]
fn older_work_than_the_service_sends_everything_again() {
    let (shop, line) = shop_of_fifty();
    let first = shop.collect();
    let old = shop.commit_at(&[&line[49]], hour(-1000), hour(60), "found in a drawer");
    shop.branch("main", &old);
    let second = shop.collect_since(&first);
    assert_sent_again(&second, "the branch has gained older history than the service's");
    assert_eq!(second.facts.services[0].valid_from, Some(super::workshop::at(hour(-1000))));
}

#[test]
fn another_team_is_a_new_version_of_the_service_and_the_earlier_ones_stay() {
    let (shop, _) = shop_of_fifty();
    let run = |team: Option<&str>, now: i64, tags: &str, cursor: Option<&str>| {
        let mut options = options(&shop.path);
        options.team = team.map(str::to_owned);
        options.now = super::workshop::at(hour(now));
        options.tags = collectors::git::TagPattern::parse(tags).unwrap();
        collect(&options, cursor, &mut |_| {}).unwrap()
    };
    let told = |collected: &Collected| {
        let services = collected.facts.services.iter();
        services.map(|service| (service.valid_from.unwrap(), service.team.clone())).collect::<Vec<_>>()
    };
    let since = |n: i64, team: &str| (super::workshop::at(hour(n)), Some(team.to_owned()));
    let first = run(Some("payments"), 100, "*", None);
    assert_eq!(told(&first), [since(10, "payments")], "from v1 on, the earliest of all that is told");
    let second = run(Some("checkout"), 200, "*", Some(&first.cursor));
    assert_eq!((second.scope, second.n_commits_read), (Scope::New, 0));
    assert_eq!(told(&second), [since(10, "payments"), since(200, "checkout")]);
    let teams: Vec<_> = second.facts.teams.iter().map(|team| team.name.as_str()).collect();
    assert_eq!(teams, ["payments", "checkout"]);
    let third = run(None, 300, "*", Some(&second.cursor));
    assert_eq!(third.facts, GitFacts::default());
    // Everything is sent again, and with it both.
    let fourth = run(None, 400, "v*", Some(&third.cursor));
    assert_eq!((fourth.scope, told(&fourth)), (Scope::Whole, told(&second)));

    // A cursor from before owners had a history names the team among the options.
    let mut old: serde_json::Value = serde_json::from_str(&first.cursor).unwrap();
    let saved = old.as_object_mut().unwrap();
    saved.remove("owners");
    saved.remove("identity");
    saved["settings"]["team"] = "payments".into();
    let fifth = run(Some("checkout"), 500, "*", Some(&old.to_string()));
    assert_eq!((fifth.scope, told(&fifth)), (Scope::New, vec![since(10, "payments"), since(500, "checkout")]));
}
