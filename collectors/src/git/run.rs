//! One run over a clone: decides how much of the history is needed, and reads no more.

use std::collections::BTreeMap;

use gix::ObjectId;

use super::cursor::{Cursor, Settings, Since};
use super::emit::{self, Shortfall, Source};
use super::graph::{Depth, Graph, Index};
use super::lines::Lines;
use super::notes;
use super::owners::{Owners, Told};
use super::releases::Plan;
use super::repository::Repository;
use super::tags::{self, Tag};
use super::{Collected, GitError, GitFacts, Options, SOURCES, Scope};

/// A run in progress.
pub(super) struct Run<'o> {
    options: &'o Options,
    repository: Repository,
    settings: Settings,
    source: String,
    /// The owners that another source of the service was told.
    owners: Option<Owners>,
    notes: Vec<String>,
    n_commits_read: usize,
}

/// Facts, and what the next run has to know about the history they came from.
struct Gathered {
    facts: GitFacts,
    skew: i64,
    valid_from: i64,
    owners: Owners,
    quoted: BTreeMap<String, i64>,
    notes: Vec<String>,
}

impl<'o> Run<'o> {
    /// Opens the clone.
    pub(super) fn begin(options: &'o Options) -> Result<Run<'o>, GitError> {
        let repository = Repository::open(&options.path)?;
        let last_part = repository.name.rsplit('/').next().unwrap_or(&repository.name);
        let settings = Settings {
            tags: options.tags.as_str().to_owned(),
            branch: options.branch.clone(),
            environment: options.environment.clone(),
            service: options.service.clone().unwrap_or_else(|| last_part.to_owned()),
            include_first: options.include_first,
            repository: repository.name.clone(),
            web: repository.web.clone(),
        };
        let source = format!("{SOURCES}{}", settings.service);
        Ok(Run { options, repository, settings, source, owners: None, notes: Vec::new(), n_commits_read: 0 })
    }

    /// Collects what there is since this source's cursor, of those that were left by all clones.
    ///
    /// A service's first environment is told by the source named after the service, each further one by its own: their
    /// tags are others, and what one run no longer finds is none of the other's business.
    pub(super) fn collect_beside(
        mut self,
        cursors: &BTreeMap<String, String>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Collected, GitError> {
        let first = cursors.get(&self.source).and_then(|cursor| Cursor::read(cursor));
        if let Some(first) = first.filter(|first| first.settings.environment != self.settings.environment) {
            self.source = format!("{}@{}", self.source, self.settings.environment);
            if !cursors.contains_key(&self.source) {
                // Who names a service for several repositories means it.
                if self.options.service.is_none() {
                    self.refuse_another(&first)?;
                }
                self.owners = Some(first.owners);
            }
        }
        if let Some(seen) = cursors.get(&self.source).and_then(|cursor| Cursor::read(cursor)) {
            self.refuse_another(&seen)?;
        }
        let others = cursors.iter().filter(|(source, _)| **source != self.source);
        let is_taken = others.filter_map(|(_, cursor)| Cursor::read(cursor)).any(|other| {
            other.settings.repository == self.settings.repository
                && other.settings.service != self.settings.service
                && !self.repository.was_seen_by(&other)
        });
        if is_taken {
            let name = std::mem::replace(&mut self.settings.repository, self.source.clone());
            self.notes.push(format!("another repository is named {name}, this one is called {}", self.source));
        }
        let cursor = cursors.get(&self.source).cloned();
        self.collect(cursor.as_deref(), progress)
    }

    /// Two repositories of one name would take each other's facts away.
    fn refuse_another(&self, seen: &Cursor) -> Result<(), GitError> {
        if self.options.is_moved || self.repository.was_seen_by(seen) {
            return Ok(());
        }
        let (path, service) = (self.repository.path.clone(), self.settings.service.clone());
        Err(GitError::AnotherRepository { path, service, before: seen.shown() })
    }

    /// Collects what there is since the cursor.
    pub(super) fn collect(
        mut self,
        cursor: Option<&str>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Collected, GitError> {
        let seen = cursor.and_then(Cursor::read);
        let seen_tags = seen.as_ref().map_or(&[][..], |seen| &seen.tags);
        let tags = tags::read(&self.repository, &self.options.tags, seen_tags)?;
        let head = self.repository.head(self.options.branch.as_deref())?;
        let now = self.options.now.timestamp();
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(notes::on_tags(&tags, now));
        let since = match (&seen, cursor) {
            (Some(seen), _) => seen.since(&self.settings, &tags.releases, head),
            (None, Some(_)) => Since::Beginning("the cursor is of another version or cannot be read".into()),
            (None, None) => Since::Beginning(String::new()),
        };
        let mut scope = Scope::New;
        let mut why_whole = String::new();
        let mut gathered = None;
        match (since, &seen) {
            (Since::Nothing, Some(seen)) => {
                gathered = Some(Gathered {
                    facts: GitFacts::default(),
                    skew: seen.skew,
                    valid_from: seen.valid_from,
                    owners: seen.owners.clone(),
                    quoted: seen.quoted.clone(),
                    notes: Vec::new(),
                });
            }
            (Since::Later { n_seen }, Some(seen)) => match self.later(seen, &tags.releases, n_seen, head, progress)? {
                Ok(later) => gathered = Some(later),
                Err(why) => why_whole = why.to_owned(),
            },
            (Since::Beginning(why), _) => why_whole = why,
            (_, None) => {}
        }
        let mut gathered = match gathered {
            Some(gathered) => gathered,
            None => {
                scope = Scope::Whole;
                if !why_whole.is_empty() {
                    notes.push(format!("everything is sent again: {why_whole}"));
                }
                let owners = seen.map(|seen| seen.owners).or(self.owners.take());
                self.whole(&tags.releases, head, owners, progress)?
            }
        };
        let told = gathered.owners.take(self.options.team.as_deref(), now);
        if scope == Scope::Whole || told == Told::Other {
            emit::add_catalogue(&mut gathered.facts, &self.settings, &gathered.owners);
        }
        notes.extend_from_slice(&gathered.notes);
        let (settings, identity) = (self.settings, self.repository.identity);
        let (service, repository) = (settings.service.clone(), settings.repository.clone());
        let Gathered { facts, skew, valid_from, owners, quoted, .. } = gathered;
        let next = Cursor { settings, identity, tags: tags.releases, head, valid_from, owners, skew, quoted };
        Ok(Collected {
            source: self.source,
            service,
            repository,
            facts,
            cursor: next.write(),
            scope,
            notes,
            n_commits_read: self.n_commits_read,
        })
    }

    /// Everything.
    fn whole(
        &mut self,
        releases: &[Tag],
        head: ObjectId,
        owners: Option<Owners>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Gathered, GitError> {
        let tips: Vec<ObjectId> = releases.iter().map(|tag| tag.commit).chain([head]).collect();
        let graph = self.read(&tips, &[], Depth::Everything, progress)?;
        let order = graph.oldest_first();
        let indices = indices(&graph, &tips);
        let (head, release_indices) = indices.split_last().expect("the head is the last of the tips");
        let plan = Plan::new(&graph, &order, release_indices, *head);
        let lines = Lines::of(&graph, std::iter::once(*head).chain(release_indices.iter().copied()));
        let source = Source {
            repository: &self.repository,
            settings: &self.settings,
            releases,
            graph: &graph,
            oldest_first: &order,
            plan: &plan,
            lines: &lines,
            first_planned: 0,
            first_new: 0,
            before: None,
            quoted: &BTreeMap::new(),
        };
        let facts = source.facts(true).expect("a whole history lacks nothing, and there was nothing before");
        let valid_from = emit::earliest(&facts).expect("there is a deployment for at least one tag");
        let mut owners = owners.unwrap_or_else(|| Owners::first(None, valid_from));
        owners.begin(valid_from);
        let notes = notes::on_history(&graph, releases, *head);
        Ok(Gathered { facts, skew: graph.skew(&order, 0), valid_from, owners, quoted: source.all_quoted(), notes })
    }

    /// Only what has been added since; otherwise why that does not do.
    fn later(
        &mut self,
        seen: &Cursor,
        releases: &[Tag],
        n_seen: usize,
        head: ObjectId,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Result<Gathered, &'static str>, GitError> {
        if !self.repository.git.has_object(seen.head) {
            return Ok(Err(REWRITTEN));
        }
        // Nearly always the part of the history that is not hidden tells everything.
        for depth in [Depth::Hidden { skew: seen.skew }, Depth::Everything] {
            match self.later_to(depth, seen, releases, n_seen, head, progress)? {
                Ok(gathered) if emit::earliest(&gathered.facts).is_some_and(|time| time < seen.valid_from) => {
                    return Ok(Err("the branch has gained older history than the service's"));
                }
                Ok(gathered) => return Ok(Ok(gathered)),
                Err(Shortfall::Outdated(why)) => return Ok(Err(why)),
                Err(Shortfall::OlderHistory) => {}
            }
        }
        Ok(Err("the new part of the history cannot be told from the old one"))
    }

    fn later_to(
        &mut self,
        depth: Depth,
        seen: &Cursor,
        releases: &[Tag],
        n_seen: usize,
        head: ObjectId,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Result<Gathered, Shortfall>, GitError> {
        let commits = |tags: &[Tag]| tags.iter().map(|tag| tag.commit).collect::<Vec<_>>();
        let (old, new) = releases.split_at(n_seen);
        let is_complete = depth == Depth::Everything;
        let first_planned = if is_complete { 0 } else { n_seen };
        let mut hidden = if is_complete { Vec::new() } else { commits(old) };
        // What was not released before may be now, with a new tag only.
        if !is_complete && new.is_empty() {
            hidden.push(seen.head);
        }
        let mut tips = commits(&releases[first_planned..]);
        tips.extend([head, seen.head]);
        let graph = self.read(&tips, &hidden, depth, progress)?;
        let indices = indices(&graph, &tips);
        let (planned, heads) = indices.split_at(tips.len() - 2);
        let (head, old_head) = (heads[0], heads[1]);
        if !graph.ancestors(head)[old_head as usize] {
            return Ok(Err(if is_complete { Shortfall::Outdated(REWRITTEN) } else { Shortfall::OlderHistory }));
        }
        let order = graph.oldest_first();
        let plan = Plan::new(&graph, &order, planned, head);
        let before = Plan::new(&graph, &order, &planned[..n_seen - first_planned], old_head);
        let lines = Lines::of(&graph, [head, old_head].into_iter().chain(planned.iter().copied()));
        let source = Source {
            repository: &self.repository,
            settings: &self.settings,
            releases,
            graph: &graph,
            oldest_first: &order,
            plan: &plan,
            lines: &lines,
            first_planned,
            first_new: n_seen,
            before: Some(&before),
            quoted: &seen.quoted,
        };
        let skew = graph.skew(&order, seen.skew);
        let (valid_from, owners) = (seen.valid_from, seen.owners.clone());
        let (quoted, notes) = (source.all_quoted(), Vec::new());
        Ok(source.facts(is_complete).map(|facts| Gathered { facts, skew, valid_from, owners, quoted, notes }))
    }

    fn read(
        &mut self,
        tips: &[ObjectId],
        hidden: &[ObjectId],
        depth: Depth,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Graph, GitError> {
        let n_before = self.n_commits_read as u64;
        let mut add = |n_read: u64| progress(n_before + n_read);
        let graph = Graph::read(&self.repository, tips, hidden, depth, &mut add)?;
        self.n_commits_read += graph.commits.len();
        Ok(graph)
    }
}

const REWRITTEN: &str = "the branch was rewritten";

fn indices(graph: &Graph, ids: &[ObjectId]) -> Vec<Index> {
    ids.iter().map(|id| graph.index(id).expect("every tip was read")).collect()
}
