//! Roles of the organisation's own, positions, regions, and which branch belongs where.

use async_graphql::{Context, Object, Result};
use talon_core::{
    dispatch::Done,
    ids::RoleCode,
    organisation::{Organisation, command::Action, event::RoleShape},
    refusal::Refusal,
};

use super::{
    sent,
    staff::{no, order},
};
use crate::{
    auth::{NotDone, Order},
    graphql::{
        context::Road,
        model::{
            input::{
                CodeInput, DefineNameInput, DefinePositionInput, DefineRoleInput, MoveBranchInput, RoleInput,
            },
            payload::{BranchPlacePayload, JobPositionPayload, RegionPayload, RolePayload},
            staff::{JobPosition, Region, Role},
        },
    },
};

#[derive(Debug, Default)]
pub struct StructureMutations;

#[Object]
impl StructureMutations {
    /// Makes a role of the organisation's own, changes it, or takes an archived one up again.
    async fn define_role(&self, ctx: &Context<'_>, input: DefineRoleInput) -> Result<RolePayload> {
        let order = order(ctx, input.command_id, sent("defineRole", &input));
        let shape = RoleShape { name: input.name.into(), permissions: input.permissions };
        let action = role_code(&input.role).map(|role| Action::DefineRole { role, shape });
        Box::pin(role_payload(ctx, &order, &input.role, action)).await
    }

    /// A role of the organisation's own allows nothing from now on, whoever has it.
    async fn archive_role(&self, ctx: &Context<'_>, input: RoleInput) -> Result<RolePayload> {
        let order = order(ctx, input.command_id, sent("archiveRole", &input));
        let action = role_code(&input.role).map(|role| Action::ArchiveRole { role });
        Box::pin(role_payload(ctx, &order, &input.role, action)).await
    }

    /// Makes a position, changes it, or takes an archived one up again.
    async fn define_position(
        &self,
        ctx: &Context<'_>,
        input: DefinePositionInput,
    ) -> Result<JobPositionPayload> {
        let order = order(ctx, input.command_id, sent("definePosition", &input));
        let action = Action::DefinePosition {
            position: input.code.clone(),
            name: input.name.into(),
            skills: input.skills.into_iter().map(|it| it.0).collect(),
        };
        Box::pin(position_payload(ctx, &order, &input.code, action)).await
    }

    /// A position lends its skills to nobody from now on, whoever works in it.
    async fn archive_position(&self, ctx: &Context<'_>, input: CodeInput) -> Result<JobPositionPayload> {
        let order = order(ctx, input.command_id, sent("archivePosition", &input));
        let action = Action::ArchivePosition { position: input.code.clone() };
        Box::pin(position_payload(ctx, &order, &input.code, action)).await
    }

    /// Makes a region, or gives it another name.
    async fn define_region(&self, ctx: &Context<'_>, input: DefineNameInput) -> Result<RegionPayload> {
        let order = order(ctx, input.command_id, sent("defineRegion", &input));
        let action = Action::DefineRegion { region: input.code.clone(), name: input.name.into() };
        Box::pin(region_payload(ctx, &order, &input.code, action)).await
    }

    /// Takes a region off the list; no branch may belong to it.
    async fn archive_region(&self, ctx: &Context<'_>, input: CodeInput) -> Result<RegionPayload> {
        let order = order(ctx, input.command_id, sent("archiveRegion", &input));
        let action = Action::ArchiveRegion { region: input.code.clone() };
        Box::pin(region_payload(ctx, &order, &input.code, action)).await
    }

    /// Moves a branch to another region, or out of all: whoever acts by region acts there at once, or no longer does.
    async fn move_branch(&self, ctx: &Context<'_>, input: MoveBranchInput) -> Result<BranchPlacePayload> {
        let order = order(ctx, input.command_id, sent("moveBranch", &input));
        let action = Action::MoveBranch { branch: input.branch.0.clone(), region: input.region };
        match Box::pin(told(ctx, &order, action)).await? {
            Ok((done, organisation)) => Ok(BranchPlacePayload {
                region: organisation.branches.get(&input.branch.0).and_then(|it| it.region.clone()),
                branch: Some(input.branch),
                position: Some(ctx.position(done.position)),
                refusal: None,
            }),
            Err(refusal) => Ok(BranchPlacePayload { refusal: Some(refusal), ..Default::default() }),
        }
    }
}

fn role_code(code: &str) -> std::result::Result<RoleCode, Refusal> {
    RoleCode::parse(code).map_err(|_| Refusal::Malformed { what: "role" })
}

type Told =
    std::result::Result<(Done, std::sync::Arc<Organisation>), crate::graphql::model::payload::Refusal>;

/// The organisation after the order, or the rule that said no.
async fn told(ctx: &Context<'_>, order: &Order<'_>, action: Action) -> Result<Told> {
    match Box::pin(ctx.app().access.restructure(order, action)).await {
        Ok(done) => Ok(Ok((done, ctx.app().access.directory().organisation()))),
        Err(error) => no(ctx, error).map(Err),
    }
}

async fn role_payload(
    ctx: &Context<'_>,
    order: &Order<'_>,
    code: &str,
    action: std::result::Result<Action, Refusal>,
) -> Result<RolePayload> {
    let action = match action {
        Ok(action) => action,
        Err(refusal) => {
            let denied = order.by.require(crate::auth::Permission::ManageRoles, None).err();
            let refusal = no(ctx, denied.map_or(NotDone::Refused(refusal), NotDone::Denied))?;
            return Ok(RolePayload { refusal: Some(refusal), ..Default::default() });
        }
    };
    match Box::pin(told(ctx, order, action)).await? {
        Ok((done, organisation)) => {
            let found = organisation.roles.iter().find(|(known, _)| known.as_str() == code);
            let role = found.map(|(code, it)| Role {
                may_grant: ctx.app().access.may_grant_somewhere(
                    &ctx.asking().principal,
                    &talon_core::staff::event::Role::Own(code.clone()),
                ),
                ..Role::of_its_own(code, it)
            });
            Ok(RolePayload { role, position: Some(ctx.position(done.position)), refusal: None })
        }
        Err(refusal) => Ok(RolePayload { refusal: Some(refusal), ..Default::default() }),
    }
}

async fn position_payload(
    ctx: &Context<'_>,
    order: &Order<'_>,
    code: &str,
    action: Action,
) -> Result<JobPositionPayload> {
    match Box::pin(told(ctx, order, action)).await? {
        Ok((done, organisation)) => Ok(JobPositionPayload {
            job_position: organisation.positions.get(code).map(|it| JobPosition::of(code, it)),
            position: Some(ctx.position(done.position)),
            refusal: None,
        }),
        Err(refusal) => Ok(JobPositionPayload { refusal: Some(refusal), ..Default::default() }),
    }
}

async fn region_payload(
    ctx: &Context<'_>,
    order: &Order<'_>,
    code: &str,
    action: Action,
) -> Result<RegionPayload> {
    match Box::pin(told(ctx, order, action)).await? {
        Ok((done, organisation)) => Ok(RegionPayload {
            region: organisation.regions.get(code).map(|name| Region::of(&organisation, code, name)),
            position: Some(ctx.position(done.position)),
            refusal: None,
        }),
        Err(refusal) => Ok(RegionPayload { refusal: Some(refusal), ..Default::default() }),
    }
}
