//! pipeline_compliance

use facts::Kind;
use store::{MartRules, Store, StoreOptions};

use super::told::{Told, figure, rows};
use crate::support::{ask, at, engine, write};

const SERVICES: &str = "name,valid_from,team,pipeline,pipeline_version
    a,2025-02-10T00:00:00Z,red,golden,1
    b,2025-02-10T00:00:00Z,red,golden,2
    c,2025-02-10T00:00:00Z,blue,c-own,1
    d,2025-02-10T00:00:00Z,blue,,";

#[test]
fn unless_configured_a_pipeline_of_several_services_is_approved() {
    let told = Told::of(&[(Kind::Service, SERVICES)]);
    let march = "2025-03-01 2025-04-01 month";
    assert_eq!(told.figures("pipeline_compliance", march, ""), [figure("", 0.5, 4)]);
    assert_eq!(
        told.figures("pipeline_compliance", march, "pipeline,pipeline_version"),
        [figure("- -", 0.0, 1), figure("c-own 1", 0.0, 1), figure("golden 1", 1.0, 1), figure("golden 2", 1.0, 1)]
    );
}

#[test]
fn approved_pipelines_are_those_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let rules = MartRules { approved_pipelines: vec!["c-*".into()], ..MartRules::default() };
    let options = StoreOptions { path: folder.path().join("test.duckdb"), rules, ..StoreOptions::default() };
    let store = Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap();
    write(&store, &rows(Kind::Service, SERVICES));
    let answer = ask(&engine(&store, "UTC"), "pipeline_compliance", "2025-03-01", "2025-04-01", "all", "team", "");
    let shares: Vec<Option<f64>> = answer.rows.iter().map(|row| row.estimate.value).collect();
    // blue has c, which is approved, and d, which is not; red has none.
    assert_eq!(shares, [Some(0.5), Some(0.0)]);
}

#[test]
fn where_nobody_tells_of_pipelines_the_share_is_not_known() {
    let told = Told::of(&[(Kind::Service, "name,valid_from,team\na,2025-02-10T00:00:00Z,red")]);
    let answer = told.ask("pipeline_compliance", "2025-03-01 2025-04-01 all", "", "");
    assert_eq!((answer.rows[0].estimate.value, answer.rows[0].estimate.n), (None, 0));
    assert_eq!(answer.coverage.reasons["no source tells of pipelines"], 1);
}
