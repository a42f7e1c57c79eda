//! Jira, cloud and server: issues as tickets, and those of some types as incidents.

use chrono::{DateTime, Duration, Utc};
use facts::{AnyFact, Incident, Kind, Remains, Ticket, TicketKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::mapping::Subject;
use crate::pull::{Answer, Ask, Misread, Next, Note, Page, Probe, Setting, Source};

/// Which Jira it is: they page differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// Atlassian's own.
    #[default]
    Cloud,
    /// Server or Data Center.
    Server,
}

/// What to read of Jira.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which Jira it is.
    pub edition: Edition,
    /// The keys of the projects to read.
    pub projects: Vec<String>,
    /// A condition in JQL beside that, such as `labels = platform`.
    pub jql: Option<String>,
    /// Names of issue types that are incidents; all others are tickets.
    pub incident_types: Vec<String>,
    /// Names of issue types that are bugs, questions and requests.
    pub bug_types: Vec<String>,
    /// See above.
    pub question_types: Vec<String>,
    /// See above.
    pub request_types: Vec<String>,
    /// The field that names the service, mapped by `services`: `components`, `labels`, or a custom field's identifier.
    pub service_field: Option<String>,
    /// The field that names the team, mapped by `teams`.
    pub team_field: Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Options {
            edition: Edition::default(),
            projects: Vec::new(),
            jql: None,
            incident_types: words(&["Incident"]),
            bug_types: words(&["Bug"]),
            question_types: words(&["Question", "Support"]),
            request_types: words(&["Service Request", "Request", "Task", "Story"]),
            service_field: None,
            team_field: None,
        }
    }
}

const OVERLAP_HOURS: i64 = 2;
/// JQL's times are in the zone of the token's owner, which may be up to this far from UTC.
const ZONE_HOURS: i64 = 14;
/// So often in a run a server's list is gone back in, where issues were deleted while it was read.
const MOST_BACK: u32 = 50;

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    began: DateTime<Utc>,
    from: Option<DateTime<Utc>>,
    token: Option<String>,
    start_at: i64,
    /// The keys of the page before, of which a server's next page must show one: else something slipped by between them.
    #[serde(default)]
    page_before: Vec<String>,
    /// How often the list was gone back in.
    #[serde(default)]
    n_back: u32,
    is_done: bool,
}

impl Position {
    /// Reads the issues from the first page on.
    fn at_first_page(self) -> Position {
        Position { token: None, start_at: 0, page_before: Vec::new(), n_back: 0, ..self }
    }

    /// After a page of a server's list that ends at a place. The next begins with its last issue: where it does not, issues
    /// were deleted meanwhile and those behind them moved up. A page of one is gone on from as it is.
    fn go_on_from(&mut self, end: i64, keys: Vec<String>) {
        (self.start_at, self.page_before) = if keys.len() > 1 { (end - 1, keys) } else { (end, Vec::new()) };
    }
}

/// Jira as a source.
pub struct Jira {
    setting: Setting,
    options: Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    issues: Vec<Value>,
    next_page_token: Option<String>,
    is_last: Option<bool>,
    total: Option<i64>,
}

impl Jira {
    /// A source of some projects' issues.
    pub fn new(setting: Setting, options: Options) -> Result<Jira, String> {
        if options.projects.is_empty() && options.jql.is_none() {
            return Err("name the projects, such as projects = [\"OPS\"], or give a condition with jql".into());
        }
        if let Some(wrong) =
            options.projects.iter().find(|key| !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        {
            return Err(format!("projects: \"{wrong}\" is not a project's key"));
        }
        Ok(Jira { setting, options })
    }

    fn jql(&self, from: Option<DateTime<Utc>>) -> String {
        let mut conditions = Vec::new();
        if !self.options.projects.is_empty() {
            conditions.push(format!("project in ({})", self.options.projects.join(", ")));
        }
        conditions.extend(self.options.jql.as_ref().map(|jql| format!("({jql})")));
        if let Some(from) = from {
            let from = from - Duration::hours(ZONE_HOURS);
            conditions.push(format!("updated >= \"{}\"", from.format("%Y-%m-%d %H:%M")));
        }
        // By key, so that an issue that changes while pages are read stays in its place.
        format!("{} ORDER BY key ASC", conditions.join(" AND "))
    }

    fn issue(&self, issue: &Value, notes: &mut Vec<Note>) -> Option<AnyFact> {
        let fields = &issue["fields"];
        let key = issue["key"].as_str()?.to_owned();
        let opened_at = time(&fields["created"])?;
        let issue_type = fields["issuetype"]["name"].as_str().unwrap_or_default();
        let is_among = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(issue_type));
        let url = issue["self"]
            .as_str()
            .and_then(|own| own.split("/rest/").next())
            .map(|base| format!("{base}/browse/{key}"));
        let title = fields["summary"].as_str().map(str::to_owned);
        // Status names are in the language of the site and may be renamed; the category is not.
        let resolved_at = time(&fields["resolutiondate"]).or_else(|| {
            let is_done = fields["status"]["statusCategory"]["key"] == "done";
            if is_done { time(&fields["statuscategorychangedate"]) } else { None }
        });
        let is_cut = is_cut(issue);
        if is_cut {
            notes.push(Note::LeftOut(format!(
                "issue {key} has a longer history than Jira gives with it: when it was first answered stays as it was told before, or open"
            )));
        }
        let first_response_at = first_response(issue).filter(|_| !is_cut);
        if is_among(&self.options.incident_types) {
            return Some(
                Incident {
                    id: key,
                    opened_at,
                    service: self.mapped("service", self.options.service_field.as_deref(), fields, notes),
                    acknowledged_at: first_response_at,
                    resolved_at,
                    severity: fields["priority"]["name"].as_str().map(str::to_owned),
                    caused_by_deployment: None,
                    title,
                    url,
                }
                .into(),
            );
        }
        let kind = if is_among(&self.options.bug_types) {
            Some(TicketKind::Bug)
        } else if is_among(&self.options.question_types) {
            Some(TicketKind::Question)
        } else if is_among(&self.options.request_types) {
            Some(TicketKind::Request)
        } else {
            notes.push(Note::UnknownWord {
                field: "issue type (bug_types, question_types, request_types)",
                word: issue_type.to_owned(),
            });
            None
        };
        Some(
            Ticket {
                queue: fields["project"]["key"].as_str().or_else(|| key.split('-').next()).unwrap_or("jira").to_owned(),
                id: key,
                opened_at,
                kind,
                category: names(&fields["components"]).into_iter().next(),
                team: self.mapped("team", self.options.team_field.as_deref(), fields, notes),
                first_response_at,
                resolved_at,
                answered_by_docs: None,
                url,
            }
            .into(),
        )
    }

    fn mapped(&self, what: &'static str, field: Option<&str>, fields: &Value, notes: &mut Vec<Note>) -> Option<String> {
        let mapping = if what == "service" { &self.setting.services } else { &self.setting.teams };
        let own = names(&fields[field?]);
        let subjects: Vec<Subject<'_>> = own.iter().map(|name| Subject::Name(name)).collect();
        let found = own.first().and_then(|first| mapping.any_or_own(&subjects, first));
        if let (None, Some(subject)) = (&found, own.first()) {
            notes.push(Note::Unmapped { what, subject: subject.clone() });
        }
        found
    }
}

/// What a field names: text, an object with a name or value, or a list of those.
fn names(field: &Value) -> Vec<String> {
    match field {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(names).collect(),
        Value::Object(_) => ["name", "value", "displayName"]
            .iter()
            .find_map(|key| field[*key].as_str())
            .map(str::to_owned)
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Jira writes offsets without a colon.
fn time(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z")
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .ok()
        .map(|at| at.with_timezone(&Utc))
}

/// When somebody other than the reporter first commented or changed anything.
fn first_response(issue: &Value) -> Option<DateTime<Utc>> {
    let who = |person: &Value| -> Option<String> {
        ["accountId", "key", "name"].iter().find_map(|key| person[*key].as_str()).map(str::to_owned)
    };
    let reporter = who(&issue["fields"]["reporter"]);
    let comments = issue["fields"]["comment"]["comments"].as_array().into_iter().flatten();
    let changes = issue["changelog"]["histories"].as_array().into_iter().flatten();
    comments
        .chain(changes)
        .filter(|event| {
            let author = who(&event["author"]);
            author.is_some() && author != reporter && event["author"]["accountType"] != "app"
        })
        .filter_map(|event| time(&event["created"]))
        .min()
}

/// Whether Jira gave some of its comments or history only.
fn is_cut(issue: &Value) -> bool {
    let lists = [(&issue["changelog"], "histories"), (&issue["fields"]["comment"], "comments")];
    lists.iter().any(|(list, name)| {
        let n = list[*name].as_array().map_or(0, Vec::len) as u64;
        list["total"].as_u64().is_some_and(|total| total > n)
    })
}

/// What an issue was told as before it was moved to another project, or became of another type: by its history.
fn left_behind(issue: &Value, kind: Kind) -> Vec<Remains> {
    let key = issue["key"].as_str().unwrap_or_default();
    let histories = issue["changelog"]["histories"].as_array().into_iter().flatten();
    let items: Vec<&Value> = histories.flat_map(|history| history["items"].as_array().into_iter().flatten()).collect();
    let of_field = |name: &'static str| {
        items.iter().filter(move |item| item["field"].as_str().is_some_and(|field| field.eq_ignore_ascii_case(name)))
    };
    let earlier = of_field("key").filter_map(|item| item["fromString"].as_str()).filter(|earlier| *earlier != key);
    let earlier: Vec<String> = earlier.map(str::to_owned).collect();
    let other = if kind == Kind::Ticket { Kind::Incident } else { Kind::Ticket };
    let mut of_other = earlier.clone();
    of_other.extend(of_field("issuetype").next().map(|_| key.to_owned()));
    let all = [(kind, earlier), (other, of_other)];
    all.into_iter().filter(|(_, ids)| !ids.is_empty()).map(|(kind, ids)| Remains::AllBut(kind, ids)).collect()
}

impl Source for Jira {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        let overlap = self.setting.overlap.unwrap_or_else(|| Duration::hours(OVERLAP_HOURS));
        let from = match (since, last) {
            // Jira's page tokens do not live long: a run that was cut is begun again from where it began.
            (None, Some(last)) if !last.is_done => return last.at_first_page(),
            // To read again from a time does not leave out what lies before it and was not read yet.
            (Some(since), Some(last)) if !last.is_done => last.from.map(|from| from.min(since)),
            (Some(since), Some(last)) => Some(since.min(last.began - overlap)),
            (Some(since), None) => Some(since),
            (None, Some(last)) => Some(last.began - overlap),
            (None, None) => self.setting.since,
        };
        Position { began: now, from, token: None, start_at: 0, page_before: Vec::new(), n_back: 0, is_done: false }
    }

    fn ask(&self, position: &Position) -> Ask {
        let jql = self.jql(position.from);
        let mut fields: Vec<&str> = [
            "summary",
            "created",
            "resolutiondate",
            "statuscategorychangedate",
            "status",
            "issuetype",
            "priority",
            "project",
            "reporter",
            "components",
            "labels",
            "comment",
        ]
        .to_vec();
        fields.extend(self.options.service_field.as_deref());
        fields.extend(self.options.team_field.as_deref());
        match self.options.edition {
            Edition::Cloud => {
                let mut body = json!({ "jql": jql, "fields": fields, "expand": "changelog", "maxResults": 100 });
                if let Some(token) = &position.token {
                    body["nextPageToken"] = json!(token);
                }
                Ask::post("rest/api/3/search/jql", body)
            }
            Edition::Server => {
                let body = json!({
                    "jql": jql, "fields": fields, "expand": ["changelog"], "maxResults": 100,
                    "startAt": position.start_at,
                });
                Ask::post("rest/api/2/search", body)
            }
        }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let found: Found = answer.json()?;
        let (mut facts, mut notes, mut remains) = (Vec::new(), Vec::new(), Vec::new());
        let is_known = |issue: &&Value| {
            issue["key"].as_str().is_some_and(|key| position.page_before.iter().any(|known| known == key))
        };
        if position.start_at > 0
            && !position.page_before.is_empty()
            && !found.issues.iter().any(|issue| is_known(&issue))
        {
            if position.n_back < MOST_BACK {
                let start_at = (position.start_at + 1 - position.page_before.len() as i64).max(0);
                let back = Position { start_at, n_back: position.n_back + 1, ..position.clone() };
                return Ok(Page { facts, next: Next::Ask(back), notes, remains: Vec::new() });
            }
            notes.push(Note::LeftOut(
                "issues may have been passed over, since many were deleted while they were listed; read them again with --since"
                    .into(),
            ));
        }
        let mut n_new = 0;
        for issue in found.issues.iter().filter(|issue| !is_known(issue)) {
            n_new += 1;
            match self.issue(issue, &mut notes) {
                Some(fact) => {
                    remains.extend(left_behind(issue, fact.kind()));
                    remains.extend(is_cut(issue).then(|| Remains::InPart(fact.kind())));
                    facts.push(fact);
                }
                None => {
                    let key = issue["key"].as_str().unwrap_or("without a key");
                    notes.push(Note::LeftOut(format!("issue {key} does not say when it was created")));
                }
            }
        }
        if position.token.is_some() && position.token == found.next_page_token {
            return Err(Misread::new("it names itself as the next page"));
        }
        let mut onward = position.clone();
        let is_last = match self.options.edition {
            Edition::Cloud => {
                found.is_last.unwrap_or(found.next_page_token.is_none()) || found.next_page_token.is_none()
            }
            Edition::Server => {
                let end = position.start_at + found.issues.len() as i64;
                let keys = found.issues.iter().filter_map(|issue| issue["key"].as_str().map(str::to_owned)).collect();
                onward.go_on_from(end, keys);
                match found.total {
                    Some(total) => found.issues.is_empty() || end >= total,
                    None => n_new == 0,
                }
            }
        };
        onward.token = found.next_page_token;
        onward.is_done = is_last;
        Ok(Page { facts, next: if is_last { Next::Done(onward) } else { Next::Ask(onward) }, notes, remains })
    }

    fn probes(&self, _begin: &Position) -> Vec<Probe> {
        let begin = Source::begin(self, None, None, DateTime::UNIX_EPOCH);
        vec![Probe {
            purpose: "issues with their history",
            needs: "Browse Projects on the projects (OAuth: read:jira-work)",
            ask: Source::ask(self, &begin),
        }]
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        match answer.status {
            401 => Some("Jira refuses the log-in: on cloud give user (an e-mail address) and an API token, on server a personal access token without user".into()),
            403 => Some(answer.beside("the user may not search: it needs the permission Browse projects in each project of the question; on server, too many failed log-ins ask for a CAPTCHA first (log in by the browser once)")),
            400 => {
                let body: Value = serde_json::from_slice(&answer.body).ok()?;
                let said: Vec<&str> = body["errorMessages"].as_array()?.iter().filter_map(Value::as_str).collect();
                Some(format!("Jira does not take the question: {}", said.join("; ")))
            }
            404 | 410 => Some("this Jira has no such search; edition = \"cloud\" or \"server\" must say which it is".into()),
            _ => None,
        }
    }
}
