//! The difference between two shares.

use analytics::compare::newcombe::{Share, design_effect, difference};

use super::near;

#[test]
fn the_interval_agrees_with_newcombes_table_two() {
    // Newcombe (1998), table II, method 10: a/m, b/n and the interval of a/m - b/n.
    let table = [
        (56.0, 70.0, 48.0, 80.0, 0.0524, 0.3339),
        (9.0, 10.0, 3.0, 10.0, 0.1705, 0.8090),
        (6.0, 7.0, 2.0, 7.0, 0.0582, 0.8062),
        (5.0, 56.0, 0.0, 29.0, -0.0381, 0.1926),
        (0.0, 10.0, 0.0, 20.0, -0.1611, 0.2775),
        (0.0, 10.0, 0.0, 10.0, -0.2775, 0.2775),
        (10.0, 10.0, 0.0, 20.0, 0.6791, 1.0),
        (10.0, 10.0, 0.0, 10.0, 0.6075, 1.0),
    ];
    for (a, m, b, n, low, high) in table {
        let found = difference(Share { k: a, n: m }, Share { k: b, n }).unwrap();
        near(found.value, a / m - b / n, 1e-12);
        near(found.low, low, 5e-5);
        near(found.high, high, 5e-5);
    }
    assert_eq!(difference(Share { k: 0.0, n: 0.0 }, Share { k: 1.0, n: 2.0 }), None);
}

#[test]
fn services_that_fail_alike_need_no_correction_and_others_do() {
    // By hand: two services of 10 with 2 and 8 that fail, together one half: ((2 - 5)^2 + (8 - 5)^2) / (10 / 4) = 7.2 with
    // one degree of freedom. With 5 and 5 the statistic is 0, and nothing is made smaller.
    let share = |k: f64| Share { k, n: 10.0 };
    near(design_effect(&[vec![share(2.0), share(8.0)]]), 7.2, 1e-12);
    near(design_effect(&[vec![share(5.0), share(5.0)]]), 1.0, 1e-12);
    // A group in which nothing fails tells of no variance; two groups add up: 7.2 over 2 degrees, 3.6.
    near(design_effect(&[vec![share(0.0), share(0.0)], vec![share(2.0), share(8.0)]]), 7.2, 1e-12);
    near(design_effect(&[vec![share(5.0), share(5.0)], vec![share(2.0), share(8.0)]]), 3.6, 1e-12);
    let thinned = share(2.0).thinned(2.0);
    assert_eq!((thinned.k, thinned.n), (1.0, 5.0));
}
