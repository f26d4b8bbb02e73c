//! One more process of a cluster: it follows the log as every node does, and so learns of each fact when it is written.

use std::time::Duration;

use talon_api::clock::SystemClock;
use talon_core::{
    dispatch::{Dispatch, Envelope},
    fact::{Actor, Fact},
    ids::{CommandId, EventId, OperatorId, ServiceId, TicketId},
    queue_event::{Event, QueueEvent},
    staff::{self, StaffMember},
};
use talon_storage::Storage;

use crate::{house::new_id, work::number_of};

/// Somebody who reads along and may write as a node would.
pub(crate) struct Observer {
    pub(crate) storage: Storage,
    /// Read so far.
    at: u64,
    seen: Vec<Fact>,
}

impl Observer {
    /// Reads everything after a position that a node gave.
    pub(crate) fn of(storage: Storage, position: &str) -> Self {
        Self { storage, at: number_of(position), seen: Vec::new() }
    }

    /// The first fact for which `look` has an answer, among those seen already and those to come.
    pub(crate) async fn sees<T>(
        &mut self,
        what: &str,
        limit: Duration,
        look: impl Fn(&Fact) -> Option<T>,
    ) -> T {
        let reading = async {
            loop {
                if let Some(found) = self.seen.iter().find_map(&look) {
                    return found;
                }
                let batch = self.storage.tail.next_batch(self.at, 1_000).await.unwrap();
                self.at = batch.last().unwrap().position;
                self.seen.extend(batch.iter().map(|raw| Fact::decode(raw).unwrap()));
            }
        };
        tokio::time::timeout(limit, reading).await.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
    }

    /// Writes that somebody can do these things now; gives the fact. Windows learn of it from the reactor alone.
    pub(crate) async fn teaches(&self, operator: &str, skills: &[&str]) -> EventId {
        let people =
            Dispatch::<StaffMember>::new(self.storage.events.clone(), std::sync::Arc::new(SystemClock));
        let operator = OperatorId::trusted(operator);
        let skills = skills.iter().map(|it| ServiceId::trusted(it)).collect();
        let envelope = Envelope::new(CommandId(new_id()), Actor::system(), b"skills");
        let action = staff::Action::SetSkills { skills };
        let (done, ()) = people.send(&staff::stream(&operator), envelope, action, |_, _| ()).await.unwrap();
        done.first_event.unwrap()
    }

    /// The reactor has carried out what follows from a fact.
    pub(crate) async fn sees_reaction(&mut self, to: EventId, limit: Duration) {
        self.sees("the reaction", limit, |fact| {
            let adopted = matches!(*fact.event, Event::Queue(QueueEvent::SkillsAdopted(_)));
            (adopted && fact.meta.causation_id == Some(to.0)).then_some(())
        })
        .await;
    }

    /// Somebody's wait has been noticed to be too long: time alone brings that about.
    pub(crate) async fn sees_long_wait(&mut self, of: TicketId, limit: Duration) {
        self.sees("the alarm clock", limit, |fact| match &*fact.event {
            Event::Queue(QueueEvent::LongWaitDetected(it)) if it.ticket == of && it.level == 1 => Some(()),
            _ => None,
        })
        .await;
    }
}

/// What nobody but the cash clerk gives, and what is late after a second, in a catalogue that `impatient` has been at.
pub(crate) const HURRIED: &str = "pension-payout";

/// Makes a wait for `HURRIED` too long after a second and takes it from the universal clerks, so that it does wait: the
/// alarm clock gets something to do.
pub(crate) fn impatient(catalogue: String) -> String {
    let target =
        format!("[[target]]\nclass = \"standard\"\nservice = \"{HURRIED}\"\ntarget_s = 1\n\n[[branch]]\n");
    let changed = catalogue.replacen("[[branch]]\n", &target, 1);
    let taken = changed.replace("\"application\", \"pension-payout\",", "\"application\",");
    assert!(changed != catalogue && taken != changed);
    taken
}
