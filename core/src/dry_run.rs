//! A dry run: the queue of this moment as other rules would have put it. Nothing is written, and nobody is called.
//!
//! Live tickets keep the due date they were promised, whatever is published later. A dry run asks what they would have
//! been promised: it answers what a change of targets means, on people everybody can see.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    ids::{ClassId, ServiceId, TicketId},
    queue_day::{
        QueueDay,
        ticket::{Ticket, TicketState},
    },
    queue_order,
    settings::DaySettings,
};

/// Where a ticket stands: 1 is called first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub rank: u32,
    pub due_at: DateTime<Utc>,
}

/// A waiting ticket under the rules of the day and under others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub ticket: TicketId,
    pub number: String,
    pub class: ClassId,
    pub service: Option<ServiceId>,
    /// From when it waits.
    pub reference: DateTime<Utc>,
    pub before: Standing,
    pub after: Standing,
}

/// Everybody who waits, in the order of now, with the place other settings would give them. Empty on a day without
/// settings.
#[must_use]
pub fn compare(day: &QueueDay, other: &DaySettings) -> Vec<Compared> {
    let Some(own) = day.settings.as_deref() else { return Vec::new() };
    let mut before: Vec<&Ticket> =
        day.open().filter(|it| matches!(it.state, TicketState::Waiting { .. })).collect();
    before.sort_by(|a, b| queue_order::compare(own, a, b));
    let mut after: Vec<Ticket> = before.iter().map(|it| promised(own, other, it)).collect();
    after.sort_by(|a, b| queue_order::compare(other, a, b));
    let rank = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let mut compared = Vec::with_capacity(before.len());
    for (index, ticket) in before.into_iter().enumerate() {
        let Some(there) = after.iter().position(|it| it.id == ticket.id) else { continue };
        compared.push(Compared {
            ticket: ticket.id,
            number: ticket.number.clone(),
            class: ticket.class.clone(),
            service: ticket.service().cloned(),
            reference: ticket.place.reference,
            before: Standing { rank: rank(index), due_at: ticket.place.due_at },
            after: Standing { rank: rank(there), due_at: after[there].place.due_at },
        });
    }
    compared
}

/// The ticket as it would stand had it come under the other settings: penalties and placements stay what they were.
fn promised(own: &DaySettings, other: &DaySettings, ticket: &Ticket) -> Ticket {
    let target = |settings: &DaySettings| {
        ticket.service().map_or(TimeDelta::zero(), |service| settings.target(&ticket.class, service))
    };
    let mut moved = ticket.clone();
    moved.place.due_at = ticket.place.due_at - target(own) + target(other);
    moved
}
