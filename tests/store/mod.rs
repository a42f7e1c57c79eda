//! The store: what is written, and that the marts do not depend on how it arrived.

mod arrival;
mod convergence;
mod memory;
mod new_file;
mod past;
mod reading;
mod service_history;
mod spans;
mod trunk;
mod withdraw;
mod worlds;
