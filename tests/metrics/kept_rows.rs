//! Rows of large marts are kept until the data changes, and are seen as a question asks for them.

use crate::support::{ask, at, batch, deployment, engine, service, store_in};

#[test]
fn what_lies_ahead_counts_once_it_has_happened_and_what_is_told_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let told = |id: &str, at: &str| batch(&[deployment(id, "shop", at)]);
    let noon = at("2025-06-02T12:00:00Z");
    store.write(&[told("1", "2025-06-02T10:00:00Z"), told("2", "2025-06-02T14:00:00Z")], None, noon).unwrap();
    let engine = engine(&store, "UTC").with_many_rows(0);
    let question = analytics::Question {
        metric: "deployment_frequency".into(),
        from: Some("2025-06-02".into()),
        to: Some("2025-06-03".into()),
        grain: Some("all".into()),
        ..analytics::Question::default()
    };
    let n_at = |time: &str| {
        let now = at(time);
        let answer = engine.answer(&question.read(engine.options().zone, now).unwrap(), now).unwrap();
        let ahead = answer.coverage.reasons.get("lies in the future").copied().unwrap_or_default();
        (answer.rows[0].estimate.n, ahead)
    };
    assert_eq!(n_at("2025-06-02T12:00:00Z"), (1, 1));
    assert_eq!(n_at("2025-06-02T15:00:00Z"), (2, 0));
    store.write(&[told("3", "2025-06-02T11:00:00Z")], None, noon).unwrap();
    assert_eq!(n_at("2025-06-02T15:00:00Z"), (3, 0));
}

#[test]
fn rows_that_are_kept_have_the_keys_of_all_that_was_asked_by() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let services = [("shop", "red"), ("till", "blue")]
        .map(|(name, team)| service(name, "2025-01-01T00:00:00Z", team, Some("acme/mono")));
    let mut deployments: Vec<_> = (1..=6)
        .map(|day| {
            deployment(&day.to_string(), if day < 5 { "shop" } else { "till" }, &format!("2025-06-0{day}T10:00:00Z"))
        })
        .collect();
    deployments[0].environment = "production-eu".into();
    crate::support::write(&store, &[batch(&services), batch(&deployments)]);
    let engine = engine(&store, "UTC").with_many_rows(0);
    let n_of = |by: &str, filter: &str| {
        let answer = ask(&engine, "change_fail_rate", "2025-06-01", "2025-07-01", "all", by, filter);
        let name = |row: &analytics::Row| {
            row.group.iter().map(|(_, name)| name.clone().unwrap()).collect::<Vec<_>>().join("/")
        };
        answer.rows.iter().map(|row| (name(row), row.estimate.n)).collect::<Vec<_>>()
    };
    let named = |rows: &[(&str, u64)]| rows.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    // All; then by what they are kept with, by what they are not, and of one of it.
    assert_eq!(n_of("", ""), named(&[("", 6)]));
    assert_eq!(n_of("team", ""), named(&[("blue", 2), ("red", 4)]));
    assert_eq!(n_of("environment", ""), named(&[("production", 5), ("production-eu", 1)]));
    assert_eq!(n_of("", "environment=production-eu"), named(&[("", 1)]));
    assert_eq!(n_of("environment,team", "team=red"), named(&[("production/red", 3), ("production-eu/red", 1)]));
    assert_eq!(n_of("service", "team=blue,red"), named(&[("shop", 4), ("till", 2)]));
}
