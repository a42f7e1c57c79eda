//! `POST /v1/hooks/{source}`: pushes. A push is believed by its signature, is in the inbox before it is answered, and is
//! turned into facts afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::{DateTime, Utc};
use collectors::hooks::{self, Delivery, Sort, Told};
use collectors::pull::{Note, Setting};
use facts::{AnyFact, BatchBuilder, Cell, Kind, PersonKey, Problem, RowOrigin};
use futures_util::StreamExt as _;
use serde::Serialize;
use store::{Push, Store, Waiting};
use tokio::sync::{Notify, mpsc, oneshot};
use utoipa::{OpenApi, ToSchema};
use web::{ApiError, ErrorBody, Json};

use crate::sources::Configured;

/// The largest push taken; GitHub's own limit is 25 MB.
const LARGEST: usize = 25 * 1024 * 1024;
/// Of a larger body so much is read before the connection is closed.
const READ_ON: usize = 128 * 1024 * 1024;
/// Pushes written to the disk at once.
const AT_ONCE: usize = 500;
/// Pushes turned into facts at once.
const TAKEN_AT_ONCE: usize = 5_000;
/// How long pushes are gathered before they are turned into facts.
const GATHER: Duration = Duration::from_millis(500);
/// How often pushes that were held back are tried again when no begin arrives: a source that is read may have told it.
const RELEASE_EVERY: Duration = Duration::from_secs(600);
/// How often the inbox is looked at when nothing arrives: what another process put there, or what failed before.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The route's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(push))]
pub(crate) struct HooksApi;

/// A source that pushes.
struct Pusher {
    sort: Sort,
    setting: Setting,
    /// Why it cannot be had, where it cannot.
    secret: Result<Option<String>, String>,
}

/// What the route needs.
#[derive(Clone)]
struct HooksState {
    pushers: Arc<BTreeMap<String, Pusher>>,
    /// Sources that do not push, with their kinds.
    only_read: Arc<BTreeMap<String, String>>,
    inbox: mpsc::Sender<Arrived>,
}

/// A push on its way to the disk, and whom to tell when it is there.
struct Arrived {
    push: Push,
    kept: oneshot::Sender<bool>,
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
        inbox,
    })
}

/// The whole body. One that is too large is read on for a while and thrown away: who is cut off while still sending sees
/// a broken connection instead of the reason.
async fn whole(body: Body) -> Result<Bytes, ApiError> {
    let mut stream = body.into_data_stream();
    let (mut kept, mut n_read) = (Vec::new(), 0);
    while n_read <= READ_ON {
        let Some(chunk) = stream.next().await else { break };
        let chunk = chunk
            .map_err(|error| ApiError::bad_request("BODY_CUT", format!("the body did not arrive whole: {error}")))?;
        n_read += chunk.len();
        if n_read > LARGEST {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&chunk);
        }
    }
    if n_read > LARGEST {
        let message = format!("the body is larger than {} MiB", LARGEST >> 20);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message));
    }
    Ok(kept.into())
}

/// Takes a push of a configured source. It is kept when this answers 202.
#[utoipa::path(
    post, path = "/v1/hooks/{source}",
    params(("source" = String, Path, description = "The source's name in cairn.toml")),
    request_body(content = String, description = "As the system sends it", content_type = "application/json"),
    responses(
        (status = 202, body = Accepted), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
async fn push(
    State(state): State<HooksState>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let Some(pusher) = state.pushers.get(&source) else {
        if let Some(kind) = state.only_read.get(&source) {
            return Err(ApiError::not_found(
                "SOURCE_DOES_NOT_PUSH",
                format!("`{source}` is of kind {kind}, which is read with cairn collect and does not push"),
            ));
        }
        let names: Vec<&str> = state.pushers.keys().map(String::as_str).collect();
        return Err(ApiError::not_found(
            "UNKNOWN_SOURCE",
            format!(
                "there is no source `{source}` that pushes{}; cairn.toml has {}",
                facts::did_you_mean(&source, &names),
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            ),
        ));
    };
    let secret = match &pusher.secret {
        Ok(Some(secret)) => secret,
        Ok(None) => {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "NO_SECRET",
                format!(
                    "[[source]] {source} has no secret_file (or secret), so its pushes cannot be believed; set one here and there"
                ),
            ));
        }
        // Where it was looked for is said in the server's log, not to strangers.
        Err(_) => {
            return Err(ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "SECRET_UNREADABLE",
                format!("the secret of [[source]] {source} cannot be read here; the server's log says why"),
            ));
        }
    };
    let body = whole(body).await?;
    let headers: Vec<(String, String)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let delivery = Delivery { headers: &headers, body: &body, at: crate::now() };
    hooks::verify(pusher.sort, secret.as_bytes(), &delivery)
        .map_err(|error| ApiError::new(StatusCode::UNAUTHORIZED, "SIGNATURE", error.to_string()))?;
    let id = hooks::delivery_id(pusher.sort, &delivery);
    let kept_headers: Vec<&(String, String)> = headers.iter().filter(|(name, _)| hooks::is_kept(name)).collect();
    let push = Push {
        source,
        delivery: id.clone(),
        received_at: delivery.at,
        headers: serde_json::to_string(&kept_headers).map_err(|error| ApiError::internal(error.to_string()))?,
        body: body.to_vec(),
    };
    let (kept, is_kept) = oneshot::channel();
    let not_kept = || {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "NOT_KEPT",
            "the push could not be kept; send it again".to_owned(),
        )
    };
    // A full queue means that the disk does not keep up: the sender tries again, as all of them do.
    state.inbox.try_send(Arrived { push, kept }).map_err(|_| not_kept())?;
    match is_kept.await {
        Ok(true) => Ok((StatusCode::ACCEPTED, Json(Accepted { delivery: id }))),
        _ => Err(not_kept()),
    }
}

/// Writes pushes to the disk, those that arrived together in one transaction.
async fn keep(store: Store, mut arrivals: mpsc::Receiver<Arrived>, arrived: Arc<Notify>) {
    let mut together = Vec::with_capacity(AT_ONCE);
    while arrivals.recv_many(&mut together, AT_ONCE).await > 0 {
        let (pushes, senders): (Vec<Push>, Vec<oneshot::Sender<bool>>) =
            together.drain(..).map(|one| (one.push, one.kept)).unzip();
        let store = store.clone();
        let kept = match web::off_the_async_threads(move || store.accept(&pushes)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "pushes could not be kept");
                false
            }
            Err(error) => {
                tracing::error!(?error, "pushes could not be kept");
                false
            }
        };
        for sender in senders {
            // Who does not wait any more will send it again.
            let _ = sender.send(kept);
        }
        arrived.notify_one();
    }
}

/// Turns pushes into facts for as long as the server runs.
async fn take(store: Store, key: PersonKey, pushers: Arc<BTreeMap<String, Pusher>>, arrived: Arc<Notify>) {
    let mut release = tokio::time::interval(RELEASE_EVERY);
    loop {
        let (own, key, pushers) = (store.clone(), key.clone(), Arc::clone(&pushers));
        let took = web::off_the_async_threads(move || take_once(&own, &key, &pushers)).await;
        match took {
            Ok(Ok(n)) if n == TAKEN_AT_ONCE => continue,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(
                error = format!("{error:#}"),
                "pushes could not be turned into facts; they stay in the inbox"
            ),
            Err(error) => tracing::error!(?error, "pushes could not be turned into facts; they stay in the inbox"),
        }
        tokio::select! {
            // What comes together is turned into facts together.
            () = arrived.notified() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = release.tick() => {
                let own = store.clone();
                match web::off_the_async_threads(move || own.release(None)).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => tracing::error!(%error, "pushes held back could not be tried again"),
                    Err(error) => tracing::error!(?error, "pushes held back could not be tried again"),
                }
            }
        }
    }
}

/// A push that was looked at: what it tells, and what keeps the rest of it from being facts.
struct Looked {
    waiting: Waiting,
    told: Vec<Told>,
    reasons: Vec<String>,
}

fn take_once(store: &Store, key: &PersonKey, pushers: &BTreeMap<String, Pusher>) -> anyhow::Result<usize> {
    let waiting = store.waiting(TAKEN_AT_ONCE)?;
    let n = waiting.len();
    let mut by_source: BTreeMap<String, Vec<Looked>> = BTreeMap::new();
    let mut checkers = BTreeMap::new();
    for one in waiting {
        let mut looked = match read(&one, pushers) {
            Ok((told, reasons)) => Looked { waiting: one, told, reasons },
            Err(reason) => Looked { waiting: one, told: Vec::new(), reasons: vec![reason] },
        };
        let source = looked.waiting.push.source.clone();
        looked.told.retain(|told| {
            let kind = told.fact.kind();
            let checker = checkers.entry(kind).or_insert_with(|| BatchBuilder::new(kind, key, &source, crate::now()));
            match checker.check(&told.fact.cells()) {
                Ok(()) => true,
                Err(problems) => {
                    looked.reasons.push(refusal(kind, &problems));
                    false
                }
            }
        });
        by_source.entry(source).or_default().push(looked);
    }
    for (source, mut looked) in by_source {
        let mut known = known_begins(store, &source, &looked)?;
        let n_known = known.len();
        for told in looked.iter().flat_map(|one| &one.told).filter(|told| told.has_begin) {
            if let Some(at) = begin_of(&told.fact) {
                let first = known.entry(name(&told.fact)).or_insert(at);
                *first = at.min(*first);
            }
        }
        let has_new_begins = known.len() > n_known;
        let (mut facts, mut early) = (Vec::new(), BTreeMap::new());
        for (place, one) in looked.iter_mut().enumerate() {
            for mut told in one.told.drain(..) {
                if told.has_begin {
                    facts.push((place, told));
                    continue;
                }
                let (kind, id) = name(&told.fact);
                match known.get(&(kind, id.clone())) {
                    None => {
                        let reason = "began was not told yet; this is tried again when it is";
                        early.entry(place).or_insert(format!("when {kind} `{id}` {reason}"));
                    }
                    // The event's own time stands where the begin belongs: an end before the begin would move it.
                    Some(begin) if begin_of(&told.fact).is_some_and(|at| at < *begin) => {
                        let begin = begin.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                        one.reasons
                            .push(format!("what it tells of {kind} `{id}` happened before that began ({begin})"));
                    }
                    Some(begin) => {
                        began_at(&mut told.fact, *begin);
                        facts.push((place, told));
                    }
                }
            }
        }
        for alike in facts.chunk_by(|(_, one), (_, next)| one.is_reopened == next.is_reopened) {
            for (place, reason) in write(store, key, &source, alike)? {
                looked[place].reasons.push(reason);
            }
        }
        if has_new_begins {
            store.release(Some(&source))?;
        }
        let (mut taken, mut held) = (Vec::new(), Vec::new());
        for (place, Looked { waiting, reasons, .. }) in looked.into_iter().enumerate() {
            match (early.remove(&place), reasons.is_empty()) {
                // What is wrong with it is told when its time has come.
                (Some(reason), _) => held.push((waiting.number, reason)),
                (None, true) => taken.push(waiting),
                (None, false) => {
                    let reason = reasons.join("; ");
                    tracing::warn!(source, number = waiting.number, %reason, "a push is not facts, or not all of it (cairn inbox list)");
                    store.bury(waiting.number, &reason)?;
                }
            }
        }
        store.hold(&held)?;
        store.taken(&taken, crate::now())?;
    }
    Ok(n)
}

fn refusal(kind: Kind, problems: &[Problem]) -> String {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    format!("the {kind} it tells of cannot be: {}", problems.join("; "))
}

/// What a fact is told apart by, within its source.
fn name(fact: &AnyFact) -> (Kind, String) {
    let (spec, cells) = (fact.kind().spec(), fact.cells());
    let parts = spec.identity.iter().filter_map(|name| spec.position(name)).map(|at| cells[at].to_string());
    (fact.kind(), parts.collect::<Vec<_>>().join(" "))
}

/// When a thing that events tell bit by bit began.
fn begin_of(fact: &AnyFact) -> Option<DateTime<Utc>> {
    match fact {
        AnyFact::Incident(incident) => Some(incident.opened_at),
        AnyFact::Ticket(ticket) => Some(ticket.opened_at),
        _ => None,
    }
}

fn began_at(fact: &mut AnyFact, at: DateTime<Utc>) {
    match fact {
        AnyFact::Incident(incident) => incident.opened_at = at,
        AnyFact::Ticket(ticket) => ticket.opened_at = at,
        _ => {}
    }
}

/// Of the things whose begin these pushes do not tell, when those began that the store knows.
fn known_begins(
    store: &Store,
    source: &str,
    looked: &[Looked],
) -> anyhow::Result<BTreeMap<(Kind, String), DateTime<Utc>>> {
    let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for told in looked.iter().flat_map(|one| &one.told).filter(|told| !told.has_begin) {
        let (kind, id) = name(&told.fact);
        asked.entry(kind).or_default().push(id);
    }
    let mut known = BTreeMap::new();
    for (kind, ids) in asked {
        known.extend(store.begins(kind, source, &ids)?.into_iter().map(|(id, at)| ((kind, id), at)));
    }
    Ok(known)
}

/// What a push tells, and why some of it is not told as it should be: to be mended and replayed, so it is not lost.
fn read(waiting: &Waiting, pushers: &BTreeMap<String, Pusher>) -> Result<(Vec<Told>, Vec<String>), String> {
    let push = &waiting.push;
    let Some(pusher) = pushers.get(&push.source) else {
        return Err(format!("there is no source `{}` in cairn.toml any more", push.source));
    };
    let headers: Vec<(String, String)> = serde_json::from_str(&push.headers).map_err(|error| error.to_string())?;
    let delivery = Delivery { headers: &headers, body: &push.body, at: push.received_at };
    let read = hooks::read(pusher.sort, &pusher.setting, &delivery).map_err(|error| error.to_string())?;
    let mut reasons = read.odd;
    for note in &read.notes {
        let said = crate::sources::in_words(note, 1);
        if matches!(note, Note::Unmapped { .. }) && !reasons.contains(&said) {
            reasons.push(said);
        } else {
            tracing::debug!(source = push.source, note = said, "of a push");
        }
    }
    Ok((read.facts, reasons))
}

/// Writes facts of pushes, each with the place of its push. What they leave open stays as it stands. Returns the places
/// of those that cannot be together, with the reasons.
fn write(store: &Store, key: &PersonKey, source: &str, told: &[(usize, Told)]) -> anyhow::Result<Vec<(usize, String)>> {
    let is_reopened = told.first().is_some_and(|(_, told)| told.is_reopened);
    let mut builders: BTreeMap<Kind, BatchBuilder> = BTreeMap::new();
    let mut refused = Vec::new();
    for Joined { kind, cells, places } in joined(told) {
        let builder = builders.entry(kind).or_insert_with(|| BatchBuilder::new(kind, key, source, crate::now()));
        if let Err(problems) = builder.push(&cells, RowOrigin::default()) {
            refused.extend(places.into_iter().map(|place| (place, refusal(kind, &problems))));
        }
    }
    let mut intake = store.begin(crate::now())?;
    for (kind, mut builder) in builders {
        let batch = builder.finish();
        if batch.n_future > 0 {
            tracing::warn!(source, %kind, n = batch.n_future, "pushed facts are of a time later than now; is a clock wrong?");
        }
        intake.stage(&batch)?;
        intake.keep_what_stands(kind, is_reopened)?;
    }
    intake.commit(None)?;
    Ok(refused)
}

/// What several pushes tell of one thing.
struct Joined<'a> {
    kind: Kind,
    cells: Vec<Cell<'a>>,
    places: Vec<usize>,
}

/// Facts of one thing as one: what a later one says stands, what it leaves open stays as an earlier one says. When
/// something began is the earliest that any of them says.
fn joined(told: &[(usize, Told)]) -> Vec<Joined<'_>> {
    let mut found: Vec<Joined<'_>> = Vec::new();
    let mut by_name: BTreeMap<(Kind, String), usize> = BTreeMap::new();
    for (place, Told { fact, .. }) in told {
        let (kind, spec, cells) = (fact.kind(), fact.kind().spec(), fact.cells());
        let at = *by_name.entry(name(fact)).or_insert(found.len());
        let Some(standing) = found.get_mut(at) else {
            found.push(Joined { kind, cells, places: vec![*place] });
            continue;
        };
        standing.places.push(*place);
        // As with what the store knows: a success is not undone.
        let is_success = |cells: &[Cell<'_>]| {
            let result = spec.position("result").and_then(|at| cells.get(at));
            kind == Kind::Deployment && result.is_some_and(|result| result.to_string() == "success")
        };
        if is_success(&standing.cells) {
            continue;
        }
        for ((column, old), new) in spec.columns.iter().zip(standing.cells.iter_mut()).zip(cells) {
            match (*old, new) {
                (_, Cell::Null) => {}
                (Cell::Time(first), Cell::Time(second)) if store::IS_EARLIEST.contains(&column.name) => {
                    *old = Cell::Time(first.min(second));
                }
                (_, new) => *old = new,
            }
        }
    }
    found
}
