//! Statements as trees: DuckDB's own parser reads them, its own printer writes them, so what was looked at is what runs.

use serde_json::Value as Json;

use crate::query::{Value, rows};
use crate::sandbox::Sandbox;

/// What is wrong with a statement, in DuckDB's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFault {
    /// DuckDB's word for the kind: `Binder`, `Catalog`, `Conversion`, `Out of Memory` and so on.
    pub kind: String,
    /// What is wrong.
    pub message: String,
    /// Where in the statement, in bytes from 0, where it says.
    pub position: Option<usize>,
}

impl SqlFault {
    /// DuckDB says `Binder Error: the message`, and below it draws where.
    pub(crate) fn of(error: &duckdb::Error) -> SqlFault {
        let text = match error {
            duckdb::Error::DuckDBFailure(_, Some(text)) => text.clone(),
            other => other.to_string(),
        };
        let (kind, message) = match text.split_once(" Error: ") {
            Some((kind, message)) if kind.len() < 40 => (kind.to_owned(), message.to_owned()),
            _ => match text.strip_prefix("INTERRUPT") {
                Some(_) => ("INTERRUPT".to_owned(), text.clone()),
                None => (String::new(), text.clone()),
            },
        };
        let message = message.split("\n\nLINE ").next().unwrap_or(&message).trim_end().to_owned();
        SqlFault { kind, message, position: None }
    }

    fn parser(message: impl Into<String>, position: Option<usize>) -> SqlFault {
        SqlFault { kind: "Parser".into(), message: message.into(), position }
    }
}

impl Sandbox {
    /// The tree of a text: an object whose `statements` holds one entry per statement. What is no read is a fault of the kind
    /// `not implemented`.
    pub fn parse(&self, sql: &str) -> Result<Json, SqlFault> {
        let text = self.one("select json_serialize_sql(?::varchar)::varchar", sql)?;
        let mut tree: Json = serde_json::from_str(&text).map_err(|error| SqlFault::parser(error.to_string(), None))?;
        if tree["error"] == Json::Bool(false) {
            return Ok(tree);
        }
        let message = match tree["error_message"].take() {
            Json::String(message) => message,
            _ => "the statement cannot be read".into(),
        };
        let position = tree["position"].as_str().and_then(|position| position.parse().ok());
        if tree["error_type"] == "not implemented" {
            return Err(SqlFault { kind: "not implemented".into(), message, position });
        }
        Err(SqlFault::parser(message, position))
    }

    /// The text of a tree.
    pub fn print(&self, tree: &Json) -> Result<String, SqlFault> {
        self.one("select json_deserialize_sql(?::json)", &tree.to_string())
    }

    fn one(&self, sql: &str, parameter: &str) -> Result<String, SqlFault> {
        let found =
            rows(&self.connection, sql, &[Value::Text(parameter.to_owned())]).map_err(|error| SqlFault::of(&error))?;
        match found.rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(SqlFault::parser("the statement cannot be read", None)),
        }
    }
}
