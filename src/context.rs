//! What a command works with: the configuration, and what is opened by it.

use std::path::{Path, PathBuf};

use analytics::{Catalogue, Engine, EngineOptions, Metric};
use anyhow::Context as _;
use chrono_tz::Tz;
use facts::{PersonKey, PersonKeyError};
use rand::Rng;
use sha2::{Digest as _, Sha256};
use store::{Definition, Definitions, MartRules, Store, StoreError, StoreOptions};

use crate::config::Config;
use crate::store_path;

/// The configuration, and what is opened by it.
pub struct Context {
    /// The configuration.
    pub config: Config,
    /// The reporting time zone.
    pub zone: Tz,
    /// What a command that is proposed needs besides, so that it is of the same configuration and store.
    given: String,
}

impl Context {
    /// Reads the configuration; `store`, where given, stands above it.
    pub fn read(config: Option<&Path>, store: Option<PathBuf>) -> anyhow::Result<Context> {
        let mut given = String::new();
        for (flag, path) in [(" --config ", config), (" --store ", store.as_deref())] {
            if let Some(path) = path {
                given += flag;
                given += &quoted(&path.display().to_string());
            }
        }
        let mut config = Config::read(config)?;
        if let Some(store) = store {
            store_path::check(&store).context("--store")?;
            config.store = store;
        }
        let zone = analytics::parse_zone(&config.reporting.time_zone).context("reporting.time_zone")?;
        Ok(Context { config, zone, given })
    }

    /// A command to go on with, as it is to be typed: of the configuration and store that this one was given.
    pub(crate) fn proposed(&self, command: &str) -> String {
        format!("cairn {command}{}", self.given)
    }

    /// Opens the store.
    pub fn open_store(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.store_options()?, crate::now())?)
    }

    /// Opens the store if there is one, else an empty one that is gone with the process: for what is of use without facts and
    /// writes none.
    pub fn open_store_or_none(&self) -> anyhow::Result<Store> {
        if self.has_no_store() { self.empty_store() } else { self.open_store() }
    }

    /// An empty store that is gone with the process.
    pub fn empty_store(&self) -> anyhow::Result<Store> {
        Ok(Store::empty(&self.store_options()?, crate::now())?)
    }

    /// Whether the folder is there, and no store in it: an empty file is none yet.
    fn has_no_store(&self) -> bool {
        let path = &self.config.store;
        let is_there = path.metadata().is_ok_and(|found| !found.is_file() || found.len() > 0);
        let is_in_a_folder = path.parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir());
        !is_there && is_in_a_folder
    }

    fn store_options(&self) -> anyhow::Result<StoreOptions> {
        Ok(StoreOptions {
            path: self.config.store.clone(),
            rules: MartRules {
                production_environments: self.config.delivery.production_environments.clone(),
                failure_window: self.config.failure_window()?,
                rollout_gap: self.config.rollout_gap()?,
                approved_pipelines: self.config.pipelines.approved.clone(),
            },
            memory_limit: self.config.memory_limit.clone(),
            threads: None,
            keep_corrections: Some(self.config.keep_corrections()?),
        })
    }

    /// Opens a store to read figures from. One that is not there has none, so it is not made: the path may be mistyped.
    pub fn open_store_with_facts(&self) -> anyhow::Result<Store> {
        if self.has_no_store() {
            anyhow::bail!(
                "there is no store at {}; `cairn import`, `cairn collect`, `cairn serve` and `cairn demo` make one, and --store PATH or `store` in cairn.toml says where it is",
                self.config.store.display()
            );
        }
        self.open_store()
    }

    /// An engine over a store, with the embedded metrics and those of the installation.
    pub fn engine(&self, store: Store) -> anyhow::Result<Engine> {
        let mut catalogue = Catalogue::read(sql::METRICS)?;
        let options = EngineOptions {
            zone: self.zone,
            lead_time_start: self.config.delivery.lead_time_start,
            settings: self.config.settings()?,
        };
        let mut own = Vec::new();
        if let Some(folder) = &self.config.metrics_dir {
            let files = metric_files(folder).context("metrics_dir")?;
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            catalogue.add(&files)?;
            for (file, text) in files {
                analytics::check_file(&store, options, file, text)?;
                own.push(file.to_owned());
            }
        }
        let definitions: Vec<Definition> = catalogue.metrics().map(definition).collect();
        let Definitions { changed_at, unsaid } = store.note_definitions(&definitions, crate::now())?;
        for metric in unsaid {
            // What comes with the product states its versions; only who writes files of their own may forget to.
            if let Some(file) = own.iter().find(|file| Path::new(file).file_stem().is_some_and(|stem| *stem == *metric))
            {
                tracing::warn!(
                    "the definition of {metric} ({file}) is another than before under the same version; raise `version`, so that figures of before and after can be told apart"
                );
            }
        }
        let mut engine = Engine::new(store, catalogue, options).with_definitions(changed_at);
        if let Some(stage) = self.config.platform.stage {
            engine = engine.with_stage(stage);
        }
        Ok(match self.config.value_model()? {
            Some(model) => engine.with_value(model),
            None => engine,
        })
    }

    /// The key with which people are hashed. Without a configured one it lies beside the store and is made at need.
    pub fn person_key(&self) -> anyhow::Result<PersonKey> {
        self.key(|file| PersonKey::from_file(file, || rand::rng().random()))
    }

    /// The same for what writes nothing: a key that is not there yet is made and forgotten.
    pub fn passing_person_key(&self) -> anyhow::Result<PersonKey> {
        self.key(|file| match file.exists() {
            true => PersonKey::from_file(file, || rand::rng().random()),
            false => PersonKey::new(&rand::rng().random::<[u8; 32]>()),
        })
    }

    fn key(&self, beside: impl FnOnce(&Path) -> Result<PersonKey, PersonKeyError>) -> anyhow::Result<PersonKey> {
        let people = &self.config.people;
        let key = match (&people.secret, &people.secret_file) {
            (Some(secret), _) => PersonKey::new(secret.as_bytes())?,
            (None, Some(file)) => PersonKey::new(
                std::fs::read(file)
                    .with_context(|| format!("cannot read people.secret_file {}", file.display()))?
                    .trim_ascii(),
            )?,
            (None, None) => {
                let mut file = self.config.store.clone().into_os_string();
                file.push(".key");
                beside(Path::new(&file))?
            }
        };
        Ok(key.with_bots(&people.bots))
    }
}

/// A word as a shell takes it for one.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_./-:@%+=,~".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A metric's definition as it is remembered.
fn definition(metric: &Metric) -> Definition {
    // What it is called, where it comes from, and from where on it is good, changes no figure.
    let told = Metric { title: String::new(), source: String::new(), thresholds: None, ..metric.clone() };
    let header = serde_json::to_string(&told).expect("a metric is plain data");
    let query: Vec<&str> = metric.query.split_whitespace().collect();
    let digest = Sha256::digest(format!("{header}\n{}", query.join(" ")));
    let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Definition { metric: metric.name.clone(), version: metric.version, digest }
}

/// The metric files of a folder: path and text of each, in the order of their names.
fn metric_files(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}; make it, or take the key out", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// Where another process has the store, the error says that a running server does the same, and how to ask it.
pub fn or_ask(opened: anyhow::Result<Store>, route: &str) -> anyhow::Result<Store> {
    opened.map_err(|error| match error.downcast_ref() {
        Some(StoreError::Locked { .. }) => error.context(format!("cairn serve does this by {route} while it runs")),
        _ => error,
    })
}
