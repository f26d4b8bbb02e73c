//! The live hall: queue, board, windows, and who asks.

use async_graphql::{ComplexObject, Context, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use talon_core::{
    branch,
    desk::First,
    fact::Actor,
    ids::BranchId,
    queue_day::{QueueDay, ticket::TicketState},
    settings::BranchSettings,
};
use talon_projections::board::{BranchView, DayView};

use crate::{
    auth::{Kind, Permission, Reach, Who},
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
    pub kind: Kind,
    pub id: String,
    pub name: Option<String>,
    /// The widest of its roles.
    pub role: String,
    pub permissions: Vec<String>,
    /// Until they have a second factor, the permissions are those of their own account.
    pub must_set_up_second_factor: bool,
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
            Who::Staff { id, until, .. } => (Kind::Staff, id.to_string(), Some(*until)),
            Who::Customer { id, until, .. } => (Kind::Customer, id.to_string(), Some(*until)),
            Who::Device { id, .. } => (Kind::Device, id.to_string(), None),
            Who::Nobody => return Ok(None),
        };
        let name = match &principal.who {
            Who::Staff { id, .. } => ctx.app().access.name_of(id).await.ok().flatten(),
            Who::Customer { id, .. } => ctx.app().access.customers().name_of(id).await.ok().flatten(),
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
            kind,
            id,
            name,
            role: principal.main_role().code().to_owned(),
            permissions,
            must_set_up_second_factor: principal.must_set_up_second_factor,
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
    let views = ctx.app().live.branch(branch).ok_or_else(|| context::unknown_branch(ctx))?;
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
    Queue {
        position: ctx.position(view.position),
        branch: view.branch.clone().into(),
        business_day: view.today.as_ref().map(|it| it.date.to_string()),
        state: DayState::from(&view.state()),
        waiting: view.waiting_in_order().into_iter().map(|(day, it)| open_ticket(view, day, it)).collect(),
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

/// A window from the rules' own state, so that what it shows is what the next command will meet. Without a date it is
/// shown in the day it works in.
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
    let today = |it: &BranchSettings| branch::business_day(it, app.clock.now());
    let today = app.live.with_settings(branch, today).ok_or_else(|| context::unknown_branch(ctx))?;
    let yesterday = today.pred_opt().unwrap_or(today);
    let date = match date {
        Some(date) => date,
        None if works_yesterday(ctx, branch, [yesterday, today], window) => yesterday,
        None => today,
    };
    let actor = ctx.asking().principal.actor(Permission::UndoStep, Some(branch)).ok();
    let now = app.clock.now();
    let language_free = |day: &QueueDay| {
        let shown = Window::of(day, branch, date, window)?.with_undo(day, actor.as_ref(), now);
        let seat = day.windows.get(window).cloned();
        let first = seat.as_ref().and_then(|seat| First::of(day, date, seat, now));
        Some((shown, seat, first))
    };
    let read = app.live.with_day(branch, date, language_free).flatten();
    let Some((mut shown, seat, first)) = read else { return Ok(None) };
    // While two days are in the hall a window calls whoever is first in both.
    let other = if date == today { yesterday } else { today };
    let first_there = seat.as_ref().and_then(|seat| {
        let look = |day: &QueueDay| if day.is_open() { First::of(day, other, seat, now) } else { None };
        app.live.with_day(branch, other, look).flatten()
    });
    let first =
        if date == today { First::of_both(first_there, first) } else { First::of_both(first, first_there) };
    shown.upcoming = first.map(|it| {
        let ticket = Ticket::live(&it.ticket, it.settings.as_deref(), branch, it.date);
        let why = explanation::of(&it.decision, &ticket, it.ticket.slot_start, it.settings.as_deref());
        Candidate { ticket, decision: Decision::of(&it.decision, why) }
    });
    Ok(Some(shown))
}

/// Whether people of the day before keep this window in their day.
fn works_yesterday(
    ctx: &Context<'_>,
    branch: &BranchId,
    [yesterday, today]: [chrono::NaiveDate; 2],
    window: &talon_core::ids::WindowId,
) -> bool {
    let seat = |date| {
        let open = |day: &QueueDay| day.windows.contains_key(window).then(|| day.is_open());
        ctx.app().live.with_day(branch, date, open).flatten().unwrap_or(false)
    };
    seat(yesterday) && !seat(today)
}

/// Adds who would be called next to a window that a mutation answers, for those who ask for it. The mutation is done
/// whatever comes of this.
pub(in crate::graphql) async fn with_next(
    ctx: &Context<'_>,
    branch: &BranchId,
    window: Option<Window>,
) -> Option<Window> {
    let mut window = window?;
    if ctx.look_ahead().field("window").field("next").exists() {
        let now = window_now(ctx, branch, None, &window.code.0).await;
        window.upcoming = now.ok().flatten().and_then(|it| it.upcoming);
    }
    Some(window)
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
