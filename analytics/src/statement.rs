//! The statement that a question becomes: the metric's query, wrapped in filters and the window. Buckets and groups are
//! made of its rows in Rust (see `cells`).

use chrono::{DateTime, Utc};
use store::Value;

use crate::ask::DIMENSIONS;
use crate::catalogue::{Aggregate, Beside, BesideAggregate, Metric, Shape};
use crate::options::{EngineOptions, Settings};
use crate::window::{Bucket, Window};

/// SQL under construction, with the parameters bound to it.
pub(crate) struct Statement {
    /// The text.
    pub sql: String,
    /// The parameters, in order of their numbers.
    pub parameters: Vec<Value>,
}

/// A filter whose names were looked up.
pub(crate) enum Filter {
    /// One of the usual dimensions, and the keys allowed.
    Keys(&'static str, Vec<i64>),
    /// One of a metric's own dimensions, and the names allowed.
    Names(&'static str, Vec<String>),
    /// Cells of all teams together.
    AllTeams,
    /// Cells of single teams.
    SingleTeams,
}

impl Statement {
    fn bind(&mut self, value: Value) -> String {
        self.parameters.push(value);
        format!("${}", self.parameters.len())
    }

    /// The observations of a metric one by one, with its words filled in and the filters applied.
    pub(crate) fn observations(
        metric: &Metric,
        options: EngineOptions,
        filters: &[Filter],
        now: DateTime<Utc>,
    ) -> Statement {
        let single = ["unnest(subject) as subject", "unnest(value) as value"];
        Statement::of(if metric.bundled { &single } else { &[] }, metric, options, filters, now)
    }

    /// The same as the metric's file gives them: where it is bundled, several in a row.
    pub(crate) fn bundles(
        metric: &Metric,
        options: EngineOptions,
        filters: &[Filter],
        now: DateTime<Utc>,
    ) -> Statement {
        Statement::of(&[], metric, options, filters, now)
    }

    fn of(
        replaced: &[&str],
        metric: &Metric,
        options: EngineOptions,
        filters: &[Filter],
        now: DateTime<Utc>,
    ) -> Statement {
        let mut statement = Statement { sql: String::new(), parameters: Vec::new() };
        let query = filled_in(metric, options, now);
        let mut replaced: Vec<String> = replaced.iter().map(|column| (*column).to_owned()).collect();
        if metric.shape == Shape::Event {
            replaced.push(reason_of_event(metric, now));
        }
        let columns = if replaced.is_empty() { "*".to_owned() } else { format!("* replace ({})", replaced.join(", ")) };
        statement.sql =
            format!("with metric as (\n{query}),\nobservation as (\n    select {columns} from metric where true");
        for filter in filters {
            let (column, allowed): (String, Vec<String>) = match filter {
                Filter::AllTeams | Filter::SingleTeams => {
                    let is_single = if matches!(filter, Filter::SingleTeams) { "is not" } else { "is" };
                    statement.sql += &format!("\n    and team_key {is_single} null");
                    continue;
                }
                Filter::Keys(dimension, keys) => {
                    (format!("{dimension}_key"), keys.iter().map(i64::to_string).collect())
                }
                Filter::Names(dimension, names) => (
                    format!("{dimension}::varchar"),
                    names.iter().map(|name| statement.bind(Value::Text(name.clone()))).collect(),
                ),
            };
            statement.sql += &format!("\n    and {column} in ({})", allowed.join(", "));
        }
        statement.sql += "\n)";
        statement
    }

    /// The rows of the window, as [`crate::cells`] reads them: times, a key per dimension, whether the row counts
    /// ([`USABLE`], [`UNUSABLE`] or [`LEFT_OUT`]), then by aggregate.
    pub(crate) fn rows(
        mut self,
        metric: &Metric,
        by: &[&str],
        window: &Window,
        buckets: &[Bucket],
        now: DateTime<Utc>,
    ) -> Statement {
        let left_out: Vec<String> =
            metric.left_out.iter().map(|reason| self.bind(Value::Text(reason.clone()))).collect();
        let is_left_out =
            if left_out.is_empty() { "false".to_owned() } else { format!("reason in ({})", left_out.join(", ")) };
        let only_beside = match metric.beside.is_empty() {
            true => String::new(),
            false => format!("\n        when reason::varchar = '{ONLY_BESIDE}' then {BESIDE}"),
        };
        let valueless =
            has_no_value(metric).map(|none| format!("\n        when reason is null and {none} then {UNUSABLE}"));
        let valueless = valueless.unwrap_or_default();
        let keys: String = by.iter().map(|dimension| format!("\n    {},", group_column(dimension))).collect();
        let apart = metric.apart.as_ref().filter(|apart| !by.contains(&apart.dimension.as_str()));
        let apart = apart.map(|apart| format!("\n    {}::varchar as apart,", apart.dimension)).unwrap_or_default();
        self.sql += &format!(
            "\nselect{}{keys}{apart}
    (case{valueless}
        when reason is null then {USABLE}{only_beside}
        when {is_left_out} then {LEFT_OUT}
        else {UNUSABLE}
    end)::tinyint as standing,",
            times(metric.shape)
        );
        if metric.estimates.is_some() {
            self.sql += "\n    coalesce(is_estimated, false) as is_estimated,";
        }
        self.sql += match metric.aggregate {
            Aggregate::Share => "\n    value as is_true,",
            Aggregate::Median => "\n    value,",
            Aggregate::Sum | Aggregate::Mean => "\n    value::double as value,",
            Aggregate::Ratio => "\n    numerator::double as numerator,\n    denominator::double as denominator,",
            Aggregate::Survival => "\n    value::double as value,\n    is_open,",
            Aggregate::Cell => "\n    counts::bigint[] as counts,\n    invited::bigint as invited,",
            Aggregate::Rate | Aggregate::Count | Aggregate::Composed => "",
        };
        if let Some(column) = &metric.oldest {
            self.sql += &format!("\n    {column}::timestamp as opened_at,");
        }
        for stage in &metric.stages {
            self.sql += &format!("\n    {stage} as stage_{stage},");
        }
        for Beside { name, aggregate, .. } in &metric.beside {
            self.sql += &match aggregate {
                BesideAggregate::Ratio => format!(
                    "\n    {name}_numerator::double as beside_{name},\n    {name}_denominator::double as beside_{name}_denominator,"
                ),
                BesideAggregate::Age => format!("\n    epoch({name})::double as beside_{name},"),
                _ => format!("\n    {name}::double as beside_{name},"),
            };
        }
        self.sql += &format!("\nfrom observation\nwhere {}", within(metric.shape, window, buckets, now));
        self
    }

    /// The rows of the window that do not count: times and reason.
    pub(crate) fn reasons(
        mut self,
        metric: &Metric,
        window: &Window,
        buckets: &[Bucket],
        now: DateTime<Utc>,
    ) -> Statement {
        let mut told_by = "observation";
        if let Some(none) = has_no_value(metric) {
            told_by = "reasoned";
            self.sql += &format!(
                ", reasoned as (select * replace (coalesce(reason::varchar, if({none}, '{NO_VALUE}', null)) as reason) from observation)"
            );
        }
        self.sql += &format!(
            "\nselect{}\n    reason\nfrom {told_by}\nwhere reason is not null and reason::varchar != '{ONLY_BESIDE}' and {}",
            times(metric.shape),
            within(metric.shape, window, buckets, now)
        );
        self
    }
}

/// The row counts.
pub(crate) const USABLE: i8 = 0;
/// The row should count and cannot.
pub(crate) const UNUSABLE: i8 = 1;
/// The row is not meant to count.
pub(crate) const LEFT_OUT: i8 = 2;

/// The row stands only in figures beside the main one.
pub(crate) const BESIDE: i8 = 3;
/// What such a row gives as its reason.
pub(crate) const ONLY_BESIDE: &str = "beside";

/// Why an event that was told of before it happened does not count yet.
const FUTURE: &str = "lies in the future";

/// Why a row without a value cannot count: what is null, or was divided by zero, is not known.
const NO_VALUE: &str = "its value is not known";

/// The condition under which a row has no value, where its figure rests on one.
fn has_no_value(metric: &Metric) -> Option<&'static str> {
    match metric.aggregate {
        Aggregate::Share => Some("value is null"),
        Aggregate::Median | Aggregate::Sum | Aggregate::Mean | Aggregate::Survival if !metric.bundled => {
            Some("(value is null or not isfinite(value::double))")
        }
        Aggregate::Ratio => Some(
            "(numerator is null or denominator is null or not isfinite(numerator::double) or not isfinite(denominator::double))",
        ),
        _ => None,
    }
}

/// Why an event does not count: for what its file says, or since it has not happened yet. Of states only what holds by now is
/// looked at anyway.
fn reason_of_event(metric: &Metric, now: DateTime<Utc>) -> String {
    let is_future = format!("observed_at > {}", instant(now));
    // What stands only beside the figure is no event itself: a head count of a day may stand at its noon.
    let is_event = match metric.beside.is_empty() {
        true => String::new(),
        false => format!(" and reason::varchar is distinct from '{ONLY_BESIDE}'"),
    };
    format!("if({is_future}{is_event}, '{FUTURE}', reason::varchar) as reason")
}

/// The column of a dimension: the key of a usual one, the name of any other.
fn group_column(dimension: &str) -> String {
    if DIMENSIONS.contains(&dimension) {
        format!("{dimension}_key")
    } else {
        format!("{dimension}::varchar as {dimension}")
    }
}

/// A metric's query with its words filled in.
pub(crate) fn filled_in(metric: &Metric, options: EngineOptions, now: DateTime<Utc>) -> String {
    let Settings { availability_objective, incident_share, incident_hours } = options.settings;
    [
        ("{now}", instant(now)),
        ("{lead_time_start}", options.lead_time_start.column().to_owned()),
        ("{availability_objective}", format!("{availability_objective}::double")),
        ("{incident_share}", format!("{incident_share}::double")),
        ("{incident_hours}", format!("{incident_hours}::double")),
    ]
    .iter()
    .fold(metric.query.clone(), |query, (word, value)| query.replace(word, value))
}

/// An instant, written out rather than bound: only of what it knows while planning can DuckDB tell which parts of a mart
/// need not be read.
pub(crate) fn instant(time: DateTime<Utc>) -> String {
    format!("make_timestamp({}::bigint)", time.timestamp_micros())
}

fn times(shape: Shape) -> &'static str {
    match shape {
        Shape::Event => "\n    observed_at,",
        Shape::State => "\n    held_from,\n    held_until,",
    }
}

/// Events happen within the window; states hold at the end of one of its buckets, so of those that came and went before
/// the first end, or came after the last, nothing needs to be known. Without buckets it is all that hold after its begin.
fn within(shape: Shape, window: &Window, buckets: &[Bucket], now: DateTime<Utc>) -> String {
    match shape {
        Shape::Event => {
            format!("observed_at >= {} and observed_at < {}", instant(window.from), instant(window.to))
        }
        Shape::State if buckets.is_empty() => {
            format!("(held_until is null or held_until > {})", instant(window.from))
        }
        Shape::State => {
            let end = |bucket: Option<&Bucket>| instant(bucket.map_or(window.to, |bucket| bucket.to).min(now));
            let (first, last) = (end(buckets.first()), end(buckets.last()));
            format!("held_from <= {last} and (held_until is null or held_until > {first})")
        }
    }
}
