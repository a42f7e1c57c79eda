//! `cairn bench`: what this machine does, beside what it should do. A measurement is a file; what they are measured on
//! is made by `organisation` and `fill`.

mod child;
mod dashboards;
mod files;
mod fill;
mod imports;
mod marts;
mod memory;
mod organisation;
mod platform;
mod pushes;
mod queries;
mod replay;
mod report;
mod scale;
mod sources;
mod truth;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Context as _;
use facts::PersonKey;

pub use self::dashboards::{Range, Viewers, measure as measure_dashboards, statements as dashboard_statements};
pub use fill::fill;
pub use organisation::Organisation;
pub use pushes::measure as measure_pushes;
pub use report::{Bound, Figure, Limit, Report};
pub use scale::Scale;
pub use sources::measure as measure_sources;
pub use truth::{Truths, truths};

use crate::context::Context;
use crate::progress::Progress;

/// What to measure.
pub struct Options {
    /// `s`, `m` or `l`.
    pub scale: String,
    /// Where to write the figures too.
    pub json: Option<PathBuf>,
    /// What to measure.
    pub parts: Vec<Part>,
    /// Where to work. A store that an earlier run filled there at this scale is used again.
    pub folder: Option<PathBuf>,
    /// Measure only the queries over a store that is there, and print their figures as JSON.
    pub is_query_process: bool,
}

/// A part of what can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Answers, marts and imports of the organisation of the scale.
    Store,
    /// Of these the marts alone.
    Marts,
    /// The Delivery dashboard over the PostgreSQL wire, and the overview page, over the organisation of the scale.
    Dashboards,
    /// Reading a source.
    Sources,
    /// Accepting pushes.
    Pushes,
    /// Whether comparisons find what was planted in 200 made-up organisations.
    Truth,
}

/// What is measured unless something else is asked for: how fast this machine is. Whether comparisons tell the truth is the
/// same on every machine.
pub const ALL_PARTS: [Part; 4] = [Part::Store, Part::Dashboards, Part::Sources, Part::Pushes];

/// Who measures the queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryProcess {
    /// A process of its own, so that its memory is that of the queries alone.
    Own,
    /// This one.
    This,
}

/// Measures, and prints each figure beside its limit.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let organisation = Organisation { scale: Scale::parse(&options.scale)? };
    let work = Folder::new(options.folder.as_deref())?;
    if options.is_query_process {
        let figures = queries::measure(&store_path(work.path(), &organisation), &organisation)?;
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut figures = Vec::new();
    let binary = std::env::current_exe()?;
    let mut progress = Progress::of_things("measuring");
    for part in &options.parts {
        figures.extend(match part {
            Part::Store => measure(work.path(), &organisation, QueryProcess::Own)?,
            Part::Marts => {
                let filled = filled(work.path(), &organisation)?;
                let found = measure_marts(work.path(), &organisation, &mut progress)?;
                filled.into_iter().chain(found).collect()
            }
            Part::Dashboards => {
                let filled = filled(work.path(), &organisation)?;
                let store = store_path(work.path(), &organisation);
                let mut say = |what: &str| progress.say(what);
                let found = measure_dashboards(&binary, work.path(), &store, &organisation, Viewers::USUAL, &mut say)?;
                filled.into_iter().chain(found).collect()
            }
            Part::Sources => {
                progress.say("reading a source");
                measure_sources(&binary, work.path(), sources::CHANGES)?
            }
            Part::Pushes => {
                progress.say("pushing");
                measure_pushes(&binary, work.path(), pushes::PUSHES)?
            }
            Part::Truth => truth::measure(work.path(), |found| {
                let (n, all) = (found.n, truth::ORGANISATIONS);
                progress.say(&format!("made-up organisation {n} of {all}; the truth was held in {}", found.held));
            })?,
        });
    }
    let n_cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let report = Report { scale: organisation.scale.name.to_owned(), n_cores, figures };
    println!("{}", report.table());
    if let Some(remark) = report.remark() {
        println!("{remark}");
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures answers, marts and imports over an organisation, working in a folder.
pub fn measure(folder: &Path, organisation: &Organisation, process: QueryProcess) -> anyhow::Result<Vec<Figure>> {
    let path = store_path(folder, organisation);
    let mut figures: Vec<Figure> = filled(folder, organisation)?.into_iter().collect();
    let mut progress = Progress::of_things("asking for the delivery metrics");
    progress.say("asking for the delivery metrics");
    figures.extend(match process {
        QueryProcess::Own => ask_in_own_process(folder, organisation)?,
        QueryProcess::This => queries::measure(&path, organisation)?,
    });
    figures.extend(measure_marts(folder, organisation, &mut progress)?);
    progress.say("importing files");
    figures.extend(imports::measure(folder, organisation, &person_key()?)?);
    Ok(figures)
}

fn measure_marts(folder: &Path, organisation: &Organisation, progress: &mut Progress) -> anyhow::Result<Vec<Figure>> {
    let store = Context::read(None, Some(store_path(folder, organisation)))?.open_store()?;
    progress.say("making the marts anew");
    let mut figures = vec![marts::rebuild(&store, organisation)?];
    progress.say("writing batches of a thousand facts");
    figures.extend(marts::refresh(&store, organisation, &person_key()?)?);
    Ok(figures)
}

fn person_key() -> anyhow::Result<PersonKey> {
    Ok(PersonKey::new(b"people of the bench do not exist")?)
}

/// Fills the store of the organisation, unless an earlier run did; says how long that took.
fn filled(folder: &Path, organisation: &Organisation) -> anyhow::Result<Option<Figure>> {
    let store = Context::read(None, Some(store_path(folder, organisation)))?.open_store()?;
    if !store.query("select 1 from facts.deployment limit 1", &[])?.rows.is_empty() {
        return Ok(None);
    }
    let begun = Instant::now();
    fill(&store, organisation, &person_key()?)?;
    Ok(Some(Figure::new("filling the store", "s", Some(begun.elapsed().as_secs_f64()))))
}

fn ask_in_own_process(folder: &Path, organisation: &Organisation) -> anyhow::Result<Vec<Figure>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "--query-process", "--scale", organisation.scale.name, "--folder"])
        .arg(folder)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting a process for the queries")?;
    anyhow::ensure!(output.status.success(), "the process for the queries failed");
    serde_json::from_slice(&output.stdout).context("reading the figures of the queries")
}

fn store_path(folder: &Path, organisation: &Organisation) -> PathBuf {
    folder.join(format!("bench-{}.duckdb", organisation.scale.name))
}

/// Takes a store away, if it is there.
fn remove_store(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", ".wal"] {
        let mut file = path.to_path_buf().into_os_string();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where the bench works: the folder that was named, or one that goes away with the bench.
enum Folder {
    Named(PathBuf),
    Own(PathBuf),
}

impl Folder {
    fn new(named: Option<&Path>) -> anyhow::Result<Folder> {
        let (path, folder) = match named {
            Some(path) => (path.to_path_buf(), Folder::Named(path.to_path_buf())),
            None => {
                let path = std::env::temp_dir().join(format!("cairn-bench-{}", std::process::id()));
                (path.clone(), Folder::Own(path))
            }
        };
        std::fs::create_dir_all(&path).with_context(|| format!("making the folder {}", path.display()))?;
        Ok(folder)
    }

    fn path(&self) -> &Path {
        let (Folder::Named(path) | Folder::Own(path)) = self;
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Folder::Own(path) = self {
            // What cannot be removed is left to the system that cleans its temporary files.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
