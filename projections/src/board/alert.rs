//! Alerts of one day: long waits, over as soon as the ticket waits no longer, and closes that wait for a window, over as
//! soon as the ticket is at none.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use talon_core::{
    fact::Fact,
    ids::{EventId, OperatorId, TicketId},
    queue_day::{
        event::CLOSE_OVERDUE,
        ticket::{Ticket, TicketState},
    },
    queue_event::QueueEvent,
};

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// A ticket waits past its due date (level 1), or past one more target (level 2).
    LongWait,
    /// The day should have closed hours ago and waits for a ticket at a window.
    CloseOverdue,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The event that raised it.
    pub id: EventId,
    pub ticket: TicketId,
    pub number: String,
    pub kind: AlertKind,
    pub level: u8,
    pub at: DateTime<Utc>,
    /// When the ticket was due; when the day's hours were over.
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
            QueueEvent::CloseOverdue(it) => {
                let raised = Raised {
                    id: fact.event_id,
                    at: fact.occurred_at,
                    due_at: it.closing_at,
                    acknowledged: None,
                };
                self.0.insert((it.ticket, CLOSE_OVERDUE), raised);
            }
            QueueEvent::AlertAcknowledged(it) => {
                if let Some(raised) = self.0.get_mut(&(it.ticket, it.level)) {
                    raised.acknowledged = Some((it.by.clone(), fact.occurred_at));
                }
            }
            _ => {}
        }
    }

    /// Those that still hold, newest first.
    pub(crate) fn of(&self, open: &BTreeMap<TicketId, Arc<Ticket>>) -> Vec<Alert> {
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter_map(|((ticket, level), raised)| {
                let kind =
                    if *level == CLOSE_OVERDUE { AlertKind::CloseOverdue } else { AlertKind::LongWait };
                let ticket_now = open.get(ticket).filter(|it| kind.holds(&it.state))?;
                Some(Alert {
                    id: raised.id,
                    ticket: *ticket,
                    number: ticket_now.number.clone(),
                    kind,
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

impl AlertKind {
    fn holds(self, state: &TicketState) -> bool {
        match self {
            Self::LongWait => matches!(state, TicketState::Waiting { .. }),
            Self::CloseOverdue => state.window().is_some(),
        }
    }
}
