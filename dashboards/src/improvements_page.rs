//! The improvements: which there are, and what each did to a metric.

use analytics::compare::{self, Comparison, DesignAnswer, Improvement, words};
use analytics::people::{self, UNKNOWN};
use analytics::{AnalyticsError, Engine, Metric, midnight};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use crate::address::{segment, with};
use crate::dates;
use crate::event_chart;
use crate::group_table::capital;
use crate::layout::{self, Place};
use crate::table_file::{TableFile, number};
use crate::words::with_code;

/// The metric that is compared unless another is asked for.
const USUAL: &str = "change_lead_time";

/// What is compared, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The metric, or one stage of it.
    metric: Option<String>,
    /// Begin of the window.
    from: Option<String>,
    /// End of the window, not included.
    to: Option<String>,
}

/// The list.
pub fn list(engine: &Engine) -> Result<Markup, AnalyticsError> {
    let found = compare::improvements(engine.store())?;
    let main = html! {
        h1 { "Improvements" }
        p.lead { "What was changed to make delivery better, where it arrived, and what it did: each opens onto its comparison." }
        @if found.is_empty() {
            div.notice {
                p { "No improvement is known yet. They are facts of kind improvement: its name, when it arrived, and at which team or service." }
                p { code { "cairn import improvement --columns" } }
            }
        } @else {
            div.scroll.fit role="region" aria-label="Improvements" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Improvement" }
                        th scope="col" { "Announced" }
                        th scope="col" { "First arrival" }
                        th scope="col" { "Last arrival" }
                        th scope="col" { "Teams" }
                        th scope="col" { "Services" }
                    } }
                    tbody {
                        @for one in &found {
                            tr {
                                th scope="row" { a href={ "/improvements/" (segment(&one.name)) } { (one.name) } }
                                td { (day(engine, one.announced_at)) }
                                td { (day(engine, one.first_at)) }
                                td { (day(engine, one.last_at)) }
                                td { (people::count(one.teams)) }
                                td { (people::count(one.services)) }
                            }
                        }
                    }
                }
            }
            (layout::also("/v1/improvements", "/improvements.csv"))
        }
    };
    Ok(layout::page("Improvements", Place::At("/improvements"), &main))
}

/// The list as a file.
pub fn list_file(engine: &Engine) -> Result<TableFile, AnalyticsError> {
    let mut file = TableFile::of(&["name", "announced_at", "first_at", "last_at", "teams", "services"]);
    for one in compare::improvements(engine.store())? {
        let Improvement { name, announced_at, first_at, last_at, teams, services } = one;
        let time = |time: Option<DateTime<Utc>>| time.map(dates::machine);
        let [announced_at, first_at, last_at] = [announced_at, first_at, last_at].map(time);
        file.push(vec![
            Some(name),
            announced_at,
            first_at,
            last_at,
            Some(teams.to_string()),
            Some(services.to_string()),
        ]);
    }
    Ok(file)
}

/// One improvement against one metric.
pub fn one(engine: &Engine, name: &str, asked: &Parameters, now: DateTime<Utc>) -> Result<Markup, AnalyticsError> {
    let found = compare_with(engine, name, asked, now);
    // That nothing can be compared is an answer; that there is no such improvement or metric is not.
    let found = match found {
        Err(AnalyticsError::BadQuestion(message)) => Err(message),
        found => Ok(found?),
    };
    let path = format!("/improvements/{}", segment(name));
    let metric = metric(asked);
    let ends = [("metric", Some(metric)), ("from", asked.from.as_deref()), ("to", asked.to.as_deref())];
    let main = html! {
        nav.crumbs aria-label="Where this is" { a href="/improvements" { "Improvements" } " / " (name) }
        h1 { (name) }
        @if let Ok(found) = &found { p.lead { (arrivals(engine, found)) } }
        (form(engine, asked, &path))
        @match &found {
            Err(message) => div.notice { p { (with_code(&capital(message))) "." } },
            Ok(found) => {
                p.verdict { (capital(&found.says)) "." }
                @for design in &found.designs { (self::design(found, design)) }
                @let query = [&ends[..], &[("improvement", Some(name))]].concat();
                (adopters(engine, name, metric, now)?)
                (layout::also(&with("/v1/comparisons", &query), &with(&format!("{path}/comparison.csv"), &ends)))
            }
        }
    };
    Ok(layout::page(name, Place::At("/improvements"), &main))
}

/// Where it arrived, each leading to the metric there from twelve weeks before to twelve after.
fn adopters(engine: &Engine, name: &str, metric: &str, now: DateTime<Utc>) -> Result<Markup, AnalyticsError> {
    let found = compare::adopters(engine.store(), name, now)?;
    // A stage is shown on its metric's page.
    let metric = metric.split('.').next().unwrap_or(metric);
    let zone = engine.options().zone;
    let leading = |adopter: &compare::Adopter| {
        let day_of = |time: DateTime<Utc>| midnight(zone, time.with_timezone(&zone).date_naive());
        let from = dates::for_address(zone, day_of(adopter.at - TimeDelta::weeks(12)));
        let to = Some(day_of(adopter.at + TimeDelta::weeks(12)))
            .filter(|to| *to < now)
            .map(|to| dates::for_address(zone, to));
        let team = adopter.team.as_deref().filter(|_| adopter.service.is_none());
        let ends = [("from", Some(from.as_str())), ("to", to.as_deref())];
        with(
            &format!("/m/{}", segment(metric)),
            &[&ends[..], &[("team", team), ("service", adopter.service.as_deref())]].concat(),
        )
    };
    Ok(html! {
        @if !found.is_empty() {
            section aria-labelledby="adopters" {
                h2 #adopters { "Where it arrived" }
                p.small { "Effects are those of all adopters together: of one alone there is too little to tell its effect from chance." }
                div.scroll.fit role="region" aria-label="Teams and services that it arrived at" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Team or service" }
                            th scope="col" { "Arrived" }
                            th scope="col" { "Twelve weeks before and after" }
                        } }
                        tbody {
                            @for adopter in &found {
                                @let who = adopter.service.as_ref().or(adopter.team.as_ref());
                                tr {
                                    th scope="row" { @if let Some(who) = who { (who) } }
                                    td { (day(engine, Some(adopter.at))) }
                                    td { a href=(leading(adopter)) { "figures" @if let Some(who) = who { span.hidden { " of " (who) } } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// What the designs found, as a file.
pub fn one_file(
    engine: &Engine,
    name: &str,
    asked: &Parameters,
    now: DateTime<Utc>,
) -> Result<TableFile, AnalyticsError> {
    let found = compare_with(engine, name, asked, now)?;
    let columns =
        &["metric", "improvement", "design", "verb", "measure", "period", "value", "low", "high", "n", "unit"];
    let mut file = TableFile::of(columns);
    for design in &found.designs {
        let mut put = |measure: compare::Measure, period: Option<isize>, ends: [Option<f64>; 3], n: usize| {
            let [value, low, high] = ends.map(number);
            file.push(vec![
                Some(found.metric.clone()),
                Some(found.improvement.clone()),
                Some(design.design.title().to_owned()),
                design.verb.map(|verb| verb.as_str().to_owned()),
                Some(measure.as_str().to_owned()),
                period.map(|period| period.to_string()),
                value,
                low,
                high,
                Some(n.to_string()),
                Some(found.unit.clone()),
            ]);
        };
        for effect in &design.effects {
            let ends = [effect.value, effect.low, effect.high].map(Some);
            put(effect.measure, None, ends, design.n.observations);
        }
        if let Some(first) = design.effects.first() {
            for time in &design.event_times {
                put(first.measure, Some(time.since), [Some(time.value), time.low, time.high], time.n);
            }
        }
    }
    Ok(file)
}

fn metric(asked: &Parameters) -> &str {
    asked.metric.as_deref().map(str::trim).filter(|metric| !metric.is_empty()).unwrap_or(USUAL)
}

fn compare_with(
    engine: &Engine,
    name: &str,
    asked: &Parameters,
    now: DateTime<Utc>,
) -> Result<Comparison, AnalyticsError> {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let question = compare::CompareQuestion {
        metric: metric(asked).to_owned(),
        improvement: name.to_owned(),
        from: said(&asked.from),
        to: said(&asked.to),
    };
    engine.compare(&question, now)
}

fn day(engine: &Engine, time: Option<DateTime<Utc>>) -> Markup {
    html! {
        @match time {
            Some(time) => time datetime=(dates::machine(time)) { (dates::day(engine.options().zone, time)) },
            None => (UNKNOWN),
        }
    }
}

fn arrivals(engine: &Engine, found: &Comparison) -> Markup {
    let adopters = &found.adopters;
    let what = adopters.arrival.as_str();
    html! {
        "At " (adopters.n_adopters) " " (what) "s"
        @if let (Some(first), Some(last)) = (adopters.first_at, adopters.last_at) {
            ", from " (day(engine, Some(first))) " to " (day(engine, Some(last)))
        }
        "; " (adopters.n_not_yet) " not yet."
        @if adopters.n_without_before > 0 {
            " " (adopters.n_without_before) " left out, since nothing was observed there before."
        }
        @if adopters.n_unseen > 0 { " " (adopters.n_unseen) " arrivals where nothing was observed at all." }
        " Seen from " (day(engine, Some(found.window.from))) " to " (day(engine, Some(found.window.to)))
        "; " (people::count(found.n_usable)) " of " (people::count(found.n_relevant)) " observations usable."
    }
}

fn form(engine: &Engine, asked: &Parameters, path: &str) -> Markup {
    let chosen = metric(asked);
    let options = |metric: &Metric| {
        let title = engine.title(metric);
        let stages =
            metric.stages.iter().map(|stage| (format!("{}.{stage}", metric.name), format!("{title}: {stage}")));
        [(metric.name.clone(), title.clone())].into_iter().chain(stages).collect::<Vec<_>>()
    };
    let known: Vec<(String, String)> = compare::comparable(engine.catalogue()).into_iter().flat_map(options).collect();
    html! {
        form.filters method="get" action=(path) aria-label="What to compare" {
            div {
                label for="metric" { "Metric" }
                select #metric name="metric" {
                    @if !known.iter().any(|(name, _)| name == chosen) { option value=(chosen) selected { (chosen) } }
                    @for (name, title) in &known { option value=(name) selected[name == chosen] { (title) } }
                }
            }
            div {
                label for="from" { "From (first observation)" }
                input #from type="date" name="from" value=[asked.from.as_deref()];
            }
            div {
                label for="to" { "To (now)" }
                input #to type="date" name="to" value=[asked.to.as_deref()];
            }
            button type="submit" { "Compare" }
        }
    }
}

fn design(found: &Comparison, design: &DesignAnswer) -> Markup {
    let id = format!("{:?}", design.design).to_lowercase();
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (capital(design.design.title())) }
            p {
                "The most it allows to say: "
                span.tag { @match design.verb { Some(verb) => { "“" (verb.as_str()) "”" }, None => "too little to tell" } }
            }
            p { (capital(&design.says)) "." }
            @if let Some(enough) = &design.enough { p { "Enough would be " (enough) "." } }
            p.small {
                (people::count(design.n.observations as u64)) " observations, " (design.n.services) " services, "
                (design.n.teams) " teams."
                @if !design.method.is_empty() { " " (capital(&design.method)) "." }
                @if let Some(p) = design.p { " p = " (format!("{p:.4}")) " of no shift." }
            }
            @if !design.effects.is_empty() { (effects(found, design)) }
            @if !design.assumptions.is_empty() { (assumptions(design)) }
            @if !design.event_times.is_empty() { (before_and_after(found, design)) }
        }
    }
}

fn effects(found: &Comparison, design: &DesignAnswer) -> Markup {
    html! {
        div.scroll.fit role="region" aria-label={ "Effects by " (design.design.title()) } tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Measured as" }
                    th scope="col" { "Effect" }
                    th scope="col" { "95 % from" }
                    th scope="col" { "to" }
                    th scope="col" { "Clear" }
                } }
                tbody {
                    @for effect in &design.effects {
                        @let say = |value| words::amount(&found.unit, effect.measure, value);
                        tr {
                            th scope="row" { (capital(effect.measure.title())) }
                            td { (say(effect.value)) }
                            td { (say(effect.low)) }
                            td { (say(effect.high)) }
                            td { @if effect.is_clear() { "yes" } @else { "no: no change lies within" } }
                        }
                    }
                }
            }
        }
    }
}

fn assumptions(design: &DesignAnswer) -> Markup {
    html! {
        h3 { "What must be so, and whether it is" }
        div.scroll.fit role="region" aria-label={ "Assumptions of " (design.design.title()) } tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "What must be so" }
                    th scope="col" { "Holds" }
                    th scope="col" { "Because" }
                } }
                tbody {
                    @for assumption in &design.assumptions {
                        tr {
                            th scope="row" { (capital(&assumption.says)) }
                            td {
                                @match assumption.holds {
                                    Some(true) => "yes",
                                    Some(false) => strong.trend.worse { "no" },
                                    None => "not known",
                                }
                            }
                            td.words { (assumption.because) }
                        }
                    }
                }
            }
        }
    }
}

fn before_and_after(found: &Comparison, design: &DesignAnswer) -> Markup {
    let Some(measure) = design.effects.first().map(|effect| effect.measure) else { return html! {} };
    let n_before = design.event_times.iter().filter(|time| time.since < 0).count();
    let description = format!(
        "Effect by period before and after the arrival: {n_before} periods before, {} from it on. The table below has every value.",
        design.event_times.len() - n_before
    );
    let end =
        |end: Option<f64>| end.map_or_else(|| UNKNOWN.to_owned(), |value| words::amount(&found.unit, measure, value));
    html! {
        h3 { "Before and after the arrival" }
        figure {
            div.scroll.latest role="region" aria-label="Chart of the effect before and after" tabindex="0" {
                (event_chart::chart(&found.unit, measure, &design.event_times, &description))
            }
            figcaption {
                "Periods of " (found.period_weeks) " weeks from the arrival. The hollow dot is the period that all others are compared with. "
                "Where the dots before lie about 0, adopters went along with the others until the arrival; bars are 95 % intervals."
            }
        }
        div.scroll.fit role="region" aria-label="Effect by period" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Period" }
                    th scope="col" { "Effect" }
                    th scope="col" { "95 % from" }
                    th scope="col" { "to" }
                    th scope="col" { "Adopters" }
                } }
                tbody {
                    @for time in &design.event_times {
                        tr {
                            th scope="row" { (time.since) }
                            td { @if time.low.is_none() { "compared with" } @else { (end(Some(time.value))) } }
                            td { (end(time.low)) }
                            td { (end(time.high)) }
                            td { (time.n) }
                        }
                    }
                }
            }
        }
    }
}
