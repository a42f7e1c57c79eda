//! What a query reads and gives, told by DuckDB's own parser and planner: for queries that people bring along.

use serde_json::Value as Json;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::{Value, rows};

/// What a query reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// The tables and views, as `schema.name`; without a schema where it names none.
    pub tables: Vec<String>,
    /// The functions it takes rows from, such as `read_csv`.
    pub table_functions: Vec<String>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFault {
    /// The line of the query, from 1, where it is about one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Store {
    /// What a query reads, by its text alone. What is not a single `select` is a fault.
    pub fn reads(&self, sql: &str) -> Result<Result<Reads, QueryFault>, StoreError> {
        let found = self
            .with_reader(|connection| {
                rows(connection, "select json_serialize_sql(?::varchar)::varchar", &[Value::Text(sql.to_owned())])
            })
            .map_err(|error| StoreError::database("looking at a query", &error))?;
        let tree: Json = match found.rows.first().and_then(|row| row.first()) {
            Some(Value::Text(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
            _ => Json::Null,
        };
        if tree["error"] != Json::Bool(false) {
            return Ok(Err(fault_of_parser(sql, &tree)));
        }
        if tree["statements"].as_array().map(Vec::len) != Some(1) {
            let message = "it holds several statements; leave one `select`".to_owned();
            // The second begins after the first semicolon.
            let line = sql.split_once(';').map(|(first, rest)| {
                let blank = rest.len() - rest.trim_start().len();
                1 + first.matches('\n').count() + rest[..blank].matches('\n').count()
            });
            return Ok(Err(QueryFault { line, message }));
        }
        let mut reads = Reads::default();
        walk(&tree["statements"], &mut Vec::new(), &mut reads);
        Ok(Ok(reads))
    }

    /// The columns that a query gives, names and types: it is planned and not run. Planning looks into what the query
    /// reads, so that ought to be known to be harmless.
    pub fn columns(&self, sql: &str) -> Result<Vec<(String, String)>, QueryFault> {
        let found = self
            .with_reader(|connection| rows(connection, &format!("describe {sql}"), &[]))
            .map_err(|error| fault_of_planner(&error.to_string()))?;
        let column = |row: Vec<Value>| match &row[..] {
            [Value::Text(name), Value::Text(sql_type), ..] => Some((name.clone(), sql_type.clone())),
            _ => None,
        };
        Ok(found.rows.into_iter().filter_map(column).collect())
    }
}

fn fault_of_parser(sql: &str, tree: &Json) -> QueryFault {
    let message = tree["error_message"].as_str().unwrap_or("DuckDB cannot read it");
    if message.starts_with("Only SELECT") {
        return QueryFault { line: None, message: "it is no `select`; a metric only reads".to_owned() };
    }
    let position = tree["position"].as_str().and_then(|position| position.parse::<usize>().ok());
    let line = position.and_then(|position| sql.get(..position)).map(|before| before.matches('\n').count() + 1);
    QueryFault { line, message: message.to_owned() }
}

/// DuckDB's message has the line in a picture of the place below it: `LINE 3: select ...`.
fn fault_of_planner(message: &str) -> QueryFault {
    let line = message.split("LINE ").nth(1).and_then(|rest| rest.split(':').next()).and_then(|line| line.parse().ok());
    let told = message.split("\n\nLINE").next().unwrap_or(message).replace('\n', " ");
    QueryFault { line, message: told }
}

/// Goes through a parsed statement; `known` are the names of `with` that hold where it stands.
fn walk(node: &Json, known: &mut Vec<String>, found: &mut Reads) {
    match node {
        Json::Array(nodes) => nodes.iter().for_each(|node| walk(node, known, found)),
        Json::Object(fields) => {
            let outside = known.len();
            for entry in fields.get("cte_map").and_then(|map| map["map"].as_array()).into_iter().flatten() {
                known.extend(entry["key"].as_str().map(str::to_lowercase));
            }
            let text = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default().to_lowercase();
            match text("type").as_str() {
                "base_table" => {
                    let parts = [text("catalog_name"), text("schema_name"), text("table_name")];
                    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
                    if !known.contains(&name) && !found.tables.contains(&name) {
                        found.tables.push(name);
                    }
                }
                "table_function" => {
                    let name = fields.get("function").and_then(|function| function["function_name"].as_str());
                    found.table_functions.extend(name.map(str::to_lowercase));
                }
                _ => {}
            }
            fields.values().for_each(|node| walk(node, known, found));
            known.truncate(outside);
        }
        _ => {}
    }
}
