//! A customer's further contacts: six digits go to a phone or an address, and whoever shows them is known by it too.

use axum::{
    Json, Router,
    extract::{FromRef, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use talon_core::ids::CustomerId;

use super::{
    access::{Form, private},
    problem::{Code, Problem, language},
    ways::{CodeSent, CodeShown, CodeWanted},
};
use crate::auth::{Access, Caller, Permission, Visitor};

pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new().route("/api/v1/me/contacts", post(code)).route("/api/v1/me/contacts/confirm", post(confirm))
}

async fn code(
    State(access): State<Access>,
    caller: Caller,
    visitor: Visitor,
    headers: HeaderMap,
    Form(form): Form<CodeWanted>,
) -> Result<Response, Problem> {
    let (id, wanted) = (myself(&caller)?, (form.kind.contact(), form.value.as_str()));
    let sent = access.send_contact_code(id, wanted, language(&headers), form.proof.as_ref(), visitor).await?;
    Ok(private((StatusCode::ACCEPTED, Json(CodeSent::from(sent))).into_response()))
}

async fn confirm(
    State(access): State<Access>,
    caller: Caller,
    visitor: Visitor,
    Form(form): Form<CodeShown>,
) -> Result<StatusCode, Problem> {
    access.confirm_contact(myself(&caller)?, &form.challenge, &form.code, visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The customer who asks.
fn myself(caller: &Caller) -> Result<&CustomerId, Problem> {
    caller.0.actor(Permission::ManageOwnAccount, None)?;
    Ok(caller.0.customer_id().ok_or(Code::Forbidden)?)
}
