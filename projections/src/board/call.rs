//! The last calls of a day. A board may miss states but never an announcement: each state carries the last eight,
//! with the ids of their events, and a page speaks those it has not spoken.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use talon_core::{
    event_store::Position,
    fact::Fact,
    ids::{EventId, TicketId, WindowId},
    queue_day::ticket::Ticket,
    queue_event::QueueEvent,
};

/// How many calls a board carries.
pub const CALLS_KEPT: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CallKind {
    Call,
    Recall,
    /// Awaited at another window.
    Transfer,
}

/// Something to be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub position: Position,
    pub event_id: EventId,
    pub ticket: TicketId,
    pub number: String,
    pub letter: Option<char>,
    pub seq: u32,
    pub window: WindowId,
    pub kind: CallKind,
    /// The customer has waited longer than promised, and is thanked for it.
    pub past_due: bool,
    pub at: DateTime<Utc>,
}

/// Newest last.
#[derive(Debug, Default)]
pub(crate) struct Calls(VecDeque<Call>);

impl Calls {
    /// `ticket` is the ticket the fact is about, after it.
    pub(crate) fn fold(&mut self, fact: &Fact, event: &QueueEvent, ticket: Option<&Ticket>) {
        let call = match event {
            QueueEvent::TicketCalled(it) => it.window.as_ref().map(|window| (window, CallKind::Call)),
            QueueEvent::TicketRecalled(it) => Some((&it.window, CallKind::Recall)),
            QueueEvent::TicketTransferred(it) => {
                it.to_window.as_ref().map(|window| (window, CallKind::Transfer))
            }
            // What was taken back must not be spoken by a page that was slow to load.
            QueueEvent::CallRevoked(it) => {
                self.0.retain(|call| call.ticket != it.ticket || call.window != it.window);
                None
            }
            QueueEvent::ActionUndone(it) => {
                self.0.retain(|call| !it.undone.contains(&call.event_id));
                None
            }
            _ => None,
        };
        if let (Some((window, kind)), Some(ticket)) = (call, ticket) {
            self.push(Call {
                position: fact.position,
                event_id: fact.event_id,
                ticket: ticket.id,
                number: ticket.number.clone(),
                letter: ticket.letter,
                seq: ticket.seq,
                window: window.clone(),
                kind,
                past_due: fact.occurred_at > ticket.place.due_at,
                at: fact.occurred_at,
            });
        }
    }

    fn push(&mut self, call: Call) {
        self.0.push_back(call);
        if self.0.len() > CALLS_KEPT {
            self.0.pop_front();
        }
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Call> {
        self.0.iter().rev()
    }
}
