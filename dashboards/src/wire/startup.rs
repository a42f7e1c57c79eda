//! How a connection begins: with TLS where it is demanded, by the name of a token and the knowledge of it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures_util::Sink;
use pgwire::api::auth::driver::AuthOutcome;
use pgwire::api::auth::mechanism::AuthMechanismFactory as _;
use pgwire::api::auth::sasl::SaslMechanisms;
use pgwire::api::auth::sasl::scram::{ScramAuth, ScramSecret};
use pgwire::api::auth::{
    AuthDriver, AuthSource, LoginInfo, Password, ServerParameterProvider, StartupHandler, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use pgwire::api::{ClientInfo, METADATA_DATABASE, METADATA_USER};
use pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use pgwire::messages::startup::PasswordMessageFamily;
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use store::Store;

use super::connection::{Connection, Connections};
use super::verifier;
use crate::published::{SERVER_VERSION, span};

/// The only database there is.
pub(super) const DATABASE: &str = "cairn";

/// What begins connections.
pub(super) struct Startup {
    driver: AuthDriver<Parameters>,
    mechanisms: SaslMechanisms,
    connections: Arc<Connections>,
    needs_tls: bool,
}

impl Startup {
    /// `certificate` is the text of the server's certificate, by which a client can tell that nobody stands in between.
    pub(super) fn new(
        store: Store,
        connections: Arc<Connections>,
        certificate: Option<&[u8]>,
        needs_tls: bool,
    ) -> Startup {
        let tokens = Arc::new(Tokens { store });
        let mut scram = ScramAuth::new(Arc::clone(&tokens) as Arc<dyn AuthSource>);
        if let Some(certificate) = certificate
            && let Err(error) = scram.configure_certificate(certificate)
        {
            tracing::debug!(%error, "the certificate does not allow for channel binding");
            scram = ScramAuth::new(tokens);
        }
        Startup {
            driver: AuthDriver::new(Parameters),
            mechanisms: SaslMechanisms::new(vec![Arc::new(scram)]),
            connections,
            needs_tls,
        }
    }

    /// What must hold before a password is asked for.
    fn check(&self, client: &impl ClientInfo) -> PgWireResult<()> {
        if self.needs_tls && !client.is_secure() {
            return Err(fatal(
                "28000",
                "this server demands TLS, and the connection has none",
                "connect with sslmode=require or better",
            ));
        }
        if client.metadata().get(METADATA_USER).is_none_or(String::is_empty) {
            return Err(fatal(
                "28000",
                "no user name is given",
                "the user is the name of a token; see cairn token list",
            ));
        }
        Ok(())
    }
}

/// The settings that a client brings along, of those that mean something here: as parameters of the startup, or within its
/// `options`, as `-c name=value` or `--name=value`.
fn settings(metadata: &HashMap<String, String>) -> BTreeMap<String, String> {
    const KNOWN: [&str; 3] = ["application_name", "extra_float_digits", "statement_timeout"];
    let options = metadata.get("options").map(String::as_str).unwrap_or_default();
    let within = options.split_whitespace().filter_map(|word| {
        let word = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).unwrap_or(word);
        word.split_once('=')
    });
    let beside = metadata.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all = within.chain(beside).map(|(name, value)| (name.to_ascii_lowercase().replace('-', "_"), value.to_owned()));
    all.filter(|(name, _)| KNOWN.contains(&name.as_str())).collect()
}

pub(super) fn fatal(sqlstate: &str, message: &str, hint: &str) -> PgWireError {
    let mut info = ErrorInfo::new("FATAL".into(), sqlstate.into(), message.into());
    info.hint = Some(hint.into());
    PgWireError::UserError(Box::new(info))
}

/// What a connection comes in by.
pub(super) struct Entrance {
    pub(super) startup: Arc<Startup>,
    /// There are as many connections already as there may be.
    pub(super) is_full: bool,
    /// It has begun to prove who it is.
    pub(super) has_chosen: AtomicBool,
    /// It is not encrypted.
    pub(super) is_plain: AtomicBool,
    /// It has said who it is.
    pub(super) is_in: AtomicBool,
}

/// Whether a message can be the first of a proof by SCRAM: the name of a method, and a length with what is so long.
fn is_first_proof(body: &[u8]) -> bool {
    let after_name = body.iter().position(|byte| *byte == 0).map(|end| &body[end + 1..]);
    let Some((length, data)) = after_name.and_then(|rest| rest.split_first_chunk::<4>()) else { return false };
    match i32::from_be_bytes(*length) {
        -1 => true,
        length => usize::try_from(length).is_ok_and(|length| length <= data.len()),
    }
}

#[async_trait]
impl StartupHandler for Entrance {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        if self.is_full {
            return Err(fatal(
                "53300",
                "there are as many connections already as there may be",
                "close some, or raise connections in [postgres_wire]",
            ));
        }
        self.is_plain.store(!client.is_secure(), Ordering::Release);
        if let PgWireFrontendMessage::PasswordMessageFamily(PasswordMessageFamily::Raw(body)) = &message
            && !self.has_chosen.swap(true, Ordering::AcqRel)
            && !is_first_proof(body)
        {
            return Err(fatal(
                "08P01",
                "the answer to the offer of SCRAM-SHA-256 cannot be read",
                "the password itself is not taken; connect with a client that knows SCRAM-SHA-256",
            ));
        }
        if self.startup.begin(client, message).await? {
            self.is_in.store(true, Ordering::Release);
        }
        Ok(())
    }
}

impl Startup {
    /// Says whether the connection has begun.
    async fn begin<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<bool>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let outcome = match message {
            PgWireFrontendMessage::Startup(startup) => {
                protocol_negotiation(client, &startup).await?;
                save_startup_parameters_to_metadata(client, &startup);
                self.check(client)?;
                self.driver.begin_authentication(client, self.mechanisms.create()).await?
            }
            PgWireFrontendMessage::PasswordMessageFamily(message) => {
                let user = client.metadata().get(METADATA_USER).cloned().unwrap_or_default();
                // Who it was is known from the start of the connection; the exchange of the password does not say it again.
                self.driver.advance_authentication(client, message).await.map_err(|error| match error {
                    PgWireError::InvalidPassword(_) => fatal(
                        "28P01",
                        &format!("password authentication failed for user \"{user}\""),
                        "the user is the name of a token, and the password the token: see cairn token list",
                    ),
                    error => error,
                })?
            }
            _ => return Ok(false),
        };
        let AuthOutcome::Authenticated { final_message, .. } = outcome else { return Ok(false) };
        let database = client.metadata().get(METADATA_DATABASE).cloned().unwrap_or_else(|| DATABASE.to_owned());
        if database != DATABASE {
            let message = format!("database \"{database}\" does not exist");
            return Err(fatal("3D000", &message, "the database is called cairn"));
        }
        let connection = Connection::of(client);
        let metadata = client.metadata().clone();
        let settings = settings(&metadata);
        if let Some(wrong) = settings.get("statement_timeout").filter(|text| span(text).is_none()) {
            let message = format!("invalid value for parameter \"statement_timeout\": \"{wrong}\"");
            return Err(fatal("22023", &message, "write milliseconds, or a number with ms, s, min or h, such as 30s"));
        }
        connection.change(|session| {
            session.user = metadata.get(METADATA_USER).cloned().unwrap_or_default();
            session.database = database;
            session.settings.extend(settings);
        });
        self.driver.complete_authentication(client, final_message).await?;
        let (number, secret) = client.pid_and_secret_key();
        connection.change(|session| session.number = number);
        let listed = self.connections.add(number, &secret, connection);
        client.session_extensions().insert(listed);
        Ok(true)
    }
}

/// What clients are told of the server at the start.
struct Parameters;

impl ServerParameterProvider for Parameters {
    fn server_parameters<C>(&self, client: &C) -> Option<HashMap<String, String>>
    where
        C: ClientInfo,
    {
        let metadata = |name: &str| client.metadata().get(name).cloned().unwrap_or_default();
        let told = [
            ("server_version", SERVER_VERSION.to_owned()),
            ("server_encoding", "UTF8".into()),
            ("client_encoding", "UTF8".into()),
            ("application_name", metadata("application_name")),
            ("default_transaction_read_only", "on".into()),
            ("in_hot_standby", "off".into()),
            ("is_superuser", "off".into()),
            ("session_authorization", metadata(METADATA_USER)),
            ("DateStyle", "ISO, MDY".into()),
            ("IntervalStyle", "postgres".into()),
            ("TimeZone", "UTC".into()),
            ("integer_datetimes", "on".into()),
            ("standard_conforming_strings", "on".into()),
        ];
        Some(told.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

/// The tokens of the store, by name.
struct Tokens {
    store: Store,
}

impl Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tokens")
    }
}

#[async_trait]
impl AuthSource for Tokens {
    async fn get_password(&self, login: &LoginInfo) -> PgWireResult<Password> {
        // Only SCRAM is offered, and it asks for the verifier.
        Err(PgWireError::InvalidPassword(login.user().unwrap_or_default().to_owned()))
    }

    async fn get_scram_secret(&self, login: &LoginInfo) -> PgWireResult<(ScramSecret, Option<()>)> {
        let name = login.user().unwrap_or_default().to_owned();
        let store = self.store.clone();
        let asked = name.clone();
        let found = web::off_the_async_threads(move || store.scram_verifier(&asked)).await;
        let found = match found {
            Ok(Ok(found)) => found,
            _ => return Err(fatal("XX000", "the store does not answer", "look at the server's log")),
        };
        match found.as_deref() {
            Some("") => Err(fatal(
                "28P01",
                &format!("the token \"{name}\" was made before tokens could be used here"),
                &format!("make it anew: cairn token revoke {name}, then cairn token create --name {name}"),
            )),
            Some(kept) => match verifier::read(kept) {
                Some(secret) => Ok((secret, None)),
                None => Err(PgWireError::InvalidPassword(name)),
            },
            // A name that is not known goes the same way to the same refusal, so that names cannot be guessed.
            None => Ok((unknown(&name), None)),
        }
    }
}

/// A verifier that no token fits, and always the same for the same name.
fn unknown(name: &str) -> ScramSecret {
    let made = verifier::scram_verifier("no token", name.as_bytes());
    let nothing = || vec![0; 32];
    match verifier::read(&made) {
        Some(ScramSecret::Verifier { iterations, stored_key, .. }) => {
            let salt = stored_key.iter().take(16).copied().collect();
            ScramSecret::Verifier { salt, iterations, stored_key: nothing(), server_key: nothing() }
        }
        _ => ScramSecret::Verifier { salt: nothing(), iterations: 4096, stored_key: nothing(), server_key: nothing() },
    }
}
