//! What the server tells Prometheus of itself, at `/metrics`.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::{Store, Value};

/// The recorder, and the store whose freshness it tells.
#[derive(Clone)]
pub(crate) struct Measure {
    handle: PrometheusHandle,
    store: Store,
}

/// Upper ends of the buckets of request durations, in seconds.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl Measure {
    /// Starts recording.
    pub fn new(store: Store) -> Measure {
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets").build_recorder();
        let handle = recorder.handle();
        // A second server in one process (in tests) finds one installed and tells through its own handle.
        let _ = metrics::set_global_recorder(recorder);
        metrics::describe_counter!("cairn_http_requests_total", "Requests answered, by route, method and status");
        metrics::describe_histogram!("cairn_http_request_duration_seconds", "Time to answer, by route");
        metrics::describe_gauge!("cairn_facts", "Facts kept, by kind");
        metrics::describe_gauge!("cairn_source_last_told_timestamp_seconds", "Latest time a source told of, by kind");
        metrics::describe_gauge!("cairn_source_last_written_timestamp_seconds", "When a source last wrote, by kind");
        metrics::describe_gauge!("cairn_source_last_run_timestamp_seconds", "When a source's last run ended");
        metrics::describe_gauge!("cairn_source_last_run_failed", "1 where a source's last run ended before its end");
        metrics::describe_gauge!("cairn_source_pushes_waiting", "Pushes accepted and not yet turned into facts");
        metrics::describe_gauge!("cairn_source_dead_letters", "Pushes that cannot be turned into facts");
        metrics::describe_gauge!("cairn_data_version", "Grows with every write that changed something");
        metrics::describe_gauge!("cairn_build_info", "Always 1; its label is the version");
        metrics::gauge!("cairn_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Measure { handle, store }
    }

    /// The route.
    pub fn routes(&self) -> Router {
        Router::new().route("/metrics", get(show)).with_state(self.clone())
    }
}

async fn show(State(measure): State<Measure>) -> Result<String, web::ApiError> {
    web::off_the_async_threads(move || {
        if let Err(error) = note_store(&measure.store) {
            tracing::warn!(%error, "the store's figures are missing from /metrics");
        }
        measure.handle.render()
    })
    .await
}

fn note_store(store: &Store) -> anyhow::Result<()> {
    metrics::gauge!("cairn_data_version").set(store.data_version() as f64);
    let sizes =
        store.query("select table_name, estimated_size from duckdb_tables() where schema_name = 'facts'", &[])?;
    for row in sizes.rows {
        if let [Value::Text(kind), Value::Integer(n)] = &row[..] {
            metrics::gauge!("cairn_facts", "kind" => kind.clone()).set(*n as f64);
        }
    }
    for source in analytics::sources::read(store, &BTreeMap::new())?.sources {
        let of_source = [("source", source.name.clone())];
        metrics::gauge!("cairn_source_pushes_waiting", &of_source).set(source.waiting as f64);
        metrics::gauge!("cairn_source_dead_letters", &of_source).set(source.dead_letters as f64);
        if let Some(ended) = source.last_run_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok()) {
            metrics::gauge!("cairn_source_last_run_timestamp_seconds", &of_source).set(seconds(ended.to_utc()));
            let has_failed = source.last_error.is_some();
            metrics::gauge!("cairn_source_last_run_failed", &of_source).set(f64::from(has_failed));
        }
        for told in source.told {
            let labels = [("source", source.name.clone()), ("kind", told.kind.clone())];
            metrics::gauge!("cairn_source_last_told_timestamp_seconds", &labels).set(seconds(told.last_at));
            metrics::gauge!("cairn_source_last_written_timestamp_seconds", &labels).set(seconds(told.written_at));
        }
    }
    Ok(())
}

fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

/// Counts a request and its time. The route stands for the path, so that names in paths make no labels.
pub(crate) async fn record(State(_): State<Measure>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    let seconds = begun.elapsed().as_secs_f64();
    tracing::debug!(%method, %route, %status, milliseconds = seconds * 1e3, "answered");
    metrics::counter!("cairn_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    metrics::histogram!("cairn_http_request_duration_seconds", "route" => route).record(seconds);
    response
}
