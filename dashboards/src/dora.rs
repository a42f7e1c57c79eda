//! The DORA score beside the published means: as context, never as a goal.

use std::sync::Arc;

use analytics::people::UNKNOWN;
use analytics::{AnalyticsError, Answer, Engine, Grain, PUBLISHED_MEANS, PUBLISHED_YEAR, Row};
use maud::{Markup, html};

use crate::filters::Filters;

/// The names of the score's parts in an answer, in the order of [`PUBLISHED_MEANS`].
const POINTS: [&str; 5] = ["lead_points", "frequency_points", "recovery_points", "fail_points", "rework_points"];

/// The score over the page's window.
pub struct Score {
    answer: Arc<Answer>,
    page: String,
}

impl Score {
    /// Asks the engine.
    pub fn read(engine: &Engine, filters: &Filters) -> Result<Score, AnalyticsError> {
        let answer = engine.answer(&filters.ask("dora_score", filters.window, Grain::All, None), filters.now)?;
        Ok(Score { answer, page: filters.link("/m/dora_score") })
    }

    fn row(&self) -> &Row {
        self.answer.rows.first().expect("each part has a row for its one bucket, so the score has")
    }

    /// The score as a card beside those of its parts.
    pub fn card(&self) -> Markup {
        let row = self.row();
        html! {
            article.card {
                h3 { a href=(self.page) { (self.answer.title) } }
                p.figure { (points(row.estimate.value)) @if row.estimate.value.is_some() { " of 10" } }
                @if row.estimate.value.is_none() { p.why { "one of the five is not known, so neither is their mean" } }
                p.certainty { "throughput " (points(row.more("throughput"))) " · stability " (points(row.more("stability"))) }
                p.certainty { "A coarse scale: points change only where an answer of the Quick Check would." }
                p.links {
                    a href={ (self.page) "#definition" } { "What is this?" span.hidden { " " (self.answer.title) } }
                    " "
                    a href="#dora" { "Beside the published means" }
                }
            }
        }
    }

    /// The points of each part beside the published means.
    pub fn section(&self, engine: &Engine) -> Result<Markup, AnalyticsError> {
        Ok(html! {
            section aria-labelledby="dora" {
                h2 #dora { "Beside the published means" }
                (parts(engine, self.row())?)
            }
        })
    }
}

/// The points of each part beside its published mean.
pub fn parts(engine: &Engine, row: &Row) -> Result<Markup, AnalyticsError> {
    let mut lines = Vec::new();
    for ((name, mean), part) in PUBLISHED_MEANS.iter().zip(POINTS) {
        lines.push((engine.title(engine.catalogue().get(name)?), row.more(part), *mean));
    }
    Ok(html! {
        div.scroll.fit.points role="region" aria-label="Points of each part" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Part" }
                        th scope="col" { "Points here" }
                        th scope="col" { "Published mean " (PUBLISHED_YEAR) }
                        th scope="col" { span.hidden { "Both on a line from 0 to 10" } }
                    }
                }
                tbody {
                    @for (title, here, mean) in &lines {
                        tr {
                            th scope="row" { (title) }
                            td { (points(*here)) }
                            td { (points(Some(*mean))) }
                            td { (beside(*here, *mean)) }
                        }
                    }
                }
            }
        }
        p.small {
            "On the line: the filled dot is the points here, the upright stroke the published mean. The scale is that of the public "
            a href="https://dora.dev/quickcheck/" { "DORA Quick Check" }
            ", the means are what its respondents of " (PUBLISHED_YEAR)
            " reported of themselves: something to read the points against, not a goal."
        }
    })
}

fn points(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| format!("{value:.1}"))
}

/// A line from 0 to 10 with both marked. The figures stand in the cells beside it.
fn beside(here: Option<f64>, mean: f64) -> Markup {
    let x = |points: f64| format!("{:.1}", 6.0 + points / 10.0 * 108.0);
    html! {
        svg.beside viewBox="0 0 120 18" width="120" height="18" aria-hidden="true" focusable="false" {
            line.axis x1="6" x2="114" y1="9" y2="9" {}
            line.mean x1=(x(mean)) x2=(x(mean)) y1="2" y2="16" {}
            @if let Some(here) = here { circle.dot cx=(x(here)) cy="9" r="4" {} }
        }
    }
}
