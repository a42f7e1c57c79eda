//! A DuckDB of its own for statements that strangers write: in memory, without files, network, extensions or settings to
//! change, and with nothing in it but what its owner laid out. It is not the store: nothing of the store can be reached
//! from it, whatever a statement says, but through the tables that the owner hands rows out by.
//!
//! One sandbox runs one statement at a time, on one thread and in memory of its own, so that a greedy statement neither
//! takes memory from the store nor from other statements.

mod table;
mod tree;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow::array::RecordBatch;
use duckdb::{Config, Connection};

use crate::error::StoreError;
use crate::query::rows;
use table::Room;

pub use table::{Shelf, TableCall, TableColumn};
pub use tree::SqlFault;

/// The macro by which a statement calls for a table of the shelf: `shelf_table('name', '["argument", null]')`.
pub const TABLE_MACRO: &str = "shelf_table";

/// How to open a sandbox.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// How much memory statements may work in, in bytes.
    pub memory: u64,
    /// What is laid out in it: schemas, views and macros, run once.
    pub layout: String,
}

/// A sandbox.
pub struct Sandbox {
    connection: Connection,
    room: Arc<Room>,
    number: i64,
}

/// Ends what runs in a sandbox.
#[derive(Clone)]
pub struct Interrupter(Arc<duckdb::InterruptHandle>);

impl Interrupter {
    /// Ends the statement that runs now, if one does.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

static NEXT: AtomicI64 = AtomicI64::new(1);

impl Sandbox {
    /// Opens one. `shelf` tells the columns of the tables that the layout names.
    pub fn open(options: &SandboxOptions, shelf: Arc<dyn Shelf>) -> Result<Sandbox, StoreError> {
        let failed = |error: duckdb::Error| StoreError::database("laying out a sandbox", &error);
        // Nothing is written beside the memory. Without external access this could not be set any more, so it comes first.
        let config = Config::default()
            .with("temp_directory", "")
            // As of the store's own connection.
            .and_then(|config| config.with("disabled_optimizers", "compressed_materialization"))
            .and_then(|config| config.enable_external_access(false))
            .and_then(|config| config.enable_autoload_extension(false))
            .and_then(|config| config.max_memory(&format!("{}B", options.memory)))
            .and_then(|config| config.threads(1))
            .map_err(failed)?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(failed)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let room = table::furnish(&connection, number, shelf).map_err(failed)?;
        let sandbox = Sandbox { connection, room, number };
        let lay_out = || {
            sandbox.connection.execute_batch(&format!(
                "set timezone = 'UTC';
                create macro {TABLE_MACRO}(name, arguments) as table
                select * from {}({number}, name, arguments);",
                table::FUNCTION
            ))?;
            sandbox.connection.execute_batch(&options.layout)?;
            // From here on not even this code can change a setting.
            sandbox.connection.execute_batch("set lock_configuration = true")
        };
        lay_out().map_err(failed)?;
        Ok(sandbox)
    }

    /// The name by which the layout's owner may tell sandboxes apart.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// What ends a statement that runs in it, from any thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.interrupt_handle())
    }

    /// The columns that a statement gives, names and DuckDB's words for the types: it is planned and not run.
    pub fn describe(&self, sql: &str, shelf: Arc<dyn Shelf>) -> Result<Vec<(String, String)>, SqlFault> {
        let _set = self.room.with(shelf);
        let found = rows(&self.connection, &format!("describe {sql}"), &[]).map_err(|error| SqlFault::of(&error))?;
        let column = |row: Vec<crate::Value>| match &row[..] {
            [crate::Value::Text(name), crate::Value::Text(sql_type), ..] => Some((name.clone(), sql_type.clone())),
            _ => None,
        };
        Ok(found.rows.into_iter().filter_map(column).collect())
    }

    /// Whether it knows a function of that name, whatever that does.
    pub fn has_function(&self, name: &str) -> Result<bool, SqlFault> {
        let sql = "select 1 from duckdb_functions() where function_name = $1 limit 1";
        let found = rows(&self.connection, sql, &[crate::Value::Text(name.to_owned())]);
        Ok(!found.map_err(|error| SqlFault::of(&error))?.rows.is_empty())
    }

    /// Runs a statement and hands its rows on as they are found, until `take` breaks off.
    pub fn run(
        &self,
        sql: &str,
        shelf: Arc<dyn Shelf>,
        take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
    ) -> Result<(), SqlFault> {
        let _set = self.room.with(shelf);
        let fault = |error: duckdb::Error| SqlFault::of(&error);
        let mut statement = self.connection.prepare(sql).map_err(fault)?;
        // The iterator that this gives panics where a row fails; stepping tells the error.
        drop(statement.stream_arrow([]).map_err(fault)?);
        while let Some(rows) = statement.step().map_err(fault)? {
            if take(RecordBatch::from(rows)).is_break() {
                break;
            }
        }
        Ok(())
    }
}
