//! Who may do what: reading on this machine is free, all else needs a token.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use sha2::{Digest, Sha256};
use store::{Scope, Store};
use web::ApiError;

/// What the check needs to know.
#[derive(Clone)]
pub(crate) struct Guard {
    store: Store,
    is_loopback: bool,
}

impl Guard {
    /// A guard for a server at an address.
    pub fn new(store: Store, address: SocketAddr) -> Guard {
        Guard { store, is_loopback: address.ip().is_loopback() }
    }
}

/// The form in which a token is kept: SHA-256 of its text. A token is 256 random bits, so no slow hash is needed, and
/// comparing hashes tells nothing of the token by its timing.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets a request through, or says what it lacks.
pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let needed = match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS if guard.is_loopback => return next.run(request).await,
        Method::GET | Method::HEAD | Method::OPTIONS => Scope::Read,
        _ => Scope::Write,
    };
    match allowed(&guard, request.headers(), needed).await {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let mut response = error.into_response();
            // A browser asks the person for a token when it is told so; the name it asks for does not matter.
            if response.status() == StatusCode::UNAUTHORIZED && accepts_html(request.headers()) {
                let challenge = header::HeaderValue::from_static("Basic realm=\"Cairn: a token as the password\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

async fn allowed(guard: &Guard, headers: &HeaderMap, needed: Scope) -> Result<(), ApiError> {
    let Some(token) = token(headers) else {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "TOKEN_REQUIRED",
            format!(
                "this needs a token that allows {0}; make one with `cairn token create --name NAME --scope {0}` and send it as `Authorization: Bearer TOKEN`",
                needed.as_str()
            ),
        ));
    };
    let store = guard.store.clone();
    let found = web::off_the_async_threads(move || store.token_scope(&token_hash(&token))).await?;
    match found.map_err(|error| ApiError::internal(error.to_string()))? {
        None => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "TOKEN_UNKNOWN",
            "this token is not known; it may have been revoked (cairn token list shows the names of those that hold)",
        )),
        Some(Scope::Read) if needed == Scope::Write => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "SCOPE_MISSING",
            "this token allows reading only; writing needs one made with --scope write",
        )),
        Some(_) => Ok(()),
    }
}

/// The token of a request: as Bearer, or as the password of Basic, as browsers send it.
fn token(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
        return String::from_utf8(decoded).ok()?.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}
