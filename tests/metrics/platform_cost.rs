//! platform_cost

use facts::Kind;

use super::told::{Told, figure, unknown};
use crate::support::{ask, engine};

fn told() -> Told {
    Told::of(&[
        (
            Kind::Team,
            "name,valid_from,kind
            red,2025-01-01T00:00:00Z,product
            paved-road,2025-01-01T00:00:00Z,platform",
        ),
        (
            Kind::Cost,
            "team,resource,day,amount,currency
            paved-road,compute,2025-03-01,100,USD
            paved-road,licences,2025-03-01,40.5,USD
            paved-road,engineers,2025-04-01,90,USD
            paved-road,licences,2025-04-01,50,EUR
            red,compute,2025-03-01,1000,USD",
        ),
    ])
}

#[test]
fn the_costs_of_platform_teams_count_and_currencies_are_never_added() {
    let told = told();
    assert_eq!(
        told.figures("platform_cost", "2025-03-01 2025-05-01 month", ""),
        [figure("", 140.5, 2), unknown("", 2)]
    );
    assert_eq!(
        told.figures("platform_cost", "2025-03-01 2025-05-01 all", "currency"),
        [figure("EUR", 50.0, 1), figure("USD", 230.5, 3)]
    );
    let answer = told.ask("platform_cost", "2025-03-01 2025-05-01 all", "", "currency=EUR");
    assert_eq!(answer.rows[0].estimate.value, Some(50.0));
    let march = told.ask("platform_cost", "2025-03-01 2025-04-01 all", "", "");
    assert_eq!(march.coverage.reasons["not a platform team's"], 1);
}

#[test]
fn a_day_is_that_of_the_reporting_zone() {
    let told = told();
    for zone in ["America/Los_Angeles", "Asia/Tokyo"] {
        let answer = ask(&engine(&told.store, zone), "platform_cost", "2025-03-01", "2025-03-02", "day", "", "");
        assert_eq!(answer.rows[0].estimate.value, Some(140.5), "{zone}");
    }
}

#[test]
fn a_cost_told_by_the_month_is_spread_over_its_days_as_the_value_model_spreads_it() {
    let told = Told::of(&[
        (Kind::Team, "name,valid_from,kind\npaved-road,2025-03-10T00:00:00Z,platform"),
        (
            Kind::Cost,
            "team,resource,day,amount,currency
            paved-road,compute,2025-02-01,2800,USD
            paved-road,compute,2025-03-01,3100,USD
            paved-road,compute,2025-04-01,3000,USD
            paved-road,licences,2025-02-10,70,USD
            paved-road,licences,2025-02-11,80,USD
            paved-road,audit,2025-02-20,500,USD",
        ),
    ]);
    let cost = |window| told.row("platform_cost", window, "").estimate.value.map(f64::round);
    // 100 on each day of February, March and April: the last one stands for a month too.
    for (window, expected) in [
        ("2025-02-22 2025-03-08", 700.0 + 700.0),
        ("2025-02-22 2025-03-01", 700.0),
        ("2025-03-01 2025-03-08", 700.0),
        ("2025-04-01 2025-05-01", 3_000.0),
        // What is told by the day, and what is told once, stays where it is: 13 days of 100, 70 and 80, and 500.
        ("2025-02-09 2025-02-22", 1_300.0 + 150.0 + 500.0),
    ] {
        assert_eq!(cost(window), Some(expected), "{window}");
    }
}

#[test]
fn what_is_told_by_the_month_stands_for_31_days_at_most() {
    let told = Told::of(&[
        (Kind::Team, "name,valid_from,kind\npaved-road,2025-01-01T00:00:00Z,platform"),
        (
            Kind::Cost,
            "team,resource,day,amount,currency
            paved-road,compute,2025-03-01,3100,USD
            paved-road,compute,2025-06-01,31,USD",
        ),
    ]);
    let row = |window| told.row("platform_cost", window, "").estimate.value.map(f64::round);
    assert_eq!(row("2025-03-31 2025-04-30"), Some(100.0));
    // The last stands for 31 days, as the one before it did: 30 of them are of June.
    assert_eq!(row("2025-06-01 2025-07-01"), Some(30.0));
}
