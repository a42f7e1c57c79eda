//! What went wrong, as a page: what it is about and the way on.

use analytics::AnalyticsError;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::html;
use web::ApiError;

use crate::layout::{self, Place};

/// An error that is answered with a page.
#[derive(Debug)]
pub struct ErrorPage {
    status: StatusCode,
    message: String,
}

impl From<AnalyticsError> for ErrorPage {
    fn from(error: AnalyticsError) -> ErrorPage {
        match error {
            AnalyticsError::BadQuestion(message) => ErrorPage { status: StatusCode::BAD_REQUEST, message },
            AnalyticsError::UnknownMetric(message) => ErrorPage { status: StatusCode::NOT_FOUND, message },
            error => {
                tracing::error!(%error, "a page failed");
                ErrorPage::ours()
            }
        }
    }
}

impl From<QueryRejection> for ErrorPage {
    fn from(rejection: QueryRejection) -> ErrorPage {
        // It reads "Failed to deserialize query string: unknown field ..."; people want what follows.
        let text = rejection.body_text();
        let message = text.split_once(": ").map_or(text.as_str(), |(_, reason)| reason).to_owned();
        ErrorPage { status: StatusCode::BAD_REQUEST, message }
    }
}

impl From<ApiError> for ErrorPage {
    /// What fails off the async threads was logged where it failed.
    fn from(_: ApiError) -> ErrorPage {
        ErrorPage::ours()
    }
}

impl ErrorPage {
    fn ours() -> ErrorPage {
        let message = "something failed on our side; the server's log says what".to_owned();
        ErrorPage { status: StatusCode::INTERNAL_SERVER_ERROR, message }
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let title = match self.status {
            StatusCode::NOT_FOUND => "There is no such page",
            StatusCode::BAD_REQUEST => "This cannot be answered",
            _ => "Something failed",
        };
        let main = html! {
            h1 { (title) }
            div.notice role="alert" { p { (self.message) } }
            p { a href="/" { "Back to the overview" } }
        };
        (self.status, Html(layout::page(title, Place::Below, &main).into_string())).into_response()
    }
}
