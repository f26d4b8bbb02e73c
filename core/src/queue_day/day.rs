//! The day itself: opened, told new settings, its intake paused, closed.

use chrono::{DateTime, Utc};

use super::{
    DayState, PausedBy, QueueDay,
    decide::{Asked, Decided, fact, one},
    event::{
        BusinessDayClosed, BusinessDayOpened, IntakePaused, IntakeResumed, Rule, SettingsAdopted,
        SkillsAdopted, TicketExpired, WindowClosed, WindowServiceDisabled, WindowServiceEnabled,
    },
    ticket::TicketState,
    window::Window,
};
use crate::{
    ids::{OperatorId, ServiceId},
    queue_event::Event,
    refusal::Refusal,
    settings::DaySettings,
};

/// Longest explanation of a pause that a board can show.
const LONGEST_REASON: usize = 200;

impl QueueDay {
    pub(super) fn open_day(&self, settings: &DaySettings) -> Decided {
        match self.state {
            DayState::Open | DayState::IntakePaused { .. } => Err(Refusal::DayAlreadyOpen),
            DayState::Closed { .. } => Err(Refusal::DayClosed),
            // Imported history lives here: it is over and is not opened again.
            DayState::NotOpened if !self.tickets.is_empty() => {
                Err(Refusal::AlreadyExists { what: "businessDay" })
            }
            DayState::NotOpened => one(BusinessDayOpened { settings: settings.clone() }),
        }
    }

    /// A reaction to the branch: what is older than the day's own settings, or says the same, changes nothing.
    pub(super) fn adopt_settings(&self, asked: &Asked<'_>, settings: &DaySettings) -> Decided {
        let own = self.running()?;
        let is_older = (settings.version, settings.catalogue) < (own.version, own.catalogue);
        // A change of the catalogue that is not about this branch is none here.
        if is_older || (DaySettings { catalogue: own.catalogue, ..settings.clone() }) == *own {
            return Ok(Vec::new());
        }
        let mut events = vec![fact(SettingsAdopted { settings: settings.clone() })];
        events.extend(self.windows.values().flat_map(|it| switched(own, settings, it)));
        if self.admits_again(settings, asked.at) {
            events.push(fact(IntakeResumed {}));
        }
        Ok(events)
    }

    pub(super) fn adopt_skills(&self, operator: &OperatorId, skills: &[ServiceId]) -> Decided {
        match self.window_of(operator) {
            Ok(window) if self.is_open() && window.skills != skills => {
                one(SkillsAdopted { operator: operator.clone(), skills: skills.to_vec() })
            }
            Ok(_) | Err(_) => Ok(Vec::new()),
        }
    }

    pub(super) fn pause_intake(&self, reason: &str) -> Decided {
        self.running()?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::ReasonRequired);
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(Refusal::Malformed { what: "reason" });
        }
        match self.state {
            DayState::IntakePaused { .. } => Err(Refusal::IntakePaused),
            DayState::Open | DayState::NotOpened | DayState::Closed { .. } => {
                one(IntakePaused { rule: None, reason: Some(reason.into()) })
            }
        }
    }

    pub(super) fn resume_intake(&self) -> Decided {
        self.running()?;
        match self.state {
            DayState::IntakePaused { .. } => one(IntakeResumed {}),
            DayState::Open | DayState::NotOpened | DayState::Closed { .. } => Err(Refusal::IntakeNotPaused),
        }
    }

    pub(super) fn close_day(&self) -> Decided {
        self.running()?;
        match self.open().find_map(|it| it.state.window()) {
            Some(busy) => Err(Refusal::DayStillBusy { busy: busy.clone() }),
            None => Ok(self.ending()),
        }
    }

    /// Everybody still in the queue expires, one event each; every window ends; then the day.
    pub(super) fn ending(&self) -> Vec<Event> {
        let expire = |ticket| fact(TicketExpired { ticket, rule: Rule::DayClosed });
        let mut events: Vec<Event> = self.open().map(|it| expire(it.id)).collect();
        let expired = u32::try_from(events.len()).unwrap_or(u32::MAX);
        events.extend(
            self.windows
                .values()
                .map(|it| fact(WindowClosed { window: it.id.clone(), operator: it.operator.clone() })),
        );
        events.push(fact(BusinessDayClosed { expired }));
        events
    }

    /// Whether new settings lift the rule that stopped the intake.
    fn admits_again(&self, settings: &DaySettings, now: DateTime<Utc>) -> bool {
        match self.state {
            DayState::IntakePaused { by: PausedBy::Rule(Rule::Quota), .. } => {
                settings.quotas.day.is_none_or(|most| self.tallies.issued < most)
            }
            DayState::IntakePaused { by: PausedBy::Rule(Rule::EndOfIntake), .. } => {
                self.end_of_intake_by(settings).is_none_or(|end| end > now)
            }
            DayState::IntakePaused {
                by: PausedBy::Rule(Rule::Break | Rule::DayClosed) | PausedBy::Staff,
                ..
            }
            | DayState::NotOpened
            | DayState::Open
            | DayState::Closed { .. } => false,
        }
    }

    /// Whether somebody waits, and whether somebody is at a window.
    pub(super) fn in_the_hall(&self) -> (bool, bool) {
        let mut waiting = false;
        let mut busy = false;
        for ticket in self.open() {
            match ticket.state {
                TicketState::Waiting { .. } => waiting = true,
                TicketState::Called { .. } | TicketState::Serving { .. } => busy = true,
                TicketState::Expected
                | TicketState::Parked { .. }
                | TicketState::NoShow { .. }
                | TicketState::Closed { .. } => {}
            }
        }
        (waiting, busy)
    }
}

/// What new settings switch on and off at an open window. A service that left the catalogue stays on, for those who
/// wait for it already; one that the operator switched off stays off.
fn switched(own: &DaySettings, new: &DaySettings, window: &Window) -> Vec<Event> {
    let allowed = |settings: &DaySettings| settings.window(&window.id).map(|it| settings.given_at(it));
    let Some(now) = allowed(new) else { return Vec::new() };
    let before = allowed(own).unwrap_or_default();
    let id = || window.id.clone();
    let enabled = now
        .iter()
        .filter(|it| !before.contains(it) && !window.services.contains(it))
        .map(|service| fact(WindowServiceEnabled { window: id(), service: service.clone() }));
    let disabled = window
        .services
        .iter()
        .filter(|it| new.service(it).is_some() && !now.contains(it))
        .map(|service| fact(WindowServiceDisabled { window: id(), service: service.clone() }));
    enabled.chain(disabled).collect()
}
