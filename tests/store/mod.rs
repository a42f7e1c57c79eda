//! The store: what is written, and that the marts do not depend on how it arrived.

mod convergence;
mod service_history;
mod trunk;
