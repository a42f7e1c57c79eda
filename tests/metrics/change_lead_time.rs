//! change_lead_time

use analytics::{Catalogue, Engine, EngineOptions, LeadTimeStart};
use facts::{Change, Commit, Deployment, Person};

use crate::support::{ask, at, batch, batch_of, change, deployed, deployment, engine, store_in, write};

const METRIC: &str = "change_lead_time";
const HOUR: f64 = 3600.0;

fn of(repository: &str, revision: &str, deployment: Deployment) -> Deployment {
    Deployment { repository: Some(repository.into()), revision: Some(revision.into()), ..deployment }
}

/// A change whose stages up to its merge are all known.
fn reviewed() -> Change {
    Change {
        merge_revision: Some("r1".into()),
        first_commit_at: Some(at("2025-03-03T00:00:00Z")),
        opened_at: Some(at("2025-03-03T10:00:00Z")),
        first_review_at: Some(at("2025-03-03T13:00:00Z")),
        ..change("1", "acme/shop", "2025-03-04T09:00:00Z")
    }
}

#[test]
fn it_runs_from_the_first_commit_to_the_deployment_that_lists_the_change_and_its_stages_sum_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[of("acme/shop", "r9", deployment("d1", "shop", "2025-03-04T12:00:00Z"))]),
            batch(&[reviewed()]),
            batch(&[deployed("d1", "r1")]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "week", "service", "");
    assert_eq!(answer.title, "Change lead time (from first commit)");
    let row = &answer.rows[0];
    assert_eq!(*row.group, [("service".to_owned(), Some("shop".to_owned()))]);
    assert_eq!(row.estimate.value, Some(36.0 * HOUR));
    let stages: Vec<(&str, Option<f64>)> =
        row.stages.iter().map(|(name, stage)| (name.as_str(), stage.median.value)).collect();
    assert_eq!(
        stages,
        [
            ("coding", Some(10.0 * HOUR)),
            ("pickup", Some(3.0 * HOUR)),
            ("review", Some(20.0 * HOUR)),
            ("deploy", Some(3.0 * HOUR))
        ]
    );
}

#[test]
fn stages_before_the_start_are_left_out_and_the_others_sum_up_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[batch(&[of("acme/shop", "r1", deployment("d1", "shop", "2025-03-04T12:00:00Z"))]), batch(&[reviewed()])],
    );
    let hours = |start: LeadTimeStart| {
        let options = EngineOptions { lead_time_start: start, ..engine(&store, "UTC").options() };
        let engine = Engine::new(store.clone(), Catalogue::read(sql::METRICS).unwrap(), options);
        let row = ask(&engine, METRIC, "2025-03-03", "2025-03-10", "week", "", "").rows[0].clone();
        let stages: Vec<_> = row.stages.iter().map(|(_, stage)| stage.median.value.map(|value| value / HOUR)).collect();
        (row.estimate.value.unwrap() / HOUR, stages)
    };
    // Coding took 10 hours, pickup 3, review 20 and the way to production 3.
    assert_eq!(hours(LeadTimeStart::FirstCommit), (36.0, vec![Some(10.0), Some(3.0), Some(20.0), Some(3.0)]));
    assert_eq!(hours(LeadTimeStart::Opened), (26.0, vec![None, Some(3.0), Some(20.0), Some(3.0)]));
    assert_eq!(hours(LeadTimeStart::Merged), (3.0, vec![None, None, None, Some(3.0)]));
}

#[test]
fn of_a_change_told_by_two_sources_what_one_leaves_open_is_taken_from_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let git = Change {
        merge_revision: Some("r1".into()),
        first_commit_at: Some(at("2025-03-03T00:00:00Z")),
        author: Some(Person("renovate[bot]".into())),
        ..change("r1", "acme/shop", "2025-03-04T09:00:00Z")
    };
    let gh = Change {
        merge_revision: Some("r1".into()),
        opened_at: Some(at("2025-03-03T10:00:00Z")),
        first_review_at: Some(at("2025-03-03T13:00:00Z")),
        ..change("7", "acme/shop", "2025-03-04T09:00:00Z")
    };
    // The other way round: who knows of the review does not know when it was opened, and who wrote it is not said.
    let other = |revision: &str, change: Change| Change { merge_revision: Some(revision.into()), ..change };
    let without = Change { author: None, ..git.clone() };
    write(
        &store,
        &[
            batch(&[of("acme/shop", "r2", deployment("d1", "shop", "2025-03-04T12:00:00Z"))]),
            batch_of("git", &[git, Change { id: "r2".into(), ..other("r2", without) }]),
            batch_of("gh", &[gh.clone(), Change { id: "8".into(), ..other("r2", gh) }]),
        ],
    );
    let stages = |store: &store::Store| {
        let answer = ask(&engine(store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "week", "", "");
        let row = &answer.rows[0];
        let stages: Vec<_> = row.stages.iter().map(|(_, stage)| stage.median.value.map(|value| value / HOUR)).collect();
        (row.estimate.value.map(|value| value / HOUR), row.estimate.n, stages, answer.coverage.reasons.clone())
    };
    // The first is a bot's, as one of them knows.
    let expected = (
        Some(36.0),
        1,
        vec![Some(10.0), Some(3.0), Some(20.0), Some(3.0)],
        [("the author is a bot".to_owned(), 1)].into(),
    );
    assert_eq!(stages(&store), expected);
    store.rebuild().unwrap();
    assert_eq!(stages(&store), expected);
    // The pull request's own commits know its begin better than another source does.
    write(
        &store,
        &[batch_of(
            "gh",
            &[Commit {
                revision: "c1".into(),
                repository: "acme/shop".into(),
                authored_at: at("2025-03-02T22:00:00Z"),
                committed_at: at("2025-03-02T22:00:00Z"),
                change_id: Some("8".into()),
                url: None,
            }],
        )],
    );
    assert_eq!(stages(&store).0, Some(38.0));
}

#[test]
fn without_listed_commits_the_deployed_revision_tells_how_far_a_deployment_reaches() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let merged = |id: &str, revision: &str, time: &str| Change {
        merge_revision: Some(revision.into()),
        first_commit_at: Some(at("2025-03-03T00:00:00Z")),
        ..change(id, "acme/shop", time)
    };
    write(
        &store,
        &[
            batch(&[
                // Finished after change 2 was merged, but deploys change 1: it reaches no further.
                of("acme/shop", "r1", deployment("d1", "shop", "2025-03-04T12:00:00Z")),
                of("acme/shop", "r3", deployment("d2", "shop", "2025-03-05T12:00:00Z")),
            ]),
            batch(&[
                merged("1", "r1", "2025-03-04T10:00:00Z"),
                merged("2", "r2", "2025-03-04T11:00:00Z"),
                merged("3", "r3", "2025-03-05T10:00:00Z"),
            ]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "day", "", "");
    let n: Vec<u64> = answer.rows.iter().map(|row| row.estimate.n).collect();
    assert_eq!(n, [0, 1, 2, 0, 0, 0, 0]);
}

#[test]
fn without_revisions_the_first_deployment_after_the_merge_is_taken_as_an_estimate() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(
        &store,
        &[
            batch(&[Deployment {
                repository: Some("acme/shop".into()),
                ..deployment("d1", "shop", "2025-03-04T12:00:00Z")
            }]),
            batch(&[
                Change {
                    first_commit_at: Some(at("2025-03-04T00:00:00Z")),
                    ..change("1", "acme/shop", "2025-03-04T12:00:00Z")
                },
                // Merged after the only deployment: it waits.
                Change {
                    first_commit_at: Some(at("2025-03-04T00:00:00Z")),
                    ..change("2", "acme/shop", "2025-03-04T12:00:01Z")
                },
            ]),
        ],
    );
    let engine = engine(&store, "UTC");
    let answer = ask(&engine, METRIC, "2025-03-03", "2025-03-10", "all", "", "");
    assert_eq!((answer.rows[0].estimate.n, answer.rows[0].estimate.value), (1, Some(12.0 * HOUR)));
    let estimated = answer.coverage.estimated.unwrap();
    assert!(estimated.n == 1 && estimated.how.contains("taken from the times"), "{estimated:?}");
    let waiting = ask(&engine, "undeployed_changes", "2025-03-03", "2025-03-10", "all", "", "");
    assert_eq!(waiting.rows[0].estimate.n, 1);
}

#[test]
fn bots_unknown_starts_and_negative_times_are_counted_with_their_reason_and_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let begun = |time: &str, change: Change| Change { first_commit_at: Some(at(time)), ..change };
    write(
        &store,
        &[
            batch(&[Deployment {
                repository: Some("acme/shop".into()),
                ..deployment("d1", "shop", "2025-03-04T12:00:00Z")
            }]),
            batch(&[
                begun("2025-03-04T10:00:00Z", change("1", "acme/shop", "2025-03-04T11:00:00Z")),
                Change {
                    author: Some(Person("renovate[bot]".into())),
                    ..begun("2025-03-04T10:00:00Z", change("2", "acme/shop", "2025-03-04T11:00:00Z"))
                },
                change("3", "acme/shop", "2025-03-04T11:00:00Z"),
                begun("2025-03-04T13:00:00Z", change("4", "acme/shop", "2025-03-04T11:00:00Z")),
            ]),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "all", "", "");
    assert_eq!((answer.rows[0].estimate.n, answer.rows[0].estimate.value), (1, Some(2.0 * HOUR)));
    // The bot's change is no gap; the two others are: one of three is usable.
    assert_eq!((answer.coverage.usable, answer.coverage.relevant), (1, 3));
    let reasons: Vec<(&str, u64)> = answer.coverage.reasons.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
    assert_eq!(reasons, [("deployed before it began", 1), ("the author is a bot", 1), ("the start is not known", 1)]);
}

#[test]
fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let changes: Vec<Change> = [1, 2, 5, 40]
        .iter()
        .map(|hours| Change {
            first_commit_at: Some(at("2025-03-04T12:00:00Z") - chrono::Duration::hours(*hours)),
            ..change(&hours.to_string(), "acme/shop", "2025-03-04T11:00:00Z")
        })
        .collect();
    write(
        &store,
        &[
            batch(&[Deployment {
                repository: Some("acme/shop".into()),
                ..deployment("d1", "shop", "2025-03-04T12:00:00Z")
            }]),
            batch(&changes),
        ],
    );
    let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "all", "", "");
    assert_eq!(answer.rows[0].estimate.value, Some(3.5 * HOUR));
    // Type 7: the 75 % point lies a quarter of the way from the third value to the fourth.
    assert_eq!(answer.rows[0].more("p75"), Some((5.0 + 0.25 * 35.0) * HOUR));
    // Four observations are too few for a 95 % interval of a median.
    assert_eq!((answer.rows[0].estimate.low, answer.rows[0].estimate.high), (None, None));
}

#[test]
fn six_changes_of_one_deployment_are_too_few_for_an_interval_and_six_of_six_are_not() {
    let hours = |n_deployments: u32| {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        let changes: Vec<Change> = (0..6)
            .map(|n| Change {
                merge_revision: Some(format!("r{n}")),
                first_commit_at: Some(at(&format!("2025-03-04T0{n}:00:00Z"))),
                ..change(&n.to_string(), "acme/shop", "2025-03-04T09:00:00Z")
            })
            .collect();
        let deployments: Vec<Deployment> = (0..n_deployments)
            .map(|n| {
                let finished_at = format!("2025-03-04T12:0{n}:00Z");
                of("acme/shop", &format!("r{n}"), deployment(&format!("d{n}"), "shop", &finished_at))
            })
            .collect();
        let listed: Vec<_> =
            (0..6).map(|n| deployed(&format!("d{}", n.min(n_deployments - 1)), &format!("r{n}"))).collect();
        write(&store, &[batch(&deployments), batch(&changes), batch(&listed)]);
        let answer = ask(&engine(&store, "UTC"), METRIC, "2025-03-03", "2025-03-10", "week", "", "");
        let found = answer.rows[0].estimate;
        let rounded = |seconds: Option<f64>| seconds.map(|seconds| (seconds / HOUR).round());
        (found.n, rounded(found.value), rounded(found.low), rounded(found.high))
    };
    // 12 o'clock less 0, 1, ... 5 o'clock: 7 to 12 hours, in the middle 9.5 and some minutes.
    assert_eq!(hours(1), (6, Some(10.0), None, None));
    assert_eq!(hours(6), (6, Some(10.0), Some(7.0), Some(12.0)));
}
