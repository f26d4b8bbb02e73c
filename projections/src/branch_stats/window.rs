//! Windows of a day as far as idle time needs them. Idle is the time an open window without a break has nobody: from
//! the end of one ticket (or the opening, or the end of a break) to the next call, break or closing.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use talon_core::{
    fact::Fact, queue_day::event::RestoredWindow, queue_event::QueueEvent, time::millis_between,
};

use super::{Changes, Of, Place, row::Measure};
use uuid::Uuid;

use crate::{
    bulk::{Binds, Bound},
    tickets::zone,
};

pub(crate) const COLUMNS: usize = 12;

#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct WindowRow {
    pub(crate) branch: String,
    pub(crate) business_day: NaiveDate,
    pub(crate) window_id: String,
    operator_id: String,
    time_zone: String,
    is_open: bool,
    is_paused: bool,
    /// Called to it or served at it.
    pub(crate) ticket_id: Option<Uuid>,
    free_since: Option<DateTime<Utc>>,
    /// The idle stretch that the present break or closing ended: it goes on when that step is undone.
    rested_from: Option<DateTime<Utc>>,
    rested_to: Option<DateTime<Utc>>,
    pub(crate) position: i64,
}

impl WindowRow {
    pub(crate) fn new(branch: &str, business_day: NaiveDate, window: &str, fact: &Fact) -> Self {
        Self {
            branch: branch.into(),
            business_day,
            window_id: window.into(),
            operator_id: String::new(),
            time_zone: zone(fact),
            is_open: false,
            is_paused: false,
            ticket_id: None,
            free_since: None,
            rested_from: None,
            rested_to: None,
            position: 0,
        }
    }

    /// A ticket was called to it, or came back to it because a step was undone.
    pub(crate) fn taken(&mut self, ticket: Uuid, at: DateTime<Utc>, undone: bool, changes: &mut Changes) {
        if undone {
            // What looked like idle time was not: the ticket never left.
            self.free_since = None;
        } else {
            self.stop_idling(at, changes);
        }
        self.ticket_id = Some(ticket);
        self.forget_rest();
    }

    /// Its ticket left it.
    pub(crate) fn freed(&mut self, at: DateTime<Utc>) {
        self.ticket_id = None;
        self.idle_from(at);
        self.forget_rest();
    }

    /// What the fact itself says of this window.
    pub(crate) fn fold(&mut self, event: &QueueEvent, at: DateTime<Utc>, changes: &mut Changes) {
        match event {
            QueueEvent::WindowOpened(it) => {
                self.stop_idling(at, changes);
                self.operator_id = it.operator.to_string();
                self.is_open = true;
                self.is_paused = false;
                self.idle_from(at);
                self.forget_rest();
            }
            QueueEvent::WindowTakenOver(it) => {
                self.stop_idling(at, changes);
                self.operator_id = it.operator.to_string();
                self.is_paused = false;
                self.idle_from(at);
                self.forget_rest();
            }
            QueueEvent::WindowPaused(_) => {
                self.rest(at, changes);
                self.is_paused = true;
            }
            QueueEvent::WindowResumed(_) => {
                self.is_paused = false;
                self.idle_from(at);
                self.forget_rest();
            }
            QueueEvent::WindowClosed(_) | QueueEvent::BusinessDayClosed(_) => {
                self.rest(at, changes);
                self.is_open = false;
            }
            QueueEvent::ActionUndone(it) => {
                if let Some(window) =
                    it.restored.window.as_ref().filter(|it| it.window.as_str() == self.window_id)
                {
                    self.restored(window, changes);
                }
            }
            _ => {}
        }
    }

    fn restored(&mut self, window: &RestoredWindow, changes: &mut Changes) {
        self.operator_id = window.operator.to_string();
        self.is_open = true;
        self.is_paused = window.pause.is_some();
        if let (Some(from), Some(to)) = (self.rested_from, self.rested_to) {
            self.count_idle(from, to, -1, changes);
            self.free_since = Some(from).filter(|_| !self.is_paused && self.ticket_id.is_none());
        }
        self.forget_rest();
    }

    fn idle_from(&mut self, at: DateTime<Utc>) {
        self.free_since = Some(at).filter(|_| self.is_open && !self.is_paused && self.ticket_id.is_none());
    }

    /// Ends the idle stretch by a step that can be undone.
    fn rest(&mut self, at: DateTime<Utc>, changes: &mut Changes) {
        self.rested_from = self.free_since;
        self.rested_to = self.free_since.map(|_| at);
        self.stop_idling(at, changes);
    }

    fn stop_idling(&mut self, at: DateTime<Utc>, changes: &mut Changes) {
        if let Some(from) = self.free_since.take() {
            self.count_idle(from, at, 1, changes);
        }
    }

    fn count_idle(&self, from: DateTime<Utc>, to: DateTime<Utc>, times: i64, changes: &mut Changes) {
        let place =
            Place { branch: &self.branch, business_day: self.business_day, time_zone: &self.time_zone };
        let of = Of { service: None, operator: Some(&self.operator_id), at: to };
        changes.measure(place, of, Measure::Idle, millis_between(from, to), times);
    }

    fn forget_rest(&mut self) {
        self.rested_from = None;
        self.rested_to = None;
    }
}

impl Bound for &WindowRow {
    fn bind(&self, to: &mut Binds) {
        to.add(self.branch.as_str())
            .add(self.business_day)
            .add(self.window_id.as_str())
            .add(self.operator_id.as_str())
            .add(self.time_zone.as_str())
            .add(self.is_open)
            .add(self.is_paused)
            .add(self.ticket_id)
            .add(self.free_since)
            .add(self.rested_from)
            .add(self.rested_to)
            .add(self.position);
    }
}

/// A day whose windows are wanted.
pub(crate) struct DayKey<'a>(pub(crate) &'a str, pub(crate) NaiveDate);

impl Bound for DayKey<'_> {
    fn bind(&self, to: &mut Binds) {
        to.add(self.0).add(self.1);
    }
}
