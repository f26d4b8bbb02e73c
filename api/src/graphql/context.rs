//! What every resolver starts from: the house, who asks, and in which language.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, Error, ErrorExtensions};
use talon_core::{
    desk::{Ask, Press},
    dispatch::{DispatchError, Done},
    ids::{BranchId, CommandId},
    queue_day::QueueDay,
    refusal::Refusal,
};
use talon_texts::Language;
use uuid::Uuid;

use super::model::payload;
use crate::{
    auth::{Denied, Permission, Principal, Reach},
    http::App,
    position::WirePosition,
    refusal::sentence,
};

/// How long an answer waits for a projection to catch up with what the caller has seen.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

/// Who asks, resolved once per request; in a socket, once per message.
#[derive(Debug, Clone)]
pub struct Asking {
    pub principal: Principal,
    pub language: Language,
    /// Set by an answer that could not wait for the position asked for.
    pub stale: Arc<AtomicBool>,
}

/// What became of a mutation that did not fail: the object, or the rule that said no.
pub type Answered<T> = Result<(Done, T), payload::Refusal>;

/// The road from a resolver into the house.
pub trait Road {
    fn app(&self) -> &App;
    fn asking(&self) -> &Asking;

    /// Asks the table of permissions.
    ///
    /// # Errors
    /// `FORBIDDEN` or `UNAUTHENTICATED`, as a GraphQL error.
    fn require(&self, permission: Permission, branch: Option<&BranchId>) -> Result<(), Error> {
        self.asking().principal.require(permission, branch).map_err(|denied| self.denied(denied))
    }

    fn may(&self, permission: Permission, branch: Option<&BranchId>) -> bool {
        self.asking().principal.may(permission, branch)
    }

    /// A refused permission as a GraphQL error.
    fn denied(&self, denied: Denied) -> Error {
        let code = match denied {
            Denied::Unauthenticated(_) => "UNAUTHENTICATED",
            Denied::Forbidden(_) => "FORBIDDEN",
        };
        self.failure(code)
    }

    /// A failure by its stable code, with the sentence people read.
    fn failure(&self, code: &'static str) -> Error {
        Error::new(talon_texts::refusal(code, self.asking().language, &[("what", "request".into())]))
            .extend_with(|_, extensions| extensions.set("code", code))
    }

    /// A rule's no, as the payload shows it.
    fn refusal(&self, refusal: &Refusal, branch: &BranchId) -> payload::Refusal {
        let view = self.app().live.branch(branch).map(|views| views.borrow().clone());
        let label = |window: &talon_core::ids::WindowId| {
            let day = view.as_ref().and_then(|view| view.today.as_ref());
            day.map_or_else(|| window.to_string(), |day| day.label(window).to_owned())
        };
        payload::Refusal {
            code: refusal.code().to_owned(),
            message: sentence(refusal, self.asking().language, label),
            field: refusal.field().map(str::to_owned),
        }
    }

    /// A position of this log, for the wire.
    fn position(&self, number: u64) -> super::scalar::Position {
        super::scalar::Position(WirePosition { log: self.app().log_id(), number })
    }
}

impl Road for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked::<App>()
    }

    fn asking(&self) -> &Asking {
        self.data_unchecked::<Asking>()
    }
}

/// Sends one press to a branch's day, in the name of whoever asks.
///
/// # Errors
/// Denied permissions and failures as GraphQL errors; a rule's no is an answer.
pub async fn ask<T>(
    ctx: &Context<'_>,
    permission: Permission,
    branch: &BranchId,
    press: (Uuid, Vec<u8>),
    ask: impl FnOnce(&talon_core::fact::Actor) -> Result<Ask, Refusal>,
    view: impl Fn(&QueueDay, chrono::NaiveDate, &Done) -> T,
) -> Result<Answered<T>, Error> {
    let actor =
        ctx.asking().principal.actor(permission, Some(branch)).map_err(|denied| ctx.denied(denied))?;
    let (command_id, sent) = press;
    let what = match ask(&actor) {
        Ok(what) => what,
        Err(refusal) => return Ok(Err(ctx.refusal(&refusal, branch))),
    };
    let device = ctx.asking().principal.device_id();
    let press =
        Press { command_id: CommandId(command_id), actor, sent, device, causation_id: None, key_id: None };
    match ctx.app().desk.ask(&press, branch, what, view).await {
        Ok(answer) => {
            crate::http::count_repeat(&answer.0);
            Ok(Ok(answer))
        }
        Err(DispatchError::Refused(refusal)) => Ok(Err(ctx.refusal(&refusal, branch))),
        Err(error) => Err(failed(ctx, &error)),
    }
}

/// A store that does not answer, told once to the log and without detail to the caller.
pub fn failed(ctx: &Context<'_>, error: &(dyn std::error::Error + 'static)) -> Error {
    tracing::error!(error = %crate::http::problem::chain(error), "a request failed");
    ctx.failure("UNAVAILABLE")
}

/// A command or a reading that did not succeed: a rule's no as an error of its own code, a failure without detail.
pub fn answered(ctx: &Context<'_>, error: &DispatchError) -> Error {
    match error {
        DispatchError::Refused(refusal) => {
            let code = refusal.code();
            Error::new(sentence(refusal, ctx.asking().language, ToString::to_string))
                .extend_with(|_, extensions| extensions.set("code", code))
        }
        DispatchError::Store(_) | DispatchError::Unreadable(_) => failed(ctx, error),
    }
}

/// A branch nobody has set up, or one of imported history only: the same code as a mutation gives.
pub fn unknown_branch(ctx: &Context<'_>) -> Error {
    answered(ctx, &Refusal::UnknownThing { what: "branch" }.into())
}

/// Which branches a list is about: the one asked for, else all where the permission holds; empty for everywhere.
///
/// # Errors
/// `FORBIDDEN` or `UNAUTHENTICATED` where the permission does not hold.
pub fn branches_within_reach(
    ctx: &Context<'_>,
    permission: Permission,
    asked_for: Option<&super::scalar::BranchCode>,
) -> Result<Vec<BranchId>, Error> {
    let reach = ctx.asking().principal.reach(permission).map_err(|denied| ctx.denied(denied))?;
    match (asked_for, reach) {
        (Some(branch), reach) if reach.contains(&branch.0) => Ok(vec![branch.0.clone()]),
        (Some(_), _) => Err(ctx.failure("FORBIDDEN")),
        (None, Reach::Everywhere) => Ok(Vec::new()),
        (None, Reach::Branches(some)) => Ok(some.into_iter().collect()),
    }
}

/// Reading what a branch shows in public, or by right. From memory alone: what a hall shows outlives the store.
///
/// # Errors
/// `FORBIDDEN` or `UNAUTHENTICATED` when it shows nothing to strangers; `UNKNOWN` for a branch without settings.
pub fn require_public(ctx: &Context<'_>, permission: Permission, branch: &BranchId) -> Result<(), Error> {
    let unknown = || unknown_branch(ctx);
    let public = ctx.app().live.with_settings(branch, |it| it.public).ok_or_else(unknown)?;
    ctx.asking().principal.require_public(permission, branch, public).map_err(|denied| ctx.denied(denied))
}

/// Waits up to half a second until the boards hold a position; `extensions.stale` tells when they did not.
pub async fn wait_for_boards(ctx: &Context<'_>, position: Option<super::scalar::Position>) {
    let Some(number) = position.and_then(|it| it.0.in_log(ctx.app().log_id())) else { return };
    if !ctx.app().live.wait_for(number, PATIENCE).await {
        ctx.asking().stale.store(true, Ordering::Relaxed);
    }
}

/// The same for a projection in the database.
pub async fn wait_for(
    ctx: &Context<'_>,
    projection: &'static str,
    position: Option<super::scalar::Position>,
) {
    let Some(number) = position.and_then(|it| it.0.in_log(ctx.app().log_id())) else { return };
    if !ctx.app().freshness.reached(projection, number, PATIENCE).await {
        ctx.asking().stale.store(true, Ordering::Relaxed);
    }
}
