//! The made-up organisation, answering over HTTP at a fixed present.

use std::sync::OnceLock;

use cairn::Config;
use cairn::demo::{Options, generate, hold};
use chrono::{DateTime, TimeZone, Utc};

use super::interpolation::{Chosen, Range, Variables};
use crate::served::Served;
use crate::support::{engine, key, store_in};
use crate::value::worked_example;

/// The present.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 18, 11, 30, 0).unwrap()
}

/// The half year before it, as a dashboard shows it.
pub fn range() -> Range {
    Range { from: now() - chrono::TimeDelta::days(182), to: now() }
}

/// A running Cairn.
pub struct Organisation {
    pub engine: analytics::Engine,
    pub team: String,
    pub server: Served,
    _folder: tempfile::TempDir,
}

impl Organisation {
    /// The one that all tests ask.
    pub fn shared() -> &'static Organisation {
        static SHARED: OnceLock<Organisation> = OnceLock::new();
        SHARED.get_or_init(Organisation::start)
    }

    fn start() -> Organisation {
        let options = Options { scale: 0.2, ..Options::ending(now(), chrono_tz::UTC) };
        let made = generate(&options);
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        store.write(&made.batches(&key(), "demo", now()), None, now()).unwrap();
        for wave in &made.surveys {
            hold(&store, wave).unwrap();
        }
        let engine = engine(&store, "UTC").with_value(worked_example().model());
        let team = engine.names_of("team").unwrap()[0].clone();
        let server = Served::start(engine.clone(), config(), now);
        Organisation { engine, team, server, _folder: folder }
    }

    /// Status and body of a request.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.server.get(path)
    }
}

/// Its configuration: that of the worked example of the value model.
pub fn config() -> Config {
    Config::parse(&worked_example().text()).unwrap()
}

/// What is chosen in a dashboard when it is opened: everything, by week.
pub fn all_chosen() -> Variables {
    [
        ("team", Chosen::All("*")),
        ("service", Chosen::All("*")),
        ("environment", Chosen::All("*")),
        ("grain", Chosen::One("week")),
        ("cairn", Chosen::One("")),
    ]
    .into_iter()
    .collect()
}
