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
            new@acme.example,2025-12-30T00:00:00Z,blue",
        ),
        (
            Kind::Deployment,
            "id,service,environment,finished_at,result,actor,repository
            1,shop,production,2025-01-01T00:00:00Z,success,old@acme.example,acme/shop
            2,shop,staging,2025-03-03T12:00:00Z,failure,ada@acme.example,acme/shop
            3,shop,staging,2025-03-04T00:00:00Z,success,ada@acme.example,acme/shop
            4,shop,production,2025-03-06T00:00:00Z,success,old@acme.example,acme/shop",
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
    // ada after 1 day, bob after 3, the third has not got there in 2: from 3 days on nobody is left.
    assert_eq!((row.estimate.value, row.estimate.n, row.more("n_open")), (Some(3.0 * 86_400.0), 3, Some(1.0)));
    assert_eq!(answer.coverage.reasons["joined before deployments were told of"], 1);
}

#[test]
fn the_rows_behind_it_name_nobody() {
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
    let page = engine.observations(&question.read(engine.options().zone, now).unwrap(), 0, 10, now).unwrap();
    assert_eq!(page.observations.len(), 1);
    assert_eq!((&page.observations[0].subject, &page.observations[0].url), (&None, &None));
}
