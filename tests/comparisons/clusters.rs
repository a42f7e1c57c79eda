//! The bootstrap that draws clusters.

use analytics::compare::clusters::{Counted, DRAWS, Lasted, medians, rates};

use super::near;

fn lasted(cluster: usize, is_after: bool, value: f64) -> Lasted {
    Lasted { cluster, is_after, value, is_open: false }
}

#[test]
fn medians_of_both_sides_are_the_plain_ones() {
    let values = [(0, 1.0, 2.0), (0, 4.0, 1.0), (1, 6.0, 3.0), (1, 9.0, 5.0)];
    let all: Vec<Lasted> = (values.iter())
        .flat_map(|(cluster, before, after)| [lasted(*cluster, false, *before), lasted(*cluster, true, *after)])
        .collect();
    let found = medians(&all, 2, DRAWS, 1).unwrap();
    // By hand: 1, 4, 6, 9 have the median 5; 1, 2, 3, 5 have 2.5.
    assert_eq!((found.before, found.after), (5.0, 2.5));
    assert_eq!(found.difference.value, -2.5);
    assert_eq!(found.ratio.unwrap().value, 0.5);
    // With two clusters a draw is twice the first, twice the second, or both: differences -1, -3.5 and -2.5, and each of
    // the first two is drawn a quarter of the time, so they are the ends.
    assert_eq!((found.difference.low, found.difference.high), (-3.5, -1.0));
    assert!(medians(&all[..0], 2, DRAWS, 1).is_none());
}

#[test]
fn open_durations_count_as_kaplan_and_meier_would() {
    // 2, 4+, 6, 8 (4 is still open): the curve falls to 3/4 at 2, then by half at 6 to 3/8: the median is 6.
    let before: Vec<Lasted> = [(2.0, false), (4.0, true), (6.0, false), (8.0, false)]
        .map(|(value, is_open)| Lasted { is_open, ..lasted(0, false, value) })
        .to_vec();
    let all: Vec<Lasted> = before.into_iter().chain([lasted(0, true, 1.0)]).collect();
    assert_eq!(medians(&all, 1, DRAWS, 1).unwrap().before, 6.0);
}

#[test]
fn events_of_one_cluster_count_as_one_when_it_comes_to_chance() {
    // Twenty services, each with one level, seen often: seeing each a hundred times as often must not narrow the interval
    // of the median, as drawing events would.
    let width = |n: usize| {
        let all: Vec<Lasted> = (0..20)
            .flat_map(|cluster| {
                (0..n).flat_map(move |_| {
                    let level = 10.0 + cluster as f64;
                    [lasted(cluster, false, level), lasted(cluster, true, level * 1.5)]
                })
            })
            .collect();
        let found = medians(&all, 20, 499, 1).unwrap().difference;
        found.high - found.low
    };
    near(width(200), width(2), 1e-9);
    assert!(width(2) > 1.0, "{}", width(2));
}

#[test]
fn rates_count_events_over_days() {
    let counted =
        [Counted { before: (10.0, 20.0), after: (30.0, 30.0) }, Counted { before: (5.0, 10.0), after: (0.0, 10.0) }];
    let found = rates(&counted, DRAWS, 1).unwrap();
    // By hand: 15 in 30 days, 30 in 40 days; drawn twice the first 0.5 and 1, twice the second 0.5 and 0.
    assert_eq!((found.before, found.after, found.difference.value), (0.5, 0.75, 0.25));
    assert_eq!((found.difference.low, found.difference.high), (-0.5, 0.5));
    assert_eq!(found.ratio.unwrap().value, 1.5);
}
