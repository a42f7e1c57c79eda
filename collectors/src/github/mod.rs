//! GitHub and GitHub Enterprise: changes with their reviews, commits, deployments with the commits they brought, and
//! labelled issues. GraphQL in pages of 100, REST where GraphQL lacks it (workflow runs, comparing two revisions).
//!
//! A run walks the repositories; in each it reads sections, newest first, until what an earlier run has read less the
//! overlap. Its position holds the repository, section and page, so that a run that stops goes on there.

mod answers;
mod comparing;
mod convert;
mod deployed;
mod deployments;
mod issues;
mod nodes;
mod passing;
mod position;
mod sections;

use std::collections::VecDeque;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::pull::{
    Answer, Ask, Misread, Next, Note, Page, Probe, Setting, Source, Stopped, allowed_again, is_of_limit,
};
pub(crate) use answers::WorkflowRun;
pub(crate) use convert::{kind_of_task, reverts, severity, unknown_conclusion};
pub(crate) use deployed::{Deployed, Ended, of_issue};
pub use position::{Position, names};

use answers::{Graph, GraphError};
use comparing::Pair;
use position::Section;

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
const RERUN_DAYS: i64 = 30;
/// Of so many repositories samples are shown.
const SAMPLED: usize = 3;
/// How long a limit holds that does not say so.
const SECONDS_OF_LIMIT: i64 = 60;

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
        if let Some(wrong) = options.workflows.iter().find(|name| name.is_empty() || name.contains(['*', '/', '?'])) {
            return Err(format!(
                "workflows: \"{wrong}\" is no workflow; name each by its file in .github/workflows, such as \"deploy.yml\", or by its number"
            ));
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

    /// How far back a later run looks for deployments: a workflow run may be run again for thirty days.
    fn reach(&self) -> Duration {
        match self.options.deployments {
            DeploymentsFrom::WorkflowRuns => self.overlap().max(Duration::days(RERUN_DAYS)),
            _ => self.overlap(),
        }
    }

    fn graphql(name: &str, variables: &Value) -> Ask {
        let query = QUERIES.iter().find(|(known, _)| *known == name).map(|(_, query)| query);
        Ask::post("graphql", json!({ "query": query, "variables": variables }))
    }

    fn variables(position: &Position) -> Value {
        let repository = position.repositories.front().map_or("", String::as_str);
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        json!({ "owner": owner, "name": name, "after": position.after })
    }

    /// The permission that a section needs, in GitHub's words.
    fn needs(&self, section: Section) -> &'static str {
        match (section, self.options.deployments) {
            (Section::Changes, _) => "Pull requests: read, Contents: read (classic tokens: repo)",
            (Section::Deployments, DeploymentsFrom::WorkflowRuns) => "Actions: read (classic tokens: repo)",
            (Section::Deployments, DeploymentsFrom::Deployments) => {
                "Deployments: read (classic tokens: repo_deployment)"
            }
            (Section::Issues, _) => "Issues: read (classic tokens: repo)",
            (Section::Commits | Section::Pipelines | Section::Deployments, _) => {
                "Contents: read (classic tokens: repo)"
            }
        }
    }

    /// The sections that may be tried, each of which is read of every repository. The trunk's commits come with the changes.
    fn sections(&self) -> impl Iterator<Item = Section> {
        let sections = [Section::Changes, Section::Deployments, Section::Issues, Section::Pipelines];
        sections.into_iter().filter(|section| self.is_wanted(*section))
    }

    fn is_wanted(&self, section: Section) -> bool {
        match section {
            Section::Changes | Section::Pipelines => true,
            Section::Commits => self.options.commits,
            Section::Deployments => self.options.deployments != DeploymentsFrom::None,
            Section::Issues => !self.options.incident_labels.is_empty() || !self.options.ticket_labels.is_empty(),
        }
    }
}

impl Source for GitHub {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        self.begin_from(last, since, now)
    }

    fn ask(&self, position: &Position) -> Ask {
        if let Some(pair) = position.to_compare.front() {
            if position.is_narrowing {
                let (owner, name) = pair.repository.split_once('/').unwrap_or((&pair.repository, ""));
                return GitHub::graphql(
                    "touching",
                    &json!({
                        "owner": owner, "name": name, "head": pair.head, "path": pair.path,
                        "since": position.in_range_since.map(shown), "after": position.touching_after,
                    }),
                );
            }
            let page = position.compare_page;
            let Pair { repository, base, head, .. } = pair;
            let ask = self.rest(&format!("repos/{repository}/compare/{base}...{head}?per_page=100&page={page}"));
            // A difference may be too long for GitHub to tell, which it says by failing.
            return Ask { also: &[301, 302, 307, 308, 403, 404, 409, 422, 451], at_last: &[500, 502, 503, 504], ..ask };
        }
        if let Some(owner) = position.owners.front() {
            return GitHub::graphql("repositories", &json!({ "owner": owner, "after": position.owners_after }));
        }
        let mut variables = GitHub::variables(position);
        let floor = self.floor(position).map(shown);
        match position.section {
            Section::Changes => {
                variables["size"] = self.page_size(position).into();
                variables["hasCommits"] = (self.options.commits && !position.has_all_commits).into();
                variables["commitsAfter"] = json!(position.commits_after);
                variables["since"] = json!(floor);
                GitHub::graphql("changes", &variables)
            }
            Section::Commits => {
                variables["after"] = json!(position.commits_after);
                variables["since"] = json!(floor);
                GitHub::graphql("commits", &variables)
            }
            Section::Deployments => match self.options.deployments {
                DeploymentsFrom::Releases => GitHub::graphql("releases", &variables),
                DeploymentsFrom::WorkflowRuns => {
                    let repository = position.repositories.front().map_or("", String::as_str);
                    let workflow = position.workflows.front().map_or("", String::as_str);
                    let floor = self.deployments_floor(position).map(shown);
                    let created = match (floor, position.runs_until.map(shown)) {
                        (None, None) => String::new(),
                        (Some(floor), None) => format!("&created=%3E%3D{floor}"),
                        (None, Some(until)) => format!("&created=%3C%3D{until}"),
                        (Some(floor), Some(until)) => format!("&created={floor}..{until}"),
                    };
                    let page = position.page;
                    let path = format!(
                        "repos/{repository}/actions/workflows/{workflow}/runs?per_page=100&page={page}{created}"
                    );
                    Ask { also: &[301, 302, 307, 308, 403, 404], ..self.rest(&path) }
                }
                DeploymentsFrom::Deployments | DeploymentsFrom::None => GitHub::graphql("deployments", &variables),
            },
            Section::Issues => GitHub::graphql("issues", &self.issue_variables(position, self.floor(position))),
            Section::Pipelines => GitHub::graphql("workflows", &variables),
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
                remains: Vec::new(),
            });
        }
        self.read_section(position, answer)
    }

    fn pass_over(&self, position: &Position, why: &Stopped) -> Option<Page<Position>> {
        self.passed_over(position, why)
    }

    fn listing(&self, position: &Position) -> Option<Probe> {
        position.owners.front().map(|_| Probe {
            purpose: "the owners' repositories",
            needs: "Metadata: read (classic tokens: repo)",
            ask: self.ask(position),
        })
    }

    /// Of the first repository, by which the token is tried; samples are taken of some more.
    fn probes(&self, begin: &Position) -> Vec<Probe> {
        let first = Position { owners: VecDeque::new(), ..begin.clone() };
        let probe = |section: Section| Probe {
            purpose: section.purpose(),
            needs: self.needs(section),
            ask: self.ask(&Position { section, ..first.clone() }),
        };
        if first.repositories.is_empty() { Vec::new() } else { self.sections().map(probe).collect() }
    }

    /// Which repositories named have no line of `services`, so that their deployments would be left out.
    fn foreseen(&self, begin: &Position) -> Vec<Note> {
        if begin.repositories.is_empty() {
            return vec![Note::LeftOut("there is no repository to read; forks and empty ones are left out".into())];
        }
        let named = self.options.repositories.iter().filter(|name| !name.ends_with("/*"));
        let named = named.filter(|_| self.is_wanted(Section::Deployments));
        let unknown = named.filter(|name| !self.setting.services.may_know(name, '@'));
        unknown.map(|name| Note::Unmapped { what: "service", subject: name.clone() }).collect()
    }

    fn samples(&self, begin: Position) -> Vec<Position> {
        let one = Position { owners: VecDeque::new(), ..begin };
        let first = one.repositories.iter().take(SAMPLED);
        let of = |name: &String| {
            let one = Position { repositories: [name.clone()].into(), ..one.clone() };
            self.sections().map(move |section| Position { section, ..one.clone() })
        };
        first.flat_map(of).collect()
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

/// A time as GitHub takes it.
fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The data of a GraphQL answer, and the refusals beside it. Without data, when the points are used up, or when GitHub
/// failed over a part, an error.
fn graph<T: DeserializeOwned>(answer: &Answer) -> Result<(T, Vec<GraphError>), Misread> {
    let graph: Graph<T> = answer.json()?;
    let said: Vec<String> = graph
        .message
        .filter(|_| graph.data.is_none())
        .into_iter()
        .chain(graph.errors.iter().map(ToString::to_string))
        .collect();
    let said = said.join("; ");
    if graph.errors.iter().any(GraphError::is_limit) || graph.data.is_none() && is_of_limit(&said) {
        let soon = answer.at + Duration::seconds(SECONDS_OF_LIMIT);
        let again_at = Some(allowed_again(answer, answer.at).unwrap_or(soon));
        return Err(Misread { again_at, ..Misread::new(said) });
    }
    let is_of_system = graph.errors.iter().any(|error| !error.is_refusal());
    match graph.data {
        Some(data) if !is_of_system => Ok((data, graph.errors)),
        None if said.is_empty() => Err(Misread::new("it has no data")),
        _ => Err(Misread { may_pass: graph.errors.iter().any(GraphError::may_pass), ..Misread::new(said) }),
    }
}
