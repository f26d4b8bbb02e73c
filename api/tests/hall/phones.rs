//! A provider of short messages, and customers who sign in by the codes it was given to send.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{Router, http::StatusCode, routing::post};
use serde_json::{Value, json};
use talon_api::config::{Config, Secret};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

use crate::house::{House, PATIENCE, Pass};

/// The phones of everybody.
#[derive(Debug)]
pub(crate) struct Phones {
    texts: Mutex<mpsc::UnboundedReceiver<String>>,
    known: AtomicU32,
}

impl Phones {
    /// Starts the provider and makes it that of the house to come.
    pub(crate) async fn for_house(config: &mut Config) -> Self {
        let (sent, texts) = mpsc::unbounded_channel();
        let provider = Router::new().route(
            "/",
            post(move |message: String| {
                let heard = sent.send(message).is_ok();
                async move { if heard { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE } }
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        config.sms.url = Secret::new(format!("http://{}/", listener.local_addr().unwrap()));
        tokio::spawn(async move { axum::serve(listener, provider).await });
        Self { texts: Mutex::new(texts), known: AtomicU32::new(0) }
    }

    /// Somebody nobody knew before signs in by phone.
    pub(crate) async fn customer(&self, house: &House) -> Pass {
        let phone = format!("+7917{:07}", 1_234_567 + self.known.fetch_add(1, Ordering::Relaxed));
        let ask = json!({ "kind": "phone", "value": phone }).to_string();
        let asked = house.post(&Pass::Nobody, "/auth/code", &[], ask).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
        let text = tokio::time::timeout(PATIENCE, self.text_to(&phone)).await.unwrap();
        let code = text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6).unwrap();
        let show = json!({ "challenge": asked.json()["challenge"], "code": code }).to_string();
        let done = house.post(&Pass::Nobody, "/auth/code/confirm", &[], show).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        Pass::Bearer(done.json()["accessToken"].as_str().unwrap().to_owned())
    }

    /// The next message to this phone; others are of no interest.
    async fn text_to(&self, phone: &str) -> String {
        loop {
            let message: Value =
                serde_json::from_str(&self.texts.lock().await.recv().await.unwrap()).unwrap();
            if message["to"] == phone {
                return message["text"].as_str().unwrap().to_owned();
            }
        }
    }
}
