//! The organisation that is measured: three years of deployments with what they brought, each a pure function of its
//! number, so that no two runs differ and nothing has to be held in memory. Unlike the demo's it is not meant to be
//! looked at: it has the shape and the size of a large company's facts, and no story.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use facts::{Change, Commit, DeployedCommit, Deployment, DeploymentKind, DeploymentResult, Incident, Person, Service};

use super::scale::{CHANGES, COMMITS, Scale};

/// An organisation of a scale.
#[derive(Debug, Clone, Copy)]
pub struct Organisation {
    /// How large it is.
    pub scale: Scale,
}

/// A deployment with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The deployment.
    pub deployment: Deployment,
    /// The changes it brought.
    pub changes: Vec<Change>,
    /// Their commits.
    pub commits: Vec<Commit>,
    /// What it lists as brought. A failed run brings nothing: its successor lists its commits.
    pub listed: Vec<DeployedCommit>,
    /// What it disturbed.
    pub incidents: Vec<Incident>,
}

const YEARS_DAYS: i64 = 3 * 365;

/// Where in the history a delivery stands.
struct Place {
    number: u64,
    service: u64,
    at: DateTime<Utc>,
    /// What its identifiers begin with.
    prefix: &'static str,
    n_commits: u64,
    n_incidents: u64,
}

impl Organisation {
    /// The organisation's present: no fact is younger.
    pub fn end(&self) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 7, 1, 0, 0, 0).single().expect("UTC holds every instant once")
    }

    /// The catalogue.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        let (scale, begin) = (self.scale, self.begin());
        (0..scale.n_services).map(move |service| Service {
            name: service_name(service),
            valid_from: Some(begin),
            team: Some(team_name(service % scale.n_teams)),
            system: Some(format!("system-{:03}", service % (scale.n_teams * 3))),
            lifecycle: Some("production".into()),
            kind: Some("service".into()),
            repository: Some(repository_name(service)),
            template: Some(format!("template-{}", service % 8)),
            template_version: None,
            pipeline: None,
            pipeline_version: None,
            retired: None,
            url: None,
        })
    }

    /// The deployments with what belongs to them, in order of time but for an hour.
    pub fn deliveries(&self) -> impl Iterator<Item = Delivery> {
        (0..self.scale.n_deployments).map(|number| self.delivery(number))
    }

    /// A thousand facts of the last day: 20 deployments, 60 changes, 440 commits and their listings, 40 incidents.
    /// Each `round` is another thousand.
    pub fn last_day(&self, round: u64) -> Vec<Delivery> {
        (0..20)
            .map(|position| {
                let number = round * 20 + position;
                let place = Place {
                    number,
                    service: mix(number, 30) % self.scale.n_services,
                    at: self.end() - TimeDelta::minutes(1 + (mix(number, 31) % 1_400) as i64),
                    prefix: "late",
                    n_commits: 22,
                    n_incidents: 2,
                };
                self.deliver(&place)
            })
            .collect()
    }

    fn begin(&self) -> DateTime<Utc> {
        self.end() - TimeDelta::days(YEARS_DAYS)
    }

    fn delivery(&self, number: u64) -> Delivery {
        let scale = self.scale;
        let slots = YEARS_DAYS * 86_400 - 7_200;
        let second = (i128::from(slots) * i128::from(number) / i128::from(scale.n_deployments)) as i64;
        self.deliver(&Place {
            number,
            service: number % scale.n_services,
            at: self.begin() + TimeDelta::seconds(second + (mix(number, 1) % 3_600) as i64),
            prefix: "run",
            n_commits: COMMITS,
            n_incidents: u64::from(mix(number, 2) % 100 < 4),
        })
    }

    fn deliver(&self, place: &Place) -> Delivery {
        let &Place { number, service, at, prefix, n_commits, n_incidents } = place;
        let repository = repository_name(service);
        let id = format!("{prefix}-{number}");
        let has_failed = prefix == "run" && mix(number, 3).is_multiple_of(100);
        let revision = |commit: u64| revision(prefix, number, commit);
        let changes: Vec<Change> = (0..CHANGES)
            .map(|change| self.change(place, &repository, change, revision(last_commit(n_commits, change))))
            .collect();
        let commits: Vec<Commit> = (0..n_commits)
            .map(|commit| {
                let change =
                    (0..CHANGES).find(|change| commit <= last_commit(n_commits, *change)).unwrap_or(CHANGES - 1);
                let began = changes[change as usize].first_commit_at.unwrap_or(at);
                let authored_at = began + TimeDelta::minutes((mix(number * 64 + commit, 4) % 600) as i64);
                Commit {
                    revision: revision(commit),
                    repository: repository.clone(),
                    authored_at,
                    committed_at: authored_at + TimeDelta::minutes(7),
                    change_id: Some(changes[change as usize].id.clone()),
                    url: None,
                }
            })
            .collect();
        let lister = if has_failed { format!("{prefix}-{}", number + self.scale.n_services) } else { id.clone() };
        let listed = commits
            .iter()
            .map(|commit| DeployedCommit {
                deployment_id: lister.clone(),
                revision: commit.revision.clone(),
                repository: Some(repository.clone()),
                url: None,
            })
            .collect();
        let incidents = (0..n_incidents).map(|incident| self.incident(place, &id, incident)).collect();
        let deployment = Deployment {
            url: Some(format!("https://ci.example.com/{repository}/runs/{number}")),
            id,
            service: service_name(service),
            environment: "production".into(),
            finished_at: at,
            result: if has_failed { DeploymentResult::Failure } else { DeploymentResult::Success },
            started_at: Some(at - TimeDelta::minutes(6)),
            revision: Some(revision(n_commits - 1)),
            previous_revision: None,
            repository: Some(repository),
            kind: match mix(number, 5) % 100 {
                0..3 => Some(DeploymentKind::Rollback),
                3..6 => Some(DeploymentKind::Hotfix),
                _ => None,
            },
            actor: Some(Person(format!("engineer-{}", mix(number, 6) % 4_000))),
        };
        Delivery { deployment, changes, commits, listed, incidents }
    }

    fn change(&self, place: &Place, repository: &str, change: u64, merge_revision: String) -> Change {
        let number = place.number * CHANGES + change;
        let minutes = |salt: u64, most: u64| TimeDelta::minutes((mix(number, salt) % most) as i64);
        let merged_at = place.at - minutes(10, 4 * 1_440) - TimeDelta::minutes(5);
        let first_review_at = merged_at - minutes(11, 1_440);
        let opened_at = first_review_at - minutes(12, 1_440);
        let id = |number: u64| format!("{}-{number}", if place.prefix == "run" { "change" } else { "late-change" });
        let is_bot = mix(number, 13).is_multiple_of(20);
        Change {
            id: id(number),
            repository: repository.to_owned(),
            merged_at,
            merge_revision: Some(merge_revision),
            first_commit_at: Some(opened_at - minutes(14, 3 * 1_440) - TimeDelta::minutes(600)),
            opened_at: Some(opened_at),
            first_review_at: Some(first_review_at),
            approved_at: Some(merged_at),
            author: Some(Person(if is_bot {
                "renovate[bot]".into()
            } else {
                format!("engineer-{}", mix(number, 15) % 4_000)
            })),
            additions: Some((mix(number, 16) % 400) as i64),
            deletions: Some((mix(number, 17) % 200) as i64),
            reverts: mix(number, 18)
                .is_multiple_of(500)
                .then(|| id(number.saturating_sub(CHANGES * self.scale.n_services))),
            title: Some(format!("Change what {repository} does, part {change}")),
            url: Some(format!("https://git.example.com/{repository}/pull/{number}")),
        }
    }

    fn incident(&self, place: &Place, deployment: &str, incident: u64) -> Incident {
        let number = place.number * 4 + incident;
        let opened_at = (place.at + TimeDelta::minutes((mix(number, 20) % 120) as i64)).min(self.end());
        let resolved_at = opened_at + TimeDelta::minutes(10 + (mix(number, 21) % 600) as i64);
        let names_cause = incident == 0 && !mix(number, 22).is_multiple_of(5);
        Incident {
            id: format!("{}-incident-{number}", place.prefix),
            opened_at,
            service: Some(service_name(place.service)),
            acknowledged_at: None,
            resolved_at: (resolved_at < self.end()).then_some(resolved_at),
            severity: Some(format!("sev{}", 1 + mix(number, 23) % 4)),
            caused_by_deployment: names_cause.then(|| deployment.to_owned()),
            title: None,
            url: None,
        }
    }
}

/// The name of a team.
pub fn team_name(team: u64) -> String {
    format!("team-{team:03}")
}

pub fn service_name(service: u64) -> String {
    format!("service-{service:04}")
}

fn repository_name(service: u64) -> String {
    format!("acme/service-{service:04}")
}

/// The last of the commits that belong to a change.
fn last_commit(n_commits: u64, change: u64) -> u64 {
    (change + 1) * n_commits / CHANGES - 1
}

/// Forty hexadecimal digits, as git's object names have.
fn revision(prefix: &str, number: u64, commit: u64) -> String {
    let seed = mix(number * 64 + commit, prefix.len() as u64 + 100);
    format!("{seed:016x}{:016x}{:08x}", mix(seed, 1), mix(seed, 2) as u32)
}

/// A number that looks random (SplitMix64's finisher, Steele et al. 2014): `salt` tells apart what is drawn for one number.
pub fn mix(number: u64, salt: u64) -> u64 {
    let mut mixed = number.wrapping_add(salt.wrapping_mul(0x632b_e59b_d9b4_e019)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
