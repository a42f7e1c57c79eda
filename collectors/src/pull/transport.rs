//! Asking over HTTP: one origin, with its credentials, and nothing beyond it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt as _, Limited};
use octocrab::Octocrab;
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, USER_AGENT};
use serde_json::Value;

use super::secrets::Secrets;
use super::{Answer, AnySource, Ask, Misread, Page};

/// The largest answer taken.
const LARGEST: usize = 64 << 20;
const CONNECT_SECONDS: u64 = 10;
const ANSWER_SECONDS: u64 = 60;

/// How requests show who asks.
#[derive(Clone, Default)]
pub enum Authorization {
    /// They do not.
    #[default]
    None,
    /// `Authorization: Bearer TOKEN`.
    Bearer(String),
    /// `Authorization: Basic`, of a name and a password.
    Basic(String, String),
    /// Another header with the whole value, such as PagerDuty's `Token token=...`.
    Header(&'static str, String),
}

/// Sends requests to one system.
#[derive(Clone)]
pub struct Transport {
    base: Url,
    way: Way,
    now: fn() -> DateTime<Utc>,
    secrets: Secrets,
}

#[derive(Clone)]
enum Way {
    Plain { client: reqwest::Client, authorization: Option<(HeaderName, HeaderValue)> },
    GitHub(Box<Octocrab>),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The configuration cannot be used.
    #[error("{0}")]
    Setting(String),
    /// An address leads elsewhere; following it would carry the credentials there.
    #[error(
        "{to} was to be asked next, which is not at {base}; it was not asked, since that would hand it the credentials"
    )]
    Elsewhere {
        /// The base address.
        base: String,
        /// Where it leads.
        to: String,
    },
    /// The answer is too large to be one.
    #[error("the answer to {path} is larger than {} MiB", LARGEST >> 20)]
    TooLarge {
        /// What was asked.
        path: String,
    },
    /// The certificate is not trusted, or the other side speaks no TLS.
    #[error("{base} cannot be trusted: {} ({reason})", tls_advice(reason))]
    Tls {
        /// The base address.
        base: String,
        /// What the TLS library said.
        reason: String,
    },
    /// The other side is not there, or broke off. Worth another try.
    #[error("{base} does not answer: {reason}")]
    Network {
        /// The base address.
        base: String,
        /// What happened.
        reason: String,
    },
}

impl Transport {
    /// To a base address, by plain HTTP requests. `authority` is a PEM file's content to trust beside the system's.
    pub fn plain(
        base: &str,
        authorization: Authorization,
        authority: Option<&[u8]>,
        now: fn() -> DateTime<Utc>,
    ) -> Result<Transport, TransportError> {
        let base = parse_base(base)?;
        let mut builder = client().timeout(Duration::from_secs(ANSWER_SECONDS)).gzip(true);
        if let Some(authority) = authority {
            let certificate = reqwest::Certificate::from_pem(authority)
                .map_err(|error| TransportError::Setting(format!("the certificate authority's file: {error}")))?;
            builder = builder.add_root_certificate(certificate);
        }
        let client = builder.build().map_err(|error| TransportError::Setting(reasons(&error)))?;
        let secrets = Secrets::new(authorization.secrets());
        Ok(Transport { base, way: Way::Plain { client, authorization: authorization.header()? }, now, secrets })
    }

    /// To GitHub, by a client that knows its tokens and apps.
    pub fn github(base: &str, client: Octocrab, now: fn() -> DateTime<Utc>) -> Result<Transport, TransportError> {
        Ok(Transport { base: parse_base(base)?, way: Way::GitHub(Box::new(client)), now, secrets: Secrets::default() })
    }

    /// The same, which shows some secrets to nobody.
    pub fn hiding(self, secrets: Vec<String>) -> Transport {
        Transport { secrets: Secrets::new(secrets), ..self }
    }

    /// The base address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// What comes back for a request. Who refuses may repeat what came with it; the credentials are taken out of that.
    pub async fn send(&self, ask: &Ask) -> Result<Answer, TransportError> {
        let answer = self.answer(ask).await?;
        Ok(if (200..300).contains(&answer.status) { answer } else { self.shown(answer) })
    }

    /// An answer as it may be shown: without the credentials that it repeats.
    pub fn shown(&self, answer: Answer) -> Answer {
        self.secrets.hidden(&answer).unwrap_or(answer)
    }

    /// What a source reads in an answer. An answer that is good may repeat credentials too: its facts are left as they are,
    /// since a word of theirs may be a password by chance, but what is told of it shows none.
    pub fn read(&self, source: &dyn AnySource, position: &Value, answer: &Answer) -> Result<Page<Value>, Misread> {
        let read = source.read(position, answer);
        let Some(hidden) = self.secrets.hidden(answer) else { return read };
        match read {
            Ok(page) => {
                let notes = page.notes.into_iter().map(|note| note.reworded(|text| self.secrets.left_out(&text)));
                Ok(Page { notes: notes.collect(), ..page })
            }
            // What is wrong is told with a part of the answer, which may hold a part of a credential.
            Err(misread) => Err(source
                .read(position, &hidden)
                .err()
                .unwrap_or_else(|| Misread { message: self.secrets.left_out(&misread.message), ..misread })),
        }
    }

    async fn answer(&self, ask: &Ask) -> Result<Answer, TransportError> {
        let address = self.address(&ask.path)?;
        let at = (self.now)();
        match &self.way {
            Way::Plain { client, authorization } => {
                let mut request = match &ask.body {
                    Some(body) => client.post(address).json(body),
                    None => client.get(address),
                };
                request = request.header(ACCEPT, ask.accept.unwrap_or("application/json"));
                if let Some((name, value)) = authorization {
                    request = request.header(name, value);
                }
                let mut response = request.send().await.map_err(|error| self.failed(&error.without_url()))?;
                let status = response.status().as_u16();
                let headers = copied(response.headers());
                let mut body = Vec::new();
                while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(&error.without_url()))? {
                    if body.len() + chunk.len() > LARGEST {
                        return Err(TransportError::TooLarge { path: ask.place().to_owned() });
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(Answer { status, headers, body, at })
            }
            Way::GitHub(client) => {
                let work = self.send_to_github(client, ask, &address);
                let (status, headers, body) =
                    tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS), work)
                        .await
                        .map_err(|_| self.network(format!("no answer within {ANSWER_SECONDS} s")))??;
                Ok(Answer { status, headers, body, at })
            }
        }
    }

    async fn send_to_github(
        &self,
        client: &Octocrab,
        ask: &Ask,
        address: &Url,
    ) -> Result<(u16, Vec<(String, String)>, Vec<u8>), TransportError> {
        let method = if ask.body.is_some() { "POST" } else { "GET" };
        let body = match &ask.body {
            Some(body) => body.to_string(),
            None => String::new(),
        };
        let path_and_query = match address.query() {
            Some(query) => format!("{}?{query}", address.path()),
            None => address.path().to_owned(),
        };
        let request = http::Request::builder()
            .method(method)
            // The path alone, which the client puts behind its base: to another host than api.github.com it takes a whole
            // address for a stranger's and gives it no app's token. That the origin is the base's was checked.
            .uri(path_and_query)
            .header(ACCEPT, ask.accept.unwrap_or("application/vnd.github+json"))
            .header(USER_AGENT, agent())
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| TransportError::Setting(error.to_string()))?;
        let response = client.execute(request).await.map_err(|error| match error {
            // Only the asking for an app's token is answered this way: answers to the request itself are read as they are.
            octocrab::Error::GitHub { source, .. } if source.status_code.is_client_error() => {
                TransportError::Setting(format!(
                    "GitHub gives the app no token ({}: {}); check app_id, installation_id and private_key_file",
                    source.status_code.as_u16(),
                    self.secrets.left_out(&source.message)
                ))
            }
            error => self.failed(&error),
        })?;
        let status = response.status().as_u16();
        let headers = copied(response.headers());
        let body = Limited::new(response.into_body(), LARGEST).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                return TransportError::TooLarge { path: ask.place().to_owned() };
            }
            self.network(error.to_string())
        })?;
        Ok((status, headers, body.to_bytes().to_vec()))
    }

    /// The whole address of a path, which must lie at the base's origin.
    fn address(&self, path: &str) -> Result<Url, TransportError> {
        let address = if path.starts_with("http://") || path.starts_with("https://") {
            Url::parse(path)
        } else {
            Url::parse(&format!("{}/{}", self.base.as_str().trim_end_matches('/'), path.trim_start_matches('/')))
        };
        match address {
            Ok(address) if address.origin() == self.base.origin() && address.username().is_empty() => Ok(address),
            _ => Err(TransportError::Elsewhere { base: self.base.to_string(), to: path.to_owned() }),
        }
    }

    fn failed(&self, error: &(dyn std::error::Error + 'static)) -> TransportError {
        let reason = self.secrets.left_out(&reasons(error));
        // A connection that ends within the handshake is one that broke, as those of a busy load balancer do.
        let is_broken = reason.contains("eof") || reason.contains("reset");
        let words = ["certificate", "corrupt message", "handshake", "TLS"];
        if !is_broken && words.iter().any(|word| reason.contains(word)) {
            return TransportError::Tls { base: self.base.to_string(), reason };
        }
        self.network(reason)
    }

    fn network(&self, reason: String) -> TransportError {
        TransportError::Network { base: self.base.to_string(), reason }
    }
}

impl Authorization {
    /// What of it a system could repeat.
    fn secrets(&self) -> Vec<String> {
        use base64::Engine as _;
        match self {
            Authorization::None => Vec::new(),
            Authorization::Bearer(token) => vec![token.trim().to_owned()],
            Authorization::Basic(name, password) => {
                let both = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
                vec![both, password.clone()]
            }
            Authorization::Header(_, value) => {
                let token = value.rsplit(['=', ' ']).next().unwrap_or(value);
                vec![value.clone(), token.to_owned()]
            }
        }
    }

    fn header(self) -> Result<Option<(HeaderName, HeaderValue)>, TransportError> {
        let (name, text) = match self {
            Authorization::None => return Ok(None),
            Authorization::Bearer(token) => (AUTHORIZATION, format!("Bearer {token}")),
            Authorization::Basic(name, password) => {
                use base64::Engine as _;
                let both = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
                (AUTHORIZATION, format!("Basic {both}"))
            }
            Authorization::Header(name, value) => (HeaderName::from_static(name), value),
        };
        let mut value = HeaderValue::from_str(text.trim()).map_err(|_| {
            TransportError::Setting("the token has characters that no token has; is there a line break in it?".into())
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

/// A client that follows no redirects.
fn client() -> reqwest::ClientBuilder {
    use_ring();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .user_agent(agent())
}

/// The client for object stores: an answer may be long, so only its pauses are limited.
pub fn client_of_objects() -> reqwest::Result<reqwest::Client> {
    client().read_timeout(Duration::from_secs(ANSWER_SECONDS)).build()
}

/// TLS by ring, for every client of the process.
pub fn use_ring() {
    // A second installation is refused, and the first stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn agent() -> &'static str {
    concat!("cairn/", env!("CARGO_PKG_VERSION"))
}

/// A base address, if it is one that can be asked.
pub fn parse_base(base: &str) -> Result<Url, TransportError> {
    // What stands before an @ may be a password.
    let shown = base.rsplit_once('@').map_or(base.to_owned(), |(_, host)| format!("...@{host}"));
    let wrong = |reason: String| TransportError::Setting(format!("url = \"{shown}\" is no address: {reason}"));
    let url = match Url::parse(base) {
        _ if base.is_empty() => return Err(wrong("it is empty".into())),
        // What stands before a port would be taken for a scheme.
        _ if !base.contains("://") => return Err(wrong(format!("write https://{shown}"))),
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) => return Err(wrong("write it with https://".into())),
        Err(error) => return Err(wrong(error.to_string())),
    };
    let refused = |reason: &str| Err(TransportError::Setting(reason.into()));
    if !url.username().is_empty() || url.password().is_some() {
        return refused("url holds a name or password; use token or token_file");
    }
    // A path put behind it would become a part of the query, and what stands there may be a secret.
    if url.query().is_some() || url.fragment().is_some() {
        return refused("url has a query (? or #); write the base address alone, a token with token or token_file");
    }
    Ok(url)
}

/// What the TLS library's words mean, and what to do.
fn tls_advice(reason: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&["corrupt message", "InvalidContentType"]) {
        "it answers without TLS; if that is meant, write url with http://"
    } else if says(&["CaUsedAsEndEntity"]) {
        "it shows a certificate authority's own certificate as the server's, which nothing accepts; have that authority sign a certificate for the server (basicConstraints CA:FALSE, with the host's name in it), and name the authority's PEM file with authority_file"
    } else if says(&["UnknownIssuer", "unknown issuer"]) {
        "its certificate is of an authority that is not known here; name that authority's PEM file with authority_file"
    } else if says(&["NotValidForName", "not valid for name"]) {
        "its certificate is for another name than this host's; write url with the name in the certificate"
    } else if says(&["Expired", "expired"]) {
        "its certificate has expired, or a clock is wrong"
    } else {
        "is its certificate of a known authority, and the name in it this host's?"
    }
}

fn copied(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// An error and what it comes from, without repeating.
pub fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = cause.source();
    }
    texts.join(": ")
}
