//! Why there are no figures, by what the caller can do about it.

use crate::error::AnalyticsError;

/// An error of the value model.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// The configuration does not hold what it must.
    #[error("[{place}]: {message}")]
    BadConfiguration {
        /// The table.
        place: String,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// There is no `[value]`.
    #[error(
        "cairn.toml has no [value], so hours are not turned into money; `cairn value --example` prints one to begin with, and docs/value.md explains it"
    )]
    NotConfigured,
    /// There is no such run.
    #[error("{0}")]
    UnknownRun(String),
    /// The run was made by another version of the calculation.
    #[error(
        "run {run} was made by version {made_by} of the calculation and this Cairn has version {own}; its figures cannot be had again here, only its inputs"
    )]
    OtherVersion {
        /// The run.
        run: i64,
        /// The version that made it.
        made_by: u32,
        /// The version here.
        own: u32,
    },
    /// A question to the engine failed.
    #[error(transparent)]
    Analytics(#[from] AnalyticsError),
}

impl ValueError {
    /// A mistake at a place of the configuration.
    pub(crate) fn at(place: &str, message: String) -> ValueError {
        ValueError::BadConfiguration { place: place.to_owned(), message }
    }
}

impl From<store::StoreError> for ValueError {
    fn from(error: store::StoreError) -> ValueError {
        ValueError::Analytics(AnalyticsError::Store(error))
    }
}

impl From<ValueError> for web::ApiError {
    fn from(error: ValueError) -> web::ApiError {
        let message = error.to_string();
        match error {
            ValueError::NotConfigured => web::ApiError::not_found("VALUE_NOT_CONFIGURED", message)
                .with_details(serde_json::json!({ "example": super::EXAMPLE })),
            ValueError::UnknownRun(_) => web::ApiError::not_found("UNKNOWN_RUN", message),
            ValueError::OtherVersion { .. } => {
                web::ApiError::new(axum::http::StatusCode::CONFLICT, "OTHER_MODEL_VERSION", message)
            }
            ValueError::BadConfiguration { .. } => {
                web::ApiError::new(axum::http::StatusCode::CONFLICT, "VALUE_CONFIGURATION", message)
            }
            ValueError::Analytics(error) => error.into(),
        }
    }
}
