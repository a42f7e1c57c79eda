//! The store: the only code that knows DuckDB.
//!
//! It opens and migrates the database, merges facts with their cursor in one transaction, refreshes the marts for what
//! a batch touched, and answers queries on connections of their own. A reader never sees a half-written batch.

mod apart;
mod delta;
mod error;
mod inbox;
mod inspect;
mod intake;
mod marts;
mod memory;
mod metric_version;
mod new_file;
mod open;
mod past;
mod query;
mod sandbox;
mod sources;
mod spans;
mod standing;
mod survey;
mod token;
mod turn;
mod value_run;
mod withdraw;

pub use error::StoreError;
pub use inbox::{DeadLetter, Held, Push, Round, Waiting};
pub use inspect::{QueryFault, Reads, Unsteady};
pub use intake::{Conflict, CursorUpdate, Intake, KindSummary};
pub use metric_version::{Definition, Definitions};
pub use open::{MartRules, Store, StoreOptions};
pub use query::{Rows, Value};
pub use sandbox::{Interrupter, Sandbox, SandboxOptions, Shelf, SqlFault, TABLE_MACRO, TableCall, TableColumn};
pub use sources::{SourceNote, SourceRun};
pub use standing::{IS_EARLIEST, IS_LATEST, OF_THE_END, StandingEnd};
pub use survey::{LEAST_PEOPLE, Question, withheld};
pub use token::{Scope, Token};
pub use turn::{Times, ToldAt, Turn};
pub use value_run::ValueRun;
