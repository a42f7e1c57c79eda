//! What can go wrong with the store, sorted by what its caller can do about it.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error(
        "the store {path} is in use by another process{holder}; stop that process, or name another store with --store"
    )]
    Locked {
        /// The database file.
        path: String,
        /// Who holds it, as far as DuckDB says.
        holder: String,
    },
    /// The file belongs to something else.
    #[error("{path} is not a Cairn store ({reason}); nothing was changed, name another file with --store")]
    Foreign {
        /// The file.
        path: String,
        /// What gave it away.
        reason: String,
    },
    /// A later Cairn made it.
    #[error(
        "the store {path} has schema version {found}, made by a newer Cairn; this one knows versions up to {known}. Upgrade Cairn, or restore a backup of the older store"
    )]
    TooNew {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file or its folder cannot be written or read.
    #[error("the store {path} cannot be opened: {reason}")]
    Unusable {
        /// The file.
        path: String,
        /// What the system said, and the way out.
        reason: String,
    },
    /// The disk is used up, which reading may need too. Nothing was changed.
    #[error("the disk is full, found while {doing} ({said}); nothing was changed, free some space and run it again")]
    Full {
        /// What was being done.
        doing: String,
        /// What DuckDB said.
        said: String,
    },
    /// This process can use the store no more; what was written before stands.
    #[error(
        "the store can be used no more while {doing}, since writing to it failed before (is the disk full?); what was accepted is kept. Make room and start cairn again"
    )]
    Broken {
        /// What was being done.
        doing: String,
    },
    /// The limit of memory is used up. Nothing of the batch was kept.
    #[error(
        "the memory that DuckDB may use was not enough while {doing} ({said}); nothing of this batch was kept. Raise memory_limit in cairn.toml, such as memory_limit = \"2GB\", and run it again"
    )]
    Memory {
        /// What was being done.
        doing: String,
        /// What DuckDB said.
        said: String,
    },
    /// Two rows of one intake have one identity and differ.
    #[error("{0}")]
    Conflict(String),
    /// Two facts share a 64-bit hash.
    #[error("two different {kind} facts share the hash {hash}; nothing of this batch was kept, please report this")]
    HashCollision {
        /// The kind of fact.
        kind: String,
        /// The hash.
        hash: String,
    },
    /// No such thing.
    #[error("{0}")]
    NotFound(String),
    /// DuckDB refused something that should work.
    #[error("the database failed while {doing}: {error}")]
    Database {
        /// What was being done.
        doing: String,
        /// What DuckDB said.
        error: String,
    },
}

impl StoreError {
    /// An error of DuckDB, with what was being done.
    pub(crate) fn database(doing: impl Into<String>, error: &duckdb::Error) -> StoreError {
        let text = error.to_string();
        let says = |part: &str| text.contains(part);
        if says("database has been invalidated") {
            return StoreError::Broken { doing: doing.into() };
        }
        if says("No space left") || says("max_temp_directory_size") {
            return StoreError::Full { doing: doing.into(), said: text };
        }
        if says("Out of Memory") || says("failed to pin block") {
            // What follows is advice on settings of DuckDB's own, which nobody can make here.
            let said = text.lines().next().unwrap_or_default().to_owned();
            return StoreError::Memory { doing: doing.into(), said };
        }
        StoreError::Database { doing: doing.into(), error: text }
    }
}
