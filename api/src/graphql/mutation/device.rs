//! Kiosks and boards: paired with six digits, revoked with one press.

use async_graphql::{Context, Object, Result};
use talon_core::{
    device::event::DeviceKind as Kind,
    fact::Actor,
    ids::{BranchId, CommandId, DeviceId},
    refusal::Refusal,
};
use talon_storage::vault::Device as Kept;

use crate::{
    auth::{AccessDenied, NewDevice, Permission, kind_of},
    doors::reports::is_online,
    graphql::{
        context::{self, Road},
        model::{
            branch::Device,
            input::{CreatePairingInput, DeviceKind, RenameDeviceInput, RevokeDeviceInput},
            payload::{DevicePayload, PairingPayload},
        },
    },
};

#[derive(Debug, Default)]
pub struct DeviceMutations;

#[Object]
impl DeviceMutations {
    /// Makes a code that pairs one kiosk or board; good for ten minutes and one device.
    async fn create_pairing(&self, ctx: &Context<'_>, input: CreatePairingInput) -> Result<PairingPayload> {
        let branch = &input.branch.0;
        let principal = &ctx.asking().principal;
        let actor =
            principal.actor(Permission::ManageDevices, Some(branch)).map_err(|denied| ctx.denied(denied))?;
        let kind = match input.kind {
            DeviceKind::Kiosk => Kind::Kiosk,
            DeviceKind::Board => Kind::Board,
        };
        let window = input.window.map(|it| it.0);
        let new = NewDevice { branch: branch.clone(), kind, name: input.name, window };
        match ctx.app().access.create_pairing(new, &actor).await {
            Ok(code) => {
                Ok(PairingPayload { code: Some(code.code), expires_at: Some(code.expires_at), refusal: None })
            }
            Err(denied) => {
                let refusal = Some(refused(ctx, denied, branch)?);
                Ok(PairingPayload { refusal, ..PairingPayload::default() })
            }
        }
    }

    /// Calls a kiosk or a board by another name.
    async fn rename_device(&self, ctx: &Context<'_>, input: RenameDeviceInput) -> Result<DevicePayload> {
        let (kept, actor) = match managed(ctx, &input.device).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(DevicePayload { refusal: Some(refusal), ..DevicePayload::default() }),
        };
        let (id, branch) = (DeviceId::trusted(&kept.device), BranchId::trusted(&kept.branch));
        let command = CommandId(input.command_id);
        match ctx.app().access.rename_device(&id, &input.name, actor, command).await {
            Ok(name) => Ok(DevicePayload { device: shown(ctx, &Kept { name, ..kept }), refusal: None }),
            Err(denied) => {
                let refusal = Some(refused(ctx, denied, &branch)?);
                Ok(DevicePayload { refusal, ..DevicePayload::default() })
            }
        }
    }

    /// Ends a pairing; the device drops within seconds.
    async fn revoke_device(&self, ctx: &Context<'_>, input: RevokeDeviceInput) -> Result<DevicePayload> {
        let (kept, actor) = match managed(ctx, &input.device).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(DevicePayload { refusal: Some(refusal), ..DevicePayload::default() }),
        };
        let (id, branch) = (DeviceId::trusted(&kept.device), BranchId::trusted(&kept.branch));
        match ctx.app().access.revoke_device(&id, actor, CommandId(input.command_id)).await {
            Ok(()) => {
                let revoked_at = kept.revoked_at.or(Some(ctx.app().clock.now()));
                let device = shown(ctx, &Kept { revoked_at, ..kept });
                Ok(DevicePayload { device, refusal: None })
            }
            Err(denied) => {
                let refusal = Some(refused(ctx, denied, &branch)?);
                Ok(DevicePayload { refusal, ..DevicePayload::default() })
            }
        }
    }
}

/// A device that whoever asks may manage, and who they are there.
async fn managed(
    ctx: &Context<'_>,
    device: &str,
) -> Result<std::result::Result<(Kept, Actor), crate::graphql::model::payload::Refusal>> {
    let principal = &ctx.asking().principal;
    principal.reach(Permission::ManageDevices).map_err(|denied| ctx.denied(denied))?;
    let all = ctx.app().access.devices().await.map_err(|denied| failed(ctx, &denied))?;
    let Some(kept) = all.into_iter().find(|it| it.device == device) else {
        let nowhere = BranchId::trusted("-");
        return Ok(Err(ctx.refusal(&Refusal::UnknownThing { what: "device" }, &nowhere)));
    };
    let branch = BranchId::trusted(&kept.branch);
    let actor =
        principal.actor(Permission::ManageDevices, Some(&branch)).map_err(|denied| ctx.denied(denied))?;
    Ok(Ok((kept, actor)))
}

/// Kiosks and boards of these branches; of all where none is named.
pub(in crate::graphql) async fn of_branches(ctx: &Context<'_>, branches: &[BranchId]) -> Result<Vec<Device>> {
    let all = ctx.app().access.devices().await.map_err(|denied| failed(ctx, &denied))?;
    let is_asked_for =
        |it: &&Kept| branches.is_empty() || branches.iter().any(|branch| it.branch == branch.as_str());
    Ok(all.iter().filter(is_asked_for).filter_map(|it| shown(ctx, it)).collect())
}

fn shown(ctx: &Context<'_>, device: &Kept) -> Option<Device> {
    let report = ctx.app().reports.newest(device);
    Some(Device {
        kind: match kind_of(&device.kind)? {
            Kind::Kiosk => DeviceKind::Kiosk,
            Kind::Board => DeviceKind::Board,
        },
        name: device.name.clone(),
        branch: BranchId::trusted(&device.branch).into(),
        paired_at: Some(device.paired_at),
        revoked_at: device.revoked_at,
        online: device.revoked_at.is_none() && is_online(report.as_ref(), ctx.app().clock.now()),
        last_seen_at: report.as_ref().map(|it| it.seen_at),
        build: report.as_ref().map(|it| it.build.clone()),
        problems: report.map(|it| it.problems).unwrap_or_default(),
        id: device.device.clone(),
    })
}

/// A no of access as a payload shows it; what is no answer is a failure.
fn refused(
    ctx: &Context<'_>,
    denied: AccessDenied,
    branch: &BranchId,
) -> Result<crate::graphql::model::payload::Refusal> {
    match denied {
        AccessDenied::Refused(refusal) => Ok(ctx.refusal(&refusal, branch)),
        AccessDenied::Malformed { field } => Ok(ctx.refusal(&Refusal::Malformed { what: field }, branch)),
        other => Err(failed(ctx, &other)),
    }
}

fn failed(ctx: &Context<'_>, denied: &AccessDenied) -> async_graphql::Error {
    context::failed(ctx, denied)
}
