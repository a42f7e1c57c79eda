//! The whole product, driven from outside.
