//! How long the delivery metrics take to answer, and how much memory that needs. Runs in a process of its own, so that
//! the memory is that of a server and not that of whoever made the facts.

use std::path::Path;
use std::time::Instant;

use analytics::{Aggregate, Ask, Engine, Question};
use chrono::{DateTime, TimeDelta, Utc};
use store::Value;

use super::memory;
use super::organisation::{Organisation, team_name};
use super::report::Figure;
use crate::context::Context;

/// The metrics, the composed one last: it asks for five of the others, and has their answers at hand.
const METRICS: [&str; 9] = [
    "deployment_frequency",
    "change_lead_time",
    "commit_lead_time",
    "undeployed_changes",
    "change_fail_rate",
    "failed_deployment_recovery_time",
    "deployment_rework_rate",
    "time_to_restore",
    "dora_score",
];

/// The columns that each metric has to read: its mart, the column of time, and the others.
const SCANS: [(&str, &str, &str, &[&str]); 8] = [
    ("deployment_frequency", "deployment_outcome", "finished_at", &["is_rollout"]),
    (
        "change_lead_time",
        "change_delivery",
        "deployed_at",
        &["first_commit_at", "coding_seconds", "pickup_seconds", "review_seconds", "deploy_seconds", "is_bot"],
    ),
    ("commit_lead_time", "commit_bundle", "deployed_at", &["lead_seconds"]),
    ("undeployed_changes", "change_delivery", "merged_at", &["deployed_at", "is_bot"]),
    ("change_fail_rate", "deployment_outcome", "finished_at", &["is_live", "is_failed"]),
    (
        "failed_deployment_recovery_time",
        "deployment_outcome",
        "finished_at",
        &["is_failed", "impact_at", "recovered_at"],
    ),
    ("deployment_rework_rate", "deployment_outcome", "finished_at", &["is_live", "is_rework"]),
    ("time_to_restore", "incident_outcome", "opened_at", &["resolved_at"]),
];

const ROUNDS: usize = 5;
const TOGETHER_MS: f64 = 150.0;
const ONE_TEAM_MS: f64 = 50.0;
const ONE_METRIC_MS: f64 = 300.0;
const CATALOGUE_MS: f64 = 3_000.0;
const AGAIN_MS: f64 = 5.0;
const MEMORY_MIB: f64 = 2_048.0;

/// Measures the answers over the store of an organisation.
pub fn measure(store: &Path, organisation: &Organisation) -> anyhow::Result<Vec<Figure>> {
    let context = Context::read(None, Some(store.to_path_buf()))?;
    let engine = context.engine(context.open_store()?)?;
    let queries = Queries { engine, now: organisation.end() };
    let allowance = organisation.scale.allowance;
    let mut figures = Vec::new();
    for (by, words) in [("", "all teams"), ("team", "by team")] {
        let asks = queries.asks(by, "")?;
        let mut measured = queries.each_and_together(&asks, words)?;
        for figure in &mut measured {
            figure.scan_ms = queries.scan(&figure.name, by)?;
        }
        let together = measured.pop();
        figures.extend(measured);
        figures.extend(together.map(|figure| figure.at_most("queries together", TOGETHER_MS * allowance)));
    }
    let everything = [queries.asks("", "")?, queries.asks("team", "")?].concat();
    figures.push(queries.together(&everything, "all nine, all teams and by team", Engine::forget)?);
    let by_team = queries.asks("team", "")?;
    figures.push(queries.together(&by_team, "all nine, by team, of changed data", Engine::forget_all)?);

    let team = format!("team={}", team_name(0));
    let of_team = queries.each_and_together(&queries.asks("", &team)?, "one team")?;
    let together = of_team.into_iter().next_back();
    figures.extend(together.map(|figure| figure.at_most("one team together", ONE_TEAM_MS * allowance)));
    figures.extend(queries.whole_catalogue(allowance)?);
    figures.push(queries.again(&everything)?.at_most("kept answers", AGAIN_MS));
    figures.push(Figure::new("peak memory of the queries", "MiB", memory::peak_mib()).at_most("memory", MEMORY_MIB));
    Ok(figures)
}

struct Queries {
    engine: Engine,
    now: DateTime<Utc>,
}

impl Queries {
    /// The questions: each metric weekly over the last year.
    fn asks(&self, by: &str, filter: &str) -> anyhow::Result<Vec<Ask>> {
        METRICS.iter().map(|metric| self.ask(metric, by, filter)).collect()
    }

    fn ask(&self, metric: &str, by: &str, filter: &str) -> anyhow::Result<Ask> {
        let question = Question {
            metric: metric.to_owned(),
            from: Some((self.now - TimeDelta::days(365)).to_rfc3339()),
            to: Some(self.now.to_rfc3339()),
            grain: Some("week".into()),
            by: vec![by.to_owned()],
            filters: vec![filter.to_owned()],
        };
        Ok(question.read(self.engine.options().zone, self.now)?)
    }

    /// One figure for each question, and at the end one for all of them, asked for at once.
    fn each_and_together(&self, asks: &[Ask], words: &str) -> anyhow::Result<Vec<Figure>> {
        let mut each = vec![Vec::new(); asks.len()];
        // The first round warms up: it opens connections and reads the columns into memory.
        for round in 0..=ROUNDS {
            self.engine.forget();
            for (ask, figure) in asks.iter().zip(&mut each) {
                let begun = Instant::now();
                self.engine.answer(ask, self.now)?;
                if round > 0 {
                    figure.push(milliseconds(begun));
                }
            }
        }
        let mut figures: Vec<Figure> = asks
            .iter()
            .zip(each)
            .map(|(ask, rounds)| Figure::of_rounds(format!("{}, {words}", ask.metric), "ms", rounds))
            .collect();
        figures.push(self.together(asks, &format!("all nine, {words}"), Engine::forget)?);
        Ok(figures)
    }

    /// Every metric of the catalogue by team, and by what it has where it has no team: the slowest of them, and all.
    fn whole_catalogue(&self, allowance: f64) -> anyhow::Result<Vec<Figure>> {
        let asks: Vec<Ask> = self
            .engine
            .catalogue()
            .metrics()
            .map(|metric| {
                let own = metric.dimensions.first().cloned().unwrap_or_default();
                self.ask(&metric.name, if metric.has_dimension("team") { "team" } else { &own }, "")
            })
            .collect::<anyhow::Result<_>>()?;
        let mut each = self.each_and_together(&asks, "by team")?;
        let together = each.pop();
        let slowest = each
            .into_iter()
            .max_by(|one, other| one.measured.unwrap_or_default().total_cmp(&other.measured.unwrap_or_default()));
        let mut figures = Vec::new();
        figures.extend(slowest.map(|figure| {
            let name = format!("slowest of {}: {}", asks.len(), figure.name);
            Figure { name, ..figure }.at_most("one metric of the catalogue", ONE_METRIC_MS * allowance)
        }));
        figures.extend(together.map(|figure| {
            let name = format!("all {} of the catalogue, by team", asks.len());
            Figure { name, ..figure }.at_most("catalogue together", CATALOGUE_MS * allowance)
        }));
        Ok(figures)
    }

    fn together(&self, asks: &[Ask], name: &str, forget: fn(&Engine)) -> anyhow::Result<Figure> {
        let rounds = (0..ROUNDS).map(|_| {
            forget(&self.engine);
            self.ask_all(asks)
        });
        Ok(Figure::of_rounds(name, "ms", rounds.collect::<anyhow::Result<_>>()?))
    }

    /// The same questions with nothing forgotten.
    fn again(&self, asks: &[Ask]) -> anyhow::Result<Figure> {
        self.ask_all(asks)?;
        let rounds = (0..ROUNDS).map(|_| self.ask_all(asks)).collect::<anyhow::Result<_>>()?;
        Ok(Figure::of_rounds("all nine, all teams and by team, asked again", "ms", rounds))
    }

    /// Asks for all at once, as a page does; what is composed of the others last.
    fn ask_all(&self, asks: &[Ask]) -> anyhow::Result<f64> {
        let begun = Instant::now();
        let aggregate = |ask: &Ask| Some(self.engine.catalogue().get(&ask.metric).ok()?.aggregate);
        let ahead = asks.iter().filter(|ask| aggregate(ask) != Some(Aggregate::Composed)).cloned().collect();
        self.engine.answer_ahead(ahead, self.now);
        for ask in asks {
            self.engine.answer(ask, self.now)?;
        }
        Ok(milliseconds(begun))
    }

    /// The time of the fastest scan of what a figure's metric reads, with no bucket, group or order made of it.
    fn scan(&self, figure: &str, by: &str) -> anyhow::Result<Option<f64>> {
        let Some((_, mart, time, columns)) = SCANS.iter().find(|(metric, ..)| figure.split(',').next() == Some(metric))
        else {
            return Ok(None);
        };
        let key = (!by.is_empty()).then(|| format!("{by}_key"));
        let columns = columns.iter().copied().chain(key.as_deref());
        let read: Vec<String> = columns.map(|column| format!("max({column})")).collect();
        // A state that began before the window may still hold in it.
        let from = if *time == "merged_at" { "" } else { " and $1 <= {time}" }.replace("{time}", time);
        let sql = format!(
            "select max({time}), {} from marts.{mart} where {time} < $2 and $1 is not null{from}",
            read.join(", ")
        );
        let window = [self.now - TimeDelta::days(365), self.now].map(|end| Value::Time(end.timestamp_micros()));
        let mut fastest = f64::INFINITY;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            self.engine.store().query(&sql, &window)?;
            fastest = fastest.min(milliseconds(begun));
        }
        Ok(Some(fastest))
    }
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}
