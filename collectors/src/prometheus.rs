//! Prometheus: availability of components, from expressions that give 1 while a component is up and 0 while it is not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, DurationRound as _, Utc};
use facts::Availability;
use serde::{Deserialize, Serialize};

use crate::pull::{Answer, Ask, Each, Misread, Next, Note, Page, Probe, Setting, Source};

/// One expression.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The component, where the expression gives one series.
    pub component: Option<String>,
    /// The label that names the component, where it gives several.
    pub component_label: Option<String>,
    /// PromQL that gives values from 0 (down) to 1 (up).
    pub up: String,
}

/// What to read of Prometheus.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The expressions.
    pub expressions: Vec<Expression>,
    /// Seconds between two samples.
    pub step_seconds: i64,
}

impl Default for Options {
    fn default() -> Options {
        Options { expressions: Vec::new(), step_seconds: 60 }
    }
}

const FIRST_RUN_DAYS: i64 = 30;
const OVERLAP_HOURS: i64 = 1;

/// Where the reading is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The begin of the day being read, or of what is left of it.
    from: DateTime<Utc>,
    /// The last whole hour of the run.
    to: DateTime<Utc>,
    /// The expressions whose day is read: their order in the configuration may change before the others are.
    #[serde(default)]
    read: BTreeSet<String>,
    /// Of each expression, how often it gave nothing and whether it gave something, as far as this run has read.
    #[serde(default)]
    given: BTreeMap<String, Given>,
}

/// What an expression gave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Given {
    n_empty: usize,
    is_any: bool,
}

/// Prometheus as a source.
pub struct Prometheus {
    setting: Setting,
    options: Options,
}

#[derive(Deserialize)]
struct Told {
    status: String,
    error: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    result: Each<Series>,
}

#[derive(Deserialize)]
struct Series {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Given {
    /// What is strange about it, when all was read: a note for each time, or one where there was never anything.
    fn told(&self, expression: &str) -> Vec<Note> {
        let (said, n) = match self.is_any {
            true => (format!("`{expression}` gives nothing at some times"), self.n_empty),
            false => (format!("`{expression}` gives no series at all in the time read; is the expression right?"), 1),
        };
        vec![Note::LeftOut(said); n]
    }
}

impl Prometheus {
    /// A source of some expressions.
    pub fn new(setting: Setting, options: Options) -> Result<Prometheus, String> {
        if options.expressions.is_empty() {
            return Err("give at least one expression: expressions = [{ component = \"portal\", up = \"min(up{job='portal'})\" }]".into());
        }
        if let Some(wrong) =
            options.expressions.iter().find(|one| one.component.is_some() == one.component_label.is_some())
        {
            return Err(format!("expression `{}`: give either component or component_label", wrong.up));
        }
        // An hour must hold whole steps, and a day at most 11 000 of them.
        if options.step_seconds < 10 || 3_600 % options.step_seconds != 0 {
            return Err("step_seconds must be at least 10 and divide an hour".into());
        }
        Ok(Prometheus { setting, options })
    }

    /// What an expression is known by.
    fn key(expression: &Expression) -> String {
        let component = expression.component.as_ref().or(expression.component_label.as_ref());
        format!("{} {}", component.map_or("", String::as_str), expression.up)
    }

    /// The expression to be asked for: the first whose day is not read.
    fn expression(&self, position: &Position) -> Option<&Expression> {
        self.options.expressions.iter().find(|one| !position.read.contains(&Prometheus::key(one)))
    }

    fn until(position: &Position) -> DateTime<Utc> {
        (position.from + Duration::days(1)).min(position.to)
    }

    /// What is known of each hour. Where samples are missing nothing is known, neither up nor down, so an hour is told as
    /// long as its samples together, from its begin on: an hour that is read again, with gaps filled meanwhile, is
    /// told longer, and the longest counts.
    fn hours(&self, component: &str, series: &Series, notes: &mut Vec<Note>) -> Vec<Availability> {
        let step = self.options.step_seconds;
        let mut found: BTreeMap<DateTime<Utc>, Availability> = BTreeMap::new();
        for (at, value) in &series.values {
            let at = at.round() as i64;
            let Some(up) = value.parse::<f64>().ok().filter(|up| (0.0..=1.0).contains(up)) else {
                notes.push(Note::LeftOut(format!("{component}: samples that are not from 0 to 1, such as {value}")));
                continue;
            };
            // A sample speaks for the step before it. What lies where no clock goes speaks for nothing.
            let begin = at.saturating_sub(step);
            let from = begin.checked_sub(begin.rem_euclid(3_600)).and_then(|from| DateTime::from_timestamp(from, 0));
            let Some(from) = from.filter(|from| from.checked_add_signed(Duration::hours(1)).is_some()) else {
                continue;
            };
            let hour = found.entry(from).or_insert_with(|| Availability {
                component: component.to_owned(),
                from,
                to: from,
                up_seconds: 0.0,
                url: None,
            });
            hour.to += Duration::seconds(step);
            hour.up_seconds += up * step as f64;
        }
        found.into_values().collect()
    }
}

impl Source for Prometheus {
    type Position = Position;

    fn begin(&self, last: Option<Position>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Position {
        let hour = Duration::hours(1);
        let overlap = self.setting.overlap.unwrap_or_else(|| Duration::hours(OVERLAP_HOURS));
        let whole = |at: DateTime<Utc>| at.duration_trunc(hour).unwrap_or(at);
        // Only hours that are over are told.
        let to = whole(now);
        let from = match (since, last) {
            // To read again from a time does not leave out what lies before it and was not read yet.
            (Some(since), Some(last)) => whole(since).min(last.from),
            (Some(since), None) => whole(since),
            (None, Some(last)) if last.from < last.to => {
                let whole = Prometheus::until(&last);
                let mut onward = Position { to, ..last };
                // A day that was not over is longer now, for those too that were read.
                if Prometheus::until(&onward) != whole {
                    onward.read.clear();
                }
                return onward;
            }
            (None, Some(last)) => whole(last.to - overlap),
            (None, None) => whole(self.setting.since.unwrap_or(now - Duration::days(FIRST_RUN_DAYS))),
        };
        Position { from: from.min(to), to, read: BTreeSet::new(), given: BTreeMap::new() }
    }

    fn ask(&self, position: &Position) -> Ask {
        let step = self.options.step_seconds;
        let expression = self.expression(position).map_or("vector(1)", |one| one.up.as_str());
        let begin = position.from.timestamp() + step;
        let end = Prometheus::until(position).timestamp().max(begin);
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("query", expression).finish();
        Ask { also: &[400, 422], ..Ask::get(format!("api/v1/query_range?{query}&start={begin}&end={end}&step={step}")) }
    }

    fn read(&self, position: &Position, answer: &Answer) -> Result<Page<Position>, Misread> {
        let mut onward = position.clone();
        let (mut facts, mut notes) = (Vec::new(), Vec::new());
        if position.from < position.to
            && let Some(expression) = self.expression(position)
        {
            let told: Told = answer.json()?;
            // One that is wrong does not keep the others from being read.
            let is_taken = told.status == "success";
            if !is_taken {
                let said = told.error.unwrap_or_default();
                notes.push(Note::Denied(format!("Prometheus does not take `{}`: {said}; once it is mended, cairn collect {} --since DAY reads what was missed",
                    expression.up, self.setting.name
                )));
            }
            let series = told.data.map(|data| data.result.take("series", &mut notes)).transpose()?.unwrap_or_default();
            let given = onward.given.entry(Prometheus::key(expression)).or_default();
            if is_taken && series.is_empty() {
                given.n_empty += 1;
            }
            given.is_any |= !is_taken || !series.is_empty();
            if Prometheus::until(position) >= position.to {
                notes.extend(given.told(&expression.up));
            }
            if expression.component.is_some() && series.len() > 1 {
                notes.push(Note::LeftOut(format!(
                    "`{}` gives {} series for one component; only the first is taken: join them, or use component_label",
                    expression.up,
                    series.len()
                )));
            }
            let n_taken = if expression.component.is_some() { 1 } else { series.len() };
            let mut seen = BTreeSet::new();
            for one in series.iter().take(n_taken) {
                let label = expression.component_label.as_ref().and_then(|label| one.metric.get(label));
                let Some(component) = expression.component.as_ref().or(label) else {
                    let label = expression.component_label.as_deref().unwrap_or_default();
                    notes.push(Note::LeftOut(format!("a series of `{}` lacks the label `{label}`", expression.up)));
                    continue;
                };
                if !seen.insert(component) {
                    notes.push(Note::LeftOut(format!(
                        "`{}` gives several series for {component}; only the first is taken: join them, as by max by ({}) (...)",
                        expression.up,
                        expression.component_label.as_deref().unwrap_or_default()
                    )));
                    continue;
                }
                facts.extend(self.hours(component, one, &mut notes).into_iter().map(Into::into));
            }
        }
        onward.read.extend(self.expression(position).map(Prometheus::key));
        if self.expression(&onward).is_none() {
            onward.read.clear();
            onward.from = Prometheus::until(position);
        }
        let next = if onward.from >= onward.to { Next::Done(onward) } else { Next::Ask(onward) };
        Ok(Page { facts, next, notes, remains: Vec::new() })
    }

    fn samples(&self, begin: Position) -> Vec<Position> {
        // The last hours of each expression: how far back Prometheus keeps its samples is not known.
        let from = begin.from.max(begin.to - Duration::hours(6));
        let keys: BTreeSet<String> = self.options.expressions.iter().map(Prometheus::key).collect();
        let others = |key: &String| keys.iter().filter(|other| *other != key).cloned().collect();
        keys.iter().map(|key| Position { from, read: others(key), ..begin.clone() }).collect()
    }

    fn probes(&self, begin: &Position) -> Vec<Probe> {
        vec![Probe {
            purpose: "the query API",
            needs: "access to /api/v1/query_range",
            ask: Ask { also: &[], ..Source::ask(self, &Position { from: begin.to, ..begin.clone() }) },
        }]
    }

    fn explain(&self, answer: &Answer) -> Option<String> {
        match answer.status {
            401 => Some("the log-in is refused, by Prometheus itself (basic_auth_users) or by a proxy before it: set user and token, or token alone for a bearer token".into()),
            403 => Some(answer.beside("whoever guards Prometheus (a proxy, or a tenant's rights) does not let this user ask api/v1/query_range")),
            _ => answer.json::<Told>().ok()?.error.map(|error| format!("Prometheus says: {error}")),
        }
    }
}
