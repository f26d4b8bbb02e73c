//! Lines that stay open, as screens read them: events from the server, and GraphQL over a socket.

use std::net::SocketAddr;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, Response, StatusCode},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::house::{Answer, PATIENCE, Pass};

/// One event of a line.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// A line of events.
pub(crate) struct Events {
    chunks: BodyDataStream,
    text: String,
}

impl Events {
    pub(crate) fn of(response: Response<Body>) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { chunks: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; signs of life pass by. Nothing when the line has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                let line = |name: &str| {
                    let mut lines = frame.lines();
                    lines.find_map(|line| line.strip_prefix(name)).map(|it| it.trim().to_owned())
                };
                if let (Some(id), Some(kind), Some(data)) = (line("id:"), line("event:"), line("data:")) {
                    return Some(Event { id, kind, data: serde_json::from_str(&data).unwrap() });
                }
            }
            let chunk =
                tokio::time::timeout(PATIENCE, self.chunks.next()).await.expect("an event in time")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The first event for which something holds.
    pub(crate) async fn until(&mut self, holds: impl Fn(&Value) -> bool) -> Event {
        loop {
            let event = self.next().await.expect("the line goes on");
            if holds(&event.data) {
                return event;
            }
        }
    }
}

/// A socket that speaks graphql-transport-ws.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(address: SocketAddr, pass: &Pass) -> Self {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        if let Some((name, value)) = pass.header() {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (socket, response) = connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        let mut socket = Self(socket);
        let payload =
            pass.token().map_or(json!({}), |token| json!({ "authorization": format!("Bearer {token}") }));
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await.unwrap()["type"], "connection_ack");
        socket
    }

    pub(crate) async fn subscribe(&mut self, query: &str, variables: &Value) {
        self.subscribe_as("1", query, variables).await;
    }

    /// One of several subscriptions on this socket.
    pub(crate) async fn subscribe_as(&mut self, id: &str, query: &str, variables: &Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// Ends one of them.
    pub(crate) async fn complete(&mut self, id: &str) {
        self.say(json!({ "type": "complete", "id": id })).await;
    }

    /// The next answer to any subscription, and to which; signs of life and ends pass by.
    pub(crate) async fn next_of_any(&mut self) -> (String, Value) {
        loop {
            let said = self.hear().await.expect("the socket goes on");
            if let (Some("next"), Some(id)) = (said["type"].as_str(), said["id"].as_str()) {
                return (id.to_owned(), said["payload"].clone());
            }
        }
    }

    /// The next answer to the subscription; nothing when the socket has ended.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let said = self.hear().await?;
            match said["type"].as_str() {
                Some("next") => return Some(said["payload"].clone()),
                Some("error") => return Some(json!({ "errors": said["payload"] })),
                Some("complete") => return None,
                Some("ping") => self.say(json!({ "type": "pong" })).await,
                _ => {}
            }
        }
    }

    /// Subscribes and gives the first answer in the form of an HTTP answer.
    pub(crate) async fn first(mut self, query: &str, variables: &Value) -> Answer {
        self.subscribe(query, variables).await;
        let text = self.next().await.expect("a first answer").to_string();
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), text }
    }

    /// Returns when the socket itself is closed, whatever is said until then.
    pub(crate) async fn ends(&mut self) {
        while self.hear().await.is_some() {}
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hear(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message in time")? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}
