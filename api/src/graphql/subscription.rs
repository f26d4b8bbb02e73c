//! Subscriptions: a snapshot first, then each change. A slow client skips states and misses nothing that matters,
//! because each state is whole; only the queue sends what changed, and starts over with a snapshot after a gap.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, Result, Subscription as GraphqlSubscription};
use futures_util::{Stream, StreamExt, stream};
use talon_core::{
    ids::{BranchId, TicketId},
    queue_day::ticket::Ticket as Known,
};
use talon_projections::board::BranchView;
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
        #[graphql(desc = "The position last seen; a snapshot comes first all the same.")] after: Option<
            Position,
        >,
    ) -> Result<impl Stream<Item = QueueChange> + use<'a>> {
        ctx.require(Permission::ReadQueue, Some(&branch.0))?;
        let _ = after;
        let mut last: Option<Arc<BranchView>> = None;
        Ok(changes(ctx, &branch.0)?.map(move |view| {
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
        let _ = after;
        Ok(changes(ctx, &branch.0)?.map(|view| board(ctx, &view)))
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
        let _ = after;
        let id = branch.0.clone();
        Ok(changes(ctx, &branch.0)?.filter_map(move |view| {
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
        let _ = after;
        let ticket = ctx.app().tokens.ticket(&token).ok_or_else(|| ctx.failure("TICKET_UNKNOWN"))?;
        let known = found(ctx, ticket).await?.ok_or_else(|| ctx.failure("TICKET_UNKNOWN"))?;
        let stream = changes(ctx, &known.branch.0)?;
        Ok(stream.filter_map(move |view| async move {
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
        let _ = after;
        let mut last = None;
        let all = changes(ctx, &branch.0)?.map(move |view| alerts(ctx, &view));
        Ok(all.filter(move |change| {
            let news = last.as_ref() != Some(&change.alerts);
            last = Some(change.alerts.clone());
            std::future::ready(news)
        }))
    }
}

/// The states of a branch: the present one, then each that follows, until the server stops.
fn changes(ctx: &Context<'_>, branch: &BranchId) -> Result<impl Stream<Item = Arc<BranchView>> + use<>> {
    let mut views = ctx.app().live.branch(branch).ok_or_else(|| ctx.failure("NOT_FOUND"))?;
    let stop = ctx.app().shutdown.clone();
    let first = views.borrow_and_update().clone();
    let rest = stream::unfold((views, stop), |(mut views, stop): (watch::Receiver<_>, _)| async move {
        tokio::select! {
            changed = views.changed() => changed.ok()?,
            () = stop.cancelled() => return None,
        }
        let view = views.borrow_and_update().clone();
        Some((view, (views, stop)))
    });
    Ok(stream::iter([first]).chain(rest))
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
        kind: "long_wait".to_owned(),
        at: alert.at,
        due_at: Some(alert.due_at),
        acknowledged_by: alert.acknowledged.as_ref().map(|(by, _)| OperatorRef::of(by.clone())),
        acknowledged_at: alert.acknowledged.as_ref().map(|(_, at)| *at),
    });
    AlertsChange { position: ctx.position(view.position), alerts: all.collect() }
}
