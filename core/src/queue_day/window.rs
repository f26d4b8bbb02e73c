//! A window with an operator at it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    ids::{EventId, OperatorId, ServiceId, TicketId, WindowId},
    queue_day::event::Pause,
};

/// One operator at one window. A window nobody sits at is not in the day's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub id: WindowId,
    pub operator: OperatorId,
    pub skills: Vec<ServiceId>,
    /// What is switched on here.
    pub services: Vec<ServiceId>,
    pub since: DateTime<Utc>,
    pub pause: Option<Pause>,
    /// The one ticket Called or Serving here.
    pub ticket: Option<TicketId>,
    pub last_event: EventId,
}

impl Window {
    /// What this operator at this window can give now.
    #[must_use]
    pub fn given(&self) -> BTreeSet<&ServiceId> {
        let skills: BTreeSet<&ServiceId> = self.skills.iter().collect();
        self.services.iter().filter(|it| skills.contains(it)).collect()
    }

    /// Whether somebody could be called here now.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.ticket.is_none() && self.pause.is_none()
    }

    /// Whether this operator at this window can give the service now.
    #[must_use]
    pub fn gives(&self, service: &ServiceId) -> bool {
        self.services.contains(service) && self.skills.contains(service)
    }
}
