//! Panels: what they ask and how they show it. [`super::draw`] makes Grafana's JSON of them.

use super::Way;
use super::look::Look;
use super::question::Question;

/// A panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// How it shows.
    pub look: Look,
    /// What it asks.
    pub content: Content,
    /// Its title; that of the metric unless said.
    pub title: Option<&'static str>,
    /// Its width, of 24.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// What a panel asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Figures.
    Figures(Question),
    /// The observations behind a metric's figures. Over the wire they are a data link, so that panels read figures only.
    Rows(&'static str),
    /// What is not a metric: a request over the API, a published table over the wire.
    Other(Other),
}

/// What is not a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// What it is, for those who read.
    pub about: &'static str,
    /// The path and parameters of the request; the range of time is added where it takes one.
    pub path: &'static str,
    /// Further parameters.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Where the rows stand in the answer.
    pub root: &'static str,
    /// Its columns.
    pub columns: &'static [(&'static str, &'static str)],
    /// The statement over the wire; none where it is answered over the API only.
    pub statement: Option<&'static str>,
}

impl Panel {
    fn of(look: Look, question: Question, width: u32, height: u32) -> Panel {
        Panel { look, content: Content::Figures(question), title: None, width, height }
    }

    /// A metric's figure over the range.
    pub fn stat(metric: &'static str) -> Panel {
        Panel::of(Look::Stat, Question::whole(metric), 4, 4)
    }

    /// The latest figure of a metric whose figures are never added over time, such as that of a survey.
    pub fn latest(metric: &'static str) -> Panel {
        Panel::of(Look::Stat, Question::trend(metric), 4, 4)
    }

    /// A metric's trend with its interval.
    pub fn trend(metric: &'static str) -> Panel {
        Panel::of(Look::Band, Question::trend(metric).figures(&["value", "low", "high"]), 12, 8)
    }

    /// Several of a metric's figures over time.
    pub fn lines(metric: &'static str, figures: &[&str]) -> Panel {
        Panel::of(Look::Lines, Question::trend(metric).figures(figures), 12, 8)
    }

    /// A metric over time by a dimension.
    pub fn lines_by(metric: &'static str, by: &'static str) -> Panel {
        Panel::of(Look::Lines, Question::trend(metric).by(&[by]), 12, 8)
    }

    /// Parts of a whole over time.
    pub fn stacked(question: Question) -> Panel {
        Panel::of(Look::Stacked, question, 12, 8)
    }

    /// A metric over the range by a dimension.
    pub fn bars(metric: &'static str, by: &'static str) -> Panel {
        Panel::of(Look::Bars, Question::whole(metric).by(&[by]), 12, 8)
    }

    /// A metric over the range by dimensions, as a table.
    pub fn table(metric: &'static str, by: &[&'static str], figures: &[&str]) -> Panel {
        Panel::of(Look::Table, Question::whole(metric).by(by).figures(figures), 24, 9)
    }

    /// The rows behind a metric.
    pub fn rows(metric: &'static str) -> Panel {
        Panel { look: Look::Table, content: Content::Rows(metric), title: None, width: 24, height: 9 }
    }

    /// What is not a metric, as a table.
    pub fn other(title: &'static str, other: Other) -> Panel {
        Panel { look: Look::Table, content: Content::Other(other), title: Some(title), width: 24, height: 9 }
    }

    /// The same with a title of its own.
    pub fn titled(self, title: &'static str) -> Panel {
        Panel { title: Some(title), ..self }
    }

    /// The same in another size.
    pub fn sized(self, width: u32, height: u32) -> Panel {
        Panel { width, height, ..self }
    }

    /// The same of some names only.
    pub fn only(self, only: &'static str) -> Panel {
        match self.content {
            Content::Figures(question) => Panel { content: Content::Figures(question.only(only)), ..self },
            _ => self,
        }
    }

    /// Whether it can be asked this way.
    pub fn is_for(&self, way: Way) -> bool {
        match (&self.content, way) {
            (Content::Rows(_), Way::PostgreSql) => false,
            (Content::Other(other), Way::PostgreSql) => other.statement.is_some(),
            _ => true,
        }
    }
}
