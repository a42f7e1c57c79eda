//! The look at a statement's tree. It goes through all of it, refuses whatever is not known to be harmless, and on its way
//! turns what PostgreSQL means by a name into what the sandbox calls it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::allowed;
use super::call::{self, FUNCTIONS as CALLS};
use super::catalogue;
use super::parameters;
use super::refusal::Refusal;
use super::relation::Relations;
use super::rewrite;
use super::session::Session;
use super::spelled;
use super::types;
use super::values;

/// What a statement was found to read.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    /// The published tables.
    pub(super) relations: BTreeSet<String>,
    /// It reads the catalogue.
    pub(super) is_of_catalogue: bool,
    /// It asks about the connection it came by.
    pub(super) is_of_session: bool,
}

/// Looks through a tree that holds one statement and rewrites it.
/// `has_function` says whether a name is that of a function at all.
pub(super) fn check(
    tree: &mut Json,
    relations: &Relations,
    session: &Session,
    has_function: &dyn Fn(&str) -> bool,
) -> Result<Read, Refusal> {
    let mut checker = Checker { relations, session, has_function, known: Vec::new(), read: Read::default() };
    checker.walk(&mut tree["statements"])?;
    Ok(checker.read)
}

pub(super) struct Checker<'a> {
    pub(super) relations: &'a Relations,
    session: &'a Session,
    has_function: &'a dyn Fn(&str) -> bool,
    /// The names of `with` that hold where the walk is.
    known: Vec<String>,
    read: Read,
}

/// Functions that give an `integer` in PostgreSQL and a `bigint` in DuckDB.
const SHORT_COUNTS: [&str; 8] =
    ["length", "char_length", "character_length", "octet_length", "bit_length", "strpos", "position", "ascii"];

const QUERIES: [&str; 4] = ["SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"];

impl Checker<'_> {
    pub(super) fn walk(&mut self, node: &mut Json) -> Result<(), Refusal> {
        match node {
            Json::Array(nodes) => nodes.iter_mut().try_for_each(|node| self.walk(node)),
            Json::Object(_) if node.get("class").is_some() => self.expression(node),
            Json::Object(_) => self.part(node),
            _ => Ok(()),
        }
    }

    fn part(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let kind = node.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
        if node.get("sample").is_some_and(|sample| !sample.is_null()) {
            return Err(Refusal::unsupported("samples are not done here; use a LIMIT"));
        }
        match kind.as_str() {
            query if QUERIES.contains(&query) => return self.query(node),
            "BASE_TABLE" => self.table(node)?,
            "TABLE_FUNCTION" => return self.table_function(node),
            "SUBQUERY" | "JOIN" | "EXPRESSION_LIST" | "EMPTY" => {}
            "SHOW_REF" => {
                return Err(Refusal::unsupported("DESCRIBE and SHOW of tables are not done here")
                    .hint("read information_schema.columns, or use \\d in psql"));
            }
            info if info.ends_with("_TYPE_INFO") => {}
            "" => {}
            part if allowed::is_part(part) => {}
            part => {
                return Err(Refusal::unsupported(format!(
                    "{} is not done here",
                    part.to_ascii_lowercase().replace('_', " ")
                )));
            }
        }
        let fields = node.as_object_mut().into_iter().flatten();
        fields.map(|(_, field)| field).try_for_each(|field| self.walk(field))
    }

    /// A query: the names of its `with` hold in those that follow and in the query, its own name only where it recurs.
    fn query(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let outside = self.known.len();
        let Json::Object(fields) = node else { return Ok(()) };
        if let Some(Json::Array(entries)) = fields.get_mut("cte_map").and_then(|map| map.get_mut("map")) {
            for entry in entries {
                let name = entry["key"].as_str().unwrap_or_default().to_ascii_lowercase();
                let recurs = entry["value"]["query"]["node"]["type"] == "RECURSIVE_CTE_NODE";
                if recurs {
                    self.known.push(name.clone());
                }
                self.walk(&mut entry["value"])?;
                if !recurs {
                    self.known.push(name);
                }
            }
        }
        for (_, field) in fields.iter_mut().filter(|(key, _)| *key != "cte_map") {
            self.walk(field)?;
        }
        self.known.truncate(outside);
        Ok(())
    }

    fn table(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let field = |name: &str| node.get(name).and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
        let (database, schema, name) = (field("catalog_name"), field("schema_name"), field("table_name"));
        if !node["at_clause"].is_null() {
            return Err(Refusal::unsupported("earlier states of tables are not published"));
        }
        if database.is_empty() && schema.is_empty() && self.known.contains(&name) {
            return Ok(());
        }
        if !database.is_empty() && database != self.session.database.to_ascii_lowercase() {
            return Err(Refusal::unsupported(format!(
                "cross-database references are not implemented: \"{database}.{schema}.{name}\""
            )));
        }
        let house = match schema.as_str() {
            "" | "public" if self.relations.get(&name).is_some() => {
                self.read.relations.insert(name.clone());
                "public"
            }
            "" | "pg_catalog" if catalogue::is_of_postgres(&name) => catalogue::OF_POSTGRES,
            "information_schema" if catalogue::is_of_information(&name) => catalogue::OF_INFORMATION,
            "" | "public" | "pg_catalog" | "information_schema" => return Err(self.no_such_table(&schema, &name)),
            _ => return Err(Refusal::denied(format!("permission denied for schema {schema}"))),
        };
        self.read.is_of_catalogue |= house != "public";
        if field("alias").is_empty() {
            node["alias"] = name.clone().into();
        }
        node["catalog_name"] = "".into();
        node["schema_name"] = house.into();
        node["table_name"] = name.into();
        Ok(())
    }

    fn no_such_table(&self, schema: &str, name: &str) -> Refusal {
        if name.contains(['.', '/', '\\', ':', '*', '?', '~']) {
            return Refusal::denied(format!("permission denied for file or address \"{name}\""));
        }
        if name.starts_with("duckdb_") || name.starts_with("sqlite_") || name.starts_with("pragma_") {
            return Refusal::denied(format!("permission denied for table {name}"));
        }
        let shown = if schema.is_empty() { name.to_owned() } else { format!("{schema}.{name}") };
        let known: Vec<&str> = self.relations.iter().map(|relation| relation.name.as_str()).collect();
        let near = facts::did_you_mean(name, &known);
        let refusal = Refusal::new("42P01", format!("relation \"{shown}\" does not exist"));
        match near.is_empty() {
            true => refusal.hint("\\d in psql, or information_schema.tables, lists what there is"),
            false => refusal.hint(near.trim_matches([' ', '(', ')']).to_owned()),
        }
    }

    /// What stands for a table and is called: the engine, a series, or a function that gives one value.
    fn table_function(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let function = &node["function"];
        let name = function["function_name"].as_str().unwrap_or_default().to_ascii_lowercase();
        let schema = function["schema"].as_str().unwrap_or_default().to_ascii_lowercase();
        let alias = node["alias"].as_str().unwrap_or_default().to_owned();
        if function["class"] != "FUNCTION" {
            return Err(Refusal::unsupported("only a function may stand for a table"));
        }
        if CALLS.contains(&name.as_str()) && matches!(schema.as_str(), "" | "public") {
            self.walk(&mut node["function"]["children"])?;
            let children = node["function"]["children"].as_array().cloned().unwrap_or_default();
            node["function"] = rewrite::call(&name, call::in_order(&name, children)?);
            if alias.is_empty() {
                node["alias"] = name.into();
            }
            return Ok(());
        }
        if !matches!(schema.as_str(), "" | "pg_catalog" | "main" | "information_schema") {
            return Err(Refusal::denied(format!("permission denied for schema {schema}")));
        }
        let column = match node["column_name_alias"].get(0).and_then(Json::as_str) {
            Some(column) => column.to_owned(),
            None if alias.is_empty() => name.clone(),
            None => alias.clone(),
        };
        if allowed::is_table_function(&name) {
            self.name_types(&name, &mut node["function"]);
            self.walk(&mut node["function"]["children"])?;
            let children = node["function"]["children"].as_array().cloned().unwrap_or_default();
            node["function"] = rewrite::call(&name, children);
            if node["column_name_alias"].as_array().is_none_or(Vec::is_empty) {
                node["column_name_alias"] = Json::Array(vec![column.clone().into()]);
                node["alias"] = if alias.is_empty() { column.into() } else { alias.into() };
            }
            return Ok(());
        }
        // PostgreSQL lets a function of one value stand for a table of one row.
        let mut value = node["function"].take();
        self.expression(&mut value)?;
        let alias = if alias.is_empty() { name } else { alias };
        *node = rewrite::one_row(value, &alias, &column);
        Ok(())
    }

    fn expression(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let class = node["class"].as_str().unwrap_or_default().to_owned();
        if !allowed::is_expression(&class) {
            return Err(Refusal::unsupported(format!(
                "{} is not done here",
                class.to_ascii_lowercase().replace('_', " ")
            )));
        }
        match class.as_str() {
            "COLUMN_REF" => return self.column(node),
            "CONSTANT" => return known_type(&node["value"]["type"]),
            "PARAMETER" => {
                let is_number = node["identifier"].as_str().is_some_and(|name| name.parse::<u16>().is_ok());
                return match is_number {
                    true => Ok(()),
                    false => Err(Refusal::new("42601", "parameters are written $1, $2 and so on")),
                };
            }
            "CAST" => {
                self.walk(&mut node["child"])?;
                return self.cast(node);
            }
            "COLLATE" => {
                // All text is compared by its bytes, which is what the collation C means.
                let alias = node["alias"].take();
                *node = node["child"].take();
                node["alias"] = alias;
                return self.walk(node);
            }
            "FUNCTION" | "WINDOW" => return self.function(node),
            "SUBQUERY" if node["subquery_type"] == "ANY" => parameters::read_array_of_any(node)?,
            "COMPARISON" | "BETWEEN" | "OPERATOR" => self.respell(node),
            _ => {}
        }
        let fields: &mut Map<String, Json> = match node {
            Json::Object(fields) => fields,
            _ => return Ok(()),
        };
        fields
            .iter_mut()
            .filter(|(key, _)| *key != "class" && *key != "type")
            .try_for_each(|(_, field)| self.walk(field))
    }

    /// A column, whose table may be named with its schema; or a word that asks about the connection.
    fn column(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let Some(names) = node["column_names"].as_array_mut() else { return Ok(()) };
        let text = |name: &Json| name.as_str().unwrap_or_default().to_ascii_lowercase();
        let is_schema = |name: &Json| matches!(text(name).as_str(), "public" | "pg_catalog" | "information_schema");
        if names.len() == 4 && text(&names[0]) == self.session.database.to_ascii_lowercase() && is_schema(&names[1]) {
            names.drain(..2);
        } else if names.len() == 3 && is_schema(&names[0]) {
            names.remove(0);
        }
        if let [word] = &names[..]
            && let Some(value) = values::of_word(&text(word), self.session)
        {
            let alias = node["alias"].take();
            *node = value;
            node["alias"] = alias;
            self.read.is_of_session = true;
        }
        Ok(())
    }

    fn function(&mut self, node: &mut Json) -> Result<(), Refusal> {
        let name = node["function_name"].as_str().unwrap_or_default().to_ascii_lowercase();
        let schema = node["schema"].as_str().unwrap_or_default().to_ascii_lowercase();
        let database = node["catalog"].as_str().unwrap_or_default().to_owned();
        if !database.is_empty() || !matches!(schema.as_str(), "" | "main" | "pg_catalog" | "information_schema") {
            return Err(Refusal::denied(format!("permission denied for schema {schema}")));
        }
        if node["class"] == "FUNCTION" {
            let children = node["children"].as_array().cloned().unwrap_or_default();
            if let Some(value) = values::of_function(&name, &children, self.session)? {
                let alias = node["alias"].take();
                *node = value;
                node["alias"] = alias;
                self.read.is_of_session = true;
                return Ok(());
            }
        }
        if name == "json_build_object" {
            node["function_name"] = "json_object".into();
        }
        if CALLS.contains(&name.as_str()) {
            return Err(Refusal::new("0A000", format!("{name}(...) gives rows; read it in FROM")));
        }
        if !allowed::is_function(&name) {
            let near = allowed::nearest_function(&name);
            return Err(match (self.has_function)(&name) {
                true => Refusal::denied(format!("permission denied for function {name}")),
                false => Refusal::new("42883", format!("function {name} does not exist{near}")),
            });
        }
        if schema != "main" {
            node["schema"] = "".into();
        }
        let children = node["children"].as_array().map_or(0, Vec::len);
        // What PostgreSQL calls `~` finds a part, in DuckDB it is about the whole.
        if name == "regexp_full_match" && children == 2 {
            node["function_name"] = "regexp_matches".into();
        }
        if matches!(name.as_str(), "~*" | "!~*") && children == 2 {
            let alias = node["alias"].take();
            let mut found = node["children"].as_array().cloned().unwrap_or_default();
            found.push(rewrite::text(Some("i")));
            *node = rewrite::call("regexp_matches", found);
            if name == "!~*" {
                *node = serde_json::json!({
                    "class": "OPERATOR", "type": "OPERATOR_NOT", "alias": "", "query_location": 0, "children": [node.take()],
                });
            }
            node["alias"] = alias;
        }
        match (name.as_str(), children) {
            ("format", _) => return self.format(node),
            ("to_date", 2) => return self.day_by_format(node),
            _ => self.name_types(&name, node),
        }
        let fields = node.as_object_mut().into_iter().flatten();
        fields
            .filter(|(key, _)| *key != "class" && *key != "type")
            .map(|(_, field)| field)
            .try_for_each(|field| self.walk(field))?;
        if SHORT_COUNTS.contains(&name.as_str()) && node["class"] == "FUNCTION" {
            let alias = node["alias"].take();
            node["alias"] = "".into();
            *node = rewrite::cast(node.take(), "INTEGER");
            node["alias"] = alias;
        }
        Ok(())
    }

    fn cast(&mut self, node: &mut Json) -> Result<(), Refusal> {
        if node["cast_type"]["id"] == "LIST" {
            parameters::read_array(&mut node["child"])?;
        }
        spelled::respell(node);
        if node["cast_type"]["id"] != "UNBOUND" {
            return known_type(&node["cast_type"]);
        }
        let name = node["cast_type"]["type_info"]["name"].as_str().unwrap_or_default().to_ascii_lowercase();
        if matches!(name.as_str(), "regclass" | "regtype" | "regproc" | "regnamespace") {
            // A name becomes its number; a number stays. The catalogue's macros know the names.
            let child = rewrite::cast(node["child"].take(), "VARCHAR");
            let alias = node["alias"].take();
            *node = rewrite::call(&format!("number_of_{name}"), vec![child]);
            node["alias"] = alias;
            self.read.is_of_catalogue = true;
            return Ok(());
        }
        if let Some((_, sql_type)) = types::named_type(&name) {
            node["cast_type"] = rewrite::type_node(sql_type);
            spelled::respell(node);
            return Ok(());
        }
        match allowed::is_type(&name) {
            true => Ok(()),
            false => Err(Refusal::new("42704", format!("type \"{name}\" does not exist"))),
        }
    }
}

/// Refuses types that nobody looked at; lists and their like hold others.
fn known_type(node: &Json) -> Result<(), Refusal> {
    let id = node["id"].as_str().unwrap_or_default();
    if id == "UNBOUND" {
        let name = node["type_info"]["name"].as_str().unwrap_or_default().to_ascii_lowercase();
        return match types::named_type(&name).is_some() || allowed::is_type(&name) {
            true => Ok(()),
            false => Err(Refusal::new("42704", format!("type \"{name}\" does not exist"))),
        };
    }
    if !allowed::is_known_type(id) {
        return Err(Refusal::new("42704", format!("type \"{}\" is not available here", id.to_ascii_lowercase())));
    }
    match &node["type_info"]["child_type"] {
        Json::Null => Ok(()),
        child => known_type(child),
    }
}
