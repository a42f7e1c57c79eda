//! The tables of a sandbox: a table function by which its statements are handed rows from outside, column by column as
//! they ask for them.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema};
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab, record_batch_to_duckdb_data_chunk};

/// A table that a statement calls for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableCall {
    /// Its name.
    pub name: String,
    /// The arguments, as a JSON array of texts and nulls.
    pub arguments: String,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its type: text, double, whole number, truth value or instant.
    pub data_type: DataType,
}

/// Where a sandbox's tables come from.
pub trait Shelf: Send + Sync {
    /// The columns of a table; the error is for who wrote the statement.
    fn columns(&self, call: &TableCall) -> Result<Vec<TableColumn>, String>;

    /// Hands its rows on: of each batch just the columns asked for, in that order and of the types told. Runs on a thread of
    /// its own.
    fn read(
        &self,
        call: &TableCall,
        columns: &[usize],
        take: &mut dyn FnMut(RecordBatch) -> ControlFlow<()>,
    ) -> Result<(), String>;

    /// Whether the statement is to end.
    fn is_over(&self) -> bool;
}

/// The table function's name; its first argument is the sandbox's number.
pub(super) const FUNCTION: &str = "cairn_shelf_table";
/// The most rows that DuckDB takes at once.
const CHUNK: usize = 2048;

/// What a sandbox's table function finds its rows by.
pub(super) struct Room {
    shelf: Mutex<Arc<dyn Shelf>>,
}

/// Puts the former shelf back.
pub(super) struct Shelved<'a> {
    room: &'a Room,
    former: Option<Arc<dyn Shelf>>,
}

impl Room {
    /// Sets the shelf for as long as what is given back lives.
    pub(super) fn with(&self, shelf: Arc<dyn Shelf>) -> Shelved<'_> {
        let former = std::mem::replace(&mut *locked(&self.shelf), shelf);
        Shelved { room: self, former: Some(former) }
    }
}

impl Drop for Shelved<'_> {
    fn drop(&mut self) {
        if let Some(former) = self.former.take() {
            *locked(&self.room.shelf) = former;
        }
    }
}

impl Drop for super::Sandbox {
    fn drop(&mut self) {
        locked(&ROOMS).remove(&self.number());
    }
}

/// All rooms by number: a table function can be given plain values only, so it is given the number.
static ROOMS: Mutex<BTreeMap<i64, Arc<Room>>> = Mutex::new(BTreeMap::new());

/// Makes the table function known on a connection.
pub(super) fn furnish(connection: &Connection, number: i64, shelf: Arc<dyn Shelf>) -> duckdb::Result<Arc<Room>> {
    connection.register_table_function::<ShelfTable>(FUNCTION)?;
    let room = Arc::new(Room { shelf: Mutex::new(shelf) });
    locked(&ROOMS).insert(number, Arc::clone(&room));
    Ok(room)
}

fn locked<T: ?Sized>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

struct ShelfTable;

struct Bound {
    shelf: Arc<dyn Shelf>,
    call: TableCall,
    n_columns: usize,
}

struct Reading {
    /// The columns that DuckDB asks for; what lies beyond the table's own stands for a row without any.
    columns: Vec<u64>,
    state: Mutex<Option<State>>,
}

struct State {
    rows: Receiver<Result<RecordBatch, String>>,
    batch: Option<RecordBatch>,
    offset: usize,
}

impl VTab for ShelfTable {
    type InitData = Reading;
    type BindData = Bound;

    fn bind(bind: &BindInfo) -> Result<Bound, Box<dyn Error>> {
        let number = bind.get_parameter(0).to_int64();
        let room = locked(&ROOMS).get(&number).map(Arc::clone).ok_or("there is no such table")?;
        let shelf = Arc::clone(&locked(&room.shelf));
        let text = |position| bind.get_parameter(position).to_string();
        let call = TableCall { name: text(1), arguments: text(2) };
        let columns = shelf.columns(&call)?;
        for column in &columns {
            bind.add_result_column(&column.name, logical_type(&column.data_type));
        }
        Ok(Bound { shelf, call, n_columns: columns.len() })
    }

    fn init(init: &InitInfo) -> Result<Reading, Box<dyn Error>> {
        Ok(Reading { columns: init.get_column_indices(), state: Mutex::new(None) })
    }

    fn func(function: &TableFunctionInfo<Self>, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        let (bound, reading) = (function.get_bind_data(), function.get_init_data());
        let mut state = locked(&reading.state);
        let state = state.get_or_insert_with(|| begin(bound, &reading.columns));
        loop {
            if let Some(batch) = &state.batch
                && state.offset < batch.num_rows()
            {
                let n_rows = CHUNK.min(batch.num_rows() - state.offset);
                let part = batch.slice(state.offset, n_rows);
                state.offset += n_rows;
                return record_batch_to_duckdb_data_chunk(&part, output);
            }
            state.offset = 0;
            state.batch = match next(state, &*bound.shelf)? {
                Some(batch) => Some(batch),
                None => {
                    output.set_len(0);
                    return Ok(());
                }
            };
        }
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeId::Bigint.into(), LogicalTypeId::Varchar.into(), LogicalTypeId::Varchar.into()])
    }
}

/// Starts to read on a thread of its own: whoever has the rows hands them out, while DuckDB wants to be the one who asks.
/// When the statement ends early the receiver is gone, and the thread learns it with its next batch.
fn begin(bound: &Bound, asked: &[u64]) -> State {
    let (send, rows) = sync_channel(2);
    let (shelf, call) = (Arc::clone(&bound.shelf), bound.call.clone());
    let own = |index: &&u64| **index < bound.n_columns as u64;
    let columns: Vec<usize> = asked.iter().filter(own).map(|index| *index as usize).collect();
    let is_own: Vec<bool> = asked.iter().map(|index| own(&index)).collect();
    std::thread::spawn(move || hand_out(&*shelf, &call, &columns, &is_own, &send));
    State { rows, batch: None, offset: 0 }
}

fn hand_out(
    shelf: &dyn Shelf,
    call: &TableCall,
    columns: &[usize],
    is_own: &[bool],
    send: &SyncSender<Result<RecordBatch, String>>,
) {
    let mut take = |batch: RecordBatch| match send.send(with_fillers(&batch, is_own)) {
        Ok(()) if !shelf.is_over() => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    if let Err(error) = shelf.read(call, columns, &mut take) {
        // Nobody listens any more where the statement has ended.
        let _ = send.send(Err(error));
    }
}

/// A batch with a column of nulls wherever DuckDB asks for none of the table's own, as where rows are only counted.
fn with_fillers(batch: &RecordBatch, is_own: &[bool]) -> Result<RecordBatch, String> {
    if is_own.iter().all(|is_own| *is_own) {
        return Ok(batch.clone());
    }
    let n_rows = batch.num_rows();
    let mut own = batch.columns().iter();
    let columns: Vec<ArrayRef> = is_own
        .iter()
        .map(|is_own| match own.next().filter(|_| *is_own) {
            Some(column) => Arc::clone(column),
            None => Arc::new(Int64Array::from(vec![None; n_rows])) as ArrayRef,
        })
        .collect();
    let fields: Vec<Field> =
        columns.iter().map(|column| Field::new("column", column.data_type().clone(), true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .map_err(|error| error.to_string())
}

/// The next batch. Looks now and then whether the statement is to end.
fn next(state: &State, shelf: &dyn Shelf) -> Result<Option<RecordBatch>, Box<dyn Error>> {
    loop {
        match state.rows.recv_timeout(LOOK_EVERY) {
            Ok(batch) => return Ok(Some(batch?)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) if shelf.is_over() => return Err("the statement was ended".into()),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(10);

fn logical_type(data_type: &DataType) -> LogicalTypeHandle {
    match data_type {
        DataType::Boolean => LogicalTypeId::Boolean,
        DataType::Int32 => LogicalTypeId::Integer,
        DataType::Int64 => LogicalTypeId::Bigint,
        DataType::Float64 => LogicalTypeId::Double,
        DataType::Timestamp(..) => LogicalTypeId::TimestampTZ,
        _ => LogicalTypeId::Varchar,
    }
    .into()
}
