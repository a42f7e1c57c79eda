//! What SQL clients may read: the published tables in the schema `public`, the catalogue by which clients find them, and
//! nothing else. A statement is looked at before it runs; what it may not do is refused with the SQLSTATE and the words
//! that PostgreSQL has for it.
//!
//! Statements run in a sandbox (`store::Sandbox`), a DuckDB apart from the store: were one to slip past the checks it would
//! find neither the store nor a file, and no setting to change. The figures it is handed are those of the engine.

mod allowed;
mod call;
mod catalogue;
mod check;
mod comparisons;
mod distinct;
mod figures;
mod functions;
mod kept_rows;
mod layout;
mod names;
mod narrow;
mod parameters;
mod patterns;
mod plans;
mod pool;
mod reader;
mod recent;
mod refusal;
mod relation;
mod results;
mod rewrite;
mod session;
mod shape;
mod spelled;
mod statement;
mod together;
pub(crate) mod types;
mod values;
mod verify;
mod watch;
mod words;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use analytics::quality::Checks;
use analytics::{AnalyticsError, Engine};
use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

pub use refusal::Refusal;
pub use relation::{ColumnKind, Relation, RelationColumn};
pub(crate) use session::span;
pub use session::{SERVER_VERSION, Session};
pub use statement::Plan;
pub use words::{first_words, statements};

use kept_rows::KeptRows;
use plans::Plans;
use pool::Pool;
use recent::Recent;
use relation::Relations;
use results::Results;

/// The published tables of an installation. Cloning it is cheap.
#[derive(Clone)]
pub struct Published(Arc<Inner>);

struct Inner {
    engine: Engine,
    checks: Checks,
    clock: fn() -> DateTime<Utc>,
    relations: Relations,
    limits: Limits,
    pool: Pool,
    recent: Recent,
    plans: Plans,
    results: Results,
    kept_rows: KeptRows,
}

/// As many as a dashboard asks for at once.
const OPENED_AHEAD: usize = 6;

/// How much queries may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long one may run.
    pub time: Duration,
    /// How many rows it may give; the rest is cut off.
    pub rows: u64,
    /// How much memory it may work in, in bytes.
    pub memory: u64,
    /// How many may run at once; others wait.
    pub queries: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(30), rows: 1_000_000, memory: 256_000_000, queries: 16 }
    }
}

/// A flag by which a running query is ended.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends the query as soon as it looks.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// PostgreSQL's number of its type.
    pub oid: u32,
    /// PostgreSQL's modifier of its type, -1 where it has none.
    pub modifier: i32,
}

/// How a query ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The rows given.
    pub n_rows: u64,
    /// There were more, and the limit on rows cut them off.
    pub is_cut: bool,
}

impl Published {
    /// What an engine's store publishes. `tables` are the files of the tables made from facts and marts (name and text).
    pub fn new(
        engine: Engine,
        checks: Checks,
        tables: &[(&str, &str)],
        clock: fn() -> DateTime<Utc>,
        limits: Limits,
    ) -> Result<Published, AnalyticsError> {
        let relations = Relations::of(engine.catalogue(), tables)?;
        let layout = layout::layout(&relations);
        let pool = Pool::new(layout, limits, &relations);
        Ok(Published(Arc::new(Inner {
            engine,
            checks,
            clock,
            relations,
            limits,
            pool,
            recent: Recent::default(),
            plans: Plans::default(),
            results: Results::default(),
            kept_rows: KeptRows::default(),
        })))
    }

    /// Opens what statements run in for a few of them, before anybody can ask. Blocks until it is open.
    pub fn open_ahead(&self) -> Result<(), Refusal> {
        self.0.pool.open_ahead(OPENED_AHEAD)
    }

    /// The tables it publishes.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.0.relations.iter()
    }

    /// The limits that hold for its queries.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Looks at one statement: a single read of what is published gets a plan. `types` are PostgreSQL's numbers of its
    /// parameters' types, as far as the client named them; 0 where it did not. Blocks for as long as planning takes.
    pub fn plan(&self, sql: &str, types: &[u32], session: &Session, cancel: &Cancel) -> Result<Plan, Refusal> {
        statement::plan(&self.0, sql, types, session, cancel)
    }

    /// Runs a plan with the texts of its parameters, and hands the rows on batch by batch, with as many columns as the plan
    /// says, until `take` breaks off. Blocks until the end.
    pub fn run(
        &self,
        plan: &Plan,
        parameters: &[Option<String>],
        session: &Session,
        cancel: &Cancel,
        take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
    ) -> Result<Done, Refusal> {
        statement::run(&self.0, plan, parameters, session, cancel, take)
    }
}
