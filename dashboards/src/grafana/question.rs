//! What a panel asks: a metric, how it is cut and grouped, and which of its figures.

use analytics::Metric;

/// How time is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// As the dashboard's variable says, complete buckets only: trends leave the running one out.
    Chosen,
    /// The whole range as one.
    Whole,
    /// By day, as alerts ask.
    Day,
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The metric.
    pub metric: &'static str,
    /// The dimensions to group by.
    pub by: Vec<&'static str>,
    /// How time is cut.
    pub step: Step,
    /// The figures, by the names that they have in a row.
    pub figures: Vec<String>,
    /// Filters beside those of the dashboard's variables, as the API writes them.
    pub only: Option<&'static str>,
}

/// The dashboard's variables that are filters, each with the dimension that it is of.
pub const FILTERS: [&str; 3] = ["team", "service", "environment"];

impl Question {
    /// The figure of a metric over the whole range.
    pub fn whole(metric: &'static str) -> Question {
        Question { metric, by: Vec::new(), step: Step::Whole, figures: vec!["value".into()], only: None }
    }

    /// Its figures over time.
    pub fn trend(metric: &'static str) -> Question {
        Question { step: Step::Chosen, ..Question::whole(metric) }
    }

    /// The same by dimensions.
    pub fn by(self, by: &[&'static str]) -> Question {
        Question { by: by.to_vec(), ..self }
    }

    /// The same with other figures.
    pub fn figures(self, figures: &[&str]) -> Question {
        Question { figures: figures.iter().map(|name| (*name).to_owned()).collect(), ..self }
    }

    /// The same of some names only.
    pub fn only(self, only: &'static str) -> Question {
        Question { only: Some(only), ..self }
    }

    /// The filter, as the API writes it: the variables of the dimensions that the metric has, and its own. A variable that
    /// says "all" is `*`, which filters nothing.
    pub fn filter(&self, metric: &Metric) -> String {
        let variables = FILTERS.into_iter().filter(|name| metric.has_dimension(name));
        let variables = variables.map(|name| format!("{name}=${{{name}:csv}}"));
        variables.chain(self.only.map(str::to_owned)).collect::<Vec<_>>().join(";")
    }

    /// The name of the grain, or the variable that says it.
    pub fn grain(&self) -> &'static str {
        match self.step {
            Step::Chosen => "${grain}",
            Step::Whole => "all",
            Step::Day => "day",
        }
    }

    /// The columns of the answer that a panel needs, in their order: time (unless the range is one), groups, figures.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.groups().collect();
        columns.extend(self.figures.iter().map(String::as_str));
        columns
    }

    /// Those that say of what a figure is.
    pub fn groups(&self) -> impl Iterator<Item = &'static str> {
        let time = (self.step != Step::Whole).then_some("time");
        time.into_iter().chain(self.by.iter().copied())
    }
}
