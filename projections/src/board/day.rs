//! One business day of a live branch, folded as its facts arrive. The whole day is folded by `core`; what is kept
//! beside it are the few things that are asked at every change, so that no change costs a walk over the day.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    aggregate::Aggregate,
    event_store::Version,
    fact::Fact,
    ids::{ServiceId, TicketId, WindowId},
    queue_day::{
        QueueDay,
        ticket::{Ticket, TicketState},
        window::Window,
    },
    queue_event::{Event, QueueEvent},
    waiting_time::WaitingTime,
};

use super::{alert::Alerts, call::Calls, quotes::Quotes, view::DayView};
use crate::subject::Subject;

/// What became of a fact that was offered to a fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    Applied,
    /// Folded before: the same fact came by another road.
    Known,
    /// Facts before it are missing: they must be read from the stream first.
    Gap,
}

#[derive(Debug)]
pub(crate) struct DayFold {
    pub(crate) date: NaiveDate,
    version: Version,
    /// Copied only while somebody else holds it.
    day: Arc<QueueDay>,
    open: BTreeMap<TicketId, Arc<Ticket>>,
    waiting: BTreeMap<ServiceId, u32>,
    windows: BTreeMap<WindowId, Arc<Window>>,
    alerts: Alerts,
    calls: Calls,
}

impl DayFold {
    pub(crate) fn new(date: NaiveDate) -> Self {
        Self {
            date,
            version: 0,
            day: Arc::default(),
            open: BTreeMap::new(),
            waiting: BTreeMap::new(),
            windows: BTreeMap::new(),
            alerts: Alerts::default(),
            calls: Calls::default(),
        }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    pub(crate) fn day(&self) -> &Arc<QueueDay> {
        &self.day
    }

    pub(crate) fn ticket(&self, ticket: &TicketId) -> Option<&Ticket> {
        self.day.tickets.get(ticket)
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Folded {
        if fact.version <= self.version {
            return Folded::Known;
        }
        if fact.version > self.version + 1 {
            return Folded::Gap;
        }
        self.version = fact.version;
        Arc::make_mut(&mut self.day).evolve(fact.into());
        if let Event::Queue(event) = &*fact.event {
            self.follow(event);
            self.alerts.fold(fact, event);
            let ticket = Subject::of(event).ticket.and_then(|ticket| self.day.tickets.get(&ticket));
            self.calls.fold(fact, event, ticket);
        }
        Folded::Applied
    }

    fn follow(&mut self, event: &QueueEvent) {
        if let Some(ticket) = Subject::of(event).ticket {
            self.refresh(ticket);
        }
        if Subject::reaches_further(event) {
            let everybody: Vec<_> = self.open.keys().copied().collect();
            everybody.into_iter().for_each(|ticket| self.refresh(ticket));
        }
        self.windows.retain(|window, _| self.day.windows.contains_key(window));
        for (id, window) in &self.day.windows {
            match self.windows.get(id) {
                Some(known) if **known == *window => {}
                _ => {
                    self.windows.insert(id.clone(), Arc::new(window.clone()));
                }
            }
        }
    }

    fn refresh(&mut self, id: TicketId) {
        let now = self.day.tickets.get(&id).filter(|ticket| ticket.is_open());
        let before = self.open.get(&id);
        if before.map(|ticket| &**ticket) == now {
            return;
        }
        if let Some(service) = before.and_then(|ticket| waits_for(ticket)) {
            let count = self.waiting.entry(service.clone()).or_default();
            *count = count.saturating_sub(1);
        }
        if let Some(service) = now.and_then(waits_for) {
            *self.waiting.entry(service.clone()).or_default() += 1;
        }
        match now {
            Some(ticket) => self.open.insert(id, Arc::new(ticket.clone())),
            None => self.open.remove(&id),
        };
    }

    /// When its date ends; absent for a day that is not open.
    pub(crate) fn lasts_until(&self) -> Option<DateTime<Utc>> {
        self.day.settings.as_ref().filter(|_| self.day.is_open()).map(|it| it.ends_at)
    }

    /// Whether nobody is in the hall any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.windows.is_empty()
    }

    pub(crate) fn view(&self, waits: &dyn WaitingTime, now: DateTime<Utc>) -> DayView {
        DayView {
            date: self.date,
            version: self.version,
            state: self.day.state,
            opened_at: self.day.opened_at,
            settings: self.day.settings.clone(),
            open: self.open.values().cloned().collect(),
            windows: self.windows.values().cloned().collect(),
            waiting: self
                .waiting
                .iter()
                .filter(|(_, count)| **count > 0)
                .map(|(service, count)| (service.clone(), *count))
                .collect(),
            issued: self.day.tallies.issued,
            served: self.day.tallies.served,
            quotes: Quotes::of(&self.day, waits, now),
            alerts: self.alerts.of(&self.open),
            calls: self.calls.newest_first().cloned().collect(),
        }
    }
}

fn waits_for(ticket: &Ticket) -> Option<&ServiceId> {
    matches!(ticket.state, TicketState::Waiting { .. }).then(|| ticket.service()).flatten()
}
