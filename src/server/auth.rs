//! Who may do what: who asks on this machine itself reads without a token, all else needs one.
//!
//! That a connection comes from this machine says little: a reverse proxy beside the server brings everybody's requests, and
//! a web page can have a browser here ask under a name of its own (DNS rebinding). So the request must also name this
//! machine, and show no sign of having been passed on. A proxy that names 127.0.0.1 and adds nothing cannot be told from
//! somebody on this machine; README says how to set one up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::uri::Authority;
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
    address: IpAddr,
}

impl Guard {
    /// A guard for a server at an address.
    pub fn new(store: Store, address: SocketAddr) -> Guard {
        Guard { store, address: address.ip() }
    }
}

/// The form in which a token is kept: SHA-256 of its text. A token is 256 random bits, so no slow hash is needed, and
/// comparing hashes tells nothing of the token by its timing.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets a request through, or says what it lacks.
pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (needed, why) = match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => match beyond_this_machine(guard.address, &request) {
            None => return next.run(request).await,
            // How pages look says nothing of what is in the store, and who is asked for a token sees a page as well.
            Some(_) if request.uri().path().starts_with("/assets/") => return next.run(request).await,
            Some(why) => (Scope::Read, why),
        },
        _ => (Scope::Write, "writing always does".to_owned()),
    };
    let Err(error) = allowed(&guard, request.headers(), needed, &why).await else { return next.run(request).await };
    let message = error.message().to_owned();
    let refused = error.into_response();
    if refused.status() != StatusCode::UNAUTHORIZED || !accepts_html(request.headers()) {
        return refused;
    }
    let mut page = dashboards::token_needed(message);
    // A browser asks the person for a token when it is told so; the name it asks for does not matter.
    let challenge = header::HeaderValue::from_static("Basic realm=\"Cairn: a token as the password\"");
    page.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    page
}

/// Why a request may be somebody's who is not at this machine; none where all speaks for this machine.
fn beyond_this_machine(listens_on: IpAddr, request: &Request) -> Option<String> {
    if !listens_on.is_loopback() {
        return Some("this server is not for its own machine only".into());
    }
    let is_proxys = |name: &&str| ["forwarded", "via", "x-real-ip"].contains(name) || name.starts_with("x-forwarded-");
    if let Some(name) = request.headers().keys().map(header::HeaderName::as_str).find(is_proxys) {
        return Some(format!("the request came through a proxy, as its header `{name}` says"));
    }
    // Whom a request is for may be said in its first line, in a header, or in several: each must name this machine.
    let mut hosts: Vec<String> = request.uri().authority().map(ToString::to_string).into_iter().collect();
    hosts.extend(
        request.headers().get_all(header::HOST).iter().map(|host| String::from_utf8_lossy(host.as_bytes()).into()),
    );
    if hosts.is_empty() {
        return Some("the request does not say which host it is for".into());
    }
    let foreign = hosts.into_iter().find(|host| !names_this_machine(listens_on, host))?;
    Some(format!("the request is for the host `{}`, which is no name of this machine", facts::shorten(&foreign)))
}

fn names_this_machine(listens_on: IpAddr, host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let known = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into(), listens_on];
    name.parse::<IpAddr>().is_ok_and(|address| known.contains(&address))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

async fn allowed(guard: &Guard, headers: &HeaderMap, needed: Scope, why: &str) -> Result<(), ApiError> {
    let Some(token) = token(headers) else {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "TOKEN_REQUIRED",
            format!(
                "this needs a token that allows {0}, since {why}; make one with `cairn token create --name NAME --scope {0}` (while no server runs) and send it as `Authorization: Bearer TOKEN`, or give it to a browser as the password, with any name",
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
