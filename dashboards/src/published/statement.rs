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
use super::results::Collected;
use super::session::Session;
use super::shape::{Shape, moved, moved_tree};
use super::types::{oid, postgres_type};
use super::watch::watched;
use super::words;
use super::{Cancel, Column, Done, Inner, catalogue, parameters, patterns, rewrite, verify};

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
    /// The arguments of its calls of the engine, where its rows follow from the answers alone.
    calls: Option<Arc<[String]>>,
    /// Which columns are handed out as text, since PostgreSQL has no such type.
    as_text: Vec<bool>,
}

impl Plan {
    /// The plan of the same statement with other instants.
    pub(super) fn moved(&self, from: &[String], to: &[String]) -> Plan {
        let text = |text: &String| moved(text, from, to);
        Plan {
            tree: Arc::new(moved_tree(&self.tree, from, to)),
            printed: self.printed.as_deref().map(|printed| moved(printed, from, to).into()),
            calls: self.calls.as_deref().map(|calls| calls.iter().map(text).collect()),
            ..self.clone()
        }
    }

    /// Whether other instants may be put in the place of those of its statement.
    pub(super) fn is_movable(&self, sql: &str, shape: &Shape) -> bool {
        let is_named = |instant: &String| self.columns.iter().any(|column| column.name.contains(instant.as_str()));
        let stands = self.printed.as_deref().is_some_and(|printed| shape.stands_in(sql, printed));
        stands && !shape.instants.iter().any(is_named)
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        // A tree takes so many times what its text does.
        const TREE: usize = 40;
        let printed = self.printed.as_deref().map_or(0, str::len);
        if self.tree.is_null() { printed } else { printed * TREE }
    }
}

/// Longer statements are refused: nobody writes them by hand, and what makes them makes them too long.
const LONGEST: usize = 200_000;
/// More comments are refused likewise: DuckDB's parser takes seconds over thousands of them, and cannot be interrupted.
const MOST_COMMENTS: usize = 500;

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
    if sql.matches("/*").count() > MOST_COMMENTS {
        return Err(Refusal::new("54001", format!("the statement has more than {MOST_COMMENTS} comments in /* */")));
    }
    let shape = Shape::of(sql);
    if let Some(plan) = inner.plans.find(&shape, types) {
        return Ok(plan);
    }
    let begun = Instant::now();
    let patience = session.patience(inner.limits.time);
    let sandbox = inner.pool.take(patience, cancel)?;
    let (plan, is_of_session) =
        watched(&sandbox, begun, patience, cancel, || planned(inner, &sandbox, sql, types, session, cancel))??;
    if !is_of_session {
        inner.plans.keep(sql, shape, types, &plan);
    }
    Ok(plan)
}

/// A plan, and whether it asks about the connection that it came by.
fn planned(
    inner: &Arc<Inner>,
    sandbox: &Sandbox,
    sql: &str,
    types: &[u32],
    session: &Session,
    cancel: &Cancel,
) -> Result<(Plan, bool), Refusal> {
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
    let mut plan = Plan { columns, parameters, tree: Arc::new(tree), printed: None, calls: None, as_text };
    if plan.parameters.is_empty() {
        let reads_only_answers = read.relations.is_empty() && !read.is_of_catalogue && !read.is_of_session;
        let calls = if reads_only_answers && words::is_steady(&printed) { calls(&plan.tree)? } else { Vec::new() };
        if !calls.is_empty() && calls.iter().all(|arguments| printed.contains(&quoted(arguments))) {
            plan.calls = Some(calls.into());
            // It says which rows of tables are needed; here there are none.
            plan.tree = Arc::new(Json::Null);
        }
        plan.printed = Some(printed.into());
    }
    Ok((plan, read.is_of_session))
}

/// The arguments of the calls of the engine in a checked tree.
fn calls(node: &Json) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    if let Some(arguments) = called(node)? {
        found.push(arguments.1);
    }
    let mut add = |node: &Json| -> Result<(), Refusal> {
        found.extend(calls(node)?);
        Ok(())
    };
    match node {
        Json::Array(nodes) => nodes.iter().try_for_each(&mut add)?,
        Json::Object(fields) => fields.values().try_for_each(&mut add)?,
        _ => {}
    }
    Ok(found)
}

/// The function and the arguments of a call of the engine, if a node is one.
fn called(node: &Json) -> Result<Option<(&'static str, String)>, Refusal> {
    if node["type"] != "TABLE_FUNCTION" {
        return Ok(None);
    }
    let name = node["function"]["function_name"].as_str().unwrap_or_default();
    let Some(name) = call::FUNCTIONS.into_iter().find(|known| *known == name) else { return Ok(None) };
    let children = node["function"]["children"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Some((name, call::arguments(name, children)?)))
}

/// A text as SQL has it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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
    if let Some(known) = known_result(inner, plan) {
        let _ = known.hand_out(take);
        return known.done.ok_or_else(|| Refusal::new("XX000", "a result was kept without its end"));
    }
    let now = (inner.clock)();
    let answered = plan.calls.as_deref().map(|calls| {
        // Before a sandbox is taken: others that only read what is at hand need one too.
        let reader = Reader::new(inner, Narrowings::new(), now, cancel);
        calls.iter().try_for_each(|arguments| reader.answer(arguments).map(drop)).map(|()| reader)
    });
    let answered = answered.transpose()?;
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
    let read = || Reader::new(inner, narrowings(&tree, &inner.relations, now), now, cancel);
    let reader = Arc::new(answered.unwrap_or_else(read));
    let sql = wrapped(&sql, plan);

    let mut collected = plan.calls.is_some().then(Collected::default);
    let mut is_broken_off = false;
    let mut done = Done { n_rows: 0, is_cut: false };
    let most = inner.limits.rows;
    let mut counted = |batch: RecordBatch| {
        let left = most - done.n_rows;
        done.is_cut = batch.num_rows() as u64 > left;
        let batch = if done.is_cut { batch.slice(0, left as usize) } else { batch };
        done.n_rows += batch.num_rows() as u64;
        if let Some(collected) = &mut collected {
            collected.add(&batch);
        }
        is_broken_off = cancel.is_cancelled() || take(batch).is_break();
        if is_broken_off || done.is_cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let found = watched(&sandbox, begun, patience, cancel, || {
        sandbox.run(&sql, Arc::clone(&reader) as Arc<dyn Shelf>, &mut counted)
    })?;
    match found {
        Ok(()) => {
            if let Some(mut collected) = collected.filter(|collected| collected.is_whole() && !is_broken_off) {
                collected.done = Some(done);
                keep_result(inner, plan, &reader, collected);
            }
            Ok(done)
        }
        Err(fault) => Err(reader.refusal().unwrap_or_else(|| Refusal::of_fault(fault))),
    }
}

/// The result of a plan, where it follows from answers that are at hand.
fn known_result(inner: &Arc<Inner>, plan: &Plan) -> Option<Arc<Collected>> {
    let calls = plan.calls.as_deref()?;
    let now = (inner.clock)();
    let mut asks = Vec::with_capacity(calls.len());
    let mut answers = Vec::with_capacity(calls.len());
    for arguments in calls {
        // What is wrong with a question is told where it is asked.
        let ask = call::MetricCall::read(arguments).ask(&inner.engine, now).ok()?;
        answers.push(inner.recent.at_hand(&inner.engine, &ask, inner.clock)?);
        asks.push(ask);
    }
    inner.results.find(&beside_calls(plan, calls), &asks, &answers)
}

/// Keeps the result of the answers that a reader was given.
fn keep_result(inner: &Arc<Inner>, plan: &Plan, reader: &Reader, result: Collected) {
    let Some(calls) = plan.calls.as_deref() else { return };
    let given: Option<Vec<_>> = calls.iter().map(|arguments| reader.given(arguments)).collect();
    // Of a call that was never read nothing is known.
    if let Some(given) = given {
        let (asks, answers): (Vec<_>, Vec<_>) = given.into_iter().unzip();
        inner.results.keep(&beside_calls(plan, calls), &asks, answers, result);
    }
}

/// What a plan does with its answers: its text, with what it takes of each in place of what that answers.
fn beside_calls(plan: &Plan, calls: &[String]) -> String {
    let printed = plan.printed.as_deref().unwrap_or_default();
    calls.iter().fold(printed.to_owned(), |text, arguments| {
        text.replace(&quoted(arguments), &quoted(&call::MetricCall::read(arguments).taken()))
    })
}

/// The text of a checked tree, in which calls of the engine have become calls of the sandbox's shelf. What comes out is
/// parsed and looked at again: what runs is what was allowed, whatever the printer makes of a tree.
fn printed(sandbox: &Sandbox, tree: &Json) -> Result<String, Refusal> {
    let mut tree = tree.clone();
    shelve(&mut tree)?;
    patterns::bound(&mut tree)?;
    let sql = sandbox.print(&tree).map_err(Refusal::of_fault)?;
    let again = sandbox.parse(&sql).map_err(Refusal::of_fault)?;
    if again["statements"].as_array().map(Vec::len) != Some(1) || !verify::is_checked(&again) {
        return Err(Refusal::unsupported("the statement cannot be read the same way twice; write it more plainly"));
    }
    Ok(sql)
}

fn shelve(node: &mut Json) -> Result<(), Refusal> {
    if let Some((name, arguments)) = called(node)? {
        node["function"] = rewrite::call(TABLE_MACRO, vec![rewrite::text(Some(name)), rewrite::text(Some(&arguments))]);
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
