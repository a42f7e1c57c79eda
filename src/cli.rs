//! The command line: what can be said, with examples. What is done stands in `commands/`.

mod asking;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use asking::{Compare, CompareFormat, Doctor, DoctorData, Metrics, OutputFormat, Value};

/// Whether your internal developer platform works, in numbers that survive questions.
///
/// Cairn collects delivery facts into one embedded database, computes every metric from one definition, and shows
/// figures with their uncertainty.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cairn demo                                  a whole organisation to look at, at http://127.0.0.1:8080
  cairn collect git ~/src/api --tags 'v*'     delivery figures of any git clone
  cairn import deployment deployments.csv     facts from files
  cairn metrics change_lead_time --by team    a metric, by team
  cairn compare change_lead_time --improvement NAME   what an improvement did
  cairn doctor data                           what is missing, and what would mend it
  cairn serve                                 the overview page and the API";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file [default: cairn.toml in the working directory, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The store, instead of the one the configuration names
    #[arg(long, global = true, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// What to log on standard error: error, warn, info, debug, trace, or a tracing filter [default: warn; of serve: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<String>,
    /// The form of the log
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a whole synthetic organisation, print its figures and serve its overview page
    Demo(Demo),
    /// Serve the pages, the API and PostgreSQL clients, and read the sources when their schedule says
    Serve(Serve),
    /// Take facts from files: CSV, NDJSON or Parquet, also gzipped, or standard input
    Import(Import),
    /// Collect facts from the configured sources, or from a git clone
    Collect(Collect),
    /// Check the configuration: connect to each source, say what may be read, show examples
    Check(Check),
    /// Pushes that could not be turned into facts: list, replay, drop
    #[command(subcommand)]
    Inbox(Inbox),
    /// List the metrics, or show one
    Metrics(Metrics),
    /// What the saved time is worth, from hours to net money, with its uncertainty
    Value(Value),
    /// Compare a metric before and after an improvement, and where it arrived against where it has not yet
    Compare(Compare),
    /// What is missing in the data, which metrics suffer by it, and what would mend it
    #[command(subcommand)]
    Doctor(Doctor),
    /// Make all marts anew from the facts
    Rebuild,
    /// Create, list and revoke API tokens
    #[command(subcommand)]
    Token(Token),
    /// Measure this machine: queries, imports and refreshes against their limits
    Bench(Bench),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn demo
  cairn demo --no-serve --scale 0.2
  cairn demo --store /tmp/demo.duckdb --seed 7")]
pub(crate) struct Demo {
    /// Print the figures and stop
    #[arg(long)]
    pub no_serve: bool,
    /// Another organisation for another number
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How large, from 0.05 to 20: 1 is 20 teams, 120 services and 350 engineers over 18 months
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    pub scale: f64,
    /// The organisation's present, as YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DAY")]
    pub end: Option<chrono::NaiveDate>,
    /// Where to serve
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.05..=20.0).contains(&scale) => Ok(scale),
        _ => Err("expected a number from 0.05 to 20".into()),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn serve
  cairn serve --listen 0.0.0.0:8080      (every request then needs a token)")]
pub(crate) struct Serve {
    /// Where to listen [default: server.listen of the configuration, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn import deployment deployments.csv
  cairn import change changes-2025.ndjson.gz changes-2026.ndjson.gz
  cairn import incident incidents.csv --time-zone Europe/Berlin --dry-run
  export-tickets | cairn import ticket - --format ndjson

Kinds:
  deployment, change, commit, deployed_commit,
  incident, ticket, service, team, engineer,
  provisioning, policy_result, policy_block,
  exemption, quota, availability, improvement,
  cost, time_saving

`cairn import KIND --columns` shows the columns of a kind.")]
pub(crate) struct Import {
    /// The kind of fact
    pub kind: String,
    /// The files; `-` is standard input
    #[arg(required_unless_present = "columns")]
    pub files: Vec<PathBuf>,
    /// The form of the files [default: by name, else by content]
    #[arg(long, value_name = "FORM")]
    pub format: Option<FileFormat>,
    /// The source that the facts come from, where a row does not say
    #[arg(long, default_value = "import")]
    pub source: String,
    /// The zone of times that have no offset, such as Europe/Berlin; without it they are refused
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Take the good rows, and write the others with their reasons to FILE.rejected.ndjson (FILE.rejected-2.ndjson where that is there already)
    #[arg(long)]
    pub accept_valid: bool,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show the columns of the kind and stop
    #[arg(long)]
    pub columns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    Csv,
    Ndjson,
    Parquet,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  cairn collect                         all sources of cairn.toml, from where each was left
  cairn collect github jira
  cairn collect github --since 2026-01-01
  cairn collect --dry-run
  cairn collect git ~/src/api           a local clone, without configuration

A source that fails does not stop the others; what was read is kept, and the next run goes on from there."
)]
pub(crate) struct Collect {
    #[command(subcommand)]
    pub git: Option<CollectFrom>,
    /// The sources to read, by their names in cairn.toml [default: all]
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Read again from this day or time on; what is right stays as it is
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Read, and store nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CollectFrom {
    /// Delivery facts from a local git clone: tags are deployments, commits on the trunk are changes
    Git(CollectGit),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn check
  cairn check github")]
pub(crate) struct Check {
    /// The sources to try, by their names in cairn.toml [default: all]
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  cairn inbox list
  cairn inbox replay            after the mapping or the sender was mended
  cairn inbox drop 17 18")]
pub(crate) enum Inbox {
    /// What could not be turned into facts, and why
    #[command(after_help = "Example:\n  cairn inbox list")]
    List,
    /// Have the server try again: when it next starts; one that runs is asked by POST /v1/inbox/replay
    #[command(after_help = "\
Examples:
  cairn inbox replay            all, after the mapping or the sender was mended
  cairn inbox replay 17 18

What is to be tried again is not listed until it fails again.")]
    Replay {
        /// The numbers that `list` shows [default: all]
        numbers: Vec<i64>,
    },
    /// Throw away: those of these numbers, or with --all every one that could not be read
    #[command(
        override_usage = "cairn inbox drop <NUMBERS>...\n       cairn inbox drop --all",
        after_help = "\
Examples:
  cairn inbox drop 17 18
  cairn inbox drop --all"
    )]
    Drop {
        /// The numbers that `list` shows; `--all` for all
        #[arg(required_unless_present = "all")]
        numbers: Vec<i64>,
        /// All of them
        #[arg(long, conflicts_with = "numbers")]
        all: bool,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn collect git ~/src/api
  cairn collect git ~/src/api --service api --team payments --tags 'v*'
  cairn collect git mono.git --service cli --tags 're:^cli-v\\d+\\.\\d+\\.\\d+$'

Each matching tag, in time order, is a successful deployment. The first one sets the baseline.
A second run reads only what is new. Another environment of the service stands beside the first.")]
pub(crate) struct CollectGit {
    /// The clone, bare or not, or a folder within it
    pub path: PathBuf,
    /// The service [default: the repository's name]
    #[arg(long)]
    pub service: Option<String>,
    /// The team that owns the service from now on [default: as it is]
    #[arg(long)]
    pub team: Option<String>,
    /// Which tags are deployments: a glob, or `re:` and a regular expression
    #[arg(long, default_value = "*", value_name = "PATTERN")]
    pub tags: String,
    /// The environment that a tag deploys to
    #[arg(long, default_value = "production")]
    pub environment: String,
    /// The branch whose untagged commits wait for deployment [default: the clone's HEAD]
    #[arg(long)]
    pub branch: Option<String>,
    /// Count what the first tag contains as delivered by it
    #[arg(long)]
    pub include_first: bool,
    /// The repository is the one collected before, though its address or history is another
    #[arg(long)]
    pub moved: bool,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  cairn token create --name readers                   for people and Grafana: read only
  cairn token create --name ci --scope write
  cairn token list
  cairn token revoke ci

While a server runs it has the store to itself: stop it for this.")]
pub(crate) enum Token {
    /// Make a token and show it, once
    #[command(after_help = "\
Examples:
  cairn token create --name readers
  cairn token create --name ci --scope write")]
    Create {
        /// Its name
        #[arg(long)]
        name: String,
        /// What it allows: write allows reading too
        #[arg(long, default_value = "read")]
        scope: TokenScope,
    },
    /// List the tokens
    #[command(after_help = "Example:\n  cairn token list")]
    List,
    /// Take a token away
    #[command(after_help = "Example:\n  cairn token revoke ci")]
    Revoke {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenScope {
    Read,
    Write,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn bench                     scale S: 50 000 deployments, 150 000 changes, 1 000 000 commits
  cairn bench --scale m --json bench.json
  cairn bench --scale l --only store
  cairn bench --scale m --only dashboards --folder bench     a store that is filled there is used again
  cairn bench --only sources --only pushes
  cairn bench --only truth        whether comparisons find what was planted in 200 made-up organisations")]
pub(crate) struct Bench {
    /// Measure only this part; may be given again [default: store, dashboards, sources and pushes]
    #[arg(long, value_enum, value_name = "PART")]
    pub only: Vec<crate::bench::Part>,
    /// s, m or l: 50 000, 500 000 or 2 000 000 deployments, each with 3 changes and 20 commits
    #[arg(long, default_value = "s")]
    pub scale: String,
    /// Write the figures here too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// A folder to work in [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Measure only the queries, over a store that is there, and print their figures as JSON
    #[arg(long, hide = true, requires = "folder")]
    pub query_process: bool,
}
