//! PagerDuty: incidents with when they were acknowledged and resolved. Read in windows of 30 days, since PagerDuty pages
//! only 10 000 deep; the log of each window is read before its incidents, as it holds the acknowledgements.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use facts::Incident;
use serde::{Deserialize, Serialize};

use crate::pull::{Answer, Ask, Each, Misread, Next, Note, Page, Probe, Setting, Source};

/// What to read of PagerDuty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Only incidents of these services, by PagerDuty's identifiers; all where empty.
    pub service_ids: Vec<String>,
}

const WINDOW_DAYS: i64 = 30;
/// PagerDuty refuses to page deeper.
const DEEPEST: i64 = 10_000;
const PAGE: i64 = 100;
const OVERLAP_DAYS: i64 = 14;
const FIRST_RUN_DAYS: i64 = 365;
/// How long after a window its incidents may still be acknowledged for the first time.
const LATE_DAYS: i64 = 7;

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    began: DateTime<Utc>,
    from: DateTime<Utc>,
    /// The window's length: less where PagerDuty has more than it lets page through.
    #[serde(default = "whole_window")]
    days: i64,
    is_log_read: bool,
    offset: i64,
    /// When each incident of the window was first acknowledged.
    acknowledged: BTreeMap<String, DateTime<Utc>>,
    is_done: bool,
}

fn whole_window() -> i64 {
    WINDOW_DAYS
}

impl Position {
    /// The page after this one; where it lies too deep, the first page of half the window.
    fn next_page(mut self, read: usize) -> Result<Position, Misread> {
        self.offset += read as i64;
        if self.offset + PAGE <= DEEPEST {
            return Ok(self);
        }
        if self.days == 1 {
            return Err(Misread::new(format!(
                "there are more than {DEEPEST} entries in the day after {}, and PagerDuty lets nobody page deeper",
                self.from.format("%Y-%m-%d")
            )));
        }
        Ok(Position { days: self.days / 2, is_log_read: false, offset: 0, acknowledged: BTreeMap::new(), ..self })
    }
}

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
        let from = match (since, last) {
            (None, Some(last)) if !last.is_done => return last,
            // To read again from a time does not leave out what lies before it and was not read yet.
            (Some(since), Some(last)) => since.min(if last.is_done { last.began - overlap } else { last.from }),
            (Some(since), None) => since,
            (None, Some(last)) => last.began - overlap,
            (None, None) => self.setting.since.unwrap_or(now - Duration::days(FIRST_RUN_DAYS)),
        };
        Position {
            began: now,
            from,
            days: WINDOW_DAYS,
            is_log_read: false,
            offset: 0,
            acknowledged: BTreeMap::new(),
            is_done: false,
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let until = position.from + Duration::days(position.days);
        let (from, offset) = (time(position.from), position.offset);
        let page = format!("limit={PAGE}&offset={offset}&time_zone=UTC");
        if position.is_log_read {
            let services: String = self.options.service_ids.iter().map(|id| format!("&service_ids[]={id}")).collect();
            return Ask::get(format!(
                "incidents?since={from}&until={}&sort_by=created_at:asc&{page}{services}",
                time(until)
            ));
        }
        let until = time(until + Duration::days(LATE_DAYS.min(position.days)));
        Ask::get(format!("log_entries?is_overview=true&since={from}&until={until}&{page}"))
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        if !position.is_log_read {
            let log: Log = answer.json()?;
            let n_read = log.log_entries.count();
            let is_last = !log.more || n_read == 0;
            for entry in log.log_entries.take("log entries", &mut notes)? {
                if let (true, Some(incident)) = (entry.sort.starts_with("acknowledge_log_entry"), entry.incident) {
                    let first = onward.acknowledged.entry(incident.id).or_insert(entry.created_at);
                    *first = entry.created_at.min(*first);
                }
            }
            if is_last {
                onward.is_log_read = true;
                onward.offset = 0;
            } else {
                onward = onward.next_page(n_read)?;
            }
            return Ok(Page { facts, next: Next::Ask(onward), notes, trunk: None });
        }
        let told: Incidents = answer.json()?;
        let n_read = told.incidents.count();
        let is_last = !told.more || n_read == 0;
        for incident in told.incidents.take("incidents", &mut notes)? {
            let id = incident.id.clone();
            match self.incident(incident, position.acknowledged.get(&id).copied(), &mut notes) {
                Some(fact) => facts.push(fact.into()),
                None => notes.push(Note::LeftOut(format!("incident {id} does not say when it was opened"))),
            }
        }
        if !is_last {
            let onward = onward.next_page(n_read)?;
            return Ok(Page { facts, next: Next::Ask(onward), notes, trunk: None });
        }
        onward.from += Duration::days(position.days);
        onward.days = WINDOW_DAYS;
        onward.is_log_read = false;
        onward.offset = 0;
        onward.acknowledged.clear();
        onward.is_done = onward.from >= onward.began;
        let next = if onward.is_done { Next::Done(onward) } else { Next::Ask(onward) };
        Ok(Page { facts, next, notes, trunk: None })
    }

    fn probes(&self) -> Vec<Probe> {
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

    fn explain(&self, answer: &Answer) -> Option<String> {
        (answer.status == 401).then(|| {
            "PagerDuty refuses the key: it is wrong or was deleted. Make a read-only one under Integrations, API Access Keys".into()
        })
    }
}

impl PagerDuty {
    fn incident(&self, told: Told, logged: Option<DateTime<Utc>>, notes: &mut Vec<Note>) -> Option<Incident> {
        let service = told.service.and_then(|service| {
            let own = service.summary.unwrap_or_else(|| service.id.clone());
            let found = self.setting.services.find(&service.id).or_else(|| self.setting.services.or_own(&own, &own));
            if found.is_none() {
                notes.push(Note::Unmapped { what: "service", subject: own });
            }
            found
        });
        let resolved_at = match told.status.as_str() {
            "resolved" => told.resolved_at.or(told.last_status_change_at),
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
