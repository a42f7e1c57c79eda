//! Teams and engineers: who is there when, and the facts about them.

use std::collections::HashMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use facts::{Engineer, Person, Team, TeamKind};
use rand::Rng;

use super::calendar::{Calendar, DAY, is_working_day, seconds};
use super::names::{FIRST, LAST, PLATFORM, TEAMS, numbered};
use super::random::{Random, pick_weighted, stream};
use super::truth::TeamTruth;

/// One engineer's time with the company.
pub(super) struct EngineerPlan {
    pub(super) address: String,
    pub(super) team: usize,
    pub(super) joined_at: DateTime<Utc>,
    /// May lie after the end of the history.
    pub(super) left_at: Option<DateTime<Utc>>,
    /// When a person who joined within the history first deploys something; nothing is written by them before.
    pub(super) first_deployment_at: Option<DateTime<Utc>>,
}

impl EngineerPlan {
    fn is_there(&self, at: DateTime<Utc>) -> bool {
        self.joined_at <= at && self.left_at.is_none_or(|left_at| left_at > at)
    }

    fn writes_code(&self, at: DateTime<Utc>) -> bool {
        self.is_there(at) && self.first_deployment_at.is_none_or(|first| first <= at)
    }
}

/// All engineers, by team.
pub(super) struct People {
    pub(super) engineers: Vec<EngineerPlan>,
    by_team: Vec<Vec<usize>>,
}

/// The names of the first `n_teams` teams, and whom they serve.
pub(super) fn teams(n_teams: usize) -> Vec<(String, TeamKind)> {
    (0..n_teams)
        .map(|team| {
            let blueprint = &TEAMS[team % TEAMS.len()];
            let kind = if blueprint.parent == PLATFORM { TeamKind::Platform } else { TeamKind::Product };
            (numbered(blueprint.team, team / TEAMS.len()), kind)
        })
        .collect()
}

impl People {
    /// `n_engineers` over the whole history: seven in ten are there at its begin, the others are hired month by month.
    pub(super) fn plan(seed: u64, calendar: &Calendar, teams: &[TeamTruth], n_engineers: usize) -> People {
        let mut random = stream(seed, "people", 0);
        let weights: Vec<(usize, f64)> = (teams.iter().enumerate())
            .map(|(team, truth)| match truth.kind {
                TeamKind::Platform => (team, 0.3),
                TeamKind::Product => (team, random.random_range(0.7..1.4)),
            })
            .collect();
        let n_initial = (n_engineers * 7 / 10).max(3 * teams.len());
        let intakes = intake_days(calendar);
        let mut addresses = Addresses::default();
        let mut engineers = Vec::with_capacity(n_engineers);
        for number in 0..n_engineers {
            // The first three of each team are always there, so that none is ever without people.
            let is_core = number < 3 * teams.len();
            let team = if is_core { number % teams.len() } else { pick_weighted(&mut random, &weights) };
            let joined_at = if number < n_initial {
                calendar.start - seconds(random.random_range(30.0..2000.0) * DAY)
            } else {
                intakes[(number - n_initial) * intakes.len() / (n_engineers - n_initial)]
            };
            let earliest_leave = calendar.start.max(joined_at + Days::new(90));
            let leaves = random.random_bool(0.25) && !is_core;
            let left_at = leaves.then(|| earliest_leave + seconds(random.random_range(0.0..600.0) * DAY));
            let first_deployment = teams[team].first_deployment.at(joined_at).sample(&mut random);
            engineers.push(EngineerPlan {
                address: addresses.next(&mut random),
                team,
                joined_at,
                left_at,
                first_deployment_at: (number >= n_initial).then(|| joined_at + first_deployment),
            });
        }
        let mut by_team = vec![Vec::new(); teams.len()];
        for (number, engineer) in engineers.iter().enumerate() {
            by_team[engineer.team].push(number);
        }
        People { engineers, by_team }
    }

    /// Somebody of the team who writes code at that time.
    pub(super) fn author(&self, team: usize, at: DateTime<Utc>, random: &mut Random) -> &str {
        let members = &self.by_team[team];
        let found = (0..40)
            .map(|_| &self.engineers[members[random.random_range(0..members.len())]])
            .find(|engineer| engineer.writes_code(at));
        // The first of each team is always there; they stand in where forty draws met only people who are not.
        &found.unwrap_or(&self.engineers[members[0]]).address
    }

    /// How many engineers a team has at an instant.
    pub(super) fn head_count(&self, team: usize, at: DateTime<Utc>) -> i64 {
        self.by_team[team].iter().filter(|number| self.engineers[**number].is_there(at)).count() as i64
    }

    /// One row per engineer.
    pub(super) fn engineer_facts(&self, calendar: &Calendar, teams: &[TeamTruth]) -> Vec<Engineer> {
        let row = |engineer: &EngineerPlan| Engineer {
            id: Person(engineer.address.clone()),
            joined_at: engineer.joined_at,
            team: Some(teams[engineer.team].name.clone()),
            left_at: engineer.left_at.and_then(|left_at| calendar.past(left_at)),
            url: None,
        };
        self.engineers.iter().map(row).collect()
    }

    /// One row per team, and another at the begin of each month before which its head count changed.
    pub(super) fn team_facts(&self, calendar: &Calendar, teams: &[TeamTruth]) -> Vec<Team> {
        let mut rows = Vec::new();
        for (team, truth) in teams.iter().enumerate() {
            let row = |valid_from, engineers| Team {
                name: truth.name.clone(),
                valid_from: Some(valid_from),
                kind: Some(truth.kind),
                engineers: Some(engineers),
                parent: Some(TEAMS[team % TEAMS.len()].parent.to_owned()),
                url: Some(format!("https://git.example/orgs/acme/teams/{}", truth.name)),
            };
            let mut known = self.head_count(team, calendar.start);
            rows.push(row(calendar.start - TimeDelta::days(2500), known));
            for month in calendar.months() {
                let counted = self.head_count(team, calendar.at(month, 23.0));
                let valid_from = calendar.midnight(month);
                if counted != known && calendar.past(valid_from).is_some() && valid_from > calendar.start {
                    rows.push(row(valid_from, counted));
                    known = counted;
                }
            }
        }
        rows
    }
}

/// New people begin on the first working day of a month, at nine.
fn intake_days(calendar: &Calendar) -> Vec<DateTime<Utc>> {
    let first_working_day = |month| (0..10).map(|days| month + Days::new(days)).find(|day| is_working_day(*day));
    let days = calendar.months().into_iter().filter_map(first_working_day);
    days.map(|day| calendar.at(day, 9.0)).filter(|at| *at > calendar.start && *at <= calendar.end).collect()
}

/// Addresses that no two people share.
#[derive(Default)]
struct Addresses(HashMap<(usize, usize), usize>);

impl Addresses {
    fn next(&mut self, random: &mut Random) -> String {
        let name = (random.random_range(0..FIRST.len()), random.random_range(0..LAST.len()));
        let namesakes = self.0.entry(name).or_insert(0);
        *namesakes += 1;
        let number = if *namesakes == 1 { String::new() } else { namesakes.to_string() };
        format!("{}.{}{number}@acme.example", FIRST[name.0], LAST[name.1])
    }
}
