//! Other systems that are told of events, and how the calls to them go.

use async_graphql::{Context, ID, Object, Result};
use talon_core::{organisation, queue_event};

use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::integration::{Webhook, WebhookDelivery},
    },
};

#[derive(Debug, Default)]
pub struct IntegrationQueries;

#[Object]
impl IntegrationQueries {
    /// Systems that are called about events.
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Vec<Webhook>> {
        ctx.require(Permission::ManageIntegrations, None)?;
        let stream = organisation::stream();
        let all =
            ctx.app().desk.organisation.read(&stream, |it| {
                it.webhooks.iter().map(|(id, settings)| Webhook::of(id, settings)).collect()
            });
        all.await.map_err(|error| context::answered(ctx, &error))
    }

    /// The latest calls to one system, the newest first; those that are over are remembered for two weeks.
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        webhook: ID,
        #[graphql(default = 50, validator(minimum = 1, maximum = 200))] first: i32,
    ) -> Result<Vec<WebhookDelivery>> {
        ctx.require(Permission::ManageIntegrations, None)?;
        let most = u32::try_from(first).unwrap_or(50);
        let found = ctx.app().vault.messages_for(&webhook, most).await;
        let found = found.map_err(|error| context::failed(ctx, &error))?;
        Ok(found.into_iter().map(WebhookDelivery::from).collect())
    }

    /// The wire names of all events, for choosing which to be told of.
    async fn event_kinds(&self, ctx: &Context<'_>) -> Result<Vec<&'static str>> {
        ctx.require(Permission::ManageIntegrations, None)?;
        Ok(queue_event::kinds().collect())
    }
}
