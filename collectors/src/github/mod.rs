//! GitHub and GitHub Enterprise: changes with their reviews, commits, deployments with the commits they brought, and
//! labelled issues. GraphQL in pages of 100, REST where GraphQL lacks it (workflow runs, comparing two revisions).
//!
//! A run walks the repositories; in each it reads sections, newest first, until what an earlier run has read less the
//! overlap. Its position holds the repository, section and page, so that a run that stops goes on there.

mod answers;
mod convert;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use facts::{AnyFact, Commit, DeployedCommit, DeploymentKind, DeploymentResult};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::mapping::{Lane, Mapping};
use crate::pull::{Answer, Ask, Misread, Next, Note, Page, Probe, Setting, Source};
pub(crate) use convert::kind_of_task;

use answers::{Comparison, Connection, Graph, OwnerData, Repository, RepositoryData, WorkflowRun, WorkflowRuns};

/// The GraphQL requests, by name, for tests against GitHub's published schema.
pub const QUERIES: [(&str, &str); 8] = [
    ("repositories", include_str!("queries/repositories.graphql")),
    ("changes", include_str!("queries/changes.graphql")),
    ("commits", include_str!("queries/commits.graphql")),
    ("deployments", include_str!("queries/deployments.graphql")),
    ("releases", include_str!("queries/releases.graphql")),
    ("issues", include_str!("queries/issues.graphql")),
    ("workflows", include_str!("queries/workflows.graphql")),
    ("touching", include_str!("queries/touching.graphql")),
];

/// What counts as a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentsFrom {
    /// GitHub's deployments with their statuses.
    #[default]
    Deployments,
    /// Runs of the workflows in `workflows`.
    WorkflowRuns,
    /// Published releases.
    Releases,
    /// Nothing: another source tells of them.
    None,
}

/// What to read of GitHub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// `owner/name`, or `owner/*` for all that the token sees of an owner (forks and empty ones left out).
    pub repositories: Vec<String>,
    /// What counts as a deployment.
    pub deployments: DeploymentsFrom,
    /// The workflow files whose runs are deployments: `deploy.yml`, to `environment`.
    pub workflows: Vec<String>,
    /// The environment that workflow runs and releases go to.
    pub environment: String,
    /// Whether to ask which commits each deployment brought: a request for each deployment.
    pub compare: bool,
    /// Whether to read the trunk's commits: changes that came without a pull request.
    pub commits: bool,
    /// Issues with one of these labels are incidents.
    pub incident_labels: Vec<String>,
    /// Issues with one of these labels are tickets.
    pub ticket_labels: Vec<String>,
    /// The reusable workflows that are pipelines, as globs such as `acme/workflows/*`; all where empty.
    pub pipelines: Vec<String>,
    /// Pull requests in a page. GitHub answers 502 when a page is too much for it.
    pub page_size: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            repositories: Vec::new(),
            deployments: DeploymentsFrom::default(),
            workflows: Vec::new(),
            environment: "production".into(),
            compare: true,
            commits: true,
            incident_labels: Vec::new(),
            ticket_labels: Vec::new(),
            pipelines: Vec::new(),
            page_size: 100,
        }
    }
}

const OVERLAP_DAYS: i64 = 7;

/// A section of a repository's reading, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Section {
    Changes,
    Commits,
    Deployments,
    Issues,
    Pipelines,
}

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// When this run began: what the next run counts from.
    began: DateTime<Utc>,
    /// Whether the run came to its end.
    is_done: bool,
    /// From when on each repository was to be read again, where asked with `--since`.
    since: Option<DateTime<Utc>>,
    /// Owners whose repositories are still to be listed, and the page.
    owners: VecDeque<String>,
    owners_after: Option<String>,
    /// Repositories still to be read in this run; the first is being read.
    repositories: VecDeque<String>,
    section: Section,
    after: Option<String>,
    /// Workflow files still to be read, and the page of the first.
    workflows: VecDeque<String>,
    page: u32,
    /// Up to when each repository has been read by runs that ended with it.
    read_to: BTreeMap<String, DateTime<Utc>>,
    /// By lane, the deployment that still waits for the one before it.
    unpaired: BTreeMap<String, Pair>,
    /// Deployments whose commits are to be asked for.
    to_compare: VecDeque<Pair>,
    compare_page: u32,
    /// Where the first of them is of one folder only: all its commits, and the begin of the oldest. Which of them touch
    /// the folder is asked next, page by page.
    in_range: Vec<String>,
    in_range_since: Option<DateTime<Utc>>,
    touching_after: Option<String>,
    is_narrowing: bool,
    /// By repository, the reusable workflow it uses, as told last.
    pipelines: BTreeMap<String, Pipeline>,
    /// Deployments whose commits are known, as far as the overlap may show them again.
    compared: BTreeMap<String, DateTime<Utc>>,
    /// By lane, when which revision was deployed last, as earlier runs left it and as this one found it.
    heads: BTreeMap<String, (DateTime<Utc>, String)>,
    heads_found: BTreeMap<String, (DateTime<Utc>, String)>,
}

/// A deployment and the revisions it lies between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pair {
    repository: String,
    deployment: String,
    created_at: DateTime<Utc>,
    head: String,
    base: String,
    /// The service's folder, where the repository holds several services.
    path: Option<String>,
}

/// A reusable workflow, and the version of it that a repository uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Pipeline {
    workflow: String,
    version: String,
}

/// A deployment as read, whatever it was read from.
struct Read {
    id: String,
    environment: String,
    revision: Option<String>,
    created_at: DateTime<Utc>,
    /// None while it goes on.
    ended: Option<Ended>,
    kind: Option<DeploymentKind>,
    actor: Option<facts::Person>,
}

/// How a deployment ended.
struct Ended {
    started_at: Option<DateTime<Utc>>,
    finished_at: DateTime<Utc>,
    result: DeploymentResult,
    url: Option<String>,
}

/// GitHub as a source.
pub struct GitHub {
    setting: Setting,
    options: Options,
    pipelines: globset::GlobSet,
    is_enterprise: bool,
}

impl GitHub {
    /// A source of some repositories.
    pub fn new(setting: Setting, options: Options) -> Result<GitHub, String> {
        if options.repositories.is_empty() {
            return Err("repositories is empty; name them, such as [\"acme/shop\", \"acme-infra/*\"]".into());
        }
        if let Some(wrong) = options.repositories.iter().find(|name| name.split('/').count() != 2) {
            return Err(format!("repositories: \"{wrong}\" is not of the form owner/name or owner/*"));
        }
        if let Some(wrong) = options.repositories.iter().find(|name| name.contains('*') && !name.ends_with("/*")) {
            return Err(format!("repositories: in \"{wrong}\" the star must stand for the whole name: owner/*"));
        }
        if options.deployments == DeploymentsFrom::WorkflowRuns && options.workflows.is_empty() {
            return Err("deployments = \"workflow_runs\" needs workflows, such as [\"deploy.yml\"]".into());
        }
        if options.page_size == 0 || options.page_size > 100 {
            return Err("page_size must be from 1 to 100".into());
        }
        let mut pipelines = globset::GlobSetBuilder::new();
        for pattern in &options.pipelines {
            pipelines.add(globset::Glob::new(pattern).map_err(|error| format!("pipelines: \"{pattern}\": {error}"))?);
        }
        let pipelines = pipelines.build().map_err(|error| format!("pipelines: {error}"))?;
        Ok(GitHub { setting, options, pipelines, is_enterprise: false })
    }

    /// The same source at a GitHub Enterprise Server, whose base address then ends with `/api`.
    pub fn at_enterprise(self, is_enterprise: bool) -> GitHub {
        GitHub { is_enterprise, ..self }
    }

    fn rest(&self, path: &str) -> Ask {
        Ask::get(if self.is_enterprise { format!("v3/{path}") } else { path.to_owned() })
    }

    fn overlap(&self) -> Duration {
        self.setting.overlap.unwrap_or_else(|| Duration::days(OVERLAP_DAYS))
    }

    /// From when on the repository being read is read.
    fn floor(&self, position: &Position) -> Option<DateTime<Utc>> {
        let repository = position.repositories.front()?;
        match (position.since, position.read_to.get(repository)) {
            (Some(since), _) => Some(since),
            (None, Some(read_to)) => Some(*read_to - self.overlap()),
            (None, None) => self.setting.since,
        }
    }

    fn graphql(query: usize, variables: &Value) -> Ask {
        Ask::post("graphql", json!({ "query": QUERIES[query].1, "variables": variables }))
    }

    fn variables(position: &Position) -> Value {
        let repository = position.repositories.front().map_or("", String::as_str);
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        json!({ "owner": owner, "name": name, "after": position.after })
    }

    /// The position after the section that is being read, in the same repository or the next.
    fn after_section(&self, mut position: Position) -> Next<Position> {
        position.after = None;
        position.page = 1;
        position.unpaired.clear();
        loop {
            position.section = match position.section {
                Section::Changes => Section::Commits,
                Section::Commits => Section::Deployments,
                Section::Deployments => Section::Issues,
                Section::Issues => Section::Pipelines,
                Section::Pipelines => {
                    if let Some(repository) = position.repositories.pop_front() {
                        position.read_to.insert(repository, position.began);
                    }
                    Section::Changes
                }
            };
            if position.repositories.is_empty() {
                position.is_done = true;
                return Next::Done(position);
            }
            if self.is_wanted(position.section) {
                if position.section == Section::Deployments {
                    position.workflows = self.options.workflows.iter().cloned().collect();
                }
                return Next::Ask(position);
            }
        }
    }

    fn is_wanted(&self, section: Section) -> bool {
        match section {
            Section::Changes | Section::Pipelines => true,
            Section::Commits => self.options.commits,
            Section::Deployments => self.options.deployments != DeploymentsFrom::None,
            Section::Issues => !self.options.incident_labels.is_empty() || !self.options.ticket_labels.is_empty(),
        }
    }

    /// The next page of a section, or the next section.
    fn onward<T>(&self, position: &Position, connection: &Connection<T>, is_far_enough: bool) -> Next<Position> {
        match &connection.page_info.end_cursor {
            Some(cursor) if connection.page_info.has_next_page && !is_far_enough => {
                Next::Ask(Position { after: Some(cursor.clone()), ..position.clone() })
            }
            _ => self.after_section(position.clone()),
        }
    }

    fn read_owners(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let (data, _) = graph::<OwnerData>(answer)?;
        let mut position = position.clone();
        let owner = position.owners.front().cloned().unwrap_or_default();
        let Some(found) = data.repository_owner else {
            return Err(Misread::new(format!("there is no owner {owner}, or the token does not see it")));
        };
        for repository in found.repositories.nodes.into_iter().flatten() {
            let name = repository.name_with_owner;
            if !repository.is_empty && !repository.is_fork && !position.repositories.contains(&name) {
                position.repositories.push_back(name);
            }
        }
        position.owners_after = found.repositories.page_info.end_cursor;
        if !found.repositories.page_info.has_next_page || position.owners_after.is_none() {
            position.owners.pop_front();
            position.owners_after = None;
        }
        let next = if position.owners.is_empty() && position.repositories.is_empty() {
            position.is_done = true;
            Next::Done(position)
        } else {
            Next::Ask(position)
        };
        Ok(Page { facts: Vec::new(), next, notes: Vec::new() })
    }

    fn read_section(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let name = position.repositories.front().cloned().unwrap_or_default();
        if position.section == Section::Deployments && self.options.deployments == DeploymentsFrom::WorkflowRuns {
            return self.read_runs(position, &name, answer);
        }
        let (data, errors) = graph::<RepositoryData>(answer)?;
        let mut notes: Vec<Note> = errors.into_iter().map(Note::LeftOut).collect();
        let Some(repository) = data.repository else {
            // One repository gone or out of sight does not end the reading of the others.
            notes.push(Note::LeftOut(format!(
                "{name} is not there, or the token does not see it (it needs read access to the repository's contents, pull requests, deployments and issues)"
            )));
            let mut position = position.clone();
            position.section = Section::Pipelines;
            let read_to = position.read_to.get(&name).copied();
            let mut next = self.after_section(position);
            let (Next::Ask(after) | Next::Done(after)) = &mut next;
            // It was not read, so it is not marked as read.
            match read_to {
                Some(at) => after.read_to.insert(name, at),
                None => after.read_to.remove(&name),
            };
            return Ok(Page { facts: Vec::new(), next, notes });
        };
        let (facts, next) = match position.section {
            Section::Changes => self.read_changes(position, &repository),
            Section::Commits => self.read_commits(position, &repository),
            Section::Deployments => self.read_deployments(position, &repository, &mut notes),
            Section::Issues => self.read_issues(position, &repository, &mut notes),
            Section::Pipelines => self.read_pipelines(position, &repository),
        };
        Ok(Page { facts, next, notes })
    }

    fn read_changes(&self, position: &Position, repository: &Repository) -> (Vec<AnyFact>, Next<Position>) {
        let Some(pulls) = &repository.pull_requests else { return (Vec::new(), self.after_section(position.clone())) };
        let floor = self.floor(position);
        let trunk = repository.default_branch_ref.as_ref().and_then(|branch| branch.name.as_deref());
        let mut facts = Vec::new();
        let mut is_far_enough = false;
        for pull in pulls.nodes.iter().flatten() {
            is_far_enough = floor.is_some_and(|floor| pull.updated_at < floor);
            // A pull request into another branch is no change until that branch reaches the trunk.
            if !is_far_enough && (trunk.is_none() || pull.base_ref_name.as_deref() == trunk) {
                facts.extend(convert::change(&repository.name_with_owner, pull).into_iter().flatten());
            }
        }
        (facts, self.onward(position, pulls, is_far_enough))
    }

    fn read_commits(&self, position: &Position, repository: &Repository) -> (Vec<AnyFact>, Next<Position>) {
        let history = repository
            .default_branch_ref
            .as_ref()
            .and_then(|branch| branch.target.as_ref())
            .and_then(|target| target.history.as_ref());
        let Some(history) = history else { return (Vec::new(), self.after_section(position.clone())) };
        let commits = history.nodes.iter().flatten();
        let facts = commits.flat_map(|commit| convert::trunk_commit(&repository.name_with_owner, commit)).collect();
        (facts, self.onward(position, history, false))
    }

    fn read_deployments(
        &self,
        position: &Position,
        repository: &Repository,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>) {
        let name = &repository.name_with_owner;
        let floor = self.floor(position);
        let is_old = |at: DateTime<Utc>| floor.is_some_and(|floor| at < floor);
        let mut read = Vec::new();
        let (next, is_far_enough) = if let Some(releases) = &repository.releases {
            for release in releases.nodes.iter().flatten().filter(|release| !release.is_prerelease) {
                let Some(at) = convert::released(release) else { continue };
                read.push(Read {
                    id: release.database_id.map_or_else(|| release.tag_name.clone(), |id| format!("release-{id}")),
                    environment: self.options.environment.clone(),
                    revision: release.tag_commit.as_ref().map(|commit| commit.oid.clone()),
                    created_at: release.created_at,
                    ended: Some(Ended {
                        started_at: None,
                        finished_at: at,
                        result: DeploymentResult::Success,
                        url: release.url.clone(),
                    }),
                    kind: None,
                    actor: release.author.as_ref().map(convert::person),
                });
            }
            let is_far_enough = releases.nodes.iter().flatten().any(|release| is_old(release.created_at));
            (self.onward(position, releases, is_far_enough), is_far_enough)
        } else if let Some(deployments) = &repository.deployments {
            for deployment in deployments.nodes.iter().flatten() {
                let (Some(id), Some(environment)) = (deployment.database_id, deployment.environment.clone()) else {
                    notes.push(Note::LeftOut(format!("a deployment of {name} without a number or environment")));
                    continue;
                };
                read.push(Read {
                    id: id.to_string(),
                    environment,
                    revision: deployment.commit_oid.clone(),
                    created_at: deployment.created_at,
                    ended: convert::ending(deployment).map(|(result, finished_at, url)| Ended {
                        started_at: Some(deployment.created_at),
                        finished_at,
                        result,
                        url,
                    }),
                    kind: deployment.task.as_deref().and_then(convert::kind_of_task),
                    actor: deployment.creator.as_ref().map(convert::person),
                });
            }
            let is_far_enough = deployments.nodes.iter().flatten().any(|deployment| is_old(deployment.created_at));
            (self.onward(position, deployments, is_far_enough), is_far_enough)
        } else {
            return (Vec::new(), self.after_section(position.clone()));
        };
        self.take_deployments(position, name, read, next, is_far_enough, notes)
    }

    fn read_runs(&self, position: &Position, name: &str, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut notes = Vec::new();
        let runs = if answer.status == 404 {
            let workflow = position.workflows.front().map_or("", String::as_str);
            notes.push(Note::LeftOut(format!(
                "{name} has no workflow {workflow}, or the token may not read its actions"
            )));
            Vec::new()
        } else {
            answer.json::<WorkflowRuns>()?.workflow_runs
        };
        let is_far_enough = self.floor(position).is_some_and(|floor| runs.iter().any(|run| run.created_at < floor));
        let mut onward = position.clone();
        let next = if runs.len() >= 100 && !is_far_enough {
            onward.page += 1;
            Next::Ask(onward)
        } else {
            onward.workflows.pop_front();
            onward.page = 1;
            if onward.workflows.is_empty() { self.after_section(onward) } else { Next::Ask(onward) }
        };
        let read = runs.iter().map(|run| self.read_run(run)).collect();
        let (facts, next) = self.take_deployments(position, name, read, next, is_far_enough, &mut notes);
        Ok(Page { facts, next, notes })
    }

    fn read_run(&self, run: &WorkflowRun) -> Read {
        let started = run.run_started_at.unwrap_or(run.created_at);
        Read {
            id: format!("run-{}", run.id),
            environment: self.options.environment.clone(),
            revision: Some(run.head_sha.clone()),
            created_at: run.created_at,
            ended: convert::conclusion(run).map(|result| Ended {
                started_at: Some(started),
                finished_at: run.updated_at.max(started),
                result,
                url: run.html_url.clone(),
            }),
            kind: run.name.iter().chain(&run.path).chain(&run.event).find_map(|text| convert::kind_of_task(text)),
            actor: run.actor.as_ref().map(|actor| facts::Person(actor.login.clone())),
        }
    }

    /// Facts of deployments, and which of them must be compared with the one before.
    fn take_deployments(
        &self,
        position: &Position,
        repository: &str,
        mut read: Vec<Read>,
        mut next: Next<Position>,
        is_far_enough: bool,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>) {
        let floor = self.floor(position);
        let mut facts = Vec::new();
        let mut unpaired = position.unpaired.clone();
        let (Next::Ask(onward) | Next::Done(onward)) = &mut next;
        read.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
        for deployment in read {
            let Some(Ended { started_at, finished_at, result, url }) = &deployment.ended else { continue };
            let Some(environment) = self.environment(&deployment.environment, notes) else { continue };
            let lanes = self.lanes(repository, &deployment.environment, notes);
            let are_several = lanes.len() > 1;
            for Lane { name: service, path } in lanes {
                let id = if are_several { format!("{}:{service}", deployment.id) } else { deployment.id.clone() };
                if *result == DeploymentResult::Success
                    && self.options.compare
                    && let Some(revision) = &deployment.revision
                {
                    let lane = format!("{repository} {service} {environment}");
                    if let Some(later) = unpaired.remove(&lane) {
                        onward.compare(later, revision);
                    }
                    // An earlier run has seen to those older than what this one reads.
                    let is_old = floor.is_some_and(|floor| deployment.created_at < floor);
                    onward.heads_found.entry(lane.clone()).or_insert_with(|| (deployment.created_at, revision.clone()));
                    let pair = Pair {
                        repository: repository.to_owned(),
                        deployment: id.clone(),
                        created_at: deployment.created_at,
                        head: revision.clone(),
                        base: String::new(),
                        path,
                    };
                    if !is_old {
                        unpaired.insert(lane, pair);
                    }
                }
                facts.push(
                    facts::Deployment {
                        id,
                        service,
                        environment: environment.clone(),
                        finished_at: *finished_at,
                        result: *result,
                        started_at: started_at.map(|at| at.min(*finished_at)),
                        revision: deployment.revision.clone(),
                        previous_revision: None,
                        repository: Some(repository.to_owned()),
                        kind: deployment.kind,
                        actor: deployment.actor.clone(),
                        url: url.clone(),
                    }
                    .into(),
                );
            }
        }
        let goes_on = onward.section == Section::Deployments && onward.repositories == position.repositories;
        if goes_on && !is_far_enough {
            onward.unpaired = unpaired;
        } else {
            // The one before lies further back than this run reads; an earlier run has noted it.
            for (lane, pair) in unpaired {
                if let Some((at, base)) = onward.heads.get(&lane).cloned()
                    && at < pair.created_at
                {
                    onward.compare(pair, &base);
                }
            }
        }
        match next {
            Next::Done(onward) if !onward.to_compare.is_empty() => (facts, Next::Ask(onward)),
            next => (facts, next),
        }
    }

    fn environment(&self, own: &str, notes: &mut Vec<Note>) -> Option<String> {
        let name = self.setting.environments.or_own(own, own);
        if name.is_none() {
            notes.push(Note::Unmapped { what: "environment", subject: own.to_owned() });
        }
        name
    }

    /// The services that a deployment is of, told where there is none.
    fn lanes(&self, repository: &str, environment: &str, notes: &mut Vec<Note>) -> Vec<Lane> {
        let found = lanes(&self.setting.services, repository, environment);
        if found.is_empty() {
            notes.push(Note::Unmapped { what: "service", subject: repository.to_owned() });
        }
        found
    }

    fn read_pipelines(&self, position: &Position, repository: &Repository) -> (Vec<AnyFact>, Next<Position>) {
        let mut onward = position.clone();
        let name = &repository.name_with_owner;
        let texts = repository.object.iter().flat_map(|folder| &folder.entries);
        let texts = texts.filter_map(|entry| entry.object.as_ref()?.text.as_deref());
        let found = convert::pipeline(texts, |workflow| self.pipelines.is_empty() || self.pipelines.is_match(workflow))
            .map(|(workflow, version)| Pipeline { workflow, version });
        let mut facts = Vec::new();
        // Told when it changes; that a repository uses none is told only where it used one.
        if position.pipelines.get(name) != found.as_ref() {
            for Lane { name: service, .. } in lanes(&self.setting.services, name, "") {
                facts.push(convert::uses(service, name, found.as_ref().map(|it| (&*it.workflow, &*it.version))));
            }
            match found {
                Some(pipeline) => onward.pipelines.insert(name.clone(), pipeline),
                None => onward.pipelines.remove(name),
            };
        }
        (facts, self.after_section(onward))
    }

    fn read_issues(
        &self,
        position: &Position,
        repository: &Repository,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>) {
        let Some(issues) = &repository.issues else { return (Vec::new(), self.after_section(position.clone())) };
        let name = &repository.name_with_owner;
        let mut facts = Vec::new();
        for issue in issues.nodes.iter().flatten() {
            let labels = convert::labels(issue);
            let has =
                |wanted: &[String]| wanted.iter().any(|label| labels.iter().any(|own| own.eq_ignore_ascii_case(label)));
            if has(&self.options.incident_labels) {
                let labelled = labels.iter().find_map(|label| self.setting.services.find(label));
                let service = labelled.or_else(|| match self.lanes(name, "", notes).as_slice() {
                    [Lane { name, .. }] => Some(name.clone()),
                    _ => None,
                });
                facts.push(convert::incident(name, issue, service));
            } else if has(&self.options.ticket_labels) {
                facts.push(convert::ticket(name, issue, self.setting.teams.find(name)));
            }
        }
        (facts, self.onward(position, issues, false))
    }

    fn read_comparison(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let Some(pair) = onward.to_compare.front().cloned() else {
            return Err(Misread::new("nothing was to be compared"));
        };
        let repository = &pair.repository;
        let mut facts = Vec::new();
        let mut notes = Vec::new();
        let mut is_last = true;
        if (200..300).contains(&answer.status) {
            let comparison: Comparison = answer.json()?;
            for commit in &comparison.commits {
                // As in facts: a merge brings nothing of its own.
                if commit.parents.len() > 1 {
                    continue;
                }
                if pair.path.is_some() {
                    let at = commit.commit.committer.as_ref().and_then(|committer| committer.date);
                    onward.in_range.push(commit.sha.clone());
                    onward.in_range_since = onward.in_range_since.into_iter().chain(at).min();
                }
                let authored_at = commit.commit.author.as_ref().and_then(|author| author.date);
                let committed_at = commit.commit.committer.as_ref().and_then(|committer| committer.date);
                if !self.options.commits
                    && let (Some(authored_at), Some(committed_at)) = (authored_at, committed_at)
                {
                    facts.push(
                        Commit {
                            revision: commit.sha.clone(),
                            repository: repository.clone(),
                            authored_at,
                            committed_at,
                            change_id: None,
                            url: None,
                        }
                        .into(),
                    );
                }
                if pair.path.is_none() {
                    facts.push(pair.brought(&commit.sha));
                }
            }
            is_last = i64::from(onward.compare_page) * 100 >= comparison.total_commits || comparison.commits.is_empty();
        } else {
            notes.push(Note::LeftOut(format!(
                "deployment {} of {repository}: {} and {} cannot be compared; was one of them force-pushed away?",
                pair.deployment, pair.base, pair.head
            )));
        }
        if !is_last {
            onward.compare_page += 1;
            return Ok(Page { facts, next: Next::Ask(onward), notes });
        }
        if !onward.in_range.is_empty() {
            onward.is_narrowing = true;
            return Ok(Page { facts, next: Next::Ask(onward), notes });
        }
        Ok(Page { facts, next: onward.after_comparison(), notes })
    }

    /// Of the commits that a deployment brought, those that touch the service's folder.
    fn read_touching(position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let (data, errors) = graph::<RepositoryData>(answer)?;
        let notes = errors.into_iter().map(Note::LeftOut).collect();
        let mut onward = position.clone();
        let history = data.repository.and_then(|repository| repository.object).and_then(|object| object.history);
        let (Some(history), Some(pair)) = (history, position.to_compare.front()) else {
            return Ok(Page { facts: Vec::new(), next: onward.after_comparison(), notes });
        };
        let touching: BTreeSet<&str> = history.nodes.iter().flatten().map(|commit| commit.oid.as_str()).collect();
        let facts = position
            .in_range
            .iter()
            .filter(|sha| touching.contains(sha.as_str()))
            .map(|sha| pair.brought(sha))
            .collect();
        onward.touching_after = history.page_info.end_cursor.filter(|_| history.page_info.has_next_page);
        let next = if onward.touching_after.is_some() { Next::Ask(onward) } else { onward.after_comparison() };
        Ok(Page { facts, next, notes })
    }
}

/// The services of a repository; where it holds several, the environment's name may tell (`payments-production`).
pub(crate) fn lanes(services: &Mapping, repository: &str, environment: &str) -> Vec<Lane> {
    let by_environment = services.lanes(&format!("{repository}@{environment}"));
    if !by_environment.is_empty() {
        return by_environment;
    }
    if services.is_empty() {
        let own = repository.rsplit('/').next().unwrap_or(repository).to_owned();
        return vec![Lane { name: own, path: None }];
    }
    services.lanes(repository)
}

impl Pair {
    fn brought(&self, revision: &str) -> AnyFact {
        DeployedCommit {
            deployment_id: self.deployment.clone(),
            revision: revision.to_owned(),
            repository: Some(self.repository.clone()),
            url: None,
        }
        .into()
    }
}

impl Position {
    /// Puts a deployment among those whose commits are asked for, unless they are known.
    fn compare(&mut self, pair: Pair, base: &str) {
        if base != pair.head && !self.compared.contains_key(&pair.deployment) {
            self.to_compare.push_back(Pair { base: base.to_owned(), ..pair });
        }
    }

    /// The position after the first of those that are compared.
    fn after_comparison(mut self) -> Next<Position> {
        if let Some(pair) = self.to_compare.pop_front() {
            self.compared.insert(pair.deployment, pair.created_at);
        }
        self.compare_page = 1;
        self.is_narrowing = false;
        self.in_range.clear();
        (self.in_range_since, self.touching_after) = (None, None);
        if self.to_compare.is_empty() && self.is_done { Next::Done(self) } else { Next::Ask(self) }
    }
}

impl Source for GitHub {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        let (owners, repositories): (VecDeque<String>, VecDeque<String>) =
            self.options.repositories.iter().cloned().partition(|name| name.ends_with("/*"));
        let fresh = Position {
            began: now,
            is_done: false,
            since,
            owners: owners.into_iter().map(|owner| owner.trim_end_matches("/*").to_owned()).collect(),
            owners_after: None,
            repositories,
            section: Section::Changes,
            after: None,
            workflows: self.options.workflows.iter().cloned().collect(),
            page: 1,
            read_to: BTreeMap::new(),
            unpaired: BTreeMap::new(),
            to_compare: VecDeque::new(),
            compare_page: 1,
            in_range: Vec::new(),
            in_range_since: None,
            touching_after: None,
            is_narrowing: false,
            pipelines: BTreeMap::new(),
            compared: BTreeMap::new(),
            heads: BTreeMap::new(),
            heads_found: BTreeMap::new(),
        };
        match last {
            None => fresh,
            Some(last) if !last.is_done && since.is_none() => last,
            Some(last) => {
                // Those that neither the overlap nor a little more can show again need no remembering.
                let shown = last.began - self.overlap() - Duration::days(1);
                let compared = last.compared.into_iter().filter(|(_, at)| *at >= shown && since.is_none()).collect();
                let mut heads = last.heads;
                heads.extend(last.heads_found);
                let pipelines = if since.is_none() { last.pipelines } else { BTreeMap::new() };
                Position { read_to: last.read_to, pipelines, compared, heads, ..fresh }
            }
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        if let Some(pair) = position.to_compare.front() {
            if position.is_narrowing {
                let (owner, name) = pair.repository.split_once('/').unwrap_or((&pair.repository, ""));
                return GitHub::graphql(
                    7,
                    &json!({
                        "owner": owner, "name": name, "head": pair.head, "path": pair.path,
                        "since": position.in_range_since.map(time), "after": position.touching_after,
                    }),
                );
            }
            let page = position.compare_page;
            let Pair { repository, base, head, .. } = pair;
            let ask = self.rest(&format!("repos/{repository}/compare/{base}...{head}?per_page=100&page={page}"));
            return Ask { also: &[404, 422], ..ask };
        }
        if let Some(owner) = position.owners.front() {
            return GitHub::graphql(0, &json!({ "owner": owner, "after": position.owners_after }));
        }
        let mut variables = GitHub::variables(position);
        let floor = self.floor(position).map(time);
        match position.section {
            Section::Changes => {
                variables["size"] = self.options.page_size.into();
                GitHub::graphql(1, &variables)
            }
            Section::Commits => {
                variables["since"] = json!(floor);
                GitHub::graphql(2, &variables)
            }
            Section::Deployments => match self.options.deployments {
                DeploymentsFrom::Releases => GitHub::graphql(4, &variables),
                DeploymentsFrom::WorkflowRuns => {
                    let repository = position.repositories.front().map_or("", String::as_str);
                    let workflow = position.workflows.front().map_or("", String::as_str);
                    let since = floor.map_or(String::new(), |floor| format!("&created=%3E%3D{floor}"));
                    let page = position.page;
                    let path =
                        format!("repos/{repository}/actions/workflows/{workflow}/runs?per_page=100&page={page}{since}");
                    Ask { also: &[404], ..self.rest(&path) }
                }
                DeploymentsFrom::Deployments | DeploymentsFrom::None => GitHub::graphql(3, &variables),
            },
            Section::Issues => {
                let labels: Vec<&String> =
                    self.options.incident_labels.iter().chain(&self.options.ticket_labels).collect();
                variables["labels"] = json!(labels);
                variables["since"] = json!(floor);
                GitHub::graphql(5, &variables)
            }
            Section::Pipelines => GitHub::graphql(6, &variables),
        }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        if position.is_narrowing {
            return GitHub::read_touching(position, answer);
        }
        if !position.to_compare.is_empty() {
            return self.read_comparison(position, answer);
        }
        if !position.owners.is_empty() {
            return self.read_owners(position, answer);
        }
        if position.repositories.is_empty() {
            return Ok(Page {
                facts: Vec::new(),
                next: Next::Done(Position { is_done: true, ..position.clone() }),
                notes: vec![Note::LeftOut("there is no repository to read".into())],
            });
        }
        self.read_section(position, answer)
    }

    fn probes(&self) -> Vec<Probe> {
        let begin = Source::begin(self, None, None, DateTime::UNIX_EPOCH);
        let at = |section| self.ask(&Position { section, ..begin.clone() });
        let mut probes = vec![Probe {
            purpose: "changes with their reviews",
            needs: "Pull requests: read, Contents: read (classic tokens: repo)",
            ask: at(Section::Changes),
        }];
        if begin.owners.is_empty() && self.is_wanted(Section::Deployments) {
            let needs = match self.options.deployments {
                DeploymentsFrom::WorkflowRuns => "Actions: read (classic tokens: repo)",
                DeploymentsFrom::Releases => "Contents: read (classic tokens: repo)",
                _ => "Deployments: read (classic tokens: repo_deployment)",
            };
            probes.push(Probe { purpose: "deployments", needs, ask: at(Section::Deployments) });
        }
        if begin.owners.is_empty() && self.is_wanted(Section::Issues) {
            probes.push(Probe {
                purpose: "incidents and tickets",
                needs: "Issues: read (classic tokens: repo)",
                ask: at(Section::Issues),
            });
        }
        probes
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        let accepted =
            answer.header("x-accepted-github-permissions").or_else(|| answer.header("x-accepted-oauth-scopes"));
        let held = answer.header("x-oauth-scopes");
        match answer.status {
            401 => Some(
                "GitHub refuses the token: it is wrong, expired or revoked. Make a new one (Settings, Developer settings) and put it where token or token_file says".into(),
            ),
            403 | 404 if accepted.is_some_and(|accepted| !accepted.is_empty()) => Some(format!(
                "the token lacks a permission: this needs one of [{}]{}",
                accepted.unwrap_or_default(),
                held.map_or(String::new(), |held| format!(", the token has [{held}]"))
            )),
            403 if String::from_utf8_lossy(&answer.body).contains("SAML") => {
                Some("the organisation demands single sign-on: authorise the token for it (Configure SSO, beside the token)".into())
            }
            _ => None,
        }
    }
}

/// The data of a GraphQL answer, and what its errors say. Without data, or when the points are used up, an error.
fn graph<T: DeserializeOwned>(answer: &Answer) -> Result<(T, Vec<String>), Misread> {
    let graph: Graph<T> = answer.json()?;
    if graph.errors.iter().any(|error| error.sort.as_deref() == Some("RATE_LIMITED")) {
        let reset = answer.header("x-ratelimit-reset").and_then(|seconds| seconds.parse().ok());
        let again_at = reset.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        return Err(Misread {
            message: "the rate limit is used up".into(),
            again_at: Some(again_at.unwrap_or(answer.at) + Duration::seconds(if again_at.is_some() { 1 } else { 60 })),
        });
    }
    let errors: Vec<String> = graph
        .errors
        .iter()
        .map(|error| {
            let path: Vec<String> = error.path.iter().map(|part| part.to_string().replace('"', "")).collect();
            format!("GitHub says at {}: {}", path.join("."), error.message)
        })
        .collect();
    match graph.data {
        Some(data) => Ok((data, errors)),
        None => Err(Misread::new(if errors.is_empty() { "it has no data".to_owned() } else { errors.join("; ") })),
    }
}
