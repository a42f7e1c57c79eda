//! Tables and lines for people on a terminal, and CSV for machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use comfy_table::{ContentArrangement, Table, presets};
use facts::{Kind, Spec};
use store::KindSummary;

use crate::commands::IntakeReport;

/// Beyond this, lines are hard to follow.
const READABLE: usize = 100;

/// A table with these columns.
pub(crate) fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(columns);
    table
}

/// Cells that may hold what a source wrote: a terminal obeys control characters.
pub(crate) fn printable(cells: Vec<String>) -> Vec<String> {
    cells.iter().map(|cell| facts::printable(cell).into_owned()).collect()
}

/// A whole number as it is written everywhere else too.
pub(crate) fn count(number: u64) -> String {
    analytics::people::count(number)
}

/// A window of time. What `--to` names is not included, and so it is said.
pub(crate) fn window(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> String {
    let (from, to) = (from.with_timezone(&zone), to.with_timezone(&zone));
    let is_midnight = |time: DateTime<Tz>| time.time() == NaiveTime::MIN;
    let form = if is_midnight(from) && is_midnight(to) { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
    format!("from {} to before {} ({zone})", from.format(form), to.format(form))
}

/// A number of things, in the word that fits it: "1 file", "12 345 files".
pub(crate) fn things(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Prose in indented lines of readable length, no longer than the terminal is wide.
pub(crate) fn wrapped(prose: &str) -> String {
    indented("    ", prose)
}

/// The same with an indent of its own.
pub(crate) fn indented(indent: &str, prose: &str) -> String {
    let width = Table::new().width().map_or(READABLE, |width| usize::from(width).clamp(40, READABLE));
    let mut lines: Vec<String> = Vec::new();
    // What a source wrote may stand in it, and a terminal obeys control characters.
    for word in prose.split_whitespace().map(facts::printable) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines.join("\n")
}

/// Rows as CSV.
pub(crate) fn csv(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(&row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The columns of a kind of fact.
pub(crate) fn columns(spec: &Spec) -> String {
    let mut table = table(&["column", "type", "", "meaning"]);
    for column in spec.columns {
        let required = if column.is_required { "required" } else { "" };
        table.add_row(vec![
            column.name.to_owned(),
            column.column_type.in_words(),
            required.to_owned(),
            column.doc.trim().to_owned(),
        ]);
    }
    format!("{}: {}\n{table}\n", spec.name, spec.doc.trim())
}

/// What an intake of one kind did.
pub(crate) fn intake(kind: Kind, report: &IntakeReport, is_dry_run: bool) -> String {
    let KindSummary { read, new, changed, unchanged, .. } = report.summary;
    let mut text = String::new();
    let total = read as u64 + report.n_rejected;
    let numbers = [
        ("read", total),
        ("new", new as u64),
        ("changed", changed as u64),
        ("unchanged", unchanged as u64),
        ("rejected", report.n_rejected),
    ];
    let parts: Vec<String> = numbers.iter().map(|(word, number)| format!("{} {word}", count(*number))).collect();
    let would = if is_dry_run { " (dry run, nothing was written)" } else { "" };
    writeln!(text, "{kind}: {}{would}", parts.join(", ")).expect("writing to a string cannot fail");
    if report.n_future > 0 {
        writeln!(
            text,
            "note: {} of them lie in the future; they are kept, and counted once their time has come",
            count(report.n_future)
        )
        .expect("writing to a string cannot fail");
    }
    text
}

/// What a write did to each kind.
pub(crate) fn summaries(summaries: &BTreeMap<Kind, KindSummary>) -> String {
    let mut text = String::new();
    for (kind, summary) in summaries {
        let KindSummary { new, changed, unchanged, removed, .. } = *summary;
        let numbers = [("new", new), ("changed", changed), ("unchanged", unchanged), ("removed", removed)];
        let parts: Vec<String> = numbers
            .iter()
            .filter(|(_, number)| *number > 0)
            .map(|(word, number)| format!("{} {word}", count(*number as u64)))
            .collect();
        writeln!(text, "  {kind}: {}", parts.join(", ")).expect("writing to a string cannot fail");
    }
    if summaries.is_empty() {
        text.push_str("  nothing new\n");
    }
    text
}
