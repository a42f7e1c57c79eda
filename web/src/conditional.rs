//! Conditional requests: who has an answer already is told that it still holds, without its being made again.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::rows::accepts_csv;

/// Answers 304 to a request that names the tag of the present version, and puts that tag on every other good answer.
///
/// `version` is whatever an answer depends on beside the request itself. The tag is weak: two answers of one version say
/// the same and may differ in the second at which an open window ends. It covers the address and whether CSV is wanted, so a tag
/// of one question never vouches for another; and since refusals get none, a bad question is refused each time.
pub async fn conditional(version: impl Hash, request: Request, next: Next) -> Response {
    let tag = tag(&version, &request);
    if is_named(request.headers(), &tag) {
        return labelled(StatusCode::NOT_MODIFIED.into_response(), &tag);
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::OK { labelled(response, &tag) } else { response }
}

fn tag(version: &impl Hash, request: &Request) -> String {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    request.uri().path_and_query().map(|address| address.as_str()).hash(&mut hasher);
    accepts_csv(request.headers()).hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Whether `If-None-Match` names a tag. It is compared weakly, as RFC 9110 demands of that header.
fn is_named(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    (headers.get_all(header::IF_NONE_MATCH).iter())
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|named| opaque(named) == opaque(tag))
}

fn labelled(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}
