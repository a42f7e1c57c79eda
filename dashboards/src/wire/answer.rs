//! What is sent in answer: descriptions, rows, and how it went.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{Sink, SinkExt as _, StreamExt as _};
use pgwire::api::portal::PortalExecutionState;
use pgwire::api::results::{FieldFormat, FieldInfo, Tag};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore, Type};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::data::{DataRow, RowDescription};
use pgwire::messages::extendedquery::PortalSuspended;
use pgwire::messages::response::{NoticeResponse, TransactionStatus};
use tokio::sync::mpsc;

use super::connection::Connection;
use super::session_statement::SessionStatement;
use crate::published::{Cancel, Done, Plan, Refusal};

/// A refusal as the protocol carries it.
pub(super) fn refused(refusal: Refusal) -> PgWireError {
    let mut info = ErrorInfo::new("ERROR".into(), refusal.sqlstate.into(), refusal.message);
    info.severity_nonlocalized = Some("ERROR".into());
    info.hint = refusal.hint;
    info.position = refusal.position.map(|position| position.to_string());
    PgWireError::UserError(Box::new(info))
}

pub(super) fn broken() -> Refusal {
    Refusal::new("XX000", "the query broke off; the server's log says why")
}

pub(super) enum Part {
    Rows(Vec<DataRow>),
    Done(Result<Done, Refusal>),
}

/// Rows on their way. Dropped, it ends the query: so does a client that is gone.
pub(super) struct Rows {
    pub(super) receive: mpsc::Receiver<Part>,
    pub(super) cancel: Cancel,
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Rows {
    /// The next rows, or how it went.
    async fn next(&mut self) -> Result<Part, Refusal> {
        let received = tokio::select! {
            received = self.receive.recv() => received,
            () = overdue(&self.cancel) => return Err(Refusal::unheeded()),
        };
        match received {
            Some(Part::Done(done)) => Ok(Part::Done(Ok(done?))),
            Some(rows) => Ok(rows),
            None => Err(broken()),
        }
    }
}

/// Over some time after a query was told to end and has not: it is within a piece of work that does not look whether it is to.
pub(super) async fn overdue(cancel: &Cancel) {
    const LOOK_EVERY: Duration = Duration::from_millis(500);
    const GRACE: u32 = 10;
    let mut n_looks = 0;
    while n_looks < GRACE {
        tokio::time::sleep(LOOK_EVERY).await;
        n_looks += u32::from(cancel.is_cancelled());
    }
}

pub(super) fn fields(plan: &Plan, formats: &[FieldFormat]) -> Vec<FieldInfo> {
    let field = |(column, format): (&crate::published::Column, &FieldFormat)| {
        let datatype = Type::from_oid(column.oid).unwrap_or(Type::TEXT);
        let size = match column.oid {
            16 | 18 => 1,
            21 => 2,
            23 | 26 | 700 | 1082 => 4,
            20 | 701 | 1083 | 1114 | 1184 => 8,
            1186 => 16,
            19 => 64,
            _ => -1,
        };
        FieldInfo::new(column.name.clone(), None, None, datatype, *format)
            .with_type_size(size)
            .with_type_modifier(column.modifier)
    };
    plan.columns.iter().zip(formats).map(field).collect()
}

pub(super) fn shown_fields(columns: &[&'static str]) -> Vec<FieldInfo> {
    let field =
        |name: &&str| FieldInfo::new((*name).to_owned(), None, None, Type::TEXT, FieldFormat::Text).with_type_size(-1);
    columns.iter().map(field).collect()
}

fn shown_row(values: &[String]) -> DataRow {
    use bytes::BufMut as _;
    let mut data = bytes::BytesMut::new();
    for value in values {
        data.put_i32(value.len() as i32);
        data.put_slice(value.as_bytes());
    }
    DataRow::new(data, values.len() as i16)
}

/// Hands a message on without sending it yet.
pub(super) async fn feed<C>(client: &mut C, message: PgWireBackendMessage) -> PgWireResult<()>
where
    C: Sink<PgWireBackendMessage> + Unpin,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    Ok(client.feed(message).await?)
}

pub(super) async fn send_rows<C>(client: &mut C, mut rows: Rows) -> PgWireResult<()>
where
    C: Sink<PgWireBackendMessage> + Unpin,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    loop {
        match rows.next().await.map_err(refused)? {
            Part::Rows(rows) => {
                for row in rows {
                    feed(client, PgWireBackendMessage::DataRow(row)).await?;
                }
            }
            Part::Done(done) => {
                let done = done.map_err(refused)?;
                if done.is_cut {
                    feed(client, PgWireBackendMessage::NoticeResponse(cut(done.n_rows))).await?;
                }
                let tag = Tag::new("SELECT").with_rows(done.n_rows as usize);
                return feed(client, PgWireBackendMessage::CommandComplete(tag.into())).await;
            }
        }
    }
}

fn cut(n_rows: u64) -> NoticeResponse {
    let message = format!("the result was cut off after {n_rows} rows, the most that a query may give");
    let mut info = ErrorInfo::new("WARNING".into(), "01000".into(), message);
    info.hint = Some("aggregate, or name a shorter time in WHERE; postgres_wire.rows raises the limit".into());
    info.into()
}

/// Does what a statement about the connection says.
pub(super) async fn obey<C>(client: &mut C, statement: &SessionStatement, describe: Describe) -> PgWireResult<()>
where
    C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin,
    C::PortalStore: PortalStore,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    let connection = Connection::of(client);
    let tag = match statement {
        SessionStatement::Begin(tag) => {
            client.set_transaction_status(TransactionStatus::Transaction);
            *tag
        }
        SessionStatement::End(tag) => {
            // What has failed can only be taken back.
            let has_failed = matches!(client.transaction_status(), TransactionStatus::Error);
            client.set_transaction_status(TransactionStatus::Idle);
            client.portal_store().clear_portals();
            if has_failed { "ROLLBACK" } else { *tag }
        }
        SessionStatement::Set { tag, setting } => {
            if *tag == "ROLLBACK" {
                client.set_transaction_status(TransactionStatus::Transaction);
            }
            if let Some((name, value)) = setting {
                connection.change(|session| match value {
                    Some(value) => {
                        session.settings.insert(name.clone(), value.clone());
                    }
                    None => {
                        session.settings.remove(name);
                    }
                });
            }
            *tag
        }
        SessionStatement::ResetAll => {
            connection.change(|session| session.settings.clear());
            "RESET"
        }
        SessionStatement::DiscardAll => {
            connection.change(|session| session.settings.clear());
            client.portal_store().clear_portals();
            connection.unprepare_all().iter().for_each(|name| client.portal_store().rm_statement(name));
            "DISCARD ALL"
        }
        SessionStatement::Deallocate(None) => {
            connection.unprepare_all().iter().for_each(|name| client.portal_store().rm_statement(name));
            "DEALLOCATE ALL"
        }
        SessionStatement::Deallocate(Some(name)) => {
            if !connection.unprepare(name) {
                let message = format!("prepared statement \"{name}\" does not exist");
                return Err(refused(Refusal::new("26000", message)));
            }
            client.portal_store().rm_statement(name);
            "DEALLOCATE"
        }
        SessionStatement::Show(columns, rows) => {
            if describe == Describe::Yes {
                let fields = shown_fields(columns);
                let described = RowDescription::new(fields.iter().map(Into::into).collect());
                feed(client, PgWireBackendMessage::RowDescription(described)).await?;
            }
            for row in rows {
                feed(client, PgWireBackendMessage::DataRow(shown_row(row))).await?;
            }
            "SHOW"
        }
    };
    feed(client, PgWireBackendMessage::CommandComplete(Tag::new(tag).into())).await
}

/// Whether an answer says what its columns are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Describe {
    Yes,
    No,
}

/// Refuses all but the end of a transaction in which something failed.
pub(super) fn check_transaction(client: &impl ClientInfo, statement: Option<&SessionStatement>) -> PgWireResult<()> {
    let ends = match statement {
        Some(SessionStatement::End(_)) => true,
        Some(SessionStatement::Set { tag, .. }) => *tag == "ROLLBACK",
        _ => false,
    };
    if matches!(client.transaction_status(), TransactionStatus::Error) && !ends {
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        return Err(refused(Refusal::new("25P02", message)));
    }
    Ok(())
}

/// Rows one by one, for a portal to keep. Where the limit on rows cuts them off, the number given is noted in `cut_at`.
pub(super) fn stream(
    rows: Rows,
    cut_at: Arc<AtomicU64>,
) -> impl futures_util::Stream<Item = PgWireResult<DataRow>> + Send + 'static {
    let state = (Some(rows), Vec::new().into_iter());
    futures_util::stream::unfold(state, move |(rows, mut ready)| {
        let cut_at = Arc::clone(&cut_at);
        async move {
            let mut rows = rows?;
            loop {
                if let Some(row) = Iterator::next(&mut ready) {
                    return Some((Ok(row), (Some(rows), ready)));
                }
                match rows.next().await {
                    Ok(Part::Rows(more)) => ready = more.into_iter(),
                    Ok(Part::Done(done)) => {
                        if let Ok(Done { n_rows, is_cut: true }) = done {
                            cut_at.store(n_rows, Ordering::Relaxed);
                        }
                        return None;
                    }
                    Err(refusal) => return Some((Err(refused(refusal)), (None, ready))),
                }
            }
        }
    })
}

/// Sends the next rows of a portal, so many at most; whether there are more is found out when they are asked for.
pub(super) async fn send_some<C>(client: &mut C, state: &mut PortalExecutionState, most: usize) -> PgWireResult<()>
where
    C: ClientInfo + Sink<PgWireBackendMessage> + Unpin,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    let mut n_rows = 0;
    if let PortalExecutionState::Suspended(response) = state {
        while let Some(row) = response.data_rows().next().await {
            feed(client, PgWireBackendMessage::DataRow(row?)).await?;
            n_rows += 1;
            if n_rows == most {
                return feed(client, PgWireBackendMessage::PortalSuspended(PortalSuspended::new())).await;
            }
        }
    }
    *state = PortalExecutionState::Finished;
    let cut_at = Connection::of(client).cut_at().swap(0, Ordering::Relaxed);
    if cut_at > 0 {
        feed(client, PgWireBackendMessage::NoticeResponse(cut(cut_at))).await?;
    }
    feed(client, PgWireBackendMessage::CommandComplete(Tag::new("SELECT").with_rows(n_rows).into())).await
}
