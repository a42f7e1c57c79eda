//! One statement, from its text to its rows.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use serde_json::Value as Json;
use store::{Sandbox, Shelf, TABLE_MACRO};

use super::call;
use super::check;
use super::narrow::{Narrowings, narrowings};
use super::reader::Reader;
use super::refusal::Refusal;
use super::session::Session;
use super::types::{oid, postgres_type};
use super::watch::watched;
use super::{Cancel, Column, Done, Inner, catalogue, parameters, rewrite, verify};

/// A statement that was found to be allowed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it gives.
    pub columns: Vec<Column>,
    /// PostgreSQL's numbers of the types of its parameters `$1`, `$2`...; those that a client named stay as named.
    pub parameters: Vec<u32>,
    tree: Arc<Json>,
    /// What runs, where that does not depend on parameters.
    printed: Option<Arc<str>>,
    /// Which columns are handed out as text, since PostgreSQL has no such type.
    as_text: Vec<bool>,
}

/// Longer statements are refused: nobody writes them by hand, and what makes them makes them too long.
const LONGEST: usize = 200_000;

pub(super) fn plan(
    inner: &Arc<Inner>,
    sql: &str,
    types: &[u32],
    session: &Session,
    cancel: &Cancel,
) -> Result<Plan, Refusal> {
    if sql.len() > LONGEST {
        return Err(Refusal::new("54001", format!("the statement is longer than {LONGEST} bytes")));
    }
    if let Some(plan) = inner.plans.find(sql, types) {
        return Ok(plan);
    }
    let begun = Instant::now();
    let patience = session.patience(inner.limits.time);
    let sandbox = inner.pool.take(patience, cancel)?;
    watched(&sandbox, begun, patience, cancel, || planned(inner, &sandbox, sql, types, session, cancel))?
}

fn planned(
    inner: &Arc<Inner>,
    sandbox: &Sandbox,
    sql: &str,
    types: &[u32],
    session: &Session,
    cancel: &Cancel,
) -> Result<Plan, Refusal> {
    let written = sql;
    let sql = catalogue::in_common_words(sql);
    let mut tree = sandbox.parse(&sql).map_err(|fault| Refusal::of_parser(&sql, fault))?;
    match tree["statements"].as_array().map(Vec::len) {
        Some(1) => {}
        Some(0) | None => return Err(Refusal::new("42601", "the statement is empty")),
        Some(_) => return Err(Refusal::new("42601", "cannot insert multiple commands into a prepared statement")),
    }
    catalogue::name_columns(&mut tree["statements"]);
    // What cannot be looked up is refused as what may not be called.
    let has_function = |name: &str| sandbox.has_function(name).unwrap_or(true);
    let read = check::check(&mut tree, &inner.relations, session, &has_function)?;
    let parameters = parameters::types(&tree, types, &inner.relations)?;

    let filled = parameters::filled_in(&tree, &parameters, None)?;
    let printed = printed(sandbox, &filled)?;
    let reader: Arc<Reader> = Arc::new(Reader::new(inner, Narrowings::new(), (inner.clock)(), cancel));
    let described = sandbox.describe(&printed, Arc::clone(&reader) as Arc<dyn Shelf>);
    let described = described.map_err(|fault| reader.refusal().unwrap_or_else(|| Refusal::of_fault(fault)))?;

    let mut columns = Vec::new();
    let mut as_text = Vec::new();
    for (place, (name, sql_type)) in described.into_iter().enumerate() {
        let known = postgres_type(&sql_type);
        as_text.push(known.is_none());
        let (mut oid, modifier) = known.unwrap_or((oid::TEXT, -1));
        if read.is_of_catalogue {
            oid = catalogue::column_type(&tree["statements"][0]["node"], place, &name, oid);
        }
        columns.push(Column { name, oid, modifier });
    }
    let printed = parameters.is_empty().then(|| Arc::from(printed));
    let plan = Plan { columns, parameters, tree: Arc::new(tree), printed, as_text };
    if !read.is_of_session {
        inner.plans.keep(written, types, &plan);
    }
    Ok(plan)
}

pub(super) fn run(
    inner: &Arc<Inner>,
    plan: &Plan,
    values: &[Option<String>],
    session: &Session,
    cancel: &Cancel,
    take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
) -> Result<Done, Refusal> {
    let begun = Instant::now();
    let patience = session.patience(inner.limits.time);
    let sandbox = inner.pool.take(patience, cancel)?;
    let (tree, sql) = match &plan.printed {
        Some(sql) => (Arc::clone(&plan.tree), Arc::clone(sql)),
        None => {
            let tree = parameters::filled_in(&plan.tree, &plan.parameters, Some(values))?;
            let sql = printed(&sandbox, &tree)?;
            (Arc::new(tree), Arc::from(sql))
        }
    };
    let now = (inner.clock)();
    let reader = Arc::new(Reader::new(inner, narrowings(&tree, &inner.relations, now), now, cancel));
    let sql = wrapped(&sql, plan);

    let mut done = Done { n_rows: 0, is_cut: false };
    let most = inner.limits.rows;
    let mut counted = |batch: RecordBatch| {
        let left = most - done.n_rows;
        if batch.num_rows() as u64 > left {
            done.is_cut = true;
            done.n_rows = most;
            let _ = take(batch.slice(0, left as usize));
            return ControlFlow::Break(());
        }
        done.n_rows += batch.num_rows() as u64;
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { take(batch) }
    };
    let found = watched(&sandbox, begun, patience, cancel, || {
        sandbox.run(&sql, Arc::clone(&reader) as Arc<dyn Shelf>, &mut counted)
    })?;
    match found {
        Ok(()) => Ok(done),
        Err(fault) => Err(reader.refusal().unwrap_or_else(|| Refusal::of_fault(fault))),
    }
}

/// The text of a checked tree, in which calls of the engine have become calls of the sandbox's shelf. What comes out is
/// parsed and looked at again: what runs is what was allowed, whatever the printer makes of a tree.
fn printed(sandbox: &Sandbox, tree: &Json) -> Result<String, Refusal> {
    let mut tree = tree.clone();
    shelve(&mut tree)?;
    let sql = sandbox.print(&tree).map_err(Refusal::of_fault)?;
    let again = sandbox.parse(&sql).map_err(Refusal::of_fault)?;
    if again["statements"].as_array().map(Vec::len) != Some(1) || !verify::is_checked(&again) {
        return Err(Refusal::unsupported("the statement cannot be read the same way twice; write it more plainly"));
    }
    Ok(sql)
}

fn shelve(node: &mut Json) -> Result<(), Refusal> {
    if node["type"] == "TABLE_FUNCTION" {
        let name = node["function"]["function_name"].as_str().unwrap_or_default().to_owned();
        if call::FUNCTIONS.contains(&name.as_str()) {
            let children = node["function"]["children"].as_array().map(Vec::as_slice).unwrap_or_default();
            let arguments = call::arguments(&name, children)?;
            node["function"] =
                rewrite::call(TABLE_MACRO, vec![rewrite::text(Some(&name)), rewrite::text(Some(&arguments))]);
        }
    }
    match node {
        Json::Array(nodes) => nodes.iter_mut().try_for_each(shelve),
        Json::Object(fields) => fields.values_mut().try_for_each(shelve),
        _ => Ok(()),
    }
}

/// The same with columns of types that PostgreSQL does not have turned into text.
fn wrapped(sql: &str, plan: &Plan) -> String {
    if !plan.as_text.contains(&true) {
        return sql.to_owned();
    }
    let names: Vec<String> = (0..plan.columns.len()).map(|place| format!("c{place}")).collect();
    let shown = |(name, as_text): (&String, &bool)| if *as_text { format!("{name}::varchar") } else { name.clone() };
    let columns: Vec<String> = names.iter().zip(&plan.as_text).map(shown).collect();
    format!("select {} from ({sql}) as t({})", columns.join(", "), names.join(", "))
}
