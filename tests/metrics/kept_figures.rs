//! Figures of single buckets are kept and put together again for other windows. What is said is the same as when all of it is
//! read anew.

use analytics::{Answer, Ask, Question};
use cairn::demo::{Options, generate, hold};
use chrono::{TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::Berlin;

use crate::support::{engine, key, store_in};

#[test]
fn a_window_that_moves_says_what_it_would_say_if_nothing_had_been_asked_before() {
    let end = Utc.with_ymd_and_hms(2026, 2, 18, 11, 30, 0).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let made = generate(&Options { scale: 0.1, ..Options::ending(end, Berlin) });
    store.write(&made.batches(&key(), "demo", end), None, end).unwrap();
    made.surveys.iter().for_each(|wave| hold(&store, wave).unwrap());
    // One keeps the rows of every mart as if it were large; the other reads each time what was asked for.
    let (keeps, forgets) = (engine(&store, "Europe/Berlin").with_many_rows(0), engine(&store, "Europe/Berlin"));
    let team = keeps.names_of("team").unwrap()[0].clone();

    // From a week's middle on; then the clock goes on, then somebody looks elsewhere: at more, at months, at what was before,
    // at another zone's midnight in winter and summer.
    let windows = [
        ("2025-09-17T09:12:00Z", "2026-02-18T11:30:00Z", "week"),
        ("2025-09-17T09:13:00Z", "2026-02-18T11:31:00Z", "week"),
        ("2025-09-20T22:00:00Z", "2026-02-18T11:32:00Z", "week"),
        ("2025-10-09T10:00:00Z", "2026-02-18T11:32:00Z", "month"),
        ("2025-06-01T00:00:00Z", "2026-02-18T11:32:00Z", "month"),
        ("2025-05-31T22:00:00Z", "2026-01-31T23:00:00Z", "month"),
        ("2025-07-07T00:00:00Z", "2025-11-17T00:00:00Z", "week"),
        ("2025-09-17T09:13:00Z", "2025-09-18T09:13:00Z", "week"),
        ("2025-12-01T00:00:00Z", "2026-02-18T11:32:00Z", "day"),
    ];
    let mut n_compared = 0;
    for metric in keeps.catalogue().metrics() {
        let own = metric.dimensions.iter().map(String::as_str).take(2).collect::<Vec<_>>().join(",");
        let of_team = if metric.has_dimension("team") { format!("team={team}") } else { String::new() };
        let first = metric.dimensions.first().cloned().unwrap_or_default();
        // First of one team, when nothing is kept yet, then of all, then of that team again.
        let all = String::new();
        let asked = [(&all, &of_team), (&all, &all), (&first, &all), (&own, &all), (&first, &of_team)];
        for (by, filter) in asked {
            for (minutes, (from, to, grain)) in (0..).zip(windows) {
                let question = Question {
                    metric: metric.name.clone(),
                    from: Some(from.into()),
                    to: Some(to.into()),
                    grain: Some(grain.into()),
                    by: vec![by.clone()],
                    filters: vec![filter.clone()],
                };
                let now = end + TimeDelta::minutes(minutes);
                let ask: Ask = question.read(keeps.options().zone, now).unwrap();
                // First without stages, so that the next has to find them for buckets that are known.
                let _ = keeps.answer(&Ask { stages: false, ..ask.clone() }, now);
                forgets.forget_all();
                let (kept, read) = match (keeps.answer(&ask, now), forgets.answer(&ask, now)) {
                    (Ok(kept), Ok(read)) => (kept, read),
                    (kept, read) => {
                        assert_eq!(kept.unwrap_err().to_string(), read.unwrap_err().to_string());
                        continue;
                    }
                };
                let place = format!("{} by `{by}` of `{filter}`, {from} to {to} by {grain}", metric.name);
                assert_eq!(kept.rows.len(), read.rows.len(), "{place}");
                for (kept, read) in kept.rows.iter().zip(&read.rows) {
                    assert_eq!(kept, read, "{place}");
                }
                let rest = |answer: &Answer| (answer.coverage.clone(), answer.freshness.clone());
                assert_eq!(rest(&kept), rest(&read), "{place}");
                n_compared += kept.rows.iter().filter(|row| row.estimate.n > 0).count();
            }
        }
    }
    assert!(n_compared > 5_000, "{n_compared} figures were compared");
}
