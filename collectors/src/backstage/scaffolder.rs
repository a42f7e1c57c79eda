//! The scaffolder's tasks: what was made from which template, for whom, and when it was ready.

use chrono::{DateTime, Duration, Utc};
use facts::{AnyFact, Channel, Provisioning, ProvisioningResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Backstage, DEFAULT, PAGE, Position, Step, short_name};
use crate::pull::{Answer, Each, Misread, Next, Note, Page, Stopped};

const OVERLAP_HOURS: i64 = 1;
/// For so long the events of a task are asked for again that were not given.
pub(super) const OWED_DAYS: i64 = 30;

/// A scaffolder task, as far as it is needed until its events are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) template: String,
    pub(super) team: Option<String>,
    pub(super) service: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) status: String,
}

#[derive(Deserialize)]
struct Tasks {
    tasks: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "type")]
    sort: String,
    created_at: DateTime<Utc>,
}

impl Backstage {
    pub(super) fn read_tasks(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let tasks: Tasks = answer.json()?;
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        let first = tasks.tasks.first().and_then(|task| task["id"].as_str()).map(str::to_owned);
        // Older backends know no pages, and give all tasks each time.
        if first.is_some() && first == position.page_before {
            onward.are_tasks_listed = true;
            return Ok(Page { facts, next: self.after_tasks(onward), notes, remains: Vec::new() });
        }
        onward.page_before = first;
        let mut is_far_enough = tasks.tasks.len() != PAGE;
        for told in &tasks.tasks {
            let id = told["id"].as_str().unwrap_or("without an id");
            let Some(task) = self.task(told, &mut notes) else {
                notes.push(Note::LeftOut(format!("scaffolder task {id} lacks its template, or when it began")));
                continue;
            };
            if position.tasks_from.is_some_and(|from| task.created_at < from) {
                // Newest first: all that follow are older.
                is_far_enough = true;
                continue;
            }
            match task.status.as_str() {
                // Those that are owed come after the others.
                "completed" | "failed" | "cancelled" if onward.owed.contains_key(&task.id) => {}
                "completed" | "failed" | "cancelled" => onward.ended.push_back(task),
                _ => {
                    onward.oldest_open = onward.oldest_open.into_iter().chain([task.created_at]).min();
                    facts.extend(self.provisioned(&task, None, &mut notes));
                }
            }
        }
        onward.offset += tasks.tasks.len();
        onward.are_tasks_listed = is_far_enough;
        Ok(Page { facts, next: self.after_tasks(onward), notes, remains: Vec::new() })
    }

    pub(super) fn read_events(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let Some(task) = onward.ended.pop_front() else { return Err(Misread::new("no task's events were asked for")) };
        onward.owed.remove(&task.id);
        let mut notes = Vec::new();
        let end = if answer.status == 404 {
            notes.push(Note::LeftOut(format!("the events of scaffolder task {} are gone", task.id)));
            None
        } else {
            let events: Each<Event> = answer.json()?;
            let events = events.take("events of a scaffolder task", &mut notes)?;
            events.iter().filter(|event| event.sort == "completion").map(|event| event.created_at).max()
        };
        let facts = self.provisioned(&task, end, &mut notes).into_iter().collect();
        Ok(Page { facts, next: self.after_tasks(onward), notes, remains: Vec::new() })
    }

    /// The others' events are read all the same, and those of this task again by later runs, for a month.
    pub(super) fn without_events(&self, position: &Position, why: &Stopped) -> Page<Position> {
        let mut onward = position.clone();
        let mut notes = Vec::new();
        if let Some(task) = onward.ended.pop_front() {
            notes.push(Note::Denied(format!("the events of scaffolder task {} were not given: {why}", task.id)));
            onward.owed.entry(task.id.clone()).or_insert((onward.began, task));
        }
        Page { facts: Vec::new(), next: self.after_tasks(onward), notes, remains: Vec::new() }
    }

    fn after_tasks(&self, mut onward: Position) -> Next<Position> {
        if onward.ended.is_empty() && onward.are_tasks_listed {
            onward.ended = std::mem::take(&mut onward.again);
        }
        onward.step = if onward.ended.is_empty() { Step::Tasks } else { Step::Events };
        if onward.ended.is_empty() && onward.are_tasks_listed {
            let overlap = self.setting.overlap.unwrap_or_else(|| Duration::hours(OVERLAP_HOURS));
            let from = onward.began - overlap;
            onward.tasks_from = Some(onward.oldest_open.take().map_or(from, |open| open.min(from)));
            onward.step = Step::Catalogue;
            onward.offset = 0;
            onward.are_tasks_listed = false;
            onward.page_before = None;
            return Next::Done(onward);
        }
        Next::Ask(onward)
    }

    fn task(&self, told: &Value, notes: &mut Vec<Note>) -> Option<Task> {
        let spec = &told["spec"];
        let template = spec["templateInfo"]["entityRef"].as_str().map(short_name)?.to_owned();
        let parameters = &spec["parameters"];
        // Whom it is for; the person who pressed the button may be of another team.
        let owner = ["owner", "team"].iter().find_map(|key| parameters[*key].as_str());
        Some(Task {
            id: told["id"].as_str()?.to_owned(),
            template,
            team: owner.and_then(|owner| self.team(owner, DEFAULT, notes)),
            service: ["name", "component_id", "repoName"]
                .iter()
                .find_map(|key| parameters[*key].as_str())
                .map(str::to_owned),
            created_at: told["createdAt"].as_str()?.parse().ok()?,
            status: told["status"].as_str().unwrap_or_default().to_owned(),
        })
    }

    fn provisioned(&self, task: &Task, end: Option<DateTime<Utc>>, notes: &mut Vec<Note>) -> Option<AnyFact> {
        let Some(team) = task.team.clone() else {
            notes.push(Note::LeftOut(format!(
                "scaffolder task {} (template {}) names no owner among its parameters",
                task.id, task.template
            )));
            return None;
        };
        let result = match task.status.as_str() {
            "completed" => ProvisioningResult::Succeeded,
            "failed" => ProvisioningResult::Failed,
            "cancelled" => ProvisioningResult::Cancelled,
            _ => ProvisioningResult::Pending,
        };
        Some(
            Provisioning {
                id: task.id.clone(),
                kind: task.template.clone(),
                environment: self.options.environment.clone(),
                team,
                channel: Channel::SelfService,
                requested_at: task.created_at,
                service: task.service.clone(),
                approval_required: Some(false),
                approved_at: None,
                ready_at: end.filter(|_| result == ProvisioningResult::Succeeded),
                result: Some(result),
                url: None,
            }
            .into(),
        )
    }
}
