//! From GitHub's objects to facts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use facts::{AnyFact, Change, Commit, DeploymentKind, DeploymentResult, Incident, Person, Service, Ticket};
use regex::Regex;

use super::answers::{
    Actor, Associated, Deployment, Few, Issue, Label, PullRequest, Release, TrunkCommit, WorkflowRun,
};
use crate::git::{does_again, reverted_by};
use crate::pull::Note;

/// The person behind an account. Apps are bots whatever they are called.
pub(super) fn person(actor: &Actor) -> Person {
    match actor.sort.as_deref() {
        Some("Bot") => Person(format!("bot:{}", actor.login.trim_end_matches("[bot]"))),
        _ => Person(actor.login.clone()),
    }
}

/// Whether what an account says is not a person's word.
fn is_bot(actor: &Actor, bots: &[String]) -> bool {
    actor.sort.as_deref() == Some("Bot") || facts::is_bot(&actor.login, bots)
}

/// The identifier of a change: `owner/name#12`.
pub(super) fn change_id(repository: &str, number: i64) -> String {
    format!("{repository}#{number}")
}

fn nodes<T>(few: Option<&Few<T>>) -> impl Iterator<Item = &T> {
    few.into_iter().flat_map(|few| few.nodes.iter().flatten())
}

/// Whether a pull request went into the trunk, or into what was the trunk until it got its present name: a branch that is
/// there no more and was called as trunks are.
pub(super) fn is_into(pull: &PullRequest, trunk: Option<&str>) -> bool {
    let into = pull.base_ref_name.as_deref();
    let is_former = into.is_some_and(|name| ["master", "main", "trunk"].contains(&name)) && pull.base_ref.is_gone();
    into == trunk || is_former
}

/// A merged pull request, with its commits that are not merges.
pub(super) fn change(repository: &str, pull: &PullRequest, bots: &[String]) -> Option<Vec<AnyFact>> {
    let merged_at = pull.merged_at?;
    let id = change_id(repository, pull.number);
    let author = pull.author.as_ref();
    // A pending review has no time yet; the author's own remarks are no review.
    let reviews = || {
        nodes(pull.reviews.as_ref()).filter(|review| {
            review.submitted_at.is_some()
                && review.author.as_ref().map(|own| &own.login) != author.map(|own| &own.login)
                && review.author.as_ref().is_none_or(|own| !is_bot(own, bots))
        })
    };
    let commits = || nodes(pull.commits.as_ref()).map(|commit| &commit.commit);
    let title = pull.title.clone().unwrap_or_default();
    let message = pull.merge_commit.as_ref().and_then(|commit| commit.message_body.as_deref());
    // A push tells the request's own text and not the merge's message, and is to say the same.
    let body = [pull.body.as_deref(), message].map(Option::unwrap_or_default).join("\n");
    let mut facts = vec![
        Change {
            id: id.clone(),
            repository: repository.to_owned(),
            merged_at,
            merge_revision: pull.merge_commit.as_ref().map(|commit| commit.oid.clone()),
            first_commit_at: commits().map(|commit| commit.authored_date).min(),
            opened_at: pull.created_at,
            first_review_at: reviews().filter_map(|review| review.submitted_at).min(),
            approved_at: reviews()
                .filter(|review| review.state == "APPROVED")
                .filter_map(|review| review.submitted_at)
                .min(),
            author: author.map(person),
            additions: pull.additions,
            deletions: pull.deletions,
            reverts: reverts(repository, &title, &body),
            title: pull.title.clone(),
            url: pull.url.clone(),
        }
        .into(),
    ];
    facts.extend(commits().filter(|commit| commit.parents.total_count < 2).map(|commit| {
        AnyFact::from(Commit {
            revision: commit.oid.clone(),
            repository: repository.to_owned(),
            authored_at: commit.authored_date,
            committed_at: commit.committed_date,
            change_id: Some(id.clone()),
            url: commit.url.clone(),
        })
    }));
    Some(facts)
}

/// What a text says it undoes: `Reverts owner/name#12`, `Reverts #12`, or a revision in git's own words.
pub(crate) fn reverts(repository: &str, title: &str, body: &str) -> Option<String> {
    if does_again(title) {
        return None;
    }
    let said = body.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("Reverts ")?;
        let (before, number) = rest.split_once('#')?;
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        if digits.is_empty() || before.contains(' ') {
            return None;
        }
        Some(format!("{}#{digits}", if before.is_empty() { repository } else { before }))
    });
    said.or_else(|| reverted_by(&format!("{title}\n\n{body}")))
}

/// The pull request that a commit of the trunk came with.
pub(super) fn pull_of<'a>(repository: &str, commit: &'a TrunkCommit) -> Option<&'a Associated> {
    nodes(commit.associated_pull_requests.as_ref())
        .find(|pull| pull.merged && pull.base_repository.as_ref().is_none_or(|base| base.name_with_owner == repository))
}

/// A commit of the trunk; one that came with no pull request is a change of its own.
pub(super) fn trunk_commit(repository: &str, commit: &TrunkCommit) -> Vec<AnyFact> {
    let is_merge = commit.parents.total_count > 1;
    let pull = pull_of(repository, commit);
    let mut facts = Vec::new();
    let body = commit.message_body.clone().unwrap_or_default();
    let title = commit.message_headline.clone().unwrap_or_default();
    let change_id = match pull {
        Some(pull) => change_id(repository, pull.number),
        None => commit.oid.clone(),
    };
    if pull.is_none() && !is_merge {
        let login = commit
            .author
            .as_ref()
            .and_then(|author| author.user.as_ref().map(|user| user.login.clone()).or_else(|| author.email.clone()));
        facts.push(
            Change {
                id: change_id.clone(),
                repository: repository.to_owned(),
                merged_at: commit.committed_date,
                merge_revision: Some(commit.oid.clone()),
                first_commit_at: Some(commit.authored_date),
                opened_at: None,
                first_review_at: None,
                approved_at: None,
                author: login.map(Person),
                additions: commit.additions,
                deletions: commit.deletions,
                reverts: reverts(repository, &title, &body),
                title: Some(title),
                url: commit.url.clone(),
            }
            .into(),
        );
    }
    if !is_merge {
        facts.push(
            Commit {
                revision: commit.oid.clone(),
                repository: repository.to_owned(),
                authored_at: commit.authored_date,
                committed_at: commit.committed_date,
                change_id: Some(change_id),
                url: commit.url.clone(),
            }
            .into(),
        );
    }
    facts
}

/// How a deployment ended and when, by its statuses; none while it goes on. It ended with its first success: later
/// statuses (inactive, or of a deployment after it) do not move that.
pub(super) fn ending(deployment: &Deployment) -> Option<(DeploymentResult, DateTime<Utc>, Option<String>)> {
    let first = |states: &[&str]| {
        nodes(deployment.statuses.as_ref())
            .filter(|status| states.contains(&status.state.as_str()))
            .min_by_key(|status| status.created_at)
    };
    let told = |result, status: &super::answers::Status| (result, status.created_at, status.log_url.clone());
    first(&["SUCCESS"])
        .map(|status| told(DeploymentResult::Success, status))
        .or_else(|| first(&["FAILURE", "ERROR"]).map(|status| told(DeploymentResult::Failure, status)))
}

/// What keeps it from being told how a deployment ended, where nothing goes on any more: a state that is not known, or
/// only what came after the end.
pub(super) fn untold(deployment: &Deployment) -> Option<Note> {
    let states = || nodes(deployment.statuses.as_ref()).map(|status| status.state.as_str());
    let goes_on = ["PENDING", "QUEUED", "IN_PROGRESS", "WAITING"];
    let is_after = ["INACTIVE", "DESTROYED", "ABANDONED"];
    if let Some(word) = states().find(|state| !goes_on.contains(state) && !is_after.contains(state)) {
        return Some(Note::UnknownWord { field: "deployment status", word: word.to_owned() });
    }
    states().any(|state| is_after.contains(&state)).then(|| {
        Note::LeftOut("deployments that were replaced or taken down, and never said whether they succeeded".into())
    })
}

/// What a task's name says of the reason: GitHub's default is `deploy`.
pub(crate) fn kind_of_task(task: &str) -> Option<DeploymentKind> {
    let task = task.to_ascii_lowercase();
    if task.contains("rollback") {
        Some(DeploymentKind::Rollback)
    } else if task.contains("hotfix") {
        Some(DeploymentKind::Hotfix)
    } else {
        None
    }
}

/// How a workflow run ended: none while it goes on, was skipped, or needs somebody.
pub(super) fn conclusion(run: &WorkflowRun) -> Option<DeploymentResult> {
    match run.conclusion.as_deref()? {
        "success" => Some(DeploymentResult::Success),
        "failure" | "timed_out" | "startup_failure" => Some(DeploymentResult::Failure),
        "cancelled" => Some(DeploymentResult::Cancelled),
        _ => None,
    }
}

/// A word for how a workflow run ended that is not known; what is skipped, neutral or stale deployed nothing.
pub(crate) fn unknown_conclusion(run: &WorkflowRun) -> Option<Note> {
    let word = run.conclusion.as_deref()?;
    let is_known = conclusion(run).is_some() || goes_on(run) || ["skipped", "neutral", "stale", ""].contains(&word);
    (!is_known).then(|| Note::UnknownWord { field: "workflow run's conclusion", word: word.to_owned() })
}

/// Whether a workflow run has not ended yet, or may go on when somebody approves it.
pub(super) fn goes_on(run: &WorkflowRun) -> bool {
    matches!(run.conclusion.as_deref(), None | Some("action_required"))
}

/// A release as a successful deployment: when it was published, not when its tag was made.
pub(super) fn released(release: &Release) -> Option<DateTime<Utc>> {
    (!release.is_draft).then_some(release.published_at?)
}

/// The reusable workflow that most jobs of some workflow files use, and its version. Where several are used alike, the
/// first by name.
pub(super) fn pipeline<'a>(
    texts: impl Iterator<Item = &'a str>,
    is_counted: impl Fn(&str) -> bool,
) -> Option<(String, String)> {
    // Only jobs can name a workflow file of another repository; one of this repository begins with a dot.
    static USES: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r##"(?m)^[ \t]*(?:-[ \t]+)?uses:[ \t]*['"]?([\w.-]+/[\w.-]+/\.github/workflows/[\w./-]+\.ya?ml)@([^\s'"#]+)"##;
        Regex::new(pattern).expect("the expression is a constant")
    });
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for text in texts {
        for (_, [workflow, version]) in USES.captures_iter(text).map(|found| found.extract()) {
            if is_counted(workflow) {
                *counts.entry((workflow.to_owned(), version.to_owned())).or_default() += 1;
            }
        }
    }
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|(_, n)| *n == most).map(|(pipeline, _)| pipeline)
}

/// That a service uses a pipeline, from now on.
pub(super) fn uses(service: String, repository: &str, pipeline: Option<(&str, &str)>) -> AnyFact {
    Service {
        name: service,
        valid_from: None,
        team: None,
        system: None,
        lifecycle: None,
        kind: None,
        repository: Some(repository.to_owned()),
        template: None,
        template_version: None,
        pipeline: pipeline.map(|(workflow, _)| workflow.to_owned()),
        pipeline_version: pipeline.map(|(_, version)| version.to_owned()),
        retired: None,
        url: None,
    }
    .into()
}

/// The names of labels.
pub(super) fn names(labels: Option<&Few<Label>>) -> Vec<&str> {
    nodes(labels).map(|label| label.name.as_str()).collect()
}

/// What labels say of how bad it is.
pub(crate) fn severity(labels: &[&str]) -> Option<String> {
    let is_severity = |label: &&&str| {
        let label = label.to_ascii_lowercase();
        ["sev", "priority", "p0", "p1"].iter().any(|begin| label.starts_with(begin))
    };
    labels.iter().find(is_severity).map(|label| (*label).to_owned())
}

/// An issue as an incident of a service.
pub(super) fn incident(repository: &str, issue: &Issue, service: Option<String>, bots: &[String]) -> AnyFact {
    Incident {
        id: change_id(repository, issue.number),
        opened_at: issue.created_at,
        service,
        acknowledged_at: first_answer(issue, bots),
        resolved_at: issue.closed_at,
        severity: severity(&names(issue.labels.as_ref())),
        caused_by_deployment: None,
        title: issue.title.clone(),
        url: issue.url.clone(),
    }
    .into()
}

/// An issue as a ticket in the repository's queue.
pub(super) fn ticket(repository: &str, issue: &Issue, team: Option<String>, bots: &[String]) -> AnyFact {
    let labels = names(issue.labels.as_ref());
    let kind = labels.iter().find_map(|label| match label.to_ascii_lowercase().as_str() {
        "question" | "support" => Some(facts::TicketKind::Question),
        "bug" => Some(facts::TicketKind::Bug),
        "request" | "enhancement" | "feature" => Some(facts::TicketKind::Request),
        _ => None,
    });
    Ticket {
        id: change_id(repository, issue.number),
        queue: repository.to_owned(),
        opened_at: issue.created_at,
        kind,
        category: None,
        team,
        first_response_at: first_answer(issue, bots),
        resolved_at: issue.closed_at,
        answered_by_docs: None,
        url: issue.url.clone(),
    }
    .into()
}

/// When somebody else, who is no bot, first answered.
fn first_answer(issue: &Issue, bots: &[String]) -> Option<DateTime<Utc>> {
    nodes(issue.comments.as_ref())
        .filter(|comment| {
            comment
                .author
                .as_ref()
                .is_some_and(|own| !is_bot(own, bots) && Some(&own.login) != issue.author.as_ref().map(|it| &it.login))
        })
        .map(|comment| comment.created_at)
        .min()
}
