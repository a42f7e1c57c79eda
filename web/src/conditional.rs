//! Answers that still hold are not made again: who has one already is told so, who has not gets the one that was kept.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::ApiError;
use crate::rows::accepts_csv;

/// Bytes of answers kept at most; with more, all are forgotten.
const MOST_KEPT: usize = 32 * 1024 * 1024;
/// A larger answer is made anew each time.
const LARGEST_KEPT: u64 = 1024 * 1024;

/// Answers of the present version. Cloning it is cheap, all clones are the same.
#[derive(Clone, Default)]
pub struct KeptAnswers(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    version: u64,
    answers: HashMap<u64, (HeaderMap, Bytes)>,
    n_bytes: usize,
}

impl KeptAnswers {
    /// What is kept of a version; all else is forgotten.
    fn of(&self, version: u64) -> MutexGuard<'_, Kept> {
        // What is kept is only ever replaced whole, so a panic elsewhere leaves it good.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version {
            *kept = Kept { version, ..Kept::default() };
        }
        kept
    }

    fn get(&self, version: u64, key: u64) -> Option<Response> {
        let (headers, body) = self.of(version).answers.get(&key).cloned()?;
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = headers;
        Some(response)
    }

    /// Keeps an answer whose length is known and small, and hands it on.
    async fn put(&self, version: u64, key: u64, response: Response) -> Response {
        if response.body().size_hint().exact().is_none_or(|length| length > LARGEST_KEPT) {
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = match to_bytes(body, LARGEST_KEPT as usize).await {
            Ok(body) => body,
            Err(error) => return ApiError::internal(error.to_string()).into_response(),
        };
        let mut kept = self.of(version);
        if kept.n_bytes + body.len() > MOST_KEPT {
            *kept = Kept { version, ..Kept::default() };
        }
        kept.n_bytes += body.len();
        kept.answers.insert(key, (parts.headers.clone(), body.clone()));
        drop(kept);
        Response::from_parts(parts, Body::from(body))
    }
}

/// Answers 304 to a request that names the tag of the present version, and puts that tag on every other good answer. What
/// was answered already is answered from what was kept.
///
/// `version` is whatever an answer depends on beside the request itself. The tag is weak: two answers of one version say
/// the same and may differ in the second at which an open window ends. It covers the address and whether CSV is wanted, so a tag
/// of one question never vouches for another; and since refusals get none, a bad question is refused each time.
pub async fn conditional(version: impl Hash, kept: &KeptAnswers, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let tag = tag(&version, &request);
    if is_named(request.headers(), &tag) {
        return labelled(StatusCode::NOT_MODIFIED.into_response(), &tag);
    }
    if request.method() == Method::HEAD {
        let response = next.run(request).await;
        return if response.status() == StatusCode::OK { labelled(response, &tag) } else { response };
    }
    let hashed = |of: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        of(&mut hasher);
        hasher.finish()
    };
    let version = hashed(&|hasher| version.hash(hasher));
    let accepts: Vec<&[u8]> = request.headers().get_all(header::ACCEPT).iter().map(HeaderValue::as_bytes).collect();
    let key = hashed(&|hasher| (&tag, &accepts).hash(hasher));
    if let Some(response) = kept.get(version, key) {
        return response;
    }
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    kept.put(version, key, labelled(response, &tag)).await
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
