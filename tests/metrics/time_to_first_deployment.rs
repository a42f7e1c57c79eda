//! time_to_first_deployment

use facts::Kind;

use super::told::Told;
use crate::support::{at, engine};

#[test]
fn a_run_that_they_triggered_or_a_change_of_theirs_in_production_ends_it() {
    let told = Told::of(&[
        (
            Kind::Engineer,
            "id,joined_at,team
            old@acme.example,2020-01-01T00:00:00Z,red
            ada@acme.example,2025-03-03T00:00:00Z,red
            bob@acme.example,2025-03-03T00:00:00Z,blue
            eve@acme.example,2025-03-03T00:00:00Z,blue
            fay@acme.example,2025-03-03T00:00:00Z,blue
            new@acme.example,2025-12-30T00:00:00Z,blue",
        ),
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,actor,repository
            1,shop,production,2025-01-01T00:00:00Z,success,old@acme.example,acme/shop
            2,shop,staging,2025-03-03T12:00:00Z,failure,ada@acme.example,acme/shop
            3,shop,staging,2025-03-04T00:00:00Z,success,ada@acme.example,acme/shop
            4,shop,production,2025-03-06T00:00:00Z,success,old@acme.example,acme/shop
            5,shop,staging,2025-03-05T00:00:00Z,success,eve@acme.example,acme/shop
            6,shop,staging,2025-03-07T00:00:00Z,success,fay@acme.example,acme/shop",
        ),
        (
            Kind::Change,
            "id,repository,merged_at,merge_revision,author
            c1,acme/shop,2025-03-05T00:00:00Z,r1,bob@acme.example",
        ),
        (Kind::DeployedCommit, "deployment_id,revision,repository\n4,r1,acme/shop"),
    ]);
    let answer = told.ask("time_to_first_deployment", "2020-01-01 2026-01-01 all", "", "");
    let row = &answer.rows[0];
    // ada after 1 day (4 of 5 are left), eve after 2 (3 of 5), where the last one has got no further; then bob after 3, one
    // of the two that are left: 3 of 10.
    assert_eq!((row.estimate.value, row.estimate.n, row.more("n_open")), (Some(3.0 * 86_400.0), 5, Some(1.0)));
    assert_eq!(answer.coverage.reasons["joined before deployments were told of"], 1);
}

#[test]
fn the_rows_behind_it_are_shown_to_nobody() {
    let told = Told::of(&[
        (Kind::Engineer, "id,joined_at,team\nada@acme.example,2025-03-03T00:00:00Z,red"),
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,actor
            1,shop,production,2025-01-01T00:00:00Z,success,ada@acme.example",
        ),
    ]);
    let engine = engine(&told.store, "UTC");
    let now = at("2026-01-01T00:00:00Z");
    let question = analytics::Question {
        metric: "time_to_first_deployment".into(),
        from: Some("2025-01-01".into()),
        ..analytics::Question::default()
    };
    let refused = engine.observations(&question.read(engine.options().zone, now).unwrap(), 0, 10, now).unwrap_err();
    assert!(refused.to_string().contains("shown to nobody"), "{refused}");
    assert!(!engine.catalogue().get("time_to_first_deployment").unwrap().has_rows());
}

/// So many engineers of each team, who joined when deployments were told of already.
fn joined(teams: &[(&str, usize)]) -> Told {
    let mut engineers = String::from("id,joined_at,team\n");
    for (team, n) in teams {
        (0..*n).for_each(|one| engineers += &format!("{one}@{team}.example,2025-03-03T00:00:00Z,{team}\n"));
    }
    let deployments = "id,service,environment,finished_at,result
        1,shop,production,2025-01-01T00:00:00Z,success";
    Told::of(&[(Kind::Engineer, &engineers), (Kind::Deployment, deployments)])
}

const WITHHELD: &str = "withheld: fewer than 5 people, or fewer could be worked out from it";

#[test]
fn a_figure_of_fewer_than_five_people_is_withheld_with_what_it_could_be_worked_out_from() {
    let told = joined(&[("blue", 2), ("red", 5), ("green", 6)]);
    let by_team = told.ask("time_to_first_deployment", "2025-01-01 2026-01-01 all", "team", "");
    let found: Vec<(Option<&str>, u64, Option<f64>)> =
        (by_team.rows.iter()).map(|row| (row.group[0].1.as_deref(), row.estimate.n, row.more("n_open"))).collect();
    // Of blue and red together it is known that they are 7, not which 2 of them are blue.
    assert_eq!(found, [(Some("blue"), 0, None), (Some("green"), 6, Some(6.0)), (Some("red"), 0, None)]);
    assert_eq!((by_team.coverage.usable, by_team.coverage.relevant, by_team.coverage.reasons[WITHHELD]), (6, 13, 7));
    let blue = told.ask("time_to_first_deployment", "2025-01-01 2026-01-01 all", "", "team=blue");
    assert_eq!((blue.rows[0].estimate.n, blue.rows[0].more("more_than"), blue.coverage.usable), (0, None, 0));
    assert_eq!(blue.coverage.reasons[WITHHELD], 2);
    let all = told.ask("time_to_first_deployment", "2025-01-01 2026-01-01 all", "", "");
    assert_eq!((all.rows[0].estimate.n, all.coverage.reasons.len()), (13, 0));
}

#[test]
fn where_all_groups_are_large_nothing_is_withheld() {
    let told = joined(&[("red", 5), ("green", 6)]);
    let by_team = told.ask("time_to_first_deployment", "2025-01-01 2026-01-01 all", "team", "");
    assert_eq!(by_team.rows.iter().map(|row| row.estimate.n).collect::<Vec<_>>(), [6, 5]);
    assert!(by_team.coverage.reasons.is_empty());
}
