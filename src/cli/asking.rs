//! What is said to those commands that ask: figures, comparisons, money, and what the data lack.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn metrics
  cairn metrics deployment_frequency --from 2026-01-01 --grain month
  cairn metrics change_lead_time --by team --where system=shop --format csv
  cairn metrics change_fail_rate --from 2025 --to 2026 --grain quarter --format json
  cairn metrics time_to_restore --rows

Times without an offset are days of the reporting zone. Weeks are ISO weeks.")]
pub(crate) struct Metrics {
    /// The metric; without it all are listed
    pub name: Option<String>,
    /// Begin: a day, month, year or RFC 3339 time [default: 30 days, 12 weeks, 12 months or 24 months (quarters) before the end]
    #[arg(long)]
    pub from: Option<String>,
    /// End, not included [default: now]
    #[arg(long)]
    pub to: Option<String>,
    /// day, week, month, quarter, or all: one figure of the whole window, by default of 12 months [default: week]
    #[arg(long)]
    pub grain: Option<String>,
    /// Group by team, service, system, environment, repository, template; several with commas
    #[arg(long, value_name = "DIMENSION")]
    pub by: Vec<String>,
    /// Keep only, such as team=payments or team=payments,checkout; a name with , or ; in double quotes: 'team="a, b"'
    #[arg(long = "where", value_name = "DIMENSION=NAME")]
    pub filters: Vec<String>,
    /// The form of the answer
    #[arg(long, default_value = "table")]
    pub format: OutputFormat,
    /// Show the rows behind the figures instead
    #[arg(long)]
    pub rows: bool,
    /// Answer with what was known then: a day (its end) or RFC 3339 time. Takes as long as `cairn rebuild`
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
}

impl Metrics {
    /// What was given that only a metric can be asked.
    pub(crate) fn questions(&self) -> Vec<&'static str> {
        let all = [
            ("--from", self.from.is_some()),
            ("--to", self.to.is_some()),
            ("--grain", self.grain.is_some()),
            ("--by", !self.by.is_empty()),
            ("--where", !self.filters.is_empty()),
            ("--rows", self.rows),
            ("--as-of", self.as_of.is_some()),
        ];
        all.into_iter().filter_map(|(flag, is_given)| is_given.then_some(flag)).collect()
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn value --example >> cairn.toml    a configuration to begin with
  cairn value                            the last twelve months
  cairn value --from 2026-01 --to 2026-04 --format json
  cairn value --run 3                    an earlier run, from the inputs that were kept with it
  cairn value --runs                     the runs that were kept

A run is kept with its inputs, its seed and the version of the data. The same inputs are kept once.")]
pub(crate) struct Value {
    /// Begin: a day, month, year or RFC 3339 time [default: twelve months before the end]
    #[arg(long)]
    pub from: Option<String>,
    /// End, not included [default: the last midnight of the reporting zone]
    #[arg(long)]
    pub to: Option<String>,
    /// Another run for another number [default: value.seed of the configuration, else 1]
    #[arg(long)]
    pub seed: Option<u32>,
    /// The form of the answer
    #[arg(long, default_value = "table")]
    pub format: OutputFormat,
    /// Show a run that was kept, by its number
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["from", "to", "seed"])]
    pub run: Option<i64>,
    /// List the runs that were kept
    #[arg(long, conflicts_with_all = ["from", "to", "seed", "run"])]
    pub runs: bool,
    /// Keep nothing
    #[arg(long)]
    pub no_keep: bool,
    /// Print a commented configuration to begin with, and stop
    #[arg(long)]
    pub example: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn compare change_lead_time --improvement 'Golden-path pipeline'
  cairn compare change_lead_time.deploy --improvement 'Golden-path pipeline'     one stage of it
  cairn compare change_fail_rate --improvement 'Progressive delivery' --from 2025-01 --to 2026-01
  cairn compare deployment_frequency --improvement 'Golden-path pipeline' --format json

The improvement and its arrivals are facts of kind `improvement`. The answer says which design it rests on, what must be
so for it and whether it is, and uses no stronger word than that allows: after, associated with, effect of.")]
pub(crate) struct Compare {
    /// The metric, or one stage of it
    pub metric: String,
    /// The improvement, as its facts name it
    #[arg(long, value_name = "NAME")]
    pub improvement: String,
    /// Begin: a day, month, year or RFC 3339 time [default: the first observation]
    #[arg(long)]
    pub from: Option<String>,
    /// End, not included [default: now]
    #[arg(long)]
    pub to: Option<String>,
    /// Answer with what was known then: a day (its end) or RFC 3339 time. Takes as long as `cairn rebuild`
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// The form of the answer
    #[arg(long, default_value = "table")]
    pub format: CompareFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    Table,
    Json,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  cairn doctor data
  cairn doctor data --metric change_lead_time")]
pub(crate) enum Doctor {
    /// What is missing in the data, worst first, and what would mend it
    Data(DoctorData),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn doctor data
  cairn doctor data --metric change_lead_time
  cairn doctor data --check services_unknown --limit 100
  cairn doctor data --format json

Worst is what loses the largest share of observations to the most metrics.")]
pub(crate) struct DoctorData {
    /// Only what this metric suffers by
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    pub metric: Option<String>,
    /// The rows of this check instead
    #[arg(long, value_name = "NAME")]
    pub check: Option<String>,
    /// Rows of the check to show, 1000 at most
    #[arg(long, default_value_t = 100, requires = "check", value_name = "N")]
    pub limit: u64,
    /// Rows of the check to skip
    #[arg(long, default_value_t = 0, requires = "check", value_name = "N")]
    pub offset: u64,
    /// The form of the answer
    #[arg(long, default_value = "table")]
    pub format: CompareFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    Table,
    Json,
    Csv,
}
