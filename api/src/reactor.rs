//! The one way from a fact to a new command. It follows the log with a checkpoint of its own and asks `core` what
//! follows from each fact; the ids of what it sends derive from the fact, so it may run twice and act once. In a
//! cluster one node does it at a time. Imported facts are history: nothing follows from them.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use talon_core::{
    desk::{Desk, Press},
    dispatch::DispatchError,
    fact::Fact,
    ids::{BranchId, CommandId, OperatorId},
    reaction::{self, FollowUp},
    time::Clock,
};
use talon_projections::board::Live;
use talon_storage::{Leadership, Tail, Vault, vault::Checkpoint};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use uuid::Uuid;

const NAME: &str = "reactor";
const BATCH: u32 = 500;
/// Facts that nothing follows from move the checkpoint only this often: each move is flushed to disk, and a restart reads
/// so many again.
const NOTED_EVERY: u64 = 2_000;
/// What is repeated after a restore: derived ids make it harmless.
const REPEATED: TimeDelta = TimeDelta::days(2);
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);
/// How long the live halls may take to hold a fact that the reactor has read.
const HALLS: Duration = Duration::from_secs(2);

/// What the reactor works with.
pub struct Reactor {
    pub desk: Arc<Desk>,
    pub live: Arc<Live>,
    pub tail: Tail,
    pub vault: Vault,
    pub leadership: Leadership,
    pub clock: Arc<dyn Clock>,
    pub log_id: Uuid,
    pub stop: CancellationToken,
}

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the log does not answer")]
    Store(#[from] talon_core::event_store::StoreError),
    #[error("the vault does not answer")]
    Vault(#[from] talon_storage::vault::VaultError),
    #[error("a follow-up was not carried out")]
    Command(#[from] DispatchError),
    #[error("another node moved the checkpoint")]
    Overtaken,
    #[error("the live halls are behind the log")]
    HallsBehind,
}

impl Reactor {
    /// Follows the log until told to stop, whenever this node is the one to do it.
    pub async fn run(self) {
        while !self.stop.is_cancelled() {
            let term = tokio::select! {
                () = self.stop.cancelled() => return,
                term = self.leadership.lead(NAME) => term,
            };
            let round = tokio::select! {
                () = self.stop.cancelled() => return,
                () = term.over() => Ok(()),
                round = self.follow() => round,
            };
            drop(term);
            if let Err(interrupted) = round {
                warn!(error = %crate::http::problem::chain(&interrupted), "the reactor pauses");
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = self.clock.sleep_until(self.clock.now() + AFTER_FAILURE) => {}
                }
            }
        }
    }

    async fn follow(&self) -> Result<(), Interrupted> {
        let mut known = match self.vault.checkpoint(NAME).await? {
            Some(known) => known,
            None => self.begin().await?,
        };
        let (mut at, since) = if known.log_id == self.log_id {
            (known.position, None)
        } else {
            // Another log's checkpoint: a restore. Its last two days are gone through once more.
            (0, Some(self.clock.now() - REPEATED))
        };
        loop {
            let batch = self.tail.next_batch(at, BATCH).await?;
            let mut followed = false;
            for raw in batch.iter().filter(|raw| reaction::may_follow(&raw.stream)) {
                match raw.fact() {
                    Ok(fact) if since.is_none_or(|since| fact.recorded_at >= since) => {
                        followed |= self.react(&fact).await?;
                    }
                    Ok(_) => {}
                    Err(unreadable) => {
                        error!(error = %crate::http::problem::chain(&unreadable), "nothing follows from this fact");
                    }
                }
            }
            let Some(last) = batch.last() else { continue };
            at = last.position;
            let is_near = known.log_id == self.log_id && at.saturating_sub(known.position) < NOTED_EVERY;
            if is_near && !followed {
                continue;
            }
            let next = Checkpoint { log_id: self.log_id, position: at };
            if !self.vault.set_checkpoint(NAME, Some(known), next).await? {
                return Err(Interrupted::Overtaken);
            }
            known = next;
        }
    }

    /// Starts a new installation at the head of its log, and writes that down before anything is followed: were it not,
    /// whoever comes after a crash would start at the head of that later moment and pass over the facts between.
    async fn begin(&self) -> Result<Checkpoint, Interrupted> {
        let first = Checkpoint { log_id: self.log_id, position: self.tail.head() };
        if self.vault.set_checkpoint(NAME, None, first).await? {
            Ok(first)
        } else {
            Err(Interrupted::Overtaken)
        }
    }

    /// Carries out what follows from a fact; whether anything did.
    async fn react(&self, fact: &Fact) -> Result<bool, Interrupted> {
        let follow_ups = reaction::follow_ups(fact);
        let followed = !follow_ups.is_empty();
        for follow_up in follow_ups {
            let done = match follow_up {
                FollowUp::AdoptSettings { id, branch } => {
                    self.desk.adopt_settings(&Press::system(id, Some(fact.event_id.0)), &branch).await
                }
                FollowUp::AdoptSkills { id, operator } => {
                    self.halls_are_near(fact).await?;
                    self.adopt_skills(id, fact, &operator).await
                }
                FollowUp::AdoptPositions { id } => {
                    self.halls_are_near(fact).await?;
                    self.adopt_positions(id, fact).await
                }
                FollowUp::SendAway { id, operator } => {
                    self.halls_are_near(fact).await?;
                    self.send_away(id, fact, &operator).await
                }
            };
            match done {
                Ok(()) => {}
                Err(DispatchError::Refused(refusal)) => {
                    warn!(code = refusal.code(), "a follow-up was refused")
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(followed)
    }

    /// Who sat down before this fact must be seen sitting there.
    async fn halls_are_near(&self, fact: &Fact) -> Result<(), Interrupted> {
        if self.live.wait_for(fact.position, HALLS).await { Ok(()) } else { Err(Interrupted::HallsBehind) }
    }

    async fn adopt_skills(
        &self,
        id: CommandId,
        fact: &Fact,
        operator: &OperatorId,
    ) -> Result<(), DispatchError> {
        let press = Press::system(id, Some(fact.event_id.0));
        for branch in self.where_they_sit(operator) {
            self.desk.adopt_skills(&press, &branch, operator).await?;
        }
        Ok(())
    }

    /// Whoever sits at a window looks again at what they can do; most have the same skills as before, which writes nothing.
    async fn adopt_positions(&self, id: CommandId, fact: &Fact) -> Result<(), DispatchError> {
        for (branch, operator) in self.who_sits() {
            let id = CommandId::derived(&[&id.to_string(), operator.as_str()]);
            let press = Press::system(id, Some(fact.event_id.0));
            self.desk.adopt_skills(&press, &branch, &operator).await?;
        }
        Ok(())
    }

    async fn send_away(
        &self,
        id: CommandId,
        fact: &Fact,
        operator: &OperatorId,
    ) -> Result<(), DispatchError> {
        let press = Press::system(id, Some(fact.event_id.0));
        for branch in self.where_they_sit(operator) {
            self.desk.send_away(&press, &branch, operator).await?;
        }
        Ok(())
    }

    /// Everybody at a window, with the branch.
    fn who_sits(&self) -> BTreeSet<(BranchId, OperatorId)> {
        let of = |branch: BranchId| {
            let operators: Vec<OperatorId> = self.live.branch(&branch).map_or_else(Vec::new, |views| {
                let view = views.borrow();
                view.days().flat_map(|day| day.windows.iter().map(|it| it.operator.clone())).collect()
            });
            operators.into_iter().map(move |operator| (branch.clone(), operator))
        };
        self.live.branches().into_iter().flat_map(of).collect()
    }

    /// An operator sits at one window of one branch; the live halls know where.
    fn where_they_sit(&self, operator: &OperatorId) -> Vec<BranchId> {
        let sits = |branch: &BranchId| {
            self.live.branch(branch).is_some_and(|views| {
                views.borrow().days().any(|day| day.windows.iter().any(|it| it.operator == *operator))
            })
        };
        self.live.branches().into_iter().filter(sits).collect()
    }
}
