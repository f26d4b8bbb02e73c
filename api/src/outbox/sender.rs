//! Sends what lies in the outbox, by one node of a cluster at a time. A message is claimed, sent, marked; between the
//! last two steps a crash leaves it unknown whether it went, and each message says whether it then goes again. Roads
//! do not wait for each other: a mail server that hangs keeps no code from a phone.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream::FuturesUnordered};
use talon_core::time::Clock;
use talon_storage::{
    Leadership, Vault,
    vault::{Claim, Claimed, VaultError},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{Channel, Outbox};
use crate::http::problem::chain;

/// How often a channel is looked at when nobody wakes it: another node may have written, or a retry may be due.
const ROUND: Duration = Duration::from_millis(500);
/// Messages under way at once on one channel.
const AT_ONCE: usize = 16;
/// A road gives up before its claim runs out.
const SENDING: Duration = Duration::from_secs(25);
const CLAIM: TimeDelta = TimeDelta::seconds(60);
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);
/// What was sent or given up is remembered for so long: a cause that comes again finds it.
const REMEMBERED: TimeDelta = TimeDelta::days(14);
const TIDIED_EVERY: TimeDelta = TimeDelta::minutes(10);

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// Worth another try; the code says why.
    Again(String),
    /// It will never go.
    Never(String),
}

/// A way to get one message out. It has been opened; `id` names it for whoever receives it, also the second time.
#[async_trait]
pub trait Road: Send + Sync {
    async fn send(&self, message: &Claimed, what: &[u8]) -> Outcome;
}

/// The roads of this house, by channel.
pub type Roads = BTreeMap<&'static str, Arc<dyn Road>>;

/// What the sender works with.
#[derive(Clone)]
pub struct Sender {
    pub outbox: Outbox,
    pub vault: Vault,
    pub clock: Arc<dyn Clock>,
    pub leadership: Leadership,
    pub roads: Arc<Roads>,
    /// Whether no other process can be sending: then claims of the dead are taken over at once.
    pub alone: bool,
    pub stop: CancellationToken,
}

impl Sender {
    /// Sends until told to stop, whenever this node is the one to do it.
    pub async fn run(self) {
        while !self.stop.is_cancelled() {
            let term = tokio::select! {
                () = self.stop.cancelled() => return,
                term = self.leadership.lead("outbox") => term,
            };
            let round = tokio::select! {
                () = self.stop.cancelled() => return,
                () = term.over() => Ok(()),
                round = self.work() => round,
            };
            drop(term);
            if let Err(failed) = round {
                warn!(error = %chain(&failed), "the outbox pauses");
                tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = self.clock.sleep_until(self.clock.now() + AFTER_FAILURE) => {}
                }
            }
        }
    }

    async fn work(&self) -> Result<(), VaultError> {
        if self.alone {
            self.take_over(DateTime::<Utc>::MAX_UTC).await?;
        }
        let mut channels: FuturesUnordered<_> =
            Channel::ALL.iter().map(|channel| self.serve(*channel)).collect();
        tokio::select! {
            ended = channels.next() => ended.unwrap_or(Ok(())),
            ended = self.tend() => ended,
        }
    }

    /// What a dead sender left claimed.
    async fn take_over(&self, claimed_until: DateTime<Utc>) -> Result<(), VaultError> {
        let (again, lost) = self.vault.release_messages(claimed_until, self.clock.now()).await?;
        if again + lost > 0 {
            warn!(again, lost, "messages of a sender that died");
            metrics::counter!("outbox_dead_total", "channel" => "any", "failure" => "LOST").increment(lost);
        }
        Ok(())
    }

    /// Takes over claims that ran out, counts what there is, and forgets what is long done.
    async fn tend(&self) -> Result<(), VaultError> {
        let mut tidied = DateTime::<Utc>::MIN_UTC;
        loop {
            let now = self.clock.now();
            self.take_over(now).await?;
            let counted = self.vault.count_waiting_messages().await?;
            for channel in Channel::ALL {
                let waiting = counted.iter().find(|it| it.0 == channel.name()).map_or(0, |it| it.1);
                let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
                metrics::gauge!("outbox_waiting", "channel" => channel.name()).set(f64::from(waiting));
            }
            if now - tidied > TIDIED_EVERY {
                self.vault.forget_done_messages(now - REMEMBERED).await?;
                tidied = now;
            }
            self.clock.sleep_until(now + TimeDelta::seconds(5)).await;
        }
    }

    async fn serve(&self, channel: Channel) -> Result<(), VaultError> {
        // Tasks of their own: what is under way must go on while this one waits for the vault, or each would wait for a
        // connection that the other holds. Dropping the set ends them.
        let mut under_way = JoinSet::new();
        loop {
            let now = self.clock.now();
            let free = AT_ONCE - under_way.len();
            if free > 0 && self.vault.messages_due(channel.name(), now).await? {
                let claim = Claim::new(self.clock.new_id(), now, CLAIM);
                let most = u32::try_from(free).unwrap_or(1);
                for message in self.vault.claim_messages(channel.name(), claim, now, most).await? {
                    let sender = self.clone();
                    under_way.spawn(async move { sender.one(channel, message, claim).await });
                }
            }
            tokio::select! {
                Some(done) = under_way.join_next(), if !under_way.is_empty() => match done {
                    Ok(marked) => marked?,
                    Err(broken) => error!(%broken, channel = channel.name(), "sending a message broke off"),
                },
                () = self.outbox.woken(channel), if under_way.len() < AT_ONCE => {}
                _ = tokio::time::timeout(ROUND, std::future::pending::<()>()) => {}
            }
        }
    }

    /// One message: sent, or what else became of it, and marked.
    async fn one(&self, channel: Channel, message: Claimed, claim: Claim) -> Result<(), VaultError> {
        let now = self.clock.now();
        let outcome = if message.not_after <= now {
            Outcome::Never("EXPIRED".into())
        } else {
            match (self.vault.open_message(&message).await, self.roads.get(channel.name())) {
                (Ok(Some(what)), Some(road)) => {
                    match tokio::time::timeout(SENDING, road.send(&message, &what)).await {
                        Ok(outcome) => outcome,
                        Err(_) => Outcome::Again("TIMED_OUT".into()),
                    }
                }
                (Ok(Some(_)), None) => Outcome::Again("OFF".into()),
                (Ok(None), _) => Outcome::Never("ERASED".into()),
                (Err(VaultError::Damaged { .. }), _) => Outcome::Never("DAMAGED".into()),
                (Err(error), _) => return Err(error),
            }
        };
        self.mark(channel, &message, claim, outcome).await
    }

    async fn mark(
        &self,
        channel: Channel,
        message: &Claimed,
        claim: Claim,
        outcome: Outcome,
    ) -> Result<(), VaultError> {
        let now = self.clock.now();
        let dead = async |failure: &str| {
            error!(channel = channel.name(), message = %message.id, failure, "a message was given up");
            metrics::counter!("outbox_dead_total", "channel" => channel.name(), "failure" => failure.to_owned())
                .increment(1);
            self.vault.message_dead(message.id, claim, failure, now).await
        };
        let marked = match outcome {
            Outcome::Sent => {
                metrics::counter!("outbox_sent_total", "channel" => channel.name()).increment(1);
                self.vault.message_sent(message.id, claim, now).await?
            }
            Outcome::Never(failure) => dead(&failure).await?,
            Outcome::Again(failure) => {
                let next = now + pause(channel, message.attempts);
                if next >= message.not_after {
                    dead(&failure).await?
                } else {
                    warn!(channel = channel.name(), message = %message.id, failure, "a message did not go");
                    metrics::counter!("outbox_retries_total", "channel" => channel.name()).increment(1);
                    self.vault.message_again(message, claim, next, &failure).await?
                }
            }
        };
        if !marked {
            // Slow beyond its claim: whoever took it over decides about it.
            warn!(channel = channel.name(), message = %message.id, "a message was taken over while it was sent");
        }
        Ok(())
    }
}

/// How long to wait after so many attempts: people wait for codes, other systems are down for hours.
fn pause(channel: Channel, attempts: u32) -> TimeDelta {
    const PEOPLE: [i64; 7] = [2, 5, 15, 30, 60, 300, 900];
    const SYSTEMS: [i64; 9] = [5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400];
    let steps: &[i64] = match channel {
        Channel::Mail | Channel::Sms => &PEOPLE,
        Channel::Webhook => &SYSTEMS,
    };
    let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(steps.len() - 1);
    TimeDelta::seconds(steps[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for channel in Channel::ALL {
            let pauses: Vec<_> = (1..=30).map(|attempt| pause(channel, attempt)).collect();
            assert!(pauses.is_sorted());
            assert!(pauses[0] <= TimeDelta::seconds(5) && pauses[29] <= TimeDelta::hours(4));
        }
        // A code is worth five minutes: it is tried often enough in that time.
        let tries: i64 = (1..=5).map(|attempt| pause(Channel::Sms, attempt).num_seconds()).sum();
        assert!(tries < 120);
    }
}
