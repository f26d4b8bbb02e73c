//! Settings of a branch are published; the catalogue of the organisation is changed.

use async_graphql::{Context, Object, Result};
use talon_core::{
    branch::{
        self,
        command::{Action as BranchAction, PublishSettings},
    },
    dispatch::{DispatchError, Envelope},
    ids::{BranchId, ClassId, CommandId},
    organisation::command::{Action, Seen},
    refusal::Refusal,
    settings::Target,
};

use super::{
    sent,
    staff::{no, order},
};
use crate::{
    auth::{NotDone, Order, Permission},
    graphql::{
        context::{self, Road},
        model::{
            input::{
                ArchiveServiceInput, DefineClassInput, DefineGroupInput, DefineReasonsInput,
                DefineServiceInput, NameOrganisationInput, PublishBranchSettingsInput, RegisterBranchInput,
                SetTargetInput,
            },
            payload::BranchPlacePayload,
            setup::{BranchSettingsPayload, Catalogue, CataloguePayload, SettingsFault, seconds},
        },
        query::setup::of_branch,
    },
};

#[derive(Debug, Default)]
pub struct SetupMutations;

type Asked = std::result::Result<Action, Refusal>;

#[Object]
impl SetupMutations {
    /// Publishes the whole settings of a branch, from an instant on. `SETTINGS_MOVED` when somebody else has published
    /// since `expectedVersion`; `WRONG_SETTINGS` with all `faults` when they make no sense.
    async fn publish_branch_settings(
        &self,
        ctx: &Context<'_>,
        input: PublishBranchSettingsInput,
    ) -> Result<BranchSettingsPayload> {
        Box::pin(publish(ctx, input)).await
    }

    /// Adds a branch to the list; it opens once its settings are published.
    async fn register_branch(
        &self,
        ctx: &Context<'_>,
        input: RegisterBranchInput,
    ) -> Result<BranchPlacePayload> {
        let order = order(ctx, input.command_id, sent("registerBranch", &input));
        let branch = input.code.0.clone();
        let action = Action::RegisterBranch { branch: branch.clone(), region: input.region, imported: false };
        match Box::pin(ctx.app().access.restructure(&order, action)).await {
            Ok(done) => Ok(BranchPlacePayload {
                region: ctx
                    .app()
                    .access
                    .directory()
                    .organisation()
                    .branches
                    .get(&branch)
                    .and_then(|it| it.region.clone()),
                branch: Some(input.code),
                position: Some(ctx.position(done.position)),
                refusal: None,
            }),
            Err(error) => {
                Ok(BranchPlacePayload { refusal: Some(no(ctx, error)?), ..BranchPlacePayload::default() })
            }
        }
    }

    /// What the organisation is called.
    async fn name_organisation(
        &self,
        ctx: &Context<'_>,
        input: NameOrganisationInput,
    ) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("nameOrganisation", &input));
        Box::pin(changed(ctx, &order, Ok(Action::Name { name: input.name.into() }))).await
    }

    /// Makes a group of services, or changes it. With `seen`, `SETTINGS_MOVED` when it looks otherwise by now.
    async fn define_group(&self, ctx: &Context<'_>, input: DefineGroupInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("defineGroup", &input));
        let action = || {
            let seen = input.seen.map(|it| it.parsed()).transpose()?.map(Seen::Group);
            Ok(after(seen, Action::DefineGroup { group: input.group.parsed()? }))
        };
        Box::pin(changed(ctx, &order, action())).await
    }

    /// Puts a service into the catalogue, or takes an archived one up again.
    async fn define_service(&self, ctx: &Context<'_>, input: DefineServiceInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("defineService", &input));
        let action = || Ok(Action::DefineService { service: input.service.parsed()? });
        Box::pin(changed(ctx, &order, action())).await
    }

    /// Changes a service. With `seen`, `SETTINGS_MOVED` when it looks otherwise by now.
    async fn change_service(&self, ctx: &Context<'_>, input: DefineServiceInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("changeService", &input));
        let action = || {
            let seen = input.seen.map(|it| it.parsed()).transpose()?.map(Seen::Service);
            Ok(after(seen, Action::ChangeService { service: input.service.parsed()? }))
        };
        Box::pin(changed(ctx, &order, action())).await
    }

    /// Takes a service out of the catalogue: it is given to nobody new, history keeps it.
    async fn archive_service(
        &self,
        ctx: &Context<'_>,
        input: ArchiveServiceInput,
    ) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("archiveService", &input));
        Box::pin(changed(ctx, &order, Ok(Action::ArchiveService { service: input.service.0 }))).await
    }

    /// Makes a class of people, or changes it. With `seen`, `SETTINGS_MOVED` when it looks otherwise by now.
    async fn define_class(&self, ctx: &Context<'_>, input: DefineClassInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("defineClass", &input));
        let action = || {
            let seen = input.seen.map(|it| it.parsed()).transpose()?.map(Seen::Class);
            Ok(after(seen, Action::DefineClass { class: input.class.parsed()? }))
        };
        Box::pin(changed(ctx, &order, action())).await
    }

    /// Sets how long one class may wait for one service; without `targetSeconds`, both their own targets decide again.
    async fn set_target(&self, ctx: &Context<'_>, input: SetTargetInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("setTarget", &input));
        let action = || {
            let class = ClassId::parse(&input.class).map_err(|_| Refusal::Malformed { what: "class" })?;
            let service = input.service.0;
            Ok(match input.target_seconds {
                Some(count) => {
                    let target_s = seconds(count, "targetSeconds")?;
                    Action::SetTarget { target: Target { class, service, target_s } }
                }
                None => Action::RemoveTarget { class, service },
            })
        };
        Box::pin(changed(ctx, &order, action())).await
    }

    /// Sets all vocabularies operators choose from. With `seen`, `SETTINGS_MOVED` when they look otherwise by now.
    async fn define_reasons(&self, ctx: &Context<'_>, input: DefineReasonsInput) -> Result<CataloguePayload> {
        let order = order(ctx, input.command_id, sent("defineReasons", &input));
        let action = || {
            let seen = input.seen.map(|it| it.parsed()).transpose()?.map(Seen::Reasons);
            Ok(after(seen, Action::DefineReasons { reasons: input.reasons.parsed()? }))
        };
        Box::pin(changed(ctx, &order, action())).await
    }
}

fn after(seen: Option<Seen>, action: Action) -> Action {
    match seen {
        Some(seen) => Action::Unless { moved: Box::new(seen), action: Box::new(action) },
        None => action,
    }
}

/// The catalogue after an order, or as it is beside the rule that said no.
async fn changed(ctx: &Context<'_>, order: &Order<'_>, action: Asked) -> Result<CataloguePayload> {
    let access = &ctx.app().access;
    let done = match action {
        Ok(action) => Box::pin(access.restructure(order, action)).await,
        // A form filled in wrongly tells nothing to those who may not send it.
        Err(refusal) => Err(order
            .by
            .require(Permission::ManageCatalogue, None)
            .err()
            .map_or(NotDone::Refused(refusal), NotDone::Denied)),
    };
    let (position, refusal) = match done {
        Ok(done) => (Some(ctx.position(done.position)), None),
        Err(error) => (None, Some(no(ctx, error)?)),
    };
    let catalogue = Some(Catalogue::of(&access.directory().organisation()));
    Ok(CataloguePayload { catalogue, position, refusal })
}

async fn publish(ctx: &Context<'_>, input: PublishBranchSettingsInput) -> Result<BranchSettingsPayload> {
    let branch = input.branch.0.clone();
    let principal = &ctx.asking().principal;
    let actor =
        principal.actor(Permission::ManageBranch, Some(&branch)).map_err(|denied| ctx.denied(denied))?;
    let press = sent("publishBranchSettings", &input);
    let organisation = ctx.app().access.directory().organisation();
    let is_live = organisation.branches.get(&branch).is_some_and(|it| !it.imported);
    let asked = || {
        if !is_live {
            return Err(Refusal::UnknownThing { what: "branch" });
        }
        let settings =
            input.settings.parsed().map_err(|fault| Refusal::WrongSettings { faults: vec![fault] })?;
        let expected_version =
            u64::try_from(input.expected_version).map_err(|_| Refusal::Malformed { what: "version" })?;
        Ok(BranchAction::PublishSettings(PublishSettings {
            settings: Box::new(settings),
            effective_from: input.effective_from,
            catalogue: Some(organisation.services.iter().map(|it| it.id.clone()).collect()),
            expected_version,
        }))
    };
    let action = match asked() {
        Ok(action) => action,
        Err(refusal) => return Box::pin(not_published(ctx, &branch, &refusal)).await,
    };
    let mut envelope = Envelope::new(CommandId(input.command_id), actor, &press);
    envelope.branch = Some(branch.clone());
    match ctx.app().desk.branches.send(&branch::stream(&branch), envelope, action, |_, _| ()).await {
        Ok((done, ())) => {
            crate::http::count_repeat(&done);
            Ok(BranchSettingsPayload {
                setup: Some(of_branch(ctx, &branch).await?),
                position: Some(ctx.position(done.position)),
                ..BranchSettingsPayload::default()
            })
        }
        Err(DispatchError::Refused(refusal)) => Box::pin(not_published(ctx, &branch, &refusal)).await,
        Err(error) => Err(context::failed(ctx, &error)),
    }
}

async fn not_published(
    ctx: &Context<'_>,
    branch: &BranchId,
    refusal: &Refusal,
) -> Result<BranchSettingsPayload> {
    Ok(BranchSettingsPayload {
        setup: Some(of_branch(ctx, branch).await?),
        position: None,
        refusal: Some(ctx.refusal(refusal, branch)),
        faults: SettingsFault::of(refusal, ctx.asking().language),
    })
}
