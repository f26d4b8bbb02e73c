//! The live hall: queue, board, windows, and who asks.

use async_graphql::{ComplexObject, Context, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use talon_core::{
    branch,
    fact::Actor,
    ids::BranchId,
    queue_day::{QueueDay, ticket::TicketState},
    queue_order,
    refusal::Refusal,
    settings::BranchSettings,
};
use talon_projections::board::{BranchView, DayView};

use crate::{
    auth::{Permission, Reach, Who},
    explanation,
    graphql::{
        context::{self, Road},
        model::{
            branch::DayState,
            queue::{BoardChange, Queue},
            ticket::{Decision, Ticket},
            window::{Candidate, OperatorRef, Undo, Window},
        },
        scalar::{BranchCode, Position, WindowCode},
    },
};

/// Whoever asks.
#[derive(Debug, SimpleObject)]
pub struct Me {
    /// `staff`, `device` or `nobody`.
    pub kind: String,
    pub id: String,
    pub name: Option<String>,
    /// The widest of its roles.
    pub role: String,
    pub permissions: Vec<String>,
    /// Where it may do anything at all.
    pub branches: Vec<BranchCode>,
    pub session_expires_at: Option<DateTime<Utc>>,
    /// The window it sits at now.
    pub window: Option<Window>,
}

#[derive(Debug, Default)]
pub struct QueueQueries;

#[Object]
impl QueueQueries {
    /// Who am I, and what may I do.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Me>> {
        ctx.require(Permission::ReadMe, None)?;
        let principal = &ctx.asking().principal;
        let permissions = principal.permissions().iter().map(|it| it.code().to_owned()).collect();
        let reach =
            principal.reach(Permission::ReadQueue).or_else(|_| principal.reach(Permission::IssueTicket));
        let branches: Vec<BranchId> = match reach {
            Ok(Reach::Everywhere) => ctx.app().live.branches(),
            Ok(Reach::Branches(some)) => some.into_iter().collect(),
            Err(_) => Vec::new(),
        };
        let (kind, id, until) = match &principal.who {
            Who::Staff { id, until, .. } => ("staff", id.to_string(), Some(*until)),
            Who::Device { id, .. } => ("device", id.to_string(), None),
            Who::Nobody => return Ok(None),
        };
        let name = match &principal.who {
            Who::Staff { id, .. } => ctx.app().access.name_of(id).await.ok().flatten(),
            Who::Device { .. } | Who::Nobody => None,
        };
        let mut window = None;
        for branch in &branches {
            if let Some(views) = ctx.app().live.branch(branch) {
                let view = views.borrow().clone();
                let sits = view.days().find_map(|day| {
                    day.windows
                        .iter()
                        .find(|it| it.operator.as_str() == id)
                        .map(|it| (day.date, it.id.clone()))
                });
                if let Some((date, found)) = sits {
                    window = window_now(ctx, branch, Some(date), &found).await?;
                }
            }
        }
        Ok(Some(Me {
            kind: kind.to_owned(),
            id,
            name,
            role: principal.main_role().code().to_owned(),
            permissions,
            branches: branches.into_iter().map(BranchCode).collect(),
            session_expires_at: until,
            window,
        }))
    }

    /// Everybody with an open ticket in a branch.
    async fn queue(
        &self,
        ctx: &Context<'_>,
        branch: BranchCode,
        #[graphql(
            desc = "Answers from a state that holds this position, or says `stale` after half a second."
        )]
        min_position: Option<Position>,
    ) -> Result<Queue> {
        ctx.require(Permission::ReadQueue, Some(&branch.0))?;
        context::wait_for_boards(ctx, min_position).await;
        let view = view(ctx, &branch.0)?;
        Ok(queue(ctx, &view))
    }

    /// The hall's board, the same object as its feed.
    async fn board(&self, ctx: &Context<'_>, branch: BranchCode) -> Result<BoardChange> {
        context::require_public(ctx, Permission::ReadBoard, &branch.0)?;
        let view = view(ctx, &branch.0)?;
        Ok(board(ctx, &view))
    }

    /// A window as the branch set it up, with whoever sits there.
    async fn window(
        &self,
        ctx: &Context<'_>,
        branch: BranchCode,
        code: WindowCode,
    ) -> Result<Option<Window>> {
        ctx.require(Permission::ReadQueue, Some(&branch.0))?;
        window_now(ctx, &branch.0, None, &code.0).await
    }

    /// How far the log has come.
    async fn position(&self, ctx: &Context<'_>) -> Result<Position> {
        ctx.require(Permission::ReadBoard, None)?;
        Ok(ctx.position(*ctx.app().live.reached().borrow()))
    }
}

/// The newest state of a live branch.
pub(in crate::graphql) fn view(ctx: &Context<'_>, branch: &BranchId) -> Result<std::sync::Arc<BranchView>> {
    let views = ctx.app().live.branch(branch).ok_or_else(|| ctx.failure("NOT_FOUND"))?;
    let view = views.borrow().clone();
    Ok(view)
}

pub(in crate::graphql) fn board(ctx: &Context<'_>, view: &BranchView) -> BoardChange {
    let bytes = view.board_at(ctx.app().clock.now());
    let board = serde_json::from_slice(&bytes).unwrap_or_default();
    BoardChange { position: ctx.position(view.position), board: Json(board) }
}

/// The queue of a view, waiting tickets in the order in which they would be called.
pub(in crate::graphql) fn queue(ctx: &Context<'_>, view: &BranchView) -> Queue {
    let lists = |wanted: fn(&TicketState) -> bool| {
        let of_day =
            |day: &DayView| day.in_state(wanted).map(|it| open_ticket(view, day, it)).collect::<Vec<_>>();
        view.days().flat_map(of_day).collect::<Vec<_>>()
    };
    let waiting = |day: &DayView| {
        day.waiting_in_order().into_iter().map(|it| open_ticket(view, day, it)).collect::<Vec<_>>()
    };
    Queue {
        position: ctx.position(view.position),
        branch: view.branch.clone().into(),
        business_day: view.today.as_ref().map(|it| it.date.to_string()),
        state: DayState::from(&view.state()),
        waiting: view.days().flat_map(waiting).collect(),
        called: lists(|it| matches!(it, TicketState::Called { .. })),
        serving: lists(|it| matches!(it, TicketState::Serving { .. })),
        parked: lists(|it| matches!(it, TicketState::Parked { .. })),
        no_show: lists(|it| matches!(it, TicketState::NoShow { .. })),
        expected: lists(|it| matches!(it, TicketState::Expected)),
    }
}

/// An open ticket of a view.
pub(in crate::graphql) fn open_ticket(
    view: &BranchView,
    day: &DayView,
    ticket: &talon_core::queue_day::ticket::Ticket,
) -> Ticket {
    Ticket::live(ticket, day.settings.as_deref(), &view.branch, day.date)
}

/// A window from the rules' own state, so that what it shows is what the next command will meet.
pub(in crate::graphql) async fn window_now(
    ctx: &Context<'_>,
    branch: &BranchId,
    date: Option<chrono::NaiveDate>,
    window: &talon_core::ids::WindowId,
) -> Result<Option<Window>> {
    let app = ctx.app();
    // From memory, as the queue is: who sits at a window sees it while the store is away. What this node has written is
    // in it all the same.
    app.live.wait_for(app.head(), context::PATIENCE).await;
    let unknown = || context::answered(ctx, &Refusal::UnknownThing { what: "branch" }.into());
    let today = |it: &BranchSettings| branch::business_day(it, app.clock.now());
    let date = match date {
        Some(date) => date,
        None => app.live.with_settings(branch, today).ok_or_else(unknown)?,
    };
    let actor = ctx.asking().principal.actor(Permission::UndoStep, Some(branch)).ok();
    let now = app.clock.now();
    let language_free = |day: &QueueDay| {
        let shown = Window::of(day, branch, date, window)?;
        let shown = shown.with_undo(day, actor.as_ref(), now);
        let open = day.windows.get(window);
        let upcoming = open.and_then(|open| {
            let (ticket, decision) = queue_order::choose(day, open, now).ok()?;
            Some((day.tickets.get(&ticket)?.clone(), decision))
        });
        Some((shown, upcoming, day.settings.clone()))
    };
    let read = app.live.with_day(branch, date, language_free).flatten();
    let Some((mut shown, upcoming, settings)) = read else { return Ok(None) };
    shown.upcoming = upcoming.map(|(known, decision)| {
        let ticket = Ticket::live(&known, settings.as_deref(), branch, date);
        let why = explanation::of(&decision, &ticket, known.slot_start, settings.as_deref());
        Candidate { ticket, decision: Decision::of(&decision, why) }
    });
    Ok(Some(shown))
}

impl Window {
    /// Adds the step that whoever asks could still take back here.
    #[must_use]
    pub fn with_undo(mut self, day: &QueueDay, actor: Option<&Actor>, now: DateTime<Utc>) -> Self {
        let step = day.last_step_at(&self.code.0);
        let own =
            step.filter(|(step, until)| *until > now && actor.is_some_and(|actor| step.actor.is(actor)));
        self.undo = own.map(|(step, until)| Undo {
            event_id: step.event.0,
            kind: step.kind.to_owned(),
            ticket_number: step.ticket.and_then(|it| day.tickets.get(&it)).map(|it| it.number.clone()),
            until,
        });
        self
    }
}

#[ComplexObject]
impl Window {
    /// Who would be called now, and why.
    async fn next(&self) -> Option<&Candidate> {
        self.upcoming.as_ref()
    }
}

#[ComplexObject]
impl OperatorRef {
    /// The name, for those who may read names of colleagues.
    async fn name(&self, ctx: &Context<'_>) -> Option<String> {
        if ctx.asking().principal.reach(Permission::ReadStaffNames).is_err() {
            return None;
        }
        ctx.app().access.name_of(&self.id.0).await.ok().flatten()
    }
}
