//! Subscriptions: a snapshot first, then each change; for whoever has seen the newest state, the changes only. A slow client skips states and misses nothing that matters,
//! because each state is whole; only the queue sends what changed, and starts over with a snapshot after a gap.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, Result, Subscription as GraphqlSubscription};
use futures_util::{Stream, StreamExt, stream};
use talon_core::{
    ids::{BranchId, TicketId},
    queue_day::ticket::Ticket as Known,
};
use talon_projections::board::{AlertKind, BranchView};
use tokio::sync::watch;

use super::{
    context::{self, Road},
    model::{
        queue::{Alert, AlertsChange, BoardChange, QueueChange, TicketChange, WindowChange},
        window::OperatorRef,
    },
    query::{
        queue::{board, open_ticket, queue, window_now},
        ticket::found,
    },
    scalar::{BranchCode, Position, WindowCode},
};
use crate::auth::Permission;

#[derive(Debug, Default)]
pub struct Subscription;

#[GraphqlSubscription]
impl Subscription {
    /// The queue of a branch: the whole, then what changed.
    async fn queue_changed<'a>(
        &self,
        ctx: &'a Context<'_>,
        branch: BranchCode,
        #[graphql(desc = "The position last seen: while it is the newest, the first message is a change.")]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = QueueChange> + use<'a>> {
        ctx.require(Permission::ReadQueue, Some(&branch.0))?;
        let (mut last, changes) = changes(ctx, &branch.0, after)?;
        Ok(changes.map(move |view| {
            let change = match &last {
                Some(before) => difference(ctx, before, &view),
                None => QueueChange {
                    position: ctx.position(view.position),
                    snapshot: Some(queue(ctx, &view)),
                    upserted: Vec::new(),
                    removed: Vec::new(),
                },
            };
            last = Some(view);
            change
        }))
    }

    /// The board of a branch, whole at each change.
    async fn board_changed<'a>(
        &self,
        ctx: &'a Context<'_>,
        branch: BranchCode,
        after: Option<Position>,
    ) -> Result<impl Stream<Item = BoardChange> + use<'a>> {
        context::require_public(ctx, Permission::ReadBoard, &branch.0)?;
        Ok(changes(ctx, &branch.0, after)?.1.map(|view| board(ctx, &view)))
    }

    /// One window, whole at each change of its branch.
    async fn window_changed<'a>(
        &self,
        ctx: &'a Context<'_>,
        branch: BranchCode,
        window: WindowCode,
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<WindowChange>> + use<'a>> {
        ctx.require(Permission::ReadQueue, Some(&branch.0))?;
        let id = branch.0.clone();
        Ok(changes(ctx, &branch.0, after)?.1.filter_map(move |view| {
            let (id, window) = (id.clone(), window.0.clone());
            async move {
                let shown = window_now(ctx, &id, None, &window).await;
                let position = ctx.position(view.position);
                shown.map(|it| it.map(|window| WindowChange { position, window })).transpose()
            }
        }))
    }

    /// One ticket, for whoever holds its token.
    async fn ticket_changed<'a>(
        &self,
        ctx: &'a Context<'_>,
        token: String,
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<TicketChange>> + use<'a>> {
        ctx.require(Permission::ReadOwnTicket, None)?;
        let ticket = ctx.app().tokens.ticket(&token).ok_or_else(|| ctx.failure("TICKET_UNKNOWN"))?;
        let known = found(ctx, ticket).await?.ok_or_else(|| ctx.failure("TICKET_UNKNOWN"))?;
        let (_, changes) = changes(ctx, &known.branch.0, after)?;
        Ok(changes.filter_map(move |view| async move {
            let position = ctx.position(view.position);
            let shown = found(ctx, ticket).await;
            shown
                .map(|it| it.map(|ticket| TicketChange { position, ticket: ticket.for_its_holder() }))
                .transpose()
        }))
    }

    /// Waits that have gone on too long in a branch, all of them at each change.
    async fn alerts<'a>(
        &self,
        ctx: &'a Context<'_>,
        branch: BranchCode,
        after: Option<Position>,
    ) -> Result<impl Stream<Item = AlertsChange> + use<'a>> {
        ctx.require(Permission::ReadAlerts, Some(&branch.0))?;
        let (seen, changes) = changes(ctx, &branch.0, after)?;
        let mut last = seen.map(|view| alerts(ctx, &view).alerts);
        Ok(changes.map(move |view| alerts(ctx, &view)).filter(move |change| {
            let news = last.as_ref() != Some(&change.alerts);
            last = Some(change.alerts.clone());
            std::future::ready(news)
        }))
    }
}

/// The states of a branch, until the server stops: the present one, then each that follows. Whoever has seen the present
/// one already is told only what follows, and the present one is given apart. A position of another log, or an older
/// one, begins with the whole.
fn changes(
    ctx: &Context<'_>,
    branch: &BranchId,
    after: Option<Position>,
) -> Result<(Option<Arc<BranchView>>, impl Stream<Item = Arc<BranchView>> + use<>)> {
    let mut views = ctx.app().live.branch(branch).ok_or_else(|| context::unknown_branch(ctx))?;
    let stop = ctx.app().shutdown.clone();
    let first = views.borrow_and_update().clone();
    let after = after.and_then(|it| it.0.in_log(ctx.app().log_id()));
    let (seen, unseen) =
        if after.is_some_and(|it| it >= first.position) { (Some(first), None) } else { (None, Some(first)) };
    let rest = stream::unfold((views, stop), |(mut views, stop): (watch::Receiver<_>, _)| async move {
        tokio::select! {
            changed = views.changed() => changed.ok()?,
            () = stop.cancelled() => return None,
        }
        let view = views.borrow_and_update().clone();
        Some((view, (views, stop)))
    });
    Ok((seen, stream::iter(unseen).chain(rest)))
}

/// What one state has and the one before had not. Tickets that did not change are the very same values.
fn difference(ctx: &Context<'_>, before: &BranchView, now: &BranchView) -> QueueChange {
    let had: BTreeMap<TicketId, &Arc<Known>> =
        before.days().flat_map(|day| &day.open).map(|it| (it.id, it)).collect();
    let mut gone: BTreeMap<TicketId, ()> = had.keys().map(|id| (*id, ())).collect();
    let mut upserted = Vec::new();
    for day in now.days() {
        for ticket in &day.open {
            gone.remove(&ticket.id);
            if !had.get(&ticket.id).is_some_and(|it| Arc::ptr_eq(it, ticket)) {
                upserted.push(open_ticket(now, day, ticket));
            }
        }
    }
    QueueChange {
        position: ctx.position(now.position),
        snapshot: None,
        upserted,
        removed: gone.into_keys().map(|id| id.0).collect(),
    }
}

fn alerts(ctx: &Context<'_>, view: &BranchView) -> AlertsChange {
    let all = view.days().flat_map(|day| &day.alerts).map(|alert| Alert {
        id: alert.id.0,
        branch: view.branch.clone().into(),
        ticket_id: Some(alert.ticket.0),
        ticket_number: Some(alert.number.clone()),
        level: i32::from(alert.level),
        kind: match alert.kind {
            AlertKind::LongWait => "long_wait",
            AlertKind::CloseOverdue => "close_overdue",
        }
        .to_owned(),
        at: alert.at,
        due_at: Some(alert.due_at),
        acknowledged_by: alert.acknowledged.as_ref().map(|(by, _)| OperatorRef::of(by.clone())),
        acknowledged_at: alert.acknowledged.as_ref().map(|(_, at)| *at),
    });
    AlertsChange { position: ctx.position(view.position), alerts: all.collect() }
}
