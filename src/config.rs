//! `cairn.toml`: the one configuration file, and the only reader of the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use analytics::value::{Model, Stage, ValueConfig};
use analytics::{LeadTimeStart, Settings};
use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::postgres_wire::PostgresWire;
use crate::store_path;

/// The configuration. Every key has a default; unknown keys are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The store: a file, taken from the working directory.
    pub store: PathBuf,
    /// DuckDB's memory limit, such as `2GB`.
    pub memory_limit: Option<String>,
    /// For how long facts are kept that were corrected or taken away, so that `--as-of` can tell what was known: `400d`.
    pub keep_corrections: String,
    /// Figures and their calendar.
    pub reporting: Reporting,
    /// A folder of metric files of this installation's own (docs/metrics.md).
    pub metrics_dir: Option<PathBuf>,
    /// How deployments and changes are judged.
    pub delivery: Delivery,
    /// Which pipelines services are meant to use.
    pub pipelines: Pipelines,
    /// How much the platform is meant to be up.
    pub availability: Availability,
    /// What a violation that was stopped would have cost.
    pub incidents_prevented: IncidentsPrevented,
    /// How people are kept out of the facts.
    pub people: People,
    /// The server.
    pub server: Server,
    /// Where PostgreSQL clients are listened to (docs/postgres.md).
    pub postgres_wire: PostgresWire,
    /// The platform.
    pub platform: Platform,
    /// What the platform's saved time is worth (docs/value.md).
    pub value: Option<ValueConfig>,
    /// When the sources are read by themselves.
    pub collect: Collect,
    /// The systems that are read, and those that push. What a table may say depends on its kind (docs/sources.md).
    pub source: Vec<toml::Table>,
    /// The file that all this was read from; none where all are defaults.
    #[serde(skip)]
    pub read_from: Option<PathBuf>,
}

/// Figures and their calendar.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reporting {
    /// The zone in which days, weeks and months are cut: an IANA name.
    pub time_zone: String,
}

/// How deployments and changes are judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Environments that are production: names, or globs with `*`.
    pub production_environments: Vec<String>,
    /// How long after a deployment a rollback, hotfix or incident still speaks against it: `24h`, `2d`.
    pub failure_window: String,
    /// How long after one environment a revision's arrival in the next is still the same roll-out.
    pub rollout_gap: String,
    /// Where a change's lead time starts: first_commit, opened or merged.
    pub lead_time_start: LeadTimeStart,
}

/// Which pipelines services are meant to use.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pipelines {
    /// Approved reusable pipelines: names, or globs with `*`. Unless said, those that several services use.
    pub approved: Vec<String>,
}

/// How much the platform is meant to be up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Availability {
    /// The share of time that a component is meant to be up: above 0, below 1.
    pub objective: f64,
}

/// What a violation that was stopped would have cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IncidentsPrevented {
    /// Which share of them would have become incidents: 0 to 1.
    pub share: f64,
    /// How many hours of engineers' time an incident takes.
    pub hours: f64,
}

/// How people are kept out of the facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// The secret with which people are hashed: `${VARIABLE}`, never written out here.
    pub secret: Option<String>,
    /// A file with the secret; made at the first use, beside the store, unless another is named.
    pub secret_file: Option<PathBuf>,
    /// Names of bots, which are no people: `*` stands for anything.
    pub bots: Vec<String>,
}

/// The server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where to listen.
    pub listen: String,
}

/// When sources are read by themselves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Collect {
    /// When `cairn serve` reads the sources that do not say it themselves: five fields as cron has them, in the reporting
    /// zone. Unless said, never.
    pub schedule: Option<String>,
}

/// The platform.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Platform {
    /// How far it has come, which chooses what reports lead with: early, growing or mature.
    pub stage: Option<Stage>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            store: PathBuf::from("cairn.duckdb"),
            memory_limit: None,
            keep_corrections: "400d".into(),
            reporting: Reporting::default(),
            metrics_dir: None,
            delivery: Delivery::default(),
            pipelines: Pipelines::default(),
            availability: Availability::default(),
            incidents_prevented: IncidentsPrevented::default(),
            people: People::default(),
            server: Server::default(),
            postgres_wire: PostgresWire::default(),
            platform: Platform::default(),
            value: None,
            collect: Collect::default(),
            source: Vec::new(),
            read_from: None,
        }
    }
}

impl Default for Reporting {
    fn default() -> Reporting {
        Reporting { time_zone: "UTC".into() }
    }
}

impl Default for Delivery {
    fn default() -> Delivery {
        Delivery {
            production_environments: store::MartRules::default().production_environments,
            failure_window: "24h".into(),
            rollout_gap: "24h".into(),
            lead_time_start: LeadTimeStart::default(),
        }
    }
}

impl Default for Availability {
    fn default() -> Availability {
        Availability { objective: Settings::default().availability_objective }
    }
}

impl Default for IncidentsPrevented {
    fn default() -> IncidentsPrevented {
        let Settings { incident_share: share, incident_hours: hours, .. } = Settings::default();
        IncidentsPrevented { share, hours }
    }
}

impl Default for People {
    fn default() -> People {
        People { secret: None, secret_file: None, bots: facts::DEFAULT_BOTS.map(String::from).to_vec() }
    }
}

impl Default for Server {
    fn default() -> Server {
        Server { listen: "127.0.0.1:8080".into() }
    }
}

const DEFAULT_FILE: &str = "cairn.toml";

impl Config {
    /// Reads the named file, or `cairn.toml` of the working directory if it is there, or takes the defaults.
    pub fn read(named: Option<&Path>) -> anyhow::Result<Config> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
            None => return Ok(Config::default()),
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        let mut config = Config::parse(&text).with_context(|| format!("in the configuration {}", path.display()))?;
        config.read_from = Some(path.to_owned());
        Ok(config)
    }

    /// Reads the text of a configuration.
    pub fn parse(text: &str) -> anyhow::Result<Config> {
        crate::sources::not_one(text)?;
        // Read twice: once as it stands, so that a mistake is told with its line, once with the variables filled in.
        toml::from_str::<Config>(text).map_err(|error| explain(text, &error))?;
        let mut table: toml::Value = toml::from_str(text).map_err(|error| explain(text, &error))?;
        if let Some(secret) = table.get("people").and_then(|people| people.get("secret")).and_then(toml::Value::as_str)
            && !secret.contains("${")
        {
            bail!(
                "people.secret stands in the file in clear; write \"${{CAIRN_SECRET}}\" and set that variable, or use people.secret_file"
            );
        }
        let store = table.get("store").and_then(toml::Value::as_str).map(|path| format!("store = \"{path}\""));
        // A source's credentials are filled in by who reads it, so that all else works without them.
        let sources = table.as_table_mut().and_then(|table| table.remove("source"));
        fill_in(&mut table)?;
        if let (Some(sources), Some(table)) = (sources, table.as_table_mut()) {
            table.insert("source".into(), sources);
        }
        let config: Config = table.try_into()?;
        // As it is written, so that a variable that is empty is told by its name.
        store_path::check(&config.store).with_context(|| store.unwrap_or_else(|| "store".into()))?;
        config.settings()?;
        config.failure_window()?;
        config.keep_corrections()?;
        config.rollout_gap()?;
        if let Some(limit) = &config.memory_limit {
            is_memory(limit).context("memory_limit")?;
        }
        if config.delivery.production_environments.is_empty() {
            bail!(
                "delivery.production_environments is empty, so that no deployment would be one to production; name some, such as [\"production\"], or take the key out for the usual names"
            );
        }
        analytics::parse_zone(&config.reporting.time_zone).context("reporting.time_zone")?;
        // Their mistakes are told at the start, not when a source is read; the secrets are looked at before they are
        // filled in.
        crate::sources::no_secrets_in_clear(text)?;
        config.postgres_wire.limits()?;
        config.value_model()?;
        crate::sources::configured(&config)?;
        Ok(config)
    }

    /// The numbers that metrics rest on.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let settings = Settings {
            availability_objective: self.availability.objective,
            incident_share: self.incidents_prevented.share,
            incident_hours: self.incidents_prevented.hours,
        };
        if !(settings.availability_objective > 0.0 && settings.availability_objective < 1.0) {
            bail!(
                "availability.objective is {}; write a share between 0 and 1, such as 0.999",
                self.availability.objective
            );
        }
        if !(0.0..=1.0).contains(&settings.incident_share) {
            bail!("incidents_prevented.share is {}; write a share from 0 to 1, such as 0.3", settings.incident_share);
        }
        if !(settings.incident_hours >= 0.0 && settings.incident_hours.is_finite()) {
            bail!("incidents_prevented.hours is {}; write a number of hours, such as 20", settings.incident_hours);
        }
        Ok(settings)
    }

    /// The value model, where `[value]` is there.
    pub(crate) fn value_model(&self) -> anyhow::Result<Option<Model>> {
        Ok(self.value.as_ref().map(Model::read).transpose()?)
    }

    pub(crate) fn keep_corrections(&self) -> anyhow::Result<chrono::Duration> {
        let kept = span(&self.keep_corrections).context("keep_corrections")?;
        chrono::Duration::from_std(kept).context("keep_corrections")
    }

    pub(crate) fn failure_window(&self) -> anyhow::Result<Duration> {
        span(&self.delivery.failure_window).context("delivery.failure_window")
    }

    pub(crate) fn rollout_gap(&self) -> anyhow::Result<Duration> {
        span(&self.delivery.rollout_gap).context("delivery.rollout_gap")
    }
}

/// The message about a mistake in a table that was taken out of its file, with the nearest known key.
pub(crate) fn explain_in_table(error: &toml::de::Error) -> anyhow::Error {
    let mut message = error.message().to_owned();
    let quoted: Vec<&str> = error.message().split('`').skip(1).step_by(2).collect();
    if let [unknown, known @ ..] = quoted.as_slice()
        && message.starts_with("unknown")
    {
        message += &facts::did_you_mean(unknown, known);
    }
    anyhow::anyhow!(message)
}

/// Adds the nearest known key to serde's message about an unknown one, and the line to every message.
fn explain(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let line = error.span().map(|span| text[..span.start].matches('\n').count());
    let explained = explain_in_table(error);
    let Some(line) = line else { return explained };
    let written = text.lines().nth(line).unwrap_or_default().trim();
    let number = line + 1;
    match error.message() {
        "duplicate key" => anyhow::anyhow!("line {number}: {explained}: `{}`", facts::shorten(written)),
        _ => anyhow::anyhow!("line {number}: {explained}"),
    }
}

/// A text with every `${VARIABLE}` replaced by the variable's value.
pub(crate) fn filled_in(text: &str) -> anyhow::Result<String> {
    let mut value = toml::Value::String(text.to_owned());
    fill_in(&mut value)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Replaces `${VARIABLE}` in every text by the variable's value.
pub(crate) fn fill_in(value: &mut toml::Value) -> anyhow::Result<()> {
    match value {
        toml::Value::String(text) => {
            while let Some(begin) = text.find("${") {
                let Some(length) = text[begin..].find('}') else { bail!("`{text}` opens ${{ and does not close it") };
                let name = text[begin + 2..begin + length].to_owned();
                let found = variable(&name).with_context(|| {
                    format!(
                        "the configuration names ${{{name}}}, and that variable is not set; set it, or use a *_file key"
                    )
                })?;
                text.replace_range(begin..=begin + length, &found);
            }
            Ok(())
        }
        toml::Value::Array(values) => values.iter_mut().try_for_each(fill_in),
        toml::Value::Table(table) => table.iter_mut().try_for_each(|(_, value)| fill_in(value)),
        _ => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn variable(name: &str) -> Result<String, std::env::VarError> {
    std::env::var(name)
}

/// Refuses what DuckDB would not take for an amount of memory, when the store is opened.
fn is_memory(text: &str) -> anyhow::Result<()> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = text[..text.len() - unit.len()].parse::<f64>();
    let is_known = ["kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib"].contains(&unit.trim().to_lowercase().as_str());
    if !is_known || !number.is_ok_and(|number| number > 0.0) {
        bail!("`{text}` is no amount of memory; write a number and MB or GB, such as 2GB");
    }
    Ok(())
}

/// Reads a span of time such as `90m`, `24h` or `2d`.
pub(crate) fn span(text: &str) -> anyhow::Result<Duration> {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let seconds = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => bail!("`{text}` is no span of time; write a whole number and s, m, h or d, such as 24h"),
    };
    let number: u64 = digits.parse().with_context(|| format!("`{text}` is no span of time; write such as 24h"))?;
    number
        .checked_mul(seconds)
        .filter(|seconds| *seconds < 1_000 * 86_400)
        .map(Duration::from_secs)
        .with_context(|| format!("`{text}` is longer than 1000 days"))
}
