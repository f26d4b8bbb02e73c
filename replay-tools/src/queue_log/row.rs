//! One ticket of a queue log, checked: a `Row` cannot have an outcome without the times that outcome needs.

use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};

use crate::local_time;

/// The columns of the form. Their order in a file is free, others are ignored.
pub const COLUMNS: [&str; 13] = [
    "ticket_id",
    "branch",
    "service",
    "priority",
    "customer_ref",
    "issued_at",
    "called_at",
    "service_started_at",
    "service_ended_at",
    "outcome",
    "operator",
    "left_at",
    "queue",
];

/// No name or id of a queue system comes near it.
const LONGEST_TEXT: usize = 200;

/// A ticket as its source knew it. The customer's reference is not read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub ticket_id: String,
    pub branch: String,
    pub service: String,
    pub priority: String,
    pub queue: String,
    pub operator: Option<String>,
    pub issued_at: NaiveDateTime,
    pub ending: Ending,
}

/// What became of the ticket, with the times that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Served {
        called_at: NaiveDateTime,
        started_at: NaiveDateTime,
        ended_at: NaiveDateTime,
    },
    /// Left before a call.
    Abandoned {
        left_at: NaiveDateTime,
    },
    /// Called, did not come.
    NoShow {
        called_at: NaiveDateTime,
        left_at: NaiveDateTime,
    },
    /// Called, and no record of a service.
    Other {
        called_at: NaiveDateTime,
    },
}

/// A line that is no ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {flaw}")]
pub struct BadRow {
    pub line: u64,
    pub flaw: Flaw,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("{found} columns where the header has {expected}")]
    Columns { expected: usize, found: usize },
    #[error("quotes that do not close")]
    Quotes,
    #[error("the line is too long for a row")]
    LineTooLong,
    #[error("{column} is not UTF-8")]
    Encoding { column: &'static str },
    #[error("{column} is longer than 200 bytes or has control characters")]
    Text { column: &'static str },
    #[error("{column} is missing")]
    Missing { column: &'static str },
    #[error("{column} is not a time (2026-03-10T11:05:00): {text:?}")]
    Time { column: &'static str, text: String },
    #[error("{earlier} is after {later}")]
    Order { earlier: &'static str, later: &'static str },
    #[error("outcome {outcome:?} is none of served, abandoned, no_show, other")]
    Outcome { outcome: String },
    #[error("{outcome} has a {column}, which contradicts it")]
    Contradiction { outcome: &'static str, column: &'static str },
    #[error("{column} lies in the future")]
    Future { column: &'static str },
    #[error("{column} lies before 1970")]
    TooOld { column: &'static str },
    #[error("ticket {ticket_id:?} is in the log already with other content; the log keeps what it has")]
    Differs { ticket_id: String },
    #[error("the day {day} of branch {branch} was opened live and takes no imported tickets")]
    DayIsLive { branch: String, day: String },
}

impl Flaw {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "COLUMNS",
            Self::Quotes => "QUOTES",
            Self::LineTooLong => "LINE_TOO_LONG",
            Self::Encoding { .. } => "ENCODING",
            Self::Text { .. } => "TEXT",
            Self::Missing { .. } => "MISSING",
            Self::Time { .. } => "TIME",
            Self::Order { .. } => "ORDER",
            Self::Outcome { .. } => "OUTCOME",
            Self::Contradiction { .. } => "CONTRADICTION",
            Self::Future { .. } => "FUTURE",
            Self::TooOld { .. } => "TOO_OLD",
            Self::Differs { .. } => "DIFFERS",
            Self::DayIsLive { .. } => "DAY_IS_LIVE",
        }
    }
}

/// The fields of one line, by the place of their column in `COLUMNS`.
pub(super) type Fields<'a> = [&'a [u8]; COLUMNS.len()];

const TICKET_ID: usize = 0;
const BRANCH: usize = 1;
const SERVICE: usize = 2;
const PRIORITY: usize = 3;
const ISSUED_AT: usize = 5;
const CALLED_AT: usize = 6;
const STARTED_AT: usize = 7;
const ENDED_AT: usize = 8;
const OUTCOME: usize = 9;
const OPERATOR: usize = 10;
const LEFT_AT: usize = 11;
const QUEUE: usize = 12;

impl Row {
    pub(super) fn read(line: u64, fields: &Fields<'_>) -> Result<Self, Flaw> {
        let issued_at = required_time(fields, ISSUED_AT)?;
        let left_at = time(fields, LEFT_AT)?;
        let ending = ending(fields, left_at)?;
        in_order(issued_at, &ending, left_at)?;
        Ok(Self {
            line,
            ticket_id: required_text(fields, TICKET_ID)?,
            branch: required_text(fields, BRANCH)?,
            service: required_text(fields, SERVICE)?,
            priority: text(fields, PRIORITY)?,
            queue: text(fields, QUEUE)?,
            operator: Some(text(fields, OPERATOR)?).filter(|operator| !operator.is_empty()),
            issued_at,
            ending,
        })
    }

    /// The last time of the row.
    #[must_use]
    pub fn ended_at(&self) -> (&'static str, NaiveDateTime) {
        match self.ending {
            Ending::Served { ended_at, .. } => ("service_ended_at", ended_at),
            Ending::Abandoned { left_at } => ("left_at", left_at),
            Ending::NoShow { called_at, left_at } => ("left_at", left_at.max(called_at)),
            Ending::Other { called_at } => ("called_at", called_at),
        }
    }

    /// SHA-256 of everything that is imported: equal for the same ticket in whatever file and line it stands.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut sum = Sha256::new();
        let mut part = |text: &[u8]| {
            sum.update(text);
            sum.update([0x1f]);
        };
        part(b"queue-log row 1");
        for text in [&self.ticket_id, &self.branch, &self.service, &self.priority, &self.queue] {
            part(text.as_bytes());
        }
        part(self.operator.as_deref().unwrap_or_default().as_bytes());
        let (outcome, times) = match self.ending {
            Ending::Served { called_at, started_at, ended_at } => {
                ("served", [Some(called_at), Some(started_at), Some(ended_at)])
            }
            Ending::Abandoned { left_at } => ("abandoned", [Some(left_at), None, None]),
            Ending::NoShow { called_at, left_at } => ("no_show", [Some(called_at), Some(left_at), None]),
            Ending::Other { called_at } => ("other", [Some(called_at), None, None]),
        };
        part(outcome.as_bytes());
        for at in [Some(self.issued_at)].into_iter().chain(times).flatten() {
            part(&at.and_utc().timestamp().to_be_bytes());
        }
        sum.finalize().into()
    }
}

fn ending(fields: &Fields<'_>, left_at: Option<NaiveDateTime>) -> Result<Ending, Flaw> {
    match fields[OUTCOME] {
        b"served" => Ok(Ending::Served {
            called_at: required_time(fields, CALLED_AT)?,
            started_at: required_time(fields, STARTED_AT)?,
            ended_at: required_time(fields, ENDED_AT)?,
        }),
        b"abandoned" => {
            without(fields, "abandoned", &[CALLED_AT, STARTED_AT, ENDED_AT])?;
            let left_at = left_at.ok_or(Flaw::Missing { column: COLUMNS[LEFT_AT] })?;
            Ok(Ending::Abandoned { left_at })
        }
        b"no_show" => {
            without(fields, "no_show", &[STARTED_AT, ENDED_AT])?;
            Ok(Ending::NoShow {
                called_at: required_time(fields, CALLED_AT)?,
                left_at: left_at.ok_or(Flaw::Missing { column: COLUMNS[LEFT_AT] })?,
            })
        }
        b"other" => {
            without(fields, "other", &[STARTED_AT, ENDED_AT])?;
            Ok(Ending::Other { called_at: required_time(fields, CALLED_AT)? })
        }
        b"" => Err(Flaw::Missing { column: COLUMNS[OUTCOME] }),
        other => Err(Flaw::Outcome { outcome: excerpt(other) }),
    }
}

/// What a form promises: issued ≤ called ≤ started ≤ ended, and issued ≤ left.
fn in_order(issued_at: NaiveDateTime, ending: &Ending, left_at: Option<NaiveDateTime>) -> Result<(), Flaw> {
    let (called_at, started_at, ended_at) = match *ending {
        Ending::Served { called_at, started_at, ended_at } => {
            (Some(called_at), Some(started_at), Some(ended_at))
        }
        Ending::NoShow { called_at, .. } | Ending::Other { called_at } => (Some(called_at), None, None),
        Ending::Abandoned { .. } => (None, None, None),
    };
    let mut before = (COLUMNS[ISSUED_AT], issued_at);
    for (column, at) in [(CALLED_AT, called_at), (STARTED_AT, started_at), (ENDED_AT, ended_at)] {
        let Some(at) = at else { continue };
        if at < before.1 {
            return Err(Flaw::Order { earlier: before.0, later: COLUMNS[column] });
        }
        before = (COLUMNS[column], at);
    }
    match left_at {
        Some(left_at) if left_at < issued_at => {
            Err(Flaw::Order { earlier: COLUMNS[ISSUED_AT], later: COLUMNS[LEFT_AT] })
        }
        _ => Ok(()),
    }
}

fn without(fields: &Fields<'_>, outcome: &'static str, columns: &[usize]) -> Result<(), Flaw> {
    match columns.iter().find(|&&column| !fields[column].is_empty()) {
        Some(&column) => Err(Flaw::Contradiction { outcome, column: COLUMNS[column] }),
        None => Ok(()),
    }
}

fn time(fields: &Fields<'_>, column: usize) -> Result<Option<NaiveDateTime>, Flaw> {
    let field = fields[column];
    if field.is_empty() {
        return Ok(None);
    }
    local_time::parse(field)
        .map(Some)
        .ok_or_else(|| Flaw::Time { column: COLUMNS[column], text: excerpt(field) })
}

fn required_time(fields: &Fields<'_>, column: usize) -> Result<NaiveDateTime, Flaw> {
    time(fields, column)?.ok_or(Flaw::Missing { column: COLUMNS[column] })
}

fn text(fields: &Fields<'_>, column: usize) -> Result<String, Flaw> {
    let text = std::str::from_utf8(fields[column]).map_err(|_| Flaw::Encoding { column: COLUMNS[column] })?;
    if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(Flaw::Text { column: COLUMNS[column] });
    }
    Ok(text.to_owned())
}

fn required_text(fields: &Fields<'_>, column: usize) -> Result<String, Flaw> {
    let text = text(fields, column)?;
    if text.trim().is_empty() {
        return Err(Flaw::Missing { column: COLUMNS[column] });
    }
    Ok(text)
}

/// As much of a field as a report needs.
fn excerpt(field: &[u8]) -> String {
    String::from_utf8_lossy(field).chars().take(40).collect()
}
