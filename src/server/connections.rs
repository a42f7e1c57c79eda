//! Connections: each is served until it ends, and none is held by who begins a request and does not go on with it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

/// How long a client may take to send a request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Its line and headers, from the connection's begin, or from the answer before it.
    pub head: Duration,
    /// Its body.
    pub body: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head: Duration::from_secs(30), body: Duration::from_secs(300) }
    }
}

/// Serves until `stop` is over, then lets running requests finish.
pub(super) async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let app = app.layer(axum::middleware::from_fn_with_state(limits, limit_body));
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
    running.shutdown().await;
}

/// Ends a body that takes too long; whoever reads it is told so as of one that was cut off.
async fn limit_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let deadline = tokio::time::Instant::now() + limits.body;
    let limited = request.map(|body| {
        let seconds = limits.body.as_secs_f64();
        let chunks = futures_util::stream::unfold(Some(body.into_data_stream()), move |stream| async move {
            let mut stream = stream?;
            match tokio::time::timeout_at(deadline, stream.next()).await {
                Ok(chunk) => Some((chunk?.map_err(std::io::Error::other), Some(stream))),
                Err(_) => Some((Err(std::io::Error::other(format!("it took longer than {seconds} s"))), None)),
            }
        });
        Body::from_stream(chunks)
    });
    next.run(limited).await
}
