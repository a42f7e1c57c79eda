//! What an input may be: one value, or a distribution of what it may be.
//!
//! Every distribution is asked for its quantiles only: draws, the ends of a tornado's bars and tests all rest on them.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF, Normal};

/// A value, or a distribution over values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "distribution", rename_all = "snake_case")]
pub enum Distribution {
    /// One value, which is certain.
    Fixed {
        /// The value.
        value: f64,
    },
    /// Anything between two ends, all of it alike.
    Uniform {
        /// The lower end.
        min: f64,
        /// The upper end.
        max: f64,
    },
    /// Most likely at its mode, falling in straight lines to its ends.
    Triangular {
        /// The lower end.
        min: f64,
        /// The most likely value.
        mode: f64,
        /// The upper end.
        max: f64,
    },
    /// A Beta distribution between its ends, whose mean is (min + 4 mode + max) / 6.
    Pert {
        /// The lower end.
        min: f64,
        /// The most likely value.
        mode: f64,
        /// The upper end.
        max: f64,
    },
    /// The normal distribution.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// The distribution whose logarithm is normal.
    LogNormal {
        /// Its median.
        median: f64,
        /// The standard deviation of its natural logarithm.
        sigma: f64,
    },
}

/// The 90 % point of the standard normal distribution.
pub(crate) const Z90: f64 = 1.281_551_565_544_600_4;
/// Its 97.5 % point.
pub(crate) const Z975: f64 = 1.959_963_984_540_054;

impl Distribution {
    /// The value below which a share `p` of it lies, 0 < p < 1.
    pub fn quantile(&self, p: f64) -> f64 {
        match *self {
            Distribution::Fixed { value } => value,
            Distribution::Uniform { min, max } => min + p * (max - min),
            Distribution::Triangular { min, mode, max } => {
                let width = max - min;
                if p * width <= mode - min {
                    min + (p * width * (mode - min)).sqrt()
                } else {
                    max - ((1.0 - p) * width * (max - mode)).sqrt()
                }
            }
            Distribution::Pert { min, mode, max } => {
                let (rising, falling) =
                    (1.0 + 4.0 * (mode - min) / (max - min), 1.0 + 4.0 * (max - mode) / (max - min));
                Beta::new(rising, falling).map_or(mode, |beta| min + (max - min) * beta.inverse_cdf(p))
            }
            Distribution::Normal { mean, sd } => mean + sd * standard_normal(p),
            Distribution::LogNormal { median, sigma } => median * (sigma * standard_normal(p)).exp(),
        }
    }

    /// Whether it is one value.
    pub fn is_fixed(&self) -> bool {
        matches!(self, Distribution::Fixed { .. })
    }

    /// The ends of what is possible; none where there is no end.
    pub(crate) fn support(&self) -> (Option<f64>, Option<f64>) {
        match *self {
            Distribution::Fixed { value } => (Some(value), Some(value)),
            Distribution::Uniform { min, max }
            | Distribution::Triangular { min, max, .. }
            | Distribution::Pert { min, max, .. } => (Some(min), Some(max)),
            Distribution::Normal { .. } | Distribution::LogNormal { .. } => (None, None),
        }
    }

    /// A log-normal distribution with a median and a 95 % interval, as that of a measured duration is.
    pub(crate) fn of_interval(median: f64, low: Option<f64>, high: Option<f64>) -> Distribution {
        match (low, high) {
            (Some(low), Some(high)) if low > 0.0 && high > low && median > 0.0 => {
                Distribution::LogNormal { median, sigma: (high / low).ln() / (2.0 * Z975) }
            }
            _ => Distribution::Fixed { value: median },
        }
    }
}

fn standard_normal(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}
