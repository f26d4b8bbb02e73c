//! Tickets: live ones from memory, older ones from the table of tickets.

use async_graphql::{
    ComplexObject, Context, Object, Result,
    connection::{Connection, Edge, EmptyFields},
};
use chrono::NaiveDate;
use talon_core::{
    fact::Fact,
    ids::TicketId,
    queue_event::{Event, QueueEvent},
};
use talon_projections::tickets::read::{self, After, TicketFilter as Wanted};
use uuid::Uuid;

use crate::{
    auth::Permission,
    explanation,
    graphql::{
        context::{self, Road},
        cursor,
        model::{
            ticket::{Decision, Note, Ticket, TicketState},
            window::OperatorRef,
        },
        scalar::{BranchCode, OperatorId, Position, ServiceCode},
    },
};

/// Which tickets; absent fields do not narrow.
#[derive(Debug, Clone, Default, async_graphql::InputObject)]
pub struct TicketFilter {
    pub branch: Option<BranchCode>,
    /// First business day, `yyyy-mm-dd`.
    pub from: Option<String>,
    /// Last business day, `yyyy-mm-dd`.
    pub to: Option<String>,
    pub service: Option<ServiceCode>,
    pub state: Option<Vec<TicketState>>,
    /// The letter may be typed as its Latin twin.
    pub number: Option<String>,
    pub operator: Option<OperatorId>,
}

#[derive(Debug, Default)]
pub struct TicketQueries;

#[Object]
impl TicketQueries {
    /// One ticket, by id for staff, by token for whoever holds it.
    async fn ticket(
        &self,
        ctx: &Context<'_>,
        id: Option<Uuid>,
        token: Option<String>,
    ) -> Result<Option<Ticket>> {
        let ticket = match (id, token) {
            (Some(id), None) => TicketId(id),
            (None, Some(token)) => {
                ctx.require(Permission::ReadOwnTicket, None)?;
                match ctx.app().tokens.ticket(&token) {
                    Some(ticket) => return Ok(found(ctx, ticket).await?.map(Ticket::for_its_holder)),
                    None => return Ok(None),
                }
            }
            (Some(_), Some(_)) | (None, None) => return Err(ctx.failure("MALFORMED")),
        };
        // A stranger learns nothing from the difference between «no such ticket» and «not yours».
        ctx.asking().principal.reach(Permission::ReadTickets).map_err(|denied| ctx.denied(denied))?;
        let Some(found) = found(ctx, ticket).await? else { return Ok(None) };
        ctx.require(Permission::ReadTickets, Some(&found.branch.0))?;
        Ok(Some(found))
    }

    /// Tickets of any day, newest first.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        filter: Option<TicketFilter>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
        min_position: Option<Position>,
    ) -> Result<Connection<String, Ticket, EmptyFields, EmptyFields>> {
        let filter = filter.unwrap_or_default();
        let branches = context::branches_within_reach(ctx, Permission::ReadTickets, filter.branch.as_ref())?;
        let first = cursor::first(ctx, first)?;
        let behind = after.as_deref().map(|it| cursor::after_ticket(ctx, it)).transpose()?;
        context::wait_for(ctx, "tickets", min_position).await;
        let wanted = Wanted {
            branches,
            from: day(ctx, filter.from.as_deref())?,
            to: day(ctx, filter.to.as_deref())?,
            service: filter.service.map(|it| it.0),
            states: filter.state.unwrap_or_default().into_iter().map(|it| it.name().to_owned()).collect(),
            number: filter.number.as_deref().map(readable_number),
            operator: filter.operator.map(|it| it.0),
            data_set: None,
        };
        let found = read::page(&ctx.app().read, &wanted, behind, first + 1).await;
        let mut rows = found.map_err(|error| context::failed(ctx, &error))?;
        let more = rows.len() > first as usize;
        rows.truncate(first as usize);
        let mut connection = Connection::new(after.is_some(), more);
        connection.edges = rows
            .into_iter()
            .map(|row| Edge::new(cursor::of_ticket(After::from(&row)), Ticket::from_row(row)))
            .collect();
        Ok(connection)
    }

    /// Why a ticket was called, each time it was.
    async fn decision(&self, ctx: &Context<'_>, ticket_id: Uuid) -> Result<Vec<Decision>> {
        let ticket = TicketId(ticket_id);
        let Some(known) = found(ctx, ticket).await? else { return Ok(Vec::new()) };
        ctx.require(Permission::ReadDecision, Some(&known.branch.0))?;
        let Ok(date) = known.business_day.parse::<NaiveDate>() else { return Ok(Vec::new()) };
        let stream = talon_core::desk::queue_stream(&known.branch.0, date);
        let settings =
            ctx.app().live.day(&known.branch.0, Some(date)).and_then(|(_, day)| day.settings.clone());
        let mut decisions = Vec::new();
        let mut after = 0;
        loop {
            let page = ctx
                .app()
                .store
                .read_stream(&stream, after, 2_000)
                .await
                .map_err(|error| context::failed(ctx, &error))?;
            let Some(last) = page.last() else { break };
            after = last.version;
            for raw in page.iter().filter(|it| &*it.kind == "ticket.called") {
                let Ok(fact) = Fact::decode(raw) else { continue };
                if let Event::Queue(QueueEvent::TicketCalled(called)) = &*fact.event
                    && called.ticket == ticket
                    && let Some(decision) = &called.decision
                {
                    decisions.push(Decision::of(
                        decision,
                        explanation::of(decision, &known, None, settings.as_deref()),
                    ));
                }
            }
        }
        Ok(decisions)
    }
}

#[ComplexObject]
impl Ticket {
    /// The token of the ticket's own page; for those who hand tickets out.
    async fn token(&self, ctx: &Context<'_>) -> Option<String> {
        let may = ctx.may(Permission::ReadTicketToken, Some(&self.branch.0));
        may.then(|| ctx.app().tokens.token(TicketId(self.id)))
    }

    /// Tickets that would be called before this one, where the live queue knows it.
    async fn ahead(&self, ctx: &Context<'_>) -> Option<i32> {
        if self.state != TicketState::Waiting {
            return None;
        }
        let date = self.business_day.parse().ok()?;
        ctx.app().live.ahead_of(&self.branch.0, date, &TicketId(self.id)).map(super::super::model::int)
    }

    /// Notes about the visit.
    async fn notes(&self, ctx: &Context<'_>) -> Vec<Note> {
        let may = ctx.may(Permission::ReadNotes, Some(&self.branch.0));
        let mut shown = Vec::new();
        for note in self.sealed_notes.iter().filter(|_| may) {
            shown.push(Note {
                at: note.at,
                by: talon_core::ids::OperatorId::parse(&note.by).ok().map(OperatorRef::of),
                text: ctx.app().notes.open(&note.text, note.command).await,
            });
        }
        shown
    }
}

/// A ticket from the live halls, else from the table of tickets.
pub(in crate::graphql) async fn found(ctx: &Context<'_>, ticket: TicketId) -> Result<Option<Ticket>> {
    let app = ctx.app();
    if let Some((branch, date, known)) = app.live.find_ticket(&ticket) {
        let settings = app.live.day(&branch, Some(date)).and_then(|(_, day)| day.settings.clone());
        return Ok(Some(Ticket::live(&known, settings.as_deref(), &branch, date)));
    }
    let row = read::one(&app.read, ticket).await.map_err(|error| context::failed(ctx, &error))?;
    Ok(row.map(Ticket::from_row))
}

fn day(ctx: &Context<'_>, text: Option<&str>) -> Result<Option<NaiveDate>> {
    text.map(|it| it.parse().map_err(|_| ctx.failure("MALFORMED"))).transpose()
}

/// A number as it is stored: letters are Cyrillic capitals, and may be typed as their Latin twins.
fn readable_number(typed: &str) -> String {
    typed
        .trim()
        .to_uppercase()
        .chars()
        .map(|letter| match letter {
            'A' => 'А',
            'B' => 'В',
            'E' => 'Е',
            'K' => 'К',
            'M' => 'М',
            'H' => 'Н',
            'P' => 'Р',
            'C' => 'С',
            'T' => 'Т',
            'Y' => 'У',
            'X' => 'Х',
            other => other,
        })
        .collect()
}
