//! The files of checks.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::error::AnalyticsError;
use crate::metric_file::header_and_query;
use crate::statement::instant;

/// A check of the data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name; that of its file.
    pub name: String,
    /// What is wrong where it finds something.
    pub title: String,
    /// The metrics that are worse for it.
    pub metrics: Vec<String>,
    /// What would mend it.
    pub fix: String,
    #[serde(skip)]
    query: String,
}

impl Check {
    /// The query, with the present filled in.
    pub(super) fn query(&self, now: DateTime<Utc>) -> String {
        self.query.replace("{now}", &instant(now))
    }
}

/// All checks, by name.
#[derive(Debug, Clone)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// Reads the files: the name and text of each.
    pub fn read(files: &[(&str, &str)]) -> Result<Checks, AnalyticsError> {
        let mut checks = Vec::new();
        for (file, text) in files {
            let bad = |line, message| AnalyticsError::BadMetricFile { file: (*file).to_owned(), line, message };
            let (header, query, _) = header_and_query(text);
            let mut check: Check = toml::from_str(&header).map_err(|error: toml::de::Error| {
                let line = error.span().map(|span| header[..span.start].matches('\n').count() + 1);
                bad(line, error.message().to_owned())
            })?;
            if check.name != file.trim_end_matches(".sql") {
                return Err(bad(None, format!("its name is `{}`; it must be the file's", check.name)));
            }
            check.fix = check.fix.split_whitespace().collect::<Vec<_>>().join(" ");
            check.query = query;
            checks.push(check);
        }
        Ok(Checks(checks))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.0.iter()
    }

    /// Those of a metric, or the one of a name.
    pub(super) fn asked(&self, metric: Option<&str>, check: Option<&str>) -> Result<Vec<&Check>, AnalyticsError> {
        let known: Vec<&str> = self.iter().map(|check| check.name.as_str()).collect();
        if let Some(unknown) = check.filter(|name| !known.contains(name)) {
            let hint = facts::did_you_mean(unknown, &known);
            let message = format!("there is no check `{unknown}`{hint}; there are {}", known.join(", "));
            return Err(AnalyticsError::BadQuestion(message));
        }
        let is_asked = |found: &&Check| {
            check.is_none_or(|name| found.name == name)
                && metric.is_none_or(|name| found.metrics.iter().any(|metric| metric == name))
        };
        Ok(self.iter().filter(is_asked).collect())
    }
}
