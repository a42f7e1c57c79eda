//! The facts of pushes on their way into the store: those of one thing as one, in the order in which things happened.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use collectors::hooks::Told;
use facts::{BatchBuilder, Cell, Kind, PersonKey, RowOrigin};
use store::{Newer, StandingEnd, Store, Turn};

use super::pushed::{name, refusal};

/// Facts that are written together, each with the place of its push.
pub(super) struct Portion {
    told: Vec<(usize, Told)>,
    end: StandingEnd,
    newer: Newer,
}

/// Facts in the order in which what they tell happened, parted by what becomes of what stands; notes when the newest happened.
pub(super) fn portions(
    store: &Store,
    source: &str,
    mut facts: Vec<(usize, Told)>,
    is_whole: &[bool],
) -> anyhow::Result<Vec<Portion>> {
    facts.sort_by_key(|(_, told)| told.at);
    let mut newest: BTreeMap<(Kind, String), DateTime<Utc>> = BTreeMap::new();
    for (_, told) in &facts {
        // Facts come oldest first.
        newest.extend(told.at.map(|at| (name(&told.fact), at)));
    }
    let mut asked: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (kind, id) in newest.keys() {
        asked.entry(*kind).or_default().push(id.clone());
    }
    let mut known: BTreeMap<(Kind, String), DateTime<Utc>> = BTreeMap::new();
    for (kind, ids) in asked {
        known.extend(store.told_at(source, kind, &ids)?.into_iter().map(|(id, at)| ((kind, id), at)));
    }
    let turns: Vec<Turn> = newest
        .into_iter()
        .filter(|(name, at)| known.get(name).is_none_or(|known| known < at))
        .map(|((kind, id), at)| Turn { kind, id, whole_at: None, reopened_at: None, told_at: Some(at) })
        .collect();
    let mut portions: Vec<Portion> = Vec::new();
    for (place, told) in facts {
        let end = if is_whole[place] { StandingEnd::Passes } else { StandingEnd::Counts };
        let is_older = told.at.is_some_and(|at| known.get(&name(&told.fact)).is_some_and(|known| at < *known));
        let newer = if is_older { Newer::Standing } else { Newer::Told };
        match portions.iter_mut().find(|portion| portion.end == end && portion.newer == newer) {
            Some(portion) => portion.told.push((place, told)),
            None => portions.push(Portion { told: vec![(place, told)], end, newer }),
        }
    }
    store.note_turns(source, &turns, crate::now())?;
    Ok(portions)
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
        intake.keep_what_stands(kind, portion.end, portion.newer)?;
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
    for (place, Told { fact, .. }) in told {
        let (kind, spec, cells) = (fact.kind(), fact.kind().spec(), fact.cells());
        let at = *by_name.entry(name(fact)).or_insert(found.len());
        let Some(standing) = found.get_mut(at) else {
            found.push(Joined { kind, cells, places: vec![*place] });
            continue;
        };
        standing.places.push(*place);
        if let (Some(standing), Some(told)) = (end_of(kind, &standing.cells), end_of(kind, &cells))
            && is_past_the_end(standing, told)
        {
            continue;
        }
        for ((column, old), new) in spec.columns.iter().zip(standing.cells.iter_mut()).zip(cells) {
            match (*old, new) {
                (_, Cell::Null) => {}
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
