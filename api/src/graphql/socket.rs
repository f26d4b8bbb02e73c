//! GraphQL over a socket (graphql-transport-ws): who asks is settled by `connection_init` and holds as long as the
//! access token does; then the socket ends and the client comes back with a fresh one.

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::{
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use talon_texts::Language;
use tokio::sync::watch;

use super::context::Asking;
use crate::{
    auth::{Principal, Who},
    http::App,
};

/// `GET /graphql/ws`.
pub async fn upgrade(
    State(app): State<App>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    let language = headers
        .get("accept-language")
        .and_then(|it| it.to_str().ok())
        .map_or_else(Language::default, Language::accepted);
    socket.protocols(async_graphql::http::ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        let (until, ends) = watch::channel::<Option<DateTime<Utc>>>(None);
        let house = app.clone();
        let init = move |payload: Value| async move {
            let principal = match bearer(&payload) {
                None => Principal::nobody(),
                Some(token) => house
                    .access
                    .bearer(token)
                    .await
                    .map_err(|_| async_graphql::Error::new("UNAUTHENTICATED"))?,
            };
            if let Who::Staff { until: end, .. } = &principal.who {
                until.send_replace(Some(*end));
            }
            let mut data = Data::default();
            data.insert(Asking {
                principal,
                language: named(&payload).unwrap_or(language),
                stale: std::sync::Arc::default(),
            });
            Ok(data)
        };
        let serving = GraphQLWebSocket::new(socket, app.executor().schema().clone(), protocol)
            .on_connection_init(init)
            .keepalive_timeout(std::time::Duration::from_secs(30))
            .serve();
        tokio::select! {
            () = serving => {}
            () = end_of(&app, ends) => {}
            () = app.shutdown.cancelled() => {}
        }
    })
}

async fn end_of(app: &App, mut ends: watch::Receiver<Option<DateTime<Utc>>>) {
    match ends.wait_for(Option::is_some).await.map(|end| *end) {
        Ok(Some(end)) => app.clock.sleep_until(end).await,
        Ok(None) | Err(_) => std::future::pending().await,
    }
}

fn bearer(payload: &Value) -> Option<&str> {
    payload.get("authorization").and_then(Value::as_str).map(|it| it.strip_prefix("Bearer ").unwrap_or(it))
}

fn named(payload: &Value) -> Option<Language> {
    payload.get("language").and_then(Value::as_str).and_then(Language::of_tag)
}
