//! PostgreSQL's wire: whoever speaks its protocol reads the published tables. The protocol itself is that of the crate
//! `pgwire`; what may be read, and how it is answered, is `published`.

mod answer;
mod connection;
mod contained;
mod decode;
mod encode;
mod query;
mod session_statement;
mod startup;
mod tls;
mod verifier;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pgwire::api::PgWireServerHandlers;
use pgwire::api::auth::StartupHandler;
use pgwire::api::cancel::CancelHandler;
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use pgwire::tokio::process_socket;
use store::Store;
use tokio::io::Interest;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::published::Published;
use connection::{Canceller, Connections};
use contained::Contained;
use query::Queries;
use startup::{Entrance, Startup};

pub use tls::{Tls, TlsError};
pub use verifier::scram_verifier;

/// How the wire is served.
pub struct WireOptions {
    /// The certificate and its key; none: connections are not encrypted.
    pub tls: Option<Tls>,
    /// Connections without TLS are refused.
    pub needs_tls: bool,
    /// How many connections there may be at once.
    pub connections: usize,
}

/// Connections beyond those that there may be: they are told so, and may cancel a query, but ask nothing.
const BEYOND: usize = 32;
/// How long any connection may take to say who it is: whoever does not keeps others out.
const HELLO_LASTS: Duration = Duration::from_secs(10);

struct Handlers {
    startup: Arc<Entrance>,
    queries: Arc<Queries>,
    canceller: Arc<Canceller>,
}

impl PgWireServerHandlers for Handlers {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::clone(&self.queries)
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::clone(&self.queries)
    }

    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        Arc::clone(&self.startup)
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        Arc::clone(&self.canceller)
    }
}

/// Serves until `stop` is over; connections then end, and with them their queries.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    published: Published,
    options: WireOptions,
    stop: impl Future<Output = ()>,
) {
    let connections = Arc::new(Connections::default());
    let certificate = options.tls.as_ref().map(|tls| &tls.certificate[..]);
    let startup = Arc::new(Startup::new(store, Arc::clone(&connections), certificate, options.needs_tls));
    let queries = Arc::new(Queries { published });
    let canceller = Arc::new(Canceller(connections));
    let handlers = |is_full: bool| {
        Arc::new(Handlers {
            startup: Arc::new(Entrance {
                startup: Arc::clone(&startup),
                is_full,
                has_chosen: AtomicBool::new(false),
                is_plain: AtomicBool::new(false),
                is_in: AtomicBool::new(false),
            }),
            queries: Arc::clone(&queries),
            canceller: Arc::clone(&canceller),
        })
    };
    let acceptor = options.tls.map(|tls| tls.acceptor);
    let places = Arc::new(Semaphore::new(options.connections));
    let places_beyond = Arc::new(Semaphore::new(BEYOND));
    let mut running = tokio::task::JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
            Some(_) = running.join_next(), if !running.is_empty() => continue,
        };
        let Ok((socket, peer)) = accepted else {
            // Out of file descriptors, most likely: those that end make room.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let acceptor = acceptor.clone();
        let place = Arc::clone(&places).try_acquire_owned();
        let (place, handlers) = match place {
            Ok(place) => (place, handlers(false)),
            Err(_) => {
                tracing::warn!(%peer, "all connections to the PostgreSQL wire are taken; one more may only cancel a query");
                match Arc::clone(&places_beyond).try_acquire_owned() {
                    Ok(place) => (place, handlers(true)),
                    Err(_) => continue,
                }
            }
        };
        running.spawn(async move {
            let _place = place;
            let entrance = Arc::clone(&handlers.startup);
            let is_late = async {
                tokio::time::sleep(HELLO_LASTS).await;
                if entrance.is_in.load(Ordering::Acquire) {
                    std::future::pending::<()>().await;
                }
            };
            let ended = tokio::select! {
                ended = converse(socket, peer, acceptor, handlers) => ended,
                () = is_late => Ok(()),
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection to the PostgreSQL wire broke off");
            }
        });
    }
    running.shutdown().await;
}

/// Answers a client until it has gone. The library does not look at the socket while a query runs, so that is done beside it.
async fn converse(
    socket: TcpStream,
    peer: SocketAddr,
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    handlers: Arc<Handlers>,
) -> std::io::Result<()> {
    let entrance = Arc::clone(&handlers.startup);
    socket.set_nodelay(true)?;
    let socket = socket.into_std()?;
    let watched = TcpStream::from_std(socket.try_clone()?)?;
    let socket = TcpStream::from_std(socket)?;
    let ended = tokio::select! {
        ended = Contained::new(process_socket(socket, acceptor, handlers)) => ended,
        () = gone(&watched) => return Ok(()),
    };
    ended.unwrap_or_else(|reason| {
        tracing::warn!(%peer, reason, "a message to the PostgreSQL wire cannot be read; its connection is closed");
        if entrance.is_plain.load(Ordering::Acquire) {
            contained::tell(&watched);
        }
        Ok(())
    })
}

/// Over some time after the client has closed its side.
async fn gone(socket: &TcpStream) {
    const LOOK_EVERY: Duration = Duration::from_millis(200);
    loop {
        match socket.ready(Interest::READABLE).await {
            // What it sent before it went is still answered, if that is quick.
            Ok(ready) if ready.is_read_closed() => {
                tokio::time::sleep(LOOK_EVERY).await;
                return;
            }
            Ok(_) => tokio::time::sleep(LOOK_EVERY).await,
            Err(_) => return,
        }
    }
}
