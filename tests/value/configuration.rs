//! What a configuration must say, and how it is told what is wrong with it.

use super::{SAID, Written, worked_example};

fn assert_refused(written: &Written, words: &[&str]) {
    let refusal = written.refusal();
    for word in words {
        assert!(refusal.contains(word), "`{word}` is not in: {refusal}");
    }
}

#[test]
fn the_example_is_valid_as_it_stands() {
    let config = cairn::Config::parse(analytics::value::EXAMPLE).unwrap();
    assert!(config.value.is_some());
}

#[test]
fn the_example_may_follow_the_rest_of_a_configuration() {
    let text = format!("store = \"x.duckdb\"\n[platform]\nstage = \"growing\"\n\n{}", analytics::value::EXAMPLE);
    assert!(cairn::Config::parse(&text).unwrap().value.is_some());
}

#[test]
fn every_input_names_its_source_owner_date_and_grade() {
    let lines = ["source = \"a\"", "owner = \"b\"", "date = 2025-12-01", "grade = \"C\""];
    for (place, key) in ["source", "owner", "date", "grade"].into_iter().enumerate() {
        let mut kept = lines.to_vec();
        kept.remove(place);
        let keys = format!("value = 1\n{}\n", kept.join("\n"));
        assert_refused(
            &worked_example().bare("recapture", &keys),
            &["[value.recapture]", &format!("`{key}` is missing")],
        );
    }
    let of_capability = worked_example().saving("x", "telemetry.hours", "value = 1").text().replace(SAID, "");
    let refusal = format!("{:#}", cairn::Config::parse(&of_capability).map(|_| ()).unwrap_err());
    assert!(refusal.contains("`source` is missing"), "{refusal}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_and_its_line() {
    assert_refused(&worked_example().figure("recapture", "vlue = 1"), &["line ", "`vlue`", "did you mean `value`?"]);
    assert_refused(&worked_example().figure("recaptur", "value = 1"), &["did you mean `recapture`?"]);
    assert_refused(
        &worked_example().top("currency = \"USD\"\ndenominator = \"working_weeks\""),
        &["did you mean `working_week`?"],
    );
    assert_refused(
        &worked_example().figure("recapture", "distribution = \"triangel\"\nmin = 0\nmode = 0.1\nmax = 1"),
        &["[value.recapture]", "did you mean `triangular`?"],
    );
    let stage = cairn::Config::parse("[platform]\nstage = \"grown\"").map(|_| ()).unwrap_err();
    assert!(format!("{stage:#}").contains("did you mean `growing`?"), "{stage:#}");
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let cases = [
        ("loaded_cost", "value = -1", "-1 is below 0"),
        ("platform.licences", "min = -5\nmax = 5", "-5 is below 0"),
        ("attribution", "value = 1.2", "1.2 is above 1"),
        ("recapture", "min = 0.5\nmax = 1.5", "1.5 is above 1"),
        ("recapture", "min = 0.5\nmax = 0.4", "min (0.5) is above max (0.4)"),
        ("recapture", "min = 0.1\nmode = 0.9\nmax = 0.4", "mode (0.9) does not lie between"),
        ("hours_per_week", "value = 0", "0 hours a week cannot be"),
        ("hours_per_week", "value = 200", "200 is above 168"),
        ("weeks_per_year", "value = 60", "60 is above 53"),
        ("recapture", "distribution = \"normal\"\nmean = 0.9\nsd = 0.2", "above 1"),
        ("loaded_cost", "distribution = \"normal\"\nmean = 100\nsd = 100", "below 0"),
        ("loaded_cost", "distribution = \"normal\"\nmean = 100\nsd = -1", "spread is below 0"),
        ("loaded_cost", "distribution = \"log_normal\"\nmedian = 0\nsigma = 1", "lies above 0"),
        ("loaded_cost", "value = nan", "no number"),
        ("loaded_cost", "value = 1e308", "is above 1000000000000000"),
        ("loaded_cost", "distribution = \"log_normal\"\nmedian = 1\nsigma = 400", "make its spread smaller"),
        ("loaded_cost", "value = 1\nmin = 0", "do not go together"),
        ("loaded_cost", "distribution = \"normal\"\nmin = 0\nmax = 1", "a normal is not told by min, max"),
        ("loaded_cost", "", "it says no figure"),
        ("loaded_cost", "facts = \"cost\"", "not taken from facts"),
        ("platform.licences", "facts = \"costs\"", "did you mean `cost`?"),
        ("platform.licences", "value = 1\nfacts = \"cost\"", "keep one"),
        ("loaded_cost", "metric = \"change_lead_time\"", "not asked of a metric"),
    ];
    for (table, keys, words) in cases {
        assert_refused(&worked_example().figure(table, keys), &[&format!("[value.{table}]"), words]);
    }
    let migration = worked_example().bare("platform", "migration_years = 0\n");
    assert_refused(&migration, &["[value.platform]", "`migration_years` is 0"]);
    assert_refused(&worked_example().top("currency = \"dollars\""), &["[value]", "three letters"]);
    assert_refused(&worked_example().top("currency = \"EURO\""), &["[value]", "`EURO`", "did you mean `EUR`?"]);
    // Three capital letters alone make no currency.
    assert_refused(&worked_example().top("currency = \"EUU\""), &["`EUU`", "did you mean `EUR`?"]);
    let ungraded = format!("value = 1\n{}", SAID.replace("\"E\"", "\"F\""));
    assert_refused(&worked_example().bare("recapture", &ungraded), &["no grade `F`", "A experiment"]);
    let undated = format!("value = 1\n{}", SAID.replace("2025-12-01", "\"soon\""));
    assert_refused(&worked_example().bare("recapture", &undated), &["`date` is soon"]);
}

#[test]
fn a_table_that_is_missing_is_named() {
    for table in ["engineers", "cap", "hours_per_week", "loaded_cost", "attribution", "recapture"] {
        assert_refused(&worked_example().without(table), &[&format!("the table [value.{table}] is missing")]);
    }
    assert_refused(&worked_example().without("platform.engineers"), &["[value.platform]", "is missing"]);
    assert_refused(&worked_example().without_capabilities(), &["[[value.capability]]"]);
    let paid = worked_example().top("currency = \"USD\"\ndenominator = \"paid_hours\"");
    assert_refused(&paid.without("paid_hours"), &["the table [value.paid_hours] is missing"]);
    // What the denominator does not need may be missing.
    worked_example().without("paid_hours").without("weeks_per_year").model();
}

#[test]
fn a_saving_is_told_in_one_way_and_whole() {
    let half = worked_example().saving("portal", "telemetry.occurrences", "value = 5");
    assert_refused(&half, &["[value.capability.portal.telemetry]", "write one of the three"]);
    let both = worked_example().saving("platform", "telemetry.hours", "value = 5");
    assert_refused(&both, &["[value.capability.platform.telemetry]", "write one of the three"]);
    let nothing = worked_example().saving("portal", "", "replaces = \"mail\"");
    assert_refused(&nothing, &["[value.capability.portal]", "nothing that is saved"]);
}

#[test]
fn two_capabilities_that_claim_the_same_occurrences_are_refused() {
    let facts = "facts = \"time_saving\"\ncapabilities = [\"templates\"]";
    let same_facts = worked_example().saving("a", "telemetry.hours", facts).saving("b", "telemetry.hours", facts);
    assert_refused(&same_facts, &["`a` and `b`", "telemetry facts of `templates`", "each hour belongs to one"]);
    // By other bases they tell of the same hours, which is as it should be.
    worked_example().saving("a", "telemetry.hours", facts).saving("a", "survey.hours", facts).model();

    let replaces = "replaces = \"tickets\"";
    let same_replaced = worked_example()
        .saving("a", "", replaces)
        .saving("a", "telemetry.hours", "value = 1")
        .saving("b", "", replaces)
        .saving("b", "survey.hours", "value = 1");
    assert_refused(&same_replaced, &["`a` and `b`", "both replace `tickets`"]);

    let counted = |one: &str, other: &str| {
        let metric = |filter: &str| format!("metric = \"deployment_frequency\"\nwhere = [{filter}]");
        let mut written = worked_example();
        for (name, filter) in [("a", one), ("b", other)] {
            written = written
                .saving(name, "telemetry.occurrences", &metric(filter))
                .saving(name, "telemetry.baseline", "value = 2")
                .saving(name, "telemetry.observed", "value = 1");
        }
        written
    };
    assert_refused(&counted("\"team=x\"", "\"service=y\""), &["`a` and `b`", "occurrences of the metric"]);
    assert_refused(&counted("", "\"service=y\""), &["`a` and `b`"]);
    assert_refused(&counted("\"team=x,y\"", "\"team=y,z\""), &["`a` and `b`"]);
    counted("\"team=x\"", "\"team=y,z\"").model();
}

#[test]
fn costs_are_counted_once() {
    let both = worked_example()
        .figure("platform.licences", "facts = \"cost\"")
        .figure("platform.infrastructure", "facts = \"cost\"\nresources = [\"compute\"]");
    assert_refused(&both, &["[value.platform]", "the same `cost` facts"]);
    worked_example()
        .figure("platform.licences", "facts = \"cost\"\nresources = [\"licences\"]")
        .figure("platform.infrastructure", "facts = \"cost\"\nresources = [\"compute\"]")
        .model();
}
