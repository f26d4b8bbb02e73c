//! The GraphQL door: one schema, a bounded cache of parsed documents, and limits on what one document may ask for.
//!
//! A document is validated strictly once; when the same text comes again, only the checks that depend on its variables
//! run. Parsing and full validation cost more than the command itself.

mod bounds;
pub mod context;
mod cursor;
pub mod model;
pub mod mutation;
pub mod query;
pub mod scalar;
pub mod socket;
pub mod subscription;
mod throttle;

use std::sync::{Arc, atomic::Ordering};

use async_graphql::{
    Request, Response, Schema, ValidationMode,
    parser::{parse_query, types::ExecutableDocument},
};

use self::{
    bounds::Bounds, context::Asking, mutation::Mutation, query::Query, subscription::Subscription,
    throttle::Throttle,
};
use crate::{config::Limits, http::App};

pub type TalonSchema = Schema<Query, Mutation, Subscription>;

/// Documents kept parsed. A panel sends a few dozen; the rest is somebody trying things out.
const DOCUMENTS: u64 = 1_000;
/// Longer documents are answered but not kept.
const LONGEST_KEPT: usize = 16 * 1024;

/// The schema as text: what is committed as `schemas/schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items();
    Schema::build(Query::default(), Mutation::default(), Subscription).finish().sdl_with_options(options)
}

/// Executes documents for whoever asks.
#[derive(Clone)]
pub struct Executor {
    strict: TalonSchema,
    known: TalonSchema,
    documents: moka::sync::Cache<Arc<str>, Arc<ExecutableDocument>>,
}

impl Executor {
    #[must_use]
    pub fn new(app: &App, limits: &Limits) -> Self {
        let schema = |mode| {
            Schema::build(Query::default(), Mutation::default(), Subscription)
                .data(app.clone())
                .limit_depth(limits.graphql_depth)
                .limit_complexity(limits.graphql_complexity)
                .validation_mode(mode)
        };
        let bounds = Bounds { fields: limits.graphql_complexity, depth: limits.graphql_depth };
        Self {
            strict: schema(ValidationMode::Strict)
                .extension(bounds)
                .extension(Throttle(app.limits.clone()))
                .finish(),
            known: schema(ValidationMode::Fast).finish(),
            documents: moka::sync::Cache::new(DOCUMENTS),
        }
    }

    /// The schema for sockets, which validate each operation once when it starts.
    #[must_use]
    pub fn schema(&self) -> &TalonSchema {
        &self.strict
    }

    /// Executes one document; `extensions.stale` tells of an answer that could not wait for the position asked for.
    pub async fn execute(&self, request: Request, asking: Asking) -> Response {
        let stale = asking.stale.clone();
        let response = bounds::coded(self.answer(request.data(asking)).await);
        if stale.load(Ordering::Relaxed) { response.extension("stale", true.into()) } else { response }
    }

    async fn answer(&self, mut request: Request) -> Response {
        if let Some(known) = self.documents.get(request.query.as_str()) {
            request.set_parsed_query((*known).clone());
            return self.known.execute(request).await;
        }
        let text: Arc<str> = request.query.as_str().into();
        let response = self.strict.execute(request).await;
        // A document that failed may have been refused: it is validated strictly again when it comes again.
        if response.is_ok()
            && text.len() <= LONGEST_KEPT
            && let Ok(document) = parse_query(&*text)
        {
            self.documents.insert(text, Arc::new(document));
        }
        response
    }
}
