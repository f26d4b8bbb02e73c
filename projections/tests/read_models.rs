//! Read models over a real log: what a hall lived through, written, followed and asked.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "read_models/board.rs"]
mod board;
#[path = "read_models/columns.rs"]
mod columns;
#[path = "read_models/equality.rs"]
mod equality;
#[path = "read_models/parking.rs"]
mod parking;
#[path = "read_models/questions.rs"]
mod questions;
#[path = "read_models/rows.rs"]
mod rows;
#[path = "read_models/statistics.rs"]
mod statistics;
#[path = "../../storage/tests/support/mod.rs"]
mod stores;
#[path = "read_models/support.rs"]
mod support;
#[path = "read_models/tables.rs"]
mod tables;
