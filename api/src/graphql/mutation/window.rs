//! Windows: who sits there and what is given there.

use async_graphql::{Context, Object, Result};
use talon_core::{
    desk::Ask,
    fact::Actor,
    ids::{OperatorId, WindowId},
    queue_day::command::Action,
    refusal::Refusal,
};

use super::{minutes, plain, reason, sent};
use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::{
            input::{OpenWindowInput, PauseWindowInput, WindowInput, WindowServicesInput},
            payload::WindowPayload,
            window::Window,
        },
        query::queue::with_next,
        scalar::{BranchCode, ServiceCode, WindowCode},
    },
};

#[derive(Debug, Default)]
pub struct WindowMutations;

#[Object]
impl WindowMutations {
    /// Sit down at a free window.
    async fn open_window(&self, ctx: &Context<'_>, input: OpenWindowInput) -> Result<WindowPayload> {
        let press = (input.command_id, sent("openWindow", &input));
        let services = codes(input.services);
        let window = input.window.0.clone();
        let ask = |actor: &Actor| Ok(Ask::OpenWindow { window, operator: operator(actor)?, services });
        step(ctx, Permission::WorkAtWindow, &input.branch, &input.window, press, ask).await
    }

    /// Take a window over from whoever left it open, with the ticket that stands at it.
    async fn take_over_window(&self, ctx: &Context<'_>, input: OpenWindowInput) -> Result<WindowPayload> {
        let press = (input.command_id, sent("takeOverWindow", &input));
        let services = codes(input.services);
        let window = input.window.0.clone();
        let ask = |actor: &Actor| Ok(Ask::TakeOverWindow { window, operator: operator(actor)?, services });
        step(ctx, Permission::TakeOverWindow, &input.branch, &input.window, press, ask).await
    }

    /// A break. Without `minutes` it lasts until it is resumed by hand.
    async fn pause_window(&self, ctx: &Context<'_>, input: PauseWindowInput) -> Result<WindowPayload> {
        let press = (input.command_id, sent("pauseWindow", &input));
        let now = ctx.app().clock.now();
        let window = input.window.0.clone();
        let ask = |_: &Actor| {
            let until =
                input.minutes.map(|count| minutes(count, "minutes")).transpose()?.map(|span| now + span);
            plain(Action::PauseWindow { window, reason: reason(&input.reason)?, until })
        };
        step(ctx, Permission::WorkAtWindow, &input.branch, &input.window, press, ask).await
    }

    /// Back from the break.
    async fn resume_window(&self, ctx: &Context<'_>, input: WindowInput) -> Result<WindowPayload> {
        let press = (input.command_id, sent("resumeWindow", &input));
        let action = Action::ResumeWindow { window: input.window.0.clone() };
        step(ctx, Permission::WorkAtWindow, &input.branch, &input.window, press, |_| plain(action)).await
    }

    /// Leave the window. Refused while a ticket is called to it or served there.
    async fn close_window(&self, ctx: &Context<'_>, input: WindowInput) -> Result<WindowPayload> {
        let press = (input.command_id, sent("closeWindow", &input));
        let action = Action::CloseWindow { window: input.window.0.clone() };
        step(ctx, Permission::WorkAtWindow, &input.branch, &input.window, press, |_| plain(action)).await
    }

    /// Switch services on and off at a window: the whole list that is to be on.
    async fn set_window_services(
        &self,
        ctx: &Context<'_>,
        input: WindowServicesInput,
    ) -> Result<WindowPayload> {
        let press = (input.command_id, sent("setWindowServices", &input));
        let services = input.services.into_iter().map(|it| it.0).collect();
        let action = Action::SetWindowServices { window: input.window.0.clone(), services };
        step(ctx, Permission::WorkAtWindow, &input.branch, &input.window, press, |_| plain(action)).await
    }
}

fn codes(services: Option<Vec<ServiceCode>>) -> Option<Vec<talon_core::ids::ServiceId>> {
    services.map(|codes| codes.into_iter().map(|it| it.0).collect())
}

/// Only a person sits at a window.
fn operator(actor: &Actor) -> std::result::Result<OperatorId, Refusal> {
    OperatorId::parse(&actor.id).map_err(|_| Refusal::Malformed { what: "operator" })
}

async fn step(
    ctx: &Context<'_>,
    permission: Permission,
    branch: &BranchCode,
    window: &WindowCode,
    press: (uuid::Uuid, Vec<u8>),
    ask: impl FnOnce(&Actor) -> std::result::Result<Ask, Refusal>,
) -> Result<WindowPayload> {
    let (branch, window): (_, &WindowId) = (&branch.0, &window.0);
    let actor = ctx.asking().principal.actor(permission, Some(branch)).ok();
    let now = ctx.app().clock.now();
    let view = |day: &talon_core::queue_day::QueueDay, date, _: &_| {
        Window::of(day, branch, date, window).map(|it| it.with_undo(day, actor.as_ref(), now))
    };
    Ok(match context::ask(ctx, permission, branch, press, ask, view).await? {
        Ok((done, window)) => {
            let window = with_next(ctx, branch, window).await;
            WindowPayload { window, position: Some(ctx.position(done.position)), refusal: None }
        }
        Err(refusal) => WindowPayload { refusal: Some(refusal), ..WindowPayload::default() },
    })
}
