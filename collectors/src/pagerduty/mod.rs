//! PagerDuty: incidents with when they were acknowledged and resolved. Read in windows of 30 days, since PagerDuty pages
//! only 10 000 deep, and in shorter ones where that is too much; the log of each window is read before its incidents, as
//! it holds the acknowledgements.

mod position;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use facts::{AnyFact, Incident};
use serde::Deserialize;

pub use position::Position;
use position::{Read, WINDOW_DAYS};

use crate::mapping::Subject;
use crate::pull::{Answer, Ask, Each, Misread, Next, Note, Page, Probe, Setting, Source, Stopped};

/// What to read of PagerDuty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Only incidents of these services, by PagerDuty's identifiers; all where empty.
    pub service_ids: Vec<String>,
}

const PAGE: i64 = 100;
const OVERLAP_DAYS: i64 = 14;
/// How far back later runs look for incidents that were open when they were read.
const OPEN_DAYS: i64 = 180;
const FIRST_RUN_DAYS: i64 = 365;
/// For so long an incident is asked for again that was opened again and not given.
const OWED_DAYS: i64 = 30;

/// PagerDuty as a source.
pub struct PagerDuty {
    setting: Setting,
    options: Options,
}

impl PagerDuty {
    /// A source of all incidents, or those of some services.
    pub fn new(setting: Setting, options: Options) -> PagerDuty {
        PagerDuty { setting, options }
    }
}

#[derive(Deserialize)]
struct Log {
    log_entries: Each<Entry>,
    #[serde(default)]
    more: bool,
    total: Option<i64>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    sort: String,
    created_at: DateTime<Utc>,
    incident: Option<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
    summary: Option<String>,
}

#[derive(Deserialize)]
struct Incidents {
    incidents: Each<Told>,
    #[serde(default)]
    more: bool,
    total: Option<i64>,
}

#[derive(Deserialize)]
struct Reopened {
    incident: Told,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    title: Option<String>,
    created_at: Option<DateTime<Utc>>,
    status: String,
    urgency: Option<String>,
    priority: Option<Reference>,
    service: Option<Reference>,
    resolved_at: Option<DateTime<Utc>>,
    last_status_change_at: Option<DateTime<Utc>>,
    #[serde(default)]
    acknowledgements: Vec<Acknowledgement>,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct Acknowledgement {
    at: DateTime<Utc>,
}

impl Source for PagerDuty {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        let overlap = self.setting.overlap.unwrap_or_else(|| Duration::days(OVERLAP_DAYS));
        let (left, reopened, owed) = match last {
            Some(last) if !last.is_done && !last.is_log_over && since.is_none() => {
                return Position { n_lost: 0, ..last };
            }
            Some(last) => {
                let open = last.oldest_open.map(|open| open.max(now - Duration::days(OPEN_DAYS)));
                let unread = last.from.min(last.began - overlap);
                let (mut reopened, mut owed) = (last.reopened, last.owed);
                owed.retain(|_, at| *at >= now - Duration::days(OWED_DAYS));
                reopened.extend(owed.keys().cloned());
                (Some(open.map_or(unread, |open| open.min(unread))), reopened, owed)
            }
            None => (None, BTreeSet::new(), BTreeMap::new()),
        };
        // To read again from a time does not leave out what lies before it, and was not read yet or was open.
        let from = since.into_iter().chain(left).min();
        let from = from.or(self.setting.since).unwrap_or(now - Duration::days(FIRST_RUN_DAYS));
        Position {
            began: now,
            from,
            days: WINDOW_DAYS,
            slice: None,
            n_lost: 0,
            is_log_read: false,
            offset: 0,
            acknowledged: BTreeMap::new(),
            oldest_open: None,
            reopened,
            owed,
            is_log_over: false,
            is_done: false,
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        if let Some(id) = position.reopened.first().filter(|_| position.is_log_over) {
            return Ask { also: &[404], ..Ask::get(format!("incidents/{id}")) };
        }
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (from, until) = position.asked();
        let (from, until) = (time(from), time(until));
        // How many there are in all is slow to tell, so only the first page asks.
        let total = if position.offset == 0 { "&total=true" } else { "" };
        let page = format!("limit={PAGE}&offset={}&time_zone=UTC{total}", position.offset);
        if position.is_log_read {
            let services: String = self.options.service_ids.iter().map(|id| format!("&service_ids[]={id}")).collect();
            return Ask::get(format!("incidents?since={from}&until={until}&sort_by=created_at:asc&{page}{services}"));
        }
        Ask::get(format!("log_entries?is_overview=true&since={from}&until={until}&{page}"))
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        if position.is_log_over {
            let id = onward.reopened.pop_first().unwrap_or_default();
            onward.owed.remove(&id);
            if answer.status == 404 {
                notes.push(Note::LeftOut(format!("incident {id} was opened again and is not there any more")));
            } else {
                let Reopened { incident } = answer.json()?;
                let is_meant = |service: &Reference| self.options.service_ids.contains(&service.id);
                let is_meant = self.options.service_ids.is_empty() || incident.service.as_ref().is_some_and(is_meant);
                if !is_meant {
                    return Ok(Page { facts, next: onward.next(), notes, remains: Vec::new() });
                }
                facts.extend(self.told(incident, &mut onward, &mut notes));
            }
            return Ok(Page { facts, next: onward.next(), notes, remains: Vec::new() });
        }
        if !position.is_log_read {
            let log: Log = answer.json()?;
            let n = log.log_entries.count();
            let page = Read { n, is_last: !log.more || n == 0, total: log.total };
            for entry in log.log_entries.take("log entries", &mut notes)? {
                let Some(incident) = entry.incident else { continue };
                if entry.sort.starts_with("acknowledge_log_entry") {
                    let first = onward.acknowledged.entry(incident.id).or_insert(entry.created_at);
                    *first = entry.created_at.min(*first);
                } else if entry.sort.starts_with("reopen_log_entry") {
                    // It may have been opened long before what is read.
                    onward.reopened.insert(incident.id);
                }
            }
            let onward = onward.onward(&page, &mut notes)?;
            return Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() });
        }
        let told: Incidents = answer.json()?;
        let n = told.incidents.count();
        let page = Read { n, is_last: !told.more || n == 0, total: told.total };
        for incident in told.incidents.take("incidents", &mut notes)? {
            onward.reopened.remove(&incident.id);
            onward.owed.remove(&incident.id);
            facts.extend(self.told(incident, &mut onward, &mut notes));
        }
        let mut onward = onward.onward(&page, &mut notes)?;
        if onward.is_done {
            (onward.is_done, onward.is_log_over) = (false, true);
            return Ok(Page { facts, next: onward.next(), notes, remains: Vec::new() });
        }
        Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() })
    }

    /// An incident that was opened again and is not given holds up nothing else.
    fn pass_over(&self, position: &Position, why: &Stopped) -> Option<Page<Position>> {
        let mut onward = position.clone();
        let id = onward.reopened.pop_first().filter(|_| position.is_log_over && why.is_of_what_was_asked())?;
        let notes = vec![Note::Denied(format!("incident {id}, which was opened again, was not given: {why}"))];
        onward.owed.entry(id).or_insert(onward.began);
        Some(Page { facts: Vec::new(), next: onward.next(), notes, remains: Vec::new() })
    }

    fn probes(&self, _begin: &Position) -> Vec<Probe> {
        vec![
            Probe {
                purpose: "incidents",
                needs: "a read-only REST API key (Integrations, API Access Keys), or the OAuth scope incidents.read",
                ask: Ask::get("incidents?limit=1"),
            },
            Probe {
                purpose: "their log, for acknowledgements",
                needs: "the same key, or the OAuth scope incidents.read",
                ask: Ask::get("log_entries?limit=1&is_overview=true"),
            },
        ]
    }

    /// Acknowledgements stand in the log alone, of which a run reads some days.
    fn tells_in_part(&self) -> bool {
        true
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        match answer.status {
            401 => Some("PagerDuty refuses the key: it is wrong or was deleted. Make a read-only one under Integrations, API Access Keys".into()),
            403 => Some(answer.beside("the key may not read this: a user's own key sees what the user may, an OAuth token needs the scopes incidents.read and services.read. A read-only key of the account (Integrations, API Access Keys) may read all")),
            _ => None,
        }
    }
}

impl PagerDuty {
    /// The fact of an incident; those that are open are remembered for the next run.
    fn told(&self, told: Told, onward: &mut Position, notes: &mut Vec<Note>) -> Option<AnyFact> {
        let id = told.id.clone();
        let Some(fact) = self.incident(told, onward.acknowledged.get(&id).copied(), notes) else {
            notes.push(Note::LeftOut(format!("incident {id} does not say when it was opened")));
            return None;
        };
        if fact.resolved_at.is_none() {
            onward.oldest_open = onward.oldest_open.into_iter().chain([fact.opened_at]).min();
        }
        Some(fact.into())
    }

    fn incident(&self, told: Told, logged: Option<DateTime<Utc>>, notes: &mut Vec<Note>) -> Option<Incident> {
        let service = told.service.and_then(|service| {
            let own = service.summary.unwrap_or_else(|| service.id.clone());
            let subjects = [Subject::Name(&own), Subject::Name(&service.id)];
            let found = self.setting.services.any_or_own(&subjects, &own);
            if found.is_none() {
                notes.push(Note::Unmapped { what: "service", subject: own });
            }
            found
        });
        let resolved_at = match told.status.as_str() {
            "resolved" => {
                let at = told.resolved_at.or(told.last_status_change_at);
                if at.is_none() {
                    let said = format!("incident {} is resolved and does not say when, so it counts as open", told.id);
                    notes.push(Note::LeftOut(said));
                }
                at
            }
            "triggered" | "acknowledged" => None,
            other => {
                notes.push(Note::UnknownWord { field: "status", word: other.to_owned() });
                None
            }
        };
        Some(Incident {
            opened_at: told.created_at?,
            id: told.id,
            service,
            acknowledged_at: logged.or_else(|| told.acknowledgements.iter().map(|one| one.at).min()),
            resolved_at,
            severity: told.priority.and_then(|priority| priority.summary).or(told.urgency),
            caused_by_deployment: None,
            title: told.title,
            url: told.html_url,
        })
    }
}
