//! Other systems that are told of events: added, changed, tried, removed.

use async_graphql::{Context, Object, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use talon_core::{
    dispatch::{DispatchError, Done, Envelope},
    ids::{BranchId, CommandId, derived},
    organisation::{self, command::Action, webhook::Webhook as Settings},
    refusal::Refusal,
};
use uuid::Uuid;

use super::sent;
use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::{
            input::{AddWebhookInput, ChangeWebhookInput, WebhookInput},
            integration::{Webhook, WebhookPayload, WebhookTestPayload},
        },
    },
    outbox::{
        Channel, Row,
        webhook::{Call, Policy},
    },
};

/// How long a try is worth anything.
const TEST_LIFE: TimeDelta = TimeDelta::minutes(5);

#[derive(Debug, Default)]
pub struct IntegrationMutations;

#[Object]
impl IntegrationMutations {
    /// Tells another system of events from now on. The answer holds the secret that signs the calls.
    async fn add_webhook(&self, ctx: &Context<'_>, input: AddWebhookInput) -> Result<WebhookPayload> {
        // The same press makes the same subscriber, however often it arrives; no other press makes it.
        let id = derived(&["webhook", &input.command_id.to_string()]).simple().to_string();
        let id = format!("hook-{}", &id[20..]);
        let press = (input.command_id, sent("addWebhook", &input));
        let settings = Settings {
            url: input.url,
            kinds: input.kinds,
            branches: branches(input.branches),
            active: input.active.unwrap_or(true),
        };
        if let Some(refusal) = refused_address(ctx, &settings)? {
            return Ok(refusal);
        }
        let action = Action::AddWebhook { webhook: id.clone(), settings: settings.clone() };
        let app = ctx.app();
        // Before the fact: the first calls may be under way as soon as it is written.
        let secret = secret_of(ctx, &id, input.command_id);
        let kept = app.vault.put_webhook_secret(&id, &secret).await;
        kept.map_err(|error| context::failed(ctx, &error))?;
        let done = match write(ctx, press, action).await? {
            Ok(done) => done,
            Err(refusal) => {
                if !is_known(ctx, &id).await? {
                    let forgotten = app.vault.forget_webhook(&id).await;
                    forgotten.map_err(|error| context::failed(ctx, &error))?;
                }
                return Ok(WebhookPayload { refusal: Some(refusal), ..WebhookPayload::default() });
            }
        };
        Ok(WebhookPayload {
            webhook: Some(Webhook::of(&id, &settings)),
            secret: Some(secret).filter(|_| done.may_be_shown(app.clock.now())),
            position: Some(ctx.position(done.position)),
            refusal: None,
        })
    }

    /// Another address, other kinds or branches, a pause; `newSecret` replaces what signs the calls.
    async fn change_webhook(&self, ctx: &Context<'_>, input: ChangeWebhookInput) -> Result<WebhookPayload> {
        let press = (input.command_id, sent("changeWebhook", &input));
        let id = input.webhook.to_string();
        let settings = Settings {
            url: input.url,
            kinds: input.kinds,
            branches: branches(input.branches),
            active: input.active.unwrap_or(true),
        };
        if let Some(refusal) = refused_address(ctx, &settings)? {
            return Ok(refusal);
        }
        let new_secret = input.new_secret.unwrap_or(false);
        let action = Action::ChangeWebhook { webhook: id.clone(), settings: settings.clone(), new_secret };
        let done = match write(ctx, press, action).await? {
            Ok(done) => done,
            Err(refusal) => {
                return Ok(WebhookPayload { refusal: Some(refusal), ..WebhookPayload::default() });
            }
        };
        let mut secret = None;
        // Who repeats an old press must neither see a secret nor bring a former one back.
        if new_secret && done.may_be_shown(ctx.app().clock.now()) {
            let new = secret_of(ctx, &id, input.command_id);
            let replaced = ctx.app().vault.replace_webhook_secret(&id, &new).await;
            secret = replaced.map_err(|error| context::failed(ctx, &error))?.then_some(new);
        }
        Ok(WebhookPayload {
            webhook: Some(Webhook::of(&id, &settings)),
            secret,
            position: Some(ctx.position(done.position)),
            refusal: None,
        })
    }

    /// The system is told nothing more; what was on its way to it is dropped.
    async fn remove_webhook(&self, ctx: &Context<'_>, input: WebhookInput) -> Result<WebhookPayload> {
        let press = (input.command_id, sent("removeWebhook", &input));
        let action = Action::RemoveWebhook { webhook: input.webhook.to_string() };
        Ok(match write(ctx, press, action).await? {
            Ok(done) => {
                WebhookPayload { position: Some(ctx.position(done.position)), ..WebhookPayload::default() }
            }
            Err(refusal) => WebhookPayload { refusal: Some(refusal), ..WebhookPayload::default() },
        })
    }

    /// Calls the system with an event of kind `test`, signed like any other.
    async fn test_webhook(&self, ctx: &Context<'_>, input: WebhookInput) -> Result<WebhookTestPayload> {
        ctx.require(Permission::ManageIntegrations, None)?;
        let id = input.webhook.to_string();
        let app = ctx.app();
        if !is_known(ctx, &id).await? {
            let unknown = Refusal::UnknownThing { what: "webhook" };
            return Ok(WebhookTestPayload {
                event_id: None,
                refusal: Some(ctx.refusal(&unknown, &nowhere())),
            });
        }
        let at = crate::http::instant(app.clock.now());
        let body = serde_json::json!({ "id": input.command_id, "kind": "test", "occurredAt": at });
        let call = Call { kind: "test".into(), event: input.command_id, body: body.to_string() };
        let row = Row {
            cause: input.command_id,
            channel: Channel::Webhook,
            to: &id,
            target: Some(&id),
            person: None,
            again: true,
            not_after: app.clock.now() + TEST_LIFE,
        };
        let put = async {
            let new = app.outbox.sealed(&row, &call).await?;
            app.vault.put_message(&new).await
        };
        put.await.map_err(|error| context::failed(ctx, &error))?;
        app.outbox.wake(Channel::Webhook);
        Ok(WebhookTestPayload { event_id: Some(input.command_id), refusal: None })
    }
}

fn branches(input: Option<Vec<crate::graphql::scalar::BranchCode>>) -> Vec<BranchId> {
    input.unwrap_or_default().into_iter().map(|it| it.0).collect()
}

async fn is_known(ctx: &Context<'_>, webhook: &str) -> Result<bool> {
    let organisation = &ctx.app().desk.organisation;
    let known = organisation.read(&organisation::stream(), |it| it.webhooks.contains_key(webhook)).await;
    known.map_err(|error| context::answered(ctx, &error))
}

fn nowhere() -> BranchId {
    BranchId::trusted("-")
}

/// Says at once what would otherwise be said at every call: that this house does not call such an address.
fn refused_address(ctx: &Context<'_>, settings: &Settings) -> Result<Option<WebhookPayload>> {
    ctx.require(Permission::ManageIntegrations, None)?;
    if Policy::of(&ctx.app().config.webhooks).check(&settings.url).is_ok() {
        return Ok(None);
    }
    let refusal = Some(ctx.refusal(&Refusal::Malformed { what: "url" }, &nowhere()));
    Ok(Some(WebhookPayload { refusal, ..WebhookPayload::default() }))
}

/// What signs the calls from this press on: the same for a press whose answer was lost, and nobody without the vault's
/// key can make it.
fn secret_of(ctx: &Context<'_>, webhook: &str, command: Uuid) -> String {
    let bytes = ctx.app().vault.blind_index("webhook secret", &format!("{webhook} {command}")).0;
    format!("whsec_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

type Written = Result<Done, crate::graphql::model::payload::Refusal>;

async fn write(ctx: &Context<'_>, press: (Uuid, Vec<u8>), action: Action) -> Result<Written> {
    let actor = ctx.asking().principal.actor(Permission::ManageIntegrations, None);
    let envelope = Envelope::new(CommandId(press.0), actor.map_err(|denied| ctx.denied(denied))?, &press.1);
    let written =
        ctx.app().desk.organisation.send(&organisation::stream(), envelope, action, |_, _| ()).await;
    match written {
        Ok((done, ())) => {
            crate::http::count_repeat(&done);
            Ok(Ok(done))
        }
        Err(DispatchError::Refused(refusal)) => Ok(Err(ctx.refusal(&refusal, &nowhere()))),
        Err(error) => Err(context::failed(ctx, &error)),
    }
}
