//! Guessing is counted once for all nodes, over HTTP and a real database between them.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use serde_json::json;
use talon_core::staff::event::Role;

use crate::{
    house::{Answer, BRANCH, FromNoon, House, PASSWORD, Pass},
    node,
    postgres::Database,
};

const NOON: &str = "2026-11-20T09:00:00Z";

async fn try_in(house: &House, email: &str, password: &str) -> Answer {
    let form = json!({ "email": email, "password": password }).to_string();
    house.post(&Pass::Nobody, "/auth/login", &[], form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_misses_spread_over_two_nodes_lock_on_both_and_a_restart_does_not_unlock() {
    let Some(database) = Database::create().await else { return };
    let clock = Arc::new(FromNoon::at(NOON));
    let one = House::over(node::open(&database.url).await, clock.clone()).await;
    let two = House::beside(node::open(&database.url).await, clock.clone()).await;
    let anna = one.hire(Role::Operator, Some(BRANCH)).await;
    let boris = one.hire(Role::Operator, Some(BRANCH)).await;
    // All of them at once: two nodes that race count both.
    let five = tokio::join!(
        try_in(&one, &anna, "not the password"),
        try_in(&two, &anna, "not the password"),
        try_in(&one, &anna, "not the password"),
        try_in(&two, &anna, "not the password"),
        try_in(&one, &anna, "not the password"),
    );
    for answer in [five.0, five.1, five.2, five.3, five.4] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    }
    // Some more, on either node, so that the wait is longer than what follows takes on any machine.
    for (wait, house) in [(5, &two), (10, &one), (20, &two), (40, &one), (80, &two)] {
        clock.skip(wait + 1);
        let answer = try_in(house, &anna, "not the password").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    }
    for house in [&one, &two] {
        let answer = try_in(house, &anna, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text);
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
    }
    one.talon.stop().await;
    two.talon.stop().await;
    let restarted = House::beside(node::open(&database.url).await, clock.clone()).await;
    let answer = try_in(&restarted, &anna, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text);
    assert_eq!(try_in(&restarted, &boris, PASSWORD).await.status, StatusCode::OK, "nobody else waits");
    clock.skip(161);
    assert_eq!(try_in(&restarted, &anna, PASSWORD).await.status, StatusCode::OK, "the wait has an end");
    restarted.talon.stop().await;
}
