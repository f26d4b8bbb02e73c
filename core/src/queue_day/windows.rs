//! Operators sit down, pause, hand over and leave.

use chrono::{DateTime, Utc};

use super::{
    QueueDay,
    aside::in_future,
    command::AtWindow,
    decide::{Asked, Decided, fact, known_reason, one},
    event::{
        CallRevoked, Placement, RevokeReason, TicketReturned, WindowClosed, WindowOpened, WindowPaused,
        WindowResumed, WindowServiceDisabled, WindowServiceEnabled, WindowTakenOver,
    },
    place::Standing,
    services::known,
    ticket::TicketState,
    window::Window,
};
use crate::{
    ids::{OperatorId, ReasonCode, ServiceId, WindowId},
    refusal::Refusal,
    settings::DaySettings,
};

impl QueueDay {
    pub(super) fn open_window(&self, asked: &Asked<'_>, it: &AtWindow) -> Decided {
        let settings = self.running()?;
        let services = services_at(settings, &it.window, it.services.as_deref())?;
        self.sits_down(asked, it)?;
        if let Some(window) = self.windows.get(&it.window) {
            return Err(taken(window));
        }
        one(WindowOpened {
            window: it.window.clone(),
            operator: it.operator.clone(),
            skills: it.skills.clone(),
            services,
        })
    }

    pub(super) fn take_over_window(&self, asked: &Asked<'_>, it: &AtWindow) -> Decided {
        let settings = self.running()?;
        let window = self.staffed(&it.window)?;
        let services = services_at(settings, &it.window, it.services.as_deref())?;
        if window.operator == it.operator {
            return Err(taken(window));
        }
        self.sits_down(asked, it)?;
        one(WindowTakenOver {
            window: it.window.clone(),
            from_operator: window.operator.clone(),
            operator: it.operator.clone(),
            skills: it.skills.clone(),
            services,
        })
    }

    pub(super) fn pause_window(
        &self,
        asked: &Asked<'_>,
        id: &WindowId,
        reason: &ReasonCode,
        until: Option<DateTime<Utc>>,
    ) -> Decided {
        let settings = self.running()?;
        let window = self.own_window(asked, id)?;
        if window.pause.is_some() {
            return Err(Refusal::WindowPaused { window: id.clone() });
        }
        if let Some(ticket) = window.ticket {
            return Err(Refusal::WindowBusy { window: id.clone(), number: self.number_of(ticket) });
        }
        known_reason(&settings.reasons.pause, reason)?;
        in_future(until, asked.at, "until")?;
        one(WindowPaused { window: id.clone(), reason: reason.clone(), until })
    }

    pub(super) fn resume_window(&self, asked: &Asked<'_>, id: &WindowId) -> Decided {
        self.running()?;
        match self.own_window(asked, id)?.pause {
            Some(_) => one(WindowResumed { window: id.clone() }),
            None => Err(Refusal::WindowNotPaused { window: id.clone() }),
        }
    }

    /// A call nobody answered yet is taken back; somebody being served keeps the window open.
    pub(super) fn close_window(&self, asked: &Asked<'_>, id: &WindowId) -> Decided {
        self.running()?;
        let window = self.own_window(asked, id)?;
        let mut events = Vec::new();
        if let Some(ticket) = window.ticket.and_then(|id| self.tickets.get(&id)) {
            match &ticket.state {
                TicketState::Called { .. } => events.push(fact(CallRevoked {
                    ticket: ticket.id,
                    window: id.clone(),
                    reason: RevokeReason::SignOut,
                })),
                TicketState::Serving { .. } => {
                    return Err(Refusal::WindowBusy { window: id.clone(), number: ticket.number.clone() });
                }
                TicketState::Expected
                | TicketState::Waiting { .. }
                | TicketState::Parked { .. }
                | TicketState::NoShow { .. }
                | TicketState::Closed { .. } => {}
            }
        }
        events.push(fact(WindowClosed { window: id.clone(), operator: window.operator.clone() }));
        Ok(events)
    }

    /// A window leaves this day for another one, with nobody at it.
    pub(super) fn leave_window(&self, asked: &Asked<'_>, id: &WindowId) -> Decided {
        self.running()?;
        let window = self.own_window(asked, id)?;
        match window.ticket {
            Some(ticket) => Err(Refusal::WindowBusy { window: id.clone(), number: self.number_of(ticket) }),
            None => one(WindowClosed { window: id.clone(), operator: window.operator.clone() }),
        }
    }

    /// Somebody who may not work here any more: a call is taken back, whoever was being served gets their place back,
    /// and the window closes. Where they do not sit nothing happens.
    pub(super) fn send_away(&self, asked: &Asked<'_>, operator: &OperatorId) -> Decided {
        let settings = match self.running() {
            Ok(settings) => settings,
            Err(_) => return Ok(Vec::new()),
        };
        let Ok(window) = self.window_of(operator) else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        if let Some(ticket) = window.ticket.and_then(|id| self.tickets.get(&id)) {
            match &ticket.state {
                TicketState::Called { .. } => events.push(fact(CallRevoked {
                    ticket: ticket.id,
                    window: window.id.clone(),
                    reason: RevokeReason::SignOut,
                })),
                TicketState::Serving { .. } => {
                    let standing = Standing::of(ticket, ticket.current()?);
                    let placement = Placement::Original;
                    let place = self.placed(settings, &standing, placement, asked.at)?;
                    let (ticket, returns) = (ticket.id, ticket.returns);
                    events.push(fact(TicketReturned { ticket, placement, not_before: None, returns, place }));
                }
                TicketState::Expected
                | TicketState::Waiting { .. }
                | TicketState::Parked { .. }
                | TicketState::NoShow { .. }
                | TicketState::Closed { .. } => {}
            }
        }
        events.push(fact(WindowClosed { window: window.id.clone(), operator: operator.clone() }));
        Ok(events)
    }

    /// Whether this actor may act at the window, whatever stands there.
    ///
    /// # Errors
    /// `WindowNotOpen`, `UnknownWindow`, `NotYourWindow`.
    pub fn may_act_at(
        &self,
        actor: &crate::fact::Actor,
        at: DateTime<Utc>,
        id: &WindowId,
    ) -> Result<(), Refusal> {
        self.own_window(&Asked { at, actor }, id).map(drop)
    }

    pub(super) fn set_window_services(
        &self,
        asked: &Asked<'_>,
        id: &WindowId,
        services: &[ServiceId],
    ) -> Decided {
        let settings = self.running()?;
        let window = self.own_window(asked, id)?;
        if services.is_empty() {
            return Err(Refusal::NoService);
        }
        let wanted = services_at(settings, id, Some(services))?;
        let enabled = wanted
            .iter()
            .filter(|it| !window.services.contains(it))
            .map(|service| fact(WindowServiceEnabled { window: id.clone(), service: service.clone() }));
        let disabled = window
            .services
            .iter()
            .filter(|it| !wanted.contains(it))
            .map(|service| fact(WindowServiceDisabled { window: id.clone(), service: service.clone() }));
        Ok(enabled.chain(disabled).collect())
    }

    /// The window an operator works at.
    pub(super) fn window_of(&self, operator: &OperatorId) -> Result<&Window, Refusal> {
        let at_work = self.windows.values().find(|it| it.operator == *operator);
        at_work.ok_or_else(|| Refusal::OperatorAbsent { operator: operator.clone() })
    }

    /// People open a window for themselves; heads for anybody; nobody works at two.
    fn sits_down(&self, asked: &Asked<'_>, it: &AtWindow) -> Result<(), Refusal> {
        if asked.actor.id != it.operator.as_str() && !asked.supervises() {
            return Err(Refusal::NotYourWindow { window: it.window.clone() });
        }
        match self.window_of(&it.operator) {
            Ok(other) if other.id != it.window => {
                Err(Refusal::OperatorElsewhere { window: other.id.clone() })
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn taken(window: &Window) -> Refusal {
    Refusal::WindowTaken { window: window.id.clone(), operator: window.operator.clone() }
}

/// What will be given at a window: what was asked for and the branch allows there.
fn services_at(
    settings: &DaySettings,
    id: &WindowId,
    wanted: Option<&[ServiceId]>,
) -> Result<Vec<ServiceId>, Refusal> {
    let window = settings.window(id).ok_or_else(|| Refusal::UnknownWindow { window: id.clone() })?;
    let mut allowed = settings.given_at(window);
    let Some(wanted) = wanted else { return Ok(allowed) };
    for service in wanted {
        known(settings, service)?;
    }
    allowed.retain(|it| wanted.contains(it));
    match (allowed.is_empty(), wanted.first()) {
        (true, Some(service)) => {
            Err(Refusal::ServiceNotGiven { service: service.clone(), window: id.clone() })
        }
        (true, None) => Err(Refusal::NoService),
        (false, _) => Ok(allowed),
    }
}
