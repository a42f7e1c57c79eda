//! The statement that a question becomes: the metric's query, wrapped in filters, buckets and groups.

use chrono::{DateTime, Utc};
use store::Value;

use crate::catalogue::{Aggregate, Metric, Shape};
use crate::engine::LeadTimeStart;
use crate::window::{Bucket, Window};

/// SQL under construction, with the parameters bound to it.
pub(crate) struct Statement {
    /// The text.
    pub sql: String,
    /// The parameters, in order of their numbers.
    pub parameters: Vec<Value>,
}

/// A filter whose names were looked up: the dimension and the keys allowed.
pub(crate) type KeyFilter = (&'static str, Vec<i64>);

impl Statement {
    fn bind(&mut self, value: Value) -> String {
        self.parameters.push(value);
        format!("${}", self.parameters.len())
    }

    fn instant(&mut self, time: DateTime<Utc>) -> String {
        let micros = self.bind(Value::Integer(time.timestamp_micros()));
        format!("make_timestamp({micros}::bigint)")
    }

    fn integers(&mut self, numbers: impl Iterator<Item = i64>) -> String {
        let list = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",");
        let list = self.bind(Value::Text(list));
        format!("string_split({list}, ',')::bigint[]")
    }

    /// The observations of a metric, with its words filled in and the filters applied.
    pub(crate) fn observations(
        metric: &Metric,
        start: LeadTimeStart,
        filters: &[KeyFilter],
        now: DateTime<Utc>,
    ) -> Statement {
        let mut statement = Statement { sql: String::new(), parameters: Vec::new() };
        let now = statement.instant(now);
        let query = metric.query.replace("{now}", &now).replace("{lead_time_start}", start.column());
        // Bound even where the query does not mention it, so that the numbers stay as they are.
        statement.sql = format!(
            "with clock as (select {now} as now), metric as (\n{query}),\nobservation as (\n    select * from metric where true"
        );
        for (dimension, keys) in filters {
            let keys = statement.integers(keys.iter().copied());
            statement.sql += &format!("\n    and {dimension}_key in (select unnest({keys}))");
        }
        statement.sql += "\n)";
        statement
    }

    /// The figures of each bucket and group. Columns: `bucket`, one key per dimension, `n_relevant`, `n_usable`,
    /// `n_left_out`, then by aggregate.
    pub(crate) fn figures(
        mut self,
        metric: &Metric,
        by: &[&str],
        window: &Window,
        buckets: &[Bucket],
        now: DateTime<Utc>,
    ) -> Statement {
        match metric.shape {
            Shape::Event => self.locate_events(window, buckets),
            Shape::State => self.locate_states(buckets, now),
        }
        let keys: String = by.iter().map(|dimension| format!("{dimension}_key, ")).collect();
        let left_out: Vec<String> =
            metric.left_out.iter().map(|reason| self.bind(Value::Text(reason.clone()))).collect();
        let is_left_out =
            if left_out.is_empty() { "false".to_owned() } else { format!("reason in ({})", left_out.join(", ")) };
        let usable = "filter (reason is null)";
        self.sql += &format!(
            "\nselect bucket, {keys}
    count(*) as n_all,
    count(*) {usable} as n_usable,
    count(*) filter (coalesce({is_left_out}, false)) as n_left_out,"
        );
        if metric.estimates.is_some() {
            self.sql += "\n    count(*) filter (reason is null and is_estimated) as n_estimated,";
        }
        self.sql += &match metric.aggregate {
            Aggregate::Rate => format!("\n    count(distinct day) {usable} as n_days,"),
            Aggregate::Share => "\n    count(*) filter (reason is null and value) as n_true,".to_owned(),
            Aggregate::Median => format!("\n    list(value::double) {usable} as durations,"),
            Aggregate::Survival => {
                format!("\n    list(value::double) {usable} as durations,\n    list(is_open) {usable} as opens,")
            }
            Aggregate::Count => format!("\n    epoch_us(min(held_from) {usable}) as oldest_us,"),
            Aggregate::Composed => String::new(),
        };
        for stage in &metric.stages {
            self.sql += &format!(
                "\n    list({stage}::double) filter (reason is null and {stage} is not null) as stage_{stage},"
            );
        }
        self.sql += "\nfrom located\ngroup by all";
        self
    }

    /// How many observations of the window there are for each reason.
    pub(crate) fn reasons(
        mut self,
        metric: &Metric,
        window: &Window,
        buckets: &[Bucket],
        now: DateTime<Utc>,
    ) -> Statement {
        match metric.shape {
            Shape::Event => self.locate_events(window, buckets),
            Shape::State => self.locate_states(buckets, now),
        }
        self.sql += "\nselect reason, count(*) as n from located where reason is not null group by all";
        self
    }

    /// Events find their bucket by the 19-hour slot they fall into (a shift, where a division would cost more than the
    /// rest of the query), and, in slots that hold a bucket's begin, by comparing with it. Buckets are at least a day
    /// long, so no slot holds two begins.
    fn locate_events(&mut self, window: &Window, buckets: &[Bucket]) {
        let begins: Vec<i64> = buckets.iter().map(|bucket| bucket.from.timestamp_micros()).collect();
        let slots = Slots::new(&begins, window.to.timestamp_micros());
        let (from, to) = (self.instant(window.from), self.instant(window.to));
        let slot = self.slots(&slots);
        self.sql += &format!(
            ",
slot as ({slot}),
located as (
    select
        (slot.bucket + (epoch_us(observation.observed_at) >= slot.boundary)::bigint)::integer as bucket,
        epoch_us(observation.observed_at) // 86400000000 as day,
        observation.*,
    from observation
    join slot on slot.slot = (epoch_us(observation.observed_at) >> {SLOT_BITS})
    where observation.observed_at >= {from} and observation.observed_at < {to}
)"
        );
    }

    /// States count in each bucket at whose end they hold: from the first end at or after `held_from` up to the first
    /// at or after `held_until`. Ends are found as begins of buckets are; only the last, which may be the present, can
    /// share a slot with the one before.
    fn locate_states(&mut self, buckets: &[Bucket], now: DateTime<Utc>) {
        let ends: Vec<i64> = buckets.iter().map(|bucket| bucket.to.min(now).timestamp_micros()).collect();
        let (Some(first), Some(last)) = (ends.first().copied(), ends.last().copied()) else { return };
        let slots: Vec<i64> = ((first >> SLOT_BITS)..=(last >> SLOT_BITS)).collect();
        let before = slots.iter().map(|slot| ends.partition_point(|end| *end < (slot << SLOT_BITS)) as i64);
        let within = |nth: usize| {
            let ends = &ends;
            slots.iter().map(move |slot| {
                let inside = ends.iter().filter(|end| (**end >> SLOT_BITS) == *slot);
                inside.copied().nth(nth).unwrap_or(i64::MAX)
            })
        };
        let slot = self.integers(slots.iter().copied());
        let before = self.integers(before);
        let (one, other) = (self.integers(within(0)), self.integers(within(1)));
        let n_ends = self.bind(Value::Integer(ends.len() as i64));
        let (first, last) = (self.bind(Value::Integer(first)), self.bind(Value::Integer(last)));
        let ends_before = |table: &str, time: &str| {
            format!(
                "{table}.before + (epoch_us({time}) > {table}.one)::bigint + (epoch_us({time}) > {table}.other)::bigint"
            )
        };
        self.sql += &format!(
            ",
slot as (
    select unnest({slot}) as slot, unnest({before}) as before, unnest({one}) as one, unnest({other}) as other
),
held as (
    select
        observation.*,
        coalesce({}, 0) as first_end,
        coalesce({}, {n_ends}::bigint) as last_end,
    from observation
    left join slot as slot_from on slot_from.slot = (epoch_us(held_from) >> {SLOT_BITS})
    left join slot as slot_until on slot_until.slot = (epoch_us(held_until) >> {SLOT_BITS})
    where epoch_us(held_from) <= {last}::bigint and (held_until is null or epoch_us(held_until) > {first}::bigint)
),
located as (
    select * exclude (first_end, last_end), unnest(range(first_end, last_end))::integer as bucket
    from held
    where first_end < last_end
)",
            ends_before("slot_from", "held_from"),
            ends_before("slot_until", "held_until"),
        );
    }

    fn slots(&mut self, slots: &Slots) -> String {
        let slot = self.integers(slots.slot.iter().copied());
        let bucket = self.integers(slots.bucket.iter().copied());
        let boundary = self.integers(slots.boundary.iter().copied());
        format!("select unnest({slot}) as slot, unnest({bucket}) as bucket, unnest({boundary}) as boundary")
    }
}

/// 2^36 microseconds are 19 hours and 5 minutes: the longest power of two below the shortest day, one of 23 hours.
const SLOT_BITS: u32 = 36;

/// For each slot of time: the bucket at its begin, and the begin of the next bucket where that lies within the slot.
struct Slots {
    slot: Vec<i64>,
    bucket: Vec<i64>,
    boundary: Vec<i64>,
}

impl Slots {
    fn new(begins: &[i64], end: i64) -> Slots {
        let mut slots = Slots { slot: Vec::new(), bucket: Vec::new(), boundary: Vec::new() };
        let Some(first) = begins.first() else { return slots };
        let mut bucket = 0;
        for slot in (first >> SLOT_BITS)..=(end >> SLOT_BITS) {
            let begin = slot << SLOT_BITS;
            while bucket + 1 < begins.len() && begins[bucket + 1] <= begin {
                bucket += 1;
            }
            let next = begins.get(bucket + 1).copied().filter(|next| (next >> SLOT_BITS) == slot);
            slots.slot.push(slot);
            slots.bucket.push(bucket as i64);
            slots.boundary.push(next.unwrap_or(i64::MAX));
        }
        slots
    }
}
