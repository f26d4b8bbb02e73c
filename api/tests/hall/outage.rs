//! PostgreSQL goes away under a running server and comes back.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    house::{BRANCH, PATIENCE, SERVICE, new_id, until},
    node::{self, Node},
    postgres::Database,
    record,
    work::{Shift, board_of},
};

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_a_house_shows_its_boards_and_takes_nothing() {
    let Some(database) = Database::create().await else { return };
    node::install(&database.url).await;
    let (road, url) = database.road().await;
    let node = Node::start(&url);
    let (_addresses, known) = watch::channel(vec![node.address.clone()]);
    let shift = Shift::at(known);
    let mut admin = shift.administrator().await;
    admin.open_day().await;
    let first = admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
    let waiting = async |count: u32| {
        let board = shift.get(board_of(&node.address)).await?;
        (board["waiting"] == count).then_some(board)
    };
    until("the board shows the ticket", PATIENCE, async || waiting(1).await).await;
    // A kiosk's own way, to see the status.
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let tickets = format!("{}/api/v1/branches/{BRANCH}/tickets", node.address);
    let key = new_id();
    let take = async || {
        let sent = client
            .post(&tickets)
            .bearer_auth(admin.token())
            .header("idempotency-key", key.to_string())
            .json(&json!({ "services": [SERVICE] }))
            .send()
            .await
            .unwrap();
        (sent.status().as_u16(), sent.json::<Value>().await.unwrap())
    };

    road.close();
    let (status, problem) = take().await;
    assert_eq!((status, &problem["code"]), (503, &json!("UNAVAILABLE")), "{problem}");
    for _ in 0..3 {
        assert!(waiting(1).await.is_some(), "the board goes on from memory");
    }
    let alive = client.get(format!("{}/healthz", node.address)).send().await.unwrap();
    assert_eq!(alive.status().as_u16(), 200);
    let ready = client.get(format!("{}/readyz", node.address)).send().await.unwrap();
    assert_eq!(ready.status().as_u16(), 503);

    road.open();
    // The same touch again, until it is answered.
    let given = until("the house takes tickets again", PATIENCE, async || {
        let (status, given) = take().await;
        (status == 201 || status == 200).then_some(given)
    })
    .await;
    assert_ne!(given["number"].as_str(), first.number.as_deref());
    until("the board shows both", PATIENCE, async || waiting(2).await).await;
    until("the house is ready", PATIENCE, async || {
        let ready = shift.get(format!("{}/readyz", node.address)).await?;
        (ready["ready"] == true && ready["degraded"] == false).then_some(())
    })
    .await;
    node.stop();
    let storage = node::open(&database.url).await;
    assert_eq!(record::of_command(&storage.events, key).await.len(), 1);
    storage.close().await;
}
