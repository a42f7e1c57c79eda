//! The sections of a repository, one after the other: changes, commits, deployments, issues, pipelines.

use facts::{AnyFact, Remains, Trunk};

use super::answers::{Connection, GraphError, OwnerData, Repository, RepositoryData};
use super::deployed::parts;
use super::issues::Issues;
use super::position::{Pipeline, Position, Section};
use super::{DeploymentsFrom, GitHub, convert, graph};
use crate::mapping::Part;
use crate::pull::{Answer, Misread, Next, Note, Page};

/// Of the trunk's commits so many are remembered at most: a week of the busiest repositories.
const MOST_REMEMBERED: usize = 10_000;

impl GitHub {
    /// The position after the section that is being read, in the same repository or the next.
    pub(super) fn after_section(&self, mut position: Position) -> Next<Position> {
        if position.section == Section::Deployments {
            position.settle_open();
        }
        position.after = None;
        (position.page, position.runs_until) = (1, None);
        position.waiting.clear();
        position.issues = Issues::default();
        loop {
            position.section = match position.section {
                Section::Changes => Section::Commits,
                Section::Commits => {
                    if position.go_back() {
                        return Next::Ask(position);
                    }
                    Section::Deployments
                }
                Section::Deployments => Section::Issues,
                Section::Issues => Section::Pipelines,
                Section::Pipelines => {
                    let floor = self.whole_floor(&position);
                    position.close(floor);
                    position.page_size = None;
                    (position.open_found, position.renamed_to, position.called) = (None, None, None);
                    Section::Changes
                }
            };
            if position.repositories.is_empty() {
                position.is_done = true;
                return Next::Done(position);
            }
            if position.section == Section::Changes {
                (position.commits_after, position.has_all_commits) = (None, false);
                position.trunk.clear();
                position.has_trunk_holes = false;
            }
            if position.section != Section::Commits {
                position.take_up();
            }
            let is_read = position.section == Section::Commits && position.has_all_commits;
            if self.is_wanted(position.section) && !is_read {
                if position.section == Section::Deployments {
                    position.workflows = self.options.workflows.iter().cloned().collect();
                }
                return Next::Ask(position);
            }
        }
    }

    /// The next page of a section, or the next section.
    pub(super) fn onward<T>(
        &self,
        position: &Position,
        connection: &Connection<T>,
        is_far_enough: bool,
    ) -> Next<Position> {
        match &connection.page_info.end_cursor {
            Some(cursor) if connection.page_info.has_next_page && !is_far_enough => {
                Next::Ask(Position { after: Some(cursor.clone()), ..position.clone() })
            }
            _ => self.after_section(position.clone()),
        }
    }

    pub(super) fn read_owners(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let (data, errors) = graph::<OwnerData>(answer)?;
        let mut position = position.clone();
        let owner = position.owners.front().cloned().unwrap_or_default();
        let said: String = errors.iter().take(3).map(|error| format!("; {error}")).collect();
        let mut notes = Vec::new();
        let Some(found) = data.repository_owner else {
            // One owner out of sight does not end the reading of the others.
            notes.push(Note::Denied(format!("there is no owner {owner}, or the token does not see it{said}")));
            position.owners.pop_front();
            position.owners_after = None;
            position.is_done = position.owners.is_empty() && position.repositories.is_empty();
            let next = if position.is_done { Next::Done(position) } else { Next::Ask(position) };
            return Ok(Page { facts: Vec::new(), next, notes, remains: Vec::new() });
        };
        if !errors.is_empty() {
            notes.push(Note::Denied(format!("some repositories of {owner} were not given{said}")));
        }
        if let Some(odd) = found.repositories.nodes.misread() {
            notes.push(Note::Denied(format!("none of the repositories of {owner} can be read: {odd}")));
        }
        let odd = found.repositories.nodes.odd().iter();
        notes.extend(odd.map(|odd| Note::LeftOut(format!("one of the repositories of {owner} cannot be read: {odd}"))));
        for repository in found.repositories.nodes.read {
            let name = repository.name_with_owner;
            let is_same = |other: &&String| other.eq_ignore_ascii_case(&name);
            if repository.is_empty || repository.is_fork || position.repositories.iter().any(|other| is_same(&other)) {
                continue;
            }
            // Read before under another spelling it goes on under that.
            let known = position.read_to.keys().find(is_same).cloned();
            position.repositories.push_back(known.unwrap_or(name));
        }
        position.owners_after = found.repositories.page_info.end_cursor;
        if !found.repositories.page_info.has_next_page || position.owners_after.is_none() {
            position.owners.pop_front();
            position.owners_after = None;
            // Those that were read before and are not listed any more may be called otherwise now, which GitHub tells where they
            // are asked for; so they come first.
            let under = format!("{owner}/");
            let known = position.read_to.keys().filter(|name| name.starts_with(&under));
            let missing: Vec<String> = known.filter(|name| !position.repositories.contains(name)).cloned().collect();
            missing.into_iter().for_each(|name| position.repositories.push_front(name));
            position.take_up();
        }
        let next = if position.owners.is_empty() && position.repositories.is_empty() {
            position.is_done = true;
            Next::Done(position)
        } else {
            Next::Ask(position)
        };
        Ok(Page { facts: Vec::new(), next, notes, remains: Vec::new() })
    }

    pub(super) fn read_section(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let name = position.repositories.front().cloned().unwrap_or_default();
        if position.section == Section::Deployments && self.options.deployments == DeploymentsFrom::WorkflowRuns {
            return self.read_runs(position, &name, answer);
        }
        let (mut data, errors) = graph::<RepositoryData>(answer)?;
        let own = data.repository.as_ref().map(|repository| repository.name_with_owner.clone());
        let renamed_to = own.clone().filter(|own| !own.eq_ignore_ascii_case(&name));
        // What it told before carries the name it had; under another, or another spelling, it would stand there twice.
        let mut spelled = position.spelled.clone();
        let first = if renamed_to.is_some() { None } else { own.clone() };
        let by_name =
            spelled.entry(name.to_lowercase()).or_insert_with(|| first.unwrap_or_else(|| name.clone())).clone();
        let mut names = position.names.clone();
        let number = data.repository.as_ref().and_then(|repository| repository.database_id);
        // Unless another has that name now.
        let others = || position.repositories.iter().skip(1);
        let known = number.and_then(|number| names.get(&number).cloned());
        let known = known.filter(|known| !others().any(|other| other.eq_ignore_ascii_case(known)));
        let told = known.unwrap_or(by_name);
        if let Some(number) = number {
            names.retain(|_, name| *name != told);
            names.insert(number, told.clone());
        }
        if let Some(own) = own.filter(|own| *own != told) {
            let text = String::from_utf8_lossy(&answer.body).replace(&format!("\"{own}\""), &format!("\"{told}\""));
            data = graph::<RepositoryData>(&Answer { body: text.into_bytes(), ..answer.clone() })?.0;
        }
        let (of_parts, of_some): (Vec<_>, Vec<_>) = errors.into_iter().partition(GraphError::is_of_a_part);
        let (denied, odd): (Vec<_>, Vec<_>) = of_some.into_iter().partition(GraphError::is_of_facts);
        let mut notes: Vec<Note> = odd.iter().map(|error| Note::LeftOut(error.to_string())).collect();
        let position = &Position { is_incomplete: position.is_incomplete || !denied.is_empty(), ..position.clone() };
        if let Some(first) = denied.first() {
            notes.push(Note::Denied(format!(
                "some of the {} of {name} were not given: the token needs {}; {first}",
                position.section.purpose(),
                self.needs(position.section)
            )));
        }
        let Some(repository) = data.repository else {
            // One repository gone or out of sight does not end the reading of the others.
            if !self.is_named(&name) {
                notes.push(Note::LeftOut(format!(
                    "{name} was read before and is not there any more, or the token does not see it; its facts stay"
                )));
                let position = Position { section: Section::Pipelines, ..position.clone() };
                let (Next::Ask(mut onward) | Next::Done(mut onward)) = self.after_section(position);
                onward.read_to.remove(&name);
                let next = if onward.is_done { Next::Done(onward) } else { Next::Ask(onward) };
                return Ok(Page { facts: Vec::new(), next, notes, remains: Vec::new() });
            }
            notes.push(Note::Denied(format!(
                "{name} is not there, or the token does not see it (it needs read access to the repository's contents, pull requests, deployments and issues)"
            )));
            let position = Position { section: Section::Pipelines, is_incomplete: true, ..position.clone() };
            return Ok(Page { facts: Vec::new(), next: self.after_section(position), notes, remains: Vec::new() });
        };
        if let Some(own) = &renamed_to {
            let under = if self.is_named(&name) { "the name in `repositories`" } else { "the name it had" };
            notes.push(Note::LeftOut(format!("{name} is called {own} now; its facts go on under {under}")));
        }
        let mut own = position.clone();
        // Listed under its new name too, it would be told of twice.
        own.repositories.retain(|other| renamed_to.as_ref() != Some(other) || self.is_named(other));
        let called = Some(told).filter(|told| *told != name);
        let position = &Position { renamed_to, called, spelled, names, ..own };
        if !of_parts.is_empty() || !repository.has(position.section) {
            let said: String = of_parts.iter().map(|error| format!("; {error}")).collect();
            notes.push(Note::Denied(format!(
                "the {} of {name} were not given: the token needs {}{said}",
                position.section.purpose(),
                self.needs(position.section)
            )));
            let position = Position { is_incomplete: true, ..position.clone() };
            return Ok(Page { facts: Vec::new(), next: self.after_section(position), notes, remains: Vec::new() });
        }
        let (misread, odd) = repository.odd();
        if let Some(odd) = misread {
            // It is not what it should be: asked for again, like what was not given.
            notes
                .push(Note::Denied(format!("none of the {} of {name} can be read: {odd}", position.section.purpose())));
            let position = Position { is_incomplete: true, ..position.clone() };
            return Ok(Page { facts: Vec::new(), next: self.after_section(position), notes, remains: Vec::new() });
        }
        notes.extend(odd.into_iter().map(|odd| {
            Note::LeftOut(format!("one of the {} of {name} cannot be read: {odd}", position.section.purpose()))
        }));
        let mut remains: Vec<Remains> =
            self.whole_trunk(position, &repository).map(Remains::OnTrunk).into_iter().collect();
        remains.extend(of_pulls(&repository));
        let (facts, next) = match position.section {
            Section::Changes => self.read_changes(position, &repository),
            Section::Commits => self.read_commits(position, &repository),
            Section::Deployments => self.read_deployments(position, &repository, &mut notes),
            Section::Issues => {
                let (facts, next, listed) = self.read_issues(position, &repository, &mut notes);
                remains.extend(listed);
                (facts, next)
            }
            Section::Pipelines => self.read_pipelines(position, &repository),
        };
        Ok(Page { facts, next, notes, remains })
    }

    fn read_changes(&self, position: &Position, repository: &Repository) -> (Vec<AnyFact>, Next<Position>) {
        let Some(pulls) = &repository.pull_requests else { return (Vec::new(), self.after_section(position.clone())) };
        let floor = self.floor(position);
        let trunk = repository.default_branch_ref.as_ref().and_then(|branch| branch.name.as_deref());
        let mut facts = Vec::new();
        let mut is_far_enough = false;
        for pull in pulls.nodes.iter() {
            is_far_enough = floor.is_some_and(|floor| pull.updated_at < floor);
            // A pull request into another branch is no change until that branch reaches the trunk.
            if !is_far_enough && (trunk.is_none() || convert::is_into(pull, trunk)) {
                let facts_of = convert::change(&repository.name_with_owner, pull, &self.setting.bots);
                facts.extend(facts_of.into_iter().flatten());
            }
        }
        let mut position = position.clone();
        facts.extend(read_history(&mut position, repository));
        (facts, self.onward(&position, pulls, is_far_enough))
    }

    /// The trunk since the floor, where this page holds the last of it. Where nothing was read before, nothing was taken
    /// away since, and where much is read again, remembering it all is not worth it.
    fn whole_trunk(&self, position: &Position, repository: &Repository) -> Option<Trunk> {
        let from = self.floor(position)?;
        let mut after = position.clone();
        if position.has_all_commits || repository.history().is_none() {
            return None;
        }
        read_history(&mut after, repository);
        let is_whole = after.has_all_commits && !after.has_trunk_holes && after.trunk.len() < MOST_REMEMBERED;
        is_whole.then(|| Trunk {
            repository: repository.name_with_owner.clone(),
            from,
            to: position.began,
            revisions: after.trunk,
        })
    }

    /// Those commits that there were too many of to come along with the changes.
    fn read_commits(&self, position: &Position, repository: &Repository) -> (Vec<AnyFact>, Next<Position>) {
        let mut position = position.clone();
        let facts = read_history(&mut position, repository);
        if position.has_all_commits {
            return (facts, self.after_section(position));
        }
        (facts, Next::Ask(position))
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
            // What matches no service was told when its deployments were read.
            for Part { name: service, .. } in parts(&self.setting.services, name, None, &mut Vec::new()) {
                facts.push(convert::uses(service, name, found.as_ref().map(|it| (&*it.workflow, &*it.version))));
            }
            match found {
                Some(pipeline) => onward.pipelines.insert(name.clone(), pipeline),
                None => onward.pipelines.remove(name),
            };
        }
        (facts, self.after_section(onward))
    }
}

/// The page's commits that came with a pull request. GitHub may tell of that only some time after the merge; what was read
/// before stands as a change of its own until then.
fn of_pulls(repository: &Repository) -> Option<Remains> {
    let name = &repository.name_with_owner;
    let commits = repository.history()?.nodes.iter();
    let of_pulls = commits.filter(|commit| convert::pull_of(name, commit).is_some());
    let revisions: Vec<String> = of_pulls.map(|commit| commit.oid.clone()).collect();
    (!revisions.is_empty()).then(|| Remains::OfPulls { repository: name.clone(), revisions })
}

/// A page of the trunk's commits, where one was asked for; the position is then at the next.
fn read_history(position: &mut Position, repository: &Repository) -> Vec<AnyFact> {
    let history = repository.history();
    position.has_all_commits |= history.is_none_or(|history| !history.page_info.has_next_page);
    let Some(history) = history else { return Vec::new() };
    // One that cannot be read was not taken off.
    position.has_trunk_holes |= history.nodes.has_holes();
    position.commits_after.clone_from(&history.page_info.end_cursor);
    position.has_all_commits |= position.commits_after.is_none();
    let commits = history.nodes.iter();
    if position.trunk.len() < MOST_REMEMBERED {
        position.trunk.extend(commits.clone().map(|commit| commit.oid.clone()));
    }
    commits.flat_map(|commit| convert::trunk_commit(&repository.name_with_owner, commit)).collect()
}
