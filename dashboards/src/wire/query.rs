//! Queries, by the simple and the extended protocol.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::Sink;
use pgwire::api::portal::{Format, Portal, PortalExecutionState};
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler, send_ready_for_query};
use pgwire::api::results::{FieldFormat, FieldInfo, QueryResponse, Response};
use pgwire::api::stmt::{QueryParser, StoredStatement};
use pgwire::api::store::{Entry, PortalStore};
use pgwire::api::{ClientInfo, ClientPortalStore, DEFAULT_NAME, PgWireConnectionState, Type};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::data::RowDescription;
use pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Execute, Parse, ParseComplete, Sync as SyncMessage,
    TARGET_TYPE_BYTE_STATEMENT,
};
use pgwire::messages::response::{EmptyQueryResponse, TransactionStatus};
use pgwire::messages::simplequery::Query;
use tokio::sync::mpsc;

use super::answer::{
    Describe, Part, Rows, broken, check_transaction, feed, fields, obey, overdue, refused, send_rows, send_some,
    shown_fields, stream,
};
use super::connection::Connection;
use super::session_statement::{self, SessionStatement};
use super::{decode, encode};
use crate::published::{Cancel, Plan, Published, Refusal, Session, statements};

/// How often a query that waits for its client looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A statement that was understood.
#[derive(Debug, Clone)]
pub(super) enum Statement {
    /// It concerns the connection.
    Session(SessionStatement),
    /// It reads.
    Read(Box<Plan>),
}

/// Answers queries.
#[derive(Clone)]
pub(super) struct Queries {
    pub(super) published: Published,
}

impl Queries {
    /// Understands one statement. The flag ends that too: a statement may wait long for its turn.
    async fn understand(
        &self,
        sql: &str,
        types: Vec<u32>,
        session: Session,
        cancel: &Cancel,
    ) -> Result<Statement, Refusal> {
        if let Some(statement) = session_statement::read(sql, &session)? {
            return Ok(Statement::Session(statement));
        }
        let (published, sql, cancel) = (self.published.clone(), sql.to_owned(), cancel.clone());
        let flag = cancel.clone();
        let plan = tokio::select! {
            plan = web::off_the_async_threads(move || published.plan(&sql, &types, &session, &cancel)) => plan,
            () = overdue(&flag) => return Err(Refusal::unheeded()),
        };
        Ok(Statement::Read(Box::new(plan.map_err(|_| broken())??)))
    }

    /// Starts to run a plan; rows come by the channel, in the end how it went.
    fn start(
        &self,
        plan: &Plan,
        values: Vec<Option<String>>,
        formats: Vec<FieldFormat>,
        session: Session,
        cancel: Cancel,
    ) -> Rows {
        // A few batches on their way keep both sides at work; more would only take memory.
        let (send, receive) = mpsc::channel(4);
        let (published, plan, flag) = (self.published.clone(), plan.clone(), cancel.clone());
        tokio::task::spawn_blocking(move || {
            let oids: Vec<u32> = plan.columns.iter().map(|column| column.oid).collect();
            let waiting = tokio::runtime::Handle::current();
            let mut take = |batch: arrow::array::RecordBatch| {
                let rows = Part::Rows(encode::rows(&batch, &oids, &formats));
                // Where the client takes no more for now, the sandbox is not its own for longer than the query may run.
                while !flag.is_cancelled() {
                    match waiting.block_on(async { tokio::time::timeout(LOOK_EVERY, send.reserve()).await }) {
                        Ok(Ok(place)) => {
                            place.send(rows);
                            return ControlFlow::Continue(());
                        }
                        Ok(Err(_)) => break,
                        Err(_) => {}
                    }
                }
                ControlFlow::Break(())
            };
            let done = published.run(&plan, &values, &session, &flag, &mut take);
            // Nobody listens any more where the client is gone.
            let _ = send.blocking_send(Part::Done(done));
        });
        Rows { receive, cancel }
    }
}

#[async_trait]
impl SimpleQueryHandler for Queries {
    async fn on_query<C>(&self, client: &mut C, query: Query) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        client.set_state(PgWireConnectionState::QueryInProgress);
        client.portal_store().rm_portal(DEFAULT_NAME);
        let all = statements(&query.query);
        if all.is_empty() {
            feed(client, PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await?;
        }
        for sql in all {
            let connection = Connection::of(client);
            let session = connection.session();
            let early = session_statement::read(sql, &session).ok().flatten();
            check_transaction(client, early.as_ref())?;
            let cancel = connection.begin();
            match self.understand(sql, Vec::new(), session.clone(), &cancel).await.map_err(refused)? {
                Statement::Session(statement) => obey(client, &statement, Describe::Yes).await?,
                Statement::Read(plan) => {
                    let formats = vec![FieldFormat::Text; plan.columns.len()];
                    let fields = fields(&plan, &formats);
                    let rows = self.start(&plan, Vec::new(), formats, session, cancel);
                    let described = RowDescription::new(fields.iter().map(Into::into).collect());
                    feed(client, PgWireBackendMessage::RowDescription(described)).await?;
                    send_rows(client, rows).await?;
                }
            }
        }
        client.set_state(PgWireConnectionState::ReadyForQuery);
        let status = client.transaction_status();
        send_ready_for_query(client, status).await
    }

    async fn do_query<C>(&self, _: &mut C, _: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        // `on_query` does all of it, so that each statement is answered before the next is looked at.
        Ok(Vec::new())
    }
}

#[async_trait]
impl QueryParser for Queries {
    type Statement = Statement;

    async fn parse_sql<C>(&self, client: &C, sql: &str, types: &[Option<Type>]) -> PgWireResult<Option<Statement>>
    where
        C: ClientInfo + Unpin + Send + Sync,
    {
        let connection = Connection::of(client);
        let session = connection.session();
        let all = statements(sql);
        let sql = match &all[..] {
            [] => return Ok(None),
            [one] => *one,
            _ => {
                let message = "cannot insert multiple commands into a prepared statement";
                return Err(refused(Refusal::new("42601", message)));
            }
        };
        let early = session_statement::read(sql, &session).ok().flatten();
        check_transaction(client, early.as_ref())?;
        let types = types.iter().map(|known| known.as_ref().map_or(0, Type::oid)).collect();
        self.understand(sql, types, session, &connection.begin()).await.map(Some).map_err(refused)
    }

    fn get_parameter_types(&self, statement: &Statement) -> PgWireResult<Vec<Type>> {
        Ok(match statement {
            Statement::Session(_) => Vec::new(),
            Statement::Read(plan) => {
                plan.parameters.iter().map(|oid| Type::from_oid(*oid).unwrap_or(Type::TEXT)).collect()
            }
        })
    }

    fn get_result_schema(&self, statement: &Statement, format: Option<&Format>) -> PgWireResult<Vec<FieldInfo>> {
        Ok(match statement {
            Statement::Session(SessionStatement::Show(columns, _)) => shown_fields(columns),
            Statement::Session(_) => Vec::new(),
            Statement::Read(plan) => {
                fields(plan, &formats(format.unwrap_or(&Format::UnifiedText), plan.columns.len())?)
            }
        })
    }
}

/// The form of each column, as many as there are.
fn formats(format: &Format, n_columns: usize) -> PgWireResult<Vec<FieldFormat>> {
    match format {
        Format::UnifiedText => Ok(vec![FieldFormat::Text; n_columns]),
        Format::UnifiedBinary => Ok(vec![FieldFormat::Binary; n_columns]),
        Format::Individual(codes) if codes.len() == n_columns => {
            Ok(codes.iter().map(|code| FieldFormat::from(*code)).collect())
        }
        Format::Individual(codes) => {
            let message = format!("bind message has {} result formats but query has {n_columns} columns", codes.len());
            Err(refused(Refusal::new("08P01", message)))
        }
    }
}

/// The texts of a portal's parameters.
fn values(plan: &Plan, portal: &Portal<Statement>) -> Result<Vec<Option<String>>, Refusal> {
    let (given, needed) = (portal.parameters.len(), plan.parameters.len());
    if given != needed {
        let message = format!("bind message supplies {given} parameters, but prepared statement requires {needed}");
        return Err(Refusal::new("08P01", message));
    }
    let format = |place: usize| match &portal.parameter_format {
        Format::Individual(codes) => codes.get(place).map_or(FieldFormat::Text, |code| FieldFormat::from(*code)),
        Format::UnifiedBinary => FieldFormat::Binary,
        Format::UnifiedText => FieldFormat::Text,
    };
    let parameters = portal.parameters.iter().zip(&plan.parameters).enumerate();
    parameters
        .map(|(place, (value, oid))| value.as_ref().map(|bytes| decode::text(bytes, *oid, format(place))).transpose())
        .collect()
}

#[async_trait]
impl ExtendedQueryHandler for Queries {
    type Statement = Statement;
    type QueryParser = Queries;

    fn query_parser(&self) -> Arc<Queries> {
        Arc::new(self.clone())
    }

    /// A name that is taken is refused, as PostgreSQL does; the unnamed statement is replaced.
    async fn on_parse<C>(&self, client: &mut C, message: Parse) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        if name != DEFAULT_NAME && client.portal_store().get_statement(name).is_some() {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(refused(Refusal::new("42P05", message)));
        }
        match StoredStatement::parse(client, &message, self.query_parser()).await? {
            Some(statement) => client.portal_store().put_statement(Arc::new(statement)),
            None => client.portal_store().put_empty_statement(name),
        }
        Connection::of(client).prepare(name);
        feed(client, PgWireBackendMessage::ParseComplete(ParseComplete::new())).await
    }

    /// The same of portals.
    async fn on_bind<C>(&self, client: &mut C, message: Bind) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.portal_name.as_deref().unwrap_or(DEFAULT_NAME);
        if name != DEFAULT_NAME && client.portal_store().get_portal(name).is_some() {
            return Err(refused(Refusal::new("42P03", format!("cursor \"{name}\" already exists"))));
        }
        let statement = message.statement_name.as_deref().unwrap_or(DEFAULT_NAME);
        match client.portal_store().get_statement(statement) {
            Some(Entry::Value(statement)) => {
                client.portal_store().put_portal(Arc::new(Portal::try_new(&message, statement)?));
            }
            Some(Entry::Empty) => client.portal_store().put_empty_portal(name),
            None => return Err(PgWireError::StatementNotFound(statement.to_owned())),
        }
        feed(client, PgWireBackendMessage::BindComplete(BindComplete::new())).await
    }

    async fn on_execute<C>(&self, client: &mut C, message: Execute) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let Some(Entry::Value(portal)) = client.portal_store().get_portal(name) else {
            return self._on_execute(client, message).await;
        };
        let plan = match &portal.statement.statement {
            Statement::Session(statement) => {
                check_transaction(client, Some(statement))?;
                return obey(client, statement, Describe::No).await;
            }
            Statement::Read(plan) => plan,
        };
        check_transaction(client, None)?;
        // Who takes the rows a few at a time has the portal keep the rest; 0 asks for all.
        let most = usize::try_from(message.max_rows).unwrap_or(0);
        let state = portal.state();
        let mut state = state.lock().await;
        if matches!(*state, PortalExecutionState::Initial) {
            let formats = formats(&portal.result_column_format, plan.columns.len())?;
            let values = values(plan, &portal).map_err(refused)?;
            let connection = Connection::of(client);
            let fields = Arc::new(fields(plan, &formats));
            let rows = self.start(plan, values, formats, connection.session(), connection.begin());
            *state = PortalExecutionState::Finished;
            if most == 0 {
                return send_rows(client, rows).await;
            }
            let rows = QueryResponse::new(fields, stream(rows, connection.cut_at()));
            *state = PortalExecutionState::Suspended(rows);
        }
        send_some(client, &mut state, most).await
    }

    /// Outside a transaction a portal lasts until here.
    async fn on_sync<C>(&self, client: &mut C, _: SyncMessage) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let status = client.transaction_status();
        if matches!(status, TransactionStatus::Idle) {
            client.portal_store().clear_portals();
        }
        send_ready_for_query(client, status).await
    }

    async fn on_close<C>(&self, client: &mut C, message: Close) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        if message.target_type == TARGET_TYPE_BYTE_STATEMENT {
            Connection::of(client).unprepare(name);
            client.portal_store().rm_statement(name);
        } else {
            client.portal_store().rm_portal(name);
        }
        feed(client, PgWireBackendMessage::CloseComplete(CloseComplete::new())).await
    }

    /// `on_execute` does all of it.
    async fn do_query<C>(&self, _: &mut C, _: &Portal<Statement>, _: usize) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        Ok(Response::EmptyQuery)
    }
}
