//! What a service is over time, where several sources tell of it.

use store::{Store, Value};

use crate::support::{at, batch_of, service, store_in};

/// From when on which team, repository and whether retired, by the store.
fn history(store: &Store) -> Vec<(String, String, String, bool)> {
    let sql = "
        select strftime(valid_from, '%Y-%m-%d'), team.name, repository.name, is_retired
        from marts.service_history as history
        left join marts.name as team on team.key = team_key
        left join marts.name as repository on repository.key = repository_key
        order by history.valid_from";
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        _ => "-".to_owned(),
    };
    let rows = store.query(sql, &[]).unwrap().rows;
    rows.iter().map(|row| (text(&row[0]), text(&row[1]), text(&row[2]), row[3] == Value::Boolean(true))).collect()
}

fn row(from: &str, team: &str, repository: &str, is_retired: bool) -> (String, String, String, bool) {
    (from.into(), team.into(), repository.into(), is_retired)
}

#[test]
fn each_source_tells_its_part_and_the_last_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let now = at("2026-01-01T00:00:00Z");
    let tell = |source: &str, told: facts::Service| {
        store.write(&[batch_of(source, &[told])], None, now).unwrap();
    };
    // The catalogue knows the team, the repository's host only the repository, and tells it later.
    tell("portal", service("shop", "2025-02-01T00:00:00Z", "web", None));
    let silent = |from: &str, repository| facts::Service { team: None, ..service("shop", from, "", Some(repository)) };
    tell("git", silent("2025-03-01T00:00:00Z", "acme/shop"));
    // The repository's first word also stands for the time before.
    let first = row("-infinity", "web", "acme/shop", false);
    assert_eq!(history(&store)[0], first);
    assert_eq!(history(&store).last().unwrap().1, "web", "what one leaves open takes nothing from the other");
    // The catalogue moves it to another team, and then says nothing of a team any more.
    tell("portal", service("shop", "2025-04-01T00:00:00Z", "checkout", Some("acme/old")));
    assert_eq!(history(&store)[2], row("2025-04-01", "checkout", "acme/old", false));
    tell("git", silent("2025-05-01T00:00:00Z", "acme/shop2"));
    assert_eq!(history(&store)[3], row("2025-05-01", "checkout", "acme/shop2", false));
    let gone = facts::Service { team: None, retired: Some(true), ..service("shop", "2025-06-01T00:00:00Z", "", None) };
    tell("portal", gone);
    assert_eq!(history(&store)[4], row("2025-06-01", "-", "acme/shop2", true));
    assert_eq!(history(&store).len(), 5);
    // Told by one source alone, a source that begins later is behind what was told for that time.
    tell("late", service("shop", "2025-07-01T00:00:00Z", "billing", Some("acme/third")));
    assert_eq!(history(&store)[0], first);
    assert_eq!(history(&store)[4], row("2025-06-01", "billing", "acme/shop2", true));
}

#[test]
fn a_catalogue_that_says_the_same_again_comes_beside_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let now = at("2026-01-01T00:00:00Z");
    // As a collector tells it: how things are now, without a time.
    let same = || facts::Service { valid_from: None, ..service("shop", "2025-02-01T00:00:00Z", "web", None) };
    store.write(&[batch_of("git", &[same()])], None, now).unwrap();
    let summary = store
        .write(
            &[
                batch_of("git", &[same()]),
                batch_of("git", &[crate::support::deployment("1", "shop", "2025-12-01T00:00:00Z")]),
            ],
            None,
            at("2026-01-02T00:00:00Z"),
        )
        .unwrap();
    assert_eq!(summary[&facts::Kind::Deployment].new, 1, "{summary:?}");
    assert_eq!((summary[&facts::Kind::Service].new, summary[&facts::Kind::Service].changed), (0, 0), "{summary:?}");
    let n = store.query("select count(*) from marts.deployment_outcome", &[]).unwrap();
    assert_eq!(n.rows, [[Value::Integer(1)]]);
}
