//! Who says so: every input names its source, its owner, its date and the grade of its evidence.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::config::FigureConfig;

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Provenance {
    /// Where the figure was found.
    pub source: String,
    /// Who answers for it.
    pub owner: String,
    /// Of which day it is.
    pub date: NaiveDate,
    /// What evidence it rests on.
    pub grade: Grade,
}

/// How good the evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Grade {
    /// An experiment: who got it was drawn by lot.
    A,
    /// A quasi-experiment: compared with others who did not have it, without a lot.
    B,
    /// Telemetry: measured by tools.
    C,
    /// A survey: what people say.
    D,
    /// An assumption.
    E,
}

const GRADES: [(&str, Grade, &str); 5] = [
    ("A", Grade::A, "experiment"),
    ("B", Grade::B, "quasi-experiment"),
    ("C", Grade::C, "telemetry"),
    ("D", Grade::D, "survey"),
    ("E", Grade::E, "assumption"),
];

impl Grade {
    /// What it stands for.
    pub fn words(self) -> &'static str {
        GRADES.iter().find(|(_, grade, _)| *grade == self).map_or("", |(_, _, words)| words)
    }

    /// Its letter.
    pub fn letter(self) -> &'static str {
        GRADES.iter().find(|(_, grade, _)| *grade == self).map_or("", |(letter, _, _)| letter)
    }
}

impl Provenance {
    /// Reads the four keys; the error names the one that is missing.
    pub(crate) fn read(config: &FigureConfig) -> Result<Provenance, String> {
        Ok(Provenance {
            source: required(config.source.as_deref(), "source", "where the figure comes from, such as a report")?,
            owner: required(config.owner.as_deref(), "owner", "who answers for the figure")?,
            date: date(config.date.as_ref())?,
            grade: grade(config.grade.as_deref())?,
        })
    }
}

fn required(text: Option<&str>, key: &str, meaning: &str) -> Result<String, String> {
    match text.map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{key}` is missing; write {key} = \"{meaning}\"")),
    }
}

fn date(found: Option<&toml::Value>) -> Result<NaiveDate, String> {
    let text = match found {
        None => return Err("`date` is missing; write of which day the figure is, such as date = 2026-01-31".into()),
        Some(toml::Value::Datetime(date)) => date.to_string(),
        Some(toml::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        .map_err(|_| format!("`date` is {text}, which is no day; write it like date = 2026-01-31"))
}

fn grade(found: Option<&str>) -> Result<Grade, String> {
    let known = || GRADES.map(|(letter, _, words)| format!("{letter} {words}")).join(", ");
    let Some(found) = found else {
        return Err(format!("`grade` is missing; write what evidence the figure rests on: {}", known()));
    };
    GRADES
        .iter()
        .find(|(letter, _, words)| letter.eq_ignore_ascii_case(found) || words.eq_ignore_ascii_case(found))
        .map(|(_, grade, _)| *grade)
        .ok_or_else(|| format!("there is no grade `{found}`; the grades are {}", known()))
}
