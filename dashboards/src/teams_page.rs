//! The teams: each with its figures of delivery, and the way to its page.

use analytics::{AnalyticsError, Engine, Grain};
use maud::{Markup, html};

use crate::data;
use crate::filter_form;
use crate::filters::Filters;
use crate::group_table::GroupTable;
use crate::layout::{self, Place};
use crate::overview::DELIVERY;
use crate::owner_pages::of_team;
use crate::table_file::{TableFile, ends};
use crate::words;

/// The page. It is of all teams, whatever else the address says.
pub fn page(engine: &Engine, filters: &Filters) -> Result<Markup, AnalyticsError> {
    let filters = &filters.of_all_names();
    let table = GroupTable::read(engine, filters, &DELIVERY)?;
    let main = html! {
        h1 { "Teams" }
        p.lead { (words::of_time(filters)) " In alphabetical order: teams have different work, so this is no ranking." }
        @if engine.names_of("team")?.is_empty() {
            div.notice {
                p { "No team is known yet. Teams come with services: their owner in the service catalogue, or what an import says." }
                p { code { "cairn import service --columns" } }
            }
            @if engine.names_of("service")?.is_empty() { (data::how_to_begin()) }
        } @else {
            (filter_form::of_time(filters, "/teams"))
            (table.leading(|team| of_team(filters, team)))
            p.small { "Under each figure stand its 95 % interval and the number of observations it rests on; below " (words::THIN) " data is called thin." }
            (layout::also("/v1/variables/team", &filters.link("/teams.csv")))
        }
    };
    Ok(layout::page("Teams", Place::At("/teams"), &main))
}

/// The figures of each team over the window as a file.
pub fn file(engine: &Engine, filters: &Filters) -> Result<TableFile, AnalyticsError> {
    let filters = filters.of_all_names();
    let mut file = TableFile::of(&["team", "metric", "unit", "value", "low", "high", "n"]);
    for name in DELIVERY {
        let ask = filters.ask(name, filters.window, Grain::All, Some("team"));
        let answer = engine.answer(&ask, filters.now)?;
        for row in &answer.rows {
            let [value, low, high] = ends(row);
            let team = row.group.first().and_then(|(_, name)| name.clone());
            let n = Some(row.estimate.n.to_string());
            file.push(vec![team, Some(answer.metric.clone()), Some(answer.unit.clone()), value, low, high, n]);
        }
    }
    Ok(file)
}
