//! What a run found, as a table for people, as JSON, and as the page of the documentation. The page holds nothing that
//! was not measured in that run.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::machine::{Cost, Machine};

/// One measurement.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) target: String,
    pub(super) figure: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p99_ms: Option<f64>,
    /// Against the yardstick of the same run, with what that reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) yardstick: String,
    pub(super) errors: BTreeMap<String, u64>,
    /// Whether the target was reached; nothing is said where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reached: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<Cost>,
    /// What was full while it ran, from counters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) bound: String,
}

/// A whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(super) version: &'static str,
    pub(super) date: String,
    pub(super) quick: bool,
    pub(super) took_s: f64,
    pub(super) machine: Machine,
    pub(super) rows: Vec<Row>,
    pub(super) skipped: Vec<String>,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, target: impl Into<String>) -> Self {
        Self { what: what.into(), target: target.into(), ..Self::default() }
    }

    /// Times of a histogram of microseconds.
    pub(super) fn timed(mut self, took: &Histogram<u64>) -> Self {
        if !took.is_empty() {
            self.p50_ms = Some(millis(took.value_at_quantile(0.5)));
            self.p99_ms = Some(millis(took.value_at_quantile(0.99)));
        }
        self
    }

    pub(super) fn within(&self, p99_ms: f64) -> bool {
        self.p99_ms.is_some_and(|it| it <= p99_ms)
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of at most a minute")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

pub(super) fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

/// A rate with thin groups of digits, as people read it.
pub(super) fn rate(per_second: f64, what: &str) -> String {
    format!("{} {what}/s", grouped(per_second))
}

/// A whole number with its thousands apart.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const COLUMNS: [&str; 7] = ["what", "target", "figure", "p50 ms", "p99 ms", "of the yardstick", "errors"];

impl Row {
    fn cells(&self) -> [String; 7] {
        let time = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.2}"));
        let ratio = self.ratio.map_or_else(|| "–".to_owned(), |it| format!("{it:.2} of {}", self.yardstick));
        let errors: u64 = self.errors.values().sum();
        let mark = match self.reached {
            Some(true) => " ✓",
            Some(false) => " ✗",
            None => "",
        };
        [
            self.what.clone(),
            if self.target.is_empty() { "–".to_owned() } else { self.target.clone() },
            format!("{}{mark}", self.figure),
            time(self.p50_ms),
            time(self.p99_ms),
            ratio,
            errors.to_string(),
        ]
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.errors.is_empty() {
            let all: Vec<String> =
                self.errors.iter().map(|(what, count)| format!("{what} × {count}")).collect();
            remarks.push(format!("errors: {}", all.join(", ")));
        }
        if !self.bound.is_empty() && self.reached != Some(true) {
            remarks.push(self.bound.clone());
        }
        remarks
    }
}

impl Report {
    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{}\n\n", self.head().join("\n"));
        for row in &self.rows {
            let _ = writeln!(out, "{}", row.what);
            for (name, cell) in COLUMNS.iter().zip(row.cells()).skip(1).filter(|(_, cell)| cell != "–") {
                let _ = writeln!(out, "    {name:<17} {cell}");
            }
            for remark in row.remarks() {
                let _ = writeln!(out, "    {remark}");
            }
        }
        for skipped in &self.skipped {
            let _ = writeln!(out, "not measured: {skipped}");
        }
        out
    }

    /// For the documentation.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from(
            "# Benchmarks\n\nWritten by `make bench` (`talon bench --write`) from its own output; do not edit. Server, \
             store and load generator share the machine. ✓ reached, ✗ not reached; where a target was not reached, \
             counters of that very stretch say what was full.\n\n",
        );
        for line in self.head() {
            let _ = writeln!(out, "- {line}");
        }
        let _ = writeln!(out, "\n| {} |\n|{}", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()));
        for row in &self.rows {
            let _ = writeln!(out, "| {} |", row.cells().join(" | "));
        }
        let remarked = self.remarked();
        if !remarked.is_empty() {
            out.push_str("\n## What was full\n\n");
            for (rows, remark) in remarked {
                let _ = writeln!(out, "- **{}**: {remark}.", rows.join("; "));
            }
        }
        if !self.skipped.is_empty() {
            out.push_str("\n## Not measured\n\n");
            for skipped in &self.skipped {
                let _ = writeln!(out, "- {skipped}");
            }
        }
        out.push_str(METHOD);
        out
    }

    /// Remarks with the rows they are about: rows of one stretch share its counters.
    fn remarked(&self) -> Vec<(Vec<&str>, String)> {
        let mut all: Vec<(Vec<&str>, String)> = Vec::new();
        for row in &self.rows {
            for remark in row.remarks() {
                match all.iter_mut().find(|(_, known)| *known == remark) {
                    Some((rows, _)) => rows.push(&row.what),
                    None => all.push((vec![&row.what], remark)),
                }
            }
        }
        all
    }

    fn head(&self) -> Vec<String> {
        let machine = &self.machine;
        vec![
            format!(
                "Talon {}{}, {}, {:.0} s",
                self.version,
                if self.quick { " (quick run: short stretches, small logs)" } else { "" },
                self.date,
                self.took_s
            ),
            format!(
                "{} cores ({}), {} MiB of memory, {}",
                machine.cores, machine.processor, machine.memory_mib, machine.kernel
            ),
            format!(
                "one page is flushed to this disk (fsync) in {:.2} ms, the median of 200",
                machine.fsync_ms
            ),
            format!("{:.1} processes wanted to run in the minute before the run began", machine.load_before),
        ]
    }
}

const METHOD: &str = "\n## How it is measured\n\n\
    - Commands are GraphQL mutations over HTTP/1.1 with a JWT: a ticket is issued, called, started and completed, in turn, \
    in 200 branches with open days and windows. Each is flushed to disk before it is answered; projections run.\n\
    - The load generator is a small client of its own in the same process as the server. The time of an offered request \
    begins at the moment it was planned for; the timer that wakes it is right to about a millisecond.\n\
    - The slower disk is this one with a pause of 3 ms before every commit of the log; there are as many branches as \
    connections, if more.\n\
    - The bare handler is the same framework with the same client: it parses a body as long and answers with one as long.\n\
    - The bare insert writes the same rows into a copy of the same table, 256 to a transaction, with the same durability.\n\
    - Screens are followed in a server process of its own, so the memory is the server's alone; a call counts from the \
    press of the button until the whole frame has been read.\n\
    - The log that is folded, verified, projected and started with is made in the same run under the real rules: five \
    business days of each branch, about a thousand facts a day, the last day open; the branches of a date through one \
    another. A million facts unless the row says otherwise.\n\
    - Lag is read once a millisecond from the log's head and from what each read model has reached.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(1_234_567.4), "1,234,567");
        assert_eq!(grouped(999.0), "999");
        assert_eq!(grouped(0.0), "0");
    }

    #[test]
    fn a_row_below_its_target_says_what_was_full_and_one_above_does_not() {
        let row = Row { bound: "the processor is full".into(), ..Row::new("commands", "≥ 5") };
        assert_eq!(Row { reached: Some(false), ..row.clone() }.remarks(), ["the processor is full"]);
        assert!(Row { reached: Some(true), ..row }.remarks().is_empty());
    }

    #[test]
    fn errors_are_counted_and_named() {
        let errors = [("callNext: 200 NOBODY_WAITING".to_owned(), 3)].into();
        let row = Row { errors, ..Row::new("commands", "") };
        assert_eq!(row.cells()[6], "3");
        assert_eq!(row.remarks(), ["errors: callNext: 200 NOBODY_WAITING × 3"]);
    }
}
