//! The pictures of the value model: the chain from gross to net, and what moves the net.

use analytics::value::words::{money, money_spread};
use analytics::value::{self, Basis, BasisFigures};
use maud::{Markup, html};

use crate::bars::{Bar, bars};
use crate::value_page::name;

/// More bars than this say no more: the least of them hardly move anything.
const MOST_DRIVERS: usize = 10;

/// The ends of the scale that the charts of all bases share, so that the same sum is as long in each.
pub fn chain_scale<'a>(bases: impl Iterator<Item = &'a BasisFigures>) -> (f64, f64) {
    let steps = |figures: &BasisFigures| {
        let BasisFigures { gross, after_attribution, after_recapture, platform_cost, net, .. } = figures;
        [gross, after_attribution, after_recapture, platform_cost, net]
            .map(|step| step.as_ref().map(|step| [step.p10, step.p90]))
    };
    ends(bases.flat_map(steps).flatten().flatten().chain([0.0]))
}

/// The same of what moves the net.
pub fn tornado_scale<'a>(bases: impl Iterator<Item = &'a BasisFigures>) -> (f64, f64) {
    let drivers = |figures: &'a BasisFigures| figures.drivers.iter().take(MOST_DRIVERS);
    let nets = |driver: &value::Driver| [driver.net_at_p10, driver.net_at_p90];
    ends(bases.flat_map(drivers).flat_map(nets))
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// The steps of money, each from 0 to its middle, with a line over where 80 of 100 draws lie.
pub fn chain(basis: Basis, figures: &BasisFigures, currency: &str, scale: (f64, f64)) -> Markup {
    let steps = [
        ("Gross", figures.gross),
        ("Owed to the platform", figures.after_attribution),
        ("Turned into useful work", figures.after_recapture),
        ("Cost of the platform", figures.platform_cost),
        ("Net", figures.net),
    ];
    let drawn: Vec<Bar> = (steps.into_iter())
        .filter_map(|(label, spread)| {
            let spread = spread?;
            Some(Bar {
                label: label.to_owned(),
                value: money(currency, spread.p50),
                from: 0.0,
                to: spread.p50,
                range: Some((spread.p10, spread.p90)),
            })
        })
        .collect();
    let net = figures.net.map(|net| money_spread(currency, &net)).unwrap_or_default();
    let description =
        format!("From gross to net by {}: net {net} a year. The table above has every step.", basis.as_str());
    html! {
        figure {
            div.scroll.fit role="region" aria-label={ "Chart from gross to net by " (basis.as_str()) } tabindex="0" {
                (bars(&drawn, 0.0, scale, &description))
            }
            figcaption { "By " (basis.as_str()) ", " (currency) " a year. The bar ends at the middle of all draws; along the thin line lie 80 of 100. The charts of all bases have one scale." }
        }
    }
}

/// How far each input alone moves the net, the strongest first.
pub fn tornado(basis: Basis, figures: &BasisFigures, currency: &str, scale: (f64, f64)) -> Markup {
    let drawn: Vec<Bar> = (figures.drivers.iter().take(MOST_DRIVERS))
        .map(|driver| Bar {
            label: name(&driver.input),
            value: money(currency, driver.swing),
            from: driver.net_at_p10,
            to: driver.net_at_p90,
            range: None,
        })
        .collect();
    let middle = figures.net.map_or(0.0, |net| net.p50);
    let description = format!(
        "What moves the net by {}: {} inputs, the strongest first. The table below has every one.",
        basis.as_str(),
        drawn.len()
    );
    html! {
        figure {
            div.scroll.fit role="region" aria-label={ "Chart of what moves the net by " (basis.as_str()) } tabindex="0" {
                (bars(&drawn, middle, scale, &description))
            }
            figcaption {
                "Each input alone goes from its 10 % to its 90 % point, all others stay at their middle; beside it how far the net moves. "
                "The upright line is the net of all draws, " (money(currency, middle)) " a year. The charts of all bases have one scale."
            }
        }
    }
}
