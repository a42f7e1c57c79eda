//! What a command works with: the configuration, and what is opened by it.

use std::path::{Path, PathBuf};

use analytics::{Catalogue, Engine, EngineOptions};
use anyhow::Context as _;
use chrono_tz::Tz;
use facts::PersonKey;
use rand::Rng;
use store::{MartRules, Store, StoreOptions};

use crate::config::Config;

/// The configuration, and what is opened by it.
pub struct Context {
    /// The configuration.
    pub config: Config,
    /// The reporting time zone.
    pub zone: Tz,
}

impl Context {
    /// Reads the configuration; `store`, where given, stands above it.
    pub fn read(config: Option<&Path>, store: Option<PathBuf>) -> anyhow::Result<Context> {
        let mut config = Config::read(config)?;
        if let Some(store) = store {
            config.store = store;
        }
        let zone = analytics::parse_zone(&config.reporting.time_zone).context("reporting.time_zone")?;
        Ok(Context { config, zone })
    }

    /// Opens the store.
    pub fn open_store(&self) -> anyhow::Result<Store> {
        let options = StoreOptions {
            path: self.config.store.clone(),
            rules: MartRules {
                production_environments: self.config.delivery.production_environments.clone(),
                failure_window: self.config.failure_window()?,
                rollout_gap: self.config.rollout_gap()?,
            },
            memory_limit: self.config.memory_limit.clone(),
            threads: None,
        };
        Ok(Store::open(&options, crate::now())?)
    }

    /// An engine over a store, with the embedded metrics.
    pub fn engine(&self, store: Store) -> anyhow::Result<Engine> {
        let catalogue = Catalogue::read(sql::METRICS)?;
        let options = EngineOptions { zone: self.zone, lead_time_start: self.config.delivery.lead_time_start };
        let engine = Engine::new(store, catalogue, options);
        Ok(match self.config.value_model()? {
            Some(model) => engine.with_value(model),
            None => engine,
        })
    }

    /// The key with which people are hashed. Without a configured one it lies beside the store and is made at need.
    pub fn person_key(&self) -> anyhow::Result<PersonKey> {
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
                PersonKey::from_file(Path::new(&file), || rand::rng().random())?
            }
        };
        Ok(key.with_bots(&people.bots))
    }
}
