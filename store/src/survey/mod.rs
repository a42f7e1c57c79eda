//! Surveys: waves, who was asked, what was answered. Answers go in and never come out: what can be read are the cells
//! that closing a wave makes of them.

mod close;
mod withhold;

use chrono::{DateTime, Utc};
use duckdb::Connection;

use crate::error::StoreError;
use crate::open::Store;
use crate::query::number;

pub use withhold::{LEAST_PEOPLE, withheld};

/// The word for how many people answered at all, which is asked of nobody.
const RESPONSE: &str = "response";

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// How good it is to work here as an engineer, 1 to 10.
    Overall,
    /// How content one is with a part of the platform, 1 to 5.
    Area(String),
    /// How likely one is to recommend working here, 0 to 10.
    Recommend,
}

impl Question {
    /// The word that it is kept under.
    pub fn as_str(&self) -> &'static str {
        match self {
            Question::Overall => "overall",
            Question::Area(_) => "area",
            Question::Recommend => "recommend",
        }
    }

    /// The part of the platform that it is about.
    pub fn area(&self) -> Option<&str> {
        match self {
            Question::Area(area) => Some(area),
            Question::Overall | Question::Recommend => None,
        }
    }

    /// The least and the greatest answer.
    pub fn scale(&self) -> (u8, u8) {
        match self {
            Question::Overall => (1, 10),
            Question::Area(_) => (1, 5),
            Question::Recommend => (0, 10),
        }
    }
}

impl Store {
    /// Opens a wave. Its name must not be taken.
    pub fn open_wave(&self, wave: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.transaction("opening a wave", |connection| {
            if state(connection, wave)? != State::Unknown {
                return Ok(Err(StoreError::Conflict(format!("there is a wave `{wave}` already; choose another name"))));
            }
            connection.execute(
                "insert into survey.wave values (?, make_timestamp(?), null)",
                duckdb::params![wave, now.timestamp_micros()],
            )?;
            Ok(Ok(()))
        })?
    }

    /// Notes that `n` more people of a team were asked.
    pub fn invite(&self, wave: &str, team: &str, n: u32) -> Result<(), StoreError> {
        self.transaction("inviting to a wave", |connection| {
            if let Some(refusal) = refusal(connection, wave)? {
                return Ok(Err(refusal));
            }
            let n_known = connection.execute(
                "update survey.invited set n = n + ? where wave = ? and team = ?",
                duckdb::params![n, wave, team],
            )?;
            if n_known == 0 {
                connection.execute("insert into survey.invited values (?, ?, ?, 0)", duckdb::params![wave, team, n])?;
            }
            Ok(Ok(()))
        })?
    }

    /// Takes one person's answers, of which some may be missing. Who they are is not asked, and not kept.
    pub fn take_answers(&self, wave: &str, team: &str, answers: &[(Question, u8)]) -> Result<(), StoreError> {
        for (place, (question, value)) in answers.iter().enumerate() {
            let (least, greatest) = question.scale();
            let name = question.area().unwrap_or(question.as_str());
            if !(least..=greatest).contains(value) {
                let message = format!("`{name}` was answered with {value}; answers go from {least} to {greatest}");
                return Err(StoreError::Conflict(message));
            }
            if answers[..place].iter().any(|(other, _)| other == question) {
                return Err(StoreError::Conflict(format!("`{name}` was answered twice; leave one answer")));
            }
        }
        self.transaction("taking answers", |connection| {
            if let Some(refusal) = refusal(connection, wave)? {
                return Ok(Err(refusal));
            }
            let n_invited = connection.execute(
                "update survey.invited set n_answered = n_answered + 1 where wave = ? and team = ? and n_answered < n",
                [wave, team],
            )?;
            if n_invited == 0 {
                return Ok(Err(StoreError::Conflict(format!(
                    "everybody of `{team}` who was asked in the wave `{wave}` has answered; invite before taking more"
                ))));
            }
            for (question, value) in answers {
                connection.execute(
                    "insert into survey.answer values (?, ?, ?, ?, ?)",
                    duckdb::params![wave, team, question.as_str(), question.area(), value],
                )?;
            }
            Ok(Ok(()))
        })?
    }
}

/// What may be done with a wave.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Unknown,
    Open,
    Closed,
}

fn state(connection: &Connection, wave: &str) -> duckdb::Result<State> {
    let (n_known, n_closed): (i64, i64) =
        connection.query_row("select count(*), count(closed_at) from survey.wave where name = ?", [wave], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(match (n_known, n_closed) {
        (0, _) => State::Unknown,
        (_, 0) => State::Open,
        _ => State::Closed,
    })
}

/// Why a wave takes nothing any more, or nothing yet.
fn refusal(connection: &Connection, wave: &str) -> duckdb::Result<Option<StoreError>> {
    Ok(match state(connection, wave)? {
        State::Open => None,
        State::Closed => Some(StoreError::Conflict(format!(
            "the wave `{wave}` is closed and its figures are published; open another one"
        ))),
        State::Unknown => {
            let n_waves = number(connection, "select count(*) from survey.wave")?;
            let hint =
                if n_waves == 0 { "open it first" } else { "see the waves by cairn metrics devex_score --by wave" };
            Some(StoreError::NotFound(format!("there is no wave `{wave}`; {hint}")))
        }
    })
}
