//! What tests of this crate and of those above it share: samples, given/when/then over a business day, any other
//! aggregate asked in turn, and the conformance suite of the event store: whatever keeps its promises passes it.

pub mod asked;
pub mod conformance;
pub mod given;
pub mod samples;
