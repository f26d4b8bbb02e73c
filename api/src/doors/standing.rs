//! How long somebody who was let in stays so: lines that stay open end with the right to them.

use chrono::TimeDelta;

use crate::{
    auth::{Principal, Who},
    http::App,
};

/// How soon a line notices that its caller was signed out or revoked.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(2);

/// Returns when whoever asks has been signed out, dismissed or revoked, or their token has run out; for strangers never.
pub(crate) async fn ended(app: App, principal: Principal) {
    loop {
        let next_look = app.clock.now() + LOOK_AGAIN;
        let until = match &principal.who {
            Who::Staff { until, .. } | Who::Customer { until, .. } => next_look.min(*until),
            Who::Device { .. } => next_look,
            Who::Nobody => return std::future::pending().await,
        };
        app.clock.sleep_until(until).await;
        if !app.access.stands(&principal) {
            return;
        }
    }
}
