//! What all routes share: the form of an error, JSON bodies, flat rows, conditional requests, and work off the async
//! threads.

mod conditional;
mod house_form;
pub mod rows;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub use conditional::{KeptAnswers, conditional};
pub use house_form::in_house_form;

/// The body of an error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What went wrong, for programs and for people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A fixed word for programs.
    pub code: String,
    /// What is wrong and how to mend it.
    pub message: String,
    /// More to go by, by name.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// Where to go on, by name.
    #[schema(value_type = Object)]
    pub links: serde_json::Value,
}

/// An error that a route answers with.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    detail: Box<ErrorDetail>,
    retry_after: Option<u16>,
}

impl ApiError {
    /// An error of a status, code and message.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> ApiError {
        let empty = || serde_json::Value::Object(serde_json::Map::new());
        let detail = ErrorDetail { code: code.to_owned(), message: message.into(), details: empty(), links: empty() };
        ApiError { status, detail: Box::new(detail), retry_after: None }
    }

    /// 400: the request is wrong.
    pub fn bad_request(code: &str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404: there is no such thing.
    pub fn not_found(code: &str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 500: it is our fault. The message is logged; the client learns no more than that.
    pub fn internal(message: impl Into<String>) -> ApiError {
        let message = message.into();
        tracing::error!(%message, "a request failed");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "something failed on our side; the server's log says what",
        )
    }

    /// What is wrong and how to mend it.
    pub fn message(&self) -> &str {
        &self.detail.message
    }

    /// 503: it may be asked again after some seconds.
    pub fn busy(code: &str, message: impl Into<String>, seconds: u16) -> ApiError {
        ApiError { retry_after: Some(seconds), ..ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message) }
    }

    /// The same with details.
    pub fn with_details(mut self, details: serde_json::Value) -> ApiError {
        self.detail.details = details;
        self
    }

    /// The same with links.
    pub fn with_links(mut self, links: serde_json::Value) -> ApiError {
        self.detail.links = links;
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let is_unauthorized = self.status == StatusCode::UNAUTHORIZED;
        let retry_after = self.retry_after;
        let mut response = (self.status, Json(ErrorBody { error: *self.detail })).into_response();
        if is_unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Runs work that blocks (the database, files) on a thread of its own.
pub async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ApiError::internal(format!("a request's work failed: {error}")))
}
