//! Comparisons: each method against published figures or a second method, the whole against planted effects, and what
//! bad input is answered.

mod clusters;
mod interrupted;
mod newcombe;
mod panels;
mod planted;
mod questions;
mod shift;
mod staggered;
mod surfaces;

/// Asserts that two numbers agree to so many of the last digits given.
pub fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, expected {expected}");
}
