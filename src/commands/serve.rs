//! `cairn serve`: the overview page and the API.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::context::Context;
use crate::{postgres_wire, server};

/// Runs the command until it is told to stop.
pub(crate) fn run(context: &Context, listen: Option<&str>) -> anyhow::Result<ExitCode> {
    // Before the store is opened, so that a server that cannot be there leaves none behind.
    let listener = server::bind(listen.unwrap_or(&context.config.server.listen))?;
    let store = context.open_store()?;
    serve(context, store, listener, |_| {})?;
    Ok(ExitCode::SUCCESS)
}

/// Serves a store until it is told to stop. `before` is told the address before anybody is answered.
pub(crate) fn serve(
    context: &Context,
    store: store::Store,
    listener: TcpListener,
    before: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("asking for the address listened on")?;
    if !address.ip().is_loopback() && store.tokens()?.is_empty() {
        bail!(
            "{address} is not on this machine only, so every request needs a token, and there is none yet; make one first: {}",
            context.proposed("token create --name reader --scope read")
        );
    }
    let engine = context.engine(store)?;
    let key = context.person_key()?;
    let runtime = tokio::runtime::Runtime::new().context("starting the server's threads")?;
    let served = runtime.block_on(async {
        before(address);
        let wire = postgres_wire::listen(&context.config.postgres_wire, &engine).await?;
        let (stopping, stopped) = tokio::sync::watch::channel(());
        let wire = tokio::spawn(async move {
            let mut stopped = stopped;
            if let Some(wire) = wire {
                // The sender is never used but dropped, which is what is waited for.
                wire.serve(async move { drop(stopped.changed().await) }).await;
            }
        });
        let config = context.config.clone();
        let parts = server::Parts { engine, key, config, limits: server::Limits::default(), clock: crate::now };
        let served = server::run(listener, parts, server::stop_signal()?).await;
        drop(stopping);
        wire.await.context("stopping the PostgreSQL wire")?;
        served
    });
    // What is at work off the async threads has as long again. A query may be within a piece of work that cannot be ended, and
    // would hold the process, and with it the store, for as long as that takes.
    runtime.shutdown_timeout(server::Limits::default().stop);
    served
}
