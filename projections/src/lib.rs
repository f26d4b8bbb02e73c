//! Read models: facts come down to rows and to the boards of the hall.
//!
//! `board` holds the open days in memory and shows them; nothing of it is stored. `projector` is the port of what is
//! kept in tables: `tickets` (with `branch_stats`) and `audit_index`, each with its questions in `read`. `runner`
//! follows the log and moves rows and checkpoint in one transaction; `rebuild` fills a new version of the tables beside
//! the old and swaps them; `parking` is what happens to a branch whose event cannot be projected; `freshness` lets a
//! client wait for what it wrote. Knows nothing of HTTP, GraphQL or chats, and never reads the clock in a fold.

pub mod audit_index;
pub mod batch;
pub mod board;
pub mod branch_stats;
mod bulk;
pub mod filler;
pub mod freshness;
pub mod histogram;
pub mod ledger;
pub mod parking;
pub mod projector;
mod question;
pub mod rebuild;
pub mod runner;
mod subject;
pub mod tickets;
