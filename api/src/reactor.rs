//! The one way from a fact to a new command. It follows the log with a checkpoint of its own and asks `core` what
//! follows from each fact; the ids of what it sends derive from the fact, so it may run twice and act once. In a
//! cluster one node does it at a time. Imported facts are history: nothing follows from them.
//!
//! What other systems are to be told of a fact it writes into the outbox, in one transaction with its checkpoint.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use talon_core::{
    desk::{Desk, Press},
    dispatch::DispatchError,
    event_store::{EventStore, Position},
    fact::Fact,
    ids::{BranchId, CommandId, OperatorId, TicketId},
    queue_event::{Event, OrganisationEvent},
    reaction::{self, FollowUp},
    refusal::Refusal,
    time::Clock,
};
use talon_projections::board::Live;
use talon_storage::{
    Leadership, Tail, Vault,
    vault::{Checkpoint, NewMessage, VaultError},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use uuid::Uuid;

use crate::{
    auth::AccessDenied,
    customers::Customers,
    outbox::{Channel, Outbox, Row, notice::Notice, subscribers::Subscribers, webhook::Call},
};

/// Names its checkpoint in the vault.
pub const NAME: &str = "reactor";
/// Setting: after which position of which log other systems are told, where the log was restored.
const TOLD_AFTER: &str = "outbox-told-after";
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
    pub store: Arc<dyn EventStore>,
    pub outbox: Outbox,
    /// How long a call that fails is tried again.
    pub give_up: TimeDelta,
    pub live: Arc<Live>,
    pub tail: Tail,
    pub vault: Vault,
    pub customers: Customers,
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
    Vault(#[from] VaultError),
    #[error("a follow-up was not carried out")]
    Command(#[from] DispatchError),
    #[error("a customer could not be forgotten")]
    Access(#[from] AccessDenied),
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
        let told_after = self.told_after(since.is_some()).await?;
        let mut subscribers = Subscribers::at(&self.store, at).await?;
        loop {
            let batch = self.tail.next_batch(at, BATCH).await?;
            let mut followed = false;
            let mut messages = Vec::new();
            let mut catalogue = None;
            for raw in &batch {
                let (reacts, told) = (reaction::may_follow(&raw.stream), subscribers.want_kind(&raw.kind));
                if !(reacts || told) {
                    continue;
                }
                match raw.fact() {
                    Ok(fact) => {
                        subscribers.take_in(&fact);
                        if reacts && since.is_none_or(|since| fact.recorded_at >= since) {
                            followed |= self.react(&fact, &mut catalogue).await?;
                        }
                        if fact.position > told_after && !fact.is_imported() {
                            self.tell(&fact, &subscribers, &mut messages).await?;
                        }
                    }
                    Err(unreadable) => {
                        error!(error = %crate::http::problem::chain(&unreadable), "nothing follows from this fact");
                    }
                }
            }
            if let Some((id, fact)) = catalogue {
                self.carried_out(self.adopt_catalogue(id, &fact).await)?;
            }
            let Some(last) = batch.last() else { continue };
            at = last.position;
            let is_near = known.log_id == self.log_id && at.saturating_sub(known.position) < NOTED_EVERY;
            if is_near && !followed && messages.is_empty() {
                continue;
            }
            let next = Checkpoint { log_id: self.log_id, position: at };
            self.move_on(known, next, &messages).await?;
            known = next;
        }
    }

    /// The checkpoint and what follows from the facts before it, together or not at all.
    async fn move_on(
        &self,
        known: Checkpoint,
        next: Checkpoint,
        messages: &[NewMessage],
    ) -> Result<(), Interrupted> {
        let mut tx = self.vault.db().begin().await.map_err(VaultError::from)?;
        for message in messages {
            Vault::put_message_in(&mut tx, message).await?;
        }
        if !Vault::set_checkpoint_in(&mut tx, NAME, Some(known), next).await? {
            tx.rollback().await.map_err(VaultError::from)?;
            return Err(Interrupted::Overtaken);
        }
        tx.commit().await.map_err(VaultError::from)?;
        if !messages.is_empty() {
            self.outbox.wake(Channel::Webhook);
        }
        Ok(())
    }

    /// After which position other systems are told. A restored log tells of what is recorded later only, also when the
    /// process ends before it has gone through the days before.
    async fn told_after(&self, restored: bool) -> Result<Position, Interrupted> {
        let log = self.log_id.to_string();
        let known = self.vault.setting(TOLD_AFTER).await?;
        let position = known.as_deref().and_then(|it| it.split_once(' ')).filter(|it| it.0 == log);
        match (position, restored) {
            (Some((_, number)), _) => Ok(number.parse().unwrap_or_default()),
            (None, false) => Ok(0),
            (None, true) => {
                let head = self.tail.head();
                self.vault.put_setting(TOLD_AFTER, &format!("{log} {head}")).await?;
                Ok(head)
            }
        }
    }

    /// One message to each system that wants to be told of this fact.
    async fn tell(
        &self,
        fact: &Fact,
        subscribers: &Subscribers,
        messages: &mut Vec<NewMessage>,
    ) -> Result<(), Interrupted> {
        let mut call = None;
        for webhook in subscribers.wanting(fact) {
            let call = call.get_or_insert_with(|| {
                let notice = Notice::of(fact, self.log_id, self.services(fact));
                // Our own plain struct: serialising it cannot fail.
                let body = serde_json::to_string(&notice).unwrap_or_default();
                Call { kind: notice.kind, event: fact.event_id.0, body }
            });
            let row = Row {
                cause: fact.event_id.0,
                channel: Channel::Webhook,
                to: webhook,
                target: Some(webhook),
                person: None,
                again: true,
                not_after: self.clock.now() + self.give_up,
            };
            messages.push(self.outbox.sealed(&row, call).await?);
        }
        Ok(())
    }

    /// The services of the visit a fact is about, while its day is in the hall.
    fn services(&self, fact: &Fact) -> Vec<String> {
        let (Some(branch), Some(ticket)) = (&fact.meta.branch, fact.event.subject()) else {
            return Vec::new();
        };
        let found = self.live.ticket(branch, &TicketId(ticket));
        found.map_or_else(Vec::new, |(_, it)| it.services.iter().map(ToString::to_string).collect())
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

    /// Carries out what follows from a fact; whether anything did. Changes of the catalogue come by the dozen, and each
    /// asks all branches: `catalogue` takes the last one of a batch, which is carried out for all of them.
    async fn react(
        &self,
        fact: &Fact,
        catalogue: &mut Option<(CommandId, Fact)>,
    ) -> Result<bool, Interrupted> {
        let follow_ups = reaction::follow_ups(fact);
        let mut followed = !follow_ups.is_empty();
        if let Event::Organisation(OrganisationEvent::WebhookRemoved(it)) = &*fact.event {
            self.vault.forget_webhook(&it.webhook).await?;
            followed = true;
        }
        for follow_up in follow_ups {
            let done = match follow_up {
                FollowUp::AdoptSettings { id, branch } => {
                    self.desk.adopt_settings(&Press::system(id, Some(fact.event_id.0)), &branch).await
                }
                FollowUp::AdoptCatalogue { id } => {
                    self.halls_are_near(fact).await?;
                    *catalogue = Some((id, fact.clone()));
                    Ok(())
                }
                FollowUp::AdoptSkills { id, operator } => {
                    self.halls_are_near(fact).await?;
                    self.adopt_skills(id, fact, &operator).await
                }
                FollowUp::AdoptPositions { id } => {
                    self.halls_are_near(fact).await?;
                    self.adopt_positions(id, fact).await
                }
                FollowUp::ForgetCustomer { customer } => {
                    self.customers.forget(&customer).await?;
                    Ok(())
                }
                FollowUp::ForgetContact { customer, contact } => {
                    self.vault.remove_contact(customer.as_str(), &contact).await?;
                    Ok(())
                }
                FollowUp::SendAway { id, operator } => {
                    self.halls_are_near(fact).await?;
                    self.send_away(id, fact, &operator).await
                }
            };
            self.carried_out(done)?;
        }
        Ok(followed)
    }

    /// A rule's no ends a follow-up; only a failure interrupts the round.
    fn carried_out(&self, done: Result<(), DispatchError>) -> Result<(), Interrupted> {
        match done {
            Ok(()) => Ok(()),
            Err(DispatchError::Refused(refusal)) => {
                warn!(code = refusal.code(), "a follow-up was refused");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Every open day takes the catalogue over, then every window what its operator can do of it.
    async fn adopt_catalogue(&self, id: CommandId, fact: &Fact) -> Result<(), DispatchError> {
        for branch in self.live.branches() {
            let id = CommandId::derived(&[&id.to_string(), branch.as_str()]);
            match self.desk.adopt_settings(&Press::system(id, Some(fact.event_id.0)), &branch).await {
                // A branch that was never set up has no day either.
                Ok(()) | Err(DispatchError::Refused(Refusal::UnknownThing { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        self.adopt_positions(id, fact).await
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
