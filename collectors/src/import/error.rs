//! Why an input cannot be taken at all.

use std::error::Error;
use std::io;

use super::input::Packing;

/// Why an input cannot be taken at all. Each message names the input, the place where there is one, and the way out.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not there, or may not be read.
    #[error("cannot open {file}: {error}; check the path and its permissions")]
    Open {
        /// The file.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// Reading it broke off.
    #[error("cannot read {file}: {error}")]
    Read {
        /// The input.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// It is in none of the formats that can be read.
    #[error("{file} holds {found}; send CSV, NDJSON or a JSON array (UTF-8, plain or gzipped), or Parquet")]
    UnknownFormat {
        /// The input.
        file: String,
        /// What it seems to hold.
        found: String,
    },
    /// Its columns are not those of the kind.
    #[error("{file}: {}; mend the columns, nothing was taken from this file", problems.join("; "))]
    Header {
        /// The input.
        file: String,
        /// Everything that is wrong with the columns.
        problems: Vec<String>,
    },
    /// It ends before its end.
    #[error("{}: the file is cut, {what}; send it again whole", place(file, *line))]
    Cut {
        /// The input.
        file: String,
        /// The line of the row it breaks off in, where that is known.
        line: Option<u64>,
        /// What is missing.
        what: String,
    },
    /// It is damaged so that what follows cannot be read.
    #[error("{}: {what}", place(file, *line))]
    Damaged {
        /// The input.
        file: String,
        /// The line of the row where it was noticed, where that is known.
        line: Option<u64>,
        /// What is wrong, and the way out.
        what: String,
    },
    /// The rows were read, but whoever keeps them failed.
    #[error("keeping the rows of {file} failed: {error}")]
    Sink {
        /// The input.
        file: String,
        /// What the [`Sink`](super::Sink) said.
        error: Box<dyn Error + Send + Sync>,
    },
}

fn place(file: &str, line: Option<u64>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}, line {line}"))
}

/// What a failed read means: gzip that ends early and gzip that is damaged look like errors of reading.
pub(super) fn of_reading(file: &str, packing: Packing, error: io::Error) -> ImportError {
    let file = file.to_owned();
    match (packing, error.kind()) {
        (Packing::Gzip, io::ErrorKind::UnexpectedEof) => {
            ImportError::Cut { file, line: None, what: "its gzip stream ends early".into() }
        }
        (Packing::Gzip, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => ImportError::Damaged {
            file,
            line: None,
            what: format!("the gzip data is damaged ({error}); pack it again"),
        },
        _ => ImportError::Read { file, error },
    }
}
