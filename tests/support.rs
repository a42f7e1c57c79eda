//! What several tests share: a key, times, and stores in folders of their own.

use std::io::Write as _;

use chrono::{DateTime, Utc};
use facts::{Batch, BatchBuilder, Fact, PersonKey};
use store::{MartRules, Store, StoreOptions};

/// A key for hashing people.
pub fn key() -> PersonKey {
    PersonKey::new(b"a secret for the tests only").unwrap()
}

/// An instant, from RFC 3339.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text} is no time"))
}

/// A new store in a folder.
pub fn store_in(folder: &tempfile::TempDir) -> Store {
    let options = StoreOptions {
        path: folder.path().join("test.duckdb"),
        rules: MartRules::default(),
        ..StoreOptions::default()
    };
    Store::open(&options, at("2026-01-01T00:00:00Z")).unwrap()
}

/// A batch of facts of one kind from the source `test`.
pub fn batch<F: Fact>(facts: &[F]) -> Batch {
    batch_of("test", facts)
}

/// A batch of facts of one kind from a source.
pub fn batch_of<F: Fact>(source: &str, facts: &[F]) -> Batch {
    let mut builder = BatchBuilder::new(F::SPEC.kind, &key(), source, at("2026-01-01T00:00:00Z"));
    for fact in facts {
        builder.push_fact(fact).unwrap();
    }
    builder.finish()
}

/// An engine with the product's metrics, cutting buckets in a zone.
pub fn engine(store: &Store, zone: &str) -> analytics::Engine {
    let options = analytics::EngineOptions {
        zone: analytics::parse_zone(zone).unwrap(),
        lead_time_start: analytics::LeadTimeStart::FirstCommit,
        settings: analytics::Settings::default(),
    };
    analytics::Engine::new(store.clone(), analytics::Catalogue::read(sql::METRICS).unwrap(), options)
}

/// The answer to a question in words: metric, from, to, grain, groups, filters. The present is 2026-01-01.
pub fn ask(
    engine: &analytics::Engine,
    metric: &str,
    from: &str,
    to: &str,
    grain: &str,
    by: &str,
    filter: &str,
) -> analytics::Answer {
    let now = at("2026-01-01T00:00:00Z");
    let question = analytics::Question {
        metric: metric.into(),
        from: Some(from.into()),
        to: Some(to.into()),
        grain: Some(grain.into()),
        by: vec![by.into()],
        filters: vec![filter.into()],
    };
    let ask = question.read(engine.options().zone, now).unwrap();
    (*engine.answer(&ask, now).unwrap()).clone()
}

/// What the rows of a metric in March 2025 say of why their value is what it is, by what they are about.
pub fn because(store: &Store, metric: &str) -> Vec<(String, Option<String>)> {
    let question = analytics::Question {
        metric: metric.to_owned(),
        from: Some("2025-03-01".into()),
        to: Some("2025-04-01".into()),
        grain: Some("all".into()),
        by: Vec::new(),
        filters: Vec::new(),
    };
    let now = at("2026-01-01T00:00:00Z");
    let ask = question.read(chrono_tz::UTC, now).unwrap();
    let page = engine(store, "UTC").observations(&ask, 0, 100, now).unwrap();
    let mut said: Vec<_> =
        page.observations.into_iter().map(|row| (row.subject.unwrap_or_default(), row.because)).collect();
    said.sort();
    said
}

/// A successful deployment to production, to be changed where a test needs another.
pub fn deployment(id: &str, service: &str, finished_at: &str) -> facts::Deployment {
    facts::Deployment {
        id: id.into(),
        service: service.into(),
        environment: "production".into(),
        finished_at: at(finished_at),
        result: facts::DeploymentResult::Success,
        started_at: None,
        revision: None,
        previous_revision: None,
        repository: None,
        kind: None,
        actor: None,
        url: None,
    }
}

/// A merged change of a repository.
pub fn change(id: &str, repository: &str, merged_at: &str) -> facts::Change {
    facts::Change {
        id: id.into(),
        repository: repository.into(),
        merged_at: at(merged_at),
        merge_revision: None,
        first_commit_at: None,
        opened_at: None,
        first_review_at: None,
        approved_at: None,
        author: None,
        additions: None,
        deletions: None,
        reverts: None,
        title: None,
        url: None,
    }
}

/// An incident of a service.
pub fn incident(
    id: &str,
    service: Option<&str>,
    opened_at: &str,
    resolved_at: Option<&str>,
    cause: Option<&str>,
) -> facts::Incident {
    facts::Incident {
        id: id.into(),
        opened_at: at(opened_at),
        service: service.map(String::from),
        acknowledged_at: None,
        resolved_at: resolved_at.map(at),
        severity: None,
        caused_by_deployment: cause.map(String::from),
        title: None,
        url: None,
    }
}

/// A catalogue entry.
pub fn service(name: &str, valid_from: &str, team: &str, repository: Option<&str>) -> facts::Service {
    facts::Service {
        name: name.into(),
        valid_from: Some(at(valid_from)),
        team: Some(team.into()),
        system: None,
        lifecycle: None,
        kind: None,
        repository: repository.map(String::from),
        template: None,
        template_version: None,
        pipeline: None,
        pipeline_version: None,
        retired: None,
        url: None,
    }
}

/// The commit that a deployment brought.
pub fn deployed(deployment: &str, revision: &str) -> facts::DeployedCommit {
    facts::DeployedCommit { deployment_id: deployment.into(), revision: revision.into(), repository: None, url: None }
}

/// Writes batches to a store.
pub fn write(store: &Store, batches: &[Batch]) {
    store.write(batches, None, at("2026-01-01T00:00:00Z")).unwrap();
}

/// A content, packed.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
