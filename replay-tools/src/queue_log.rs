//! The form in which other queue systems hand over their tickets: one row a ticket, local wall clock, CSV.
//!
//! A row is read on its own, from one line of the file: a stray quote spoils its own line and no other, a line has
//! an end, and memory has a bound. Whatever is wrong with a row is said with its line; nothing is repaired silently.
//! This module knows neither zones nor events.

mod lines;
pub mod reader;
pub mod row;

pub use reader::{QueueLog, ReadError};
pub use row::{BadRow, Ending, Flaw, Row};
