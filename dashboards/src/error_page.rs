//! What went wrong, as a page: what it is about and the way on.

use analytics::AnalyticsError;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::html;
use web::ApiError;

use crate::group_table::capital;
use crate::layout::{self, Place};
use crate::words::with_code;

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
            AnalyticsError::UnknownMetric(message)
            | AnalyticsError::UnknownImprovement(message)
            | AnalyticsError::UnknownName(message)
            | AnalyticsError::UnknownCheck(message) => ErrorPage { status: StatusCode::NOT_FOUND, message },
            error => {
                tracing::error!(%error, "a page failed");
                ErrorPage::ours()
            }
        }
    }
}

impl From<QueryRejection> for ErrorPage {
    fn from(rejection: QueryRejection) -> ErrorPage {
        let message = analytics::http::unknown_parameter(&rejection).message().to_owned();
        ErrorPage { status: StatusCode::BAD_REQUEST, message }
    }
}

impl From<ApiError> for ErrorPage {
    /// What fails off the async threads was logged where it failed.
    fn from(_: ApiError) -> ErrorPage {
        ErrorPage::ours()
    }
}

/// The answer to a browser that asks for a page that is not there.
pub fn no_such_page() -> Response {
    let message = "the address may be mistyped, or the link be an old one".to_owned();
    ErrorPage { status: StatusCode::NOT_FOUND, message }.into_response()
}

/// The answer to a browser without a token that holds; `message` says why one is needed, and how to make one.
pub fn token_needed(message: String) -> Response {
    ErrorPage { status: StatusCode::UNAUTHORIZED, message }.into_response()
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
            StatusCode::UNAUTHORIZED => "This needs a token",
            _ => "Something failed",
        };
        let main = html! {
            h1 { (title) }
            div.notice role="alert" { p { (with_code(&capital(&self.message))) "." } }
            @if self.status == StatusCode::UNAUTHORIZED {
                p {
                    "Your browser asks for a name and a password when the page is loaded again: "
                    "any name will do, the password is the token."
                }
            }
            p {
                a href="/" { "Back to the overview" }
                @if self.status != StatusCode::INTERNAL_SERVER_ERROR {
                    ", to " a href="/teams" { "all teams" } " or " a href="/#all-metrics" { "all metrics" }
                }
            }
        };
        (self.status, Html(layout::page(title, Place::Nowhere, &main).into_string())).into_response()
    }
}
