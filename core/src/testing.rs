//! What tests of this crate and of those above it share: samples, given/when/then over a business day, and what every event
//! store promises.

pub mod conformance;
pub mod given;
pub mod samples;
