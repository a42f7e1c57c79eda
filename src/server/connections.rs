//! Connections: each is served until it ends, and none is held by who begins a request and does not go on with it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Of the body of a request that is refused so much is read before the connection is closed.
const READ_ON: usize = 128 * 1024 * 1024;

/// Where pushes arrive.
const PUSHES: &str = "/v1/hooks/";

/// How long a client may take to send a request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Its line and headers, from the connection's begin, or from the answer before it.
    pub head: Duration,
    /// Its body.
    pub body: Duration,
    /// The body of a push: who pushes waits ten seconds himself, and one that comes slowly holds room that others want.
    pub push: Duration,
    /// All that is left to do when the server is stopped.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let seconds = Duration::from_secs;
        Limits { head: seconds(30), body: seconds(300), push: seconds(30), stop: seconds(10) }
    }
}

/// Serves until `stop` is over, then lets running requests finish.
pub(super) async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let app = app.layer(axum::middleware::from_fn_with_state(limits, read_body));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let running = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, say: it may be better in a moment, and asking at once would only turn in circles.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app.clone()));
        let connection = running.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    // Who sends slowly is not waited for: who stopped the server gives it little time, and kills it then.
    if tokio::time::timeout(limits.stop, running.shutdown()).await.is_err() {
        tracing::warn!("requests that do not end are cut off");
    }
}

/// A body as it arrives.
struct Arriving {
    stream: BodyDataStream,
    deadline: Instant,
    limit: Duration,
    n_read: usize,
}

impl Arriving {
    /// The next piece. A body that takes too long ends with an error, as one does that was cut off.
    async fn next(&mut self) -> Option<Result<axum::body::Bytes, std::io::Error>> {
        match tokio::time::timeout_at(self.deadline, self.stream.next()).await {
            Ok(chunk) => {
                let chunk = chunk?.map_err(std::io::Error::other);
                self.n_read += chunk.as_ref().map_or(0, |chunk| chunk.len());
                Some(chunk)
            }
            Err(_) => Some(Err(std::io::Error::other(format!("it took longer than {} s", self.limit.as_secs_f64())))),
        }
    }
}

/// Ends a body that takes too long. Of a request that is refused the body is read on for a while and thrown away: who is
/// cut off while still sending sees a broken connection instead of the reason.
async fn read_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits to be told to go on has sent nothing that could be cut off.
    let waits = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let limit = if parts.uri.path().starts_with(PUSHES) { limits.push } else { limits.body };
    let arriving = Arriving { stream: body.into_data_stream(), deadline: Instant::now() + limit, limit, n_read: 0 };
    let arriving = Arc::new(Mutex::new(arriving));
    let chunks = futures_util::stream::unfold(Some(Arc::clone(&arriving)), |arriving| async move {
        let arriving = arriving?;
        let chunk = arriving.lock().await.next().await?;
        let goes_on = chunk.is_ok();
        Some((chunk, goes_on.then_some(arriving)))
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(chunks))).await;
    let is_refused = response.status().is_client_error() || response.status().is_server_error();
    let mut rest = arriving.lock().await;
    if is_refused && !(waits && rest.n_read == 0) {
        while rest.n_read <= READ_ON && matches!(rest.next().await, Some(Ok(_))) {}
    }
    drop(rest);
    response
}
