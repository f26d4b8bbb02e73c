//! The broker, against a real RabbitMQ. It starts slowly: one server serves everything here, one scene after the other.

use futures_util::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use lapin::{
    BasicProperties, Channel,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ExchangeDeclareOptions,
        QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use talon_storage::{Access, Storage, StoreUrl};

use crate::{
    house::{EMAIL, House, furnish},
    rabbit::Rabbit,
    support::{config, until},
};

const SECRET: &str = "shared with the service";

#[tokio::test(flavor = "multi_thread")]
async fn events_are_published_and_an_outside_service_is_obeyed() {
    let Some(rabbit) = Rabbit::start().await else { return };
    events_are_published_in_the_order_of_the_log(&rabbit).await;
    what_happened_while_nobody_published_is_told_later(&rabbit).await;
    an_outside_token_is_honoured_refreshed_and_revoked(&rabbit).await;
    what_cannot_be_believed_is_put_aside(&rabbit).await;
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

/// A queue that hears everything an exchange is told.
async fn ear(channel: &Channel, exchange: &str) -> lapin::Consumer {
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let topic = lapin::ExchangeKind::Topic;
    channel.exchange_declare(exchange.into(), topic, durable, FieldTable::default()).await.unwrap();
    let queue = format!("{exchange}-ear");
    channel
        .queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), FieldTable::default())
        .await
        .unwrap();
    let (bind, none) = (QueueBindOptions::default(), FieldTable::default());
    channel.queue_bind(queue.as_str().into(), exchange.into(), "staff.#".into(), bind, none).await.unwrap();
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    channel.basic_consume(queue.as_str().into(), "ear".into(), options, FieldTable::default()).await.unwrap()
}

async fn heard(ear: &mut lapin::Consumer) -> (Delivery, Value) {
    let next = tokio::time::timeout(crate::support::PATIENCE, ear.next()).await.expect("a message in time");
    let delivery = next.expect("an open queue").unwrap();
    let told = serde_json::from_slice(&delivery.data).unwrap();
    (delivery, told)
}

async fn events_are_published_in_the_order_of_the_log(rabbit: &Rabbit) {
    let connection = rabbit.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let mut ear = ear(&channel, "talon-told").await;
    let keys = [
        ("TALON_AMQP__URL", rabbit.url.as_str()),
        ("TALON_AMQP__EXCHANGE", "talon-told"),
        ("TALON_AMQP__KINDS", "staff.session_started,staff.password_changed"),
    ];
    let mut house = House::open(config(&keys)).await;
    let vault = house.talon.storage.vault.clone();
    until("the publisher", async || vault.checkpoint("amqp publisher").await.unwrap()).await;
    for _ in 0..5 {
        house.sign_in().await;
    }
    let all: Vec<Value> =
        house.events("staff.session_started").await.iter().map(|it| it["session"].clone()).collect();
    // The first sign-in may have been before the publisher began; from there on none is left out.
    let mut sessions: Vec<Value> = Vec::new();
    while sessions.last() != all.last() {
        let (delivery, told) = heard(&mut ear).await;
        sessions.push(told["data"]["session"].clone());
        assert_eq!(told["kind"], "staff.session_started");
        assert_eq!(delivery.routing_key.as_str(), "staff.session_started");
        let properties = &delivery.properties;
        assert_eq!(properties.message_id().as_ref().unwrap().as_str(), told["id"].as_str().unwrap());
        assert_eq!(*properties.delivery_mode(), Some(2), "kept on disk by the broker");
        let text = String::from_utf8_lossy(&delivery.data).into_owned();
        assert!(!text.contains(EMAIL) && !text.contains("Анна"), "{text}");
    }
    assert!(
        sessions.len() >= 5 && all.ends_with(&sessions),
        "in the order of the log: {sessions:?} of {all:?}"
    );
    house.talon.stop().await;
    connection.close(200, "done".into()).await.unwrap();
}

async fn what_happened_while_nobody_published_is_told_later(rabbit: &Rabbit) {
    let connection = rabbit.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let mut ear = ear(&channel, "talon-later").await;
    let publishing = config(&[
        ("TALON_AMQP__URL", rabbit.url.as_str()),
        ("TALON_AMQP__EXCHANGE", "talon-later"),
        ("TALON_AMQP__KINDS", "staff.*"),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().into());
    let stored = async || Storage::open(&url, Access::Owner, None).await.unwrap();
    let storage = stored().await;
    furnish(&storage).await;
    let house = House::over(storage, publishing.clone()).await;
    let (admin, vault) = (house.admin.clone(), house.talon.storage.vault.clone());
    let began = until("the publisher", async || vault.checkpoint("amqp publisher").await.unwrap()).await;
    house.talon.stop().await;
    // A house without a broker, as one whose broker is away: nobody publishes, the log goes on.
    let mut house = House::again(stored().await, config(&[]), &admin).await;
    house.sign_in().await;
    house.talon.stop().await;
    let house = House::again(stored().await, publishing, &admin).await;
    // Some were told by the first house before it ended; each is told at least once, and in order.
    let log = house.talon.storage.events.read_all(0, 10_000).await.unwrap();
    let of_staff = log.iter().filter(|it| it.kind.starts_with("staff."));
    let all: Vec<String> = of_staff.clone().map(|it| it.event_id.to_string()).collect();
    let since = of_staff.filter(|it| it.position > began.position).count();
    assert!(since >= 3, "two signed in while nobody published, one after that: {since}");
    let mut told: Vec<String> = Vec::new();
    while told.last() != all.last() {
        let (_, notice) = heard(&mut ear).await;
        told.push(notice["id"].as_str().unwrap().to_owned());
    }
    told.dedup();
    assert!(told.len() >= since && all.ends_with(&told), "{told:?} of {all:?}");
    house.talon.stop().await;
    connection.close(200, "done".into()).await.unwrap();
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What the service says, signed as agreed.
async fn say(channel: &Channel, queue: &str, message: &Value, secret: &str) {
    let body = message.to_string();
    let mut sum = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    sum.update(body.as_bytes());
    let mut headers = FieldTable::default();
    headers.insert("talon-signature".into(), text(&hex::encode(sum.finalize().into_bytes())));
    let properties = BasicProperties::default().with_headers(headers);
    let options = BasicPublishOptions::default();
    let said = channel.basic_publish("".into(), queue.into(), options, body.as_bytes(), properties).await;
    said.unwrap().await.unwrap();
}

async fn listening(rabbit: &Rabbit, queue: &str) -> House {
    let keys = [
        ("TALON_AMQP__URL", rabbit.url.as_str()),
        ("TALON_AMQP__EXCHANGE", ""),
        ("TALON_AMQP__LISTEN_QUEUE", queue),
        ("TALON_AMQP__LISTEN_SECRET", SECRET),
    ];
    House::open(config(&keys)).await
}

async fn until_status(house: &House, token: &str, status: u16) {
    let what = format!("{status} for {token}");
    until(&what, async || (house.status(token).await == status).then_some(())).await;
}

async fn an_outside_token_is_honoured_refreshed_and_revoked(rabbit: &Rabbit) {
    let connection = rabbit.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let queue = "outside";
    let house = listening(rabbit, queue).await;
    let durable = QueueDeclareOptions::durable();
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await.unwrap();
    assert_eq!(house.status("outside-token-1").await, 401);
    let expires = (house.now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let created = json!({
        "type": "token.created", "token": hash("outside-token-1"), "email": "Anna@Example.org", "expiresAt": expires,
    });
    say(&channel, queue, &created, SECRET).await;
    until_status(&house, "outside-token-1", 200).await;
    let me = house.ask_as("outside-token-1", "{ webhooks { id } }", json!({})).await;
    assert!(me["errors"].is_null(), "she is who she is here: {me}");
    // The same news again changes nothing.
    say(&channel, queue, &created, SECRET).await;
    let refreshed = json!({
        "type": "token.refreshed", "token": hash("outside-token-2"), "previous": hash("outside-token-1"),
        "staff": house.admin.as_str(), "expiresAt": expires,
    });
    say(&channel, queue, &refreshed, SECRET).await;
    until_status(&house, "outside-token-2", 200).await;
    until_status(&house, "outside-token-1", 401).await;
    // Both tokens are one sign-in, and the log tells of it once.
    let outside = async |kind: &str| {
        let all = house.events(kind).await;
        all.into_iter().map(|it| it["session"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let started = outside("staff.session_started").await;
    say(&channel, queue, &json!({ "type": "token.revoked", "token": hash("outside-token-2") }), SECRET).await;
    until_status(&house, "outside-token-2", 401).await;
    let ended = until("the end in the log", async || outside("staff.session_revoked").await.pop()).await;
    assert_eq!(started.iter().filter(|it| **it == ended).count(), 1);
    // Revoked before anybody heard that it exists: it never works.
    say(&channel, queue, &json!({ "type": "token.revoked", "token": hash("outside-token-3") }), SECRET).await;
    let late = json!({
        "type": "token.created", "token": hash("outside-token-3"), "email": EMAIL, "expiresAt": expires,
    });
    say(&channel, queue, &late, SECRET).await;
    let other = json!({
        "type": "token.created", "token": hash("outside-token-4"), "email": EMAIL, "expiresAt": expires,
    });
    say(&channel, queue, &other, SECRET).await;
    until_status(&house, "outside-token-4", 200).await;
    assert_eq!(house.status("outside-token-3").await, 401);
    // Signed out everywhere here means out, whatever the service thinks.
    assert_eq!(house.post_as("outside-token-4", "/auth/logout-everywhere").await, 204);
    assert_eq!(house.status("outside-token-4").await, 401);
    let ended = outside("staff.session_revoked").await;
    let started = outside("staff.session_started").await;
    // Hers by password, and those of the service: each has its end in the log.
    assert_eq!(started.len(), 3, "{started:?}");
    assert!(started.iter().all(|it| ended.contains(it)), "{ended:?}");
    house.talon.stop().await;
    connection.close(200, "done".into()).await.unwrap();
}

async fn what_cannot_be_believed_is_put_aside(rabbit: &Rabbit) {
    let connection = rabbit.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let queue = "outside-rubbish";
    let durable = QueueDeclareOptions::durable();
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await.unwrap();
    let house = listening(rabbit, queue).await;
    let expires = (house.now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let good = json!({
        "type": "token.created", "token": hash("token-5"), "staff": house.admin.as_str(), "expiresAt": expires,
    });
    let bad = [
        (json!("rubbish"), SECRET, "FORM"),
        (json!({ "type": "token.invented", "token": hash("x") }), SECRET, "FORM"),
        (json!({ "type": "token.revoked", "token": "short" }), SECRET, "TOKEN"),
        (json!({ "type": "token.created", "token": hash("x"), "expiresAt": expires }), SECRET, "SUBJECT"),
        (good.clone(), "another secret", "SIGNATURE"),
    ];
    for (message, secret, _) in &bad {
        say(&channel, queue, message, secret).await;
    }
    say(&channel, queue, &good, SECRET).await;
    until_status(&house, "token-5", 200).await;
    for (message, _, why) in &bad {
        let got =
            channel.basic_get(format!("{queue}.dead").as_str().into(), BasicGetOptions::default()).await;
        let got = got.unwrap().expect("put aside, in order");
        assert_eq!(String::from_utf8_lossy(&got.data), message.to_string());
        let headers = got.properties.headers().as_ref().unwrap();
        assert_eq!(headers.inner().get("talon-failure"), Some(&text(why)));
        got.ack(BasicAckOptions::default()).await.unwrap();
    }
    house.talon.stop().await;
    connection.close(200, "done".into()).await.unwrap();
}
