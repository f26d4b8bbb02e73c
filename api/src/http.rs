//! HTTP: routes, and the one shape of every error.

pub mod access;
pub mod problem;
