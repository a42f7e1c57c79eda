//! What dashboards ask for beside the figures: what happened, to be marked in charts (`/v1/annotations`), and the lists
//! of names to choose from (`/v1/variables/{name}`). Both give flat rows, as JSON or CSV.

mod annotations;
mod happened;
mod variables;

use analytics::http::{MetricsState, Unchanged};
use axum::Router;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa::OpenApi;
use web::ApiError;
use web::rows::accepts_csv;

/// The routes' part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(annotations::show, variables::show))]
pub struct FeedApi;

/// The routes.
pub fn routes(state: MetricsState) -> Router {
    Router::new()
        .route("/v1/annotations", get(annotations::show))
        .route("/v1/variables/{name}", get(variables::show))
        .layer(from_fn_with_state(Unchanged::since(&state), Unchanged::check))
        .with_state(state)
}

/// The form of flat rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Rows,
    Csv,
}

impl Form {
    fn asked(format: Option<&str>, headers: &HeaderMap) -> Result<Form, ApiError> {
        match format {
            None => Ok(if accepts_csv(headers) { Form::Csv } else { Form::Rows }),
            Some("rows") => Ok(Form::Rows),
            Some("csv") => Ok(Form::Csv),
            Some(unknown) => {
                let hint = facts::did_you_mean(unknown, &["rows", "csv"]);
                Err(bad(format!("there is no format `{unknown}`{hint}; the formats are rows, csv")))
            }
        }
    }
}

fn bad(message: String) -> ApiError {
    ApiError::bad_request("INVALID_QUESTION", message)
}

/// Names separated by commas; none where all are meant.
fn names(text: Option<&str>) -> Vec<String> {
    let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    if names == ["*"] { Vec::new() } else { names }
}
