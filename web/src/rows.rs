//! Flat rows, as dashboards, spreadsheets and scripts like them: as JSON, whole or page by page, or as CSV.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;

/// Rows whose cells are texts, numbers, truths or nothing.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The columns, in the order in which CSV has them.
    pub columns: Vec<String>,
    /// The rows: a cell for each of the columns.
    pub rows: Vec<Map<String, Value>>,
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    /// The rows.
    #[schema(value_type = Vec<Object>)]
    pub data: Vec<Map<String, Value>>,
    /// The `cursor` of the next page; null on the last.
    pub next: Option<String>,
}

/// Whether rows come all at once, or page by page with a way on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// An array.
    Whole,
    /// A [`Page`], with the cursor of the next.
    Page(Option<String>),
}

/// Whether a client would rather have CSV than JSON: it names CSV, and gives JSON no greater weight.
pub fn accepts_csv(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok()).unwrap_or_default();
    let csv = weight(accepts, "text/csv").unwrap_or(0.0);
    csv > 0.0 && csv >= weight(accepts, "application/json").unwrap_or(0.0)
}

/// The weight of a kind of content, where it is named.
fn weight(accepts: &str, kind: &str) -> Option<f64> {
    accepts.split(',').find_map(|part| {
        let mut parameters = part.split(';').map(str::trim);
        let is_named = parameters.next().is_some_and(|named| named.eq_ignore_ascii_case(kind));
        let weight = parameters.find_map(|parameter| parameter.strip_prefix("q=")?.parse().ok());
        is_named.then_some(weight.unwrap_or(1.0))
    })
}

impl Rows {
    /// The rows as JSON.
    pub fn json(self, shape: Shape) -> Response {
        match shape {
            Shape::Whole => Json(self.rows).into_response(),
            Shape::Page(next) => Json(Page { data: self.rows, next }).into_response(),
        }
    }

    /// The rows as a CSV file.
    pub fn csv(&self) -> Response {
        let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        ([(header::CONTENT_TYPE, kind)], self.csv_text()).into_response()
    }

    /// The rows as the text of a CSV file, by RFC 4180 but for line ends of one character.
    pub fn csv_text(&self) -> String {
        let mut text = line(self.columns.iter().map(String::as_str));
        for row in &self.rows {
            let cells = self.columns.iter().map(|column| match row.get(column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            });
            text += &line(cells);
        }
        text
    }
}

fn line(cells: impl Iterator<Item = impl AsRef<str>>) -> String {
    let quoted = |cell: &str| match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    };
    cells.map(|cell| quoted(cell.as_ref())).collect::<Vec<_>>().join(",") + "\n"
}

/// A cursor that says where the next page begins. Clients hand it back as it is.
pub fn cursor(place: &impl Serialize) -> Result<String, ApiError> {
    let text = serde_json::to_vec(place).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(text))
}

/// The place that a cursor says.
pub fn place<T: DeserializeOwned>(cursor: &str) -> Result<T, ApiError> {
    let read = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| serde_json::from_slice(&text).ok());
    read.ok_or_else(|| {
        ApiError::bad_request(
            "INVALID_CURSOR",
            "this cursor is none of ours; take `next` of the page before as it is, or leave `cursor` out to begin anew",
        )
    })
}
