//! What GitHub answers, as far as it is read. Everything that may be null is optional: one odd object never spoils a page.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::nodes::Nodes;
use super::position::Section;

/// A GraphQL answer: data, errors, or both.
#[derive(Debug, Deserialize)]
pub(super) struct Graph<T> {
    pub data: Option<T>,
    #[serde(default)]
    pub errors: Vec<GraphError>,
    /// What stands in the place of both where GitHub does not come to answering.
    pub message: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    #[serde(rename = "type")]
    pub sort: Option<String>,
    pub message: String,
    #[serde(default)]
    pub path: Vec<Value>,
}

impl GraphError {
    /// It is not about one of many, but about all that was asked for, or a part of it.
    pub fn is_of_a_part(&self) -> bool {
        !self.path.iter().any(Value::is_number)
    }

    /// It is about something that the facts need: not a person behind an account, whom nobody may see.
    pub fn is_of_facts(&self) -> bool {
        let last = self.path.iter().rev().find_map(Value::as_str).unwrap_or_default();
        !matches!(last, "author" | "creator" | "user" | "login" | "email")
    }

    /// The points are used up.
    pub fn is_limit(&self) -> bool {
        matches!(self.sort.as_deref(), Some("RATE_LIMITED" | "RATE_LIMIT"))
    }

    /// GitHub failed, as it does with a 502: in time, or with less to tell, it may not.
    pub fn may_pass(&self) -> bool {
        let message = self.message.to_lowercase();
        ["something went wrong", "timeout", "timed out", "try again"].iter().any(|word| message.contains(word))
    }

    /// Asking again would not help: the token may not see it.
    pub fn is_refusal(&self) -> bool {
        matches!(self.sort.as_deref(), Some("FORBIDDEN" | "INSUFFICIENT_SCOPES" | "NOT_FOUND"))
    }
}

impl std::fmt::Display for GraphError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.is_empty() {
            return write!(formatter, "GitHub says: {}", self.message);
        }
        let path: Vec<String> = self.path.iter().map(|part| part.to_string().replace('"', "")).collect();
        write!(formatter, "GitHub says at {}: {}", path.join("."), self.message)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: DeserializeOwned")]
pub(super) struct Connection<T> {
    pub page_info: PageInfo,
    #[serde(default = "Nodes::none")]
    pub nodes: Nodes<T>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

/// Nodes of a connection of which only the first page is wanted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Few<T> {
    #[serde(default)]
    pub total_count: i64,
    #[serde(default = "Vec::new")]
    pub nodes: Vec<Option<T>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnerData {
    pub repository_owner: Option<Owner>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Owner {
    pub repositories: Connection<RepositoryName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryName {
    pub name_with_owner: String,
    #[serde(default)]
    pub is_empty: bool,
    #[serde(default)]
    pub is_fork: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryData {
    pub repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    /// What it is known by, however it is called.
    pub database_id: Option<i64>,
    pub name_with_owner: String,
    pub default_branch_ref: Option<Branch>,
    pub pull_requests: Option<Connection<PullRequest>>,
    pub deployments: Option<Connection<Deployment>>,
    pub releases: Option<Connection<Release>>,
    pub issues: Option<Connection<Issue>>,
    pub listed: Option<Connection<ListedIssue>>,
    pub object: Option<Object>,
}

impl Repository {
    /// Whether the answer has what a section asks for. No branch and no folder of workflows are answers too.
    pub fn has(&self, section: Section) -> bool {
        match section {
            Section::Changes => self.pull_requests.is_some(),
            Section::Deployments => self.deployments.is_some() || self.releases.is_some(),
            Section::Issues => self.issues.is_some() || self.listed.is_some(),
            Section::Commits | Section::Pipelines => true,
        }
    }

    /// The trunk's commits, where they were asked for.
    pub fn history(&self) -> Option<&Connection<TrunkCommit>> {
        self.default_branch_ref.as_ref()?.target.as_ref()?.history.as_ref()
    }

    /// What is wrong with the first of a list of which none can be read, and with each odd one of the others.
    pub fn odd(&self) -> (Option<&String>, Vec<&String>) {
        fn of<T>(connection: Option<&Connection<T>>) -> (Option<&String>, &[String]) {
            connection.map_or((None, &[]), |connection| (connection.nodes.misread(), connection.nodes.odd()))
        }
        let lists = [
            of(self.pull_requests.as_ref()),
            of(self.history()),
            of(self.deployments.as_ref()),
            of(self.releases.as_ref()),
            of(self.issues.as_ref()),
            of(self.listed.as_ref()),
        ];
        (lists.iter().find_map(|(misread, _)| *misread), lists.iter().flat_map(|(_, odd)| *odd).collect())
    }
}

/// The folder of the workflows, or a deployed commit with those before it that touch a path.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    #[serde(default)]
    pub entries: Vec<Entry>,
    pub history: Option<Connection<Oid>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub object: Option<Blob>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Blob {
    /// None for what is no text.
    pub text: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Branch {
    pub name: Option<String>,
    pub target: Option<Target>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub history: Option<Connection<TrunkCommit>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Actor {
    pub login: String,
    #[serde(rename = "__typename")]
    pub sort: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequest {
    pub number: i64,
    pub title: Option<String>,
    pub body: Option<String>,
    pub url: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    pub merged_at: Option<DateTime<Utc>>,
    pub additions: Option<i64>,
    pub deletions: Option<i64>,
    pub base_ref_name: Option<String>,
    #[serde(default)]
    pub base_ref: BaseRef,
    pub author: Option<Actor>,
    pub merge_commit: Option<MergeCommit>,
    pub commits: Option<Few<PullRequestCommit>>,
    pub reviews: Option<Few<Review>>,
}

/// The branch that a pull request went into: there, gone, or not asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<serde::de::IgnoredAny>")]
pub(super) enum BaseRef {
    There,
    Gone,
    #[default]
    Untold,
}

impl From<Option<serde::de::IgnoredAny>> for BaseRef {
    fn from(told: Option<serde::de::IgnoredAny>) -> BaseRef {
        if told.is_some() { BaseRef::There } else { BaseRef::Gone }
    }
}

impl BaseRef {
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, BaseRef::Gone)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeCommit {
    pub oid: String,
    pub message_body: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PullRequestCommit {
    pub commit: BranchCommit,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BranchCommit {
    pub oid: String,
    pub authored_date: DateTime<Utc>,
    pub committed_date: DateTime<Utc>,
    pub url: Option<String>,
    pub parents: Few<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub author: Option<Actor>,
    pub state: String,
    pub submitted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrunkCommit {
    pub oid: String,
    pub authored_date: DateTime<Utc>,
    pub committed_date: DateTime<Utc>,
    pub message_headline: Option<String>,
    pub message_body: Option<String>,
    pub url: Option<String>,
    pub additions: Option<i64>,
    pub deletions: Option<i64>,
    pub author: Option<GitActor>,
    pub parents: Few<serde::de::IgnoredAny>,
    pub associated_pull_requests: Option<Few<Associated>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GitActor {
    pub user: Option<Login>,
    pub email: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Login {
    pub login: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Associated {
    pub number: i64,
    #[serde(default)]
    pub merged: bool,
    pub base_repository: Option<RepositoryName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deployment {
    pub database_id: Option<i64>,
    pub environment: Option<String>,
    pub task: Option<String>,
    pub commit_oid: Option<String>,
    pub created_at: DateTime<Utc>,
    pub creator: Option<Actor>,
    pub statuses: Option<Few<Status>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub state: String,
    pub created_at: DateTime<Utc>,
    pub log_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Release {
    pub database_id: Option<i64>,
    pub tag_name: String,
    #[serde(default)]
    pub is_draft: bool,
    #[serde(default)]
    pub is_prerelease: bool,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub url: Option<String>,
    pub tag_commit: Option<Oid>,
    pub author: Option<Actor>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Oid {
    pub oid: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issue {
    pub number: i64,
    pub title: Option<String>,
    pub url: Option<String>,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub author: Option<Actor>,
    pub labels: Option<Few<Label>>,
    pub comments: Option<Few<Comment>>,
}

/// An issue of which only is asked whether it still has its label.
#[derive(Debug, Deserialize)]
pub(super) struct ListedIssue {
    pub number: i64,
    pub labels: Option<Few<Label>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    pub created_at: DateTime<Utc>,
    pub author: Option<Actor>,
}

/// One page of workflow runs, by REST.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRuns {
    #[serde(default)]
    pub total_count: u64,
    pub workflow_runs: Nodes<WorkflowRun>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WorkflowRun {
    pub id: i64,
    pub name: Option<String>,
    pub path: Option<String>,
    pub head_sha: String,
    pub run_attempt: Option<u32>,
    pub event: Option<String>,
    pub conclusion: Option<String>,
    pub created_at: DateTime<Utc>,
    pub run_started_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    pub html_url: Option<String>,
    pub actor: Option<Login>,
}

/// What lies between two revisions, by REST.
#[derive(Debug, Deserialize)]
pub(super) struct Comparison {
    pub total_commits: i64,
    pub commits: Nodes<ComparedCommit>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComparedCommit {
    pub sha: String,
    pub commit: ComparedTimes,
    #[serde(default)]
    pub parents: Vec<ComparedParent>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComparedParent {
    pub sha: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComparedTimes {
    pub author: Option<Dated>,
    pub committer: Option<Dated>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dated {
    pub date: Option<DateTime<Utc>>,
}
