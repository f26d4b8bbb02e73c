//! The yardstick of everything over HTTP: a handler of the same framework that parses the same body and answers with a
//! body of the same length, and does nothing else.

use std::net::SocketAddr;

use axum::{Json, Router, routing::post, serve::ListenerExt};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// A bare server; it ends when this is dropped.
pub(super) struct Bare {
    pub(super) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Bare {
    pub(super) async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let routes = Router::new().route("/json", post(echo));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, serving })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn echo(Json(asked): Json<Value>) -> Json<Value> {
    let id = &asked["variables"]["input"]["commandId"];
    Json(json!({ "data": { "issueTicket": {
        "ticket": { "id": id, "number": "A001", "state": "WAITING" },
        "position": "00000000-0000-0000-0000-000000000000.1", "refusal": null,
    } } }))
}

/// What is posted to it: as long as the request of a ticket.
pub(super) const BODY: &str = concat!(
    r#"{"query":"mutation($input: IssueTicketInput!) { issueTicket(input: $input) "#,
    r#"{ ticket { id number state } position refusal { code } } }","variables":{"input":"#,
    r#"{"commandId":"01936f5e-0000-7000-8000-000000000000","branch":"bench-000","#,
    r#""services":["parcel-receive"],"language":"ru"}}}"#
);
