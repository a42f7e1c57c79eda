//! Errors that the router or an extractor makes on its own, in the form of all others.

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::ApiError;

/// What a router says of its own is a line or two.
const LONGEST: usize = 16 * 1024;

/// Puts a refusal that is empty or plain text into the form of an [`ApiError`]; all else passes as it is. What the headers
/// say, such as the methods that a path knows, stays.
pub async fn in_house_form(response: Response) -> Response {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_plain = content_type.is_none_or(|value| value.starts_with("text/plain"));
    if !response.status().is_client_error() || !is_plain {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, LONGEST).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    let known = parts.headers.get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let error = match parts.status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let message =
                format!("this path knows {} only; /v1/openapi.json says what it is for", known.replace(',', ", "));
            ApiError::new(parts.status, "METHOD_NOT_ALLOWED", message)
        }
        StatusCode::NOT_FOUND => ApiError::not_found("NOT_FOUND", text),
        status => ApiError::new(status, "BAD_REQUEST", text),
    };
    let (formed, body) = error.into_response().into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(formed.headers);
    Response::from_parts(parts, Body::new(body))
}
