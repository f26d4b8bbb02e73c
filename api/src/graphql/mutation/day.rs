//! The business day: opened, paused, resumed, closed.

use async_graphql::{Context, Object, Result};
use talon_core::{desk::Ask, queue_day::command::Action, refusal::Refusal};

use super::{plain, sent};
use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::{
            branch::BusinessDay,
            input::{DayInput, PauseIntakeInput},
            payload::DayPayload,
        },
        scalar::BranchCode,
    },
};

#[derive(Debug, Default)]
pub struct DayMutations;

#[Object]
impl DayMutations {
    /// Opens today's business day by hand; it also opens by itself before opening time.
    async fn open_business_day(&self, ctx: &Context<'_>, input: DayInput) -> Result<DayPayload> {
        let press = (input.command_id, sent("openBusinessDay", &input));
        step(ctx, Permission::OpenDay, &input.branch, press, Ok(Ask::OpenDay)).await
    }

    /// Closes the day. Refused while somebody is called or served; who still waits expires.
    async fn close_business_day(&self, ctx: &Context<'_>, input: DayInput) -> Result<DayPayload> {
        let press = (input.command_id, sent("closeBusinessDay", &input));
        step(ctx, Permission::ManageDay, &input.branch, press, plain(Action::CloseBusinessDay)).await
    }

    /// Gives out no more tickets for now; those in the hall are served.
    async fn pause_intake(&self, ctx: &Context<'_>, input: PauseIntakeInput) -> Result<DayPayload> {
        let press = (input.command_id, sent("pauseIntake", &input));
        let ask = match input.reason.trim() {
            "" => Err(Refusal::ReasonRequired),
            reason if reason.chars().count() > 200 => Err(Refusal::Malformed { what: "reason" }),
            reason => plain(Action::PauseIntake { reason: reason.to_owned() }),
        };
        step(ctx, Permission::ManageDay, &input.branch, press, ask).await
    }

    /// Gives out tickets again.
    async fn resume_intake(&self, ctx: &Context<'_>, input: DayInput) -> Result<DayPayload> {
        let press = (input.command_id, sent("resumeIntake", &input));
        step(ctx, Permission::ManageDay, &input.branch, press, plain(Action::ResumeIntake)).await
    }
}

async fn step(
    ctx: &Context<'_>,
    permission: Permission,
    branch: &BranchCode,
    press: (uuid::Uuid, Vec<u8>),
    ask: std::result::Result<Ask, Refusal>,
) -> Result<DayPayload> {
    let view = |day: &talon_core::queue_day::QueueDay, date, _: &_| BusinessDay::of(day, date);
    Ok(match context::ask(ctx, permission, &branch.0, press, |_| ask, view).await? {
        Ok((done, day)) => {
            DayPayload { day: Some(day), position: Some(ctx.position(done.position)), refusal: None }
        }
        Err(refusal) => DayPayload { refusal: Some(refusal), ..DayPayload::default() },
    })
}
