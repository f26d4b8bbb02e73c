//! GraphQL over a socket (graphql-transport-ws). Who asks is settled when it opens: by the token in `connection_init`,
//! else by the cookie of a device, as over HTTP. It holds as long as the token does, or the session, or the device's
//! pairing; then the socket ends, and the client comes back with what it has by then.

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::{
    extract::{Extension, State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
};
use serde_json::Value;
use talon_texts::Language;
use tokio::sync::oneshot;

use super::{
    context::Asking,
    throttle::{OpenedFrom, UnderWay},
};
use crate::{
    auth::{AccessDenied, ClientAddress, Principal},
    doors::{crowd::Line, standing},
    http::App,
};

/// `GET /graphql/ws`.
pub async fn upgrade(
    State(app): State<App>,
    ClientAddress(from): ClientAddress,
    line: Option<Extension<Line>>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    let language = headers
        .get("accept-language")
        .and_then(|it| it.to_str().ok())
        .map_or_else(Language::default, Language::accepted);
    socket.protocols(async_graphql::http::ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        let (settled, asks) = oneshot::channel();
        let house = app.clone();
        let init = move |payload: Value| async move {
            let principal = match bearer(&payload) {
                None => house.access.caller(&headers).await,
                Some(token) => house.access.bearer(token).await,
            };
            let principal = principal.map_err(|denied| {
                let code = match denied {
                    AccessDenied::Unavailable => "UNAVAILABLE",
                    _ => "UNAUTHENTICATED",
                };
                async_graphql::Error::new(code)
            })?;
            let _ = settled.send(principal.clone());
            let mut data = Data::default();
            data.insert(OpenedFrom(from));
            data.insert(UnderWay::of(&principal, &house.config.limits));
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
            () = no_longer_stands(app.clone(), asks) => {}
            () = app.shutdown.cancelled() => {}
        }
        drop(line);
    })
}

/// Returns when whoever opened the socket may no longer have it.
async fn no_longer_stands(app: App, asks: oneshot::Receiver<Principal>) {
    match asks.await {
        Ok(principal) => standing::ended(app, principal).await,
        Err(_) => std::future::pending().await,
    }
}

fn bearer(payload: &Value) -> Option<&str> {
    payload.get("authorization").and_then(Value::as_str).map(|it| it.strip_prefix("Bearer ").unwrap_or(it))
}

fn named(payload: &Value) -> Option<Language> {
    payload.get("language").and_then(Value::as_str).and_then(Language::of_tag)
}
