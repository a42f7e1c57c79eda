//! The checks of the data: full headers, tests, and nothing read that is not said.

use std::collections::BTreeSet;

use analytics::quality::Checks;
use analytics::{Catalogue, MARTS};

use super::files;

fn checks() -> Checks {
    Checks::read(sql::CHECKS, &Catalogue::read(sql::METRICS).unwrap()).unwrap()
}

#[test]
fn every_check_has_a_full_header_and_a_test() {
    let tested: Vec<String> = files("tests/data_quality", "rs").into_iter().map(|(_, text)| text).collect();
    for check in checks().iter() {
        assert!(tested.iter().any(|text| text.contains(&format!("\"{}\"", check.name))), "{} has no test", check.name);
        assert!(check.title.len() > 10, "{} has a thin title", check.name);
        assert!(check.fix.len() > 60, "{} does not say what would mend it", check.name);
    }
}

#[test]
fn a_check_reads_only_what_it_names() {
    for check in checks().iter() {
        let query: Vec<&str> = check.query.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let query = query.join("\n");
        let mut read = BTreeSet::new();
        for schema in ["facts.", "marts.", "meta."] {
            for rest in query.split(schema).skip(1) {
                let name: String =
                    rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                read.insert(format!("{schema}{name}"));
            }
        }
        assert_eq!(read, check.reads.iter().cloned().collect(), "{}", check.name);
    }
}

#[test]
fn every_kind_of_fact_that_a_metric_needs_is_missed_when_nothing_tells_it() {
    let checks = checks();
    let query = &checks.get("kinds_never_told").unwrap().query;
    let listed: BTreeSet<&str> =
        query.lines().filter_map(|line| line.trim().strip_prefix('\'')?.strip_suffix("',")).collect();
    let needed: BTreeSet<&str> = MARTS.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
    assert_eq!(listed, needed);
}

#[test]
fn mistakes_in_a_checks_header_are_told_with_the_nearest_name() {
    let error = |name: &str, suffers: &str| {
        let text = format!(
            "-- name = \"x\"\n-- title = \"x\"\n-- reads = []\n{suffers}-- fix = \"x\"\n-- One row per x.\nselect 1\n"
        );
        let catalogue = Catalogue::read(sql::METRICS).unwrap();
        Checks::read(&[(name, &text)], &catalogue).unwrap_err().to_string()
    };
    let found = error("x.sql", "-- suffers = [\"change_leadtime\"]\n");
    assert!(found.contains("check x.sql") && found.contains("did you mean `change_lead_time`?"), "{found}");
    assert!(error("y.sql", "-- suffers = [\"change_lead_time\"]\n").contains("name it as its file"));
    assert!(error("x.sql", "").contains("who suffers"));
    assert!(error("x.sql", "-- suffrs = [\"change_lead_time\"]\n").contains("unknown field `suffrs`"));
}
