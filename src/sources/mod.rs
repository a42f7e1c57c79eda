//! The `[[source]]` tables of the configuration, put together with what reads them.

mod bucket;
mod files;
mod folder;
pub(crate) mod pushed;
mod pushed_facts;
mod run;
mod sink;
mod table;
mod transport;

use std::str::FromStr as _;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use collectors::pull::{AnySource, Authorization, Setting, Transport};

use crate::config::Config;
use crate::schedule::Schedule;
use table::{Common, ONLY_PUSH};
use transport::secret;

pub(crate) use files::{Checked, Files, Run, read as read_files};
pub(crate) use run::{Report, in_words, is_failure, read_into};
pub(crate) use sink::{Refused, StoreSink};
pub(crate) use table::{no_secrets_in_clear, not_one};

/// A source as configured, ready to be read or pushed to.
pub(crate) struct Configured {
    /// Its name: what its facts carry as `source`.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What mappings and spans of time it has.
    pub setting: Setting,
    /// What reads it, and the way there; none where it only pushes.
    pub reader: Option<Reader>,
    /// The folder or bucket whose files are taken; none for other kinds.
    pub files: Option<Files>,
    /// When the server reads it by itself; none where it does not.
    pub schedule: Option<Schedule>,
    common: Common,
}

/// What reads a source, and where it is.
pub(crate) struct Reader {
    /// What to ask and what answers mean.
    pub source: Box<dyn AnySource>,
    url: String,
    common: Common,
}

impl Configured {
    /// The secret by which its pushes are signed. Only who takes pushes needs it to be there.
    pub fn secret(&self) -> anyhow::Result<Option<String>> {
        secret(&self.common.secret, &self.common.secret_file, "secret")
            .with_context(|| format!("[[source]] {}", self.name))
    }

    /// Whether it is read, and not only pushed to.
    pub fn is_read(&self) -> bool {
        self.reader.is_some() || self.files.is_some()
    }

    /// Why one that is not read is not.
    pub fn why_not_read(&self) -> &'static str {
        match ONLY_PUSH.contains(&self.kind.as_str()) {
            true => "its kind only pushes",
            false => "it only pushes; what needs a token to be read has none here",
        }
    }

    /// The user and the token, as an object store knows them: an access key's id and its secret.
    pub fn credentials(&self) -> anyhow::Result<(Option<String>, Option<String>)> {
        let token = secret(&self.common.token, &self.common.token_file, "token")
            .with_context(|| format!("[[source]] {}", self.name))?;
        Ok((self.common.user.clone(), token))
    }
}

impl Reader {
    /// Whether something is named by which it shows who asks.
    pub fn has_credential(&self) -> bool {
        self.common.has_credential()
    }

    /// The way there, with the credentials. Only who reads the source needs them to be there. Must be called on a
    /// thread of the runtime, as GitHub's client works in the background.
    pub fn transport(&self) -> anyhow::Result<Transport> {
        let common = &self.common;
        let named = || format!("[[source]] {}", common.name);
        match common.kind.as_str() {
            "github" => transport::github(common, &self.url),
            "pagerduty" => transport::plain(common, &self.url, |token| {
                Authorization::Header("authorization", format!("Token token={token}"))
            }),
            _ => transport::plain(common, &self.url, |token| match &common.user {
                Some(user) => Authorization::Basic(user.clone(), token),
                None => Authorization::Bearer(token),
            }),
        }
        .with_context(named)
    }
}

/// All sources of the configuration. The error names the table.
pub(crate) fn configured(config: &Config) -> anyhow::Result<Vec<Configured>> {
    let zone = analytics::parse_zone(&config.reporting.time_zone).context("reporting.time_zone")?;
    let usual = config.collect.schedule.as_deref().filter(|text| *text != "never");
    let usual = usual.map(|text| Schedule::parse(text, zone)).transpose().context("collect.schedule")?;
    let mut found: Vec<Configured> = Vec::new();
    for (position, table) in config.source.iter().enumerate() {
        let called = table.get("name").and_then(toml::Value::as_str).unwrap_or("without a name");
        let named = || format!("[[source]] number {} ({called})", position + 1);
        let mut source = table::read(table, &config.people.bots).with_context(named)?;
        source.schedule = scheduled(&source, usual.as_ref(), zone).with_context(named)?;
        if found.iter().any(|other| other.name == source.name) {
            bail!(
                "two [[source]] tables are named \"{}\"; each needs a name of its own, which its facts carry",
                source.name
            );
        }
        found.push(source);
    }
    Ok(found)
}

/// When a source is read by itself: as it says, else as all are.
fn scheduled(source: &Configured, usual: Option<&Schedule>, zone: Tz) -> anyhow::Result<Option<Schedule>> {
    match source.common.schedule.as_deref() {
        Some(_) if !source.is_read() => bail!("schedule says when it is read, but it only pushes; take the line out"),
        Some("never") => Ok(None),
        Some(text) => Schedule::parse(text, zone).map(Some).context("schedule"),
        None => Ok(usual.filter(|_| source.is_read()).cloned()),
    }
}

/// The sources named; without names, all that can be read.
pub(crate) fn chosen(config: &Config, names: &[String]) -> anyhow::Result<Vec<Configured>> {
    let all = configured(config)?;
    if all.is_empty() {
        bail!(
            "no source is configured; add a [[source]] table to cairn.toml (docs/sources.md), or read a clone with cairn collect git PATH"
        );
    }
    let known: Vec<String> = all.iter().map(|source| source.name.clone()).collect();
    for name in names {
        if !known.contains(name) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            bail!(
                "there is no source `{name}`{}; configured are {}",
                facts::did_you_mean(name, &known),
                known.join(", ")
            );
        }
    }
    Ok(all.into_iter().filter(|source| names.is_empty() || names.contains(&source.name)).collect())
}

/// The sources named, all of which must be such that are read; without names, all those.
pub(crate) fn readable(config: &Config, names: &[String]) -> anyhow::Result<Vec<Configured>> {
    let (read, pushing): (Vec<Configured>, Vec<Configured>) =
        chosen(config, names)?.into_iter().partition(Configured::is_read);
    match pushing.first() {
        Some(source) if !names.is_empty() => bail!(
            "`{}` (kind {}) only pushes{}: there is nothing to read; cairn serve takes its pushes at POST /v1/hooks/{}",
            source.name,
            source.kind,
            if ONLY_PUSH.contains(&source.kind.as_str()) { "" } else { ", since it has a secret and no token" },
            source.name
        ),
        Some(_) if read.is_empty() => {
            bail!("all configured sources only push: there is nothing to read; cairn serve takes their pushes")
        }
        _ => Ok(read),
    }
}

/// A day or an instant.
pub(crate) fn instant(text: &str) -> anyhow::Result<DateTime<Utc>> {
    if let Ok(day) = chrono::NaiveDate::from_str(text) {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).with_context(|| {
        format!("`{text}` is neither a day (2026-01-31) nor a time with its offset (2026-01-31T08:00:00Z)")
    })
}
