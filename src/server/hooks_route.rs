//! `POST /v1/hooks/{source}`: pushes. A push is believed by its signature, is in the inbox before it is answered, and is
//! turned into facts afterwards (`sources/pushed.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use collectors::hooks::{self, Delivery, Sort};
use facts::PersonKey;
use serde::Serialize;
use store::{Push, Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

use super::bodies::{Room, Taken};
use crate::sources::Configured;
use crate::sources::pushed::{self, Left, Pusher};

/// What is larger is hashed off the async threads.
const LARGE: usize = 256 * 1024;
/// After how many seconds a push that could not be kept may be sent again.
const RETRY_SECONDS: u16 = 10;
/// Pushes written to the disk at once.
const AT_ONCE: usize = 500;
/// How long pushes are gathered before they are turned into facts.
const GATHER: Duration = Duration::from_millis(500);
/// So many times as long as turning some pushes into facts took is the rest before the next are turned into facts.
const REST: u32 = 3;
/// The longest such rest.
const LONGEST_REST: Duration = Duration::from_secs(3);
/// How often it is looked whether a source that is read has told a begin that pushes wait for.
const RELEASE_EVERY: Duration = Duration::from_secs(600);
/// How often the inbox is looked at when nothing arrives: what another process put there, or what failed before.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(push))]
pub(crate) struct HooksApi;

/// What the route needs.
#[derive(Clone)]
struct HooksState {
    pushers: Arc<BTreeMap<String, Pusher>>,
    /// Sources that do not push, with their kinds.
    only_read: Arc<BTreeMap<String, String>>,
    /// For bodies of which nobody knows whose they are, and for those that are proven by their head.
    room: Room,
    proven: Room,
    inbox: mpsc::Sender<Arrived>,
}

/// A push on its way to the disk, and whom to tell when it is there.
struct Arrived {
    push: Push,
    kept: oneshot::Sender<bool>,
    /// The room that its body takes.
    room: Taken,
}

/// A push that was taken.
#[derive(Debug, Serialize, ToSchema)]
struct Accepted {
    /// What makes a repeat of it recognisable.
    delivery: String,
}

/// The route, and the two tasks behind it: one that writes pushes to the disk, one that turns them into facts.
pub(crate) fn routes(store: &Store, key: &PersonKey, sources: Vec<Configured>) -> Router {
    let (mut pushers, mut only_read) = (BTreeMap::new(), BTreeMap::new());
    for source in sources {
        let Some(sort) = Sort::of_kind(&source.kind) else {
            only_read.insert(source.name, source.kind);
            continue;
        };
        // One that cannot be had is told to who pushes, and does not keep the others from being served.
        let secret = source.secret().map_err(|error| format!("{error:#}"));
        if let Err(reason) = &secret {
            tracing::error!(source = source.name, %reason, "pushes of this source are refused");
        }
        pushers.insert(source.name, Pusher { sort, setting: source.setting, secret });
    }
    let pushers = Arc::new(pushers);
    let (inbox, arrivals) = mpsc::channel(10_000);
    let arrived = Arc::new(Notify::new());
    tokio::spawn(keep(store.clone(), arrivals, Arc::clone(&arrived)));
    tokio::spawn(take(store.clone(), key.clone(), Arc::clone(&pushers), arrived));
    Router::new().route("/v1/hooks/{source}", post(push)).with_state(HooksState {
        pushers,
        only_read: Arc::new(only_read),
        room: Room::default(),
        proven: Room::default(),
        inbox,
    })
}

impl HooksState {
    /// Who pushes, and the secret by which that is believed.
    fn pusher(&self, source: &str) -> Result<(&Pusher, &String), ApiError> {
        let Some(pusher) = self.pushers.get(source) else {
            if let Some(kind) = self.only_read.get(source) {
                return Err(ApiError::not_found(
                    "SOURCE_DOES_NOT_PUSH",
                    format!("`{source}` is of kind {kind}, which is read with cairn collect and does not push"),
                ));
            }
            let names: Vec<&str> = self.pushers.keys().map(String::as_str).collect();
            return Err(ApiError::not_found(
                "UNKNOWN_SOURCE",
                format!(
                    "there is no source `{}` that pushes{}; the address ends in the name of a [[source]] of cairn.toml",
                    facts::shorten(source),
                    facts::did_you_mean(source, &names),
                ),
            ));
        };
        match &pusher.secret {
            Ok(Some(secret)) => Ok((pusher, secret)),
            Ok(None) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "NO_SECRET",
                format!(
                    "[[source]] {source} has no secret_file (or secret), so its pushes cannot be believed; set one here and there"
                ),
            )),
            // Where it was looked for is said in the server's log, not to strangers.
            Err(_) => Err(ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "SECRET_UNREADABLE",
                format!("the secret of [[source]] {source} cannot be read here; the server's log says why"),
            )),
        }
    }
}

/// Takes a push of a configured source. It is kept when this answers 202.
#[utoipa::path(
    post, path = "/v1/hooks/{source}",
    params(("source" = String, Path, description = "The source's name in cairn.toml")),
    request_body(content = String, description = "As the system sends it", content_type = "application/json"),
    responses(
        (status = 202, body = Accepted), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
async fn push(
    State(state): State<HooksState>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let (pusher, secret) = state.pusher(&source)?;
    // A value that is not ASCII is a wrong one, and not a missing one.
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let (sort, secret) = (pusher.sort, secret.clone());
    hooks::verify_head(sort, secret.as_bytes(), &headers).map_err(|error| not_believed(&error))?;
    // What nobody has signed yet takes no room from what is proven by its head.
    let rooms = if hooks::is_proven_by_head(sort) { &state.proven } else { &state.room };
    let (body, room) = rooms.whole(body).await?;
    let is_large = body.len() > LARGE;
    // The room is held for as long as the body is, also where the sender does not wait.
    let arrived = move || believed(source, sort, &secret, &headers, body).map(|push| (push, room));
    let (push, room) = if is_large { web::off_the_async_threads(arrived).await? } else { arrived() }?;
    let delivery = push.delivery.clone();
    let (kept, is_kept) = oneshot::channel();
    let not_kept = || ApiError::busy("NOT_KEPT", "the push could not be kept; send it again", RETRY_SECONDS);
    // A full queue means that the disk does not keep up: the sender tries again, as all of them do.
    state.inbox.try_send(Arrived { push, kept, room }).map_err(|_| not_kept())?;
    match is_kept.await {
        Ok(true) => Ok((StatusCode::ACCEPTED, Json(Accepted { delivery }))),
        _ => Err(not_kept()),
    }
}

fn not_believed(error: &hooks::SignatureError) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "SIGNATURE", error.to_string())
}

/// What is to be kept of a push, if it is its sender's.
fn believed(
    source: String,
    sort: Sort,
    secret: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Push, ApiError> {
    let delivery = Delivery { headers, body: &body, at: crate::now() };
    hooks::verify(sort, secret.as_bytes(), &delivery).map_err(|error| not_believed(&error))?;
    let kept_headers: Vec<&(String, String)> = headers.iter().filter(|(name, _)| hooks::is_kept(name)).collect();
    Ok(Push {
        source,
        delivery: hooks::delivery_id(sort, &delivery),
        received_at: delivery.at,
        headers: serde_json::to_string(&kept_headers).map_err(|error| ApiError::internal(error.to_string()))?,
        body,
    })
}

/// Writes pushes to the disk, those that arrived together in one transaction.
async fn keep(store: Store, mut arrivals: mpsc::Receiver<Arrived>, arrived: Arc<Notify>) {
    let mut together = Vec::with_capacity(AT_ONCE);
    while arrivals.recv_many(&mut together, AT_ONCE).await > 0 {
        let (pushes, waiting): (Vec<Push>, Vec<(oneshot::Sender<bool>, Taken)>) =
            together.drain(..).map(|one| (one.push, (one.kept, one.room))).unzip();
        let store = store.clone();
        let kept = match web::off_the_async_threads(move || store.accept(&pushes)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "pushes could not be kept");
                end_if_broken(&error);
                false
            }
            Err(error) => {
                tracing::error!(?error, "pushes could not be kept");
                false
            }
        };
        for (sender, _room) in waiting {
            // Who does not wait any more will send it again.
            let _ = sender.send(kept);
        }
        arrived.notify_one();
    }
}

/// Ends the process where its store can be used no more: it could only refuse every push until somebody looks, and started
/// again it goes on.
fn end_if_broken(error: &StoreError) {
    if matches!(error, StoreError::Broken { .. }) {
        tracing::error!("the server ends, so that it may be started again");
        std::process::exit(1);
    }
}

/// Turns pushes into facts for as long as the server runs.
async fn take(store: Store, key: PersonKey, pushers: Arc<BTreeMap<String, Pusher>>, arrived: Arc<Notify>) {
    let mut release = tokio::time::interval(RELEASE_EVERY);
    loop {
        let (own, key, pushers) = (store.clone(), key.clone(), Arc::clone(&pushers));
        let begun = Instant::now();
        let took = web::off_the_async_threads(move || pushed::take(&own, &key, &pushers)).await;
        let rest = (begun.elapsed() * REST).min(LONGEST_REST);
        match took {
            // While pushes pour in, most of the time is theirs: they are waited for, their facts are not.
            Ok(Ok(Left::More)) => {
                tokio::time::sleep(rest).await;
                continue;
            }
            Ok(Ok(Left::Nothing)) => {}
            Ok(Err(error)) => {
                let said = format!("{error:#}");
                tracing::error!(error = said, "pushes could not be turned into facts; they stay in the inbox");
                error.downcast_ref().into_iter().for_each(end_if_broken);
            }
            Err(error) => tracing::error!(?error, "pushes could not be turned into facts; they stay in the inbox"),
        }
        tokio::select! {
            // What comes together is turned into facts together.
            () = arrived.notified() => tokio::time::sleep(rest.max(GATHER)).await,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = release.tick() => {
                let own = store.clone();
                let work = move || own.release().and_then(|()| own.forget_pushed_notes(crate::now()));
                match web::off_the_async_threads(work).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::error!(%error, "pushes held back could not be tried again"),
                    Err(error) => tracing::error!(?error, "pushes held back could not be tried again"),
                }
            }
        }
    }
}
