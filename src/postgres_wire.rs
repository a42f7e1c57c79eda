//! `[postgres_wire]`: where PostgreSQL clients are listened to, and how much their queries may take.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use analytics::Engine;
use analytics::quality::Checks;
use anyhow::{Context as _, bail};
use dashboards::published::{Limits, Published};
use dashboards::wire::{Tls, WireOptions};
use serde::Deserialize;
use tokio::net::TcpListener;

/// Where PostgreSQL clients are listened to, and how much their queries may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresWire {
    /// Where to listen, such as `127.0.0.1:5433`; unless said, nowhere.
    pub listen: Option<String>,
    /// The certificate (PEM) by which connections are encrypted.
    pub tls_certificate_file: Option<PathBuf>,
    /// Its key (PEM).
    pub tls_key_file: Option<PathBuf>,
    /// Whether connections without TLS are refused; unless said, they are wherever others than this machine can connect.
    pub require_tls: Option<bool>,
    /// How long a query may run: `30s`.
    pub time: String,
    /// How many rows it may give.
    pub rows: u64,
    /// How much memory it may work in: `256MB`.
    pub memory: String,
    /// How many queries may run at once.
    pub queries: usize,
    /// How many clients may be connected at once.
    pub connections: usize,
}

impl Default for PostgresWire {
    fn default() -> PostgresWire {
        PostgresWire {
            listen: None,
            tls_certificate_file: None,
            tls_key_file: None,
            require_tls: None,
            time: "30s".into(),
            rows: 1_000_000,
            memory: "256MB".into(),
            queries: 16,
            connections: 200,
        }
    }
}

impl PostgresWire {
    /// The limits on queries.
    pub(crate) fn limits(&self) -> anyhow::Result<Limits> {
        let time = crate::config::span(&self.time).context("postgres_wire.time")?;
        if time < Duration::from_secs(1) || self.rows == 0 || self.queries == 0 || self.connections == 0 {
            bail!("postgres_wire: time, rows, queries and connections are at least 1");
        }
        let memory = bytes(&self.memory).context("postgres_wire.memory")?;
        Ok(Limits { time, rows: self.rows, memory, queries: self.queries })
    }

    fn tls(&self) -> anyhow::Result<Option<Tls>> {
        match (&self.tls_certificate_file, &self.tls_key_file) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                Ok(Some(Tls::read(certificate, key).context("postgres_wire: reading the certificate")?))
            }
            _ => bail!("postgres_wire.tls_certificate_file and postgres_wire.tls_key_file go together; name both"),
        }
    }
}

/// A wire that listens and does not answer yet.
pub(crate) struct Listening {
    listener: TcpListener,
    options: WireOptions,
    published: Published,
    store: store::Store,
}

/// Starts to listen, where that is configured.
pub(crate) async fn listen(config: &PostgresWire, engine: &Engine) -> anyhow::Result<Option<Listening>> {
    let limits = config.limits()?;
    let Some(listen) = &config.listen else { return Ok(None) };
    let checks = Checks::read(sql::CHECKS, engine.catalogue())?;
    let published = Published::new(engine.clone(), checks, sql::PUBLISHED, crate::now, limits)?;
    let ahead = published.clone();
    if let Err(refusal) = tokio::task::spawn_blocking(move || ahead.open_ahead()).await? {
        tracing::debug!(refusal.message, "what statements run in could not be opened ahead");
    }
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen} (postgres_wire.listen); is another server there? choose another port")
    })?;
    let address = listener.local_addr().context("asking for the address listened on")?;
    let tls = config.tls()?;
    let needs_tls = needs_tls(config, address, tls.is_some())?;
    if engine.store().tokens()?.is_empty() {
        tracing::warn!(
            "no token exists, so nobody can connect to the PostgreSQL wire; make one: cairn token create --name grafana --scope read"
        );
    }
    println!(
        "PostgreSQL clients connect to {address}, database cairn, user and password: the name of a token and the token"
    );
    let options = WireOptions { tls, needs_tls, connections: config.connections };
    Ok(Some(Listening { listener, options, published, store: engine.store().clone() }))
}

impl Listening {
    /// Answers until `stop` is over.
    pub(crate) async fn serve(self, stop: impl Future<Output = ()>) {
        dashboards::wire::serve(self.listener, self.store, self.published, self.options, stop).await;
    }
}

/// Whether connections without TLS are refused. Beyond this machine they are, unless the configuration says otherwise.
fn needs_tls(config: &PostgresWire, address: SocketAddr, has_tls: bool) -> anyhow::Result<bool> {
    let needs = config.require_tls.unwrap_or(!address.ip().is_loopback());
    if needs && !has_tls {
        bail!(
            "postgres_wire.listen = \"{address}\" demands TLS, and there is no certificate: name postgres_wire.tls_certificate_file and tls_key_file, or, where the network may read along, write postgres_wire.require_tls = false"
        );
    }
    Ok(needs)
}

/// Reads an amount of memory such as `256MB` or `1GB`.
fn bytes(text: &str) -> anyhow::Result<u64> {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match text[digits.len()..].trim() {
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => bail!("`{text}` is no amount of memory; write such as 256MB or 1GB"),
    };
    let number: u64 =
        digits.parse().with_context(|| format!("`{text}` is no amount of memory; write such as 256MB"))?;
    let bytes = number.checked_mul(unit).with_context(|| format!("`{text}` is more memory than there is"))?;
    if bytes < 32_000_000 {
        bail!("`{text}` is too little memory to work in; write 32MB or more");
    }
    Ok(bytes)
}
