//! Deployments, by their statuses, by workflow runs or by releases.

use chrono::{DateTime, Duration, Utc};
use facts::{AnyFact, DeploymentResult};

use super::answers::{Repository, WorkflowRun, WorkflowRuns};
use super::comparing::{InLane, Pair};
use super::deployed::{Deployed, Ended, earlier_attempts};
use super::nodes::Nodes;
use super::position::{Position, Section};
use super::{DeploymentsFrom, GitHub, RERUN_DAYS, convert};
use crate::pull::{Answer, Misread, Next, Note, Page};

/// Workflow runs in a page, and how many GitHub gives of one question.
const RUNS_PAGE: u32 = 100;
const RUNS_DEEPEST: u32 = 1_000;
/// A deployment that goes on for longer is not waited for: GitHub gives up on those that nobody approves.
const LONGEST_OPEN_DAYS: i64 = 35;

impl GitHub {
    pub(super) fn read_deployments(
        &self,
        position: &Position,
        repository: &Repository,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>) {
        let name = &repository.name_with_owner;
        let mut position = position.clone();
        let floor = self.deployments_floor(&position);
        let is_old = |at: DateTime<Utc>| floor.is_some_and(|floor| at < floor);
        let mut read = Vec::new();
        let next = if let Some(releases) = &repository.releases {
            for release in releases.nodes.iter().filter(|release| !release.is_prerelease) {
                let Some(at) = convert::released(release) else { continue };
                read.push(Deployed {
                    id: release.database_id.map_or_else(|| release.tag_name.clone(), |id| format!("release-{id}")),
                    environment: self.options.environment.clone(),
                    revision: release.tag_commit.as_ref().map(|commit| commit.oid.clone()),
                    // It may have been a draft for long.
                    created_at: at,
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
            let is_far_enough = releases.nodes.iter().any(|release| is_old(release.created_at));
            self.onward(&position, releases, is_far_enough)
        } else if let Some(deployments) = &repository.deployments {
            for deployment in deployments.nodes.iter() {
                let (Some(id), Some(environment)) = (deployment.database_id, deployment.environment.clone()) else {
                    notes.push(Note::LeftOut(format!("a deployment of {name} without a number or environment")));
                    continue;
                };
                let ended = convert::ending(deployment);
                if ended.is_none() {
                    match convert::untold(deployment) {
                        Some(note) => notes.push(note),
                        None => self.wait_for(&mut position, &environment, deployment.created_at),
                    }
                }
                read.push(Deployed {
                    id: id.to_string(),
                    environment,
                    revision: deployment.commit_oid.clone(),
                    created_at: deployment.created_at,
                    ended: ended.map(|(result, finished_at, url)| Ended {
                        started_at: Some(deployment.created_at),
                        finished_at,
                        result,
                        url,
                    }),
                    kind: deployment.task.as_deref().and_then(convert::kind_of_task),
                    actor: deployment.creator.as_ref().map(convert::person),
                });
            }
            let is_far_enough = deployments.nodes.iter().any(|deployment| is_old(deployment.created_at));
            self.onward(&position, deployments, is_far_enough)
        } else {
            return (Vec::new(), self.after_section(position));
        };
        self.take_deployments(&position, name, read, next, notes)
    }

    pub(super) fn read_runs(
        &self,
        position: &Position,
        name: &str,
        answer: &Answer,
    ) -> Result<Page<Position>, Misread> {
        let mut notes = Vec::new();
        let is_named = self.is_named(name);
        let mut position = position.clone();
        let (runs, total_count) = match answer.status {
            200..=299 => {
                let WorkflowRuns { total_count, workflow_runs } = answer.json()?;
                (workflow_runs, total_count)
            }
            301 | 302 | 307 | 308 => {
                position.is_incomplete = true;
                notes.push(Note::Denied(format!(
                    "the deployments of {name} were not given: {}",
                    self.moved(name, position.renamed_to.as_deref(), answer)
                )));
                return Ok(Page { facts: Vec::new(), next: self.after_section(position), notes, remains: Vec::new() });
            }
            status => {
                let workflow = position.workflows.front().map_or("", String::as_str);
                let said = format!("{name} has no workflow {workflow}, or the token may not read its actions");
                // Of all of an owner's repositories some have no such workflow; one that is named was meant to have it.
                if status == 403 || is_named {
                    position.is_incomplete = true;
                    notes.push(Note::Denied(format!("{said}: it needs {}", self.needs(Section::Deployments))));
                } else {
                    notes.push(Note::LeftOut(said));
                }
                (Nodes::none(), 0)
            }
        };
        if let Some(odd) = runs.misread() {
            position.is_incomplete = true;
            notes.push(Note::Denied(format!("none of the workflow runs of {name} can be read: {odd}")));
        } else {
            let odd = runs.odd().iter();
            notes.extend(odd.map(|odd| Note::LeftOut(format!("a workflow run of {name} cannot be read: {odd}"))));
        }
        for run in runs.iter().filter(|run| convert::goes_on(run)) {
            self.wait_for(&mut position, &self.options.environment, run.created_at);
        }
        notes.extend(runs.iter().filter_map(convert::unknown_conclusion));
        let position = &position;
        let floor = self.deployments_floor(position);
        let is_far_enough = floor.is_some_and(|floor| runs.iter().any(|run| run.created_at < floor));
        let next = match position.clone().after_runs(&runs, total_count).filter(|_| !is_far_enough) {
            Some(onward) => Next::Ask(onward),
            None => {
                let mut onward = position.clone();
                onward.workflows.pop_front();
                (onward.page, onward.runs_until) = (1, None);
                if onward.workflows.is_empty() { self.after_section(onward) } else { Next::Ask(onward) }
            }
        };
        if let Next::Ask(Position { runs_until: Some(until), .. }) = &next
            && runs.iter().all(|run| run.created_at > *until)
        {
            notes.push(Note::LeftOut(format!("GitHub gives a thousand of the runs that {name} began in one second")));
        }
        let read = runs.iter().map(|run| Deployed::of_run(&self.options.environment, run)).collect();
        // As the other sections call it.
        let own = position.called.as_deref().unwrap_or(name);
        let (facts, next) = self.take_deployments(position, own, read, next, &mut notes);
        Ok(Page { facts, next, notes, remains: Vec::new() })
    }

    /// Facts of deployments, and which of them must be compared with the one before.
    fn take_deployments(
        &self,
        position: &Position,
        repository: &str,
        read: Vec<Deployed>,
        mut next: Next<Position>,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>) {
        let floor = self.deployments_floor(position);
        let mut facts = Vec::new();
        let settled = self.settled(position, &read);
        let (Next::Ask(onward) | Next::Done(onward)) = &mut next;
        onward.waiting.clone_from(&position.waiting);
        for deployment in read {
            for (fact, path) in deployment.of_services(&self.setting, repository, notes) {
                if fact.result == DeploymentResult::Success
                    && self.options.compare
                    && let Some(revision) = &deployment.revision
                {
                    let lane = format!("{repository} {} {}", fact.service, fact.environment);
                    let found = (deployment.created_at, revision.clone());
                    let newest = onward.heads_found.entry(lane.clone()).or_insert_with(|| found.clone());
                    if newest.0 < found.0 {
                        *newest = found;
                    }
                    let in_lane = |deployment: &str, created_at: DateTime<Utc>| InLane {
                        lane: lane.clone(),
                        // An earlier run has seen to those older than what this one reads.
                        is_known: floor.is_some_and(|floor| created_at < floor),
                        pair: Pair {
                            repository: repository.to_owned(),
                            deployment: deployment.to_owned(),
                            created_at,
                            head: revision.clone(),
                            base: String::new(),
                            path: path.clone(),
                        },
                    };
                    onward.waiting.push(in_lane(&fact.id, deployment.created_at));
                    for id in earlier_attempts(&fact.id) {
                        onward.waiting.extend(onward.succeeded.get(&id).map(|at| in_lane(&id, *at)));
                    }
                    if self.options.deployments == DeploymentsFrom::WorkflowRuns {
                        onward.succeeded.insert(fact.id.clone(), deployment.created_at);
                    }
                }
                facts.push(fact.into());
            }
        }
        let goes_on = onward.section == Section::Deployments && onward.repositories == position.repositories;
        if goes_on {
            settled.into_iter().for_each(|settled| onward.pair(settled));
        } else {
            onward.pair(DateTime::<Utc>::MIN_UTC);
            onward.pair_with_heads();
        }
        match next {
            Next::Done(onward) if !onward.to_compare.is_empty() => (facts, Next::Ask(onward)),
            next => (facts, next),
        }
    }

    /// From when on no deployment is found any more on later pages than this: pages come newest first, but a run that is run
    /// again stands where it first began, a release where it was drafted, and each workflow begins anew.
    fn settled(&self, position: &Position, read: &[Deployed]) -> Option<DateTime<Utc>> {
        let first_begun = read.iter().filter(|one| earlier_attempts(&one.id).is_empty());
        let last = first_begun.map(|deployment| deployment.created_at).min()?;
        match self.options.deployments {
            DeploymentsFrom::WorkflowRuns if position.workflows.len() > 1 => None,
            DeploymentsFrom::WorkflowRuns => last.checked_add_signed(Duration::days(RERUN_DAYS + 1)),
            DeploymentsFrom::Releases => None,
            _ => Some(last),
        }
    }

    /// From when on the deployments of the repository being read are read: as far back as the oldest that had no end yet.
    pub(super) fn deployments_floor(&self, position: &Position) -> Option<DateTime<Utc>> {
        let floor = self.floor(position)?;
        let is_known = position.read_but_for_held().is_some()
            || position.repositories.front().is_some_and(|name| position.read_to.contains_key(name));
        let floor = if is_known { floor - (self.reach() - self.overlap()) } else { floor };
        let open = position.repositories.front().and_then(|repository| position.open_since.get(repository));
        Some(open.map_or(floor, |open| floor.min((*open).max(longest_open(position.began)))))
    }

    /// Remembers a deployment that goes on, where its end will be told.
    fn wait_for(&self, position: &mut Position, environment: &str, created_at: DateTime<Utc>) {
        let is_told = self.setting.environments.or_own(environment, environment).is_some();
        if is_told && created_at >= longest_open(position.began) {
            position.open_found = position.open_found.into_iter().chain([created_at]).min();
        }
    }

    /// That a repository is at another place now, and the line of the configuration to change.
    pub(super) fn moved(&self, name: &str, renamed_to: Option<&str>, answer: &Answer) -> String {
        let to = answer.header("location").unwrap_or("another address");
        let to = to.split('?').next().unwrap_or(to);
        let wanted = renamed_to.map_or("its new name".to_owned(), |renamed_to| format!("\"{renamed_to}\""));
        format!(
            "GitHub redirects to {to}, which is not followed, since {name} was renamed or moved; in [[source]] {} of cairn.toml write {wanted} in repositories instead of \"{name}\"",
            self.setting.name
        )
    }
}

/// From when on deployments that go on are waited for.
pub(super) fn longest_open(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::days(LONGEST_OPEN_DAYS)
}

impl Position {
    /// Keeps for the next run when the oldest deployment began that goes on still. Where not all of the repository was
    /// given, the one known before may go on too.
    pub(super) fn settle_open(&mut self) {
        let Some(repository) = self.repositories.front().cloned() else { return };
        let known = self.open_since.remove(&repository).filter(|_| self.is_incomplete || self.is_passed);
        if let Some(oldest) = self.open_found.take().into_iter().chain(known).min() {
            self.open_since.insert(repository, oldest);
        }
    }

    /// Where to go on after a page of a workflow's runs, which are told newest first; none after the last. GitHub gives a
    /// thousand of a question and does not say that there are more: then those before the oldest of them are asked for.
    fn after_runs(mut self, runs: &Nodes<WorkflowRun>, total: u64) -> Option<Position> {
        let is_short = runs.count() < RUNS_PAGE as usize;
        if runs.count() == 0 || is_short && total <= u64::from(self.page * RUNS_PAGE) {
            return None;
        }
        self.page += 1;
        if self.page > RUNS_DEEPEST / RUNS_PAGE {
            let oldest = runs.iter().map(|run| run.created_at).min()?;
            // Within the same second more than a thousand would be asked for again and again.
            let before = self.runs_until.is_some_and(|until| oldest >= until);
            self.runs_until = Some(if before { oldest.checked_sub_signed(Duration::seconds(1))? } else { oldest });
            self.page = 1;
        }
        Some(self)
    }
}
