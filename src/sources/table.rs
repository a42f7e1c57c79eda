//! A `[[source]]` table: what it may say, and what a mistake in it is told with.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use collectors::argocd::ArgoCd;
use collectors::backstage::Backstage;
use collectors::github::GitHub;
use collectors::hooks::Sort;
use collectors::jira::Jira;
use collectors::kubernetes::Kubernetes;
use collectors::mapping::{Line, Mapping};
use collectors::pagerduty::PagerDuty;
use collectors::prometheus::Prometheus;
use collectors::pull::{AnySource, Setting, parse_base};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::transport::enterprise_base;
use super::{Configured, Files, Reader, instant};
use crate::config::{explain_in_table, fill_in, span};

/// What every `[[source]]` may say; what else stands in the table belongs to its kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Common {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) url: Option<String>,
    pub(super) token: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) user: Option<String>,
    pub(super) app_id: Option<u64>,
    pub(super) installation_id: Option<u64>,
    pub(super) private_key_file: Option<PathBuf>,
    pub(super) authority_file: Option<PathBuf>,
    pub(super) secret: Option<String>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) overlap: Option<String>,
    pub(super) since: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) services: Vec<Line>,
    pub(super) environments: Vec<Line>,
    pub(super) teams: Vec<Line>,
}

impl Common {
    pub(super) fn has_credential(&self) -> bool {
        self.token.is_some() || self.token_file.is_some() || self.app_id.is_some()
    }
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
pub(super) const ONLY_PUSH: [&str; 3] = ["alertmanager", "cdevents", "gatekeeper"];

/// What a table says; the error tells what is wrong with it.
pub(super) fn read(table: &toml::Table, bots: &[String]) -> anyhow::Result<Configured> {
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
    let common: Common = typed(common)?;
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
    for (key, clear, file) in
        [("token", &common.token, &common.token_file), ("secret", &common.secret, &common.secret_file)]
    {
        if clear.is_some() && file.is_some() {
            bail!("give either {key} or {key}_file, not both");
        }
    }
    if let Some(url) = &common.url {
        parse_base(url)?;
    }
    let kind = known.name;
    match kind {
        "github" => setting.github = typed(own.clone())?,
        "argocd" => setting.argocd = typed(own.clone())?,
        "pagerduty" => setting.pagerduty = typed(own.clone())?,
        _ => {}
    }
    let mut files = None;
    let reader = if kind == "files" {
        files = Some(Files::new(typed(own)?, common.url.clone())?);
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
        let only_pushes = Sort::of_kind(kind).is_some() && is_pushed_to && !common.has_credential();
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
        "jira" => Box::new(Jira::new(setting, typed(own)?).map_err(wrong)?),
        "argocd" => {
            let chosen = setting.argocd.clone();
            Box::new(ArgoCd::new(setting, chosen).map_err(wrong)?)
        }
        "backstage" => Box::new(Backstage::new(setting, typed(own)?)),
        "kubernetes" => Box::new(Kubernetes::new(setting, typed(own)?)),
        "prometheus" => Box::new(Prometheus::new(setting, typed(own)?).map_err(wrong)?),
        other => unreachable!("{other} is not among the kinds that are read"),
    })
}

/// A part of the table. What is of another type than wanted is told with its key, and with the right form where that is plain.
fn typed<T: DeserializeOwned>(part: toml::Table) -> anyhow::Result<T> {
    part.clone().try_into().map_err(|error: toml::de::Error| {
        let (explained, said) = (explain_in_table(&error), error.to_string());
        // The keys down to the place are told in its last line only.
        let place = said.trim_end().rsplit_once("\nin `").and_then(|(_, place)| place.strip_suffix('`'));
        match (place, error.message().split('`').nth(1)) {
            (Some(key), _) => anyhow::anyhow!("{key}: {explained}{}", right_form(key, part.get(key), error.message())),
            // The kind's own keys are all that it knows of.
            (None, Some(unknown)) if error.message().starts_with("unknown field") => {
                let (meant, all) = (facts::did_you_mean(unknown, &COMMON), COMMON.join(", "));
                anyhow::anyhow!("{explained}; every source takes {all} besides{meant}")
            }
            _ => explained,
        }
    })
}

/// How a value is to be written that is of another type than wanted.
fn right_form(key: &str, value: Option<&toml::Value>, message: &str) -> String {
    let wants = |what: &str| message.contains(&format!("expected {what}"));
    match value {
        Some(toml::Value::Array(_)) | None => String::new(),
        Some(value) if wants("a sequence") => format!("; write {key} = [{value}]"),
        Some(_) if wants("a boolean") => format!("; write {key} = true or {key} = false"),
        Some(toml::Value::String(text)) if text.parse::<u64>().is_ok() => format!("; write {key} = {text}"),
        Some(toml::Value::Integer(number)) if wants("a string") => format!("; write {key} = \"{number}\""),
        Some(_) => String::new(),
    }
}

/// Refuses a table, or several of one name, where a list of tables is wanted.
pub(crate) fn not_one(text: &str) -> anyhow::Result<()> {
    match text.lines().position(|line| line.trim_start().starts_with("[source]")) {
        Some(at) => bail!("line {}: write [[source]] in place of [source], since there may be several", at + 1),
        None => Ok(()),
    }
}

/// Refuses credentials that stand in the file.
pub(crate) fn no_secrets_in_clear(text: &str) -> anyhow::Result<()> {
    let table: toml::Table = toml::from_str(text)?;
    let sources = table.get("source").and_then(toml::Value::as_array);
    for source in sources.into_iter().flatten().filter_map(toml::Value::as_table) {
        let name = source.get("name").and_then(toml::Value::as_str).unwrap_or("without a name");
        for key in ["token", "secret"] {
            if source.get(key).and_then(toml::Value::as_str).is_some_and(|value| !value.contains("${")) {
                bail!(
                    "[[source]] {name}: {key} stands in the file in clear; write \"${{VARIABLE}}\" and set that variable, or use {key}_file"
                );
            }
        }
    }
    Ok(())
}
