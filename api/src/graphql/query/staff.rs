//! People on the staff, roles, positions, regions.

use async_graphql::{
    Context, InputObject, Object, Result,
    connection::{Connection, Edge, EmptyFields},
};
use talon_core::{ids::OperatorId as Id, staff::event::Role as StaffRole};

use crate::{
    auth::{Member, Permission, Reach},
    graphql::{
        context::{self, Road},
        cursor,
        model::staff::{JobPosition, PermissionWords, Region, Role, StaffMember, role_held},
        scalar::{BranchCode, OperatorId, ServiceCode},
    },
};

/// Whom to list; absent fields do not narrow.
#[derive(Debug, Clone, Default, InputObject)]
pub struct StaffFilter {
    /// A part of the name, of the e-mail or of the pseudonym, as far as whoever asks may read them.
    pub search: Option<String>,
    /// Who acts there now.
    pub branch: Option<BranchCode>,
    pub role: Option<String>,
    pub position: Option<String>,
    /// Absent: only those who still belong to the staff.
    pub dismissed: Option<bool>,
}

#[derive(Debug, Default)]
pub struct StaffQueries;

#[Object]
impl StaffQueries {
    /// Who works in one's branches, by name.
    async fn staff(
        &self,
        ctx: &Context<'_>,
        filter: Option<StaffFilter>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<Connection<String, StaffMember, EmptyFields, EmptyFields>> {
        let reach =
            ctx.asking().principal.reach(Permission::ReadStaff).map_err(|denied| ctx.denied(denied))?;
        let first = cursor::first(ctx, first)? as usize;
        let mut found = Box::pin(listed(ctx, &reach, &filter.unwrap_or_default())).await?;
        let start = match &after {
            None => 0,
            Some(id) => {
                let at = found.iter().position(|it| it.id.0.as_str() == id);
                at.map(|it| it + 1).ok_or_else(|| ctx.failure("MALFORMED"))?
            }
        };
        let mut rest = found.split_off(start);
        let more = rest.len() > first;
        rest.truncate(first);
        let mut connection = Connection::new(start > 0, more);
        connection.edges.extend(rest.into_iter().map(|it| Edge::new(it.id.0.to_string(), it)));
        Ok(connection)
    }

    /// One member of staff; nothing when there is none of this id in one's branches.
    async fn staff_member(&self, ctx: &Context<'_>, id: OperatorId) -> Result<Option<StaffMember>> {
        let reach =
            ctx.asking().principal.reach(Permission::ReadStaff).map_err(|denied| ctx.denied(denied))?;
        match ctx.app().access.directory().member(&id.0) {
            Some(member) if is_within(ctx, &reach, &member) => {
                Box::pin(shown(ctx, &id.0, &member)).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Every role there is: those of the house, then the organisation's own.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<Role>> {
        anywhere(ctx, Permission::ReadStructure)?;
        let organisation = ctx.app().access.directory().organisation();
        let house = StaffRole::OF_THE_HOUSE.iter().map(|role| (role.clone(), Role::of_the_house(role)));
        let own = organisation
            .roles
            .iter()
            .map(|(code, it)| (StaffRole::Own(code.clone()), Role::of_its_own(code, it)));
        let shown = house.chain(own).map(|(role, shown)| Role { may_grant: may_grant(ctx, &role), ..shown });
        Ok(shown.collect())
    }

    /// What a role of the organisation's own may allow.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionWords>> {
        anywhere(ctx, Permission::ReadStructure)?;
        let all = Permission::ALL.iter().copied().filter(|it| it.is_for_staff());
        Ok(all.map(|it| PermissionWords::of(it, ctx.may(it, None))).collect())
    }

    /// Positions, archived ones too.
    async fn positions(&self, ctx: &Context<'_>) -> Result<Vec<JobPosition>> {
        anywhere(ctx, Permission::ReadStructure)?;
        let organisation = ctx.app().access.directory().organisation();
        Ok(organisation.positions.iter().map(|(code, it)| JobPosition::of(code, it)).collect())
    }

    /// Regions with the branches that belong to them.
    async fn regions(&self, ctx: &Context<'_>) -> Result<Vec<Region>> {
        anywhere(ctx, Permission::ReadStructure)?;
        let organisation = ctx.app().access.directory().organisation();
        Ok(organisation.regions.iter().map(|(code, name)| Region::of(&organisation, code, name)).collect())
    }
}

/// What is the same for the whole organisation may be read by whoever may read it somewhere.
pub(super) fn anywhere(ctx: &Context<'_>, permission: Permission) -> Result<()> {
    ctx.asking().principal.reach(permission).map(drop).map_err(|denied| ctx.denied(denied))
}

fn may_grant(ctx: &Context<'_>, role: &StaffRole) -> bool {
    ctx.app().access.may_grant_somewhere(&ctx.asking().principal, role)
}

async fn listed(ctx: &Context<'_>, reach: &Reach, filter: &StaffFilter) -> Result<Vec<StaffMember>> {
    let wanted = |member: &Member| {
        let role = filter.role.as_deref();
        let position = filter.position.as_ref();
        member.is_known()
            && member.dismissed == filter.dismissed.unwrap_or(false)
            && role.is_none_or(|role| member.roles.keys().any(|it| it.code() == role))
            && position.is_none_or(|it| member.positions.contains(it))
            && is_within(ctx, reach, member)
    };
    let search = filter.search.as_deref().map(|it| it.trim().to_lowercase()).unwrap_or_default();
    let mut found = Vec::new();
    for (id, member) in ctx.app().access.directory().everybody() {
        if !wanted(&member) {
            continue;
        }
        let shown = Box::pin(shown(ctx, &id, &member)).await?;
        let works_there = |branch: &BranchCode| shown.everywhere || shown.branches.contains(branch);
        let contains = |text: &str| text.to_lowercase().contains(&search);
        let told = [shown.name.as_deref(), shown.email.as_deref(), Some(id.as_str())];
        if filter.branch.as_ref().is_none_or(works_there) && told.into_iter().flatten().any(contains) {
            found.push(shown);
        }
    }
    found.sort_by_cached_key(|it| {
        (it.name.is_none(), it.name.as_deref().map(str::to_lowercase), it.id.0.clone())
    });
    Ok(found)
}

/// Whether somebody acts in one of these branches; oneself always.
fn is_within(ctx: &Context<'_>, reach: &Reach, member: &Member) -> bool {
    match (reach, ctx.app().access.acts_in(member)) {
        (Reach::Everywhere, _) | (_, Reach::Everywhere) => true,
        (Reach::Branches(mine), Reach::Branches(theirs)) => !mine.is_disjoint(&theirs),
    }
}

/// A person as whoever asks may see them.
pub(in crate::graphql) async fn shown(ctx: &Context<'_>, id: &Id, member: &Member) -> Result<StaffMember> {
    let access = &ctx.app().access;
    let principal = &ctx.asking().principal;
    let failed = |error| context::failed(ctx, &error);
    let organisation = access.directory().organisation();
    let (may_manage, may_teach) = (access.may_manage(principal, member), access.may_teach(principal, member));
    let name = match principal.reach(Permission::ReadStaffNames) {
        Ok(_) => access.name_of(id).await.map_err(failed)?,
        Err(_) => None,
    };
    let email = if may_manage { access.email_of(id).await.map_err(failed)? } else { None };
    let positions = member.positions.iter();
    let positions =
        positions.filter_map(|code| organisation.positions.get(code).map(|it| JobPosition::of(code, it)));
    let services = |skills: &[talon_core::ids::ServiceId]| skills.iter().cloned().map(ServiceCode).collect();
    let (branches, everywhere) = match access.acts_in(member) {
        Reach::Everywhere => (Vec::new(), true),
        Reach::Branches(some) => (some.into_iter().map(BranchCode).collect(), false),
    };
    Ok(StaffMember {
        id: OperatorId(id.clone()),
        name,
        email,
        roles: member.roles.iter().map(|(role, scope)| role_held(&organisation, role, scope)).collect(),
        positions: positions.collect(),
        skills: services(&member.skills),
        effective_skills: services(&organisation.skills_of(&member.skills, &member.positions)),
        branches,
        everywhere,
        dismissed: member.dismissed,
        joined_at: member.joined_at,
        invited_at: member.invited_at,
        has_password: access.has_password(id).await.map_err(failed)?,
        may_manage,
        may_teach,
    })
}
