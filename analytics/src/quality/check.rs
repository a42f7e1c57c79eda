//! A check's file: its header, and the query of the things it looks at.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::catalogue::{Catalogue, MARTS};
use crate::error::AnalyticsError;

/// A check, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name; that of its file.
    pub name: String,
    /// What people call what it finds.
    pub title: String,
    /// The facts, marts and notes that it reads, as `schema.name`.
    pub reads: Vec<String>,
    /// The metrics that suffer by what it finds.
    #[serde(default)]
    pub suffers: Vec<String>,
    /// Instead: the metrics made of the kinds of fact that its rows name in `kinds`, separated by commas.
    #[serde(default)]
    pub suffers_by_kind: bool,
    /// What would mend it.
    pub fix: String,
    /// The query.
    #[serde(skip)]
    pub query: String,
}

impl Check {
    /// The metrics that suffer, where its bad rows name these kinds of fact.
    pub(super) fn metrics(&self, kinds: &BTreeSet<String>, catalogue: &Catalogue) -> Vec<String> {
        if !self.suffers_by_kind {
            return self.suffers.clone();
        }
        let is_made_of = |mart: &String| {
            let of = MARTS.iter().find(|(name, _)| name == mart).map_or(&[][..], |(_, kinds)| kinds);
            of.iter().any(|kind| kinds.contains(*kind))
        };
        let suffering = catalogue.metrics().filter(|metric| metric.reads.iter().any(is_made_of));
        suffering.map(|metric| metric.name.clone()).collect()
    }
}

/// All checks, by name.
#[derive(Debug, Clone)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Reads check files: the name and text of each. The metrics they name must be in the catalogue.
    pub fn read(files: &[(&str, &str)], catalogue: &Catalogue) -> Result<Checks, AnalyticsError> {
        let mut checks =
            files.iter().map(|(file, text)| parse(file, text, catalogue)).collect::<Result<Vec<_>, _>>()?;
        checks.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Checks(checks))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.0.iter()
    }

    /// The check of a name; the error names the nearest.
    pub fn get(&self, name: &str) -> Result<&Check, AnalyticsError> {
        self.0.iter().find(|check| check.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|check| check.name.as_str()).collect();
            let hint = facts::did_you_mean(name, &names);
            AnalyticsError::UnknownCheck(format!(
                "there is no check `{name}`{hint}; the checks are {}",
                names.join(", ")
            ))
        })
    }
}

/// Reads one file: its header, the leading comment up to the line that says what one row is, is TOML.
fn parse(file: &str, text: &str, catalogue: &Catalogue) -> Result<Check, AnalyticsError> {
    let bad = |message: String| AnalyticsError::BadCheckFile { file: file.to_owned(), message };
    let is_header = |line: &&str| line.starts_with("--") && !line.starts_with("-- One row");
    let header: Vec<&str> =
        text.lines().take_while(is_header).map(|line| line.trim_start_matches("--").trim_start()).collect();
    let mut check: Check =
        toml::from_str(&header.join("\n")).map_err(|error: toml::de::Error| bad(error.message().to_owned()))?;
    check.query = text.lines().skip(header.len()).collect::<Vec<_>>().join("\n");
    if !check.query.starts_with("-- One row") {
        return Err(bad("does not say what one row is; end its header with a line `-- One row per ...`".into()));
    }
    if file.trim_end_matches(".sql") != check.name {
        return Err(bad(format!("its name is `{}`; name it as its file", check.name)));
    }
    if check.suffers.is_empty() != check.suffers_by_kind {
        return Err(bad("says who suffers in both ways or in none; keep `suffers` or `suffers_by_kind = true`".into()));
    }
    for metric in &check.suffers {
        catalogue.get(metric).map_err(|error| bad(format!("suffers: {error}")))?;
    }
    check.fix = check.fix.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(check)
}
