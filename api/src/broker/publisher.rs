//! Publishes chosen events to a topic exchange, in the order of the log, each at least once. It follows the log with a
//! checkpoint of its own that moves when the broker has confirmed: the log itself is its outbox. After a crash or a
//! broken connection some are published again under the same message id.

use std::sync::Arc;

use lapin::{
    BasicProperties, Channel, Confirmation, ExchangeKind,
    options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use talon_core::{
    fact::{Entry, Fact},
    ids::TicketId,
    organisation::webhook::fits,
    time::Clock,
};
use talon_projections::board::Live;
use talon_storage::{Leadership, Tail, Vault, vault::Checkpoint};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use uuid::Uuid;

use super::{BrokerError, connected, in_time, keep_at};
use crate::{config, http::problem::chain, outbox::notice::Notice};

const NAME: &str = "amqp publisher";
const BATCH: u32 = 500;
/// Events that nobody asked for move the checkpoint only this often.
const NOTED_EVERY: u64 = 2_000;
/// The broker writes the message to disk before it confirms.
const PERSISTENT: u8 = 2;

/// What the publisher works with.
pub struct Publisher {
    pub config: config::Amqp,
    pub tail: Tail,
    pub live: Arc<Live>,
    pub vault: Vault,
    pub leadership: Leadership,
    pub clock: Arc<dyn Clock>,
    pub log_id: Uuid,
    pub stop: CancellationToken,
}

impl Publisher {
    /// Whether there is anything to publish, and a broker to publish it to.
    #[must_use]
    pub fn is_wanted(config: &config::Amqp) -> bool {
        !config.url.reveal().is_empty() && !config.exchange.is_empty() && !config.kinds.is_empty()
    }

    /// Publishes until told to stop, whenever this node is the one to do it.
    pub async fn run(self) {
        keep_at(NAME, &self.leadership, &self.clock, &self.stop, || Box::pin(self.follow())).await;
    }

    async fn follow(&self) -> Result<(), BrokerError> {
        let connection = connected(self.config.url.reveal(), "talon publisher").await?;
        let channel = in_time(connection.create_channel()).await?;
        in_time(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let exchange = ShortString::from(self.config.exchange.as_str());
        in_time(channel.exchange_declare(exchange, ExchangeKind::Topic, durable, FieldTable::default()))
            .await?;
        info!(exchange = self.config.exchange, "publishes events");
        let mut known = self.place().await?;
        let mut at = known.position;
        loop {
            let batch = self.tail.next_batch(at, BATCH).await?;
            let published = self.publish(&channel, &batch).await?;
            at = batch.last().map_or(at, |last| last.position);
            if published == 0 && at.saturating_sub(known.position) < NOTED_EVERY {
                continue;
            }
            let next = Checkpoint { log_id: self.log_id, position: at };
            if !self.vault.set_checkpoint(NAME, Some(known), next).await? {
                return Err(BrokerError::Overtaken);
            }
            known = next;
        }
    }

    /// Where to go on. A new installation, and a log that was restored, begin at the head: what is older was told by the
    /// log before, or was never asked for.
    async fn place(&self) -> Result<Checkpoint, BrokerError> {
        let known = self.vault.checkpoint(NAME).await?;
        if let Some(known) = known.filter(|it| it.log_id == self.log_id) {
            return Ok(known);
        }
        let first = Checkpoint { log_id: self.log_id, position: self.tail.head() };
        if self.vault.set_checkpoint(NAME, known, first).await? {
            Ok(first)
        } else {
            Err(BrokerError::Overtaken)
        }
    }

    /// Publishes what is wanted of a batch and waits until the broker has it all; the number.
    async fn publish(&self, channel: &Channel, batch: &[Arc<Entry>]) -> Result<u64, BrokerError> {
        let mut confirms = Vec::new();
        for raw in batch.iter().filter(|raw| self.config.kinds.iter().any(|it| fits(it, &raw.kind))) {
            let fact = match raw.fact() {
                Ok(fact) if fact.is_imported() => continue,
                Ok(fact) => fact,
                Err(unreadable) => {
                    error!(error = %chain(&unreadable), "this event cannot be told");
                    continue;
                }
            };
            let notice = Notice::of(&fact, self.log_id, self.services(&fact));
            // Our own plain struct: serialising it cannot fail.
            let body = serde_json::to_vec(&notice).unwrap_or_default();
            let (exchange, key) = (self.config.exchange.as_str().into(), notice.kind.as_str().into());
            let options = BasicPublishOptions::default();
            confirms.push(
                in_time(channel.basic_publish(exchange, key, options, &body, described(&notice, &fact)))
                    .await?,
            );
        }
        let count = confirms.len() as u64;
        let all = async {
            for confirm in confirms {
                if !matches!(in_time(confirm).await?, Confirmation::Ack(_)) {
                    return Err(BrokerError::NotTaken);
                }
            }
            Ok(())
        };
        if count > 0 {
            crate::outgoing::call("amqp", all).await?;
            metrics::counter!("amqp_published_total").increment(count);
        }
        Ok(count)
    }

    /// The services of the visit, while its day is in the hall.
    fn services(&self, fact: &Fact) -> Vec<String> {
        let (Some(branch), Some(ticket)) = (&fact.meta.branch, fact.event.subject()) else {
            return Vec::new();
        };
        let found = self.live.ticket(branch, &TicketId(ticket));
        found.map_or_else(Vec::new, |(_, it)| it.services.iter().map(ToString::to_string).collect())
    }
}

fn described(notice: &Notice, fact: &Fact) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut put = |name: &str, value: &str| {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    };
    put("position", &notice.position);
    if let Some(branch) = &notice.branch {
        put("branch", branch);
    }
    BasicProperties::default()
        .with_message_id(notice.id.to_string().as_str().into())
        .with_type(notice.kind.as_str().into())
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_app_id("talon".into())
        .with_timestamp(u64::try_from(fact.recorded_at.timestamp()).unwrap_or_default())
        .with_headers(headers)
}
