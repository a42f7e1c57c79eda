//! How the keys of an input become a distribution, and what is refused of them.

use super::config::FigureConfig;
use super::distribution::{Distribution, Z90};

const SHAPES: [&str; 5] = ["uniform", "triangular", "pert", "normal", "log_normal"];

const FORMS: &str = "value; min and max; min, mode and max; or a distribution by name (uniform, triangular, pert, \
    normal with mean and sd, log_normal with median and sigma, either of the last two with p10 and p90)";

type Get = fn(&FigureConfig) -> Option<f64>;

/// The keys that say what a value may be, as they are written.
const KEYS: [(&str, Get); 10] = [
    ("value", |figure| figure.value),
    ("min", |figure| figure.min),
    ("mode", |figure| figure.mode),
    ("max", |figure| figure.max),
    ("mean", |figure| figure.mean),
    ("sd", |figure| figure.sd),
    ("median", |figure| figure.median),
    ("sigma", |figure| figure.sigma),
    ("p10", |figure| figure.p10),
    ("p90", |figure| figure.p90),
];

/// Whether any of the keys of a distribution is written.
pub(crate) fn is_written(figure: &FigureConfig) -> bool {
    figure.distribution.is_some() || KEYS.iter().any(|(_, get)| get(figure).is_some())
}

/// Reads the distribution.
pub(crate) fn read(figure: &FigureConfig) -> Result<Distribution, String> {
    let written: Vec<(&str, f64)> = KEYS.iter().filter_map(|(key, get)| Some((*key, get(figure)?))).collect();
    if let Some((key, value)) = written.iter().find(|(_, value)| !value.is_finite()) {
        return Err(format!("`{key}` is {value}, which is no number to reckon with"));
    }
    let keys: Vec<&str> = written.iter().map(|(key, _)| *key).collect();
    let at = |place: usize| written[place].1;
    let distribution = match (figure.distribution.as_deref(), keys.as_slice()) {
        (None, []) => return Err(format!("it says no figure; write {FORMS}")),
        (None, ["value"]) => Distribution::Fixed { value: at(0) },
        (None | Some("uniform"), ["min", "max"]) => Distribution::Uniform { min: at(0), max: at(1) },
        (None | Some("triangular"), ["min", "mode", "max"]) => {
            Distribution::Triangular { min: at(0), mode: at(1), max: at(2) }
        }
        (Some("pert"), ["min", "mode", "max"]) => Distribution::Pert { min: at(0), mode: at(1), max: at(2) },
        (Some("normal"), ["mean", "sd"]) => Distribution::Normal { mean: at(0), sd: at(1) },
        (Some("normal"), ["p10", "p90"]) => {
            Distribution::Normal { mean: (at(0) + at(1)) / 2.0, sd: (at(1) - at(0)) / (2.0 * Z90) }
        }
        (Some("log_normal"), ["median", "sigma"]) => Distribution::LogNormal { median: at(0), sigma: at(1) },
        (Some("log_normal"), ["p10", "p90"]) if at(0) > 0.0 && at(1) > 0.0 => {
            Distribution::LogNormal { median: (at(0) * at(1)).sqrt(), sigma: (at(1) / at(0)).ln() / (2.0 * Z90) }
        }
        (Some("log_normal"), ["p10", "p90"]) => {
            return Err("p10 and p90 of a log_normal lie above 0".into());
        }
        (Some(shape), _) if !SHAPES.contains(&shape) => {
            let hint = facts::did_you_mean(shape, &SHAPES);
            return Err(format!("there is no distribution `{shape}`{hint}; there are {}", SHAPES.join(", ")));
        }
        (Some(shape), _) => {
            return Err(format!("a {shape} is not told by {}; write {FORMS}", list(&keys)));
        }
        (None, _) => return Err(format!("{} do not go together; write {FORMS}", list(&keys))),
    };
    in_order(distribution)
}

fn list(keys: &[&str]) -> String {
    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
}

/// Refuses ends that are exchanged and spreads that are none. Ends that meet make one value.
fn in_order(distribution: Distribution) -> Result<Distribution, String> {
    match distribution {
        Distribution::Uniform { min, max }
        | Distribution::Triangular { min, max, .. }
        | Distribution::Pert { min, max, .. }
            if min > max =>
        {
            Err(format!("min ({min}) is above max ({max}); exchange them"))
        }
        Distribution::Triangular { min, mode, max } | Distribution::Pert { min, mode, max }
            if mode < min || mode > max =>
        {
            Err(format!("mode ({mode}) does not lie between min ({min}) and max ({max})"))
        }
        Distribution::Uniform { min, max }
        | Distribution::Triangular { min, max, .. }
        | Distribution::Pert { min, max, .. }
            if min == max =>
        {
            Ok(Distribution::Fixed { value: min })
        }
        Distribution::Normal { sd, .. } if sd < 0.0 => {
            Err("its spread is below 0; sd lies above 0, and p90 above p10".into())
        }
        Distribution::Normal { mean, sd: 0.0 } => Ok(Distribution::Fixed { value: mean }),
        Distribution::LogNormal { median, sigma } if median <= 0.0 || sigma < 0.0 => {
            Err("the median of a log_normal lies above 0, sigma too, and p90 above p10".into())
        }
        Distribution::LogNormal { median, sigma: 0.0 } => Ok(Distribution::Fixed { value: median }),
        good => Ok(good),
    }
}
