//! Services and branches come in from files: each row is a change of its own, made or only looked at.

use async_graphql::{Context, Object, Result};
use talon_core::{
    aggregate::{Request, supposed},
    branch::{
        self,
        command::{Action as BranchAction, PublishSettings},
        valid,
    },
    dispatch::{DispatchError, Envelope},
    ids::{BranchId, CommandId},
    organisation::{self, Organisation, command::Action},
    refusal::Refusal,
    settings::BranchSettings,
};

use super::{
    sent,
    staff::{no, order},
};
use crate::{
    auth::{NotDone, Order, Permission},
    catalogue::exchange::{
        BranchRow, FileFault, Row, ServiceRow, branches_from_csv, branches_from_json, services_from_csv,
        services_from_json,
    },
    graphql::{
        context::{self, Road},
        model::{
            exchange::{ImportLine, ImportOutcome, ImportPayload, SetupFormat, SetupKind, row_fault},
            input::ImportSetupInput,
            int,
            setup::SettingsFault,
        },
    },
};

#[derive(Debug, Default)]
pub struct ExchangeMutations;

#[Object]
impl ExchangeMutations {
    /// Brings services or branches in from a file, row by row: rows that make no sense are left out and told. With
    /// `dryRun` nothing is written.
    async fn import_setup(&self, ctx: &Context<'_>, input: ImportSetupInput) -> Result<ImportPayload> {
        ctx.require(Permission::ManageCatalogue, None)?;
        ctx.require(Permission::ManageBranch, None)?;
        let order = order(ctx, input.command_id, sent("importSetup", &input));
        let lines = match (input.what, input.format) {
            (SetupKind::Services, SetupFormat::Csv) => {
                Box::pin(services(ctx, &order, services_from_csv(&input.text), input.dry_run)).await
            }
            (SetupKind::Services, SetupFormat::Json) => {
                Box::pin(services(ctx, &order, services_from_json(&input.text), input.dry_run)).await
            }
            (SetupKind::Branches, SetupFormat::Csv) => {
                Box::pin(branches(ctx, &order, branches_from_csv(&input.text), input.dry_run)).await
            }
            (SetupKind::Branches, SetupFormat::Json) => {
                Box::pin(branches(ctx, &order, branches_from_json(&input.text), input.dry_run)).await
            }
        }?;
        Ok(match lines {
            Ok(lines) => ImportPayload { lines, applied: !input.dry_run, refusal: None },
            Err(refusal) => ImportPayload {
                refusal: Some(ctx.refusal(&refusal, &BranchId::trusted("-"))),
                ..ImportPayload::default()
            },
        })
    }
}

type Lines = Result<std::result::Result<Vec<ImportLine>, Refusal>>;
type Rows<T> = std::result::Result<Vec<Row<T>>, FileFault>;

/// What became of one row.
type Became = std::result::Result<ImportOutcome, String>;

fn line<T>(row: &Row<T>, became: Became) -> ImportLine {
    let (outcome, message) = match became {
        Ok(outcome) => (outcome, None),
        Err(message) => (ImportOutcome::Wrong, Some(message)),
    };
    ImportLine { row: int(row.number), code: row.key.clone(), outcome, message }
}

async fn services(ctx: &Context<'_>, order: &Order<'_>, rows: Rows<ServiceRow>, dry: bool) -> Lines {
    let Ok(rows) = rows else { return Ok(Err(Refusal::Malformed { what: "file" })) };
    let language = ctx.asking().language;
    // What the rows before this one have come to, also when nothing is written.
    let mut known = (*ctx.app().access.directory().organisation()).clone();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let became = match &row.read {
            Err(fault) => Err(row_fault(fault, language)),
            Ok(wanted) => {
                let is_new = !known.services.iter().any(|it| it.id == wanted.service.id);
                let after = actions(&known, wanted).into_iter().try_fold(
                    (known.clone(), Vec::new()),
                    |(state, mut done), action| {
                        let next = supposed(&state, &question(order, action.clone()))?;
                        if next != state {
                            done.push(action);
                        }
                        Ok::<_, Refusal>((next, done))
                    },
                );
                match after {
                    Err(refusal) => Err(ctx.refusal(&refusal, &BranchId::trusted("-")).message),
                    Ok((_, changes)) if changes.is_empty() => Ok(ImportOutcome::Same),
                    Ok((next, changes)) => {
                        if !dry {
                            for (index, action) in changes.into_iter().enumerate() {
                                let step = step(order, &format!("{} {index}", row.number));
                                carry_out(ctx, &step, action).await?;
                            }
                        }
                        known = next;
                        Ok(if is_new { ImportOutcome::New } else { ImportOutcome::Changed })
                    }
                }
            }
        };
        lines.push(line(&row, became));
    }
    Ok(Ok(lines))
}

/// What a row asks of the organisation.
fn actions(known: &Organisation, row: &ServiceRow) -> Vec<Action> {
    let service = row.service.clone();
    let is_current = known.current_services().any(|it| it.id == service.id);
    let group = row.group_shape.clone().map(|mut group| {
        // A CSV says nothing of pictures.
        let icon = known.groups.iter().find(|it| it.id == group.id).and_then(|it| it.icon.clone());
        group.icon = group.icon.or(icon);
        Action::DefineGroup { group }
    });
    let mut actions: Vec<Action> = group.into_iter().collect();
    match (is_current, row.archived) {
        (true, false) => actions.push(Action::ChangeService { service }),
        (false, false) => actions.push(Action::DefineService { service }),
        (true, true) => actions.push(Action::ArchiveService { service: service.id }),
        (false, true) => {}
    }
    actions
}

async fn branches(ctx: &Context<'_>, order: &Order<'_>, rows: Rows<BranchRow>, dry: bool) -> Lines {
    let Ok(rows) = rows else { return Ok(Err(Refusal::Malformed { what: "file" })) };
    let language = ctx.asking().language;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let became = match &row.read {
            Err(fault) => Err(row_fault(fault, language)),
            Ok(wanted) => Box::pin(branch(ctx, order, wanted, dry)).await?,
        };
        lines.push(line(&row, became));
    }
    Ok(Ok(lines))
}

async fn branch(ctx: &Context<'_>, order: &Order<'_>, row: &BranchRow, dry: bool) -> Result<Became> {
    let organisation = ctx.app().access.directory().organisation();
    let refused = |refusal: &Refusal| ctx.refusal(refusal, &row.code).message;
    let registered = organisation.branches.get(&row.code);
    if registered.is_some_and(|it| it.imported) {
        return Ok(Err(refused(&Refusal::AlreadyExists { what: "branch" })));
    }
    let unknown = |it: &&String| !organisation.regions.contains_key(*it);
    if row.region.as_ref().filter(unknown).is_some() {
        return Ok(Err(refused(&Refusal::UnknownThing { what: "region" })));
    }
    let stream = branch::stream(&row.code);
    let read = ctx
        .app()
        .desk
        .branches
        .read(&stream, |it| (it.version(), it.published.last().map(|it| it.settings.clone())));
    let (version, newest) = read.await.map_err(|error| context::answered(ctx, &error))?;
    let settings = match row.says.clone().laid_over(newest.as_deref()) {
        Ok(settings) => settings,
        Err(fault) => return Ok(Err(row_fault(&fault, ctx.asking().language))),
    };
    let catalogue = organisation.services.iter().map(|it| it.id.clone()).collect();
    let faults = valid::faults(&settings, Some(&catalogue));
    if !faults.is_empty() {
        let shown = SettingsFault::of(&Refusal::WrongSettings { faults }, ctx.asking().language);
        let told = shown.into_iter().map(|it| format!("{}: {}", it.path, it.message));
        return Ok(Err(told.collect::<Vec<_>>().join(" ")));
    }
    let moves = registered.is_some_and(|it| row.region.is_some() && it.region != row.region);
    let says_more = newest.as_deref() != Some(&settings);
    if !(moves || says_more || registered.is_none()) {
        return Ok(Ok(ImportOutcome::Same));
    }
    if !dry {
        let action = match registered {
            None => Some(Action::RegisterBranch {
                branch: row.code.clone(),
                region: row.region.clone(),
                imported: false,
            }),
            Some(_) if moves => {
                Some(Action::MoveBranch { branch: row.code.clone(), region: row.region.clone() })
            }
            Some(_) => None,
        };
        if let Some(action) = action {
            carry_out(ctx, &step(order, &format!("register {}", row.code)), action).await?;
        }
        if says_more && let Err(refusal) = publish(ctx, order, &row.code, settings, version).await? {
            return Ok(Err(refused(&refusal)));
        }
    }
    Ok(Ok(if newest.is_none() { ImportOutcome::New } else { ImportOutcome::Changed }))
}

async fn publish(
    ctx: &Context<'_>,
    order: &Order<'_>,
    code: &BranchId,
    settings: BranchSettings,
    expected_version: u64,
) -> Result<std::result::Result<(), Refusal>> {
    let actor = order.by.actor(Permission::ManageBranch, Some(code)).map_err(|denied| ctx.denied(denied))?;
    let step = step(order, &format!("publish {code}"));
    let mut envelope = Envelope::new(step.command, actor, &step.sent);
    envelope.branch = Some(code.clone());
    envelope.causation_id = Some(order.command.0);
    let action = BranchAction::PublishSettings(PublishSettings {
        settings: Box::new(settings),
        effective_from: None,
        catalogue: None,
        expected_version,
    });
    match ctx.app().desk.branches.send(&branch::stream(code), envelope, action, |_, _| ()).await {
        Ok(_) => Ok(Ok(())),
        Err(DispatchError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(context::failed(ctx, &error)),
    }
}

/// A part of the file as a press of its own: bringing the file in again under the same id does nothing twice.
fn step<'a>(order: &Order<'a>, what: &str) -> Order<'a> {
    let command = CommandId::derived(&[&order.command.to_string(), what]);
    Order { by: order.by, command, sent: order.sent.clone() }
}

async fn carry_out(ctx: &Context<'_>, order: &Order<'_>, action: Action) -> Result<()> {
    match Box::pin(ctx.app().access.restructure(order, action)).await {
        Ok(_) => Ok(()),
        // It was looked at a moment ago: somebody was faster, and what they did stands.
        Err(NotDone::Refused(refusal)) => {
            tracing::warn!(code = refusal.code(), "a row of a file was overtaken");
            Ok(())
        }
        Err(error) => no(ctx, error).map(drop),
    }
}

/// A request that nobody made.
fn question(order: &Order<'_>, action: Action) -> Request<Action> {
    Request {
        id: order.command,
        stream: organisation::stream(),
        at: chrono::DateTime::default(),
        actor: talon_core::fact::Actor::system(),
        action,
    }
}
