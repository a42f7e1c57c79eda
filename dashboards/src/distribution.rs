//! How what a metric's figure is made of is spread, as a section of its page.

use analytics::{Aggregate, AnalyticsError, Engine, Grain, Shape};
use maud::{Markup, html};

use crate::figure::{Figure, has_intervals};
use crate::filters::Filters;
use crate::group_table::{self, GroupTable};
use crate::histogram;
use crate::layout;
use crate::words;

/// Durations themselves; of all else how the figures of services differ.
pub fn section(
    engine: &Engine,
    filters: &Filters,
    figure: &Figure,
    tables: &[(&'static str, GroupTable)],
) -> Result<Markup, AnalyticsError> {
    let metric = &figure.metric;
    if metric.has_distribution() {
        let found = engine.distribution(&filters.ask(&metric.name, figure.span, Grain::All, None), filters.now)?;
        if found.n == 0 {
            return Ok(html! {});
        }
        let json = filters.distribution_link(&metric.name, figure.span);
        return Ok(html! {
            section aria-labelledby="spread" {
                h2 #spread { "Distribution" }
                (histogram::durations(&found, figure.row().estimate.value))
                (layout::also(&json, &format!("{json}&format=csv")))
            }
        });
    }
    if metric.observes_people() {
        return Ok(html! {
            section aria-labelledby="spread" {
                h2 #spread { "Distribution" }
                p { "Each duration is one person's, so their distribution is shown to nobody." }
            }
        });
    }
    let Some((of, table)) = tables.iter().find(|(dimension, _)| *dimension == "service").or(tables.first()) else {
        return Ok(html! {});
    };
    let rows = || table.rows().filter(|row| row.estimate.value.is_some());
    let values: Vec<f64> = rows().filter_map(|row| row.estimate.value).collect();
    if metric.aggregate == Aggregate::Cell || values.len() < histogram::FEWEST_GROUPS {
        return Ok(html! {});
    }
    // What holds is no sample, and does not stray.
    let is_sample = metric.shape == Shape::Event && has_intervals(metric.aggregate);
    let n_thin = rows().filter(|row| is_sample && words::is_thin(row)).count();
    let of = group_table::in_words(of);
    Ok(html! {
        section aria-labelledby="spread" {
            h2 #spread { "How " (of) "s differ" }
            (histogram::groups(&table.wording(), &metric.unit, &of, &values, n_thin))
        }
    })
}
