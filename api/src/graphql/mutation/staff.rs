//! People on the staff: added, invited, changed, given roles, skills and positions, dismissed.
//!
//! What is awaited is boxed: the schema's one resolver holds the state of every mutation by value, and unoptimised
//! builds keep all of it on the stack.

use async_graphql::{Context, Object, Result};
use talon_core::{
    dispatch::Done,
    ids::{CommandId, OperatorId, ServiceId},
    refusal::Refusal,
    staff::event::Role,
};

use super::sent;
use crate::{
    auth::{NewColleague, NewDetails, NotDone, Order},
    graphql::{
        context::{self, Road},
        model::{
            input::{
                AddStaffInput, AssignPositionsInput, ChangeStaffInput, DismissStaffInput, GrantRoleInput,
                SetSkillsInput, StaffInput, WithdrawRoleInput,
            },
            payload::{self, StaffPayload},
            staff::Invitation,
        },
        query::staff::shown,
        scalar::ServiceCode,
    },
};

#[derive(Debug, Default)]
pub struct StaffMutations;

#[Object]
impl StaffMutations {
    /// Adds somebody to the staff and invites them to choose a password. The same press again answers with the same
    /// person, and with another link only while they have no password.
    async fn add_staff(&self, ctx: &Context<'_>, input: AddStaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("addStaff", &input));
        let roles = input.roles.into_iter().map(|it| Ok((Role::of_code(&it.role), it.scope.parsed()?)));
        let roles = match roles.collect::<std::result::Result<_, Refusal>>() {
            Ok(roles) => roles,
            Err(refusal) => return refused(ctx, may_manage_people(&order).err().unwrap_or(refusal.into())),
        };
        let new = NewColleague {
            name: input.name,
            email: input.email,
            roles,
            positions: input.positions.unwrap_or_default(),
            skills: services(input.skills.unwrap_or_default()),
        };
        match Box::pin(ctx.app().access.hire(&order, new)).await {
            Ok(it) if it.to_invite => Box::pin(invited(ctx, &it.id, it.done)).await,
            Ok(it) => Box::pin(answer(ctx, &it.id, Ok(it.done))).await,
            Err(error) => refused(ctx, error),
        }
    }

    /// Sends another link to choose a password with; the one before is void.
    async fn invite_staff_again(&self, ctx: &Context<'_>, input: StaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("inviteStaffAgain", &input));
        match Box::pin(ctx.app().access.may_invite(&order, &input.staff.0)).await {
            Ok(done) => Box::pin(invited(ctx, &input.staff.0, done)).await,
            Err(error) => refused(ctx, error),
        }
    }

    /// Gives somebody another name or e-mail.
    async fn change_staff(&self, ctx: &Context<'_>, input: ChangeStaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("changeStaff", &input));
        let (id, new) = (input.staff.0, NewDetails { name: input.name, email: input.email });
        let done = Box::pin(ctx.app().access.change_details(&order, &id, new)).await;
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Gives somebody a role; one they have moves to the new scope.
    async fn grant_role(&self, ctx: &Context<'_>, input: GrantRoleInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("grantRole", &input));
        let (id, role) = (input.staff.0, Role::of_code(&input.role));
        let done = match input.scope.parsed() {
            Ok(scope) => Box::pin(ctx.app().access.grant(&order, &id, role, scope)).await,
            Err(refusal) => Err(may_manage_people(&order).err().unwrap_or(refusal.into())),
        };
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Takes a role away.
    async fn withdraw_role(&self, ctx: &Context<'_>, input: WithdrawRoleInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("withdrawRole", &input));
        let id = input.staff.0;
        let done = Box::pin(ctx.app().access.withdraw(&order, &id, Role::of_code(&input.role))).await;
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Sets what somebody can do besides what their positions lend them.
    async fn set_skills(&self, ctx: &Context<'_>, input: SetSkillsInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("setSkills", &input));
        let id = input.staff.0;
        let done = Box::pin(ctx.app().access.teach(&order, &id, services(input.skills))).await;
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Sets the positions somebody works in.
    async fn assign_positions(&self, ctx: &Context<'_>, input: AssignPositionsInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("assignPositions", &input));
        let id = input.staff.0;
        let done = Box::pin(ctx.app().access.assign(&order, &id, input.positions)).await;
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Ends somebody's belonging to the staff, and everything they are signed in with.
    async fn dismiss_staff(&self, ctx: &Context<'_>, input: DismissStaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("dismissStaff", &input));
        let id = input.staff.0;
        let done = Box::pin(ctx.app().access.let_go(&order, &id, &input.reason)).await;
        Box::pin(answer(ctx, &id, done)).await
    }

    /// Signs somebody out everywhere; they may sign in again.
    async fn end_staff_sessions(&self, ctx: &Context<'_>, input: StaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("endStaffSessions", &input));
        match Box::pin(ctx.app().access.sign_out(&order, &input.staff.0)).await {
            Ok(()) => Box::pin(payload_of(ctx, &input.staff.0)).await,
            Err(error) => refused(ctx, error),
        }
    }

    /// Takes the two-step sign-in of somebody who lost authenticator and recovery codes away. See the person first.
    async fn reset_second_factor(&self, ctx: &Context<'_>, input: StaffInput) -> Result<StaffPayload> {
        let order = order(ctx, input.command_id, sent("resetSecondFactor", &input));
        match Box::pin(ctx.app().access.forget_second_factor(&order, &input.staff.0)).await {
            Ok(()) => Box::pin(payload_of(ctx, &input.staff.0)).await,
            Err(error) => refused(ctx, error),
        }
    }
}

pub(super) fn order<'a>(ctx: &'a Context<'_>, command: uuid::Uuid, sent: Vec<u8>) -> Order<'a> {
    Order { by: &ctx.asking().principal, command: CommandId(command), sent }
}

/// A form filled in wrongly tells nothing to those who may not send it.
fn may_manage_people(order: &Order<'_>) -> std::result::Result<(), NotDone> {
    order.by.reach(crate::auth::Permission::ManageStaff).map(drop).map_err(NotDone::from)
}

fn services(codes: Vec<ServiceCode>) -> Vec<ServiceId> {
    codes.into_iter().map(|it| it.0).collect()
}

async fn answer(
    ctx: &Context<'_>,
    id: &OperatorId,
    done: std::result::Result<Done, NotDone>,
) -> Result<StaffPayload> {
    match done {
        Ok(done) => {
            let position = Some(ctx.position(done.position));
            Ok(StaffPayload { position, ..Box::pin(payload_of(ctx, id)).await? })
        }
        Err(error) => refused(ctx, error),
    }
}

async fn payload_of(ctx: &Context<'_>, id: &OperatorId) -> Result<StaffPayload> {
    let staff = match ctx.app().access.directory().member(id) {
        Some(member) => Some(Box::pin(shown(ctx, id, &member)).await?),
        None => None,
    };
    Ok(StaffPayload { staff, ..StaffPayload::default() })
}

/// Somebody with a fresh link; without a mail server it is shown only.
async fn invited(ctx: &Context<'_>, id: &OperatorId, done: Done) -> Result<StaffPayload> {
    let invitation = Box::pin(ctx.app().access.invite(id, ctx.asking().language)).await;
    let (link, expires_at, mailed) = match invitation {
        Ok(it) => (it.link, it.expires_at, it.mailed),
        Err(error) => return refused(ctx, error),
    };
    let position = Some(ctx.position(done.position));
    let invitation = Some(Invitation { link, expires_at, mailed });
    Ok(StaffPayload { invitation, position, ..Box::pin(payload_of(ctx, id)).await? })
}

fn refused(ctx: &Context<'_>, error: NotDone) -> Result<StaffPayload> {
    Ok(StaffPayload { refusal: Some(no(ctx, error)?), ..StaffPayload::default() })
}

/// A rule's no as a payload shows it; the table's no and failures are errors.
pub(super) fn no(ctx: &Context<'_>, error: NotDone) -> Result<payload::Refusal> {
    match error {
        NotDone::Refused(refusal) => Ok(ctx.refusal(&refusal, &talon_core::ids::BranchId::trusted("-"))),
        NotDone::Denied(denied) => Err(ctx.denied(denied)),
        NotDone::Failed(error) => Err(context::failed(ctx, &error)),
    }
}
