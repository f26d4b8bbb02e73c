//! What an import did, for people and for programs.

use std::{collections::BTreeSet, fmt};

use serde::{Serialize, Serializer};
use talon_core::event_store::StreamId;

use super::Plan;
use crate::queue_log::BadRow;

/// Bad rows kept for the summary; all of them are said while reading.
const KEPT: usize = 1_000;

#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    pub data_set: String,
    pub time_zone: String,
    /// Lines that should have been rows.
    pub rows: u64,
    pub tickets_written: u64,
    pub events_written: u64,
    /// Tickets that were in the log, or in an earlier row.
    pub already_there: u64,
    pub rejected: u64,
    /// At most the first 1,000.
    pub rejected_rows: Vec<Rejected>,
    /// Streams that got tickets.
    #[serde(serialize_with = "count")]
    pub days: BTreeSet<StreamId>,
    pub branches_registered: usize,
    /// Whether a bad row ended the run.
    pub stopped: bool,
    pub took_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    pub line: u64,
    pub code: &'static str,
    pub reason: String,
}

impl Summary {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            data_set: plan.data_set.clone(),
            time_zone: plan.zone.name().to_owned(),
            rows: 0,
            tickets_written: 0,
            events_written: 0,
            already_there: 0,
            rejected: 0,
            rejected_rows: Vec::new(),
            days: BTreeSet::new(),
            branches_registered: 0,
            stopped: false,
            took_ms: 0,
        }
    }

    pub(super) fn reject(&mut self, bad: &BadRow, stop: bool) {
        self.rejected += 1;
        self.stopped |= stop;
        if self.rejected_rows.len() < KEPT {
            self.rejected_rows.push(Rejected {
                line: bad.line,
                code: bad.flaw.code(),
                reason: bad.flaw.to_string(),
            });
        }
    }

    /// 0, or 1 when a bad row ended the run.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.stopped)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "data set {}: {} rows read", self.data_set, self.rows)?;
        writeln!(
            out,
            "{} tickets written as {} events on {} days of branches, {} new branches",
            self.tickets_written,
            self.events_written,
            self.days.len(),
            self.branches_registered
        )?;
        write!(out, "{} tickets were there already, {} rows rejected", self.already_there, self.rejected)?;
        if let (true, Some(last)) = (self.stopped, self.rejected_rows.last()) {
            write!(out, "\nstopped at line {}: what stands above it is imported", last.line)?;
        }
        Ok(())
    }
}

fn count<S: Serializer>(days: &BTreeSet<StreamId>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(days.len()).unwrap_or(u64::MAX))
}
