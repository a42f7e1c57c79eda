//! The facts Cairn keeps: one struct per table of the intake format, the description of each table's columns, and the
//! columnar [`Batch`] in which facts travel from whoever makes them (collectors, imports, the API, the demo) to the store.
//!
//! This crate knows no database and no file format. It decides what a well-formed fact is: types, required fields,
//! allowed words, the order of times, and that people are only ever written as keyed hashes.

mod batch;
mod cell;
mod currency;
mod kinds;
mod listing;
mod nearest;
mod person;
mod shorten;
mod spec;
mod trunk;

pub use batch::{Batch, BatchBuilder, RowOrigin, hashes};
pub use cell::{Cell, Problem, Raw, parse_cell, parse_time, trim};
pub use currency::{CURRENCIES, Currency};
pub use kinds::*;
pub use listing::{Listing, Remains};
pub use nearest::{did_you_mean, nearest};
pub use person::{DEFAULT_BOTS, PersonKey, PersonKeyError, is_bot};
pub use shorten::{printable, shorten, shorten_message};
pub use spec::{Column, ColumnType, Default as DefaultValue, Fact, FieldType, Kind, Person, Spec};
pub use trunk::Trunk;
