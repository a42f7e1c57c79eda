//! Sources: what they make of recorded real answers, and the one loop that reads them.

mod faulty_server;
mod github;
mod github_schema;
mod mapping;
mod reading;
