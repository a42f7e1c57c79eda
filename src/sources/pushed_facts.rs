//! The facts of pushes on their way into the store: those of one thing as one, in the order in which things happened.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use collectors::hooks::Told;
use facts::{BatchBuilder, Cell, Kind, PersonKey, RowOrigin};
use store::{StandingEnd, Store, ToldAt, Turn};

use super::pushed::{name, refusal};

/// Facts that are written together, each with the place of its push.
pub(super) struct Portion {
    told: Vec<(usize, Told)>,
    end: StandingEnd,
    /// Columns of which something newer was told.
    yields: Vec<&'static str>,
}

/// Facts in the order in which what they tell happened, parted by what becomes of what stands; notes what events told when.
pub(super) fn portions(
    store: &Store,
    source: &str,
    mut facts: Vec<(usize, Told)>,
    is_whole: &[bool],
) -> anyhow::Result<Vec<Portion>> {
    facts.sort_by_key(|(_, told)| told.at);
    let mut turns: Vec<Turn> = Vec::new();
    let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (_, told) in &facts {
        let Some(at) = told.at else { continue };
        let (kind, id) = name(&told.fact);
        asked.entry(kind).or_default().push(id.clone());
        let columns = Some(told_columns(told).join(" "));
        turns.push(Turn { kind, id, whole_at: None, reopened_at: None, told: Some(ToldAt { at, columns }) });
    }
    let mut events: BTreeMap<(Kind, String), Vec<ToldAt>> = BTreeMap::new();
    for (kind, ids) in asked {
        events.extend(store.told(source, kind, &ids)?.into_iter().map(|(id, told)| ((kind, id), told)));
    }
    // Of what was not told of before, all that there is to put in order is here.
    for Turn { kind, id, told, .. } in &turns {
        if let Some(events) = events.get_mut(&(*kind, id.clone())) {
            events.extend(told.clone());
        }
    }
    let mut portions: Vec<Portion> = Vec::new();
    for (place, told) in facts {
        let end = if is_whole[place] { StandingEnd::Passes } else { StandingEnd::Counts };
        let of_it = told.at.and_then(|at| Some((at, events.get(&name(&told.fact))?)));
        let yields = of_it.map_or_else(Vec::new, |(at, events)| [told.filled, &told_later(&told, at, events)].concat());
        match portions.iter_mut().find(|portion| portion.end == end && portion.yields == yields) {
            Some(portion) => portion.told.push((place, told)),
            None => portions.push(Portion { told: vec![(place, told)], end, yields }),
        }
    }
    store.note_turns(source, &turns, crate::now())?;
    Ok(portions)
}

/// The columns that an event tells.
fn told_columns(Told { fact, filled, .. }: &Told) -> Vec<&'static str> {
    let cells = fact.cells();
    let columns = fact.kind().spec().columns.iter().zip(&cells);
    let told = columns.filter(|(_, cell)| !matches!(cell, Cell::Null)).map(|(column, _)| column.name);
    told.filter(|name| !filled.contains(name)).collect()
}

/// Of the columns that an event tells, those that one after it told too.
fn told_later(told: &Told, at: DateTime<Utc>, events: &[ToldAt]) -> Vec<&'static str> {
    let later = || events.iter().filter(|event| event.at > at);
    let is_told = |name: &&str| {
        later().any(|event| event.columns.as_ref().is_none_or(|told| told.split(' ').any(|told| told == *name)))
    };
    told_columns(told).into_iter().filter(is_told).collect()
}

/// Writes facts of pushes, each with the place of its push. What they leave open stays as it stands. Returns the places
/// of those that cannot be together, with the reasons.
pub(super) fn write(
    store: &Store,
    key: &PersonKey,
    source: &str,
    portion: &Portion,
) -> anyhow::Result<Vec<(usize, String)>> {
    let mut builders: BTreeMap<Kind, BatchBuilder> = BTreeMap::new();
    let mut refused = Vec::new();
    for Joined { kind, cells, places } in joined(&portion.told) {
        let builder = builders.entry(kind).or_insert_with(|| BatchBuilder::new(kind, key, source, crate::now()));
        if let Err(problems) = builder.push(&cells, RowOrigin::default()) {
            refused.extend(places.into_iter().map(|place| (place, refusal(kind, &problems))));
        }
    }
    let mut intake = store.begin(crate::now())?;
    for (kind, mut builder) in builders {
        let batch = builder.finish();
        if batch.n_future > 0 {
            tracing::warn!(source, %kind, n = batch.n_future, "pushed facts are of a time later than now; is a clock wrong?");
        }
        intake.stage(&batch)?;
        intake.keep_what_stands(kind, portion.end, &portion.yields)?;
    }
    intake.commit(None)?;
    Ok(refused)
}

/// What several pushes tell of one thing.
struct Joined<'a> {
    kind: Kind,
    cells: Vec<Cell<'a>>,
    places: Vec<usize>,
}

/// How and when a deployment ended: whether it succeeded, and the time.
fn end_of(kind: Kind, cells: &[Cell<'_>]) -> Option<(bool, i64)> {
    let of = |name| kind.spec().position(name).and_then(|at| cells.get(at));
    match (kind, of("result"), of("finished_at")) {
        (Kind::Deployment, Some(Cell::Text(result)), Some(Cell::Time(at))) => Some((*result == "success", *at)),
        _ => None,
    }
}

/// Whether an end is none of its deployment: the first success is not undone, nor, where there is none, the first end.
fn is_past_the_end(standing: (bool, i64), told: (bool, i64)) -> bool {
    match (standing, told) {
        ((true, _), (false, _)) => true,
        ((false, _), (true, _)) => false,
        ((_, first), (_, at)) => at >= first,
    }
}

/// Facts of one thing as one: what a later one says stands, what it leaves open stays as an earlier one says. When
/// something began is the earliest that any of them says, when it ended the latest.
fn joined(told: &[(usize, Told)]) -> Vec<Joined<'_>> {
    let mut found: Vec<Joined<'_>> = Vec::new();
    let mut by_name: BTreeMap<(Kind, String), usize> = BTreeMap::new();
    for (place, Told { fact, filled, .. }) in told {
        let (kind, spec, cells) = (fact.kind(), fact.kind().spec(), fact.cells());
        let at = *by_name.entry(name(fact)).or_insert(found.len());
        let Some(standing) = found.get_mut(at) else {
            found.push(Joined { kind, cells, places: vec![*place] });
            continue;
        };
        standing.places.push(*place);
        let ends = end_of(kind, &standing.cells).zip(end_of(kind, &cells));
        let is_past_the_end = ends.is_some_and(|(standing, told)| is_past_the_end(standing, told));
        for ((column, old), new) in spec.columns.iter().zip(standing.cells.iter_mut()).zip(cells) {
            let is_of_the_end = ends.is_some() && store::OF_THE_END.contains(&column.name);
            match (*old, new) {
                (_, new) if is_of_the_end => *old = if is_past_the_end { *old } else { new },
                (standing, _) if is_past_the_end && !matches!(standing, Cell::Null) => {}
                (_, Cell::Null) => {}
                (_, _) if filled.contains(&column.name) => {}
                (Cell::Time(first), Cell::Time(second)) if store::IS_EARLIEST.contains(&column.name) => {
                    *old = Cell::Time(first.min(second));
                }
                (Cell::Time(first), Cell::Time(second)) if column.name == store::IS_LATEST => {
                    *old = Cell::Time(first.max(second));
                }
                (_, new) => *old = new,
            }
        }
    }
    found
}
