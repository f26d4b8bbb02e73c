//! Long waits of one day: raised, acknowledged, and over as soon as the ticket waits no longer.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use talon_core::{
    fact::Fact,
    ids::{EventId, OperatorId, TicketId},
    queue_day::ticket::{Ticket, TicketState},
    queue_event::QueueEvent,
};

/// A ticket that waits past its due date (level 1), or past one more target (level 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The event that raised it.
    pub id: EventId,
    pub ticket: TicketId,
    pub number: String,
    pub level: u8,
    pub at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub acknowledged: Option<(OperatorId, DateTime<Utc>)>,
}

#[derive(Debug, Default)]
pub(crate) struct Alerts(BTreeMap<(TicketId, u8), Raised>);

#[derive(Debug)]
struct Raised {
    id: EventId,
    at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    acknowledged: Option<(OperatorId, DateTime<Utc>)>,
}

impl Alerts {
    pub(crate) fn fold(&mut self, fact: &Fact, event: &QueueEvent) {
        match event {
            QueueEvent::LongWaitDetected(it) => {
                let raised =
                    Raised { id: fact.event_id, at: fact.occurred_at, due_at: it.due_at, acknowledged: None };
                self.0.insert((it.ticket, it.level), raised);
            }
            QueueEvent::AlertAcknowledged(it) => {
                if let Some(raised) = self.0.get_mut(&(it.ticket, it.level)) {
                    raised.acknowledged = Some((it.by.clone(), fact.occurred_at));
                }
            }
            _ => {}
        }
    }

    /// Those of tickets that still wait, newest first.
    pub(crate) fn of(&self, open: &BTreeMap<TicketId, Arc<Ticket>>) -> Vec<Alert> {
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter_map(|((ticket, level), raised)| {
                let waiting =
                    open.get(ticket).filter(|it| matches!(it.state, TicketState::Waiting { .. }))?;
                Some(Alert {
                    id: raised.id,
                    ticket: *ticket,
                    number: waiting.number.clone(),
                    level: *level,
                    at: raised.at,
                    due_at: raised.due_at,
                    acknowledged: raised.acknowledged.clone(),
                })
            })
            .collect();
        found.sort_by_key(|alert| std::cmp::Reverse((alert.at, alert.id)));
        found
    }
}
