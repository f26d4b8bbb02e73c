//! One ticket's life, fact by fact, as the log has it.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use talon_core::{
    event_store::{EventStore, Position, Recorded, StoreError, StreamId, Version},
    fact::{Actor, Fact, Unreadable},
    ids::{BranchId, TicketId},
    queue_event::{Event, QueueEvent},
};
use uuid::Uuid;

use crate::{
    local_time::wall_clock,
    pages::{self, Pages},
    progress::Progress,
};

/// Which ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    Id(TicketId),
    /// A number is given once a day in a branch. Letters may be typed in Latin.
    Number {
        number: String,
        branch: BranchId,
        date: NaiveDate,
    },
}

/// One fact of a ticket.
#[derive(Debug, Serialize)]
pub struct Moment {
    pub position: Position,
    pub version: Version,
    pub event_id: Uuid,
    #[serde(rename = "type")]
    pub kind: String,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    /// What the branch's clock showed when it happened, if the fact names a zone.
    pub local_time: Option<NaiveDateTime>,
    pub actor: Actor,
    pub data: Box<RawValue>,
}

/// A ticket and all its facts, first to last.
#[derive(Debug, Serialize)]
pub struct Timeline {
    pub ticket: TicketId,
    pub stream: String,
    pub moments: Vec<Moment>,
}

#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the log holds a fact that cannot be read")]
    Log(#[from] Unreadable),
    #[error("the data of the event at position {0} are no JSON")]
    Data(Position),
    #[error("the log has no such ticket")]
    NoSuchTicket,
}

/// Tells a ticket's life.
///
/// # Errors
/// When the log cannot be read or has no such ticket.
pub async fn timeline(
    store: &Arc<dyn EventStore>,
    which: &Which,
    progress: &Progress,
) -> Result<Timeline, TimelineError> {
    let (ticket, stream) = match which {
        Which::Id(ticket) => (*ticket, find(store, *ticket, progress).await?),
        Which::Number { number, branch, date } => {
            let stream = StreamId::new(&format!("queue-{branch}~{date}"));
            (numbered(&**store, number, &stream).await?, stream)
        }
    };
    let day = pages::stream(&**store, &stream, 0).await?;
    let moments = day
        .iter()
        .filter(|fact| correlation(fact) == Some(ticket.0))
        .map(moment)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Timeline { ticket, stream: stream.to_string(), moments })
}

/// The stream a ticket lives in: it never leaves the day of its issue.
async fn find(
    store: &Arc<dyn EventStore>,
    ticket: TicketId,
    progress: &Progress,
) -> Result<StreamId, TimelineError> {
    progress.begin("looking for the ticket", None);
    let mut pages = Pages::of(store, 0);
    while let Some(page) = pages.next().await {
        let page = page?;
        progress.advance(u64::try_from(page.len()).unwrap_or_default());
        let issued = |fact: &&Recorded| &*fact.kind == "ticket.issued" && correlation(fact) == Some(ticket.0);
        if let Some(fact) = page.iter().find(issued) {
            progress.end();
            return Ok(fact.stream.clone());
        }
    }
    progress.end();
    Err(TimelineError::NoSuchTicket)
}

async fn numbered(
    store: &dyn EventStore,
    number: &str,
    stream: &StreamId,
) -> Result<TicketId, TimelineError> {
    let wanted = cyrillic(number);
    for raw in pages::stream(store, stream, 0).await? {
        if &*raw.kind != "ticket.issued" {
            continue;
        }
        if let Event::Queue(QueueEvent::TicketIssued(issued)) = &*Fact::decode(&raw)?.event
            && issued.number.as_ref().is_some_and(|number| cyrillic(number) == wanted)
        {
            return Ok(issued.ticket);
        }
    }
    Err(TimelineError::NoSuchTicket)
}

#[derive(Deserialize)]
struct Envelope {
    correlation_id: Uuid,
}

fn correlation(fact: &Recorded) -> Option<Uuid> {
    serde_json::from_slice::<Envelope>(&fact.meta).ok().map(|it| it.correlation_id)
}

fn moment(raw: &Recorded) -> Result<Moment, TimelineError> {
    let fact = Fact::decode(raw)?;
    let zone = fact.meta.time_zone.as_deref().and_then(|name| name.parse().ok());
    Ok(Moment {
        position: fact.position,
        version: fact.version,
        event_id: fact.event_id.0,
        kind: raw.kind.to_string(),
        occurred_at: fact.occurred_at,
        recorded_at: fact.recorded_at,
        local_time: zone.map(|zone| wall_clock(zone, fact.occurred_at)),
        actor: fact.meta.actor.clone(),
        data: serde_json::from_slice(&raw.data).map_err(|_| TimelineError::Data(raw.position))?,
    })
}

/// Numbers carry Cyrillic capitals that have a Latin twin; people type either, and spaces.
fn cyrillic(number: &str) -> String {
    let twin = |letter: char| match letter {
        'A' => 'А',
        'B' => 'В',
        'E' => 'Е',
        'K' => 'К',
        'M' => 'М',
        'H' => 'Н',
        'P' => 'Р',
        'C' => 'С',
        'T' => 'Т',
        'Y' => 'У',
        'X' => 'Х',
        other => other,
    };
    number.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_uppercase).map(twin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_typed_in_latin_and_with_spaces() {
        for typed in ["A105", "а105", "А 105", " a 105 "] {
            assert_eq!(cyrillic(typed), "А105", "{typed}");
        }
    }
}
