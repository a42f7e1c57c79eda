//! From the pushes in the inbox to facts: what they tell together, what is held back, what cannot be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use collectors::hooks::{self, Delivery, Read, Sort, Told};
use collectors::pull::{Note, Setting};
use facts::{AnyFact, BatchBuilder, Kind, PersonKey, Problem};
use store::{Held, SourceNote, Store, Turn, Waiting};

use super::in_words;
use super::pushed_facts::{portions, write};
use super::run::kept_note;

/// Pushes turned into facts at once, and the bytes of them.
const TAKEN_AT_ONCE: usize = 5_000;
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// A source that pushes.
pub(crate) struct Pusher {
    /// The sort of its pushes.
    pub sort: Sort,
    /// Its mappings.
    pub setting: Setting,
    /// By which they are signed; or why that cannot be had.
    pub secret: Result<Option<String>, String>,
}

/// What waits after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing, but for what came meanwhile.
    Nothing,
    /// More than one round takes.
    More,
}

/// A push that was looked at: what it tells, and what keeps the rest of it from being facts.
struct Looked {
    waiting: Waiting,
    told: Vec<Told>,
    withdrawn: Vec<(Kind, String)>,
    whole_at: Option<DateTime<Utc>>,
    /// It tells nothing at all, as the configuration stands.
    is_of_no_use: bool,
    reasons: Vec<String>,
    /// What people should know of it although its facts are taken: what was left out, and words that are not known.
    notes: Vec<Note>,
}

/// Turns pushes that wait into facts, and says of the others why they wait on.
pub(crate) fn take(store: &Store, key: &PersonKey, pushers: &BTreeMap<String, Pusher>) -> anyhow::Result<Left> {
    let round = store.waiting(TAKEN_AT_ONCE, MOST_BYTES)?;
    let left = if round.has_more { Left::More } else { Left::Nothing };
    let names = names_read(store, &round.pushes, pushers)?;
    for (source, looked) in look(round.pushes, key, pushers, &names) {
        take_of_source(store, key, &source, looked)?;
    }
    Ok(left)
}

/// By source, the names of repositories, as [`hooks::read_as`] wants them.
type Names = BTreeMap<String, BTreeMap<i64, String>>;

/// Under which names what was read of GitHub tells of its repositories, where some pushes are of it.
fn names_read(store: &Store, waiting: &[Waiting], pushers: &BTreeMap<String, Pusher>) -> anyhow::Result<Names> {
    let mut names = Names::new();
    for source in waiting.iter().map(|one| &one.push.source) {
        let is_of_github = pushers.get(source).is_some_and(|pusher| pusher.sort == Sort::Github);
        if is_of_github && !names.contains_key(source) {
            let position = store.cursor(source)?.unwrap_or_default();
            names.insert(source.clone(), collectors::github::names(&position));
        }
    }
    Ok(names)
}

/// What pushes tell, by source. Facts that break a rule by themselves are reasons.
fn look(
    waiting: Vec<Waiting>,
    key: &PersonKey,
    pushers: &BTreeMap<String, Pusher>,
    names: &Names,
) -> BTreeMap<String, Vec<Looked>> {
    let mut by_source: BTreeMap<String, Vec<Looked>> = BTreeMap::new();
    let mut checkers = BTreeMap::new();
    for one in waiting {
        let (read, reasons) = read(&one, pushers, names).unwrap_or_else(|reason| (Read::default(), vec![reason]));
        let Read { facts: told, withdrawn, whole_at, notes, .. } = read;
        let is_told = |note: &Note| matches!(note, Note::LeftOut(_) | Note::UnknownWord { .. });
        let notes = notes.into_iter().filter(is_told).collect();
        let is_of_no_use = told.is_empty() && withdrawn.is_empty() && reasons.is_empty();
        let mut looked = Looked { waiting: one, told, withdrawn, whole_at, is_of_no_use, reasons, notes };
        let source = looked.waiting.push.source.clone();
        looked.told.retain(|told| {
            let kind = told.fact.kind();
            let checker = checkers.entry(kind).or_insert_with(|| BatchBuilder::new(kind, key, &source, crate::now()));
            let checked = checker.check(&told.fact.cells());
            looked.reasons.extend(checked.as_ref().err().map(|problems| refusal(kind, problems)));
            checked.is_ok()
        });
        by_source.entry(source).or_default().push(looked);
    }
    by_source
}

fn take_of_source(store: &Store, key: &PersonKey, source: &str, mut looked: Vec<Looked>) -> anyhow::Result<()> {
    keep_newest(store, source, &mut looked)?;
    let withdrawn = withdrawn(&mut looked);
    let mut known = known_begins(store, source, &looked)?;
    let mut tells_begins = false;
    for told in looked.iter().flat_map(|one| &one.told).filter(|told| told.has_begin) {
        if let Some(at) = begin_of(&told.fact) {
            let first = known.entry(name(&told.fact)).or_insert(at);
            *first = at.min(*first);
            tells_begins = true;
        }
    }
    let (facts, mut early) = begun(&mut looked, &known);
    let is_whole: Vec<bool> = looked.iter().map(|one| one.whole_at.is_some()).collect();
    for portion in portions(store, source, facts, &is_whole)? {
        for (place, reason) in write(store, key, source, &portion)? {
            looked[place].reasons.push(reason);
        }
    }
    for (kind, ids) in withdrawn {
        let n = store.withdraw(source, kind, &ids, crate::now())?;
        tracing::debug!(source, %kind, n, "taken back");
    }
    let (mut taken, mut held, mut told, mut noted) = (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
    let mut of_no_use = Vec::new();
    for (place, Looked { waiting, is_of_no_use, reasons, notes, .. }) in looked.into_iter().enumerate() {
        if !waiting.is_noted && !notes.is_empty() {
            noted.push(waiting.number);
            notes.into_iter().for_each(|note| *told.entry(note).or_insert(0) += 1);
        }
        match (early.remove(&place), reasons.is_empty()) {
            // What is wrong with it is told when its time has come.
            (Some(Early { reason, awaits }), _) => held.push(Held { number: waiting.number, reason, awaits }),
            (None, true) if is_of_no_use => of_no_use.push(waiting.number),
            (None, true) => taken.push(waiting),
            (None, false) => {
                let reason = reasons.join("; ");
                tracing::warn!(source, number = waiting.number, %reason, "a push is not facts, or not all of it (cairn inbox list)");
                store.bury(waiting.number, &reason)?;
            }
        }
    }
    let notes: Vec<SourceNote> = told.iter().map(|(note, n)| kept_note(note, *n)).collect();
    store.note_pushes(source, &notes, crate::now())?;
    store.noted(&noted)?;
    store.hold(&held)?;
    store.taken(&taken, &of_no_use, crate::now())?;
    if tells_begins {
        store.release()?;
    }
    Ok(())
}

/// Of each thing that is told whole keeps the newest state, of these pushes and those before, and notes what they say of when.
fn keep_newest(store: &Store, source: &str, looked: &mut [Looked]) -> anyhow::Result<()> {
    let names = |one: &Looked| -> Vec<(Kind, String)> {
        one.told.iter().map(|told| name(&told.fact)).chain(one.withdrawn.iter().cloned()).collect()
    };
    let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (kind, id) in looked.iter().filter(|one| one.whole_at.is_some()).flat_map(names) {
        asked.entry(kind).or_default().push(id);
    }
    // When, and by which of these pushes; none where an earlier one told the newest.
    let mut newest: BTreeMap<(Kind, String), (DateTime<Utc>, Option<usize>)> = BTreeMap::new();
    for (kind, ids) in asked {
        newest.extend(store.whole_at(source, kind, &ids)?.into_iter().map(|(id, at)| ((kind, id), (at, None))));
    }
    for (place, one) in looked.iter().enumerate() {
        let Some(at) = one.whole_at else { continue };
        for name in names(one) {
            let known = newest.entry(name).or_insert((at, Some(place)));
            if at >= known.0 {
                *known = (at, Some(place));
            }
        }
    }
    for (place, one) in looked.iter_mut().enumerate().filter(|(_, one)| one.whole_at.is_some()) {
        let is_newest = |name: &(Kind, String)| newest.get(name).is_some_and(|(_, by)| *by == Some(place));
        one.told.retain(|told| is_newest(&name(&told.fact)));
        one.withdrawn.retain(is_newest);
    }
    let told = newest.into_iter().filter(|(_, (_, by))| by.is_some());
    let mut turns: Vec<Turn> = told
        .map(|((kind, id), (at, _))| Turn { kind, id, whole_at: Some(at), reopened_at: None, told: None })
        .collect();
    turns.extend(looked.iter().flat_map(|one| &one.told).filter(|told| told.reopened_at.is_some()).map(|told| {
        let (kind, id) = name(&told.fact);
        Turn { kind, id, whole_at: None, reopened_at: told.reopened_at, told: None }
    }));
    Ok(store.note_turns(source, &turns, crate::now())?)
}

/// What pushes take back and no later one tells again, by kind. What they tell of it before is passed over.
fn withdrawn(looked: &mut [Looked]) -> BTreeMap<Kind, Vec<String>> {
    let mut last: BTreeMap<(Kind, String), usize> = BTreeMap::new();
    for (place, one) in looked.iter_mut().enumerate() {
        last.extend(one.withdrawn.drain(..).map(|name| (name, place)));
    }
    let mut gone = last.clone();
    for (place, one) in looked.iter_mut().enumerate().filter(|_| !last.is_empty()) {
        one.told.retain(|told| {
            let name = name(&told.fact);
            let is_later = last.get(&name).is_none_or(|withdrawn| place > *withdrawn);
            if is_later {
                gone.remove(&name);
            }
            is_later
        });
    }
    let mut by_kind: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (kind, id) in gone.into_keys() {
        by_kind.entry(kind).or_default().push(id);
    }
    by_kind
}

/// What holds a push back: the reason, and the things whose begins it waits for.
struct Early {
    reason: String,
    awaits: Vec<(Kind, String)>,
}

/// The facts whose begin is known, each with the place of its push; and of the pushes that tell of others, which they hold
/// back.
fn begun(
    looked: &mut [Looked],
    known: &BTreeMap<(Kind, String), DateTime<Utc>>,
) -> (Vec<(usize, Told)>, BTreeMap<usize, Early>) {
    let (mut facts, mut early) = (Vec::new(), BTreeMap::<usize, Early>::new());
    for (place, one) in looked.iter_mut().enumerate() {
        for mut told in one.told.drain(..) {
            if told.has_begin {
                facts.push((place, told));
                continue;
            }
            let (kind, id) = name(&told.fact);
            match known.get(&(kind, id.clone())) {
                None => {
                    let reason = "began was not told yet; this is tried again when it is";
                    let reason = || format!("when {kind} `{}` {reason}", facts::shorten(&id));
                    let held = early.entry(place).or_insert_with(|| Early { reason: reason(), awaits: Vec::new() });
                    held.awaits.push((kind, id));
                }
                // The event's own time stands where the begin belongs: an end before the begin would move it.
                Some(begin) if begin_of(&told.fact).is_some_and(|at| at < *begin) => {
                    let begin = begin.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                    one.reasons.push(format!(
                        "what it tells of {kind} `{}` happened before that began ({begin})",
                        facts::shorten(&id)
                    ));
                }
                Some(begin) => {
                    began_at(&mut told.fact, *begin);
                    facts.push((place, told));
                }
            }
        }
    }
    (facts, early)
}

pub(super) fn refusal(kind: Kind, problems: &[Problem]) -> String {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    format!("the {kind} it tells of cannot be: {}", problems.join("; "))
}

/// What a fact is told apart by, within its source.
pub(super) fn name(fact: &AnyFact) -> (Kind, String) {
    let (spec, cells) = (fact.kind().spec(), fact.cells());
    let parts = spec.identity.iter().filter_map(|name| spec.position(name)).map(|at| cells[at].to_string());
    (fact.kind(), parts.collect::<Vec<_>>().join(" "))
}

/// When a thing that events tell bit by bit began.
fn begin_of(fact: &AnyFact) -> Option<DateTime<Utc>> {
    match fact {
        AnyFact::Incident(incident) => Some(incident.opened_at),
        AnyFact::Ticket(ticket) => Some(ticket.opened_at),
        _ => None,
    }
}

fn began_at(fact: &mut AnyFact, at: DateTime<Utc>) {
    match fact {
        AnyFact::Incident(incident) => incident.opened_at = at,
        AnyFact::Ticket(ticket) => ticket.opened_at = at,
        _ => {}
    }
}

/// Of the things whose begin these pushes do not tell, when those began that the store knows.
fn known_begins(
    store: &Store,
    source: &str,
    looked: &[Looked],
) -> anyhow::Result<BTreeMap<(Kind, String), DateTime<Utc>>> {
    let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for told in looked.iter().flat_map(|one| &one.told).filter(|told| !told.has_begin) {
        let (kind, id) = name(&told.fact);
        asked.entry(kind).or_default().push(id);
    }
    let mut known = BTreeMap::new();
    for (kind, ids) in asked {
        known.extend(store.begins(kind, source, &ids)?.into_iter().map(|(id, at)| ((kind, id), at)));
    }
    Ok(known)
}

/// What a push tells, and why some of it is not told as it should be: to be mended and replayed, so it is not lost.
fn read(waiting: &Waiting, pushers: &BTreeMap<String, Pusher>, names: &Names) -> Result<(Read, Vec<String>), String> {
    let push = &waiting.push;
    let Some(pusher) = pushers.get(&push.source) else {
        return Err(format!("there is no source `{}` in cairn.toml any more", push.source));
    };
    let headers: Vec<(String, String)> = serde_json::from_str(&push.headers).map_err(|error| error.to_string())?;
    let delivery = Delivery { headers: &headers, body: &push.body, at: push.received_at };
    let none = BTreeMap::new();
    let names = names.get(&push.source).unwrap_or(&none);
    let mut read = hooks::read_as(pusher.sort, &pusher.setting, &delivery, names).map_err(|error| error.to_string())?;
    let mut reasons = std::mem::take(&mut read.odd);
    if read.n_more_odd > 0 {
        reasons.push(format!("and {} more that cannot be read", crate::tables::count(read.n_more_odd)));
    }
    read.notes = read.notes.into_iter().map(Note::readable).collect();
    for note in &read.notes {
        let said = in_words(&push.source, note, 1);
        if matches!(note, Note::Unmapped { .. }) && !reasons.contains(&said) {
            reasons.push(said);
        } else {
            tracing::debug!(source = push.source, note = said, "of a push");
        }
    }
    Ok((read, reasons))
}
