//! The `[[source]]` tables of the configuration, put together with what reads them.

mod bucket;
mod files;
mod folder;
pub(crate) mod pushed;
mod pushed_facts;
mod run;
mod sink;
mod transport;

use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use collectors::argocd::ArgoCd;
use collectors::backstage::Backstage;
use collectors::github::GitHub;
use collectors::hooks::Sort;
use collectors::jira::Jira;
use collectors::kubernetes::Kubernetes;
use collectors::mapping::{Line, Mapping};
use collectors::pagerduty::PagerDuty;
use collectors::prometheus::Prometheus;
use collectors::pull::{AnySource, Authorization, Setting, Transport};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::config::{Config, explain_in_table, fill_in, span};
use crate::schedule::Schedule;
use transport::{enterprise_base, secret};

pub(crate) use files::{Checked, Files, Run, read as read_files};
pub(crate) use run::{Report, in_words, is_failure, read_into};
pub(crate) use sink::{Refused, StoreSink};

/// What every `[[source]]` may say; what else stands in the table belongs to its kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Common {
    name: String,
    kind: String,
    url: Option<String>,
    token: Option<String>,
    token_file: Option<PathBuf>,
    user: Option<String>,
    app_id: Option<u64>,
    installation_id: Option<u64>,
    private_key_file: Option<PathBuf>,
    authority_file: Option<PathBuf>,
    secret: Option<String>,
    secret_file: Option<PathBuf>,
    overlap: Option<String>,
    since: Option<String>,
    schedule: Option<String>,
    services: Vec<Line>,
    environments: Vec<Line>,
    teams: Vec<Line>,
}

const COMMON: [&str; 18] = [
    "name",
    "kind",
    "url",
    "token",
    "token_file",
    "user",
    "app_id",
    "installation_id",
    "private_key_file",
    "authority_file",
    "secret",
    "secret_file",
    "overlap",
    "since",
    "schedule",
    "services",
    "environments",
    "teams",
];

/// Keys whose `${...}` is not filled in when the configuration is read.
const AS_THEY_STAND: [&str; 5] = ["token", "secret", "services", "environments", "teams"];

/// A kind of source.
struct SourceKind {
    name: &'static str,
    /// The address that stands in where none is given.
    default_url: Option<&'static str>,
    /// How an address looks, and what is put behind it and so is not part of it.
    url_example: &'static str,
    put_behind: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    default_url: Option<&'static str>,
    url_example: &'static str,
    put_behind: &'static [&'static str],
) -> SourceKind {
    SourceKind { name, default_url, url_example, put_behind }
}

const KINDS: [SourceKind; 11] = [
    kind("github", Some("https://api.github.com"), "https://github.acme.example/api/v3", &[]),
    kind("pagerduty", Some("https://api.pagerduty.com"), "https://api.eu.pagerduty.com", &[]),
    kind("jira", None, "https://acme.atlassian.net", &["/rest/api", "/rest/api/2", "/rest/api/3", "/rest/api/latest"]),
    kind("argocd", None, "https://argocd.acme.example", &["/api/v1"]),
    kind("backstage", None, "https://backstage.acme.example", &["/api/catalog"]),
    kind("kubernetes", None, "https://kubernetes.acme.example:6443", &["/api/v1", "/apis"]),
    kind("prometheus", None, "https://prometheus.acme.example", &["/api/v1"]),
    kind("files", None, "", &[]),
    // These only push.
    kind("alertmanager", None, "", &[]),
    kind("cdevents", None, "", &[]),
    kind("gatekeeper", None, "", &[]),
];
const ONLY_PUSH: [&str; 3] = ["alertmanager", "cdevents", "gatekeeper"];

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

    /// The user and the token, as an object store knows them: an access key's id and its secret.
    pub fn credentials(&self) -> anyhow::Result<(Option<String>, Option<String>)> {
        let token = secret(&self.common.token, &self.common.token_file, "token")
            .with_context(|| format!("[[source]] {}", self.name))?;
        Ok((self.common.user.clone(), token))
    }
}

impl Reader {
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
        let mut source = read(table, &config.people.bots).with_context(named)?;
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
    let is_read = source.reader.is_some() || source.files.is_some();
    match source.common.schedule.as_deref() {
        Some(_) if !is_read => bail!("schedule says when it is read, but it only pushes; take the line out"),
        Some("never") => Ok(None),
        Some(text) => Schedule::parse(text, zone).map(Some).context("schedule"),
        None => Ok(usual.filter(|_| is_read).cloned()),
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
        chosen(config, names)?.into_iter().partition(|source| source.reader.is_some() || source.files.is_some());
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

fn read(table: &toml::Table, bots: &[String]) -> anyhow::Result<Configured> {
    let (common, own): (toml::Table, toml::Table) =
        table.clone().into_iter().partition(|(key, _)| COMMON.contains(&key.as_str()));
    // Credentials are left as they stand until somebody needs them; in mappings ${name} is a group of an expression.
    let (as_they_stand, others): (toml::Table, toml::Table) =
        common.into_iter().partition(|(key, _)| AS_THEY_STAND.contains(&key.as_str()));
    let (mut others, mut own) = (toml::Value::Table(others), toml::Value::Table(own));
    fill_in(&mut others)?;
    fill_in(&mut own)?;
    let filled = |value: toml::Value| value.as_table().cloned().unwrap_or_default();
    let (mut common, own) = (filled(others), filled(own));
    common.extend(as_they_stand);
    let common: Common = common.try_into().map_err(|error| explain_in_table(&error))?;
    if common.name.trim().is_empty() {
        bail!("name is missing: the name that its facts carry, such as name = \"github\"");
    }
    if ["git", "import", "api"].contains(&common.name.as_str()) {
        bail!("name = \"{}\" is taken; choose another", common.name);
    }
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    if common.kind.is_empty() {
        let keys = own.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let instead =
            if keys.is_empty() { String::new() } else { format!(" (of the source's other keys there are {keys})") };
        bail!("kind is missing{instead}; the kinds are {}", names.join(", "));
    }
    let Some(known) = KINDS.iter().find(|kind| kind.name == common.kind) else {
        bail!(
            "kind = \"{}\" is not known{}; the kinds are {}",
            common.kind,
            facts::did_you_mean(&common.kind, &names),
            names.join(", ")
        );
    };
    let mapping = |what: &str, lines: &[Line]| Mapping::new(lines).map_err(|error| anyhow::anyhow!("{what}: {error}"));
    let mut setting = Setting {
        name: common.name.clone(),
        services: mapping("services", &common.services)?,
        environments: mapping("environments", &common.environments)?,
        teams: mapping("teams", &common.teams)?,
        overlap: match &common.overlap {
            Some(text) => Some(chrono::Duration::from_std(span(text).context("overlap")?)?),
            None => None,
        },
        since: common.since.as_deref().map(|text| instant(text).context("since")).transpose()?,
        bots: bots.to_vec(),
        ..Setting::default()
    };
    let kind = known.name;
    match kind {
        "github" => setting.github = options(own.clone())?,
        "argocd" => setting.argocd = options(own.clone())?,
        "pagerduty" => setting.pagerduty = options(own.clone())?,
        _ => {}
    }
    let mut files = None;
    let reader = if kind == "files" {
        files = Some(Files::new(options(own)?, common.url.clone())?);
        None
    } else if ONLY_PUSH.contains(&kind) {
        if let Some(key) = own.keys().next() {
            bail!(
                "`{key}` is not known for kind = \"{kind}\", which only pushes; it takes name, kind, secret_file and mappings"
            );
        }
        None
    } else {
        // One that has a secret and no credential was made for its pushes: asking it would only be refused.
        let is_pushed_to = common.secret.is_some() || common.secret_file.is_some();
        let has_credential = common.token.is_some() || common.token_file.is_some() || common.app_id.is_some();
        let only_pushes = Sort::of_kind(kind).is_some() && is_pushed_to && !has_credential;
        let url = match &common.url {
            None if only_pushes => String::new(),
            given => known.address(given.as_deref())?,
        };
        let source = source(kind, &setting, own, &url)?;
        (!only_pushes).then(|| Reader { source, url, common: common.clone() })
    };
    Ok(Configured {
        name: common.name.clone(),
        kind: common.kind.clone(),
        setting,
        reader,
        files,
        schedule: None,
        common,
    })
}

impl SourceKind {
    /// The base address, as given or as it always is. The paths of the API are put behind it.
    fn address(&self, given: Option<&str>) -> anyhow::Result<String> {
        let example = self.url_example;
        let Some(url) = given.or(self.default_url) else {
            bail!("url is missing: the address under which the API stands, such as url = \"{example}\"");
        };
        let bare = url.trim_end_matches('/');
        for behind in self.put_behind {
            if let Some(base) = bare.strip_suffix(behind) {
                bail!("url = \"{url}\" ends with {behind}, which is put behind it anyway; give url = \"{base}\"");
            }
        }
        Ok(url.to_owned())
    }
}

/// What reads a source of a kind.
fn source(kind: &str, setting: &Setting, own: toml::Table, url: &str) -> anyhow::Result<Box<dyn AnySource>> {
    let setting = setting.clone();
    let wrong = anyhow::Error::msg::<String>;
    Ok(match kind {
        "github" => {
            let chosen = setting.github.clone();
            let source = GitHub::new(setting, chosen).map_err(wrong)?;
            Box::new(source.at_enterprise(enterprise_base(url).is_some()))
        }
        "pagerduty" => {
            let chosen = setting.pagerduty.clone();
            Box::new(PagerDuty::new(setting, chosen))
        }
        "jira" => Box::new(Jira::new(setting, options(own)?).map_err(wrong)?),
        "argocd" => {
            let chosen = setting.argocd.clone();
            Box::new(ArgoCd::new(setting, chosen).map_err(wrong)?)
        }
        "backstage" => Box::new(Backstage::new(setting, options(own)?)),
        "kubernetes" => Box::new(Kubernetes::new(setting, options(own)?)),
        "prometheus" => Box::new(Prometheus::new(setting, options(own)?).map_err(wrong)?),
        other => unreachable!("{other} is not among the kinds that are read"),
    })
}

/// The part of a table that belongs to its kind.
fn options<T: DeserializeOwned>(own: toml::Table) -> anyhow::Result<T> {
    own.try_into().map_err(|error: toml::de::Error| {
        let explained = explain_in_table(&error);
        match error.message().split('`').nth(1) {
            // The kind's own keys are all that it knows of.
            Some(unknown) if error.message().starts_with("unknown field") => {
                let (meant, all) = (facts::did_you_mean(unknown, &COMMON), COMMON.join(", "));
                anyhow::anyhow!("{explained}; every source takes {all} besides{meant}")
            }
            _ => explained,
        }
    })
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
