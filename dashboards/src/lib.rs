//! The pages that people read: an overview, and one page per metric.

use analytics::http::MetricsState;
use axum::Router;

/// The routes of the pages.
pub fn routes(state: MetricsState) -> Router {
    Router::new().with_state(state)
}
