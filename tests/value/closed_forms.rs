//! The draws against closed forms: quantiles of one input, sums and products of independent ones.

use super::{assert_near, points, worked_example};

/// The 90 % point of the standard normal distribution, from tables.
const Z90: f64 = 1.281_552;

#[test]
fn one_uniform_input_gives_its_own_quantiles() {
    let figures = worked_example().figure("platform.engineers", "min = 3\nmax = 4").telemetry();
    // 3.0 million less 3.9, 3.5 and 3.1 engineers.
    assert_near(points(figures.net), [2_220_000.0, 2_300_000.0, 2_380_000.0], 1e-4);
}

#[test]
fn one_normal_input_gives_its_own_quantiles() {
    let written = worked_example().figure("loaded_cost", "distribution = \"normal\"\nmean = 200000\nsd = 20000");
    let expected = [-Z90, 0.0, Z90].map(|z| 15.0 * (200_000.0 + z * 20_000.0));
    assert_near(points(written.telemetry().gross), expected, 1e-3);
    let by_points = format!("distribution = \"normal\"\np10 = {}\np90 = {}", expected[0] / 15.0, expected[2] / 15.0);
    assert_near(points(worked_example().figure("loaded_cost", &by_points).telemetry().gross), expected, 1e-3);
}

#[test]
fn triangles_and_pert_meet_their_distribution_functions() {
    let recaptured = |keys: &str| points(worked_example().figure("recapture", keys).telemetry().after_recapture);
    // F(x) = x^2 / (1/4 x 1) up to the mode, 1 - (1-x)^2 / (3/4 x 1) from there: 10 % at sqrt(0.025), 50 % at 1 - sqrt(0.375).
    let expected = [0.025_f64.sqrt(), 1.0 - 0.375_f64.sqrt(), 1.0 - 0.075_f64.sqrt()].map(|share| share * 3e6);
    assert_near(recaptured("min = 0\nmode = 0.25\nmax = 1"), expected, 2e-3);
    // With its mode in the middle a PERT is Beta(3, 3), whose F(x) = 10 x^3 - 15 x^4 + 6 x^5.
    let shares = recaptured("distribution = \"pert\"\nmin = 0\nmode = 0.5\nmax = 1").map(|money| money / 3e6);
    let reached = shares.map(|x| 10.0 * x.powi(3) - 15.0 * x.powi(4) + 6.0 * x.powi(5));
    assert_near(reached, [0.1, 0.5, 0.9], 3e-3);
}

#[test]
fn spreads_of_independent_normal_costs_add_as_squares() {
    let cost = worked_example()
        .figure("platform.licences", "distribution = \"normal\"\nmean = 300000\nsd = 30000")
        .figure("platform.infrastructure", "distribution = \"normal\"\nmean = 500000\nsd = 40000")
        .telemetry()
        .platform_cost;
    // 600 000 + 300 000 + 500 000, and sqrt(30^2 + 40^2) = 50.
    assert_near(points(cost), [-Z90, 0.0, Z90].map(|z| 1_400_000.0 + z * 50_000.0), 2e-3);
}

#[test]
fn two_uniform_savings_add_to_a_triangle() {
    let hours = worked_example()
        .saving("platform", "telemetry.hours_per_engineer_week", "min = 0\nmax = 1")
        .saving("portal", "telemetry.hours", "min = 0\nmax = 200")
        .telemetry()
        .hours;
    // The sum of two uniform numbers is triangular from 0 over 1 to 2: 10 % at sqrt(0.2), and its mirror image.
    let tenth = 0.2_f64.sqrt();
    assert_near(points(hours), [200.0 * tenth, 200.0, 200.0 * (2.0 - tenth)], 1.5e-2);
}

#[test]
fn log_normal_factors_multiply_into_a_log_normal() {
    let hours = worked_example()
        .figure("cap", "value = 168")
        .figure("engineers", "distribution = \"log_normal\"\nmedian = 200\nsigma = 0.3")
        .saving(
            "platform",
            "telemetry.hours_per_engineer_week",
            "distribution = \"log_normal\"\nmedian = 3\nsigma = 0.4",
        )
        .telemetry()
        .hours;
    // sqrt(0.3^2 + 0.4^2) = 0.5.
    assert_near(points(hours), [-Z90, 0.0, Z90].map(|z| 600.0 * (0.5 * z).exp()), 2.5e-2);
}

#[test]
fn two_uniform_shares_multiply_as_their_distribution_function_says() {
    let useful = worked_example()
        .figure("attribution", "min = 0\nmax = 1")
        .figure("recapture", "min = 0\nmax = 1")
        .telemetry()
        .after_recapture;
    // P(XY <= z) = z - z ln z.
    let reached = points(useful).map(|money| money / 3e6).map(|z| z - z * z.ln());
    assert_near(reached, [0.1, 0.5, 0.9], 5e-2);
}

#[test]
fn the_chance_of_a_net_above_zero_is_the_share_of_costs_below_the_value() {
    // 3.0 million against costs spread evenly from 2.4 to 4.8: a quarter lies below.
    let chance = worked_example().figure("platform.engineers", "min = 12\nmax = 24").telemetry().chance_net_above_zero;
    assert!((chance.unwrap() - 0.25).abs() < 0.001, "{chance:?}");
}

#[test]
fn drivers_move_one_input_at_a_time_and_are_sorted_by_their_swing() {
    let drivers = worked_example()
        .figure("recapture", "min = 0\nmax = 1")
        .figure("loaded_cost", "min = 100000\nmax = 200000")
        .figure("platform.engineers", "min = 3\nmax = 4")
        .telemetry()
        .drivers;
    let found: Vec<(&str, [f64; 4])> = drivers
        .iter()
        .map(|driver| {
            (driver.input.as_str(), [driver.p10, driver.p90, driver.net_at_p10, driver.swing].map(f64::round))
        })
        .collect();
    // The others at their medians: 15 x 150 000 = 2.25 million gross, half of it useful, 3.5 x 150 000 = 525 000 cost.
    let expected = [
        ("recapture", [0.0, 1.0, 225_000.0 - 525_000.0, 0.8 * 2_250_000.0]),
        // An engineer costs 110 000 or 190 000: 7.5 - 3.5 engineers remain.
        ("loaded_cost", [110_000.0, 190_000.0, 440_000.0, 320_000.0]),
        ("platform.engineers", [3.0, 4.0, 1_125_000.0 - 465_000.0, 120_000.0]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_same_seed_gives_the_same_draws_and_another_seed_others() {
    let written =
        || worked_example().figure("recapture", "min = 0\nmax = 1").figure("platform.engineers", "min = 3\nmax = 4");
    assert_eq!(written().report(), written().report());
    let other = written().top("currency = \"USD\"\nseed = 2").report();
    assert_ne!(other.bases, written().report().bases);
    let net = |report: &analytics::value::ValueReport| points(report.bases[&analytics::value::Basis::Telemetry].net);
    assert_near(net(&other), net(&written().report()), 2e-2);
}
