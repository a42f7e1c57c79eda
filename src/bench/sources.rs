//! How fast a source is read: the changes of a repository, from a replay of GitHub's answers on loopback, by what
//! `cairn collect` runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use store::Value;
use tokio::net::TcpListener;

use super::child::{Cairn, VARIABLE};
use super::replay::{REPOSITORY, Replay};
use super::report::Figure;
use crate::context::Context;

/// The changes that the limits are about.
pub const CHANGES: usize = 100_000;
const SECONDS: f64 = 60.0;
const MEMORY_MIB: f64 = 300.0;
const REQUESTS_PER_CHANGE: f64 = 1.0 / 50.0;

/// Measures the reading of so many changes by a binary.
pub fn measure(binary: &Path, folder: &Path, n_changes: usize) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Runtime::new().context("starting the threads of the replay")?;
    let folder = folder.join("sources");
    let replay = Replay::new(n_changes, crate::now())?;
    let (cairn, seconds, memory) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let configuration = format!(
            "[[source]]\nname = \"replay\"\nkind = \"github\"\nurl = \"http://{}\"\ntoken = \"${{{VARIABLE}}}\"\n\
             repositories = [\"{REPOSITORY}\"]\n",
            listener.local_addr()?
        );
        let routes = Arc::clone(&replay).routes();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let cairn = Cairn::new(binary, &folder, &configuration)?;
        let begun = Instant::now();
        let memory = cairn.start(&["collect"])?.end().await?;
        anyhow::Ok((cairn, begun.elapsed().as_secs_f64(), memory))
    })?;
    let store = Context::read(None, Some(cairn.store()))?.open_store()?;
    let found = store.query("select count(*) from facts.change", &[])?;
    anyhow::ensure!(found.rows == [[Value::Integer(n_changes as i64)]], "not every change arrived: {:?}", found.rows);
    drop(store);
    super::remove_store(&cairn.store())?;
    let per_change = replay.n_requests() as f64 / n_changes as f64;
    // The limits are about a hundred thousand; of other numbers the time is in proportion, the memory the same.
    let share = n_changes as f64 / CHANGES as f64;
    let read = format!("reading {} changes", crate::tables::count(n_changes as u64));
    Ok(vec![
        Figure::new(read, "s", Some(seconds)).at_most("source", SECONDS * share),
        Figure::new("memory of the reading", "MiB", memory).at_most("memory of a source", MEMORY_MIB),
        Figure::new("requests per change", "requests", Some(per_change))
            .at_most("requests of a source", REQUESTS_PER_CHANGE),
    ])
}
