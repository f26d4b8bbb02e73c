//! Tickets: issued, called, served, and every other step of a visit.

use async_graphql::{Context, Object, Result};
use talon_core::{
    desk::Ask,
    fact::{Actor, ActorKind},
    ids::{ClassId, EventId, TicketId, WindowId},
    queue_day::{
        QueueDay,
        command::{Action, IssueTicket, TransferTicket},
        event::{Arrival, CancelledBy, Channel, RevokeReason},
    },
    refusal::Refusal,
};
use uuid::Uuid;

use super::{class, minutes, placement, plain, quantity, reason, sent, ticket_id};
use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::{
            input::{
                AcknowledgeInput, AddNoteInput, AddServiceInput, ArriveInput, CallTicketInput,
                CompleteServiceInput, IssueTicketInput, ParkTicketInput, Placement, ReactivateInput,
                ReasonInput, ReprioritiseInput, ReturnTicketInput, TicketInput, TransferTicketInput,
                UndoInput, WindowInput,
            },
            payload::{TicketPayload, UndoPayload},
            ticket::Ticket,
            window::Window,
        },
        query::queue::with_next,
        scalar::BranchCode,
    },
};

/// The longest note about a visit, in characters.
const LONGEST_NOTE: usize = 2_000;

#[derive(Debug, Default)]
pub struct TicketMutations;

#[Object]
impl TicketMutations {
    /// Gives a customer a ticket.
    async fn issue_ticket(&self, ctx: &Context<'_>, input: IssueTicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("issueTicket", &input));
        let ticket = TicketId(ctx.app().clock.new_id());
        let ask = |actor: &Actor| issue(ticket, actor, &input).and_then(|it| plain(Action::IssueTicket(it)));
        step(ctx, Permission::IssueTicket, &input.branch, press, ask).await
    }

    /// A customer who joined from afar is in the hall.
    async fn arrive_ticket(&self, ctx: &Context<'_>, input: ArriveInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("arriveTicket", &input));
        let ask = |_: &Actor| {
            let how = match input.how.as_str() {
                "qr" => Arrival::Qr,
                "geofence" => Arrival::Geofence,
                "kiosk_code" => Arrival::KioskCode,
                "staff" => Arrival::Staff,
                _ => return Err(Refusal::Malformed { what: "how" }),
            };
            plain(Action::ArriveTicket { ticket: ticket_id(input.ticket_id), how })
        };
        step(ctx, Permission::ArriveTicket, &input.branch, press, ask).await
    }

    /// Calls whoever is next to a window. `NOBODY_WAITING` when the queue is empty.
    async fn call_next(&self, ctx: &Context<'_>, input: WindowInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("callNext", &input));
        let action = Action::CallNext { window: input.window.0.clone() };
        step(ctx, Permission::CallCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// Calls one particular ticket. Out of turn it needs a reason and the permission to pick.
    async fn call_ticket(&self, ctx: &Context<'_>, input: CallTicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("callTicket", &input));
        let permission =
            if input.reason_code.is_some() { Permission::PickTicket } else { Permission::CallCustomers };
        let ask = |_: &Actor| {
            plain(Action::CallTicket {
                window: input.window.0.clone(),
                ticket: ticket_id(input.ticket_id),
                reason: input.reason_code.as_deref().map(reason).transpose()?,
            })
        };
        step(ctx, permission, &input.branch, press, ask).await
    }

    /// Shows and speaks the number once more.
    async fn recall_ticket(&self, ctx: &Context<'_>, input: TicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("recallTicket", &input));
        let action = Action::RecallTicket { ticket: ticket_id(input.ticket_id) };
        step(ctx, Permission::CallCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// Takes a call back; the ticket keeps its place.
    async fn revoke_call(&self, ctx: &Context<'_>, input: TicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("revokeCall", &input));
        let action = Action::RevokeCall { ticket: ticket_id(input.ticket_id), reason: RevokeReason::Mistake };
        step(ctx, Permission::CallCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// The customer is at the window.
    async fn start_service(&self, ctx: &Context<'_>, input: TicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("startService", &input));
        let action = Action::StartService { ticket: ticket_id(input.ticket_id) };
        step(ctx, Permission::ServeCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// One more service in this visit.
    async fn add_service(&self, ctx: &Context<'_>, input: AddServiceInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("addService", &input));
        let ask = |_: &Actor| {
            let quantity = quantity(input.quantity)?;
            plain(Action::AddService {
                ticket: ticket_id(input.ticket_id),
                service: input.service.0.clone(),
                quantity,
            })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// The service being given turned out to be another one.
    async fn switch_service(&self, ctx: &Context<'_>, input: AddServiceInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("switchService", &input));
        let ask = |_: &Actor| {
            let quantity = quantity(input.quantity)?;
            let service = input.service.0.clone();
            plain(Action::SwitchService { ticket: ticket_id(input.ticket_id), service, quantity })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// The service was given. The visit goes on when another one was asked for.
    async fn complete_service(
        &self,
        ctx: &Context<'_>,
        input: CompleteServiceInput,
    ) -> Result<TicketPayload> {
        let press = (input.command_id, sent("completeService", &input));
        let ask = |_: &Actor| {
            let outcome = input.outcome_code.as_deref().map(reason).transpose()?;
            let quantity = quantity(input.quantity)?;
            plain(Action::CompleteService { ticket: ticket_id(input.ticket_id), outcome, quantity })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// The window cannot give the service, for a reason.
    async fn refuse_service(&self, ctx: &Context<'_>, input: ReasonInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("refuseService", &input));
        let ticket = ticket_id(input.ticket_id);
        let ask = |_: &Actor| plain(Action::RefuseService { ticket, reason: reason(&input.reason_code)? });
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Called and did not come.
    async fn mark_no_show(&self, ctx: &Context<'_>, input: TicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("markNoShow", &input));
        let action = Action::MarkNoShow { ticket: ticket_id(input.ticket_id) };
        step(ctx, Permission::ServeCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// Came back within the grace.
    async fn reactivate_ticket(&self, ctx: &Context<'_>, input: ReactivateInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("reactivateTicket", &input));
        let ticket = ticket_id(input.ticket_id);
        let place = input.placement.unwrap_or(Placement::Original);
        let ask =
            |_: &Actor| plain(Action::ReactivateTicket { ticket, placement: placement(place, input.n)? });
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Asks the customer to wait aside.
    async fn park_ticket(&self, ctx: &Context<'_>, input: ParkTicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("parkTicket", &input));
        let now = ctx.app().clock.now();
        let ticket = ticket_id(input.ticket_id);
        let ask = |_: &Actor| {
            let resume_by =
                input.minutes.map(|count| minutes(count, "minutes")).transpose()?.map(|span| now + span);
            let reason = reason(&input.reason_code)?;
            plain(Action::ParkTicket { ticket, reason, pool: input.pool.into(), resume_by })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Puts a parked ticket back into the queue.
    async fn unpark_ticket(&self, ctx: &Context<'_>, input: TicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("unparkTicket", &input));
        let action = Action::UnparkTicket { ticket: ticket_id(input.ticket_id) };
        step(ctx, Permission::CallCustomers, &input.branch, press, |_| plain(action)).await
    }

    /// Sends a ticket back into the queue, to a place of choice.
    async fn return_ticket(&self, ctx: &Context<'_>, input: ReturnTicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("returnTicket", &input));
        let now = ctx.app().clock.now();
        let ticket = ticket_id(input.ticket_id);
        let ask = |_: &Actor| {
            let later =
                input.not_before_minutes.map(|count| minutes(count, "notBeforeMinutes")).transpose()?;
            let placement = placement(input.placement, input.n)?;
            plain(Action::ReturnTicket { ticket, placement, not_before: later.map(|span| now + span) })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Passes a ticket on to another service, window or person. Without a placement it keeps its reference.
    async fn transfer_ticket(&self, ctx: &Context<'_>, input: TransferTicketInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("transferTicket", &input));
        let ask = |_: &Actor| {
            plain(Action::TransferTicket(TransferTicket {
                ticket: ticket_id(input.ticket_id),
                to_service: input.to_service.as_ref().map(|it| it.0.clone()),
                to_window: input.to_window.as_ref().map(|it| it.0.clone()),
                to_operator: input.to_operator.as_ref().map(|it| it.0.clone()),
                placement: input.placement.map(|place| placement(place, input.n)).transpose()?,
            }))
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Moves a ticket to another class of people.
    async fn reprioritise_ticket(
        &self,
        ctx: &Context<'_>,
        input: ReprioritiseInput,
    ) -> Result<TicketPayload> {
        let press = (input.command_id, sent("reprioritiseTicket", &input));
        let ticket = ticket_id(input.ticket_id);
        let ask = |_: &Actor| {
            let (class, reason) = (class(&input.class)?, reason(&input.reason_code)?);
            plain(Action::ReprioritiseTicket { ticket, class, reason })
        };
        step(ctx, Permission::Reprioritise, &input.branch, press, ask).await
    }

    /// Ends a visit that will not happen.
    async fn cancel_ticket(&self, ctx: &Context<'_>, input: ReasonInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("cancelTicket", &input));
        let ticket = ticket_id(input.ticket_id);
        let ask = |actor: &Actor| {
            let by = if actor.role == "admin" { CancelledBy::Admin } else { CancelledBy::Staff };
            plain(Action::CancelTicket { ticket, by, reason: reason(&input.reason_code)? })
        };
        step(ctx, Permission::ServeCustomers, &input.branch, press, ask).await
    }

    /// Writes a note about the visit. It is sealed under the visit's own key before it is stored.
    async fn add_note(&self, ctx: &Context<'_>, input: AddNoteInput) -> Result<TicketPayload> {
        ctx.require(Permission::AddNotes, Some(&input.branch.0))?;
        let text = input.text.trim();
        if text.is_empty() || text.chars().count() > LONGEST_NOTE {
            let refusal = ctx.refusal(&Refusal::Malformed { what: "text" }, &input.branch.0);
            return Ok(TicketPayload { refusal: Some(refusal), ..TicketPayload::default() });
        }
        let notes = &ctx.app().notes;
        let note = notes.seal(TicketId(input.ticket_id), input.command_id, text).await;
        let note = note.map_err(|error| context::failed(ctx, &error))?;
        let known = notes.fingerprint(&note, &sent("addNote", &input)).await;
        let known = known.map_err(|error| context::failed(ctx, &error))?;
        let press = (input.command_id, known.unwrap_or_default().to_vec());
        let action = Action::AddNote { ticket: ticket_id(input.ticket_id), note };
        step(ctx, Permission::AddNotes, &input.branch, press, |_| plain(action)).await
    }

    /// Says that an alert was seen.
    async fn acknowledge_alert(&self, ctx: &Context<'_>, input: AcknowledgeInput) -> Result<TicketPayload> {
        let press = (input.command_id, sent("acknowledgeAlert", &input));
        let ask = |_: &Actor| {
            let level = u8::try_from(input.level).map_err(|_| Refusal::Malformed { what: "level" })?;
            plain(Action::AcknowledgeAlert { ticket: ticket_id(input.ticket_id), level })
        };
        step(ctx, Permission::AcknowledgeAlerts, &input.branch, press, ask).await
    }

    /// Takes back one's own last step, within seconds.
    async fn undo_action(&self, ctx: &Context<'_>, input: UndoInput) -> Result<UndoPayload> {
        let press = (input.command_id, sent("undoAction", &input));
        let action = Action::UndoAction { event: EventId(input.event_id) };
        let TicketPayload { ticket, window, position, refusal } =
            step(ctx, Permission::UndoStep, &input.branch, press, |_| plain(action)).await?;
        Ok(UndoPayload { ticket, window, position, refusal })
    }
}

/// A ticket given out by staff or by a device over GraphQL.
fn issue(
    ticket: TicketId,
    actor: &Actor,
    input: &IssueTicketInput,
) -> std::result::Result<IssueTicket, Refusal> {
    let party_size = match input.party_size.unwrap_or(1) {
        count @ 1..=99 => u16::try_from(count).unwrap_or(1),
        _ => return Err(Refusal::Malformed { what: "partySize" }),
    };
    let language = match input.language.as_deref() {
        None => None,
        Some(language @ ("ru" | "en")) => Some(language.to_owned()),
        Some(_) => return Err(Refusal::Malformed { what: "language" }),
    };
    Ok(IssueTicket {
        ticket,
        services: input.services.iter().map(|it| it.0.clone()).collect(),
        class: input.class.as_deref().map_or_else(|| Ok(ClassId::trusted("standard")), class)?,
        class_reason: input.reason_code.as_deref().map(reason).transpose()?,
        channel: if actor.kind == ActorKind::Device { Channel::Kiosk } else { Channel::Staff },
        remote: input.remote.unwrap_or(false),
        party_size,
        language,
        booking_id: None,
        slot_start: None,
        customer_ref: None,
        kiosk: None,
        not_before: None,
        quote: None,
    })
}

async fn step(
    ctx: &Context<'_>,
    permission: Permission,
    branch: &BranchCode,
    press: (Uuid, Vec<u8>),
    ask: impl FnOnce(&Actor) -> std::result::Result<Ask, Refusal>,
) -> Result<TicketPayload> {
    let branch = &branch.0;
    let actor = ctx.asking().principal.actor(permission, Some(branch)).ok();
    let now = ctx.app().clock.now();
    // A window is copied under the day's lock: only for those who ask for it.
    let asks_for_window = ctx.look_ahead().field("window").exists();
    let view = |day: &QueueDay, date, done: &talon_core::dispatch::Done| {
        let ticket = day.tickets.get(&TicketId(done.correlation_id));
        let window =
            || ticket.and_then(|it| window_of(day, it.id)).or_else(|| own_window(day, actor.as_ref()));
        let window = asks_for_window.then(window).flatten();
        (
            ticket.map(|it| Ticket::live(it, day.settings.as_deref(), branch, date)),
            window
                .and_then(|it| Window::of(day, branch, date, &it))
                .map(|it| it.with_undo(day, actor.as_ref(), now)),
        )
    };
    Ok(match context::ask(ctx, permission, branch, press, ask, view).await? {
        Ok((done, (ticket, window))) => {
            let window = with_next(ctx, branch, window).await;
            TicketPayload { ticket, window, position: Some(ctx.position(done.position)), refusal: None }
        }
        Err(refusal) => TicketPayload { refusal: Some(refusal), ..TicketPayload::default() },
    })
}

fn window_of(day: &QueueDay, ticket: TicketId) -> Option<WindowId> {
    day.windows.values().find(|it| it.ticket == Some(ticket)).map(|it| it.id.clone())
}

fn own_window(day: &QueueDay, actor: Option<&Actor>) -> Option<WindowId> {
    let actor = actor?;
    day.windows.values().find(|it| it.operator.as_str() == actor.id).map(|it| it.id.clone())
}
