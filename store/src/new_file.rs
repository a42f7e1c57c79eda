//! The file of a store that is new: an empty one is as good as none, and a start that fails leaves none behind.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::Path;

use duckdb::Connection;

/// What DuckDB writes before it opens a new database: three heads. A shorter file never was one.
const HEADS: u64 = 3 * 4096;

/// Opens a database with `connect`, which makes the file where there is none.
pub(crate) fn connected(path: &Path, connect: impl Fn() -> duckdb::Result<Connection>) -> duckdb::Result<Connection> {
    if path.symlink_metadata().is_err() {
        return connect().inspect_err(|error| take_back(path, error));
    }
    let refused = match connect() {
        // DuckDB looks for the lock before it looks into the file: one that is being made by somebody else ends here.
        Err(error) if !is_locked(&error.to_string()) => error,
        opened => return opened,
    };
    let Some(empty) = shorter_than(path, 1).filter(|_| !has_log(path)) else { return Err(refused) };
    fs::remove_file(path).map_err(|_| refused)?;
    let connection = connect().inspect_err(|error| take_back(path, error))?;
    // Who made the file may have closed it to others; where that cannot be kept the store is as any other.
    let _ = fs::set_permissions(path, empty.permissions());
    Ok(connection)
}

/// Whether DuckDB refused a file because somebody else has it.
pub(crate) fn is_locked(error: &str) -> bool {
    ["Could not set lock", "Conflicting lock", "already open"].iter().any(|part| error.contains(part))
}

/// Removes what a start has made that failed, as for a full disk: DuckDB takes it for no database of its own ever after.
fn take_back(path: &Path, error: &duckdb::Error) {
    if !is_locked(&error.to_string()) && shorter_than(path, HEADS).is_some() {
        // The error of the start is the one to tell.
        let _ = fs::remove_file(path);
    }
}

/// What is known of a regular file that is shorter than so many bytes.
fn shorter_than(path: &Path, n_bytes: u64) -> Option<Metadata> {
    path.symlink_metadata().ok().filter(|found| found.is_file() && found.len() < n_bytes)
}

/// Whether there is a log of what is not in the file yet: then its content was lost, which is not to be covered up.
fn has_log(path: &Path) -> bool {
    let mut log = OsString::from(path);
    log.push(".wal");
    Path::new(&log).metadata().is_ok_and(|log| log.len() > 0)
}
