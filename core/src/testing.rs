//! What tests of this crate and of those above it share: samples, and given/when/then over a business day.

pub mod given;
pub mod samples;
