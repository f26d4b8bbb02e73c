//! Real queue logs come in as history, and the log is read back as an auditor would: alone, without read models.
//!
//! - `queue_log` reads the form in which other systems hand over their tickets: rows, or why a row is none.
//! - `import` turns rows into facts and appends them, once and for ever.
//! - `history` reads a data set back from the log and puts it in the order of time; `figures` and `instant` answer
//!   from that, and know neither positions nor tables.
//! - `verify`, `timeline` and `export` read any log, imported or live.
//!
//! Nothing here decides anything about a live queue, and only `import` writes.

pub mod export;
pub mod figures;
pub mod history;
pub mod import;
pub mod instant;
pub mod local_time;
pub mod order;
pub mod pages;
pub mod progress;
pub mod queue_log;
pub mod timeline;
pub mod verify;
