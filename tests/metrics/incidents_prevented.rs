//! incidents_prevented

use std::fmt::Write as _;

use analytics::{Catalogue, Engine, EngineOptions, LeadTimeStart, Settings};
use facts::Kind;

use super::told::{Told, rounded};
use crate::support::ask;

fn fifteen_violations() -> Told {
    let mut blocks = "id,policy,at,layer".to_owned();
    for number in 1..=15 {
        write!(blocks, "\n{number},signed,2025-03-{number:02}T10:00:00Z,ci").unwrap();
    }
    Told::of(&[(Kind::PolicyBlock, &blocks)])
}

#[test]
fn fifteen_violations_at_twenty_hours_are_three_hundred_hours_once() {
    let row = fifteen_violations().row("incidents_prevented", "2025-03-01 2025-04-01", "");
    assert_eq!(
        (row.estimate.value, row.beside("violations"), row.beside("incidents")),
        (Some(300.0), Some(15.0), Some(15.0))
    );
}

#[test]
fn the_share_and_the_hours_are_those_of_the_configuration() {
    let told = fifteen_violations();
    let options = EngineOptions {
        zone: analytics::parse_zone("UTC").unwrap(),
        lead_time_start: LeadTimeStart::FirstCommit,
        settings: Settings { incident_share: 0.2, incident_hours: 8.0, ..Settings::default() },
    };
    let engine = Engine::new(told.store.clone(), Catalogue::read(sql::METRICS).unwrap(), options);
    let answer = ask(&engine, "incidents_prevented", "2025-03-01", "2025-04-01", "all", "", "");
    // 15 x 0.2 = 3 incidents of 8 hours.
    assert_eq!(rounded(answer.rows[0].estimate.value), Some(24.0));
    assert_eq!(rounded(answer.rows[0].beside("incidents")), Some(3.0));
}
