//! What a page is asked for: the parameters in its address, read into windows and filters, and written back into links.

use std::collections::BTreeMap;

use analytics::{
    AnalyticsError, Ask, DIMENSIONS, Engine, Grain, Metric, OWN_DIMENSIONS, Shape, Window, midnight, quoted,
};
use chrono::{DateTime, Datelike, Days, DurationRound, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use crate::dates;

/// The lengths of window that the form offers, in weeks.
pub const WEEKS_OFFERED: [u32; 5] = [4, 12, 26, 52, 104];

/// The length of window unless one is asked for.
pub const USUAL_WEEKS: u32 = 12;

const MOST_WEEKS: u32 = 520;

/// The parameters as they stand in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Parameters {
    /// Complete weeks up to now. Stands above `from` and `to`.
    window: Option<String>,
    /// day, week, month or quarter.
    grain: Option<String>,
    /// A team's name; empty for all, as the form sends it.
    team: Option<String>,
    /// A service's name; empty for all.
    service: Option<String>,
    /// Begin of the window: a day, month, year or instant.
    from: Option<String>,
    /// End of the window, not included.
    to: Option<String>,
    /// Rows to skip, on the page of rows.
    offset: Option<String>,
    /// All others: the dimensions of a metric, each with the name that is asked for.
    #[serde(flatten)]
    further: BTreeMap<String, String>,
}

/// The parameters of every page.
const PARAMETERS: [&str; 7] = ["window", "grain", "team", "service", "from", "to", "offset"];

/// What a page shows: which time, how it is cut, and of whom.
#[derive(Debug, Clone)]
pub struct Filters {
    /// The reporting zone.
    pub zone: Tz,
    /// Now, to the minute.
    pub now: DateTime<Utc>,
    /// The span that figures are of. Asked for in weeks it ends with the last complete one.
    pub window: Window,
    /// The span that charts and tables show: the same, and the running week where the window ends before it.
    pub shown: Window,
    /// The length of a bucket.
    pub grain: Grain,
    /// The window's length, where it was asked for in weeks.
    pub weeks: Option<u32>,
    /// Only this team.
    pub team: Option<String>,
    /// Only this service.
    pub service: Option<String>,
    /// Further dimensions of the page's metric, each with the name that it is of.
    pub own: Vec<(&'static str, String)>,
    /// Rows to skip.
    pub offset: u64,
}

impl Filters {
    /// Reads the parameters of a page, where it is of one metric also this metric's dimensions; the error says what would do.
    pub fn read(
        parameters: Parameters,
        metric: Option<&Metric>,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Filters, AnalyticsError> {
        // The engine keeps an answer while the question stays the same, so the end of the running week moves on by the
        // minute, not with every look.
        let now = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let grain = said(parameters.grain).map_or(Ok(Grain::Week), |name| Grain::parse(&name))?;
        let (from, to) = (said(parameters.from), said(parameters.to));
        let weeks = match said(parameters.window) {
            Some(text) => Some(parse_weeks(&text)?),
            None if from.is_none() && to.is_none() => Some(USUAL_WEEKS),
            None => None,
        };
        let (window, shown) = match weeks {
            Some(weeks) => {
                let monday = monday_of(now.with_timezone(&zone).date_naive());
                let from = midnight(zone, monday - Days::new(7 * u64::from(weeks)));
                (Window { from, to: midnight(zone, monday) }, Window { from, to: now.max(midnight(zone, monday)) })
            }
            None => {
                let window = Window::parse(from.as_deref(), to.as_deref(), grain, zone, now)?;
                (window, window)
            }
        };
        let offset = said(parameters.offset).map_or(Ok(0), |text| {
            let offset = text.parse::<u32>().map(u64::from);
            offset.map_err(|_| {
                AnalyticsError::BadQuestion(format!("`{text}` is no number of rows to skip; leave offset out"))
            })
        })?;
        let (team, service) = (said(parameters.team), said(parameters.service));
        let own = further(parameters.further, metric)?;
        Ok(Filters { zone, now, window, shown, grain, weeks, team, service, own, offset })
    }

    /// The span of the same length right before the window.
    pub fn previous(&self) -> Window {
        let day = |time: DateTime<Utc>| time.with_timezone(&self.zone).date_naive();
        let (first, last) = (day(self.window.from), day(self.window.to));
        // Between midnights it is counted in days, so that a change of the clocks does not shift it.
        let is_whole_days =
            midnight(self.zone, first) == self.window.from && midnight(self.zone, last) == self.window.to;
        let from = match u64::try_from(last.signed_duration_since(first).num_days()) {
            Ok(days) if is_whole_days => midnight(self.zone, first - Days::new(days)),
            _ => self.window.from - (self.window.to - self.window.from),
        };
        Window { from, to: self.window.from }
    }

    /// The question for a metric over a window, for the team and service that the page is of.
    pub fn ask(&self, metric: &str, window: Window, grain: Grain, by: Option<&'static str>) -> Ask {
        let filter = |dimension, name: &Option<String>| name.clone().map(|name| (dimension, vec![name]));
        Ask {
            metric: metric.to_owned(),
            window,
            grain,
            by: by.into_iter().collect(),
            stages: false,
            filters: [filter("team", &self.team), filter("service", &self.service)]
                .into_iter()
                .flatten()
                .chain(self.own.iter().map(|(dimension, name)| (*dimension, vec![name.clone()])))
                .collect(),
        }
    }

    /// Those that a metric has, and the dimensions that it is not told by although the page is of one. Of a metric that is
    /// computed for few buckets only, these are as short as they can be.
    pub fn fitting(&self, metric: &Metric) -> (Filters, Vec<&'static str>) {
        let mut fitting = self.clone();
        let mut dropped = Vec::new();
        for (dimension, chosen) in [("team", &mut fitting.team), ("service", &mut fitting.service)] {
            if chosen.is_some() && !metric.has_dimension(dimension) {
                *chosen = None;
                dropped.push(dimension);
            }
        }
        let is_too_fine = |filters: &Filters| {
            let buckets = filters.shown.buckets(filters.grain, filters.zone, filters.now);
            metric.most_buckets().zip(buckets.ok()).is_some_and(|(most, buckets)| buckets.len() > most)
        };
        while is_too_fine(&fitting) {
            fitting.grain = fitting.grain.coarser();
        }
        (fitting, dropped)
    }

    /// The same, over another time.
    pub fn over(&self, window: Window) -> Filters {
        Filters { window, shown: window, ..self.clone() }
    }

    /// The same, of another team.
    pub fn of_team(&self, team: &str) -> Filters {
        Filters { team: Some(team.to_owned()), ..self.clone() }
    }

    /// The same, of another service.
    pub fn of_service(&self, service: &str) -> Filters {
        Filters { service: Some(service.to_owned()), ..self.clone() }
    }

    /// The same, of one name of another dimension.
    pub fn of_own(&self, dimension: &'static str, name: &str) -> Filters {
        let mut filters = self.without(dimension);
        filters.own.push((dimension, name.to_owned()));
        filters
    }

    /// The same for a metric of which some values are never added: of one name only, where there are several.
    pub fn one_of(&self, engine: &Engine, metric: &Metric) -> Result<Filters, AnalyticsError> {
        let Some(apart) = &metric.apart else { return Ok(self.clone()) };
        let Some(dimension) = metric.own_dimensions().find(|own| *own == apart.dimension) else {
            return Ok(self.clone());
        };
        if self.name_in(dimension).is_some() {
            return Ok(self.clone());
        }
        let names = engine.names_in(metric, dimension, self.now)?;
        // The engine's own choice, so that a page and the command line are of the same name.
        let ask = self.ask(&metric.name, self.window, Grain::All, None);
        let chosen = engine.rests_on(metric, &ask, self.now)?.map(|on| on.name);
        let preferred = names.iter().find(|name| Some(*name) == chosen.as_ref()).or_else(|| names.first());
        Ok(preferred.map_or_else(|| self.clone(), |name| self.of_own(dimension, name)))
    }

    /// The name that the page is of in a further dimension.
    pub fn name_in(&self, dimension: &str) -> Option<&str> {
        self.own.iter().find(|(own, _)| *own == dimension).map(|(_, name)| name.as_str())
    }

    /// The same of all teams, services and whatever else there is.
    pub fn of_all_names(&self) -> Filters {
        Filters { team: None, service: None, own: Vec::new(), ..self.clone() }
    }

    /// The same for a page that is not of this metric.
    pub fn of_no_metric(&self) -> Filters {
        Filters { own: Vec::new(), ..self.clone() }
    }

    /// The same over all names of a further dimension.
    pub fn without(&self, dimension: &str) -> Filters {
        let own = self.own.iter().filter(|(own, _)| *own != dimension).cloned().collect();
        Filters { own, ..self.clone() }
    }

    /// The same over the time that a metric's figure is of: what holds is looked at as it is now, what happens is counted up
    /// to the last complete week.
    pub fn of_figure(&self, metric: &Metric) -> Filters {
        if metric.shape == Shape::Event || self.shown == self.window {
            return self.clone();
        }
        Filters { weeks: None, ..self.over(self.shown) }
    }

    /// The address of a page with these filters. What is usual is left out.
    pub fn link(&self, path: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self.weeks {
            Some(USUAL_WEEKS) => {}
            Some(weeks) => drop(query.append_pair("window", &weeks.to_string())),
            None => self.append_ends(&mut query, self.window),
        }
        if self.grain != Grain::Week {
            query.append_pair("grain", self.grain.as_str());
        }
        self.append_names(&mut query);
        address(path, &query.finish())
    }

    /// The address of the rows behind a metric's figure over a window; the page after `offset` rows.
    pub fn rows_link(&self, metric: &str, window: Window, offset: u64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        self.append_ends(&mut query, window);
        self.append_names(&mut query);
        if offset > 0 {
            query.append_pair("offset", &offset.to_string());
        }
        address(&format!("/m/{metric}/rows"), &query.finish())
    }

    /// The address of the same rows as a file.
    pub fn rows_file_link(&self, metric: &str) -> String {
        self.rows_link(metric, self.window, 0).replacen("/rows", "/rows.csv", 1)
    }

    /// The address of the same rows as JSON.
    pub fn observations_link(&self, metric: &str) -> String {
        self.link_to_api(&format!("{metric}/observations"), self.window, None)
    }

    /// The address of the same figures as JSON.
    pub fn json_link(&self, metric: &str, window: Window, grain: Grain) -> String {
        self.link_to_api(metric, window, Some(grain))
    }

    /// The address of how the durations behind a metric's figure over a window are spread, as JSON.
    pub fn distribution_link(&self, metric: &str, window: Window) -> String {
        self.link_to_api(&format!("{metric}/distribution"), window, None)
    }

    fn link_to_api(&self, of_metric: &str, window: Window, grain: Option<Grain>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        self.append_ends(&mut query, window);
        if let Some(grain) = grain {
            query.append_pair("grain", grain.as_str());
        }
        self.append_where(&mut query);
        address(&format!("/v1/metrics/{of_metric}"), &query.finish())
    }

    /// The filters as the API writes them.
    fn append_where(&self, query: &mut form_urlencoded::Serializer<'_, String>) {
        let named = [("team", &self.team), ("service", &self.service)];
        let filters: Vec<String> = (named.iter())
            .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={}", quoted(value))))
            .chain(self.own.iter().map(|(dimension, name)| format!("{dimension}={}", quoted(name))))
            .collect();
        if !filters.is_empty() {
            query.append_pair("where", &filters.join(";"));
        }
    }

    fn append_ends(&self, query: &mut form_urlencoded::Serializer<'_, String>, window: Window) {
        query.append_pair("from", &dates::for_address(self.zone, window.from));
        query.append_pair("to", &dates::for_address(self.zone, window.to));
    }

    fn append_names(&self, query: &mut form_urlencoded::Serializer<'_, String>) {
        for (name, value) in [("team", &self.team), ("service", &self.service)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        for (dimension, name) in &self.own {
            query.append_pair(dimension, name);
        }
    }
}

/// The names asked for in a metric's dimensions. Another parameter is refused: a misspelt filter would else show the figures
/// of everything as if they were those of one name.
fn further(
    asked: BTreeMap<String, String>,
    metric: Option<&Metric>,
) -> Result<Vec<(&'static str, String)>, AnalyticsError> {
    let is_own = |dimension: &&str| metric.is_some_and(|metric| metric.has_dimension(dimension));
    let dimensions: Vec<&'static str> = DIMENSIONS
        .into_iter()
        .chain(OWN_DIMENSIONS)
        .filter(|dimension| !PARAMETERS.contains(dimension) && is_own(dimension))
        .collect();
    let mut own = Vec::new();
    for (name, value) in asked {
        let Some(dimension) = dimensions.iter().find(|dimension| **dimension == name) else {
            let known = [&PARAMETERS[..], &dimensions].concat();
            let (hint, known) = (facts::did_you_mean(&name, &known), known.join(", "));
            let message = format!("there is no parameter `{name}`{hint}; the parameters are {known}");
            return Err(AnalyticsError::BadQuestion(message));
        };
        if !value.trim().is_empty() {
            own.push((*dimension, value.trim().to_owned()));
        }
    }
    Ok(own)
}

fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

fn parse_weeks(text: &str) -> Result<u32, AnalyticsError> {
    let weeks = text.parse().ok().filter(|weeks| (1..=MOST_WEEKS).contains(weeks));
    weeks.ok_or_else(|| {
        AnalyticsError::BadQuestion(format!(
            "`{text}` is no window; write a number of weeks from 1 to {MOST_WEEKS}, or from=2026-01-01 and to=2026-04-01 in its place"
        ))
    })
}
