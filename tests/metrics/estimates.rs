//! Intervals against published figures and R's results.

use analytics::estimate::{clustered_durations, durations, rate, share, survival};

fn per_cent(value: Option<f64>) -> f64 {
    (value.unwrap() * 1000.0).round() / 10.0
}

#[test]
fn wilsons_interval_agrees_with_the_published_examples() {
    // The figures of the definitions: 0 of 20, 3 of 40, 84 of 120.
    let zero = share(0, 20);
    assert_eq!((per_cent(zero.low), per_cent(zero.high).round()), (0.0, 16.0));
    let three = share(3, 40);
    assert_eq!((per_cent(three.low), per_cent(three.high)), (2.6, 19.9));
    let many = share(84, 120);
    assert_eq!((per_cent(many.low).round(), per_cent(many.high).round()), (61.0, 78.0));
    // Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
    let newcombe = share(81, 263);
    assert!((newcombe.low.unwrap() - 0.2553).abs() < 5e-5 && (newcombe.high.unwrap() - 0.3662).abs() < 5e-5);
    assert_eq!(share(0, 0).value, None);
}

#[test]
fn the_exact_poisson_interval_agrees_with_garwoods_table() {
    // Garwood (1936), 95 %: 0 events 0 to 3.689; 1: 0.0253 to 5.572; 10: 4.795 to 18.39; 100: 81.36 to 121.63.
    for (n, low, high) in [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (100, 81.36, 121.63)] {
        let found = rate(n, 1.0);
        assert!((found.low.unwrap() - low).abs() < 0.005, "{n}: {found:?}");
        assert!((found.high.unwrap() - high).abs() < 0.005, "{n}: {found:?}");
    }
}

#[test]
fn the_medians_interval_has_the_ranks_of_the_sign_test() {
    // Tables of the sign test: with 6 observations ranks 1 and 6, with 15 ranks 4 and 12, with 25 ranks 8 and 18,
    // with 100 ranks 40 and 61.
    for (n, low, high) in [(6, 1.0, 6.0), (15, 4.0, 12.0), (25, 8.0, 18.0), (100, 40.0, 61.0)] {
        let values: Vec<f64> = (1..=n).rev().map(f64::from).collect();
        let found = durations(&values).median;
        assert_eq!((found.low, found.high), (Some(low), Some(high)), "{n} observations");
    }
    assert_eq!(durations(&[1.0, 2.0, 3.0, 4.0, 5.0]).median.low, None);
}

#[test]
fn what_comes_together_counts_once_in_the_medians_interval() {
    // 25 clusters of three equal values say no more than 25 values, of which the ranks are 8 and 18. By the formula: 24
    // clusters lie 1.5 to one side each, 24 * 2.25 * 25 / 24 = 56.25, the root is 7.5, Student's 97.5 % point of 24 degrees
    // of freedom 2.064; 37.5 - 15.48 - 0.5 = 21.5, which is within the eighth cluster.
    let values: Vec<f64> = (1..=25).flat_map(|cluster| [f64::from(cluster); 3]).collect();
    let found = clustered_durations(&values, &[3; 25]).median;
    assert_eq!((found.value, found.low, found.high, found.n), (Some(13.0), Some(8.0), Some(18.0), 75));
    // Clusters that are each like the whole leave nothing to chance: low, middle and high in each of 25.
    let values: Vec<f64> =
        (1..=25).flat_map(|n| [1.0 + f64::from(n) / 100.0, 2.0, 4.0 - f64::from(n) / 100.0]).collect();
    let found = clustered_durations(&values, &[3; 25]).median;
    assert_eq!((found.low, found.high), (Some(2.0), Some(2.0)));
    // Five clusters are too few, however many values they have; single values are as ever.
    assert_eq!(clustered_durations(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 1, 1, 1, 2]).median.low, None);
    let values: Vec<f64> = (1..=15).map(f64::from).collect();
    assert_eq!(clustered_durations(&values, &[1; 15]), durations(&(1..=15).map(f64::from).collect::<Vec<_>>()));
}

#[test]
fn kaplan_and_meiers_median_agrees_with_r_on_the_leukaemia_data() {
    // Remission times of the 6-MP group (Freireich et al. 1963), `true` still in remission. By hand: the curve falls to
    // 0.5378 at 22 and to 0.4482 at 23 weeks, so the median is 23. R's survfit(conf.type = "log-log") gives 13 for the
    // lower end and none for the upper.
    let mut observed: Vec<(f64, bool)> = [
        (6.0, false),
        (6.0, false),
        (6.0, false),
        (6.0, true),
        (7.0, false),
        (9.0, true),
        (10.0, false),
        (10.0, true),
        (11.0, true),
        (13.0, false),
        (16.0, false),
        (17.0, true),
        (19.0, true),
        (20.0, true),
        (22.0, false),
        (23.0, false),
        (25.0, true),
        (32.0, true),
        (32.0, true),
        (34.0, true),
        (35.0, true),
    ]
    .to_vec();
    let found = survival(&mut observed);
    assert_eq!((found.median.value, found.median.low, found.median.high), (Some(23.0), Some(13.0), None));
    // The placebo group has no censoring: the plain median, 8; R's log-log interval is 4 to 11.
    let mut placebo: Vec<(f64, bool)> = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
        .map(|week| (f64::from(week), false))
        .to_vec();
    let found = survival(&mut placebo);
    assert_eq!((found.median.value, found.median.low, found.median.high), (Some(8.0), Some(4.0), Some(11.0)));
}

#[test]
fn without_open_ones_the_survival_median_is_the_plain_median() {
    let mut observed = [(1.0, false), (2.0, false), (6.0, false), (9.0, false)];
    assert_eq!(survival(&mut observed).median.value, Some(4.0));
}
