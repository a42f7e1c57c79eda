//! `cairn import`: facts from files, whole or not at all.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Read, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use collectors::import::{Format, Options, Rejection, Sink, quote_rows, read_file, read_stream};
use facts::{Batch, Kind, Problem};
use store::{CursorUpdate, KindSummary, Store};

use crate::cli::{FileFormat, Import};
use crate::context::{Context, or_ask};
use crate::progress::Progress;
use crate::tables;

/// How many mistakes are told one by one.
const MOST_TOLD: usize = 20;

/// A row that was not taken, and why.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Refusal {
    /// The file, by its position.
    pub file: u32,
    /// Line in the file, or number of the row.
    pub line: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// What an intake did, or would do.
#[derive(Debug, Default)]
pub(crate) struct IntakeReport {
    /// What became of the rows.
    pub summary: KindSummary,
    /// How many rows were refused.
    pub n_rejected: u64,
    /// How many rows tell of the future.
    pub n_future: u64,
}

/// What hears of every refusal, with the text of its row where that is at hand.
type OnRejection<'a> = Box<dyn FnMut(&Refusal, Option<&str>) -> std::io::Result<()> + 'a>;

/// Facts of one kind on their way from files or a request into the store.
pub(crate) struct Intake<'a> {
    kind: Kind,
    staging: store::Intake,
    /// The first refusals, to tell.
    pub refusals: Vec<Refusal>,
    /// All of them.
    pub n_rejected: u64,
    n_future: u64,
    /// What may be a mistake.
    pub notes: Vec<String>,
    /// What the files are called, by their positions; none where there is only one.
    pub file_names: Vec<String>,
    /// Called with every refusal.
    on_rejection: OnRejection<'a>,
    on_progress: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Intake<'a> {
    /// Begins an intake.
    pub fn begin(store: &Store, kind: Kind) -> anyhow::Result<Intake<'a>> {
        Ok(Intake {
            kind,
            staging: store.begin(crate::now())?,
            refusals: Vec::new(),
            n_rejected: 0,
            n_future: 0,
            notes: Vec::new(),
            file_names: Vec::new(),
            on_rejection: Box::new(|_, _| Ok(())),
            on_progress: Box::new(|_| ()),
        })
    }

    fn refuse(&mut self, refusal: Refusal, raw: Option<&str>) -> std::io::Result<()> {
        self.n_rejected += 1;
        (self.on_rejection)(&refusal, raw)?;
        if self.refusals.len() < MOST_TOLD {
            self.refusals.push(refusal);
        }
        Ok(())
    }

    /// Refuses rows that share an identity and differ: which of them is meant cannot be known.
    pub fn refuse_conflicts(&mut self) -> anyhow::Result<()> {
        loop {
            let conflicts = self.staging.conflicts(self.kind, 10_000)?;
            if conflicts.is_empty() {
                return Ok(());
            }
            for conflict in conflicts {
                let places = self.places(&conflict.origins);
                for (file, line) in &conflict.origins {
                    let problem = Problem::row(format!(
                        "`{}` stands more than once with different content ({places}); keep the one that is right",
                        facts::shorten(&conflict.identity)
                    ));
                    let refusal = Refusal { file: *file as u32, line: *line as u64, problems: vec![problem] };
                    self.refuse(refusal, None)?;
                }
                self.staging.unstage(self.kind, &conflict.origins)?;
            }
        }
    }

    /// Where some rows stand: `lines 2, 5`, or of several files `a.csv line 2, b.csv line 5`.
    fn places(&self, origins: &[(i64, i64)]) -> String {
        let is_one_file = origins.iter().all(|(file, _)| *file == origins[0].0);
        let place = |(file, line): &(i64, i64)| match self.file_names.get(*file as usize) {
            Some(name) if !is_one_file => format!("{name} line {line}"),
            _ => line.to_string(),
        };
        let places: Vec<String> = origins.iter().map(place).collect();
        format!("{}{}", if is_one_file { "lines " } else { "" }, places.join(", "))
    }

    /// Writes what was staged, with its marts and up to where its source is read, or only says what that would do.
    pub fn finish(self, is_dry_run: bool, cursor: Option<&CursorUpdate>) -> anyhow::Result<IntakeReport> {
        let (n_rejected, n_future, kind) = (self.n_rejected, self.n_future, self.kind);
        let summary = if is_dry_run { self.staging.preview()? } else { self.staging.commit(cursor)? };
        let summary = summary.get(&kind).copied().unwrap_or_default();
        Ok(IntakeReport { summary, n_rejected, n_future })
    }
}

impl Sink for Intake<'_> {
    fn batch(&mut self, batch: Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.n_future += batch.n_future as u64;
        Ok(self.staging.stage(&batch)?)
    }

    fn rejection(&mut self, rejection: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
        let refusal = Refusal { file: rejection.file, line: rejection.line, problems: rejection.problems };
        Ok(self.refuse(refusal, Some(&rejection.raw))?)
    }

    fn progress(&mut self, bytes_read: u64) {
        (self.on_progress)(bytes_read);
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Shows the columns of a kind, which are the same whatever the configuration says.
pub(crate) fn show_columns(import: &Import) -> anyhow::Result<ExitCode> {
    let kind = Kind::parse(&import.kind).map_err(anyhow::Error::msg)?;
    print!("{}", tables::columns(kind.spec()));
    Ok(ExitCode::SUCCESS)
}

/// Runs the command.
pub(crate) fn run(context: &Context, import: &Import) -> anyhow::Result<ExitCode> {
    let kind = Kind::parse(&import.kind).map_err(anyhow::Error::msg)?;
    let zone = import.time_zone.as_deref().map(analytics::parse_zone).transpose()?;
    let (store, key) = match import.dry_run {
        true => (context.open_store_or_none()?, context.passing_person_key()?),
        false => (or_ask(context.open_store(), &format!("POST /v1/facts/{kind}"))?, context.person_key()?),
    };
    store.be_bounded();
    let options = Options {
        kind,
        key: &key,
        source: &import.source,
        now: crate::now(),
        time_zone: zone,
        batch_rows: collectors::import::DEFAULT_BATCH_ROWS,
    };

    let rejected_files = RefCell::new(RejectedFiles::default());
    let mut intake = Intake::begin(&store, kind)?;
    intake.file_names = import.files.iter().map(|file| name_of(file)).collect();
    let keeps_rejected = import.accept_valid && !import.dry_run;
    if keeps_rejected {
        let files = import.files.clone();
        let rejected = &rejected_files;
        intake.on_rejection =
            Box::new(move |refusal, raw| rejected.borrow_mut().write(&files[refusal.file as usize], refusal, raw));
    }
    // What can be read only once, of which rows may have to be shown later.
    let mut copies = BTreeMap::new();
    for (index, file) in import.files.iter().enumerate() {
        let name = name_of(file);
        let size = std::fs::metadata(file).ok().map(|metadata| metadata.len());
        let mut progress = Progress::of_bytes(&format!("reading {name}"), size);
        intake.on_progress = Box::new(move |bytes| progress.at(bytes));
        let format = import.format.map(Format::from);
        let read = if file.as_os_str() == "-" {
            let mut stream: Box<dyn Read + Send> = Box::new(std::io::stdin());
            if keeps_rejected {
                let copy = tempfile::tempfile().context("making a temporary file")?;
                let kept = copy.try_clone().context("making a temporary file")?;
                copies.insert(index as u32, copy);
                stream = Box::new(Kept { from: stream, copy: kept });
            }
            read_stream(&name, stream, index as u32, format, &options, &mut intake)
        } else {
            read_file(file, index as u32, format, &options, &mut intake)
        };
        intake.on_progress = Box::new(|_| ());
        read.with_context(|| "nothing was written".to_owned())?;
    }
    intake.refuse_conflicts()?;
    intake.on_rejection = Box::new(|_, _| Ok(()));
    let mut rejected = rejected_files.take();
    for (index, unshown) in std::mem::take(&mut rejected.unshown) {
        let file = &import.files[index as usize];
        let reader: Box<dyn Read + Send> = match copies.remove(&index) {
            Some(mut copy) => {
                copy.rewind().context("reading a temporary file")?;
                Box::new(copy)
            }
            None => Box::new(File::open(file).with_context(|| format!("cannot open {} again", file.display()))?),
        };
        rejected.show(file, reader, import.format.map(Format::from), &options, unshown)?;
    }

    let n_rejected = intake.n_rejected;
    tell(&intake.refusals, n_rejected, &import.files);
    if n_rejected > 0 && !import.accept_valid {
        eprintln!(
            "{}; mend the rows, or take the good ones with --accept-valid",
            if import.dry_run { "nothing would be written" } else { "nothing was written" }
        );
        return Ok(ExitCode::FAILURE);
    }
    let mut progress = Progress::of_things(if import.dry_run { "comparing" } else { "writing" });
    progress.at(0);
    let notes = std::mem::take(&mut intake.notes);
    let report = intake.finish(import.dry_run, None)?;
    drop(progress);
    for written in rejected.finish()? {
        eprintln!("the refused rows with their reasons are in {}", written.display());
    }
    print!("{}", tables::intake(kind, &report, import.dry_run));
    for note in notes {
        println!("note: {note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What a file is called in messages.
fn name_of(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

/// Tells the first mistakes: file, line, column, value and the way out.
fn tell(refusals: &[Refusal], n_rejected: u64, files: &[PathBuf]) {
    for refusal in refusals {
        let file = files.get(refusal.file as usize).map(|file| name_of(file)).unwrap_or_default();
        for problem in &refusal.problems {
            eprintln!("{file}:{}: {problem}", refusal.line);
        }
    }
    let told = refusals.len() as u64;
    if n_rejected > told {
        eprintln!("... and {} more", tables::things(n_rejected - told, "row", "rows"));
    }
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Format {
        match format {
            FileFormat::Csv => Format::Csv,
            FileFormat::Ndjson => Format::Ndjson,
            FileFormat::Parquet => Format::Parquet,
        }
    }
}

/// A stream of which all that is read from it is kept as well.
struct Kept {
    from: Box<dyn Read + Send>,
    copy: File,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = self.from.read(buffer)?;
        self.copy.write_all(&buffer[..n_bytes])?;
        Ok(n_bytes)
    }
}

/// The files of refused rows, one beside each file that has some. They get their names when all is well.
#[derive(Default)]
struct RejectedFiles {
    parts: BTreeMap<PathBuf, (PathBuf, BufWriter<File>)>,
    /// Refusals whose rows were not at hand, by file and line.
    unshown: BTreeMap<u32, BTreeMap<u64, Refusal>>,
}

impl RejectedFiles {
    fn write(&mut self, source: &Path, refusal: &Refusal, raw: Option<&str>) -> std::io::Result<()> {
        let Some(raw) = raw else {
            self.unshown.entry(refusal.file).or_default().insert(refusal.line, refusal.clone());
            return Ok(());
        };
        let stem = if source.as_os_str() == "-" { Path::new("stdin") } else { source };
        let (_, file) = match self.parts.entry(stem.to_path_buf()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let part = with_suffix(stem, ".rejected.ndjson.part");
                let file = BufWriter::new(File::create(&part)?);
                entry.insert((part, file))
            }
        };
        let row = serde_json::json!({ "line": refusal.line, "problems": refusal.problems, "row": raw });
        writeln!(file, "{row}")
    }

    /// Writes refusals of a file whose rows were not at hand: it is read once more for them.
    fn show(
        &mut self,
        source: &Path,
        reader: Box<dyn Read + Send>,
        format: Option<Format>,
        options: &Options<'_>,
        unshown: BTreeMap<u64, Refusal>,
    ) -> anyhow::Result<()> {
        let mut n_shown = 0;
        let mut written = Ok(());
        let wanted = |line| unshown.contains_key(&line);
        quote_rows(&name_of(source), reader, format, options, wanted, |line, text| {
            n_shown += 1;
            if written.is_ok() {
                written = self.write(source, &unshown[&line], Some(&text));
            }
        })?;
        written.with_context(|| format!("writing the refused rows of {}", name_of(source)))?;
        anyhow::ensure!(
            n_shown == unshown.len(),
            "{} changed while it was read, nothing was written; run it again",
            name_of(source)
        );
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Vec<PathBuf>> {
        self.parts
            .into_iter()
            .map(|(stem, (part, mut file))| {
                let target = free_name(&stem);
                file.flush()
                    .and_then(|()| std::fs::rename(&part, &target))
                    .with_context(|| format!("writing {}", target.display()))?;
                Ok(target)
            })
            .collect()
    }
}

/// Where the refused rows of a file go. What an earlier run refused may be being mended, and stays as it is.
fn free_name(stem: &Path) -> PathBuf {
    let first = with_suffix(stem, ".rejected.ndjson");
    let others = (2..).map(|n: u32| with_suffix(stem, &format!(".rejected-{n}.ndjson")));
    std::iter::once(first).chain(others).find(|path| !path.exists()).expect("there are more numbers than files")
}

fn with_suffix(stem: &Path, suffix: &str) -> PathBuf {
    let mut name = stem.to_path_buf().into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}
