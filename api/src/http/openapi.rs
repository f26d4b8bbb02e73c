//! The description of the HTTP interface, as a document clients can be made from.

use axum::{http::header, response::IntoResponse};

/// The document; a test holds it against the routes there are.
pub const DOCUMENT: &str = include_str!("../../assets/openapi.json");

/// `GET /openapi.json`.
pub async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}
