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
