//! Where a store may lie: in a file of this machine, and nowhere else that DuckDB knows. It would take an empty path for a
//! database that is gone with the process, and lose what it is told without a word.

use std::path::Path;

use anyhow::bail;

/// Refuses a path that DuckDB would take for something other than a file.
pub(crate) fn check(path: &Path) -> anyhow::Result<()> {
    let text = path.to_string_lossy();
    if text.trim().is_empty() {
        bail!("the path is empty; write that of a file, such as cairn.duckdb");
    }
    if text.starts_with(":memory:") {
        bail!("`{text}` would be gone when the command ends; write the path of a file, such as cairn.duckdb");
    }
    if let Some((prefix, _)) = text.split_once(':')
        && (is_of_an_extension(prefix) || text[prefix.len()..].starts_with("://"))
    {
        bail!(
            "`{text}` is no file of this machine, and a store is one; write its path, such as cairn.duckdb (or ./NAME for a name with a colon)"
        );
    }
    Ok(())
}

/// Whether DuckDB takes what stands before the first colon for the name of an extension; one letter may be a drive.
fn is_of_an_extension(prefix: &str) -> bool {
    prefix.len() > 1 && prefix.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
