//! The page of the value model, and that of its metric.

use facts::{Basis, TimeSaving};

use super::site::Site;
use crate::support::{at, batch, engine, store_in, write};
use crate::value::{Written, worked_example};

fn site(written: &Written) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let saving = TimeSaving {
        id: "1".into(),
        capability: "templates".into(),
        at: at("2026-02-10T12:00:00Z"),
        hours: 1.0,
        occurrences: Some(10),
        team: None,
        basis: Some(Basis::Telemetry),
        url: None,
    };
    write(&store, &[batch(&[saving])]);
    Site::answering(folder, engine(&store, "UTC").with_value(written.model()))
}

#[test]
fn the_chain_goes_from_gross_to_net_with_the_inputs_and_whose_word_they_are() {
    let page = site(&worked_example()).get("/value");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    // The worked example: 3.0 million gross, 2.4 million net.
    for said in ["Gross USD 3.0 million", "Net USD 2.4 million", "Chance that net is above 0 100 %", "in USD a year"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(text.contains("Input Figure Unit Grade Of Owner Source"), "{text}");
    assert!(text.contains("By survey there is no figure"), "{text}");
    assert_eq!(page.html.matches("<rect class=\"bar\"").count(), 5, "gross to net");
    assert!(page.links().contains(&"/v1/value".to_owned()) && page.links().contains(&"/value.csv".to_owned()));
}

#[test]
fn what_moves_the_net_is_drawn_the_strongest_first_and_all_of_it_is_in_the_file() {
    let written = worked_example()
        .figure("loaded_cost", "min = 150000\nmax = 250000")
        .figure("recapture", "min = 0.7\nmax = 0.9");
    let site = site(&written);
    let text = site.get("/value").text();
    let (cost, recapture) = (text.find("loaded cost USD"), text.find("recapture USD"));
    assert!(cost.is_some() && cost < recapture, "{text}");
    let file = site.get("/value.csv").html;
    assert!(file.starts_with("part,basis,name,unit,p10,p50,p90,grade,date,owner,source,remark\r\n"), "{file}");
    let inputs = file.lines().filter(|line| line.starts_with("input,,loaded_cost,a year,160000,200000,240000,"));
    assert_eq!(inputs.count(), 1, "{file}");
}

#[test]
fn without_a_model_the_page_says_how_to_begin() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let page = Site::of(folder, &store).get("/value");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("cairn value --example >> cairn.toml"), "{}", page.text());
}

#[test]
fn the_metrics_page_names_the_currency_and_where_the_draws_lie() {
    let page = site(&worked_example()).get("/m/value_of_time_saved?window=4");
    let text = page.text();
    assert!(text.contains("USD 2.4 million a year"), "{text}");
    let draws = "10 of 100 draws lie below USD 2.4 million a year, 50 below USD 2.4 million a year, 90 below USD 2.4 million a year; above 0 in 100 %";
    assert!(text.contains(draws), "{text}");
    assert!(text.contains("10 % of draws below 50 % of draws below 90 % of draws below Chance above 0"), "{text}");
    assert!(text.contains("Unit USD a year"), "{text}");
}

#[test]
fn so_many_simulations_as_a_window_has_weeks_are_made_by_month() {
    let page = site(&worked_example()).get("/m/value_of_time_saved?window=104");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("shown by month, not by week"), "{}", page.text());
}

#[test]
fn a_run_that_was_kept_has_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let engine = engine(&store, "UTC");
    let model = worked_example().model();
    let span = analytics::value::Span { from: Some("2025-01-01".into()), to: Some("2026-01-01".into()) };
    analytics::value::keep(&engine, &model, None, &span, at("2026-02-01T00:00:00Z")).unwrap();
    // It needs no configuration any more.
    let site = Site::answering(folder, engine);
    let page = site.get("/value?run=1");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    assert!(text.contains("Value of time saved, run 1") && text.contains("Gross USD 3.0 million"), "{text}");
    assert!(page.links().contains(&"/v1/value?run=1".to_owned()), "{:?}", page.links());
    let none = site.get("/value?run=2");
    assert_eq!(none.status, 404);
    assert!(none.text().contains("run 2 of the value model; those kept are 1 to 1"), "{}", none.text());
    assert_eq!(site.get("/value?run=1&from=2025-01-01").status, 400);
    assert_eq!(site.get("/data-quality?metric=nope").status, 400, "a parameter is not passed over");
}

#[test]
fn the_stage_of_the_platform_decides_what_leads() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    let deployed = crate::support::deployment("1", "shop", "2026-02-10T12:00:00Z");
    store.write(&[batch(&[deployed])], None, at("2026-03-01T00:00:00Z")).unwrap();
    let engine = engine(&store, "UTC").with_value(worked_example().model()).with_stage(analytics::value::Stage::Early);
    let site = Site::answering(folder, engine);
    let overview = site.get("/").text();
    let place = |words: &str| overview.find(words).unwrap_or_else(|| panic!("{words}: {overview}"));
    assert!(place("A platform of the stage early leads with adoption") < place("Template adoption"));
    assert!(place("Time to first deployment") < place("Change lead time"), "before delivery");
    assert!(site.get("/?team=web").text().contains("Headline") || site.get("/?team=web").status == 400);
    let value = site.get("/value").text();
    assert!(value.contains("Headline of a platform of the stage early") && value.contains("DevEx score"), "{value}");
    let silent = {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        Site::of(folder, &store).get("/").text()
    };
    assert!(!silent.contains("Headline"), "{silent}");
}
