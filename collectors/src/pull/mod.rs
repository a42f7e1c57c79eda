//! Reading a source page by page. A source says what to ask and what an answer means, both without doing anything:
//! asking, waiting, retrying and storing are written once, in `run.rs`.

mod answer;
mod run;
mod secrets;
mod transport;
mod verdict;

use chrono::{DateTime, Duration, Utc};
use facts::{AnyFact, Kind, Remains};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use answer::{Answer, Each, Misread};
pub use run::{Outcome, Pace, Sink, Stopped, collect};
pub use transport::{Authorization, Transport, TransportError, client_of_objects, parse_base, reasons, use_ring};
pub use verdict::{HeadRoom, elsewhere, refusal};
pub(crate) use verdict::{allowed_again, is_of_limit};

use crate::mapping::Mapping;

/// What every source is told of its installation.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// The source's name in the configuration: what its facts carry as `source`.
    pub name: String,
    /// From the system's repositories or applications to services.
    pub services: Mapping,
    /// From the system's environments to Cairn's.
    pub environments: Mapping,
    /// From the system's groups to teams.
    pub teams: Mapping,
    /// How far each run looks back for what changed late.
    pub overlap: Option<Duration>,
    /// What is read of GitHub, by which its pushes go too.
    pub github: crate::github::Options,
    /// What is read of Argo CD, by which its pushes go too.
    pub argocd: crate::argocd::Options,
    /// What is read of PagerDuty, by which its pushes go too.
    pub pagerduty: crate::pagerduty::Options,
    /// How far back the first run reads.
    pub since: Option<DateTime<Utc>>,
    /// Patterns of bots' names.
    pub bots: Vec<String>,
}

/// A system that is read page by page.
pub trait Source: Send + Sync {
    /// Where in the system's answers the reading is: kept with the facts, so that the next run goes on there.
    type Position: Serialize + DeserializeOwned + Clone + Send + Sync;

    /// Where a run begins: anew, or after where an earlier one stopped or ended. `since` asks to read again from a time.
    fn begin(&self, last: Option<Self::Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self::Position;

    /// What to ask at a position.
    fn ask(&self, position: &Self::Position) -> Ask;

    /// What the answer to [`Source::ask`] says.
    fn read(&self, position: &Self::Position, answer: &Answer) -> Result<Page<Self::Position>, Misread>;

    /// What is left where the answer to [`Source::ask`] cannot be had or read, though it was tried often: a note of it, and
    /// where to go on. None where the rest needs it.
    fn pass_over(&self, _position: &Self::Position, _why: &Stopped) -> Option<Page<Self::Position>> {
        None
    }

    /// The request that lists what there is to read, where a position is at one: nothing else can be tried before it.
    fn listing(&self, _position: &Self::Position) -> Option<Probe> {
        None
    }

    /// Requests that show whether the source may be read, each with what it is for, by a run that would begin at `begin`.
    fn probes(&self, begin: &Self::Position) -> Vec<Probe>;

    /// What such a run will tell for certain, whatever it reads.
    fn foreseen(&self, _begin: &Self::Position) -> Vec<Note> {
        Vec::new()
    }

    /// Where to look for examples: a position for each part of such a run.
    fn samples(&self, begin: Self::Position) -> Vec<Self::Position> {
        vec![begin]
    }

    /// Whether a later run may see less of a thing than an earlier one did: what its facts leave open then stays as it stands.
    fn tells_in_part(&self) -> bool {
        false
    }

    /// What a refusal (401, 403, 404) means in this system and what to do, where it can be told.
    fn explain(&self, _answer: &Answer) -> Option<String> {
        None
    }
}

/// A request, relative to the source's base address.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ask {
    /// The path and query after the base address, or a whole address of the same origin, as `next` links give it.
    pub path: String,
    /// A JSON body; with one the request is a POST, else a GET.
    pub body: Option<Value>,
    /// The media type wanted, where it is not `application/json`.
    pub accept: Option<&'static str>,
    /// Statuses beside 2xx that the source reads by itself.
    pub also: &'static [u16],
    /// Failures that the source reads by itself when trying a few times did not help.
    pub at_last: &'static [u16],
}

impl Ask {
    /// A GET of a path.
    pub fn get(path: impl Into<String>) -> Ask {
        Ask { path: path.into(), ..Ask::default() }
    }

    /// Whether an answer of this status is for the source to read: good, or one of those that it asked to see. Of the others
    /// some become so when trying again did not help (`at_last`).
    pub fn is_read(&self, status: u16) -> bool {
        (200..300).contains(&status) || self.also.contains(&status)
    }

    /// What is asked for, without its query, which may be as long as a screen.
    pub fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// A POST of JSON.
    pub fn post(path: impl Into<String>, body: Value) -> Ask {
        Ask { path: path.into(), body: Some(body), ..Ask::default() }
    }
}

/// What one answer gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<P> {
    /// The facts, in any order and mixed.
    pub facts: Vec<AnyFact>,
    /// Where to go on.
    pub next: Next<P>,
    /// What could not be mapped or was strange; counted, and shown with what mends it.
    pub notes: Vec<Note>,
    /// Where the page ends the reading of a trunk or listing: all that is there.
    pub remains: Vec<Remains>,
}

impl<P: Serialize> Page<P> {
    fn written_down(self) -> Page<Value> {
        let next = match self.next {
            Next::Ask(position) => Next::Ask(to_json(&position)),
            Next::Done(position) => Next::Done(to_json(&position)),
        };
        Page { facts: self.facts, next, notes: self.notes, remains: self.remains }
    }
}

/// Where to go on after a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Next<P> {
    /// There is more: ask at this position.
    Ask(P),
    /// All is read; the next run begins from this position.
    Done(P),
}

/// Something in an answer that people should know of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// No line of the mapping matches: `what` is service, environment or team, `subject` the system's name.
    Unmapped {
        /// service, environment or team.
        what: &'static str,
        /// The system's own name.
        subject: String,
    },
    /// A word that is not known; kept as text.
    UnknownWord {
        /// The field it stands in.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// A part of the answer was left out, and why.
    LeftOut(String),
    /// Events of a sort that tells nothing that is kept. Nothing is lost by that.
    OfNoUse(String),
    /// Facts of a kind are of a time later than now.
    InFuture(Kind),
    /// A part was not given, for want of a permission: what, and what would give it. The run is not a good one, and the
    /// part is asked for again by the next.
    Denied(String),
}

impl Note {
    /// The same, with what the system said cut to what people read.
    pub fn readable(self) -> Note {
        let short = |text: String| facts::shorten(&text).into_owned();
        let message = |text: String| facts::shorten_message(&text).into_owned();
        match self {
            Note::LeftOut(reason) => Note::LeftOut(message(reason)),
            Note::Denied(part) => Note::Denied(message(part)),
            note => note.reworded(short),
        }
    }

    /// The same with what the system said in other words.
    pub(crate) fn reworded(self, words: impl Fn(String) -> String) -> Note {
        match self {
            Note::Unmapped { what, subject } => Note::Unmapped { what, subject: words(subject) },
            Note::UnknownWord { field, word } => Note::UnknownWord { field, word: words(word) },
            Note::LeftOut(reason) => Note::LeftOut(words(reason)),
            Note::OfNoUse(what) => Note::OfNoUse(words(what)),
            Note::Denied(part) => Note::Denied(words(part)),
            Note::InFuture(kind) => Note::InFuture(kind),
        }
    }
}

/// A request that shows whether the source may be read.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What it is for: "changes and their reviews".
    pub purpose: &'static str,
    /// The permission it needs, in the system's own words.
    pub needs: &'static str,
    /// The request.
    pub ask: Ask,
}

/// A source whose position is JSON, so that different ones can stand in one list.
pub trait AnySource: Send + Sync {
    /// See [`Source::begin`]. A position that cannot be read any more is taken for none.
    fn begin(&self, last: Option<&str>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Value;
    /// See [`Source::ask`].
    fn ask(&self, position: &Value) -> Result<Ask, Misread>;
    /// See [`Source::read`].
    fn read(&self, position: &Value, answer: &Answer) -> Result<Page<Value>, Misread>;
    /// See [`Source::listing`].
    fn listing(&self, position: &Value) -> Option<Probe>;
    /// See [`Source::pass_over`].
    fn pass_over(&self, position: &Value, why: &Stopped) -> Option<Page<Value>>;
    /// See [`Source::probes`].
    fn probes(&self, begin: &Value) -> Vec<Probe>;
    /// See [`Source::foreseen`].
    fn foreseen(&self, begin: &Value) -> Vec<Note>;
    /// See [`Source::samples`].
    fn samples(&self, begin: &Value) -> Vec<Value>;
    /// See [`Source::tells_in_part`].
    fn tells_in_part(&self) -> bool;
    /// See [`Source::explain`].
    fn explain(&self, answer: &Answer) -> Option<String>;
}

impl<S: Source> AnySource for S {
    fn begin(&self, last: Option<&str>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Value {
        let last = last.and_then(|text| serde_json::from_str(text).ok());
        to_json(&Source::begin(self, last, since, now))
    }

    fn ask(&self, position: &Value) -> Result<Ask, Misread> {
        Ok(Source::ask(self, &from_json(position)?))
    }

    fn read(&self, position: &Value, answer: &Answer) -> Result<Page<Value>, Misread> {
        Ok(Source::read(self, &from_json(position)?, answer)?.written_down())
    }

    fn pass_over(&self, position: &Value, why: &Stopped) -> Option<Page<Value>> {
        Some(Source::pass_over(self, &from_json(position).ok()?, why)?.written_down())
    }

    fn listing(&self, position: &Value) -> Option<Probe> {
        Source::listing(self, &from_json(position).ok()?)
    }

    fn probes(&self, begin: &Value) -> Vec<Probe> {
        from_json(begin).map(|begin| Source::probes(self, &begin)).unwrap_or_default()
    }

    fn foreseen(&self, begin: &Value) -> Vec<Note> {
        from_json(begin).map(|begin| Source::foreseen(self, &begin)).unwrap_or_default()
    }

    fn samples(&self, begin: &Value) -> Vec<Value> {
        let begin = from_json(begin).map(|begin| Source::samples(self, begin)).unwrap_or_default();
        begin.iter().map(to_json).collect()
    }

    fn tells_in_part(&self) -> bool {
        Source::tells_in_part(self)
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        Source::explain(self, answer)
    }
}

fn to_json<P: Serialize>(position: &P) -> Value {
    serde_json::to_value(position).expect("positions are plain data")
}

fn from_json<P: DeserializeOwned>(position: &Value) -> Result<P, Misread> {
    P::deserialize(position).map_err(|error| Misread::new(format!("the position kept cannot be read: {error}")))
}
