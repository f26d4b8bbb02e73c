//! Read models over a real log: what a hall lived through, written, followed and asked.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "read_models/board.rs"]
mod board;
#[path = "read_models/support.rs"]
mod support;
