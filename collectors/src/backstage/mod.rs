//! Backstage: the catalogue's components are services and its groups teams; scaffolder tasks are provisioning.

mod scaffolder;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Duration, Utc};
use facts::{AnyFact, Service, Team, TeamKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use scaffolder::{OWED_DAYS, Task};

use crate::pull::{Answer, Ask, Each, Misread, Next, Note, Page, Probe, Setting, Source, Stopped};

/// What to read of Backstage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Types of components that are services; all where empty.
    pub component_types: Vec<String>,
    /// Groups that build the platform.
    pub platform_teams: Vec<String>,
    /// The annotation that holds the version of the template a service was made from.
    pub template_version_annotation: String,
    /// Whether to read the scaffolder's tasks.
    pub scaffolder: bool,
    /// The environment that the scaffolder makes things in.
    pub environment: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            component_types: Vec::new(),
            platform_teams: Vec::new(),
            template_version_annotation: "backstage.io/template-version".into(),
            scaffolder: true,
            environment: "development".into(),
        }
    }
}

const PAGE: usize = 100;
/// The namespace of what names none.
const DEFAULT: &str = "default";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Catalogue,
    Tasks,
    Events,
}

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    began: DateTime<Utc>,
    step: Step,
    cursor: Option<String>,
    offset: usize,
    /// Services that the run before saw, and that this one has seen so far.
    known: BTreeSet<String>,
    seen: BTreeSet<String>,
    /// An entity could not be read, so that what was not seen may still be there.
    #[serde(default)]
    has_odd: bool,
    /// The catalogue is believed even where most of what was known is in it no more: somebody asked to read anew.
    #[serde(default)]
    is_believed: bool,
    /// From when on tasks are read: earlier ones have ended and are known.
    tasks_from: Option<DateTime<Utc>>,
    /// Begin of the oldest task that still runs.
    oldest_open: Option<DateTime<Utc>>,
    /// Ended tasks whose events tell when.
    ended: VecDeque<Task>,
    /// Those whose events were not given, with when they first were not.
    #[serde(default)]
    owed: BTreeMap<String, (DateTime<Utc>, Task)>,
    are_tasks_listed: bool,
    /// Those that earlier runs were not given, which are asked for after the others.
    #[serde(default)]
    again: VecDeque<Task>,
    /// The first task of the page before.
    #[serde(default)]
    page_before: Option<String>,
}

/// Backstage as a source.
pub struct Backstage {
    setting: Setting,
    options: Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entities {
    items: Each<Entity>,
    page_info: Option<PageInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Entity {
    kind: String,
    metadata: Metadata,
    #[serde(default)]
    spec: Value,
}

#[derive(Deserialize)]
struct Metadata {
    name: Option<String>,
    namespace: Option<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl Backstage {
    /// A source of the catalogue and, where wanted, the scaffolder.
    pub fn new(setting: Setting, options: Options) -> Backstage {
        Backstage { setting, options }
    }

    /// The team behind a reference to a group by something of a namespace. A person is no team, and is named nowhere.
    fn team(&self, reference: &str, namespace: &str, notes: &mut Vec<Note>) -> Option<String> {
        if reference.split_once(':').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("user")) {
            notes.push(Note::LeftOut(
                "an entity or task is owned by a person, so it is of no team; let a group own it".into(),
            ));
            return None;
        }
        let own = name_in_namespace(reference, namespace);
        let found = self.setting.teams.or_own(&own, &own);
        if found.is_none() {
            notes.push(Note::Unmapped { what: "team", subject: own });
        }
        found
    }

    fn entity(&self, entity: &Entity, position: &mut Position, notes: &mut Vec<Note>) -> Option<AnyFact> {
        let name = entity.metadata.name.as_deref()?;
        let namespace = entity.metadata.namespace.as_deref().unwrap_or(DEFAULT);
        let own = &name_in_namespace(name, namespace);
        let text = |key: &str| entity.spec[key].as_str().map(str::to_owned);
        let annotation = |name: &str| entity.metadata.annotations.get(name).cloned();
        match entity.kind.as_str() {
            "Component" => {
                let types = &self.options.component_types;
                if !types.is_empty() && !text("type").is_some_and(|own| types.contains(&own)) {
                    return None;
                }
                let Some(name) = self.setting.services.or_own(own, own) else {
                    notes.push(Note::Unmapped { what: "service", subject: own.to_owned() });
                    return None;
                };
                position.seen.insert(name.clone());
                Some(
                    Service {
                        name,
                        valid_from: None,
                        team: text("owner").and_then(|owner| self.team(&owner, namespace, notes)),
                        system: text("system").map(|system| short_name(&system).to_owned()),
                        lifecycle: text("lifecycle"),
                        kind: text("type"),
                        repository: annotation("github.com/project-slug")
                            .or_else(|| annotation("backstage.io/source-location").and_then(|at| repository(&at))),
                        template: annotation("backstage.io/source-template").map(|it| short_name(&it).to_owned()),
                        template_version: annotation(&self.options.template_version_annotation),
                        pipeline: None,
                        pipeline_version: None,
                        retired: None,
                        url: None,
                    }
                    .into(),
                )
            }
            "Group" => Some(
                Team {
                    name: self.team(name, namespace, notes)?,
                    valid_from: None,
                    kind: Some(if self.options.platform_teams.iter().any(|team| team == own) {
                        TeamKind::Platform
                    } else {
                        TeamKind::Product
                    }),
                    engineers: None,
                    parent: text("parent").and_then(|parent| self.team(&parent, namespace, notes)),
                    url: None,
                }
                .into(),
            ),
            _ => None,
        }
    }

    fn read_catalogue(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let entities: Entities = answer.json()?;
        let mut onward = position.clone();
        let mut notes = Vec::new();
        let n_items = entities.items.count();
        let items = entities.items.take("entities", &mut notes)?;
        onward.has_odd |= items.len() < n_items;
        let mut facts: Vec<AnyFact> =
            items.iter().filter_map(|entity| self.entity(entity, &mut onward, &mut notes)).collect();
        onward.cursor = entities.page_info.and_then(|page| page.next_cursor);
        if onward.cursor.is_some() {
            return Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() });
        }
        let n_gone = onward.known.difference(&onward.seen).count();
        let is_bare = n_gone * 2 > onward.known.len() && !onward.is_believed;
        if is_bare {
            notes.push(Note::Denied(format!(
                "the catalogue has {n_gone} of the {} services no more that it had before; so many at once are not retired: may the token still read components, and is url the same Backstage? If they are gone, cairn collect {} --since DAY retires them",
                onward.known.len(),
                self.setting.name
            )));
        }
        if std::mem::take(&mut onward.has_odd) || is_bare {
            onward.seen.extend(onward.known.iter().cloned());
        }
        // Whole now: what the run before saw and this one does not is gone.
        facts.extend(onward.known.difference(&onward.seen).map(|name| {
            AnyFact::from(Service {
                name: name.clone(),
                valid_from: None,
                team: None,
                system: None,
                lifecycle: None,
                kind: None,
                repository: None,
                template: None,
                template_version: None,
                pipeline: None,
                pipeline_version: None,
                retired: Some(true),
                url: None,
            })
        }));
        onward.known = std::mem::take(&mut onward.seen);
        if !self.options.scaffolder {
            return Ok(Page { facts, next: Next::Done(onward), notes, remains: Vec::new() });
        }
        onward.step = Step::Tasks;
        Ok(Page { facts, next: Next::Ask(onward), notes, remains: Vec::new() })
    }
}

/// `payments` of `group:default/payments`, `acme/payments` of `group:acme/payments`: names are unique within a namespace only,
/// and most catalogues have but the default one. A reference without one is of the namespace of what refers.
fn name_in_namespace(reference: &str, namespace: &str) -> String {
    let name = reference.split_once(':').map_or(reference, |(_, name)| name);
    match name.split_once('/').unwrap_or((namespace, name)) {
        (DEFAULT | "", name) => name.to_owned(),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}

/// `payments` of `group:default/payments`.
fn short_name(reference: &str) -> &str {
    reference.rsplit(['/', ':']).next().unwrap_or(reference)
}

/// `owner/name` of `url:https://github.com/owner/name/tree/main/`.
fn repository(location: &str) -> Option<String> {
    let (_, path) = location.strip_prefix("url:")?.split_once("://")?.1.split_once('/')?;
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    Some(format!("{}/{}", parts.next()?, parts.next()?.trim_end_matches(".git")))
}

impl Source for Backstage {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        let fresh = Position {
            began: now,
            step: Step::Catalogue,
            cursor: None,
            offset: 0,
            known: BTreeSet::new(),
            seen: BTreeSet::new(),
            has_odd: false,
            is_believed: since.is_some(),
            tasks_from: since.or(self.setting.since),
            oldest_open: None,
            ended: VecDeque::new(),
            owed: BTreeMap::new(),
            are_tasks_listed: false,
            again: VecDeque::new(),
            page_before: None,
        };
        match last {
            None => fresh,
            // The catalogue must be read whole to tell what is gone, and its cursors do not live long.
            Some(last) => {
                // To read again from a time does not leave out what lies before it, and was not read yet or still ran.
                let tasks_from = last.tasks_from.map(|from| since.map_or(from, |since| since.min(from)));
                let mut owed = last.owed;
                owed.retain(|_, (at, _)| *at >= now - Duration::days(OWED_DAYS));
                let again = owed.values().map(|(_, task)| task.clone()).collect();
                Position { known: last.known, tasks_from, again, owed, ..fresh }
            }
        }
    }

    fn ask(&self, position: &Position) -> Ask {
        match position.step {
            Step::Catalogue => match &position.cursor {
                Some(cursor) => Ask::get(format!("api/catalog/entities/by-query?limit={PAGE}&cursor={cursor}")),
                None => Ask::get(format!(
                    "api/catalog/entities/by-query?limit={PAGE}&orderField=metadata.name,asc&filter=kind=component&filter=kind=group&fields=kind,metadata.name,metadata.namespace,metadata.annotations,spec.owner,spec.system,spec.lifecycle,spec.type,spec.parent"
                )),
            },
            Step::Tasks => Ask::get(format!(
                "api/scaffolder/v2/tasks?limit={PAGE}&offset={}&order=desc:created_at",
                position.offset
            )),
            Step::Events => {
                let id = position.ended.front().map_or("", |task| task.id.as_str());
                Ask { also: &[404], ..Ask::get(format!("api/scaffolder/v2/tasks/{id}/events")) }
            }
        }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        match position.step {
            Step::Catalogue => self.read_catalogue(position, answer),
            Step::Tasks => self.read_tasks(position, answer),
            Step::Events => self.read_events(position, answer),
        }
    }

    fn pass_over(&self, position: &Position, why: &Stopped) -> Option<Page<Position>> {
        (position.step == Step::Events && why.is_of_what_was_asked()).then(|| self.without_events(position, why))
    }

    fn probes(&self, _begin: &Position) -> Vec<Probe> {
        let mut probes = vec![Probe {
            purpose: "the catalogue",
            needs: "a token with the permission catalog.entity.read (backend.auth.externalAccess)",
            ask: Ask::get("api/catalog/entities/by-query?limit=1"),
        }];
        if self.options.scaffolder {
            probes.push(Probe {
                purpose: "scaffolder tasks",
                needs: "the scaffolder's plugin and the permission scaffolder.task.read; without them write scaffolder = false",
                ask: Ask::get("api/scaffolder/v2/tasks?limit=1"),
            });
        }
        probes
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        match answer.status {
            401 => Some("Backstage refuses the token; give it one of backend.auth.externalAccess (type: static) in its app-config".into()),
            404 => Some(answer.beside("there is nothing at this address: is url the backend's base address? Where the backend has no scaffolder, write scaffolder = false")),
            403 => Some(answer.beside("the token may not read this: the permission policy has to allow it catalog.entity.read, and scaffolder.task.read where scaffolder = true; accessRestrictions of its entry under backend.auth.externalAccess must name the plugins catalog and scaffolder")),
            _ => None,
        }
    }
}
