//! Hodges and Lehmann's shift with Mann and Whitney's test.

use analytics::compare::shift::shift;

use super::near;

#[test]
fn the_exact_test_and_interval_agree_with_r_on_hollander_and_wolfes_example() {
    // Permeability of the human chorioamnion at term and at 12 to 26 weeks (Hollander and Wolfe 1973, page 69). R 4.2:
    // wilcox.test(x, y, conf.int = TRUE) gives W = 35, p = 0.2544, -0.15 to 0.76, and 0.305.
    let x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    let y = [1.15, 0.88, 0.90, 0.74, 1.21];
    let found = shift(&x, &y).unwrap();
    near(found.shift.value, 0.305, 1e-9);
    near(found.shift.low, -0.15, 1e-9);
    near(found.shift.high, 0.76, 1e-9);
    near(found.p, 0.2544, 5e-5);
    let turned = shift(&y, &x).unwrap();
    near(turned.shift.low, -0.76, 1e-9);
    near(turned.p, found.p, 1e-12);
}

#[test]
fn with_ties_the_test_agrees_with_r_on_the_ozone_of_new_york() {
    // R's airquality, May and August. R 4.2: wilcox.test(Ozone ~ Month, ..., conf.int = TRUE) gives W = 127.5,
    // p = 0.0001208, -53 to -15, and -32 (each to within the accuracy of its search for a root).
    let may = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37];
    let august =
        [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85];
    let found = shift(&may.map(f64::from), &august.map(f64::from)).unwrap();
    near(found.p, 0.000_120_8, 5e-8);
    near(found.shift.value, -32.0, 1e-3);
    near(found.shift.low, -53.0, 1e-3);
    near(found.shift.high, -15.0, 1e-3);
}

#[test]
fn large_samples_agree_with_all_differences_written_down() {
    // A second method: all 60 x 50 differences sorted. The ranks by hand: 1500 - 1.95996 * sqrt(60 * 50 * 111 / 12)
    // = 1500 - 326.5 = 1173.5, so the 1173rd from each end.
    let one: Vec<f64> = (0..60).map(|i| f64::from(i * i % 97) + 0.25 * f64::from(i)).collect();
    let other: Vec<f64> = (0..50).map(|i| f64::from(i * 37 % 101) * 0.7).collect();
    let mut all: Vec<f64> = one.iter().flat_map(|x| other.iter().map(move |y| x - y)).collect();
    all.sort_by(f64::total_cmp);
    let found = shift(&one, &other).unwrap().shift;
    assert_eq!(found.value, f64::midpoint(all[1499], all[1500]));
    assert_eq!((found.low, found.high), (all[1172], all[3000 - 1173]));
}

#[test]
fn too_small_samples_have_no_interval() {
    // With 3 and 4 values even the most uneven of the 35 orders has 1 / 35 = 2.9 % on its side; with 4 and 4, 1 / 70.
    assert_eq!(shift(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0, 7.0]), None);
    assert!(shift(&[1.0, 2.0, 3.0, 8.0], &[4.0, 5.0, 6.0, 7.0]).is_some());
    assert_eq!(shift(&[], &[1.0]), None);
}
