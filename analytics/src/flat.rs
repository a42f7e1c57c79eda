//! An answer's rows, each flat: what `format=rows` and CSV give, over HTTP and on the command line.

use serde_json::{Map, Value};
use web::ApiError;
use web::rows::Rows;

use crate::answer::{Answer, Row};

/// Every row has these, after its time and its groups.
const ALWAYS: [&str; 10] = [
    "value",
    "n",
    "low",
    "high",
    "coverage",
    "is_complete",
    "is_provisional",
    "expected_low",
    "expected_high",
    "verdict",
];

impl Answer {
    /// The rows, flat. The JSON row is the exact form; this is the same, with the figures of a stage as columns of their own:
    /// `coding_value`, `coding_p90`.
    pub fn flat(&self) -> Result<Rows, ApiError> {
        self.flat_of(&self.rows.iter().collect::<Vec<_>>())
    }

    /// The same of some of its rows.
    pub(crate) fn flat_of(&self, rows: &[&Row]) -> Result<Rows, ApiError> {
        let rows: Vec<Map<String, Value>> = rows.iter().map(|row| flat(row)).collect::<Result<_, _>>()?;
        let mut columns: Vec<String> = vec!["time".into()];
        columns.extend(self.by.iter().cloned());
        columns.extend(ALWAYS.map(String::from));
        // Not every row need have every further figure.
        for name in rows.iter().flat_map(Map::keys) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        Ok(Rows { columns, rows })
    }
}

fn flat(row: &Row) -> Result<Map<String, Value>, ApiError> {
    let written = serde_json::to_value(row).map_err(|error| ApiError::internal(error.to_string()))?;
    let Value::Object(object) = written else { return Ok(Map::new()) };
    let mut flat = Map::new();
    for (name, value) in object {
        match value {
            Value::Object(stages) if name == "stages" => {
                for (stage, figures) in stages {
                    if let Value::Object(figures) = figures {
                        flat.extend(figures.into_iter().map(|(figure, value)| (format!("{stage}_{figure}"), value)));
                    }
                }
            }
            value => {
                flat.insert(name, value);
            }
        }
    }
    Ok(flat)
}
