//! `POST /v1/facts/{kind}`: facts as a JSON array or NDJSON, whole or not at all.

use std::io::Cursor;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use collectors::import::{Format, ImportError, Options, begins_as_json, read_stream, unpacks_beyond};
use facts::{Kind, PersonKey};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

use crate::commands::{Intake, Refusal};

/// The largest body taken.
const LARGEST: usize = 64 * 1024 * 1024;
/// What is taken, and where all else goes.
const FORMS: &str = "send a JSON array or NDJSON (UTF-8, plain or gzipped); CSV and Parquet are for `cairn import`";

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(write))]
pub(crate) struct FactsApi;

#[derive(Clone)]
struct FactsState {
    store: Store,
    key: PersonKey,
}

/// The routes.
pub(crate) fn routes(store: Store, key: PersonKey) -> Router {
    Router::new()
        .route("/v1/facts/{kind}", post(write))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(FactsState { store, key })
}

/// How to take the facts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// The source of rows that name none; `import` unless said, as with `cairn import`.
    source: Option<String>,
    /// The zone of times that name none, such as `Europe/Berlin`; without it they are refused.
    time_zone: Option<String>,
    /// Take the good rows and refuse the others, instead of refusing all.
    #[serde(default)]
    accept_valid: bool,
}

/// What became of the rows.
#[derive(Debug, Serialize, ToSchema)]
struct Written {
    /// Rows that were not there before.
    new: i64,
    /// Rows that were there and differed.
    changed: i64,
    /// Rows that were there just so.
    unchanged: i64,
    /// Rows not taken, with their reasons (the first twenty).
    refused: u64,
    /// Why.
    #[schema(value_type = Vec<Object>)]
    refusals: Vec<Refusal>,
}

/// Writes facts of a kind. Sending them again changes nothing.
#[utoipa::path(
    post, path = "/v1/facts/{kind}",
    params(("kind" = String, Path, description = "The kind of fact"), Parameters),
    request_body(content = String, description = "A JSON array of rows, or NDJSON; also gzipped", content_type = "application/x-ndjson"),
    responses(
        (status = 200, body = Written), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 422, body = ErrorBody)
    ),
    security(("token" = []))
)]
async fn write(
    State(state): State<FactsState>,
    Path(kind): Path<String>,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<Written>, ApiError> {
    let kind = Kind::parse(&kind).map_err(|message| ApiError::not_found("UNKNOWN_KIND", message))?;
    let Query(parameters) = parameters.map_err(|rejection| analytics::http::unknown_parameter(&rejection))?;
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return too_large("the body");
        }
        ApiError::bad_request("BODY_CUT", format!("the body did not arrive whole: {}", rejection.body_text()))
    })?;
    web::off_the_async_threads(move || take(&state, kind, &parameters, body)).await?
}

fn too_large(what: &str) -> ApiError {
    let message = format!("{what} is larger than {} MiB; send it in parts", LARGEST >> 20);
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

fn unreadable(error: ImportError) -> ApiError {
    let message = match error {
        ImportError::Sink { .. } => return ApiError::internal(error.to_string()),
        // A file is said to contradict its name; a body has none.
        ImportError::UnknownFormat { found, .. } => {
            format!("the body holds {}; {FORMS}", found.split(',').next().unwrap_or_default())
        }
        error => error.to_string(),
    };
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "UNREADABLE", message)
}

fn take(state: &FactsState, kind: Kind, parameters: &Parameters, body: Bytes) -> Result<Json<Written>, ApiError> {
    let internal = |error: anyhow::Error| ApiError::internal(format!("{error:#}"));
    if unpacks_beyond(&body, LARGEST) {
        return Err(too_large("the body, once unpacked,"));
    }
    let may_be_json = begins_as_json(&body);
    let time_zone = parameters.time_zone.as_deref().map(analytics::parse_zone).transpose()?;
    let mut intake = Intake::begin(&state.store, kind).map_err(internal)?;
    let options = Options {
        kind,
        key: &state.key,
        source: parameters.source.as_deref().unwrap_or("import"),
        now: crate::now(),
        time_zone,
        batch_rows: collectors::import::DEFAULT_BATCH_ROWS,
    };
    let n_rows = read_stream("the body", Box::new(Cursor::new(body)), 0, Some(Format::Ndjson), &options, &mut intake)
        .map_err(unreadable)?;
    // Said once of all of it, and not of every line of a table.
    if !may_be_json && n_rows == intake.n_rejected {
        let message = format!("no row of the body is a JSON object; {FORMS}");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "UNREADABLE", message));
    }
    intake.refuse_conflicts().map_err(internal)?;
    let refusals = std::mem::take(&mut intake.refusals);
    if intake.n_rejected > 0 && !parameters.accept_valid {
        let message = format!(
            "{} refused and nothing was written; mend them, or take the good ones with accept_valid=true",
            crate::tables::things(intake.n_rejected, "row was", "rows were")
        );
        let details = serde_json::json!({ "refused": intake.n_rejected, "refusals": refusals });
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "ROWS_REFUSED", message).with_details(details));
    }
    let report = intake.finish(false, None).map_err(internal)?;
    Ok(Json(Written {
        new: report.summary.new,
        changed: report.summary.changed,
        unchanged: report.summary.unchanged,
        refused: report.n_rejected,
        refusals,
    }))
}
