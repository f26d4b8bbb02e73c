//! Where in the queue a ticket stands: the reference it waits from and the instant it is due.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    QueueDay,
    event::{Place, Placement},
    ticket::{Ticket, TicketState},
};
use crate::{
    ids::{ClassId, ServiceId, TicketId},
    refusal::Refusal,
    settings::DaySettings,
    time::seconds,
};

/// What decides a place apart from where it is put.
pub(super) struct Standing<'a> {
    pub(super) ticket: TicketId,
    pub(super) class: &'a ClassId,
    pub(super) service: &'a ServiceId,
    pub(super) reference: DateTime<Utc>,
    /// Times it came back after a no-show, this time included.
    pub(super) returns: u8,
}

impl<'a> Standing<'a> {
    pub(super) fn of(ticket: &'a Ticket, service: &'a ServiceId) -> Self {
        Self {
            ticket: ticket.id,
            class: &ticket.class,
            service,
            reference: ticket.place.reference,
            returns: ticket.returns,
        }
    }

    /// `reference + target + penalty`.
    pub(super) fn place_from(&self, settings: &DaySettings, reference: DateTime<Utc>) -> Place {
        let penalty = seconds(settings.calling.return_penalty_s) * i32::from(self.returns);
        let target = settings.target(self.class, self.service);
        Place { reference, due_at: reference + target + penalty }
    }
}

impl QueueDay {
    /// The place that a placement means at this moment.
    pub(super) fn placed(
        &self,
        settings: &DaySettings,
        standing: &Standing<'_>,
        placement: Placement,
        now: DateTime<Utc>,
    ) -> Result<Place, Refusal> {
        let tail = || standing.place_from(settings, now);
        Ok(match placement {
            Placement::Original => self.own_place(settings, standing),
            Placement::Tail => tail(),
            Placement::Front => {
                self.nth_waiting(standing, 1).map_or_else(tail, |it| shifted(it, -TimeDelta::milliseconds(1)))
            }
            Placement::AfterN { n: 0 } => return Err(Refusal::Malformed { what: "n" }),
            Placement::AfterN { n } => {
                self.nth_waiting(standing, n).map_or_else(tail, |it| shifted(it, TimeDelta::milliseconds(1)))
            }
        })
    }

    /// The place it had, later by the penalty of a new return; for another service, due by that service's target.
    fn own_place(&self, settings: &DaySettings, standing: &Standing<'_>) -> Place {
        match self.tickets.get(&standing.ticket) {
            Some(ticket) if ticket.service() == Some(standing.service) => {
                let new_returns = i32::from(standing.returns.saturating_sub(ticket.returns));
                let penalty = seconds(settings.calling.return_penalty_s) * new_returns;
                Place { due_at: ticket.place.due_at + penalty, ..ticket.place }
            }
            Some(_) | None => standing.place_from(settings, standing.reference),
        }
    }

    /// The place of the n-th other ticket that waits for this service, in the order of calling.
    fn nth_waiting(&self, standing: &Standing<'_>, n: u32) -> Option<Place> {
        let settings = self.settings.as_deref()?;
        let mut waiting: Vec<&Ticket> = self
            .open()
            .filter(|it| matches!(it.state, TicketState::Waiting { .. }))
            .filter(|it| it.id != standing.ticket && it.service() == Some(standing.service))
            .collect();
        waiting.sort_by(|a, b| crate::queue_order::compare(settings, a, b));
        let index = usize::try_from(n).ok()?.checked_sub(1)?;
        waiting.get(index).map(|it| it.place)
    }
}

fn shifted(place: Place, by: TimeDelta) -> Place {
    Place { reference: place.reference + by, due_at: place.due_at + by }
}
