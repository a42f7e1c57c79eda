//! The made-up organisation, answering over HTTP at a fixed present.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::OnceLock;

use analytics::http::MetricsState;
use analytics::quality::Checks;
use cairn::demo::{Options, generate, hold};
use chrono::{DateTime, TimeZone, Utc};
use tokio::runtime::Runtime;

use super::interpolation::{Chosen, Range, Variables};
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
    address: SocketAddr,
    _runtime: Runtime,
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
        let state = MetricsState { engine: engine.clone(), clock: now };
        let checks = Arc::new(Checks::read(sql::CHECKS, engine.catalogue()).unwrap());
        let pages = dashboards::Pages { metrics: state.clone(), checks: Arc::clone(&checks), kinds: Arc::default() };
        let routes = dashboards::routes(pages)
            .merge(dashboards::feed::routes(state.clone()))
            .merge(analytics::http::routes(state.clone()))
            .merge(analytics::quality::http::routes(state, checks));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Organisation { engine, team, address, _runtime: runtime, _folder: folder }
    }

    /// Status and body of a request.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // HTTP/1.0, so that the body comes in one piece.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: cairn\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
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
