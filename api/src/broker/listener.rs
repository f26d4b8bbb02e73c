//! Listens to the queue of an outside authentication service. News are noted before they are acknowledged, so that none
//! is lost; what cannot be read, or is not signed as it should be, goes to the queue `<name>.dead` and nowhere else.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use lapin::{
    BasicProperties, Channel, Confirmation,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde::Deserialize;
use sha2::Sha256;
use talon_core::{ids::OperatorId, time::Clock};
use talon_storage::{Leadership, vault::TokenHash};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{BrokerError, connected, in_time, keep_at};
use crate::{
    auth::{Access, OutsideNews, Subject},
    config,
};

const NAME: &str = "amqp listener";
/// Messages under way at once.
const PREFETCH: u16 = 50;
const LARGEST: usize = 64 * 1024;
/// The header that signs a message: HMAC-SHA256 of the body under the shared secret, in hex.
const SIGNATURE: &str = "talon-signature";

/// What the listener works with.
pub struct Listener {
    pub config: config::Amqp,
    pub access: Access,
    pub leadership: Leadership,
    pub clock: Arc<dyn Clock>,
    pub stop: CancellationToken,
}

/// A message as the service writes it. Fields it has beyond these do not matter.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Message {
    #[serde(rename = "token.created")]
    Created { token: String, staff: Option<String>, email: Option<String>, expires_at: DateTime<Utc> },
    #[serde(rename = "token.refreshed")]
    Refreshed {
        token: String,
        previous: String,
        staff: Option<String>,
        email: Option<String>,
        expires_at: DateTime<Utc>,
    },
    #[serde(rename = "token.revoked")]
    Revoked { token: String },
}

impl Listener {
    #[must_use]
    pub fn is_wanted(config: &config::Amqp) -> bool {
        !config.url.reveal().is_empty() && !config.listen_queue.is_empty()
    }

    /// Listens until told to stop, whenever this node is the one to do it.
    pub async fn run(self) {
        keep_at(NAME, &self.leadership, &self.clock, &self.stop, || Box::pin(self.listen())).await;
    }

    async fn listen(&self) -> Result<(), BrokerError> {
        let connection = connected(self.config.url.reveal(), "talon listener").await?;
        let queue = self.config.listen_queue.as_str();
        // A queue of the service's own making is taken as it is; a missing one is made. Asking for one that is missing
        // ends the channel, so the question has a channel of its own.
        let asked = in_time(connection.create_channel()).await?;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
        let exists = in_time(asked.queue_declare(queue.into(), passive, FieldTable::default())).await.is_ok();
        let channel = in_time(connection.create_channel()).await?;
        if !exists {
            let durable = QueueDeclareOptions::durable();
            in_time(channel.queue_declare(queue.into(), durable, FieldTable::default())).await?;
        }
        let (dead, durable) = (self.dead(), QueueDeclareOptions::durable());
        in_time(channel.queue_declare(dead.as_str().into(), durable, FieldTable::default())).await?;
        in_time(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        in_time(channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(queue.into(), "talon".into(), options, FieldTable::default());
        let mut consumer = in_time(consumer).await?;
        info!(queue, "listens to an outside authentication service");
        while let Some(delivery) = consumer.next().await {
            self.take(&channel, &delivery?).await?;
        }
        Err(BrokerError::Silent)
    }

    fn dead(&self) -> String {
        format!("{}.dead", self.config.listen_queue)
    }

    async fn take(&self, channel: &Channel, delivery: &Delivery) -> Result<(), BrokerError> {
        let outcome = match self.read(delivery) {
            // What was not noted is not acknowledged: the broker brings it again on the next connection.
            Ok(news) => {
                self.access.take_note(news).await.map_err(|_| BrokerError::NotNoted)?;
                "noted"
            }
            Err(why) => {
                warn!(why, "a message of the outside authentication service is put aside");
                self.put_aside(channel, delivery, why).await?;
                "dead"
            }
        };
        metrics::counter!("amqp_heard_total", "outcome" => outcome).increment(1);
        in_time(delivery.ack(BasicAckOptions::default())).await?;
        Ok(())
    }

    fn read(&self, delivery: &Delivery) -> Result<OutsideNews, &'static str> {
        if delivery.data.len() > LARGEST {
            return Err("TOO_LARGE");
        }
        let secret = self.config.listen_secret.reveal();
        if !secret.is_empty() && !is_signed(secret, delivery) {
            return Err("SIGNATURE");
        }
        let message = serde_json::from_slice(&delivery.data).map_err(|_| "FORM")?;
        match message {
            Message::Created { token, staff, email, expires_at } => {
                Ok(OutsideNews::Created { token: hash(&token)?, subject: subject(staff, email)?, expires_at })
            }
            Message::Refreshed { token, previous, staff, email, expires_at } => Ok(OutsideNews::Refreshed {
                token: hash(&token)?,
                previous: hash(&previous)?,
                subject: subject(staff, email)?,
                expires_at,
            }),
            Message::Revoked { token } => Ok(OutsideNews::Revoked { token: hash(&token)? }),
        }
    }

    /// Moves a message to the queue of the dead, with the reason in a header, as it was.
    async fn put_aside(&self, channel: &Channel, delivery: &Delivery, why: &str) -> Result<(), BrokerError> {
        let mut headers = delivery.properties.headers().clone().unwrap_or_default();
        headers.insert("talon-failure".into(), AMQPValue::LongString(why.into()));
        let properties: BasicProperties =
            delivery.properties.clone().with_headers(headers).with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        let dead = self.dead();
        let put = channel.basic_publish("".into(), dead.as_str().into(), options, &delivery.data, properties);
        let confirm = in_time(put).await?;
        match in_time(confirm).await? {
            Confirmation::Ack(_) => Ok(()),
            Confirmation::Nack(_) | Confirmation::NotRequested => Err(BrokerError::NotTaken),
        }
    }
}

fn hash(hexadecimal: &str) -> Result<TokenHash, &'static str> {
    let bytes = hex::decode(hexadecimal).map_err(|_| "TOKEN")?;
    TokenHash::try_from(bytes).map_err(|_| "TOKEN")
}

fn subject(staff: Option<String>, email: Option<String>) -> Result<Subject, &'static str> {
    match (staff, email) {
        (Some(staff), None) => OperatorId::parse(&staff).map(Subject::Staff).map_err(|_| "SUBJECT"),
        (None, Some(email)) if email.contains('@') && email.len() <= 254 => Ok(Subject::Email(email)),
        _ => Err("SUBJECT"),
    }
}

fn is_signed(secret: &str, delivery: &Delivery) -> bool {
    let Some(headers) = delivery.properties.headers() else { return false };
    let shown = match headers.inner().get(SIGNATURE) {
        Some(AMQPValue::LongString(it)) => hex::decode(it.as_bytes()),
        Some(AMQPValue::ShortString(it)) => hex::decode(it.as_str()),
        _ => return false,
    };
    let mut sum = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    sum.update(&delivery.data);
    // Compares in constant time.
    shown.is_ok_and(|it| sum.verify_slice(&it).is_ok())
}
