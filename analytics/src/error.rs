//! Why a question cannot be answered: what is wrong with it, and the nearest that would do.

use axum::http::StatusCode;

/// An error of the engine, by what its caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsError {
    /// The question names something that does not exist, or does not fit together.
    #[error("{0}")]
    BadQuestion(String),
    /// There is no metric of that name.
    #[error("{0}")]
    UnknownMetric(String),
    /// There is no improvement of that name.
    #[error("{0}")]
    UnknownImprovement(String),
    /// There is no service or team of that name.
    #[error("{0}")]
    UnknownName(String),
    /// There is no check of that name.
    #[error("{0}")]
    UnknownCheck(String),
    /// A check's file breaks a rule.
    #[error("check {file}: {message}")]
    BadCheckFile {
        /// The file's name.
        file: String,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// A metric file breaks a rule.
    #[error("metric file {file}{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    BadMetricFile {
        /// The file's name.
        file: String,
        /// The line, where it is about one.
        line: Option<usize>,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// A metric's query failed while it ran.
    #[error(
        "the query of {metric} failed: {message}; if its file is your own, mend it there, else this is a fault of Cairn"
    )]
    MetricFailed {
        /// The metric.
        metric: String,
        /// What the database said.
        message: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl From<AnalyticsError> for web::ApiError {
    fn from(error: AnalyticsError) -> web::ApiError {
        match error {
            AnalyticsError::BadQuestion(message) => web::ApiError::bad_request("INVALID_QUESTION", message),
            AnalyticsError::UnknownMetric(message) => web::ApiError::not_found("UNKNOWN_METRIC", message),
            AnalyticsError::UnknownImprovement(message) => web::ApiError::not_found("UNKNOWN_IMPROVEMENT", message),
            AnalyticsError::UnknownName(message) => web::ApiError::not_found("UNKNOWN_NAME", message),
            AnalyticsError::UnknownCheck(message) => web::ApiError::not_found("UNKNOWN_CHECK", message),
            error @ AnalyticsError::MetricFailed { .. } => {
                tracing::error!(%error, "a metric failed");
                web::ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "METRIC_FAILED", error.to_string())
            }
            error => web::ApiError::internal(error.to_string()),
        }
    }
}
