//! The whole server on a port of this machine, at a present that the test chooses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use analytics::Engine;
use cairn::Config;
use cairn::server::{Limits, Parts, bind, run};
use chrono::{DateTime, Utc};
use tokio::runtime::Runtime;

use crate::support::key;

/// A running server; gone when dropped.
pub struct Served {
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Served {
    /// Serves what an engine answers.
    pub fn start(engine: Engine, config: Config, clock: fn() -> DateTime<Utc>) -> Served {
        let runtime = Runtime::new().unwrap();
        let listener = bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let parts = Parts { engine, key: key(), config, limits: Limits::default(), clock };
        runtime.spawn(run(listener, parts, std::future::pending()));
        Served { address, _runtime: runtime }
    }

    /// Head and body of an answer.
    pub fn answer(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // HTTP/1.0, so that the body comes in one piece.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    /// Status and body of an answer.
    pub fn get(&self, path: &str) -> (u16, String) {
        let (head, body) = self.answer(path);
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
    }
}
