//! The connections of a Grafana: made when one is needed, kept, and never more than it allows itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// What Grafana's data source allows itself unless somebody changes it.
const CONNECTIONS: usize = 100;
/// How many panels a browser asks for at once.
const AT_ONCE: usize = 6;

pub struct Pool {
    connect: Config,
    idle: Mutex<Vec<Client>>,
    places: Semaphore,
}

impl Pool {
    pub fn new(connect: Config) -> Pool {
        Pool { connect, idle: Mutex::default(), places: Semaphore::new(CONNECTIONS) }
    }

    /// How long a dashboard takes from the first question to the last row.
    pub async fn load(self: &Arc<Self>, board: &Arc<Vec<String>>) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let next = Arc::new(AtomicUsize::new(0));
        let mut asking = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (pool, board, next) = (Arc::clone(self), Arc::clone(board), Arc::clone(&next));
            asking.spawn(async move {
                while let Some(statement) = board.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let n_rows = pool.ask(statement).await?;
                    anyhow::ensure!(n_rows > 0 || !statement.contains("from metric"), "no rows: {statement}");
                }
                anyhow::Ok(())
            });
        }
        while let Some(asked) = asking.join_next().await {
            asked??;
        }
        Ok(begun.elapsed())
    }

    async fn ask(&self, statement: &str) -> anyhow::Result<usize> {
        let _place = self.places.acquire().await?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let client = match idle {
            Some(client) => client,
            None => {
                let (client, connection) = self.connect.connect(NoTls).await.context("connecting to the wire")?;
                // It ends with its client.
                tokio::spawn(connection);
                client
            }
        };
        // Grafana sends its statements by the simple protocol.
        let found = client.simple_query(statement).await.with_context(|| format!("asking {statement}"))?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        Ok(found.iter().filter(|message| matches!(message, SimpleQueryMessage::Row(_))).count())
    }
}
