//! One ticket as its own page shows it: no names, no notes, nothing of anybody else.

use schemars::JsonSchema;
use serde::Serialize;
use talon_core::{
    ids::{BranchId, TicketId},
    queue_day::{
        event::Quote,
        ticket::{Ticket, TicketState},
    },
    text::LocalText,
};
use talon_projections::board::BranchView;

use super::{
    App,
    problem::{Code, Problem},
};
use crate::position::WirePosition;

/// What the holder of a ticket's token may know.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketPage {
    pub position: String,
    pub number: String,
    pub state: String,
    pub branch: String,
    pub branch_name: LocalText,
    pub service: LocalText,
    pub window_label: Option<String>,
    /// Tickets that would be called before this one.
    pub ahead: Option<u32>,
    pub quote: Option<WaitTold>,
    pub issued_at: String,
    pub called_at: Option<String>,
    pub ended_at: Option<String>,
    #[serde(skip)]
    id: Option<BranchId>,
}

/// A wait as it is told to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Quote")]
pub struct WaitTold {
    pub p50_seconds: u32,
    pub p80_seconds: u32,
}

impl TicketPage {
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state.as_str(), "COMPLETED" | "REFUSED" | "CANCELLED" | "ABANDONED" | "EXPIRED")
    }

    #[must_use]
    pub fn branch_id(&self) -> Option<&BranchId> {
        self.id.as_ref()
    }

    /// All that a reader would notice: the same content at another position is no change.
    #[must_use]
    pub fn content(&self) -> Self {
        Self { position: String::new(), ..self.clone() }
    }
}

/// The page of a ticket: from the live hall, else from the table of tickets.
///
/// # Errors
/// `TICKET_UNKNOWN` for a ticket that is in neither.
pub async fn of(app: &App, ticket: TicketId) -> Result<TicketPage, Problem> {
    let Some((branch, date, known)) = app.live.find_ticket(&ticket) else { return past(app, ticket).await };
    let views = app.live.branch(&branch).ok_or(Problem::of(Code::TicketUnknown))?;
    let view = views.borrow().clone();
    let whole = app.live.day(&branch, Some(date));
    let ahead = app.live.ahead_of(&branch, date, &ticket);
    let quote = whole.and_then(|(_, day)| app.waiting_time.remaining(&day, &known, app.clock.now()));
    Ok(live(&view, &known, ahead, quote))
}

fn live(view: &BranchView, ticket: &Ticket, ahead: Option<u32>, quote: Option<Quote>) -> TicketPage {
    let day = view.days().next();
    let service = ticket.service().and_then(|id| {
        let settings = day?.settings.as_ref()?;
        settings.services.iter().find(|it| it.id == *id).map(|it| it.name.clone())
    });
    let label = ticket.window.as_ref().map(|it| day.map_or(it.as_str(), |day| day.label(it)).to_owned());
    let waiting = matches!(ticket.state, TicketState::Waiting { .. });
    TicketPage {
        position: view.position_text(),
        number: ticket.number.clone(),
        state: ticket.state.name().to_owned(),
        branch: view.branch.to_string(),
        branch_name: view.name.clone(),
        service: service.unwrap_or_default(),
        window_label: label.filter(|_| !waiting),
        ahead: ahead.filter(|_| waiting),
        quote: quote.filter(|_| waiting).map(|it| WaitTold { p50_seconds: it.p50_s, p80_seconds: it.p80_s }),
        issued_at: super::instant(ticket.issued_at),
        called_at: ticket.called_at.map(super::instant),
        ended_at: match ticket.state {
            TicketState::Closed { at, .. } => Some(super::instant(at)),
            _ => None,
        },
        id: Some(view.branch.clone()),
    }
}

/// A ticket of a day that no hall holds any more: its state and its times.
async fn past(app: &App, ticket: TicketId) -> Result<TicketPage, Problem> {
    let row = talon_projections::tickets::read::one(&app.read, ticket).await?;
    let row = row.ok_or(Problem::of(Code::TicketUnknown))?;
    let position = WirePosition { log: app.log_id(), number: *app.live.reached().borrow() };
    Ok(TicketPage {
        position: position.to_string(),
        number: row.number.unwrap_or_default(),
        state: row.state,
        branch: row.branch,
        branch_name: LocalText::default(),
        service: LocalText::default(),
        window_label: None,
        ahead: None,
        quote: None,
        issued_at: super::instant(row.issued_at),
        called_at: row.called_at.map(super::instant),
        ended_at: row.ended_at.map(super::instant),
        id: None,
    })
}
