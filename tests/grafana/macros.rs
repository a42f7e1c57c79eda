//! The macros of Grafana's PostgreSQL data source, after its documentation: what it makes of a statement before it sends it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use regex::{Captures, Regex};

use super::interpolation::Range;

/// How many points a panel of usual width asks for.
const POINTS: i32 = 1_000;

/// A statement with its macros expanded. An unknown macro is an error, as it is there.
pub fn expand(statement: &str, range: Range) -> Result<String, String> {
    let interval = interval(range);
    let statement = statement
        .replace("$__interval_ms", &interval.num_milliseconds().to_string())
        .replace("$__interval", &format!("{}s", interval.num_seconds()));
    let call = Regex::new(r"\$(__\w+)\(([^)]*)\)").unwrap();
    let mut fault = None;
    let expanded = call.replace_all(&statement, |found: &Captures<'_>| {
        let arguments: Vec<&str> = found[2].split(',').map(str::trim).collect();
        // Followed by a comma, a group of time names its column, as old dashboards expect.
        let end = found.get(0).unwrap().end();
        let is_named = &found[1] == "__timeGroup" && statement[end..].starts_with(',');
        let name = if is_named { "__timeGroupAlias" } else { &found[1] };
        expanded_call(name, &arguments, range).unwrap_or_else(|error| {
            fault = Some(error);
            String::new()
        })
    });
    fault.map_or_else(|| Ok(expanded.into_owned()), Err)
}

fn expanded_call(name: &str, arguments: &[&str], range: Range) -> Result<String, String> {
    let column = arguments.first().copied().unwrap_or_default();
    let of_column = |text: String| if column.is_empty() { Err(format!("{name} needs a column")) } else { Ok(text) };
    let (from, to) = (quoted(range.from), quoted(range.to));
    match name {
        "__timeFrom" => Ok(from),
        "__timeTo" => Ok(to),
        "__time" => of_column(format!("{column} AS \"time\"")),
        "__timeEpoch" => of_column(format!("extract(epoch from {column}) as \"time\"")),
        "__timeFilter" => of_column(format!("{column} BETWEEN {from} AND {to}")),
        "__unixEpochFilter" => {
            let (from, to) = (range.from.timestamp(), range.to.timestamp());
            of_column(format!("{column} >= {from} AND {column} <= {to}"))
        }
        "__timeGroup" => {
            let length = arguments.get(1).and_then(|text| seconds(text.trim_matches('\'')));
            let length = length.ok_or_else(|| format!("{name} needs a column and an interval"))?;
            Ok(format!("floor(extract(epoch from {column})/{length})*{length}"))
        }
        "__timeGroupAlias" => Ok(format!("{} AS \"time\"", expanded_call("__timeGroup", arguments, range)?)),
        unknown => Err(format!("there is no macro {unknown}")),
    }
}

/// An instant as Go writes it: with as many places of the second as it has.
fn quoted(time: DateTime<Utc>) -> String {
    let text = time.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let short = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("'{short}Z'")
}

/// The seconds of an interval such as `5m` or `1d`; a month is 30 days and a year 365 there.
fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "M" => 30 * 86_400,
        "y" => 365 * 86_400,
        _ => return None,
    };
    Some(number.parse::<i64>().ok()? * unit)
}

/// The range over the points of a panel, rounded to a length that people use.
fn interval(range: Range) -> TimeDelta {
    const LENGTHS: [i64; 16] =
        [1, 5, 10, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800];
    let exact = (range.to - range.from) / POINTS;
    let length = LENGTHS.into_iter().rev().find(|length| *length <= exact.num_seconds().max(1));
    TimeDelta::seconds(length.unwrap_or(1))
}

#[test]
fn macros_become_the_sql_that_grafana_sends() {
    let at = crate::support::at;
    let range = Range { from: at("2018-04-12T18:00:00Z"), to: at("2018-04-12T18:05:00.25Z") };
    let expanded = |text: &str| expand(text, range).unwrap();
    assert_eq!(
        expanded("where $__timeFilter(time_column)"),
        "where time_column BETWEEN '2018-04-12T18:00:00Z' AND '2018-04-12T18:05:00.25Z'"
    );
    assert_eq!(expanded("f($__timeFrom(), $__timeTo())"), "f('2018-04-12T18:00:00Z', '2018-04-12T18:05:00.25Z')");
    assert_eq!(
        expanded("group by $__timeGroup(time_column,'5m')"),
        "group by floor(extract(epoch from time_column)/300)*300"
    );
    assert_eq!(
        expanded("select $__timeGroup(time_column, '1d'), x"),
        "select floor(extract(epoch from time_column)/86400)*86400 AS \"time\", x"
    );
    assert_eq!(expand("$__nothing(x)", range).unwrap_err(), "there is no macro __nothing");
    let month = Range { from: at("2018-04-01T00:00:00Z"), to: at("2018-05-01T00:00:00Z") };
    // 2592 seconds a point.
    assert_eq!(expand("$__interval $__interval_ms", month).unwrap(), "1800s 1800000");
}
