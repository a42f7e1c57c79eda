//! policy_compliance

use facts::Kind;

use super::told::{Told, figure, rounded, rows};
use crate::support::write;

const SERVICES: &str = "name,valid_from,team,retired
    a,2025-01-01T00:00:00Z,red,
    b,2025-01-01T00:00:00Z,red,
    b,2025-03-15T00:00:00Z,blue,
    r,2025-01-01T00:00:00Z,red,
    r,2025-03-05T00:00:00Z,red,true";

const RESULTS: &str = "policy,service,at,result
    signed,a,2025-02-01T00:00:00Z,pass
    signed,a,2025-03-10T00:00:00Z,fail
    signed,b,2025-02-01T00:00:00Z,pass
    signed,r,2025-02-01T00:00:00Z,pass
    limits,a,2025-02-01T00:00:00Z,exempt
    limits,b,2025-02-01T00:00:00Z,fail";

#[test]
fn the_last_result_of_each_pair_counts_and_the_exempt_stand_apart() {
    let told = Told::of(&[(Kind::Service, SERVICES), (Kind::PolicyResult, RESULTS)]);
    let answer = told.ask("policy_compliance", "2025-02-01 2025-04-01 month", "", "");
    let found: Vec<_> = (answer.rows.iter())
        .map(|row| {
            let beside = (rounded(row.beside("without_exemptions")), row.beside("exempt"));
            (rounded(row.estimate.value), row.estimate.n, beside)
        })
        .collect();
    let share = |k: f64, n: f64| rounded(Some(k / n));
    // February: three pass, one fails, one is exempt. In March a fails too, and r has been retired.
    assert_eq!(
        found,
        [(share(3.0, 4.0), 4, (share(3.0, 5.0), Some(1.0))), (share(1.0, 3.0), 3, (share(1.0, 4.0), Some(1.0)))]
    );
}

#[test]
fn a_result_belongs_to_the_team_that_owns_the_service_at_the_end_of_the_bucket() {
    let told = Told::of(&[(Kind::Service, SERVICES), (Kind::PolicyResult, RESULTS)]);
    assert_eq!(told.figures("policy_compliance", "2025-02-01 2025-03-01 month", "team"), [figure("red", 0.75, 4)]);
    assert_eq!(
        told.figures("policy_compliance", "2025-03-01 2025-04-01 month", "team"),
        [figure("blue", 0.5, 2), figure("red", 0.0, 1)]
    );
}

#[test]
fn of_two_sources_that_tell_of_one_pair_the_later_is_heard() {
    let told = Told::of(&[(Kind::Service, SERVICES), (Kind::PolicyResult, RESULTS)]);
    let other = "source,policy,service,at,result\nscanner,signed,b,2025-02-20T00:00:00Z,fail";
    write(&told.store, &rows(Kind::PolicyResult, other));
    assert_eq!(
        told.figures("policy_compliance", "2025-02-01 2025-03-01 month", "policy"),
        [figure("limits", 0.0, 1), figure("signed", 2.0 / 3.0, 3)]
    );
}

#[test]
fn whether_results_or_owners_come_first_the_states_are_those_of_a_rebuild() {
    let states = |told: &Told| {
        let question = "select policy, service, names.name, held_from, held_until, result
            from marts.policy_state left join marts.name as names on names.key = team_key order by all";
        told.store.query(question, &[]).unwrap().rows
    };
    let facts_first = Told::of(&[(Kind::PolicyResult, RESULTS), (Kind::Service, SERVICES)]);
    let owners_first = Told::of(&[(Kind::Service, SERVICES), (Kind::PolicyResult, RESULTS)]);
    assert_eq!(states(&facts_first), states(&owners_first));
    owners_first.store.rebuild().unwrap();
    assert_eq!(states(&facts_first), states(&owners_first));
    assert_eq!(states(&facts_first).len(), 8, "b's two results are cut where its owner changes");
}
