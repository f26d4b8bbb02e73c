//! The same press twice is one press; the same id for something else is refused.

use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::{Value, json};
use talon_core::device::event::DeviceKind;

use crate::{
    house::{House, SERVICE, new_id},
    record,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_repeated_at_the_kiosk_is_one_ticket() {
    let house = House::open().await;
    let kiosk = house.device(DeviceKind::Kiosk).await;
    house.at_window(&house.operator().await, "w6").await;
    let key = new_id();
    let wanted = json!({ "services": [SERVICE] });
    // A finger on glass: many at once, and another when the answer was lost.
    let mut answers = join_all((0..8).map(|_| house.take(&kiosk, key, &wanted))).await;
    answers.push(house.take(&kiosk, key, &wanted).await);
    let shown = |text: &str| {
        let mut body: Value = serde_json::from_str(text).unwrap();
        for moving in ["ahead", "quote"] {
            body.as_object_mut().unwrap().remove(moving);
        }
        body
    };
    let first = shown(&answers[0].text);
    for answer in &answers {
        assert!(answer.status.is_success(), "{}", answer.text);
        assert_eq!(shown(&answer.text), first);
    }
    let created = answers.iter().filter(|it| it.status == StatusCode::CREATED).count();
    assert_eq!(created, 1, "one of them took it, the others are told of it");
    assert_eq!(answers.last().unwrap().status, StatusCode::OK);
    let facts = record::of_command(&house.talon.storage.events, key).await;
    assert_eq!(facts.len(), 1, "{facts:?}");

    let before = house.log_length().await;
    let other = house.take(&kiosk, key, &json!({ "services": ["packaging"] })).await;
    assert_eq!((other.status, other.code().as_deref()), (StatusCode::CONFLICT, Some("COMMAND_ID_REUSED")));
    let somebody_else = house.device(DeviceKind::Kiosk).await;
    let paired = house.log_length().await;
    assert!(paired > before);
    let answer = house.take(&somebody_else, key, &wanted).await;
    assert_eq!(answer.code().as_deref(), Some("COMMAND_ID_REUSED"), "{}", answer.text);
    assert_eq!(house.log_length().await, paired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_does_its_work_once() {
    let house = House::open().await;
    let anna = house.operator().await;
    house.at_window(&anna, "w6").await;
    for _ in 0..3 {
        house.ticket(&anna).await;
    }
    let call = json!({ "commandId": new_id(), "window": "w6" });
    let first = house.done(&anna, "callNext", call.clone()).await;
    assert!(first["ticket"]["number"].is_string());
    let before = house.log_length().await;
    let again = house.done(&anna, "callNext", call.clone()).await;
    assert_eq!((&again["ticket"], &again["position"]), (&first["ticket"], &first["position"]));

    // The same id for another window, another step or by somebody else is something else.
    let mut elsewhere = call.clone();
    elsewhere["window"] = json!("w5");
    for (pass, mutation, input) in [
        (&anna, "callNext", elsewhere),
        (&anna, "pauseWindow", json!({ "commandId": call["commandId"], "window": "w6", "reason": "lunch" })),
        (&house.operator().await, "callNext", call.clone()),
    ] {
        let answer = house.press(pass, mutation, input).await;
        assert_eq!(answer.code().as_deref(), Some("COMMAND_ID_REUSED"), "{mutation}: {}", answer.text);
    }
    let called =
        record::of_command(&house.talon.storage.events, call["commandId"].as_str().unwrap().parse().unwrap());
    assert_eq!(called.await.len(), 1);
    // Only the third colleague's joining and signing in were written since.
    let facts = record::facts(&house.talon.storage.events).await;
    assert!(
        facts.iter().filter(|it| it.position > before).all(|it| !it.stream.as_str().starts_with("queue"))
    );
}
