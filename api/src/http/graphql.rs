//! `POST /graphql`, conforming to GraphQL over HTTP.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use talon_texts::Language;

use super::{
    App,
    problem::{Code, Problem},
};
use crate::{auth::Caller, graphql::context::Asking};

const NEWER: &str = "application/graphql-response+json";
const OLDER: &str = "application/json";

/// Executes one document.
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let text =
        |name: header::HeaderName| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !text(header::CONTENT_TYPE).starts_with(OLDER) {
        return Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let newer = text(header::ACCEPT).contains(NEWER);
    let request: async_graphql::Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(_) => return Err(Problem::malformed("body").with_status(StatusCode::BAD_REQUEST)),
    };
    let language = Language::accepted(text(header::ACCEPT_LANGUAGE));
    let response = app
        .executor()
        .execute(request, Asking { principal: caller.0, language, stale: Arc::default() })
        .await;
    // Without data nothing was executed: the newer media type says so in the status, the older never does.
    let refused = response.is_err() && matches!(response.data, async_graphql::Value::Null);
    let executed = response.errors.iter().any(|error| !error.path.is_empty());
    let status = if newer && refused && !executed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let bytes = serde_json::to_vec(&response).map_err(|_| Problem::of(Code::Internal))?;
    let kind = HeaderValue::from_static(if newer { NEWER } else { OLDER });
    Ok((status, [(header::CONTENT_TYPE, kind)], bytes).into_response())
}
