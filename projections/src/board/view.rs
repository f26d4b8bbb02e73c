//! What everybody may know of a live branch at one moment: the hall's board, and the queue behind it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    event_store::{Position, Version},
    ids::{BranchId, ServiceId, TicketId, WindowId},
    queue_day::{
        DayState,
        ticket::{Ticket, TicketState},
        window::Window,
    },
    queue_order,
    settings::DaySettings,
    text::LocalText,
};
use uuid::Uuid;

use super::{alert::Alert, call::Call, quotes::Quotes, render::Board};

/// A branch after one change. Cheap to make and to share: its tickets and windows are those of the version before,
/// except the few that changed (`Arc::ptr_eq` tells which).
#[derive(Debug)]
pub struct BranchView {
    /// The last fact of this branch that is in it.
    pub position: Position,
    pub branch: BranchId,
    pub name: LocalText,
    pub settings_version: u64,
    /// The day the hall is in; absent when no day was opened lately.
    pub today: Option<DayView>,
    /// The day before, while somebody of it is still in the hall.
    pub before: Option<DayView>,
    /// Why the branch cannot be followed any further, when a fact of it could not be read.
    pub stuck: Option<String>,
    pub(super) log_id: Uuid,
    pub(super) rendered_at: DateTime<Utc>,
    pub(super) board: OnceLock<(Bytes, usize)>,
}

/// One day of a branch.
#[derive(Debug, Clone)]
pub struct DayView {
    pub date: NaiveDate,
    pub version: Version,
    pub state: DayState,
    pub opened_at: Option<DateTime<Utc>>,
    pub settings: Option<Arc<DaySettings>>,
    /// Every ticket that is not over, by id.
    pub open: Vec<Arc<Ticket>>,
    /// Windows somebody sits at, by id.
    pub windows: Vec<Arc<Window>>,
    /// How many wait for each service; services nobody waits for are absent. By id.
    pub waiting: Vec<(ServiceId, u32)>,
    pub issued: u32,
    pub served: u32,
    pub quotes: Quotes,
    /// Newest first.
    pub alerts: Vec<Alert>,
    /// The last calls to be spoken, newest first.
    pub calls: Vec<Call>,
}

impl BranchView {
    /// The board as the hall's page reads it: JSON, rendered once and shared by all who ask.
    #[must_use]
    pub fn board(&self) -> Bytes {
        self.rendered().0.clone()
    }

    /// The same board with the server's time of now, for a page that has just come.
    #[must_use]
    pub fn board_at(&self, now: DateTime<Utc>) -> Bytes {
        let (board, stem) = self.rendered();
        Board::with_server_time(&board[..*stem], now)
    }

    fn rendered(&self) -> &(Bytes, usize) {
        self.board.get_or_init(|| Board::of(self).render(self.rendered_at))
    }

    #[must_use]
    pub fn state(&self) -> DayState {
        self.today.as_ref().map_or(DayState::NotOpened, |day| day.state)
    }

    /// Both days of the hall, today's first.
    pub fn days(&self) -> impl Iterator<Item = &DayView> {
        self.today.iter().chain(&self.before)
    }

    /// An open ticket with the day it was issued on.
    #[must_use]
    pub fn ticket(&self, id: &TicketId) -> Option<(&DayView, &Arc<Ticket>)> {
        self.days().find_map(|day| day.ticket(id).map(|ticket| (day, ticket)))
    }

    /// Who waits, in the order of calling: one queue over both days, by the newer settings.
    #[must_use]
    pub fn waiting_in_order(&self) -> Vec<(&DayView, &Arc<Ticket>)> {
        let mut waiting: Vec<_> = self
            .days()
            .flat_map(|day| {
                day.in_state(|state| matches!(state, TicketState::Waiting { .. })).map(move |it| (day, it))
            })
            .collect();
        if let Some(settings) = self.days().find_map(|day| day.settings.as_deref()) {
            waiting.sort_by(|(_, a), (_, b)| queue_order::compare(settings, a, b));
        }
        waiting
    }

    /// The position as interfaces spell it.
    #[must_use]
    pub fn position_text(&self) -> String {
        format!("{}.{}", self.log_id.simple(), self.position)
    }
}

impl DayView {
    #[must_use]
    pub fn ticket(&self, id: &TicketId) -> Option<&Arc<Ticket>> {
        self.open.binary_search_by_key(id, |ticket| ticket.id).ok().map(|at| &self.open[at])
    }

    #[must_use]
    pub fn window(&self, id: &WindowId) -> Option<&Arc<Window>> {
        self.windows.binary_search_by(|window| window.id.cmp(id)).ok().map(|at| &self.windows[at])
    }

    #[must_use]
    pub fn waiting_count(&self) -> u32 {
        self.waiting.iter().map(|(_, count)| count).sum()
    }

    #[must_use]
    pub fn waiting_for(&self, service: &ServiceId) -> u32 {
        self.waiting.binary_search_by(|(it, _)| it.cmp(service)).map_or(0, |at| self.waiting[at].1)
    }

    /// What is written above a window.
    #[must_use]
    pub fn label<'a>(&'a self, window: &'a WindowId) -> &'a str {
        self.settings
            .as_ref()
            .and_then(|settings| settings.windows.iter().find(|it| it.id == *window))
            .map_or_else(|| window.as_str(), |it| it.label.as_str())
    }

    /// Open tickets in one state, in the order of their ids.
    pub fn in_state(&self, wanted: impl Fn(&TicketState) -> bool) -> impl Iterator<Item = &Arc<Ticket>> {
        self.open.iter().filter(move |ticket| wanted(&ticket.state))
    }
}
