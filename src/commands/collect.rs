//! `cairn collect`: facts from a source, with its cursor.

use std::process::ExitCode;

use collectors::git::{self, Scope, TagPattern};
use facts::{Batch, BatchBuilder, Fact, PersonKey};
use store::CursorUpdate;

use crate::cli::{Collect, CollectFrom, CollectGit};
use crate::commands::figures;
use crate::context::Context;
use crate::progress::Progress;
use crate::tables;

/// Runs the command.
pub(crate) fn run(context: &Context, collect: &Collect) -> anyhow::Result<ExitCode> {
    match &collect.git {
        Some(CollectFrom::Git(git)) => run_git(context, git),
        None => super::sources::run(context, collect),
    }
}

fn run_git(context: &Context, asked: &CollectGit) -> anyhow::Result<ExitCode> {
    let options = git::Options {
        path: asked.path.clone(),
        service: asked.service.clone(),
        team: asked.team.clone(),
        tags: TagPattern::parse(&asked.tags).map_err(anyhow::Error::msg)?,
        environment: asked.environment.clone(),
        branch: asked.branch.clone(),
        include_first: asked.include_first,
    };
    let store = context.open_store()?;
    store.be_bounded();
    let key = context.person_key()?;
    let now = crate::now();
    let mut progress = Progress::of_things("reading commits");
    let source = git::source(&options)?;
    let cursor = store.cursor(&source)?;
    let collected = git::collect(&options, cursor.as_deref(), &mut |commits| progress.at(commits))?;

    progress.say("writing");
    let facts = &collected.facts;
    let mut batches = Vec::new();
    batches.extend(batch(&facts.teams, &key, &collected.source, now)?);
    batches.extend(batch(&facts.services, &key, &collected.source, now)?);
    batches.extend(batch(&facts.deployments, &key, &collected.source, now)?);
    batches.extend(batch(&facts.changes, &key, &collected.source, now)?);
    batches.extend(batch(&facts.commits, &key, &collected.source, now)?);
    batches.extend(batch(&facts.deployed_commits, &key, &collected.source, now)?);
    let update = CursorUpdate {
        source: collected.source.clone(),
        cursor: collected.cursor.clone(),
        is_whole: collected.scope == Scope::Whole,
    };
    let summary = store.write(&batches, Some(&update), now)?;
    drop(progress);

    println!(
        "{} from {} ({} read)",
        collected.service,
        asked.path.display(),
        tables::things(collected.n_commits_read as u64, "commit", "commits")
    );
    if !summary.is_empty() {
        println!("  facts of each kind (a merge is a change and no commit, the first release lists none):");
    }
    print!("{}", tables::summaries(&summary));
    for note in &collected.notes {
        println!("note: {note}");
    }
    println!();
    let engine = context.engine(store)?;
    figures::print_service(context, &engine, &collected.service, now)?;
    Ok(ExitCode::SUCCESS)
}

/// Facts of one kind as batches of a size that the store likes.
fn batch<F: Fact>(
    facts: &[F],
    key: &PersonKey,
    source: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<Vec<Batch>> {
    const ROWS: usize = 50_000;
    facts
        .chunks(ROWS)
        .map(|chunk| {
            let mut builder = BatchBuilder::new(F::SPEC.kind, key, source, now);
            for fact in chunk {
                builder.push_fact(fact).map_err(|problems| {
                    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    anyhow::anyhow!("the source gave a {} that cannot be taken: {}", F::SPEC.name, problems.join("; "))
                })?;
            }
            Ok(builder.finish())
        })
        .collect()
}
