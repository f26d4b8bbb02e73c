//! Event stores, the vault, pools and migrations.
//!
//! `storage` opens everything behind one address; `sql` is the event store over `sqlite` or `postgres`, with `committer`
//! and `plan` writing in groups and `pages` reading; `memory` serves tests. `tail` follows the log, `feed` is what it follows within one
//! process. `vault` keeps what may be erased, `db` runs one SQL text on two databases, `leader` lets one node in a
//! cluster do a job, `backup` copies and restores, `key_files` holds the embedded store's master key, `bench` measures (`slow` is its disk that flushes slowly). Nothing here
//! knows a rule of the queue.

pub mod backup;
pub mod bench;
mod committer;
pub mod db;
mod feed;
mod key_files;
mod leader;
mod lock;
mod memory;
mod pages;
mod plan;
mod postgres;
mod slow;
mod sql;
mod sqlite;
mod storage;
mod tail;
pub mod vault;

pub use db::{Db, Dialect, Tx};
pub use leader::{Leadership, Term};
pub use sqlx;
pub use storage::{Access, OpenError, Storage, StoreUrl, open_log, open_vault};
pub use tail::Tail;
pub use vault::{MasterKey, Vault, VaultError};

#[cfg(test)]
extern crate self as talon_storage;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
