//! Cairn.

pub mod demo;
