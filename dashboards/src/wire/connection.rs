//! What is kept of a connection, and how a request to cancel finds its query.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pgwire::api::ClientInfo;
use pgwire::api::cancel::CancelHandler;
use pgwire::messages::cancel::CancelRequest;
use pgwire::messages::startup::SecretKey;

use crate::published::{Cancel, Session};

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    session: Mutex<Session>,
    running: Mutex<Option<Cancel>>,
    /// The names of the prepared statements: the library that keeps them does not list them.
    prepared: Mutex<BTreeSet<String>>,
    /// After how many rows the limit cut off what a portal gave last; 0 where it did not.
    cut_at: Arc<AtomicU64>,
}

impl Connection {
    /// The connection of a client.
    pub(super) fn of(client: &(impl ClientInfo + ?Sized)) -> Arc<Connection> {
        client.session_extensions().get_or_insert_with(Connection::default)
    }

    pub(super) fn session(&self) -> Session {
        locked(&self.session).clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Session)) {
        change(&mut locked(&self.session));
    }

    /// A flag for a statement that begins, from when it is looked at; a request to cancel sets it.
    pub(super) fn begin(&self) -> Cancel {
        let cancel = Cancel::default();
        *locked(&self.running) = Some(cancel.clone());
        cancel
    }

    /// Notes the name of a prepared statement.
    pub(super) fn prepare(&self, name: &str) {
        locked(&self.prepared).insert(name.to_owned());
    }

    /// Forgets the name of a prepared statement; says whether there was one.
    pub(super) fn unprepare(&self, name: &str) -> bool {
        locked(&self.prepared).remove(name)
    }

    /// Forgets the names of all prepared statements, and gives them.
    pub(super) fn unprepare_all(&self) -> BTreeSet<String> {
        std::mem::take(&mut locked(&self.prepared))
    }

    pub(super) fn cut_at(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.cut_at)
    }

    fn cancel(&self) {
        if let Some(cancel) = locked(&self.running).take() {
            cancel.cancel();
        }
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All connections, by the number and secret that each was told.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<HashMap<Told, Arc<Connection>>>);

/// The number and the secret that a connection was told, by which it can be cancelled.
type Told = (i32, Vec<u8>);

/// Takes a connection out of the list when it ends.
pub(super) struct Listed {
    connections: Arc<Connections>,
    key: Told,
}

impl Connections {
    pub(super) fn add(self: &Arc<Self>, number: i32, secret: &SecretKey, connection: Arc<Connection>) -> Listed {
        let key = (number, secret_bytes(secret));
        locked(&self.0).insert(key.clone(), connection);
        Listed { connections: Arc::clone(self), key }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        locked(&self.connections.0).remove(&self.key);
    }
}

fn secret_bytes(secret: &SecretKey) -> Vec<u8> {
    match secret {
        SecretKey::I32(number) => number.to_be_bytes().to_vec(),
        SecretKey::Bytes(bytes) => bytes.to_vec(),
    }
}

/// Answers requests to cancel. Who knows neither number nor secret cancels nothing, and is told nothing.
pub(super) struct Canceller(pub(super) Arc<Connections>);

#[async_trait]
impl CancelHandler for Canceller {
    async fn on_cancel_request(&self, request: CancelRequest) {
        let key = (request.pid, secret_bytes(&request.secret_key));
        let found = locked(&self.0.0).get(&key).map(Arc::clone);
        if let Some(connection) = found {
            connection.cancel();
        }
    }
}
