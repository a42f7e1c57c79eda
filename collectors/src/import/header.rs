//! From the names of a file's columns to the positions of the kind's columns.

use std::collections::HashSet;

use facts::{Spec, did_you_mean, printable, trim};

use super::error::ImportError;

/// For each column of the file its position in the kind, or everything that is wrong with the columns. White space around a
/// name is no part of it.
pub(super) fn positions(names: &[&str], spec: &'static Spec, file: &str) -> Result<Vec<usize>, ImportError> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for name in names.iter().map(|name| trim(name)) {
        let shown = printable(shorten(name));
        match spec.position(name) {
            _ if !seen.insert(name) => problems.push(format!("column `{shown}` stands twice in the header")),
            Some(position) => found.push(position),
            None => problems.push(format!("unknown column `{shown}`{}", hint(name, spec))),
        }
    }
    for column in spec.columns.iter().filter(|column| column.is_required) {
        let has_default = spec.defaults.iter().any(|(name, _)| *name == column.name);
        if !has_default && !seen.contains(column.name) {
            problems.push(format!("required column `{}` is missing from the header", column.name));
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(ImportError::Header { file: file.to_owned(), problems }) }
}

/// The nearest known column in brackets, or all of them where none is near.
pub(super) fn hint(name: &str, spec: &'static Spec) -> String {
    let known: Vec<&str> = spec.columns.iter().map(|column| column.name).collect();
    match did_you_mean(shorten(name), &known) {
        nearest if nearest.is_empty() => format!(" (known are {})", known.join(", ")),
        nearest => nearest,
    }
}

/// A name cut to a readable length: what stands where a name is expected may be a whole file.
pub(super) fn shorten(name: &str) -> &str {
    const LONGEST: usize = 80;
    name.char_indices().nth(LONGEST).map_or(name, |(end, _)| &name[..end])
}
