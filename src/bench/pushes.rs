//! How fast pushes are accepted, and whether one that was accepted is ever lost: signed webhooks at an even pace, the
//! server killed in the middle of them and once more after the last.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use store::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::child::{Cairn, Running, SECRET, VARIABLE};
use super::report::Figure;
use crate::context::Context;

/// Pushes sent in a measurement.
pub const PUSHES: usize = 20_000;
const PER_SECOND: f64 = 2_000.0;
const P99_MS: f64 = 20.0;
/// Connections that are kept open, as those of systems that push are.
const CONNECTIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures so many pushes to a server of a binary.
pub fn measure(binary: &Path, folder: &Path, n_pushes: usize) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Runtime::new().context("starting the threads that push")?;
    let folder = folder.join("pushes");
    let address = free_address()?;
    let configuration = format!(
        "[server]\nlisten = \"{address}\"\n\n[[source]]\nname = \"replay\"\nkind = \"github\"\n\
         repositories = [\"acme/shop\"]\nsecret = \"${{{VARIABLE}}}\"\n"
    );
    let cairn = Cairn::new(binary, &folder, &configuration)?;
    let requests: Arc<Vec<Vec<u8>>> = Arc::new((0..n_pushes).map(request).collect::<Result<_, _>>()?);
    let (answered, memory) = runtime.block_on(async {
        let mut server = start(&cairn, &address).await?;
        let mut answered = Vec::new();
        // The kill comes while the middle third is being sent; what it cuts off is not accepted, and not sent again.
        let thirds = [0, n_pushes / 3, n_pushes * 2 / 3, n_pushes];
        for (third, range) in thirds.windows(2).enumerate() {
            let sending = send(&address, &requests, range[0]..range[1]);
            if third == 1 {
                let until = Duration::from_secs_f64((range[1] - range[0]) as f64 / PER_SECOND / 2.0);
                let killing = async {
                    tokio::time::sleep(until).await;
                    drop(server);
                };
                answered.extend(tokio::join!(sending, killing).0?);
                server = start(&cairn, &address).await?;
            } else {
                answered.extend(sending.await?);
            }
        }
        let memory = server.peak_mib();
        drop(server);
        anyhow::Ok((answered, memory))
    })?;
    let n_lost = lost(&cairn, &answered)?;
    super::remove_store(&cairn.store())?;
    // Of the first third and the last no push was cut off: their pace and their waits are those of the server.
    let mut waits: Vec<f64> = (answered.iter())
        .filter(|answer| !(n_pushes / 3..n_pushes * 2 / 3).contains(&answer.push))
        .map(|answer| answer.took.as_secs_f64() * 1_000.0)
        .collect();
    waits.sort_unstable_by(f64::total_cmp);
    let late =
        |share: f64| waits.get(((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1))).copied();
    let third: Vec<&Answered> = answered.iter().filter(|answer| answer.push < n_pushes / 3).collect();
    let pace = third.iter().map(|answer| answer.at).max().map(|last| third.len() as f64 / last.as_secs_f64());
    Ok(vec![
        // A client that keeps the pace on a busy machine is a little late with the last; that is not the server's.
        Figure::new("pushes accepted", "pushes/s", pace).at_least("pushes", PER_SECOND * 0.98),
        Figure::new("pushes, half answered within", "ms", late(0.5)),
        Figure::new("pushes, 99 of 100 answered within", "ms", late(0.99)).at_most("answer to a push", P99_MS),
        Figure::new("pushes accepted and lost by two kills", "pushes", Some(n_lost as f64)).at_most("lost pushes", 0.0),
        Figure::new("memory of the server that is pushed to", "MiB", memory),
    ])
}

/// A push that was accepted.
struct Answered {
    push: usize,
    /// When its answer came, from the first of its range.
    at: Duration,
    took: Duration,
}

pub(super) fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

pub(super) async fn start(cairn: &Cairn, address: &str) -> anyhow::Result<Running> {
    let server = cairn.start(&["serve"])?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the server did not listen on {address} within {PATIENCE:?}")
}

/// The push of a number, signed, as it goes over the wire.
pub(super) fn request(number: usize) -> anyhow::Result<Vec<u8>> {
    let body = serde_json::json!({
        "deployment_status": { "state": "success", "created_at": "2026-01-05T10:01:00Z" },
        "deployment": {
            "id": number, "environment": "production", "sha": format!("{number:040x}"),
            "created_at": "2026-01-05T10:00:00Z",
        },
        "repository": { "full_name": "acme/shop" },
    })
    .to_string();
    let mut signature = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    signature.update(body.as_bytes());
    let signature: String = signature.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!(
        "POST /v1/hooks/replay HTTP/1.1\r\nhost: bench\r\nx-github-event: deployment_status\r\n\
         x-github-delivery: delivery-{number}\r\nx-hub-signature-256: sha256={signature}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes())
}

/// Sends a range of pushes at the pace, over a few connections; those that were accepted.
async fn send(
    address: &str,
    requests: &Arc<Vec<Vec<u8>>>,
    range: std::ops::Range<usize>,
) -> anyhow::Result<Vec<Answered>> {
    let mut connections = JoinSet::new();
    let begin = tokio::time::Instant::now();
    for first in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).await.context("connecting to the server")?;
        stream.set_nodelay(true)?;
        let (requests, range) = (Arc::clone(requests), range.clone());
        connections.spawn(async move {
            let mut answered = Vec::new();
            let mut buffer = vec![0_u8; 4_096];
            for push in (range.start + first..range.end).step_by(CONNECTIONS) {
                let due = Duration::from_secs_f64((push - range.start) as f64 / PER_SECOND);
                tokio::time::sleep_until(begin + due).await;
                let sent = Instant::now();
                let exchange = async {
                    stream.write_all(&requests[push]).await?;
                    stream.read(&mut buffer).await
                };
                match exchange.await {
                    Ok(n) if buffer[..n].starts_with(b"HTTP/1.1 202 ") => {
                        answered.push(Answered { push, at: begin.elapsed(), took: sent.elapsed() });
                    }
                    // Killed: this connection is gone.
                    Ok(0) | Err(_) => break,
                    Ok(n) => bail!("a push was refused: {}", String::from_utf8_lossy(&buffer[..n])),
                }
            }
            Ok(answered)
        });
    }
    let mut answered = Vec::new();
    while let Some(of_one) = connections.join_next().await {
        answered.extend(of_one??);
    }
    Ok(answered)
}

/// How many pushes were accepted and are neither facts nor waiting to become some. One that is twice a fact is an error.
fn lost(cairn: &Cairn, answered: &[Answered]) -> anyhow::Result<usize> {
    let store = Context::read(None, Some(cairn.store()))?.open_store()?;
    let facts = store.query("select id from facts.deployment", &[])?;
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    for row in &facts.rows {
        let number = match &row[..] {
            [Value::Text(id)] => id.parse().ok(),
            _ => None,
        };
        anyhow::ensure!(number.is_some_and(|number| kept.insert(number)), "a deployment is there twice: {row:?}");
    }
    for waiting in store.waiting(1_000_000, u64::MAX)?.pushes {
        let body: serde_json::Value = serde_json::from_slice(&waiting.push.body)?;
        kept.extend(body["deployment"]["id"].as_u64().map(|number| number as usize));
    }
    Ok(answered.iter().filter(|answer| !kept.contains(&answer.push)).count())
}
