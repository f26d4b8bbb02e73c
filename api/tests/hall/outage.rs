//! PostgreSQL goes away under a running server and comes back: first the way to it alone, then the server itself.

use std::time::{Duration, Instant};

use serde_json::json;
use talon_core::ids::TicketId;
use tokio::{join, sync::watch};

use crate::{
    house::PATIENCE,
    node::{self, Node},
    observer::{HURRIED, Observer, impatient},
    postgres::{Database, Server},
    record,
    scene::Scene,
    work::{Shift, board_of, essence, insist},
};

/// How soon after a database is back everything that follows the log does so again.
const HEALED: Duration = Duration::from_secs(5);

/// A load balancer's question, asked until it is content: readiness is asked for and never told.
async fn is_ready(shift: &Shift, address: &str) {
    insist("the house is ready", PATIENCE, async || {
        let ready = shift.get(format!("{address}/readyz")).await?;
        (ready["ready"] == true && ready["degraded"] == false).then_some(())
    })
    .await;
}

/// A node says that its database is away, to those who ask for it and to nobody else.
async fn is_away(shift: &Shift, scene: &Scene, address: &str) {
    let (tables, ready, alive) = join!(
        scene.tables(address, None),
        shift.status(format!("{address}/readyz")),
        shift.status(format!("{address}/healthz"))
    );
    assert_eq!((tables, ready, alive), (Err("UNAVAILABLE".into()), 503, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_way_to_its_database_a_house_shows_its_hall_and_takes_nothing() {
    let Some(database) = Database::create().await else { return };
    node::install(&database.url).await;
    let (road, url) = database.road().await;
    let node = Node::start(&url);
    let (_addresses, known) = watch::channel(vec![node.address.clone()]);
    let (shift, address) = (Shift::at(known), node.address.as_str());
    let mut scene = Scene::set(&shift, address).await;
    shift.board_at(address, &scene.position).await;
    let (before, presses) = (scene.remembered(address).await, scene.presses());

    let alone = [address];
    road.close();
    join!(
        is_away(&shift, &scene, address),
        scene.is_refused(address, &presses),
        scene.goes_on(&alone, &before)
    );

    road.open();
    scene.is_carried_out(address, &presses).await;
    scene.tables_follow(address, PATIENCE).await;
    shift.board_at(address, &scene.position).await;
    is_ready(&shift, address).await;
    node.stop();
    let storage = node::open(&database.url).await;
    record::once(&storage.events, &presses.commands()).await;
    record::sound(&storage.events).await;
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_and_rises_is_borne_by_two_nodes() {
    let Some(server) = Server::start() else { return };
    node::install_with(&server.url, impatient).await;
    let (first, second) = (Node::start(&server.url), Node::start(&server.url));
    let nodes = [first.address.as_str(), second.address.as_str()];
    let (_addresses, known) = watch::channel(nodes.map(str::to_owned).to_vec());
    let shift = Shift::at(known);
    let mut scene = Scene::set(&shift, nodes[0]).await;
    let mut before = Vec::new();
    for address in nodes {
        shift.board_at(address, &scene.position).await;
        before.push(scene.remembered(address).await);
    }
    assert_eq!(before[0], before[1]);
    let clerk = scene.operator.id_at(nodes[0]).await;
    let presses = [scene.presses(), scene.presses()];

    server.falls();
    join!(
        is_away(&shift, &scene, nodes[0]),
        is_away(&shift, &scene, nodes[1]),
        scene.is_refused(nodes[0], &presses[0]),
        scene.is_refused(nodes[1], &presses[1]),
        scene.goes_on(&nodes, &before[0])
    );

    server.rises();
    let back = Instant::now();
    let left = || HEALED.saturating_sub(back.elapsed());
    // Each press now at the other node; where a service ends, the second set finds it ended.
    scene.is_carried_out(nodes[1], &presses[0]).await;
    scene.is_issued(nodes[0], &presses[1]).await;
    let took = back.elapsed();
    assert!(took < HEALED, "commands were taken after {took:?}");
    let mut observer = Observer::of(node::open(&server.url).await, &scene.position);
    let hurried = scene.admin.press("issueTicket", json!({ "services": [HURRIED] })).await;
    let taught = observer.teaches(&clerk, &[crate::house::SERVICE]).await;
    observer.sees_reaction(taught, left()).await;
    observer.sees_long_wait(TicketId(hurried.ticket.unwrap()), left() + Duration::from_secs(1)).await;
    for address in nodes {
        scene.tables_follow(address, left().max(Duration::from_secs(1))).await;
    }
    eprintln!("commands {took:?}, everything {:?} after the database was back", back.elapsed());
    // Everything is told; both boards are one.
    let mut boards = Vec::new();
    for address in nodes {
        shift.board_at(address, &scene.position).await;
        is_ready(&shift, address).await;
        boards.push(essence(&shift.get(board_of(address)).await.unwrap()));
    }
    assert_eq!(boards[0], boards[1]);
    let mut commands = presses[0].commands().to_vec();
    commands.extend(&presses[1].commands()[..2]);
    record::once(&observer.storage.events, &commands).await;
    record::sound(&observer.storage.events).await;
    observer.storage.close().await;
    first.stop();
    second.stop();
}
