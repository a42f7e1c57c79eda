//! The chain: hours -> gross -> attribution -> recapture -> platform cost -> net, for each row of the columns.

use super::Basis;
use super::config::Denominator;
use super::draws::{Column, Columns};
use super::inputs::{Capability, Inputs, Saving};

/// Each step of the chain, row by row.
pub(crate) struct Steps {
    /// Hours a week of all, before the cap.
    pub claimed: Column,
    /// Hours a week of all, after the cap.
    pub capped: Column,
    /// Money of a year that those hours cost.
    pub gross: Column,
    /// Of that, what is owed to the platform.
    pub attributed: Column,
    /// Of that, what becomes useful work.
    pub recaptured: Column,
    /// Money of a year that the platform costs, where all of it is known.
    pub cost: Option<Column>,
    /// What remains.
    pub net: Option<Column>,
    /// The inputs that are not known, without which the figures are those of the other capabilities, or have no net.
    pub missing: Vec<String>,
    /// Engineers whose whole work the hours make up; only by the working week.
    pub equivalent: Option<Column>,
}

/// The chain of one basis. Where an input is not known, neither is what rests on it: the error names those inputs.
pub(crate) fn evaluate(inputs: &Inputs, basis: Basis, columns: &Columns) -> Result<Steps, Vec<String>> {
    let mut missing = Vec::new();
    let mut known: Vec<(&Capability, Column)> = Vec::new();
    for capability in inputs.capabilities.iter().filter(|capability| capability.saving(basis).is_some()) {
        match hours(capability, basis, columns) {
            Ok(hours) => known.push((capability, hours)),
            Err(name) => missing.push(name),
        }
    }
    let common = Common::of(inputs, columns).map_err(|name| vec![name])?;
    if known.is_empty() {
        return Err(missing);
    }
    let sum = |columns_of: &mut dyn Iterator<Item = Column>| {
        columns_of.fold(vec![0.0; columns.n], |sum, column| zip(&sum, &column, |sum, value| sum + value))
    };
    let claimed = sum(&mut known.iter().map(|(_, hours)| hours.clone()));
    let limit = zip(common.cap, common.engineers, |cap, engineers| cap * engineers);
    // Above the cap every capability gives way in proportion. A loss of time is not capped.
    let scale = zip(&claimed, &limit, |claimed, limit| if claimed > limit { limit / claimed } else { 1.0 });
    let capped = zip(&claimed, &scale, |claimed, scale| claimed * scale);
    let gross = zip(&capped, &common.hourly, |hours, price| hours * price);
    let mut attributed = vec![0.0; columns.n];
    let mut recaptured = vec![0.0; columns.n];
    for (capability, hours) in &known {
        let own = format!("capability.{}.attribution", capability.name);
        let attribution = columns.get(&own).filter(|_| capability.has_attribution).unwrap_or(common.attribution);
        for row in 0..columns.n {
            let money = hours[row] * scale[row] * attribution[row] * common.hourly[row];
            attributed[row] += money;
            // Of freed time only a part becomes useful work; lost time is lost whole.
            recaptured[row] += if money > 0.0 { money * common.recapture[row] } else { money };
        }
    }
    let cost = match cost(inputs, columns) {
        Ok(cost) => Some(cost),
        Err(unknown) => {
            missing.extend(unknown);
            None
        }
    };
    let net = cost.as_ref().map(|cost| zip(&recaptured, cost, |recaptured, cost| recaptured - cost));
    Ok(Steps {
        equivalent: common.week.map(|week| zip(&capped, week, |hours, week| hours / week)),
        claimed,
        capped,
        gross,
        attributed,
        recaptured,
        cost,
        net,
        missing,
    })
}

/// Hours a week that a capability saves, by one basis.
pub(crate) fn hours(capability: &Capability, basis: Basis, columns: &Columns) -> Result<Column, String> {
    let part = |key: &str| {
        let name = capability.part(basis, key);
        columns.get(&name).ok_or(name)
    };
    Ok(match capability.saving(basis).ok_or("nothing is said of it")? {
        Saving::Told { has_factor: false } => part("hours")?.clone(),
        Saving::Told { has_factor: true } => zip(part("hours")?, part("factor")?, |hours, factor| hours * factor),
        Saving::PerOccurrence { has_active_share } => {
            let each = zip(part("baseline")?, part("observed")?, |baseline, observed| baseline - observed);
            let all = zip(part("occurrences")?, &each, |times, hours| times * hours);
            if *has_active_share { zip(&all, part("active_share")?, |hours, share| hours * share) } else { all }
        }
        Saving::PerEngineer => {
            let engineers = columns.get("engineers").ok_or("engineers")?;
            zip(part("hours_per_engineer_week")?, engineers, |hours, engineers| hours * engineers)
        }
    })
}

/// Hours that prevented incidents would have taken, once.
pub(crate) fn incident_hours(columns: &Columns) -> Option<Column> {
    let become_incidents =
        zip(columns.get("incidents.blocked")?, columns.get("incidents.share")?, |n, share| n * share);
    Some(zip(&become_incidents, columns.get("incidents.hours")?, |n, hours| n * hours))
}

/// What a year of the platform costs.
pub(crate) fn cost(inputs: &Inputs, columns: &Columns) -> Result<Column, Vec<String>> {
    let is_there = |name: &str| inputs.figures.contains_key(name);
    let mut missing = Vec::new();
    let mut get = |name: &'static str| {
        let found = columns.get(name);
        if found.is_none() {
            missing.push(name.to_owned());
        }
        found
    };
    let each = if is_there("platform.engineer_cost") { "platform.engineer_cost" } else { "loaded_cost" };
    let mut cost = match (get("platform.engineers"), get(each)) {
        (Some(engineers), Some(each)) => zip(engineers, each, |engineers, each| engineers * each),
        _ => vec![0.0; columns.n],
    };
    for (name, years) in
        [("platform.licences", 1.0), ("platform.infrastructure", 1.0), ("platform.migration", inputs.migration_years)]
    {
        if is_there(name)
            && let Some(part) = get(name)
        {
            cost = zip(&cost, part, |cost, part| cost + part / years);
        }
    }
    if missing.is_empty() { Ok(cost) } else { Err(missing) }
}

/// What all capabilities share.
struct Common<'a> {
    engineers: &'a Column,
    cap: &'a Column,
    attribution: &'a Column,
    recapture: &'a Column,
    week: Option<&'a Column>,
    /// Money of a year for one hour saved each week.
    hourly: Column,
}

impl<'a> Common<'a> {
    fn of(inputs: &Inputs, columns: &'a Columns) -> Result<Common<'a>, String> {
        let get = |name: &str| columns.get(name).ok_or_else(|| name.to_owned());
        let loaded = get("loaded_cost")?;
        let (week, hourly) = match inputs.denominator {
            Denominator::WorkingWeek => {
                let week = get("hours_per_week")?;
                (Some(week), zip(loaded, week, |loaded, week| loaded / week))
            }
            Denominator::PaidHours => {
                let worked = zip(get("weeks_per_year")?, loaded, |weeks, loaded| weeks * loaded);
                (None, zip(&worked, get("paid_hours")?, |worked, paid| worked / paid))
            }
        };
        Ok(Common {
            engineers: get("engineers")?,
            cap: get("cap")?,
            attribution: get("attribution")?,
            recapture: get("recapture")?,
            week,
            hourly,
        })
    }
}

fn zip(one: &[f64], other: &[f64], work: impl Fn(f64, f64) -> f64) -> Column {
    one.iter().zip(other).map(|(one, other)| work(*one, *other)).collect()
}
