//! Interrupted time series.

use analytics::compare::interrupted::{POINTS_NEEDED, interrupted};

use super::near;

/// The flow of the Nile at Aswan, 1871 to 1970 (R's data set Nile); it fell about 1898.
const NILE: [i32; 100] = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831,
    726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845,
    944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918,
    986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

#[test]
fn level_slope_and_errors_agree_with_rs_sandwich_on_the_nile() {
    // R 4.2, sandwich 3.0-2: m <- lm(u ~ t + a + I(a * (t - 29))), t from 1 to 100, a <- t >= 29;
    // coef(m) and sqrt(diag(NeweyWest(m, lag = 4, prewhite = FALSE, adjust = TRUE))).
    let points: Vec<(f64, f64)> = NILE.iter().zip(1..).map(|(flow, t)| (f64::from(t), f64::from(*flow))).collect();
    let found = interrupted(&points, 29.0, None).unwrap();
    assert_eq!(found.lag, 4);
    near(found.level.value, -289.102_685_366_4, 1e-6);
    near(found.slope.value, -0.469_088_767_6, 1e-6);
    near(found.errors.0, 63.049_803_664, 1e-6);
    near(found.errors.1, 2.757_285_921, 1e-6);
    // Student's t with 96 degrees of freedom: 1.98498 standard errors on each side.
    near(found.level.high - found.level.value, 1.984_98 * 63.049_803_664, 1e-2);
}

#[test]
fn a_step_in_a_straight_line_is_found_as_it_is() {
    // 3 + 2t, from 10 on 5 more and half a unit steeper: nothing is left over, so the interval has no width.
    let points: Vec<(f64, f64)> = (0..20)
        .map(f64::from)
        .map(|t| (t, 3.0 + 2.0 * t + if t >= 10.0 { 5.0 + 0.5 * (t - 10.0) } else { 0.0 }))
        .collect();
    let found = interrupted(&points, 10.0, None).unwrap();
    near(found.level.value, 5.0, 1e-9);
    near(found.slope.value, 0.5, 1e-9);
    near(found.level.high, 5.0, 1e-6);
}

#[test]
fn fewer_than_eight_points_on_a_side_are_too_few() {
    let points = |n: i32| (0..n).map(|t| (f64::from(t), f64::from(t * t % 7))).collect::<Vec<_>>();
    assert_eq!(POINTS_NEEDED, 8);
    assert!(interrupted(&points(15), 8.0, None).is_none());
    assert!(interrupted(&points(15), 7.0, None).is_none());
    assert!(interrupted(&points(16), 8.0, None).is_some());
}
