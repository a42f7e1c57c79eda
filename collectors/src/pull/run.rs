//! The one loop that reads any source: asks, waits, tries again, gathers facts, and hands them to the store with the
//! position up to which they were read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use facts::{AnyFact, Remains};
use rand::Rng as _;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::verdict::{HeadRoom, Verdict, head_room, judge, refusal};
use super::{Answer, AnySource, Ask, Misread, Next, Note, Transport, TransportError};

/// Where facts go.
pub trait Sink: Send + Sync + 'static {
    /// The position that an earlier run left.
    fn position(&self) -> anyhow::Result<Option<String>>;
    /// Writes facts, what remains of earlier ones, and the position up to which they were read. The position is never
    /// written without the others.
    fn store(&self, facts: Vec<AnyFact>, remains: Vec<Remains>, position: &Value) -> anyhow::Result<()>;
    /// Called now and then with how far the reading is.
    fn progress(&self, requests: u64, facts: u64);
}

/// How patiently to read.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The first wait after a failure; each further one is up to twice as long, with jitter.
    pub first_wait: Duration,
    /// How often a request is tried.
    pub tries: u32,
    /// The longest wait that a system may ask for before the run ends and leaves the rest to the next.
    pub longest_wait: Duration,
    /// Facts gathered before they are stored.
    pub facts_at_once: usize,
    /// Time after which gathered facts are stored, however few.
    pub store_every: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            first_wait: Duration::from_secs(1),
            tries: 6,
            longest_wait: Duration::from_secs(15 * 60),
            facts_at_once: 12_000,
            store_every: Duration::from_secs(10),
        }
    }
}

/// How a run went, told whether or not it came to the end.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests sent, with those tried again.
    pub requests: u64,
    /// Requests that were tried again.
    pub retries: u64,
    /// Facts stored.
    pub facts: u64,
    /// What people should know, and how often it was met.
    pub notes: BTreeMap<Note, u64>,
    /// What the system said of its rate limit, last.
    pub head_room: Option<HeadRoom>,
    /// Why it ended before the end.
    pub stopped: Option<Stopped>,
}

/// Why a run ended before the end. What was read is kept; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// No answer could be had.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The system refuses.
    #[error("{path} was answered with {status}: {reason}")]
    Refused {
        /// What was asked.
        path: String,
        /// The status.
        status: u16,
        /// What it means and what to do.
        reason: String,
    },
    /// An answer cannot be read.
    #[error("the answer to {path} cannot be read: {error}")]
    Unreadable {
        /// What was asked.
        path: String,
        /// Why.
        error: Misread,
    },
    /// The system wants a longer pause than the run may wait.
    #[error("the system allows no further requests until {until}; the next run goes on from here")]
    RateLimited {
        /// When it allows them again.
        until: String,
    },
    /// Files could not be read or taken.
    #[error("{0}")]
    Files(String),
    /// The end was reached, and parts on the way were not given.
    #[error("{0}; what could be read is kept")]
    Denied(String),
    /// The store failed.
    #[error("what was read could not be stored: {0}")]
    Store(String),
    /// Somebody asked to stop.
    #[error("stopped; the next run goes on from here")]
    Cancelled,
}

impl Stopped {
    /// Whether it is of the one thing that was asked for. A system that is not there, or believes nobody, gives nothing else either.
    pub fn is_of_what_was_asked(&self) -> bool {
        match self {
            Stopped::Refused { status, .. } => *status != 401,
            Stopped::Unreadable { .. } => true,
            _ => false,
        }
    }
}

/// Reads a source to its end, or as far as it goes.
pub async fn collect(
    source: &dyn AnySource,
    transport: &Transport,
    sink: Arc<dyn Sink>,
    pace: Pace,
    since: Option<DateTime<Utc>>,
    now: fn() -> DateTime<Utc>,
    cancel: watch::Receiver<bool>,
) -> Outcome {
    let mut run =
        Run { transport, source, pace, now, cancel, outcome: Outcome::default(), n_passed_over: 0, is_failing: false };
    let mut gathered =
        Gathered { sink, facts: Vec::new(), remains: Vec::new(), position: None, since: Instant::now(), writing: None };
    let stopped = run.read(&mut gathered, since).await.err();
    // Whatever the end, what was read is kept.
    let kept = match gathered.flush().await {
        Ok(()) => gathered.settle().await,
        Err(error) => Err(error),
    };
    run.outcome.stopped = stopped.or(kept.err()).or_else(|| denied(&run.outcome.notes));
    run.outcome
}

/// That parts were not given, where there are such.
fn denied(notes: &BTreeMap<Note, u64>) -> Option<Stopped> {
    let mut parts = notes.keys().filter_map(|note| match note {
        Note::Denied(part) => Some(part),
        _ => None,
    });
    let first = parts.next()?;
    Some(Stopped::Denied(match parts.count() {
        0 => first.clone(),
        n => format!("{first} (and {n} more)"),
    }))
}

/// How often that is tried which the source can do without.
const TRIES_OF_A_PART: u32 = 3;
/// So many parts are passed over, one after the other, as the system fails over them; then it is taken not to be there.
const MOST_PASSED_OVER: u32 = 20;

struct Run<'a> {
    transport: &'a Transport,
    source: &'a dyn AnySource,
    pace: Pace,
    now: fn() -> DateTime<Utc>,
    cancel: watch::Receiver<bool>,
    outcome: Outcome,
    /// Parts that the system failed over since something was read.
    n_passed_over: u32,
    /// What was asked last could not be had.
    is_failing: bool,
}

/// Facts on their way to the store. One write runs while the next pages are asked for.
struct Gathered {
    sink: Arc<dyn Sink>,
    facts: Vec<AnyFact>,
    remains: Vec<Remains>,
    position: Option<Value>,
    since: Instant,
    writing: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Gathered {
    async fn flush(&mut self) -> Result<(), Stopped> {
        let Some(position) = self.position.take() else { return Ok(()) };
        self.settle().await?;
        let (facts, remains) = (std::mem::take(&mut self.facts), std::mem::take(&mut self.remains));
        let sink = Arc::clone(&self.sink);
        self.writing = Some(tokio::task::spawn_blocking(move || sink.store(facts, remains, &position)));
        self.since = Instant::now();
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), Stopped> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        match writing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Stopped::Store(format!("{error:#}"))),
            Err(error) => Err(Stopped::Store(error.to_string())),
        }
    }
}

impl Run<'_> {
    async fn read(&mut self, gathered: &mut Gathered, since: Option<DateTime<Utc>>) -> Result<(), Stopped> {
        let sink = Arc::clone(&gathered.sink);
        let last = tokio::task::spawn_blocking(move || sink.position())
            .await
            .map_err(|error| Stopped::Store(error.to_string()))?
            .map_err(|error| Stopped::Store(format!("{error:#}")))?;
        let mut position = self.source.begin(last.as_deref(), since, (self.now)());
        loop {
            let page = match self.page(&position).await {
                Ok(page) => {
                    (self.n_passed_over, self.is_failing) = (0, false);
                    page
                }
                Err(stopped) => self.without(&position, stopped)?,
            };
            self.outcome.facts += page.facts.len() as u64;
            for note in page.notes {
                *self.outcome.notes.entry(note.readable()).or_default() += 1;
            }
            gathered.facts.extend(page.facts);
            gathered.remains.extend(page.remains);
            let (next, is_last) = match page.next {
                Next::Ask(next) => (next, false),
                Next::Done(next) => (next, true),
            };
            if !is_last && next == position {
                let error = Misread::new("it names itself as the next page");
                return Err(Stopped::Unreadable { path: self.path(&position), error });
            }
            // While nothing is read, what was passed over may be but the first of all that the system does not give.
            if self.n_passed_over == 0 || is_last {
                gathered.position = Some(next.clone());
            }
            if is_last {
                return Ok(());
            }
            position = next;
            if gathered.facts.len() >= self.pace.facts_at_once || gathered.since.elapsed() >= self.pace.store_every {
                gathered.flush().await?;
            }
            gathered.sink.progress(self.outcome.requests, self.outcome.facts);
        }
    }

    /// What is left without what was asked at a position; an error where the source needs it, or the system gives nothing.
    fn without(&mut self, position: &Value, stopped: Stopped) -> Result<super::Page<Value>, Stopped> {
        if self.n_passed_over == MOST_PASSED_OVER {
            return Err(stopped);
        }
        // What is refused shows that the system is there, and what is asked for in another way is not passed over yet.
        let is_refused = matches!(&stopped, Stopped::Refused { status, .. } if *status < 500);
        let page = self.source.pass_over(position, &stopped).ok_or(stopped)?;
        self.is_failing = !is_refused;
        self.n_passed_over += u32::from(!is_refused && !page.notes.is_empty());
        Ok(page)
    }

    /// How often something is tried: where one thing was passed over just now, the next may fail alike.
    fn most_tries(&self) -> u32 {
        if self.is_failing { self.pace.tries.min(TRIES_OF_A_PART) } else { self.pace.tries }
    }

    fn path(&self, position: &Value) -> String {
        self.source.ask(position).map(|ask| ask.place().to_owned()).unwrap_or_default()
    }

    /// One page, asked for as often as it takes.
    async fn page(&mut self, position: &Value) -> Result<super::Page<Value>, Stopped> {
        let ask = self.source.ask(position).map_err(|error| Stopped::Unreadable { path: String::new(), error })?;
        let (mut tries, mut waits) = (0, 0);
        loop {
            let answer = self.answer(&ask).await?;
            match self.transport.read(self.source, position, &answer) {
                Ok(page) => return Ok(page),
                Err(Misread { again_at: Some(at), .. }) => {
                    waits += 1;
                    self.outcome.retries += 1;
                    self.wait_as_asked(Some(at), waits).await?;
                }
                // A body cut on its way looks like a wrong one: it is asked for once more.
                Err(error) if tries == 0 || error.may_pass && tries + 1 < self.most_tries() => {
                    tries += 1;
                    self.outcome.retries += 1;
                    tracing::warn!(path = %ask.path, %error, "unreadable, asking once more");
                    self.wait(self.backoff(tries - 1)).await?;
                }
                Err(error) => return Err(Stopped::Unreadable { path: ask.place().to_owned(), error }),
            }
        }
    }

    async fn answer(&mut self, ask: &Ask) -> Result<Answer, Stopped> {
        let mut tries = 0;
        let most_tries = self.pace.tries.min(TRIES_OF_A_PART);
        let is_at_last = |tries: u32, answer: &Answer| tries >= most_tries && ask.at_last.contains(&answer.status);
        loop {
            tries += 1;
            self.outcome.requests += 1;
            let mut cancel = self.cancel.clone();
            let sent = tokio::select! {
                sent = self.transport.send(ask) => sent,
                _ = cancel.wait_for(|is_cancelled| *is_cancelled) => return Err(Stopped::Cancelled),
            };
            let failure = match sent {
                Ok(answer) => {
                    tracing::debug!(path = %ask.path, status = answer.status, bytes = answer.body.len(), "answered");
                    self.outcome.head_room = head_room(&answer).or(self.outcome.head_room);
                    match judge(&answer, ask, (self.now)()) {
                        Verdict::Good => return Ok(answer),
                        Verdict::Limited(_) if is_at_last(tries, &answer) => return Ok(answer),
                        Verdict::Limited(until) => {
                            self.outcome.retries += 1;
                            self.wait_as_asked(until, tries).await?;
                            continue;
                        }
                        Verdict::Refused => return Err(self.refused(ask, &answer)),
                        Verdict::Failing if is_at_last(tries, &answer) => return Ok(answer),
                        Verdict::Failing => self.refused(ask, &answer),
                    }
                }
                Err(error @ TransportError::Network { .. }) => error.into(),
                Err(error) => return Err(error.into()),
            };
            if tries >= self.most_tries() {
                return Err(failure);
            }
            self.outcome.retries += 1;
            let wait = self.backoff(tries);
            tracing::warn!(path = %ask.path, reason = %failure, seconds = wait.as_secs_f64(), "trying again");
            self.wait(wait).await?;
        }
    }

    fn refused(&self, ask: &Ask, answer: &Answer) -> Stopped {
        Stopped::Refused { path: ask.place().to_owned(), status: answer.status, reason: refusal(self.source, answer) }
    }

    /// Twice as long each time, and by chance up to that, so that many clients do not come back at once.
    fn backoff(&self, tries: u32) -> Duration {
        let most = self.pace.first_wait.saturating_mul(1 << tries.min(10)).min(Duration::from_secs(60));
        most.mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    /// Waits as the system asks, and at least as long as after a failure: a time that has passed already is no leave to ask
    /// at once, and without end.
    async fn wait_as_asked(&mut self, until: Option<DateTime<Utc>>, tries: u32) -> Result<(), Stopped> {
        let now = (self.now)();
        let asked = until.and_then(|until| (until - now).to_std().ok()).unwrap_or(Duration::ZERO);
        let wait = asked.max(self.backoff(tries));
        if wait > self.pace.longest_wait || tries >= self.pace.tries * 4 {
            return Err(Stopped::RateLimited { until: (now + wait).to_rfc3339_opts(SecondsFormat::Secs, true) });
        }
        // Whoever sits before it is told why nothing happens.
        if wait >= Duration::from_secs(10) {
            tracing::warn!(seconds = wait.as_secs(), "waiting: the system answers that its rate limit is used up");
        } else {
            tracing::info!(seconds = wait.as_secs_f64(), "waiting, as the system asks");
        }
        self.wait(wait).await
    }

    async fn wait(&mut self, wait: Duration) -> Result<(), Stopped> {
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            _ = self.cancel.wait_for(|is_cancelled| *is_cancelled) => Err(Stopped::Cancelled),
        }
    }
}
