//! The whole product, driven from outside.
mod support;
mod store;
mod demo_organisation;
