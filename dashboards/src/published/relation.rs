//! The published tables: their columns, what they say, and where their rows come from.

use std::collections::BTreeMap;

use analytics::{AnalyticsError, Catalogue, DIMENSIONS, Metric, OWN_DIMENSIONS, ObservationType};
use arrow::datatypes::{DataType, TimeUnit};
use serde::Deserialize;

/// A published table.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Its name in the schema `public`.
    pub name: String,
    /// What one row is.
    pub comment: String,
    /// Its columns.
    pub columns: Vec<RelationColumn>,
    pub(crate) rows_from: RowsFrom,
}

/// A column of a published table.
#[derive(Debug, Clone)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What it says.
    pub comment: String,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// An instant: `timestamp with time zone`.
    Instant,
    /// Text.
    Text,
    /// A number: `double precision`.
    Number,
    /// A whole number: `bigint`.
    Whole,
    /// A truth value: `boolean`.
    Truth,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(crate) enum RowsFrom {
    /// A query of facts and marts.
    Query(String),
    /// The observations of a metric.
    Observations(String),
    /// The engine's figures.
    Figures,
    /// The metrics themselves.
    Metrics,
    /// The checks of the data.
    Quality,
    /// What improvements did.
    Comparisons,
}

/// Instants are in UTC, written as an offset: Arrow knows no names of zones unless told to.
pub(crate) const ZONE: &str = "+00:00";

impl ColumnKind {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            ColumnKind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())),
            ColumnKind::Text => DataType::Utf8,
            ColumnKind::Number => DataType::Float64,
            ColumnKind::Whole => DataType::Int64,
            ColumnKind::Truth => DataType::Boolean,
        }
    }

    /// DuckDB's word for it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            ColumnKind::Instant => "TIMESTAMP WITH TIME ZONE",
            ColumnKind::Text => "VARCHAR",
            ColumnKind::Number => "DOUBLE",
            ColumnKind::Whole => "BIGINT",
            ColumnKind::Truth => "BOOLEAN",
        }
    }
}

impl Relation {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&RelationColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// All published tables, by name.
#[derive(Debug, Clone)]
pub(crate) struct Relations(BTreeMap<String, Relation>);

impl Relations {
    /// Those of a catalogue, and those made from facts and marts by the files given.
    pub(crate) fn of(catalogue: &Catalogue, tables: &[(&str, &str)]) -> Result<Relations, AnalyticsError> {
        let mut all = vec![metric_catalogue(), metric_value(), super::comparisons::relation(), data_quality()];
        for (file, text) in tables {
            all.push(from_file(file, text)?);
        }
        all.extend(catalogue.metrics().filter_map(observations));
        Ok(Relations(all.into_iter().map(|relation| (relation.name.clone(), relation)).collect()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Relation> {
        self.0.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Relation> {
        self.0.values()
    }
}

/// The header of a table's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    comment: String,
    columns: Vec<(String, ColumnKind, String)>,
}

/// Reads a table's file: the leading comment is TOML, up to the line that says what one row is; the query is the rest.
fn from_file(file: &str, text: &str) -> Result<Relation, AnalyticsError> {
    let is_header = |line: &&str| line.starts_with("--") && !line.starts_with("-- One row");
    let header: String = text.lines().take_while(is_header).map(|line| format!("{}\n", &line[2..])).collect();
    let query: String = text.lines().skip_while(is_header).map(|line| format!("{line}\n")).collect();
    let header: Header = toml::from_str(&header).map_err(|error| AnalyticsError::BadMetricFile {
        file: file.to_owned(),
        line: None,
        message: error.message().to_owned(),
    })?;
    let columns = header.columns.into_iter().map(|(name, kind, comment)| RelationColumn { name, kind, comment });
    Ok(Relation {
        name: file.trim_end_matches(".sql").to_owned(),
        comment: header.comment,
        columns: columns.collect(),
        rows_from: RowsFrom::Query(query),
    })
}

pub(super) fn columns(all: &[(&str, ColumnKind, &str)]) -> Vec<RelationColumn> {
    all.iter()
        .map(|(name, kind, comment)| RelationColumn {
            name: (*name).to_owned(),
            kind: *kind,
            comment: (*comment).to_owned(),
        })
        .collect()
}

use ColumnKind::{Instant, Number, Text, Truth, Whole};

fn metric_catalogue() -> Relation {
    Relation {
        name: "metric_catalogue".into(),
        comment: "The metrics: a row is one of them, with its definition.".into(),
        columns: columns(&[
            ("metric", Text, "Its name."),
            ("title", Text, "What people call it."),
            ("part", Text, "Where it belongs: delivery, experience, platform health or business."),
            ("version", Whole, "The version of its definition."),
            ("unit", Text, "The unit of its value. A share is 0 to 1."),
            ("better", Text, "Which way is better: higher or lower."),
            ("shape", Text, "event: it happens at an instant; state: it holds from and until."),
            ("aggregate", Text, "How observations become a figure."),
            ("definition", Text, "The definition."),
            ("source", Text, "Where the definition comes from."),
            ("dimensions", Text, "What it can be grouped by and filtered on, separated by commas."),
            ("observations", Text, "The table with the rows behind it; null where they are not published."),
        ]),
        rows_from: RowsFrom::Metrics,
    }
}

fn metric_value() -> Relation {
    let mut all = columns(&[
        ("metric", Text, "The metric; see metric_catalogue."),
        ("grain", Text, "The length of a bucket: day, week, month or quarter."),
        ("grouped_by", Text, "all: the figure is of everything; else the one dimension whose column says of what."),
        ("time", Instant, "The begin of the bucket, in the reporting time zone."),
    ]);
    for dimension in DIMENSIONS.into_iter().chain(OWN_DIMENSIONS) {
        all.push(RelationColumn {
            name: dimension.to_owned(),
            kind: Text,
            comment: format!("The {dimension} where grouped_by is {dimension}; null there: it is not known."),
        });
    }
    all.extend(columns(FIGURE));
    Relation {
        name: "metric_value".into(),
        comment: "Figures of all metrics by day, week, month and quarter, of everything and by each dimension. Name the metric and the grain in WHERE: only what is named is computed. metric(...) asks for any other grouping.".into(),
        columns: all,
        rows_from: RowsFrom::Figures,
    }
}

/// The columns of a figure, the same wherever figures are read.
pub(crate) const FIGURE: &[(&str, ColumnKind, &str)] = &[
    ("value", Number, "The figure; null where it is not known, which is not 0."),
    ("n", Whole, "The number of observations it rests on."),
    ("low", Number, "Lower end of the 95 % interval."),
    ("high", Number, "Upper end of the 95 % interval."),
    ("coverage", Number, "Usable / relevant observations."),
    ("is_complete", Truth, "The bucket lies whole in the past, and sources told of all of it."),
];

fn data_quality() -> Relation {
    Relation {
        name: "data_quality".into(),
        comment: "What is missing or wrong in the data, a row per check that found something.".into(),
        columns: columns(&[
            ("check", Text, "The check."),
            ("title", Text, "What people call what it finds."),
            ("severity", Number, "The share that is lost x the number of metrics that suffer."),
            ("n", Whole, "How many observations are lost or wrong."),
            ("relevant", Whole, "Of how many."),
            ("share", Number, "The one by the other."),
            ("metrics", Text, "The metrics that suffer, separated by commas."),
            ("fix", Text, "What would mend it."),
        ]),
        rows_from: RowsFrom::Quality,
    }
}

/// The table of a metric's observations, where it may be published.
fn observations(metric: &Metric) -> Option<Relation> {
    let columns: Vec<RelationColumn> = metric
        .observation_columns()
        .into_iter()
        .map(|column| RelationColumn {
            name: column.name,
            kind: match column.holds {
                ObservationType::Instant => Instant,
                ObservationType::Text => Text,
                ObservationType::Number => Number,
                ObservationType::Truth => Truth,
            },
            comment: column.comment,
        })
        .collect();
    (!columns.is_empty()).then(|| Relation {
        name: metric.name.clone(),
        comment: format!("The observations behind {}. {}", metric.name, metric.definition),
        columns,
        rows_from: RowsFrom::Observations(metric.name.clone()),
    })
}
