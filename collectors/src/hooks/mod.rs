//! What other systems push: whether a push is really theirs, what makes a repeat recognisable, and the facts in it.
//!
//! An event tells of a thing bit by bit (an incident is opened, acknowledged, resolved), so what a fact made here leaves
//! open stays as earlier events told it.

mod alertmanager;
mod argocd;
mod cdevents;
mod gatekeeper;
mod github;
mod github_deployments;
mod pagerduty;
mod signature;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Utc};
use facts::{AnyFact, Kind};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::mapping::Subject;
use crate::pull::{Note, Setting};

pub use signature::{SignatureError, is_proven_by_head, verify, verify_head};

/// The systems that push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// GitHub's webhooks.
    Github,
    /// PagerDuty's webhooks, version 3.
    Pagerduty,
    /// Alertmanager's webhook receiver.
    Alertmanager,
    /// Argo CD notifications by our template.
    Argocd,
    /// CDEvents, over CloudEvents' HTTP binding or plain.
    Cdevents,
    /// Violations exported by Gatekeeper's audit.
    Gatekeeper,
}

impl Sort {
    /// The sort for a kind of source; none where the kind does not push.
    pub fn of_kind(kind: &str) -> Option<Sort> {
        Some(match kind {
            "github" => Sort::Github,
            "pagerduty" => Sort::Pagerduty,
            "alertmanager" => Sort::Alertmanager,
            "argocd" => Sort::Argocd,
            "cdevents" => Sort::Cdevents,
            "gatekeeper" => Sort::Gatekeeper,
            _ => return None,
        })
    }
}

/// A push as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Header names in lower case, with their values.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
    /// When it arrived.
    pub at: DateTime<Utc>,
}

impl Delivery<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body is said to be of a media type, whatever its letter case and parameters.
    fn is_of(&self, media_type: &str) -> bool {
        let own = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        own.trim().eq_ignore_ascii_case(media_type)
    }
}

/// What a push says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    /// The facts; what they leave open stays as it stands.
    pub facts: Vec<Told>,
    /// What was told before and holds no longer, by its kind and `id`; whether it was told before is not known here.
    pub withdrawn: Vec<(Kind, String)>,
    /// Where it tells all that there is to a thing, of which time that is: what was told of a later time holds, whenever it
    /// arrived.
    pub whole_at: Option<DateTime<Utc>>,
    /// What could not be mapped, or was left out.
    pub notes: Vec<Note>,
    /// Events of several in one push that cannot be read, with the reasons; of many the first.
    pub odd: Vec<String>,
    /// How many more there are.
    pub n_more_odd: u64,
}

/// What an event says of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The fact.
    pub fact: AnyFact,
    /// It says when the thing began. Where it does not, the fact carries the event's own time in that place, and counts
    /// only for what is known already: a thing of which only the end is known would seem to have lasted no time.
    pub has_begin: bool,
    /// When what it tells happened, where it says so: what an older event says of a thing only fills what is open.
    pub at: Option<DateTime<Utc>>,
    /// When it began again, where that is what happened: an end before then holds no more.
    pub reopened_at: Option<DateTime<Utc>>,
    /// Columns of which it says nothing, that must have something in them: what others tell of those holds.
    pub filled: &'static [&'static str],
}

impl Read {
    /// Adds why one of several events cannot be read.
    fn add_odd(&mut self, reason: String) {
        if self.odd.len() < MOST_ODD {
            self.odd.push(facts::shorten_message(&reason).into_owned());
        } else {
            self.n_more_odd += 1;
        }
    }

    /// Adds a fact that is told whole.
    fn tell(&mut self, fact: AnyFact) {
        self.facts.push(Told { fact, has_begin: true, at: None, reopened_at: None, filled: &[] });
    }
}

/// Why a push cannot be turned into facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl Unreadable {
    /// A word in a place where only some are known.
    fn unknown(what: &str, word: &str) -> Unreadable {
        Unreadable(format!("{what} is `{}`, which is not known", facts::shorten(word)))
    }
}

/// What curl sends unless told otherwise.
const FORM: &str = "application/x-www-form-urlencoded";
/// Of so many events of a push it is told why they cannot be read.
const MOST_ODD: usize = 10;
/// The longest identifier of a push that is kept as it is, in bytes.
const LONGEST_ID: usize = 500;

/// Headers that are kept with a push: those that say what it is, none that holds a secret.
pub fn is_kept(header: &str) -> bool {
    header.starts_with("ce-")
        || matches!(header, "content-type" | "x-github-event" | "x-github-delivery" | "x-webhook-id" | "user-agent")
}

/// What makes a repeat of a push recognisable: an identifier that its sender's signature covers, else the body. GitHub signs the
/// body alone, so its `X-GitHub-Delivery` would let anybody who saw a push have it taken again.
pub fn delivery_id(sort: Sort, delivery: &Delivery<'_>) -> String {
    let own = match sort {
        Sort::Pagerduty => json(sort, delivery).ok().and_then(|body| body["event"]["id"].as_str().map(str::to_owned)),
        Sort::Cdevents => cdevents::delivery_id(delivery),
        Sort::Github | Sort::Alertmanager | Sort::Argocd | Sort::Gatekeeper => None,
    };
    // Nobody calls an event so; what does is told apart by its body.
    let own = own.filter(|own| own.len() <= LONGEST_ID);
    own.unwrap_or_else(|| Sha256::digest(delivery.body).iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// The facts in a push.
pub fn read(sort: Sort, setting: &Setting, delivery: &Delivery<'_>) -> Result<Read, Unreadable> {
    read_as(sort, setting, delivery, &BTreeMap::new())
}

/// The same, with the names under which what was read tells of repositories, by GitHub's numbers of them: GitHub may call them
/// otherwise by now.
pub fn read_as(
    sort: Sort,
    setting: &Setting,
    delivery: &Delivery<'_>,
    names: &BTreeMap<i64, String>,
) -> Result<Read, Unreadable> {
    let body = json(sort, delivery)?;
    match sort {
        Sort::Github => github::read(setting, delivery, &body, names),
        Sort::Pagerduty => pagerduty::read(setting, &body),
        Sort::Alertmanager => alertmanager::read(setting, delivery, &body),
        Sort::Argocd => argocd::read(setting, &body),
        Sort::Cdevents => cdevents::read(setting, delivery, &body),
        Sort::Gatekeeper => gatekeeper::read(setting, delivery, &body),
    }
}

fn json(sort: Sort, delivery: &Delivery<'_>) -> Result<Value, Unreadable> {
    // Some write a mark of the encoding before it.
    let body = delivery.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(delivery.body);
    let is_not_text = match body {
        [] => Some("the body is empty"),
        [0x1f, 0x8b, ..] => Some("the body is compressed (gzip); have it sent as it is"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("the body is UTF-16; have it sent as UTF-8"),
        _ => None,
    };
    if let Some(reason) = is_not_text {
        return Err(Unreadable(reason.into()));
    }
    // GitHub sends a form with one field, unless the webhook's content type is set to JSON.
    if delivery.is_of(FORM) && sort != Sort::Github {
        return Err(Unreadable(format!("it was sent as {FORM}; send it with Content-Type: application/json")));
    }
    if delivery.is_of(FORM) {
        let payload = form_urlencoded::parse(body).find(|(name, _)| name == "payload");
        let (_, payload) = payload.ok_or_else(|| Unreadable("the form has no field `payload`".into()))?;
        return serde_json::from_str(&payload)
            .map_err(|error| Unreadable(format!("the form's field `payload` is not JSON: {error}")));
    }
    serde_json::from_slice(body).map_err(|error| Unreadable(format!("the body is not JSON: {error}")))
}

/// An event of a sort that tells nothing Cairn keeps.
fn nothing(what: &str) -> Read {
    Read { notes: vec![Note::OfNoUse(what.to_owned())], ..Read::default() }
}

fn shown(value: &Value) -> String {
    facts::shorten(&value.to_string()).into_owned()
}

/// A time that must be there.
fn time(value: &Value, what: &str) -> Result<DateTime<Utc>, Unreadable> {
    if value.is_null() {
        return Err(Unreadable(format!("{what} is missing")));
    }
    optional_time(value).ok_or_else(|| Unreadable(format!("{what} is not a time with its offset: {}", shown(value))))
}

/// A time that may be left open: programs in Go write the year 1 for none.
fn optional_time(value: &Value) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(value.as_str()?).ok()?.with_timezone(&Utc);
    Some(at).filter(|at| at.year() > 1)
}

/// A text that must be there.
fn text(value: &Value, what: &str) -> Result<String, Unreadable> {
    match value {
        Value::Null => Err(Unreadable(format!("{what} is missing"))),
        Value::String(text) if text.is_empty() => Err(Unreadable(format!("{what} is empty"))),
        Value::String(text) => Ok(text.clone()),
        other => Err(Unreadable(format!("{what} is not text: {}", shown(other)))),
    }
}

/// A whole number that must be there.
fn integer(value: &Value, what: &str) -> Result<i64, Unreadable> {
    match value {
        Value::Null => Err(Unreadable(format!("{what} is missing"))),
        value => value.as_i64().ok_or_else(|| Unreadable(format!("{what} is not a whole number: {}", shown(value)))),
    }
}

/// A list that must be there.
fn list<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, Unreadable> {
    match value {
        Value::Null => Err(Unreadable(format!("{what} is missing"))),
        value => value.as_array().ok_or_else(|| Unreadable(format!("{what} is no list: {}", shown(value)))),
    }
}

fn optional_text(value: &Value) -> Option<String> {
    // What a template of Go writes for nothing.
    value.as_str().filter(|text| !text.is_empty() && *text != "<no value>").map(str::to_owned)
}

/// The service of a system's own name, told where no line matches.
fn service(setting: &Setting, own: &str, notes: &mut Vec<Note>) -> Option<String> {
    service_of(setting, own, &[Subject::Name(own)], notes)
}

/// The service of what has several names, the first of them its own.
fn service_of(setting: &Setting, own: &str, names: &[Subject<'_>], notes: &mut Vec<Note>) -> Option<String> {
    named("service", setting.services.any_or_own(names, own), own, notes)
}

fn environment(setting: &Setting, own: &str, notes: &mut Vec<Note>) -> Option<String> {
    named("environment", setting.environments.or_own(own, own), own, notes)
}

fn named(what: &'static str, found: Option<String>, own: &str, notes: &mut Vec<Note>) -> Option<String> {
    if found.is_none() {
        notes.push(Note::Unmapped { what, subject: own.to_owned() });
    }
    found
}
