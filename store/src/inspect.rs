//! What a query reads and gives, told by DuckDB's own parser and planner: for queries that people bring along.

use std::collections::HashSet;

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
    /// What gives something else each time it is asked, such as `random` or `current_timestamp`.
    pub unsteady: Vec<Unsteady>,
    /// The names of `with recursive` that read themselves: of them nobody knows whether they ever end.
    pub recursive: Vec<String>,
}

/// A part of a query that gives something else each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsteady {
    /// The function, or `sample`.
    pub name: String,
    /// The line of the query, from 1.
    pub line: Option<usize>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFault {
    /// The line of the query, from 1, where it is about one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

/// Words that stand for the present without being called; the parser takes them for columns.
const NOW_WORDS: [&str; 5] = ["current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"];
/// What reaches for the present within, which DuckDB does not say of it: a macro, and what those words become when called.
const NOW_WITHIN: [&str; 3] = ["ago", "current_localtime", "current_localtimestamp"];

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
        let known = self.unsteady_functions()?;
        walk_unsteady(&tree["statements"], sql, &known, &mut reads.unsteady);
        Ok(Ok(reads))
    }

    /// The functions that give something else each time, or in each transaction.
    fn unsteady_functions(&self) -> Result<HashSet<String>, StoreError> {
        let sql = "select distinct function_name from duckdb_functions()
            where stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')";
        let found = self
            .with_reader(|connection| rows(connection, sql, &[]))
            .map_err(|error| StoreError::database("looking at a query", &error))?;
        let name = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        };
        Ok(found.rows.into_iter().filter_map(name).chain(NOW_WITHIN.map(String::from)).collect())
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
                "recursive_cte_node" => found.recursive.push(text("cte_name")),
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

/// Goes through a parsed statement for what gives something else each time; `known` are the functions that do.
fn walk_unsteady(node: &Json, sql: &str, known: &HashSet<String>, found: &mut Vec<Unsteady>) {
    match node {
        Json::Array(nodes) => nodes.iter().for_each(|node| walk_unsteady(node, sql, known, found)),
        Json::Object(fields) => {
            let function = fields.get("function_name").and_then(Json::as_str).map(str::to_lowercase);
            let n_arguments = fields.get("children").and_then(Json::as_array).map_or(0, Vec::len);
            // Of one instant the age is that by now; of two it is the time between them.
            let is_unsteady = |name: &String| known.contains(name) || (name == "age" && n_arguments == 1);
            // With a table's name before it, it is a column.
            let word = match fields.get("column_names").and_then(Json::as_array).map(Vec::as_slice) {
                Some([Json::String(name)]) => Some(name.to_lowercase()),
                _ => None,
            };
            let word = word.filter(|name| NOW_WORDS.contains(&name.as_str()));
            let sample = fields.get("sample").filter(|sample| sample.is_object()).map(|_| "sample".to_owned());
            if let Some(name) = function.filter(is_unsteady).or(word).or(sample) {
                let position =
                    fields.get("query_location").and_then(Json::as_u64).and_then(|at| usize::try_from(at).ok());
                let before = position.and_then(|position| sql.get(..position));
                found.push(Unsteady { name, line: before.map(|before| before.matches('\n').count() + 1) });
            }
            fields.values().for_each(|node| walk_unsteady(node, sql, known, found));
        }
        _ => {}
    }
}
