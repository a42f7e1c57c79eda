//! The same figures as a CSV file, for spreadsheets.

use analytics::Row;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Rows under their column names.
pub struct TableFile {
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl TableFile {
    /// No rows yet.
    pub fn of(columns: &'static [&'static str]) -> TableFile {
        TableFile { columns, rows: Vec::new() }
    }

    /// Adds a row; cells that are not known are left empty.
    pub fn push(&mut self, row: Vec<Option<String>>) {
        self.rows.push(row.into_iter().map(Option::unwrap_or_default).collect());
    }
}

impl IntoResponse for TableFile {
    fn into_response(self) -> Response {
        let mut text = line(self.columns.iter().copied());
        for row in &self.rows {
            text.push_str(&line(row.iter().map(String::as_str)));
        }
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], text).into_response()
    }
}

/// A line of RFC 4180. A cell that a spreadsheet would take for a formula is text, and so begins with an apostrophe; what
/// is a number is none.
fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cell = |cell: &str| {
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    };
    cells.map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A number as it is; empty where it is not known.
pub fn number(value: Option<f64>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A row's figure and the ends of its interval.
pub fn ends(row: &Row) -> [Option<String>; 3] {
    [row.estimate.value, row.estimate.low, row.estimate.high].map(number)
}
