//! The server: routes of all rooms under one roof, with tokens, metrics of its own and a quiet end.

mod auth;
mod bodies;
mod collections_route;
mod connections;
mod facts_route;
mod health;
mod hooks_route;
mod inbox_route;
mod measure;
mod openapi;
mod sources_route;
mod value_route;

use std::collections::BTreeMap;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use analytics::Engine;
use analytics::http::MetricsState;
use analytics::quality::Checks;
use anyhow::Context as _;
use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use facts::PersonKey;
use tokio::net::TcpListener;

pub use auth::token_hash;
pub use connections::Limits;
pub use openapi::document;

/// What the server is put together from.
pub struct Parts {
    /// The engine, with its store.
    pub engine: Engine,
    /// The key with which people are hashed.
    pub key: PersonKey,
    /// The configuration, for the sources that push.
    pub config: crate::Config,
    /// How long clients may take.
    pub limits: Limits,
    /// The present, of which pages and figures are. What is written bears the time of the real clock.
    pub clock: fn() -> DateTime<Utc>,
}

/// Binds an address, before there are threads to serve it; the error says what to do.
pub fn bind(listen: &str) -> anyhow::Result<std::net::TcpListener> {
    std::net::TcpListener::bind(listen).map_err(|error| {
        let way_out = match error.kind() {
            ErrorKind::AddrInUse => "another server is there; choose another address with --listen",
            ErrorKind::InvalidInput => {
                "write an address of this machine and a port, such as 127.0.0.1:8080 or, for all of its addresses, 0.0.0.0:8080"
            }
            ErrorKind::PermissionDenied => "choose a port above 1023 with --listen",
            _ => "choose an address of this machine with --listen, such as 127.0.0.1:8080",
        };
        anyhow::anyhow!("cannot listen on {listen} ({error}); {way_out}")
    })
}

/// Serves until `stop` is over, then lets running requests finish.
pub async fn run(
    listener: std::net::TcpListener,
    parts: Parts,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("asking for the address listened on")?;
    println!("Cairn is at {} (stop it with Ctrl-C)", whereabouts(address));
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
    let limits = parts.limits;
    listener.set_nonblocking(true).context("listening")?;
    let listener = TcpListener::from_std(listener).context("listening")?;
    connections::serve(listener, app(parts, address)?, limits, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// Where a browser finds what listens at an address.
fn whereabouts(address: SocketAddr) -> String {
    let here = match address.ip() {
        ip if !ip.is_unspecified() => return format!("http://{address}"),
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    format!("http://{} and at this machine's other addresses", SocketAddr::new(here, address.port()))
}

/// All routes.
fn app(parts: Parts, address: SocketAddr) -> anyhow::Result<Router> {
    let measure = measure::Measure::new(parts.engine.store().clone());
    let metrics = MetricsState { engine: parts.engine.clone(), clock: parts.clock };
    let store = parts.engine.store().clone();
    let configured = crate::sources::configured(&parts.config)?;
    let kinds: Arc<BTreeMap<String, String>> =
        Arc::new(configured.iter().map(|source| (source.name.clone(), source.kind.clone())).collect());
    let scheduled =
        configured.iter().filter_map(|source| Some((source.name.clone(), source.schedule.clone()?))).collect();
    let sources = sources_route::routes(store.clone(), Arc::clone(&kinds));
    let hooks = hooks_route::routes(&store, &parts.key, configured);
    let checks = Arc::new(Checks::read(sql::CHECKS, parts.engine.catalogue())?);
    let pages = dashboards::Pages { metrics: metrics.clone(), checks: Arc::clone(&checks), kinds };
    let routes = Router::new()
        .merge(dashboards::routes(pages))
        .merge(dashboards::feed::routes(metrics.clone()))
        .merge(analytics::http::routes(metrics.clone()))
        .merge(analytics::compare::http::routes(metrics.clone()))
        .merge(analytics::portrait::routes(metrics.clone()))
        .merge(analytics::quality::http::routes(metrics.clone(), checks))
        .merge(facts_route::routes(store.clone(), parts.key.clone()))
        .merge(sources)
        .merge(inbox_route::routes(store.clone()))
        .merge(value_route::routes(metrics, &parts.config)?)
        .merge(collections_route::routes(store.clone(), parts.key, parts.config, scheduled))
        .merge(openapi::routes())
        .merge(measure.routes())
        .layer(axum::middleware::from_fn_with_state(auth::Guard::new(store.clone(), address), auth::check))
        .merge(health::routes(store))
        // Pushes carry a signature instead of a token.
        .merge(hooks)
        .fallback(nothing_here)
        .layer(axum::middleware::from_fn_with_state(measure, measure::record));
    // Around all of them: which methods a path knows is written into an answer after its layers.
    Ok(Router::new().fallback_service(routes).layer(axum::middleware::map_response(web::in_house_form)))
}

/// A browser is answered with a page, a program with the usual form of errors.
async fn nothing_here(headers: HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return dashboards::no_such_page();
    }
    web::ApiError::not_found("NOT_FOUND", "there is nothing here; /v1/openapi.json says what there is").into_response()
}

/// Over when the process is asked to stop. The signals are listened to from the call on, so that none is missed between
/// saying where the server is and serving.
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
        let mut terminate = signal(SignalKind::terminate()).context("listening for the signal to stop")?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without a handler the default one stops the process just as well.
        let _ = tokio::signal::ctrl_c().await;
    })
}
