//! Operations over a socket count like requests: whoever has a socket open must not get round the limits of the door. So
//! many of them may be under way at once on one socket.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_graphql::{
    ErrorExtensionValues, Request, Response, ServerError, ServerResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest, NextSubscribe},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::context::Asking;
use crate::{
    auth::{Principal, Who},
    config,
    doors::limits::{Limits, TooMany},
};

/// What whoever may do no more on this socket is told to wait, at least.
const ANOTHER_TIME_S: u32 = 5;

/// The address a socket was opened from. Operations without it came by HTTP and were counted there.
pub(super) struct OpenedFrom(pub(super) IpAddr);

/// What is under way on one socket, subscriptions above all: they last.
#[derive(Debug, Clone)]
pub(super) struct UnderWay {
    now: Arc<AtomicU32>,
    most: u32,
}

/// One operation, until it ends.
struct Operation(Arc<AtomicU32>);

impl Drop for Operation {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl UnderWay {
    pub(super) fn of(principal: &Principal, limits: &config::Limits) -> Self {
        let most = match principal.who {
            Who::Nobody => limits.subscriptions_of_strangers,
            Who::Staff { .. } | Who::Customer { .. } | Who::Device { .. } => limits.subscriptions,
        };
        Self { now: Arc::default(), most }
    }

    fn begin(&self) -> Option<Operation> {
        let operation = Operation(self.now.clone());
        let before = self.now.fetch_add(1, Ordering::Relaxed);
        (self.most == 0 || before < self.most).then_some(operation)
    }
}

/// The limits of the house.
#[derive(Debug, Clone)]
pub(super) struct Throttle(pub(super) Limits);

impl ExtensionFactory for Throttle {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Extension for Throttle {
    /// Called for every operation over a socket, before any of it is done.
    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let (Ok(asking), Ok(under_way)) = (ctx.data::<Asking>(), ctx.data::<UnderWay>()) else {
            return next.run(ctx, stream);
        };
        let Some(operation) = under_way.begin() else {
            metrics::counter!("limited_requests_total", "kind" => "subscriptions").increment(1);
            let refused = told_to_wait(asking, TooMany { seconds: ANOTHER_TIME_S });
            return stream::iter([Response::from_errors(vec![refused])]).boxed();
        };
        let held = next.run(ctx, stream).map(move |answer| {
            let _held = &operation;
            answer
        });
        held.boxed()
    }

    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        if let (Ok(asking), Ok(from)) = (ctx.data::<Asking>(), ctx.data::<OpenedFrom>()) {
            self.0.charge(&asking.principal, from.0).map_err(|too_many| told_to_wait(asking, too_many))?;
        }
        next.run(ctx, request).await
    }
}

fn told_to_wait(asking: &Asking, too_many: TooMany) -> ServerError {
    const CODE: &str = "TOO_MANY_REQUESTS";
    let seconds = [("seconds", too_many.seconds.into())];
    let mut error = ServerError::new(talon_texts::refusal(CODE, asking.language, &seconds), None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", CODE);
    extensions.set("retryAfter", too_many.seconds);
    error.extensions = Some(extensions);
    error
}
