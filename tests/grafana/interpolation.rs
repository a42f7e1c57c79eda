//! What Grafana puts in the place of a dashboard's variables, after its documentation of variable syntax and formats.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use regex::{Captures, Regex};

/// The range of time that a dashboard shows.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// What is chosen in a variable.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// "All" of a variable whose value for that is its own: it is put in as it is, whatever the format.
    All(&'static str),
    /// One name of a variable that takes one.
    One(&'static str),
    /// Names of a variable that takes several.
    Several(Vec<&'static str>),
}

pub type Variables = BTreeMap<&'static str, Chosen>;

/// A text with its variables filled in. What is no variable stays, as macros do.
pub fn interpolate(text: &str, variables: &Variables, range: Range) -> String {
    let reference = Regex::new(r"\$\{(\w+)(?::([^}]+))?\}|\$(\w+)").unwrap();
    let filled = reference.replace_all(text, |found: &Captures<'_>| {
        let name = found.get(1).or(found.get(3)).unwrap().as_str();
        let format = found.get(2).map(|format| format.as_str());
        match (name, variables.get(name)) {
            ("__from", _) => instant(range.from, format),
            ("__to", _) => instant(range.to, format),
            (_, Some(chosen)) => chosen.written(format),
            (_, None) => found[0].to_owned(),
        }
    });
    filled.into_owned()
}

fn instant(time: DateTime<Utc>, format: Option<&str>) -> String {
    match format {
        None => time.timestamp_millis().to_string(),
        Some("date" | "date:iso") => time.to_rfc3339_opts(SecondsFormat::Millis, true),
        Some("date:seconds") => time.timestamp().to_string(),
        Some(other) => panic!("the format {other} of a time is not known here"),
    }
}

impl Chosen {
    fn written(&self, format: Option<&str>) -> String {
        let quoted = |name: &&str| format!("'{}'", name.replace('\'', "''"));
        let names: &[&str] = match self {
            Chosen::All(value) => return (*value).to_owned(),
            Chosen::One(name) => &[name],
            Chosen::Several(names) => names,
        };
        match format {
            Some("csv" | "raw") => names.join(","),
            Some("sqlstring") => names.iter().map(quoted).collect::<Vec<_>>().join(","),
            // The usual format: a glob where there are several.
            None if names.len() == 1 => names[0].to_owned(),
            None => format!("{{{}}}", names.join(",")),
            Some(other) => panic!("the format {other} is not known here"),
        }
    }
}

#[test]
fn variables_are_written_in_their_formats_and_macros_stay() {
    let at = crate::support::at;
    let range = Range { from: at("2026-01-01T00:00:00Z"), to: at("2026-02-01T12:30:00.5Z") };
    let several = Chosen::Several(vec!["shop", "o'neill"]);
    let variables: Variables =
        [("team", several), ("service", Chosen::All("*")), ("grain", Chosen::One("week"))].into_iter().collect();
    let filled = |text: &str| interpolate(text, &variables, range);
    assert_eq!(filled("${team:csv};${team:sqlstring};${team}"), "shop,o'neill;'shop','o''neill';{shop,o'neill}");
    assert_eq!(filled("service=${service:csv};${service:sqlstring}"), "service=*;*");
    assert_eq!(
        filled("'$grain' ${grain} $__timeFrom() $__timeFilter(time)"),
        "'week' week $__timeFrom() $__timeFilter(time)"
    );
    assert_eq!(
        filled("${__from:date:iso} ${__to:date:iso} ${__from}"),
        "2026-01-01T00:00:00.000Z 2026-02-01T12:30:00.500Z 1767225600000"
    );
}
