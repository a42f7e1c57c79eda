//! How the durations behind a figure are spread.

use analytics::{Bin, Distribution, Engine, Question};

use crate::support::{ask, at, batch, change, deployed, deployment, engine, incident, store_in, write};

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn distribution(engine: &Engine, metric: &str, filter: &str) -> Result<Distribution, String> {
    let question = Question {
        metric: metric.into(),
        from: Some("2025-01-01".into()),
        to: Some("2026-01-01".into()),
        filters: [filter].into_iter().filter(|filter| !filter.is_empty()).map(String::from).collect(),
        ..Question::default()
    };
    let now = at("2026-01-01T00:00:00Z");
    let ask = question.read(engine.options().zone, now).map_err(|error| error.to_string())?;
    engine.distribution(&ask, now).map_err(|error| error.to_string())
}

/// Incidents of one service that took so many seconds.
fn incidents(service: &str, seconds: &[i64]) -> Vec<facts::Incident> {
    let one = |(number, seconds): (usize, &i64)| {
        let mut incident = incident(&format!("{service}-{number}"), Some(service), "2025-02-03T00:00:00Z", None, None);
        incident.resolved_at = Some(incident.opened_at + chrono::TimeDelta::seconds(*seconds));
        incident
    };
    seconds.iter().enumerate().map(one).collect()
}

#[test]
fn durations_are_counted_by_length_and_a_length_at_an_end_is_the_shorter() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let told = incidents("shop", &[0, MINUTE, MINUTE + 1, 6 * MINUTE, 10 * MINUTE, 257 * DAY]);
    // Open since 31 December, 21:00: three hours by the end of the year.
    let open = incident("open", Some("till"), "2025-12-31T21:00:00Z", None, None);
    write(&store, &[batch(&told), batch(&[open])]);
    let engine = engine(&store, "UTC");
    let found = distribution(&engine, "time_to_restore", "").unwrap();
    assert_eq!((found.n, found.n_open, found.unit.as_str()), (7, 1, "seconds"));
    let bin = |up_to: Option<f64>| *found.bins.iter().find(|bin| bin.up_to == up_to).unwrap();
    assert_eq!(found.bins[0], Bin { above: None, up_to: Some(60.0), n: 2, n_open: 0 });
    assert_eq!((bin(Some(120.0)).above, bin(Some(120.0)).n), (Some(60.0), 1));
    assert_eq!((bin(Some(300.0)).n, bin(Some(600.0)).n), (0, 2));
    assert_eq!((bin(Some(10_800.0)).n, bin(Some(10_800.0)).n_open), (1, 1));
    assert_eq!((bin(None).above, bin(None).n), (Some(256.0 * 86_400.0), 1));
    // Each bin begins where the one before ends, and all that count are in one of them.
    assert!(found.bins.windows(2).all(|pair| pair[0].up_to == pair[1].above));
    let figure = ask(&engine, "time_to_restore", "2025-01-01", "2026-01-01", "all", "", "");
    assert_eq!(figure.rows[0].estimate.n, found.bins.iter().map(|bin| bin.n).sum::<u64>());
    // Of one service only its own, from the shortest to the longest.
    let of_till = distribution(&engine, "time_to_restore", "service=till").unwrap();
    assert_eq!(of_till.bins, [Bin { above: Some(5_400.0), up_to: Some(10_800.0), n: 1, n_open: 1 }]);
}

#[test]
fn what_does_not_count_in_the_figure_is_not_in_its_distribution() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let mut shipped = deployment("d1", "shop", "2025-02-10T12:00:00Z");
    shipped.repository = Some("acme/shop".into());
    let merged = |id: &str, revision: &str, first_commit_at: Option<&str>, author: Option<&str>| {
        let mut merged = change(id, "acme/shop", "2025-02-10T08:00:00Z");
        merged.merge_revision = Some(revision.into());
        merged.first_commit_at = first_commit_at.map(at);
        merged.author = author.map(|name| facts::Person(name.into()));
        merged
    };
    let changes = [
        merged("c1", "aaaa", Some("2025-02-08T12:00:00Z"), None),
        merged("c2", "bbbb", None, None),
        merged("c3", "cccc", Some("2025-02-10T07:00:00Z"), Some("renovate[bot]")),
    ];
    let listed = ["aaaa", "bbbb", "cccc"].map(|revision| deployed("d1", revision));
    write(&store, &[batch(&[shipped]), batch(&changes), batch(&listed)]);
    // Two days to the second; of the others one has no begin and one is a bot's.
    let found = distribution(&engine(&store, "UTC"), "change_lead_time", "").unwrap();
    assert_eq!(found.bins, [Bin { above: Some(86_400.0), up_to: Some(172_800.0), n: 1, n_open: 0 }]);
}

#[test]
fn a_commit_of_a_deployment_counts_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let mut shipped = deployment("d1", "shop", "2025-02-10T12:00:00Z");
    shipped.repository = Some("acme/shop".into());
    let commits =
        [("aaaa", "2025-02-10T09:30:00Z"), ("bbbb", "2025-02-10T10:00:00Z"), ("cccc", "2025-02-01T12:00:00Z")].map(
            |(revision, authored_at)| facts::Commit {
                revision: revision.into(),
                repository: "acme/shop".into(),
                authored_at: at(authored_at),
                committed_at: at(authored_at),
                change_id: None,
                url: None,
            },
        );
    let listed = ["aaaa", "bbbb", "cccc"].map(|revision| deployed("d1", revision));
    write(&store, &[batch(&[shipped]), batch(&commits), batch(&listed)]);
    let found = distribution(&engine(&store, "UTC"), "commit_lead_time", "").unwrap();
    // Two and two and a half hours, and nine days.
    let filled: Vec<(Option<f64>, u64)> =
        found.bins.iter().filter(|bin| bin.n > 0).map(|bin| (bin.up_to, bin.n)).collect();
    assert_eq!(filled, [(Some(3.0 * 3_600.0), 2), (Some(16.0 * 86_400.0), 1)]);
}

#[test]
fn where_nothing_was_observed_there_are_no_bins_and_what_has_no_durations_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    write(&store, &[batch(&incidents("shop", &[60]))]);
    let engine = engine(&store, "UTC");
    assert_eq!(distribution(&engine, "change_lead_time", "").unwrap().bins, []);
    let refused = distribution(&engine, "change_fail_rate", "").unwrap_err();
    assert!(
        refused.contains("change_fail_rate is not made of durations") && refused.contains("time_to_restore"),
        "{refused}"
    );
    assert!(!refused.contains("time_to_first_deployment"), "{refused}");
    let people = distribution(&engine, "time_to_first_deployment", "").unwrap_err();
    assert!(people.contains("is one person's"), "{people}");
    let unknown = distribution(&engine, "time_to_restor", "").unwrap_err();
    assert!(unknown.contains("did you mean `time_to_restore`?"), "{unknown}");
    let unknown = distribution(&engine, "time_to_restore", "service=shp").unwrap_err();
    assert!(unknown.contains("there is no service `shp`"), "{unknown}");
}
