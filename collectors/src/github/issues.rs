//! Issues as incidents and tickets, and which of those told of before are none any more.
//!
//! What was updated is read since the last run. An issue that was deleted, moved to another repository or lost its label
//! is not among it, so a later run lists the numbers of all that have a label beside it, and what is not listed is taken
//! back. The listing goes by when issues were created, so that none slips past while it is read.

use chrono::{DateTime, Utc};
use facts::{AnyFact, Kind, Listing, Remains};
use serde::{Deserialize, Serialize};

use super::answers::{Connection, Issue, ListedIssue, Repository};
use super::deployed::of_issue;
use super::position::Position;
use super::{GitHub, convert};
use crate::pull::{Next, Note};

/// Beyond this many labelled issues of a repository, which of them are gone is not looked for.
const MOST_LISTED: usize = 20_000;

/// How far the issues of the repository being read are read and listed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Issues {
    /// All that were updated are read.
    is_read: bool,
    /// The page of the listing, and whether that was the last.
    listed_after: Option<String>,
    is_listed: bool,
    /// Something in the listing was not given, or there is too much of it: what is not in it may be there.
    has_holes: bool,
    /// The numbers found so far.
    incidents: Vec<i64>,
    tickets: Vec<i64>,
}

/// What an issue is by its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Incident,
    Ticket,
    Nothing,
}

impl Meaning {
    fn kind(self) -> Option<Kind> {
        match self {
            Meaning::Incident => Some(Kind::Incident),
            Meaning::Ticket => Some(Kind::Ticket),
            Meaning::Nothing => None,
        }
    }
}

impl GitHub {
    /// Whether earlier runs may have told of issues that are gone.
    fn lists_issues(position: &Position) -> bool {
        let is_known = |repository: &String| position.read_to.contains_key(repository);
        position.since.is_some() || position.repositories.front().is_some_and(is_known)
    }

    /// What to ask for: issues that were updated, the listing, or both.
    pub(super) fn issue_variables(&self, position: &Position, floor: Option<DateTime<Utc>>) -> serde_json::Value {
        let mut variables = GitHub::variables(position);
        let labels: Vec<&String> = self.options.incident_labels.iter().chain(&self.options.ticket_labels).collect();
        variables["labels"] = serde_json::json!(labels);
        variables["since"] = serde_json::json!(floor.map(super::shown));
        variables["hasUpdated"] = (!position.issues.is_read).into();
        variables["hasListing"] = (GitHub::lists_issues(position) && !position.issues.is_listed).into();
        variables["listedAfter"] = serde_json::json!(position.issues.listed_after);
        variables
    }

    pub(super) fn read_issues(
        &self,
        position: &Position,
        repository: &Repository,
        notes: &mut Vec<Note>,
    ) -> (Vec<AnyFact>, Next<Position>, Vec<Remains>) {
        let name = &repository.name_with_owner;
        let mut onward = position.clone();
        let (mut facts, mut remains) = (Vec::new(), Vec::new());
        if let Some(issues) = &repository.issues {
            let changed = |issue: &Issue| {
                let kind = self.meaning(&convert::names(issue.labels.as_ref())).kind()?;
                Some(Remains::Since(kind, convert::change_id(name, issue.number), issue.updated_at?))
            };
            remains.extend(issues.nodes.iter().filter_map(changed));
            facts.extend(issues.nodes.iter().filter_map(|issue| self.issue(name, issue, notes)));
            onward.after = next_page(issues);
            onward.issues.is_read = onward.after.is_none();
        }
        if let Some(listed) = &repository.listed {
            self.list(&mut onward.issues, listed);
        }
        let lists = GitHub::lists_issues(position);
        if !onward.issues.is_read || lists && !onward.issues.is_listed {
            return (facts, Next::Ask(onward), remains);
        }
        if onward.issues.has_holes {
            notes.push(Note::LeftOut(format!(
                "whether issues of {name} were deleted or lost their label: not all that have one could be listed"
            )));
        }
        let is_whole = lists && !onward.issues.has_holes;
        if is_whole {
            remains.extend(self.remaining(name, &onward));
        }
        (facts, self.after_section(onward), remains)
    }

    fn list(&self, issues: &mut Issues, listed: &Connection<ListedIssue>) {
        issues.has_holes |= listed.nodes.has_holes();
        for issue in listed.nodes.iter() {
            issues.has_holes |= issue.labels.is_none();
            match self.meaning(&convert::names(issue.labels.as_ref())) {
                Meaning::Incident => issues.incidents.push(issue.number),
                Meaning::Ticket => issues.tickets.push(issue.number),
                Meaning::Nothing => {}
            }
        }
        issues.listed_after = next_page(listed);
        issues.is_listed = issues.listed_after.is_none();
        if issues.incidents.len() + issues.tickets.len() > MOST_LISTED {
            (issues.has_holes, issues.is_listed) = (true, true);
        }
    }

    /// What still stands of a repository's incidents and tickets; of a kind for which no label is configured, all.
    fn remaining(&self, name: &str, position: &Position) -> Vec<Remains> {
        let Issues { incidents, tickets, .. } = &position.issues;
        let kinds = [
            (Kind::Incident, &self.options.incident_labels, incidents),
            (Kind::Ticket, &self.options.ticket_labels, tickets),
        ];
        let of_kind = |(kind, _, numbers): (Kind, _, &Vec<i64>)| {
            Remains::Listed(Listing {
                kind,
                under: format!("{name}#"),
                until: position.began,
                ids: numbers.iter().map(|number| convert::change_id(name, *number)).collect(),
            })
        };
        kinds.into_iter().filter(|(_, labels, _)| !labels.is_empty()).map(of_kind).collect()
    }

    fn meaning(&self, labels: &[&str]) -> Meaning {
        let has =
            |wanted: &[String]| wanted.iter().any(|label| labels.iter().any(|own| own.eq_ignore_ascii_case(label)));
        if has(&self.options.incident_labels) {
            Meaning::Incident
        } else if has(&self.options.ticket_labels) {
            Meaning::Ticket
        } else {
            Meaning::Nothing
        }
    }

    fn issue(&self, name: &str, issue: &Issue, notes: &mut Vec<Note>) -> Option<AnyFact> {
        let labels = convert::names(issue.labels.as_ref());
        match self.meaning(&labels) {
            Meaning::Incident => {
                let service = of_issue(&self.setting.services, name, &labels, notes);
                Some(convert::incident(name, issue, service, &self.setting.bots))
            }
            Meaning::Ticket => Some(convert::ticket(name, issue, self.setting.teams.find(name), &self.setting.bots)),
            Meaning::Nothing => None,
        }
    }
}

fn next_page<T>(connection: &Connection<T>) -> Option<String> {
    connection.page_info.end_cursor.clone().filter(|_| connection.page_info.has_next_page)
}
