//! All that a page asks about one metric: its figure over the window, over the time before, and bucket by bucket.

use std::sync::Arc;

use analytics::people::{self, Trend};
use analytics::{Aggregate, AnalyticsError, Answer, Ask, Engine, Grain, Metric, Row, Window, Wording};

use crate::filters::Filters;

/// A metric's figures for a page.
pub struct Figure {
    /// The metric, its unit as the answer has it: with the currency of money.
    pub metric: Metric,
    /// Over the window as a whole.
    pub whole: Arc<Answer>,
    /// Over the time before, as a whole.
    pub previous: Arc<Answer>,
    /// Bucket by bucket over the time shown.
    pub buckets: Arc<Answer>,
    /// The span that the whole is of.
    pub span: Window,
    is_previous_known: bool,
}

impl Figure {
    /// What it asks the engine for: the whole, the whole of the time before, the buckets and, of rates, those of the time before.
    pub fn asks(engine: &Engine, filters: &Filters, name: &str) -> Result<Vec<Ask>, AnalyticsError> {
        let metric = engine.catalogue().get(name)?;
        let ask = |window, grain| filters.ask(name, window, grain, None);
        let (span, previous) = (filters.of_figure(metric).window, filters.previous());
        let mut asks = vec![ask(span, Grain::All), ask(previous, Grain::All), ask(filters.shown, filters.grain)];
        if metric.aggregate == Aggregate::Rate {
            asks.push(ask(previous, filters.grain));
        }
        Ok(asks)
    }

    /// Asks the engine.
    pub fn read(engine: &Engine, filters: &Filters, name: &str) -> Result<Figure, AnalyticsError> {
        let metric = engine.catalogue().get(name)?;
        let asks = Figure::asks(engine, filters, name)?;
        let answer = |ask: &Ask| engine.answer(ask, filters.now);
        // A rate divides by all days of its window. Where no source was connected on some of them it comes out too
        // low, and against such a time everything later looks like a rise.
        let is_previous_known = match asks.get(3) {
            Some(before) => answer(before)?.rows.iter().all(|row| row.estimate.value.is_some()),
            None => true,
        };
        let whole = answer(&asks[0])?;
        Ok(Figure {
            metric: Metric { unit: whole.unit.clone(), ..metric.clone() },
            whole,
            previous: answer(&asks[1])?,
            buckets: answer(&asks[2])?,
            span: asks[0].window,
            is_previous_known,
        })
    }

    /// The figure over the window; of published cells, which are never added, the latest.
    pub fn row(&self) -> &Row {
        if let Some(latest) = self.latest_cell() {
            return latest;
        }
        self.whole.rows.first().expect("an answer without groups has a row for its one bucket")
    }

    fn latest_cell(&self) -> Option<&Row> {
        let is_cell = self.metric.aggregate == Aggregate::Cell;
        self.buckets.rows.iter().rev().filter(|_| is_cell).find(|row| row.estimate.value.is_some())
    }

    /// The figure over the time before.
    pub fn previous_row(&self) -> &Row {
        self.previous.rows.first().expect("an answer without groups has a row for its one bucket")
    }

    /// Whether the figure moved against the time before.
    pub fn trend(&self) -> Trend {
        if !self.is_previous_known {
            return Trend::TooLittle;
        }
        people::trend(self.metric.better, self.previous_row(), self.row())
    }

    /// Whether all of the time before is known, so that it can be compared with.
    pub fn is_previous_whole(&self) -> bool {
        self.is_previous_known && self.previous_row().is_complete
    }

    /// The latest bucket that can be judged by those before it: complete, and no longer changing.
    pub fn latest_judged(&self) -> Option<&Row> {
        self.buckets.rows.iter().rev().find(|row| row.expected.is_some() && !row.is_provisional)
    }

    /// How the figure is written; all others of the same card or page are per the same time.
    pub fn wording(&self) -> Wording {
        let row = self.row();
        if row.estimate.value.is_some_and(|value| value > 0.0) {
            return Wording::of_row(&self.metric.unit, row);
        }
        // Of what did not happen at all, the other buckets say over which time it is best pictured.
        Wording::of_rows(&self.metric.unit, self.buckets.rows.iter().chain(&self.previous.rows)).for_rows([row])
    }

    /// The figure in words.
    pub fn value(&self) -> String {
        self.wording().row_value(self.row())
    }

    /// Whether a figure of this metric has an interval once it rests on enough.
    pub fn has_intervals(&self) -> bool {
        has_intervals(self.metric.aggregate)
    }

    /// Of how many buckets of the window, also those told of in part, the count is known, and of how many not. Only
    /// counts can be unknown in part: for all else a bucket without observations adds nothing and takes nothing away.
    pub fn known_buckets(&self) -> (usize, usize) {
        if self.metric.aggregate != Aggregate::Rate {
            return (self.buckets.rows.len(), 0);
        }
        let within = || self.buckets.rows.iter().filter(|row| row.time < self.span.to);
        let n_known = within().filter(|row| row.estimate.value.is_some()).count();
        (n_known, within().count() - n_known)
    }
}

/// Whether figures that are made in this way have an interval once they rest on enough: sums, quotients of sums and what is
/// counted at an instant have none.
pub fn has_intervals(aggregate: Aggregate) -> bool {
    use Aggregate::{Cell, Median, Rate, Share, Survival};
    matches!(aggregate, Rate | Share | Median | Survival | Cell)
}
