//! PostgreSQL's wire: what may be read, how it is answered, and what real clients make of it.

use std::sync::Arc;

use analytics::Engine;
use analytics::quality::Checks;
use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono::{DateTime, Utc};
use dashboards::published::{Cancel, Limits, Plan, Published, Refusal, Session};
use store::Store;

use crate::support::{at, deployment, engine, incident, service, store_in, write};

mod catalogue;
mod clients;
mod conditions;
mod connecting;
mod figures;
mod go_clients;
mod hostile;
mod limits;
mod protocol;
mod running;
mod side_by_side;
mod words;

/// The present of these tests.
pub fn now() -> DateTime<Utc> {
    at("2026-01-01T00:00:00Z")
}

/// A few services, their deployments and incidents.
pub fn fill(store: &Store) {
    write(
        store,
        &[crate::support::batch(&[
            service("api", "2025-01-01T00:00:00Z", "payments", Some("acme/api")),
            service("web", "2025-01-01T00:00:00Z", "checkout", Some("acme/web")),
        ])],
    );
    let mut deployments = Vec::new();
    for week in 0..20 {
        let day = at("2025-08-04T10:00:00Z") + chrono::TimeDelta::weeks(week);
        for (name, n) in [("api", 3), ("web", 1 + week % 3)] {
            for place in 0..n {
                let finished = (day + chrono::TimeDelta::hours(place)).to_rfc3339();
                deployments.push(deployment(&format!("{name}-{week}-{place}"), name, &finished));
            }
        }
    }
    write(store, &[crate::support::batch(&deployments)]);
    write(
        store,
        &[crate::support::batch(&[
            incident("i1", Some("api"), "2025-09-01T12:00:00Z", Some("2025-09-01T14:00:00Z"), Some("api-4-1")),
            incident("i2", Some("web"), "2025-10-06T12:00:00Z", None, None),
        ])],
    );
}

/// The same in the store of a folder in which a server is to run.
pub fn fill_in(folder: &tempfile::TempDir) {
    let path = folder.path().join("cairn.duckdb");
    fill(&Store::open(&store::StoreOptions { path, ..store::StoreOptions::default() }, now()).unwrap());
}

/// What a store publishes, in this process.
pub struct House {
    pub published: Published,
    pub engine: analytics::Engine,
    _folder: tempfile::TempDir,
}

impl House {
    pub fn new() -> House {
        House::with(Limits::default())
    }

    pub fn with(limits: Limits) -> House {
        House::of(limits, now, |engine| engine)
    }

    /// One with a clock of its own, and an engine that was told more.
    pub fn of(limits: Limits, clock: fn() -> DateTime<Utc>, told: fn(Engine) -> Engine) -> House {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        fill(&store);
        let engine = told(engine(&store, "UTC"));
        let checks = Checks::read(sql::CHECKS, engine.catalogue()).unwrap();
        let published = Published::new(engine.clone(), checks, sql::PUBLISHED, clock, limits).unwrap();
        House { published, engine, _folder: folder }
    }

    pub fn plan(&self, sql: &str) -> Result<Plan, Refusal> {
        self.published.plan(sql, &[], &session(), &Cancel::default())
    }

    /// The rows of a statement as texts; null is `-`.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>, Refusal> {
        self.rows_of(sql, &session())
    }

    /// The same for a connection.
    pub fn rows_of(&self, sql: &str, session: &Session) -> Result<Vec<Vec<String>>, Refusal> {
        let plan = self.published.plan(sql, &[], session, &Cancel::default())?;
        let mut rows = Vec::new();
        self.published.run(&plan, &[], session, &Cancel::default(), &mut |batch| {
            let options = arrow::util::display::FormatOptions::default().with_null("-");
            // Instants are written without their zone, whose name the formatter does not know.
            let plain = batch.columns().iter().map(|column| match column.data_type() {
                DataType::Timestamp(..) => {
                    let instants = column.as_primitive::<TimestampMicrosecondType>().clone();
                    Arc::new(instants.with_timezone_opt(None::<String>)) as ArrayRef
                }
                _ => Arc::clone(column),
            });
            let plain: Vec<ArrayRef> = plain.collect();
            let columns: Vec<_> = plain
                .iter()
                .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap())
                .collect();
            for row in 0..batch.num_rows() {
                rows.push(columns.iter().map(|column| column.value(row).to_string()).collect());
            }
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    pub fn refusal(&self, sql: &str) -> Refusal {
        match self.rows(sql) {
            Err(refusal) => refusal,
            Ok(rows) => panic!("{sql} gave {} rows: {:?}", rows.len(), rows.first()),
        }
    }
}

pub fn session() -> Session {
    Session { user: "reader".into(), database: "cairn".into(), number: 7, ..Session::default() }
}

/// One house for tests that only read.
pub fn house() -> Arc<House> {
    static HOUSE: std::sync::OnceLock<Arc<House>> = std::sync::OnceLock::new();
    Arc::clone(HOUSE.get_or_init(|| Arc::new(House::new())))
}
