//! Services and branches as files: taken out, looked at, brought in.

use async_graphql::{Enum, SimpleObject};
use serde::Serialize;
use talon_texts::Language;

use super::payload;
use crate::catalogue::exchange::RowFault;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum SetupKind {
    Services,
    Branches,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize)]
pub enum SetupFormat {
    /// For spreadsheets: semicolons, a byte-order mark.
    Csv,
    /// For programs: everything.
    Json,
}

/// A file to keep.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SetupFile {
    pub name: String,
    pub text: String,
}

/// What a row of a file comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ImportOutcome {
    /// It is not there yet.
    New,
    Changed,
    /// It is so already.
    Same,
    /// It is not brought in; the message says why.
    Wrong,
}

#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ImportLine {
    /// 1 for the first row after the head.
    pub row: i32,
    /// Code of what the row is about, as far as it says.
    pub code: String,
    pub outcome: ImportOutcome,
    pub message: Option<String>,
}

#[derive(Debug, Clone, Default, SimpleObject)]
pub struct ImportPayload {
    pub lines: Vec<ImportLine>,
    /// Whether it was brought in, or only looked at.
    pub applied: bool,
    pub refusal: Option<payload::Refusal>,
}

/// Why a row was not understood, in words.
pub(in crate::graphql) fn row_fault(fault: &RowFault, language: Language) -> String {
    match fault {
        RowFault::Missing(column) => talon_texts::row_fault("MISSING", column, language),
        RowFault::Unreadable(column) => talon_texts::row_fault("UNREADABLE", column, language),
        RowFault::Hours(unread) => talon_texts::unread_hours(unread.why.code(), &unread.text, language),
    }
}
