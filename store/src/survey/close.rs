//! Closing a wave: answers become cells, once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use duckdb::Connection;

use crate::error::StoreError;
use crate::open::Store;
use crate::survey::withhold::{LEAST_PEOPLE, withheld};
use crate::survey::{RESPONSE, refusal};

/// One text for all of them: which cell is small itself and which hides another is nobody's business.
const REASON: &str = "withheld: fewer than 5 people, or fewer could be worked out from it";

/// A question and its area, as they are kept.
type Asked = (String, Option<String>);
/// How many people answered 0, 1, 2 and so on.
type Counts = Vec<u64>;

/// What a wave's teams answered.
struct Wave {
    /// The teams with how many were asked and how many answered.
    teams: Vec<(String, u64, u64)>,
    /// For each question the counts of each team, in the order of the teams.
    questions: BTreeMap<Asked, Vec<Counts>>,
}

impl Store {
    /// Closes a wave: from now on it takes no answers, and its figures are what they are.
    pub fn close_wave(&self, wave: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.transaction("closing a wave", |connection| {
            if let Some(refusal) = refusal(connection, wave)? {
                return Ok(Err(refusal));
            }
            let now = now.timestamp_micros();
            connection.execute(
                "update survey.wave set closed_at = make_timestamp(?) where name = ?",
                duckdb::params![now, wave],
            )?;
            connection.execute(
                "insert into marts.name
                select
                    (select coalesce(max(key), 0) from marts.name) + (row_number() over (order by team))::integer,
                    team,
                from (select distinct team from survey.invited where wave = ?)
                where team not in (select name from marts.name)",
                [wave],
            )?;
            publish(connection, wave, &Wave::read(connection, wave)?)?;
            connection.execute_batch("update meta.data_version set version = version + 1")?;
            Ok(Ok(()))
        })?
    }
}

impl Wave {
    fn read(connection: &Connection, wave: &str) -> duckdb::Result<Wave> {
        let mut statement =
            connection.prepare("select team, n, n_answered from survey.invited where wave = ? order by team")?;
        let teams: Vec<(String, u64, u64)> = statement
            .query_map([wave], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<duckdb::Result<_>>()?;
        let response = teams.iter().map(|(_, n, answered)| vec![n.saturating_sub(*answered), *answered]).collect();
        let mut questions = BTreeMap::from([((RESPONSE.to_owned(), None), response)]);
        let mut statement = connection
            .prepare("select question, area, team, value, count(*) from survey.answer where wave = ? group by all")?;
        let mut rows = statement.query([wave])?;
        while let Some(row) = rows.next()? {
            let (team, value, n): (String, usize, u64) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let Some(place) = teams.iter().position(|(name, ..)| *name == team) else { continue };
            let of_teams = questions.entry((row.get(0)?, row.get(1)?)).or_insert_with(|| vec![Vec::new(); teams.len()]);
            let counts = &mut of_teams[place];
            counts.resize(counts.len().max(value + 1), 0);
            counts[value] += n;
        }
        Ok(Wave { teams, questions })
    }

    /// The questions of which something can be shown: enough people of all teams answered them.
    fn shown(&self) -> impl Iterator<Item = (&Asked, &Vec<Counts>)> {
        self.questions.iter().filter(|(asked, of_teams)| {
            (0..self.teams.len()).map(|team| n_people(asked, &of_teams[team])).sum::<u64>() >= LEAST_PEOPLE
        })
    }

    /// Which teams are withheld. A team is shown with all its cells or with none: what it answered to one question must
    /// not tell how many answered another.
    fn withheld(&self) -> Vec<bool> {
        let of_team = |team: usize| self.shown().map(|(asked, of_teams)| n_people(asked, &of_teams[team])).collect();
        withheld(&(0..self.teams.len()).map(of_team).collect::<Vec<Vec<u64>>>())
    }
}

/// How many people stand behind counts: for the response those who did answer.
fn n_people((question, _): &Asked, counts: &Counts) -> u64 {
    if question == RESPONSE { counts.get(1).copied().unwrap_or(0) } else { counts.iter().sum() }
}

/// Writes the cells of a wave.
fn publish(connection: &Connection, wave: &str, answers: &Wave) -> duckdb::Result<()> {
    let is_withheld = answers.withheld();
    let shown: Vec<&Asked> = answers.shown().map(|(asked, _)| asked).collect();
    let sum = |of: fn(&(String, u64, u64)) -> u64| answers.teams.iter().map(of).sum::<u64>();
    let (invited, answered) = (sum(|team| team.1), sum(|team| team.2));
    for (asked, of_teams) in &answers.questions {
        let is_shown = shown.contains(&asked);
        let length = of_teams.iter().map(Vec::len).max().unwrap_or(0);
        let whole: Counts =
            (0..length).map(|value| of_teams.iter().filter_map(|counts| counts.get(value)).sum()).collect();
        write(connection, wave, None, asked, is_shown.then_some((&whole, invited, answered)))?;
        for (place, (team, n, n_answered)) in answers.teams.iter().enumerate() {
            let is_shown = is_shown && !is_withheld[place];
            let cell = is_shown.then_some((&of_teams[place], *n, *n_answered));
            write(connection, wave, Some(team), asked, cell)?;
        }
    }
    Ok(())
}

/// Writes one cell; where there are no numbers, it is withheld.
fn write(
    connection: &Connection,
    wave: &str,
    team: Option<&str>,
    asked: &Asked,
    numbers: Option<(&Counts, u64, u64)>,
) -> duckdb::Result<()> {
    let counts = numbers.map(|(counts, ..)| format!("{counts:?}"));
    connection.execute(
        "insert into survey.cell
        select name, closed_at, ?, ?, ?, ?::integer[], ?, ?, ?, ? from survey.wave where name = ?",
        duckdb::params![
            team,
            asked.0,
            asked.1,
            counts,
            numbers.map(|(counts, ..)| counts.iter().sum::<u64>()),
            numbers.map(|(_, invited, _)| invited),
            numbers.map(|(.., answered)| answered),
            numbers.is_none().then_some(REASON),
            wave,
        ],
    )?;
    Ok(())
}
