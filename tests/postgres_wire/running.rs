//! A real server with the wire, and a client of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::command_line::cairn;
use crate::server::token;

/// A running server; stopped when dropped.
pub struct Wire {
    child: Child,
    pub port: u16,
    pub token: String,
    pub folder: tempfile::TempDir,
}

impl Wire {
    pub fn start() -> Wire {
        Wire::configured("")
    }

    /// A server over the facts of these tests, with more lines in `[postgres_wire]`.
    pub fn configured(more: &str) -> Wire {
        let folder = tempfile::tempdir().unwrap();
        super::fill_in(&folder);
        Wire::over(folder, more)
    }

    pub fn over(folder: tempfile::TempDir, more: &str) -> Wire {
        let config = format!("[postgres_wire]\nlisten = \"127.0.0.1:0\"\n{more}\n");
        std::fs::write(folder.path().join("cairn.toml"), config).unwrap();
        let token = token(folder.path(), "reader", "read");
        let mut child = cairn(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).unwrap_or_else(|| panic!("{line}"));
        let port = address.trim_end_matches(',').rsplit(':').next().unwrap().parse().unwrap();
        Wire { child, port, token, folder }
    }

    pub fn uri(&self) -> String {
        format!("postgresql://reader:{}@127.0.0.1:{}/cairn", self.token, self.port)
    }

    pub fn config(&self) -> tokio_postgres::Config {
        self.uri().parse().unwrap()
    }

    /// Asks the process to stop, and says how it ended.
    pub fn stop(mut self) -> bool {
        let stopped = std::process::Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connected client, on a runtime of its own.
pub struct Client {
    pub runtime: tokio::runtime::Runtime,
    pub client: tokio_postgres::Client,
}

impl Client {
    pub fn of(wire: &Wire) -> Client {
        Client::by(&wire.config()).unwrap()
    }

    pub fn by(config: &tokio_postgres::Config) -> Result<Client, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, connection) = runtime.block_on(config.connect(tokio_postgres::NoTls))?;
        runtime.spawn(connection);
        Ok(Client { runtime, client })
    }

    /// The messages of a simple query, in words.
    pub fn simple(&self, sql: &str) -> Result<Vec<String>, String> {
        use tokio_postgres::SimpleQueryMessage as Message;
        let found = self.runtime.block_on(self.client.simple_query(sql)).map_err(|error| state(&error))?;
        let word = |message: &Message| match message {
            Message::Row(row) => {
                let texts: Vec<&str> = (0..row.len()).map(|place| row.get(place).unwrap_or("-")).collect();
                Some(format!("row {}", texts.join("|")))
            }
            Message::CommandComplete(n) => Some(format!("done {n}")),
            _ => None,
        };
        Ok(found.iter().filter_map(word).collect())
    }
}

/// The SQLSTATE of an error.
pub fn state(error: &tokio_postgres::Error) -> String {
    error.code().map_or_else(|| error.to_string(), |code| code.code().to_owned())
}

pub fn refused_to_start(folder: &Path, config: &str) -> String {
    std::fs::write(folder.join("cairn.toml"), config).unwrap();
    let ran = crate::command_line::run(folder, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!ran.is_well);
    ran.err
}
