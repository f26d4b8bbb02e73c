//! How branches and the catalogue are set up, for those who set them up.

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, NaiveTime, Utc};
use talon_core::{
    aggregate::{Request, supposed},
    branch, dry_run,
    event_store::StreamId,
    fact::Actor,
    ids::{BranchId, CommandId},
    organisation::{self, Organisation},
    refusal::Refusal,
    settings::{DaySettings, Service},
};

use crate::{
    auth::Permission,
    catalogue::exchange::{self, ServiceRow},
    graphql::{
        context::{self, Road},
        model::{
            LocalText,
            dry_run::{DryRun, DryRunInput, DryRunLine, HoursRead},
            exchange::{SetupFile, SetupFormat, SetupKind},
            int,
            setup::{BranchSetup, Catalogue, RegisteredBranch, SettingsFault, SettingsVersion},
        },
        scalar::BranchCode,
    },
};

#[derive(Debug, Default)]
pub struct SetupQueries;

#[Object]
impl SetupQueries {
    /// What the organisation offers: groups, services, classes, targets, reasons.
    async fn catalogue(&self, ctx: &Context<'_>) -> Result<Catalogue> {
        super::staff::anywhere(ctx, Permission::ReadStructure)?;
        Ok(Catalogue::of(&ctx.app().access.directory().organisation()))
    }

    /// The branches one may set up, those without settings too; imported history has none.
    async fn registered_branches(&self, ctx: &Context<'_>) -> Result<Vec<RegisteredBranch>> {
        let reach =
            ctx.asking().principal.reach(Permission::ManageBranch).map_err(|denied| ctx.denied(denied))?;
        let organisation = ctx.app().access.directory().organisation();
        let mut found = Vec::new();
        for (code, it) in
            organisation.branches.iter().filter(|(code, it)| !it.imported && reach.contains(code))
        {
            let stream = branch::stream(code);
            let known =
                ctx.app().desk.branches.read(&stream, |it| {
                    it.published.last().map(|last| (last.version, last.settings.clone()))
                });
            let newest = known.await.map_err(|error| context::answered(ctx, &error))?;
            let settings = newest.as_ref().map(|(_, settings)| settings);
            found.push(RegisteredBranch {
                code: code.clone().into(),
                name: settings.map(|it| LocalText::from(&it.name)),
                address: settings.and_then(|it| it.address.clone()),
                time_zone: settings.map(|it| it.time_zone.clone()),
                public: settings.map(|it| it.public),
                windows: settings.map_or(0, |it| int(it.windows.len())),
                region: it.region.clone(),
                version: newest.as_ref().map_or(0, |(version, _)| int(*version)),
            });
        }
        Ok(found)
    }

    /// Opening hours as people write them, as a week; or where they cannot be read.
    async fn read_hours(
        &self,
        ctx: &Context<'_>,
        text: String,
        #[graphql(desc = "Local time at which the business day begins, `HH:MM`; midnight when absent.")]
        day_starts_at: Option<String>,
    ) -> Result<HoursRead> {
        super::staff::anywhere(ctx, Permission::ManageBranch)?;
        let starts = day_starts_at.and_then(|it| NaiveTime::parse_from_str(it.get(..5)?, "%H:%M").ok());
        Ok(HoursRead::of(&text, starts.unwrap_or_default(), ctx.asking().language))
    }

    /// Today's queue as other rules would have put it: of the branch, of the organisation, or of both. Nothing is written,
    /// and nobody is called.
    async fn dry_run(&self, ctx: &Context<'_>, input: DryRunInput) -> Result<DryRun> {
        ctx.require(Permission::ManageBranch, Some(&input.branch.0))?;
        Box::pin(dry_run(ctx, input)).await
    }

    /// Services or branches as a file: what `importSetup` takes.
    async fn export_setup(
        &self,
        ctx: &Context<'_>,
        what: SetupKind,
        format: SetupFormat,
    ) -> Result<SetupFile> {
        let permission = match what {
            SetupKind::Services => Permission::ReadStructure,
            SetupKind::Branches => Permission::ManageBranch,
        };
        let reach = ctx.asking().principal.reach(permission).map_err(|denied| ctx.denied(denied))?;
        let organisation = ctx.app().access.directory().organisation();
        let text = match what {
            SetupKind::Services => services_file(&organisation, format),
            SetupKind::Branches => {
                let mut branches = Vec::new();
                let live =
                    organisation.branches.iter().filter(|(code, it)| !it.imported && reach.contains(code));
                for (code, it) in live {
                    let stream = branch::stream(code);
                    let newest = ctx
                        .app()
                        .desk
                        .branches
                        .read(&stream, |it| it.published.last().map(|it| (*it.settings).clone()));
                    if let Some(settings) = newest.await.map_err(|error| context::answered(ctx, &error))? {
                        branches.push((code.clone(), it.region.clone(), settings));
                    }
                }
                branches_file(&branches, format, ctx.asking().language.code())
            }
        };
        let name = match what {
            SetupKind::Services => "services",
            SetupKind::Branches => "branches",
        };
        let ending = match format {
            SetupFormat::Csv => "csv",
            SetupFormat::Json => "json",
        };
        Ok(SetupFile { name: format!("{name}.{ending}"), text })
    }

    /// The settings of one branch: in force, and published for later.
    async fn branch_settings(&self, ctx: &Context<'_>, branch: BranchCode) -> Result<BranchSetup> {
        ctx.require(Permission::ManageBranch, Some(&branch.0))?;
        of_branch(ctx, &branch.0).await
    }
}

fn services_file(organisation: &Organisation, format: SetupFormat) -> String {
    let row = |service: &Service| ServiceRow {
        group_shape: organisation.groups.iter().find(|it| it.id == service.group).cloned(),
        archived: organisation.archived.contains(&service.id),
        service: service.clone(),
    };
    let rows: Vec<ServiceRow> = organisation.services.iter().map(row).collect();
    match format {
        SetupFormat::Csv => exchange::services_to_csv(&organisation.groups, &rows),
        // Our own plain structs: serialising them cannot fail.
        SetupFormat::Json => serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n",
    }
}

type BranchFile = (BranchId, Option<String>, talon_core::settings::BranchSettings);

fn branches_file(branches: &[BranchFile], format: SetupFormat, language: &str) -> String {
    let whole = |(code, region, settings): &BranchFile| serde_json::json!({ "code": code, "region": region, "settings": settings });
    match format {
        SetupFormat::Csv => exchange::branches_to_csv(branches, language),
        SetupFormat::Json => {
            let all: Vec<_> = branches.iter().map(whole).collect();
            serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
        }
    }
}

async fn dry_run(ctx: &Context<'_>, input: DryRunInput) -> Result<DryRun> {
    let branch = input.branch.0.clone();
    let settings = match supposed_day(ctx, &branch, input).await? {
        Ok(settings) => settings,
        Err(refusal) => {
            let faults = SettingsFault::of(&refusal, ctx.asking().language);
            let refusal = Some(ctx.refusal(&refusal, &branch));
            return Ok(DryRun { refusal, faults, ..DryRun::default() });
        }
    };
    let now = ctx.app().clock.now();
    let date = ctx.app().live.day(&branch, None).map(|(date, _)| date);
    let compared = date
        .and_then(|date| ctx.app().live.with_day(&branch, date, |day| dry_run::compare(day, &settings)))
        .unwrap_or_default();
    let lines = compared.iter().map(|it| DryRunLine::of(it, &settings, now)).collect();
    Ok(DryRun { business_day: date.map(|it| it.to_string()), lines, ..DryRun::default() })
}

type Supposed = std::result::Result<DaySettings, Refusal>;

/// What today would decide by after the change.
async fn supposed_day(ctx: &Context<'_>, branch: &BranchId, input: DryRunInput) -> Result<Supposed> {
    let now = ctx.app().clock.now();
    let known = ctx.app().desk.branches.read(&branch::stream(branch), branch::Branch::clone).await;
    let known = known.map_err(|error| context::answered(ctx, &error))?;
    let mut organisation = (*ctx.app().access.directory().organisation()).clone();
    let change = || -> Supposed {
        for action in input.actions()? {
            organisation = supposed(&organisation, &question(organisation::stream(), now, action))?;
        }
        let mut after = known;
        if let Some(settings) = &input.settings {
            let settings =
                settings.parsed().map_err(|fault| Refusal::WrongSettings { faults: vec![fault] })?;
            let action = branch::command::Action::PublishSettings(branch::command::PublishSettings {
                settings: Box::new(settings),
                effective_from: None,
                catalogue: Some(organisation.services.iter().map(|it| it.id.clone()).collect()),
                expected_version: after.version(),
            });
            after = supposed(&after, &question(branch::stream(branch), now, action))?;
        }
        let date = after.business_day_at(now);
        branch::day_settings(&organisation, &after, date, now).ok_or(Refusal::UnknownThing { what: "branch" })
    };
    Ok(change())
}

/// A request that nobody made.
fn question<A>(stream: StreamId, at: DateTime<Utc>, action: A) -> Request<A> {
    Request { id: CommandId(uuid::Uuid::nil()), stream, at, actor: Actor::system(), action }
}

/// The settings of a branch as the log has them now.
pub(in crate::graphql) async fn of_branch(ctx: &Context<'_>, branch: &BranchId) -> Result<BranchSetup> {
    let now = ctx.app().clock.now();
    let stream = branch::stream(branch);
    let read = ctx.app().desk.branches.read(&stream, |it| BranchSetup {
        branch: branch.clone().into(),
        version: int(it.version()),
        in_force: it.in_force(now).map(SettingsVersion::of),
        pending: it.published.iter().filter(|it| it.effective_from > now).map(SettingsVersion::of).collect(),
    });
    read.await.map_err(|error| context::answered(ctx, &error))
}
