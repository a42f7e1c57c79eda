//! From a question to the rows of its answer: what is known of its buckets already, what has to be read of the others, and
//! the figures made of both.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use crate::answer::{Answer, Coverage, Estimated, Group, Row};
use crate::ask::Ask;
use crate::catalogue::{Aggregate, Apart, Metric, Shape};
use crate::cell::{Cell, Tally};
use crate::cells::{Cells, count_reasons};
use crate::cores::on_cores;
use crate::engine::Engine;
use crate::error::AnalyticsError;
use crate::figures::{Placed, is_provisional, row};
use crate::judge::Before;
use crate::kept::Subject;
use crate::kept_rows::Wanted;
use crate::parts::{self, GroupNames, Part, Seen};
use crate::places::Places;
use crate::spans::Connected;
use crate::statement::{Filter, Statement};
use crate::window::{Bucket, Window};
use crate::withheld;

/// More cells than this are no figure to look at; asking for them is refused with advice.
const MOST_CELLS: usize = 500_000;
/// With fewer values, starting another thread takes longer than finding their order.
const MANY_VALUES: u64 = 50_000;
/// With fewer rows, starting another thread takes longer than copying them.
const MANY_ROWS: usize = 2_000;

/// The figures of one bucket.
pub(crate) struct OfBucket {
    /// Those of the groups of which something was observed, in order.
    pub figures: Vec<Figure>,
    /// The stages of a duration are among them.
    has_stages: bool,
    /// In how many people's figures nothing is told.
    n_withheld: u64,
}

/// The figure of one group.
pub(crate) struct Figure {
    group: Group,
    tally: Tally,
    row: Row,
}

/// Why what was observed in a bucket does not count: reason and number.
pub(crate) type Reasons = BTreeMap<String, u64>;

/// What is asked for in each bucket.
struct Work<'a> {
    engine: &'a Engine,
    /// On how many cores it may be done.
    n_cores: usize,
    metric: &'a Metric,
    ask: &'a Ask,
    filters: Vec<Filter>,
    now: DateTime<Utc>,
}

impl Engine {
    /// Computes an answer. The buckets `before` those asked for are read along, only for the others to be judged by.
    pub(crate) fn compute(
        &self,
        n_cores: usize,
        metric: &Metric,
        ask: &Ask,
        before: &Before,
        now: DateTime<Utc>,
    ) -> Result<Answer, AnalyticsError> {
        let zone = self.options().zone;
        let buckets = ask.window.buckets(ask.grain, zone, now)?;
        let all = [&before.buckets()[..], &buckets].concat();
        let n_before = before.read.len();
        let work = Work { engine: self, n_cores, metric, ask, filters: self.filters_of(metric, ask, now)?, now };
        let Some(found) = work.found(before, &buckets, &all)? else {
            if n_before > 0 {
                // It may still be answered, only not judged.
                return self.compute(n_cores, metric, ask, &Before::default(), now);
            }
            return Err(AnalyticsError::BadQuestion(format!(
                "the answer would have {} buckets x more than {} groups; choose a coarser grain, a shorter window or a filter",
                buckets.len(),
                MOST_CELLS / all.len(),
            )));
        };
        let (found_before, found) = found.split_at(n_before);
        let tallies = || found.iter().flat_map(|of_bucket| &of_bucket.figures).map(|figure| &figure.tally);
        let total = |count: fn(&Tally) -> u64| tallies().map(count).sum::<u64>();
        let (n_all, n_usable) = (total(|tally| tally.n_all), total(|tally| tally.n_usable));
        let (n_left_out, n_estimated) = (total(|tally| tally.n_left_out), total(|tally| tally.n_estimated));

        let mut answer = Answer::of(
            metric,
            self.title(metric),
            ask.window,
            ask.grain,
            ask.by.iter().map(|name| (*name).to_owned()).collect(),
        );
        let estimated = metric.estimates.clone().filter(|_| n_estimated > 0);
        answer.coverage = Coverage {
            usable: n_usable,
            relevant: n_all - n_left_out,
            reasons: work.reasons(&buckets, found)?,
            estimated: estimated.map(|how| Estimated { n: n_estimated, how }),
        };
        let n_mixed = tallies().filter(|tally| tally.is_mixed).map(|tally| tally.n_usable).sum::<u64>();
        if metric.aggregate == Aggregate::Cell && n_mixed > 0 {
            answer.coverage.usable -= n_mixed;
            let reason =
                format!("several published cells, never added together: ask by {}", metric.dimensions.join(", "));
            answer.coverage.reasons.insert(reason, n_mixed);
        } else if let (Some(Apart { dimension, .. }), true) = (&metric.apart, n_mixed > 0) {
            answer.coverage.usable -= n_mixed;
            let reason =
                format!("more than one {dimension}, never added together: ask by {dimension}, or for one of them");
            answer.coverage.reasons.insert(reason, n_mixed);
        }
        withheld::note(found.iter().map(|of_bucket| of_bucket.n_withheld).sum(), &mut answer.coverage);
        answer.freshness = self.freshness(metric)?;
        answer.untold = self.untold(metric)?;

        let groups = work.groups(found);
        let told = work.told(&groups, &all)?;
        let (all_before, all_asked) = all.split_at(n_before);
        answer.rows = work.rows((all_asked, n_before), found, &groups, &told);
        answer.before = work.rows((all_before, 0), found_before, &groups, &told);
        self.forget_times_untold(metric, ask, (all_before, all_asked), &mut answer, now)?;
        Ok(answer)
    }

    fn filters_of(&self, metric: &Metric, ask: &Ask, now: DateTime<Utc>) -> Result<Vec<Filter>, AnalyticsError> {
        let mut filters = self.filters(metric, ask, now)?;
        if metric.aggregate == Aggregate::Cell {
            let is_about_team = |dimension: &str| dimension == "team";
            let asks_for_teams = ask.by.iter().any(|dimension| is_about_team(dimension))
                || ask.filters.iter().any(|(dimension, _)| is_about_team(dimension));
            filters.push(if asks_for_teams { Filter::SingleTeams } else { Filter::AllTeams });
        }
        Ok(filters)
    }
}

impl Work<'_> {
    /// The figures of all buckets, those before the window first; none where they are too many.
    fn found(
        &self,
        before: &Before,
        buckets: &[Bucket],
        all: &[Bucket],
    ) -> Result<Option<Vec<Arc<OfBucket>>>, AnalyticsError> {
        let Work { engine, n_cores, metric, ask, .. } = *self;
        let n_before = before.read.len();
        let data_version = engine.store().data_version();
        let zone = engine.options().zone;
        let subject = Subject::of(ask);
        let has_stages = |place: usize| place >= n_before && !metric.stages.is_empty();
        let known = |(place, bucket): (usize, &Bucket)| {
            let is_enough = |of_bucket: &&Arc<OfBucket>| of_bucket.has_stages || !has_stages(place);
            self.is_settled(bucket).then(|| engine.kept().figures.of(&subject, bucket).filter(is_enough).cloned())?
        };
        let mut found: Vec<Option<Arc<OfBucket>>> = all.iter().enumerate().map(known).collect();

        // What is read are the parts of the bucket in which the window begins, not the whole.
        let pieces = [&before.read[..], buckets].concat();
        let mut is_wanted: Vec<bool> = found.iter().map(Option::is_none).collect();
        if before.whole.is_some() && is_wanted[n_before - 1] {
            is_wanted[n_before] = true;
        }
        // Names that are never added are numbered part by part.
        let is_split = n_cores > 1 && metric.apart.is_none() && engine.reads_many_rows(metric, span(&pieces))?;
        let n_parts = if is_split { n_cores } else { 1 };
        let stretches = parts::stretches(&is_wanted, n_parts);
        let n_each = n_cores / stretches.len().clamp(1, n_parts);
        let read = |stretch: Vec<Bucket>| self.read(&stretch, n_each);
        let read = on_cores(n_parts, stretches.iter().map(|stretch| pieces[stretch.clone()].to_vec()).collect(), read);
        let read: Vec<Part> = read.into_iter().collect::<Result<_, _>>()?;
        let n_groups = read.iter().map(|part| part.n_groups).max().unwrap_or(0);
        let n_known = found.iter().flatten().map(|of_bucket| of_bucket.figures.len()).max().unwrap_or(0);
        if n_groups.max(n_known).saturating_mul(all.len()) > MOST_CELLS {
            return Ok(None);
        }
        let mut seen = parts::placed(pieces.len(), stretches, read);
        // Of what figures are judged by no stage is looked at.
        seen[..n_before].iter_mut().flatten().for_each(|(_, cell)| cell.stages.clear());
        if before.whole.is_some() && found[n_before - 1].is_none() {
            let begin = std::mem::take(&mut seen[n_before - 1]);
            seen[n_before - 1] =
                parts::whole(metric, zone, (&pieces[n_before - 1], &pieces[n_before]), begin, &seen[n_before]);
        }

        let groups: HashSet<Group> = seen.iter().flatten().map(|(group, _)| group.clone()).collect();
        let told = self.told(&groups.into_iter().collect::<Vec<_>>(), all)?;
        let n_values: u64 = seen.iter().flatten().map(|(_, cell)| cell.n_usable).sum();
        let missing: Vec<(usize, Seen)> =
            seen.into_iter().enumerate().filter(|(place, _)| found[*place].is_none()).collect();
        let made = on_cores(if n_values < MANY_VALUES { 1 } else { n_cores }, missing, |(place, seen)| {
            (place, Arc::new(self.of_bucket(place, seen, has_stages(place), &told)))
        });
        engine.keep(data_version, |kept| {
            for (place, of_bucket) in made.iter().filter(|(place, _)| self.is_settled(&all[*place])) {
                kept.figures.put(&subject, &all[*place], Arc::clone(of_bucket));
            }
        });
        made.into_iter().for_each(|(place, of_bucket)| found[place] = Some(of_bucket));
        Ok(Some(found.into_iter().flatten().collect()))
    }

    /// Whether the figures of a bucket stay as they are until the data changes: nothing in it is open that grows older.
    fn is_settled(&self, bucket: &Bucket) -> bool {
        bucket.is_complete && !self.metric.query.contains("{now}")
    }

    /// Reads what was observed in some buckets, one after the other in time.
    fn read(&self, buckets: &[Bucket], n_cores: usize) -> Result<Part, AnalyticsError> {
        let Work { engine, metric, ask, ref filters, now, .. } = *self;
        let names = engine.names()?;
        let mut places = Places::new(buckets, now);
        if metric.aggregate == Aggregate::Rate {
            places = places.with_days(buckets, engine.options().zone);
        }
        let mut cells = Cells::new(metric, &ask.by, places, MOST_CELLS);
        let window = span(buckets).unwrap_or(ask.window);
        let wanted = Wanted { metric, by: &ask.by, filters, window, buckets, now };
        engine.each_batch(&wanted, &mut |batch| cells.add(batch))?;
        let n_groups = cells.n_groups();
        let of_names = |names: GroupNames| -> Group { ask.by.iter().map(|by| (*by).to_owned()).zip(names).collect() };
        let groups = cells.into_groups(n_cores, |key| names.name(key));
        let mut groups: Vec<(Group, Vec<Cell>)> =
            groups.into_iter().map(|(names, cells)| (of_names(names), cells)).collect();
        groups.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Part { n_groups, groups })
    }

    /// Makes the figures of a bucket.
    fn of_bucket(&self, place: usize, mut seen: Seen, has_stages: bool, told: &Told) -> OfBucket {
        let n_withheld = withheld::mark(self.metric, &mut seen);
        let figure = |(group, cell): (Group, Cell)| {
            let tally = cell.tally.clone();
            Figure { row: self.row(place, &group, cell, told), group, tally }
        };
        OfBucket { figures: seen.into_iter().map(figure).collect(), has_stages, n_withheld }
    }

    fn row(&self, place: usize, group: &Group, cell: Cell, told: &Told) -> Row {
        let (connected, buckets) = &*told.of(group);
        let placed = Placed { bucket: buckets[place], connected: Arc::clone(connected), group: group.clone(), cell };
        row(self.metric, placed, self.now)
    }

    /// The groups of the answer, in order: those that something counts in of what is asked for.
    fn groups(&self, found: &[Arc<OfBucket>]) -> Vec<Group> {
        if self.ask.by.is_empty() {
            return vec![Group::default()];
        }
        // What has no name stands there only where something was observed: to what stands beside figures, such as how many people
        // there are, nobody gave a name in a metric's own dimensions.
        let is_there = |figure: &&Figure| figure.tally.n_all > 0 || figure.group.iter().all(|(_, name)| name.is_some());
        let figures = found.iter().flat_map(|of_bucket| &of_bucket.figures);
        let groups: HashSet<&Group> = figures.filter(is_there).map(|figure| &figure.group).collect();
        let mut groups: Vec<Group> = groups.into_iter().cloned().collect();
        groups.sort_unstable();
        groups
    }

    /// The rows of some of the buckets, the first of which is the n-th of all: one of each group in each.
    fn rows(
        &self,
        (buckets, first): (&[Bucket], usize),
        found: &[Arc<OfBucket>],
        groups: &[Group],
        told: &Told,
    ) -> Vec<Row> {
        let n_cores = if groups.len() * buckets.len() < MANY_ROWS { 1 } else { self.n_cores };
        let of_bucket = |place: usize| -> Vec<Row> {
            let mut figures = found[place].figures.iter().peekable();
            let of_group = |group: &Group| {
                while figures.next_if(|figure| figure.group < *group).is_some() {}
                match figures.next_if(|figure| figure.group == *group) {
                    Some(figure) => Row {
                        is_provisional: is_provisional(self.metric, &buckets[place], self.now),
                        ..figure.row.copied(!self.metric.stages.is_empty())
                    },
                    None => self.row(first + place, group, Cell::default(), told),
                }
            };
            groups.iter().map(of_group).collect()
        };
        on_cores(n_cores, (0..buckets.len()).collect(), of_bucket).into_iter().flatten().collect()
    }

    /// As far as which buckets the sources of each group told of them.
    fn told(&self, groups: &[Group], all: &[Bucket]) -> Result<Told, AnalyticsError> {
        let connected = self.engine.connected(self.metric, self.ask)?;
        let zone = self.engine.options().zone;
        let told = |bucket: &Bucket, times: &[Window]| match self.metric.shape {
            Shape::Event => bucket.told(times, zone, self.now),
            Shape::State => *bucket,
        };
        let of_sources = |sources: &[usize]| {
            let times: Arc<[Window]> = connected.times(sources).into();
            let buckets = all.iter().map(|bucket| told(bucket, &times)).collect();
            Arc::new((times, buckets))
        };
        Ok(Told::new(&connected, groups, of_sources))
    }

    /// Why what was observed in the window does not count.
    fn reasons(&self, buckets: &[Bucket], found: &[Arc<OfBucket>]) -> Result<Reasons, AnalyticsError> {
        let Work { engine, metric, ask, ref filters, now, .. } = *self;
        let data_version = engine.store().data_version();
        let subject = Subject::of(ask);
        let mut reasons = Reasons::new();
        let mut is_wanted = vec![false; buckets.len()];
        for ((bucket, of_bucket), is_wanted) in buckets.iter().zip(found).zip(&mut is_wanted) {
            let total =
                |count: fn(&Tally) -> u64| of_bucket.figures.iter().map(|figure| count(&figure.tally)).sum::<u64>();
            let (n_all, n_usable, n_left_out) =
                (total(|tally| tally.n_all), total(|tally| tally.n_usable), total(|tally| tally.n_left_out));
            let known = || engine.kept().figures.reasons(&subject, bucket).cloned();
            match &metric.left_out[..] {
                _ if n_usable == n_all => {}
                [only] if n_usable + n_left_out == n_all => *reasons.entry(only.clone()).or_default() += n_left_out,
                _ => match known().filter(|_| self.is_settled(bucket)) {
                    Some(known) => add(&mut reasons, &known),
                    None => *is_wanted = true,
                },
            }
        }
        for stretch in parts::stretches(&is_wanted, 1) {
            let buckets = &buckets[stretch];
            let window = span(buckets).unwrap_or(ask.window);
            let statement = Statement::observations(metric, engine.options(), filters, now);
            let statement = statement.reasons(metric, &window, buckets, now);
            let (mut places, mut counts) = (Places::new(buckets, now), vec![Reasons::new(); buckets.len()]);
            let count = |batch: &RecordBatch| count_reasons(metric, batch, &mut places, &mut counts);
            engine.store().query_each(&statement.sql, &statement.parameters, count)?;
            counts.iter().for_each(|found| add(&mut reasons, found));
            engine.keep(data_version, |kept| {
                for (bucket, found) in buckets.iter().zip(counts).filter(|(bucket, _)| self.is_settled(bucket)) {
                    kept.figures.put_reasons(&subject, bucket, Arc::new(found));
                }
            });
        }
        Ok(reasons)
    }
}

/// Buckets as far as sources told of them: since when the sources were connected, and each bucket.
type ToldBuckets = (Arc<[Window]>, Vec<Bucket>);

/// The same of each group.
struct Told {
    /// Where all are told of by the same.
    of_all: Option<Arc<ToldBuckets>>,
    of_group: HashMap<Group, Arc<ToldBuckets>>,
}

impl Told {
    fn new(connected: &Connected, groups: &[Group], of_sources: impl Fn(&[usize]) -> Arc<ToldBuckets>) -> Told {
        let mut known: HashMap<Vec<usize>, Arc<ToldBuckets>> = HashMap::new();
        let told: Vec<Arc<ToldBuckets>> = groups
            .iter()
            .map(|group| {
                let names: GroupNames = group.iter().map(|(_, name)| name.clone()).collect();
                let sources = connected.sources_of(&names);
                Arc::clone(known.entry(sources).or_insert_with_key(|sources| of_sources(sources)))
            })
            .collect();
        if known.len() <= 1 {
            let of_all = known.into_values().next();
            return Told { of_all, of_group: HashMap::new() };
        }
        Told { of_all: None, of_group: groups.iter().cloned().zip(told).collect() }
    }

    fn of(&self, group: &Group) -> Arc<ToldBuckets> {
        self.of_all.clone().unwrap_or_else(|| Arc::clone(&self.of_group[group]))
    }
}

/// The time that buckets one after the other span.
fn span(buckets: &[Bucket]) -> Option<Window> {
    Some(Window { from: buckets.first()?.from, to: buckets.last()?.to })
}

fn add(reasons: &mut Reasons, found: &Reasons) {
    found.iter().for_each(|(reason, n)| *reasons.entry(reason.clone()).or_default() += n);
}
