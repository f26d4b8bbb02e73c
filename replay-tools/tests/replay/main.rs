//! The import and what reads the log back, over a store in memory and an embedded one.

#![expect(clippy::unwrap_used, reason = "a test fails where it happens")]

mod hall;
mod importing;
mod overlapping;
mod program;
mod projected;
mod reading;
mod real_logs;
mod store;
mod verifying;
