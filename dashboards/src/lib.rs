//! What dashboards read.

/// The pages.
pub fn routes(_state: analytics::http::MetricsState) -> axum::Router {
    axum::Router::new()
}
