//! Operations over a socket count like requests: whoever has a socket open must not get round the limits of the door.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{
    ErrorExtensionValues, Request, ServerError, ServerResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest},
};

use super::context::Asking;
use crate::doors::limits::Limits;

/// The address a socket was opened from. Operations without it came by HTTP and were counted there.
pub(super) struct OpenedFrom(pub(super) IpAddr);

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
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        if let (Ok(asking), Ok(from)) = (ctx.data::<Asking>(), ctx.data::<OpenedFrom>()) {
            self.0.charge(&asking.principal, from.0).map_err(|too_many| {
                const CODE: &str = "TOO_MANY_REQUESTS";
                let seconds = [("seconds", too_many.seconds.into())];
                let mut error = ServerError::new(talon_texts::refusal(CODE, asking.language, &seconds), None);
                let mut extensions = ErrorExtensionValues::default();
                extensions.set("code", CODE);
                extensions.set("retryAfter", too_many.seconds);
                error.extensions = Some(extensions);
                error
            })?;
        }
        next.run(ctx, request).await
    }
}
