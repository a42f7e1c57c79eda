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
