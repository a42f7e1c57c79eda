//! Which commits a release brought, what is a change, and how both are named and timed.

use collectors::git::Scope;
use facts::{DeploymentKind, DeploymentResult, Person};

use super::workshop::{Workshop, at, change, change_ids, change_of, contents, deployed, hour, sorted};

#[test]
fn a_release_lists_what_no_earlier_one_had_and_the_first_lists_nothing() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 6);
    shop.branch("main", &line[5]);
    shop.annotated("v1", &line[1], hour(10));
    shop.annotated("v2", &line[4], hour(20));
    let collected = shop.collect();

    assert_eq!(deployed(&collected), ["v1", "v2"]);
    assert_eq!(contents(&collected, "v1"), [""; 0]);
    assert_eq!(contents(&collected, "v2"), sorted(line[2..5].to_vec()));
    // The sixth commit is merged and not released; the first two are the baseline and nowhere.
    assert_eq!(change_ids(&collected), sorted(line[2..].to_vec()));
    assert_eq!(collected.facts.commits.len(), 4);
    assert_eq!(collected.n_commits_read, 6);
    assert_eq!(collected.scope, Scope::Whole);

    let second = &collected.facts.deployments[1];
    assert_eq!((second.service.as_str(), second.environment.as_str()), ("shop", "production"));
    assert_eq!(second.finished_at, at(hour(20)));
    assert_eq!((second.result, second.kind), (DeploymentResult::Success, Some(DeploymentKind::Deploy)));
    assert_eq!(second.revision.as_ref(), Some(&line[4]));
    assert_eq!(second.previous_revision.as_ref(), Some(&line[1]));
    assert_eq!(collected.facts.deployments[0].previous_revision, None);
    assert_eq!((collected.source.as_str(), collected.repository.as_str()), ("git:shop", "shop"));
}

#[test]
fn the_first_release_lists_its_commits_when_asked_to() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 3);
    shop.branch("main", &line[2]);
    shop.annotated("v1", &line[1], hour(10));
    let collected = shop.collect_with(|options| options.include_first = true).unwrap();
    assert_eq!(contents(&collected, "v1"), sorted(line[..2].to_vec()));
    assert_eq!(collected.facts.commits.len(), 3);
}

#[test]
fn a_merge_is_one_change_that_began_with_its_first_commit() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let one = shop.commit_at(&[&base], hour(1), hour(5), "one");
    let two = shop.commit(&[&one], hour(2), "two");
    let direct = shop.commit_at(&[&base], hour(3), hour(4), "direct");
    let merge = shop.commit(&[&direct, &two], hour(6), "Merge pull request #7 from ada/two");
    shop.branch("main", &merge);
    shop.annotated("v1", &base, hour(0));
    shop.annotated("v2", &merge, hour(9));
    let collected = shop.collect();

    assert_eq!(contents(&collected, "v2"), sorted(vec![one.clone(), two.clone(), direct.clone(), merge.clone()]));
    assert_eq!(change_ids(&collected), sorted(vec![direct.clone(), merge.clone()]));
    let merged = change(&collected, &merge);
    assert_eq!((merged.first_commit_at, merged.merged_at), (Some(at(hour(1))), at(hour(6))));
    assert_eq!(merged.merge_revision.as_ref(), Some(&merge));
    assert_eq!(merged.title.as_deref(), Some("Merge pull request #7 from ada/two"));
    assert_eq!(merged.author, Some(Person("ada@example.com".into())));
    assert_eq!(merged.url, None);
    let plain = change(&collected, &direct);
    assert_eq!((plain.first_commit_at, plain.merged_at), (Some(at(hour(3))), at(hour(4))));
    assert_eq!(change_of(&collected, &one), Some(merge.clone()));
    assert_eq!(change_of(&collected, &two), Some(merge.clone()));
    assert_eq!(change_of(&collected, &direct), Some(direct));
    assert_eq!(change_of(&collected, &merge), None, "a merge is no commit fact");
    assert_eq!(collected.facts.commits.len(), 3);
}

#[test]
fn an_octopus_merge_brings_all_its_branches_and_a_root_of_another_history() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let red = shop.commit(&[&base], hour(2), "red");
    let blue = shop.commit(&[&base], hour(1), "blue");
    let import = shop.commit(&[], hour(-50), "imported from elsewhere");
    let merge = shop.commit(&[&base, &red, &blue, &import], hour(5), "all at once");
    shop.branch("main", &merge);
    shop.annotated("v1", &base, hour(0));
    shop.annotated("v2", &merge, hour(6));
    let collected = shop.collect();
    assert_eq!(contents(&collected, "v2").len(), 4);
    assert_eq!(change(&collected, &merge).first_commit_at, Some(at(hour(-50))));
    assert_eq!(change_of(&collected, &import), Some(merge.clone()));
    assert_eq!(change_of(&collected, &blue), Some(merge));
}

#[test]
fn a_merge_back_of_a_release_branch_keeps_the_release_s_changes_their_own() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let fix = shop.commit(&[&base], hour(1), "fix");
    let main = shop.commit(&[&base], hour(2), "main goes on");
    let back = shop.commit(&[&main, &fix], hour(3), "merge the release branch back");
    shop.branch("main", &back);
    shop.annotated("v1.0.0", &base, hour(0));
    shop.annotated("v1.0.1", &fix, hour(1));
    let collected = shop.collect();
    assert_eq!(contents(&collected, "v1.0.1"), std::slice::from_ref(&fix));
    assert_eq!(change_of(&collected, &fix), Some(fix.clone()), "its own line brought it out, not the merge back");
    assert_eq!(change_ids(&collected), sorted(vec![fix, main, back.clone()]));
    assert_eq!(change(&collected, &back).first_commit_at, Some(at(hour(1))));
}

#[test]
fn releases_of_parallel_lines_minutes_apart_and_off_the_branch_share_nothing() {
    let shop = Workshop::new();
    let base = shop.line(None, 0, 2);
    let old = shop.line(Some(&base[1]), 10, 2);
    let new = shop.line(Some(&base[1]), 20, 3);
    shop.branch("main", &base[1]);
    shop.annotated("v1.0.0", &base[0], hour(1));
    shop.annotated("v2.0.0", &new[2], hour(30) + 120);
    shop.annotated("v1.0.1", &old[1], hour(30));
    let collected = shop.collect();
    assert_eq!(deployed(&collected), ["v1.0.0", "v1.0.1", "v2.0.0"]);
    assert_eq!(contents(&collected, "v1.0.1"), sorted([&base[1..], &old[..]].concat()));
    assert_eq!(contents(&collected, "v2.0.0"), sorted(new.clone()));
    assert_eq!(collected.facts.deployments[2].previous_revision.as_ref(), Some(&old[1]));
    let note = "tags that are not on the branch, what only they contain counts with them: 2 of 3";
    assert!(collected.notes.iter().any(|found| found == note), "{:?}", collected.notes);
}

#[test]
fn a_release_that_adds_no_commit_is_a_deployment_all_the_same() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 2);
    shop.branch("main", &line[1]);
    shop.annotated("v2", &line[1], hour(5));
    shop.annotated("v3", &line[1], hour(6));
    shop.annotated("v1", &line[0], hour(4));
    let collected = shop.collect();
    assert_eq!(deployed(&collected), ["v1", "v2", "v3"]);
    assert_eq!(contents(&collected, "v3"), [""; 0]);
    assert_eq!(collected.facts.deployments[2].previous_revision, collected.facts.deployments[2].revision);
}

#[test]
fn the_service_and_its_team_hold_from_the_earliest_time_on() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let next = shop.commit_at(&[&base], hour(-30), hour(2), "long in the making");
    shop.branch("main", &next);
    shop.annotated("v1", &base, hour(1));
    let collected = shop
        .collect_with(|options| {
            options.service = Some("checkout".into());
            options.team = Some("payments".into());
        })
        .unwrap();
    let service = &collected.facts.services[0];
    assert_eq!((service.name.as_str(), service.team.as_deref()), ("checkout", Some("payments")));
    assert_eq!(service.repository.as_deref(), Some("shop"));
    assert_eq!(service.valid_from, Some(at(hour(-30))));
    assert_eq!(collected.facts.teams[0].name, "payments");
    assert_eq!(collected.facts.teams[0].valid_from, service.valid_from);
    assert_eq!(collected.source, "git:checkout");
    assert!(shop.collect().facts.teams.is_empty());
}
