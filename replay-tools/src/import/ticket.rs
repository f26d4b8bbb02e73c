//! A row as the facts it stands for.

use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use talon_core::{
    event_store::NewEvent,
    fact::{Actor, ActorKind, Meta, Source},
    ids::{ClassId, CommandId, OperatorId, ReasonCode, ServiceId, TicketId, derived},
    queue_day::event::{
        CallMode, Channel, Evidence, Place, ServiceCompleted, ServiceRefused, ServiceStarted,
        TicketAbandoned, TicketCalled, TicketIssued, TicketNoShow,
    },
    queue_event::QueueEvent,
};
use uuid::Uuid;

use super::{Day, Plan, names};
use crate::{
    local_time,
    order::{Step, ranks},
    queue_log::{Ending, Row},
};

/// uuid v5 of the data set and the external id: the same ticket is the same at any time and in any file.
pub(super) fn id(data_set: &str, external_id: &str) -> Uuid {
    Uuid::new_v5(&derived(&["data set", data_set]), external_id.as_bytes())
}

/// Who imports. A run has no person of its own: who may run it is the operating system's matter.
pub(super) fn actor() -> Actor {
    Actor { kind: ActorKind::Import, id: "import".into(), role: "system".into(), session: None, window: None }
}

/// A ticket about to be written.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: Uuid,
    pub(super) row: Row,
    digest: [u8; 32],
}

/// A fact about to be written, with its place among those of its day. Its time of recording is not known yet.
pub(super) struct Draft {
    pub(super) turn: (DateTime<Utc>, u8, Uuid, u8),
    pub(super) event: NewEvent,
}

impl Ticket {
    pub(super) fn new(id: Uuid, row: Row, digest: &[u8; 32]) -> Self {
        Self { id, row, digest: *digest }
    }

    /// Its place among the tickets of a day.
    pub(super) fn place(&self) -> (NaiveDateTime, Uuid) {
        (self.row.issued_at, self.id)
    }

    pub(super) fn count(&self) -> usize {
        self.steps().len()
    }

    /// What happened, in the ticket's own order. A no-show is never before its call.
    fn steps(&self) -> Vec<(Step, NaiveDateTime)> {
        let issued = (Step::Issued, self.row.issued_at);
        match self.row.ending {
            Ending::Served { called_at, started_at, ended_at } => vec![
                issued,
                (Step::Called, called_at),
                (Step::Started, started_at),
                (Step::Completed, ended_at),
            ],
            Ending::Abandoned { left_at } => vec![issued, (Step::Abandoned, left_at)],
            Ending::NoShow { called_at, left_at } => {
                vec![issued, (Step::Called, called_at), (Step::NoShow, left_at.max(called_at))]
            }
            Ending::Other { called_at } => {
                vec![issued, (Step::Called, called_at), (Step::Refused, called_at)]
            }
        }
    }

    pub(super) fn drafts(&self, plan: &Plan, day: &Day) -> Vec<Draft> {
        let steps: Vec<_> = self
            .steps()
            .into_iter()
            .map(|(step, local)| (step, local_time::instant(plan.zone, local)))
            .collect();
        let mut meta = self.meta(plan, day);
        let ids = self.id.to_string();
        let draft = |((number, &(step, at)), rank): ((u8, &(Step, DateTime<Utc>)), u8)| {
            let event = self.event(step, at, plan);
            let (kind, schema_version) = event.wire();
            meta.command_id = CommandId::derived(&["import", &ids, kind]);
            Draft {
                turn: (at, rank, self.id, number),
                event: NewEvent {
                    event_id: event_id(at, rank, self.id, number),
                    kind,
                    schema_version,
                    occurred_at: at.timestamp_micros(),
                    recorded_at: 0,
                    data: event.data(),
                    // Our own plain struct with string keys: serialising it cannot fail.
                    meta: serde_json::to_vec(&meta).map(Bytes::from).unwrap_or_default(),
                },
            }
        };
        (0_u8..).zip(&steps).zip(ranks(&steps)).map(draft).collect()
    }

    fn meta(&self, plan: &Plan, day: &Day) -> Meta {
        let row = &self.row;
        Meta {
            command_id: CommandId(self.id),
            command_hash: hex::encode(self.digest),
            correlation_id: self.id,
            causation_id: None,
            actor: actor(),
            device: None,
            branch: Some(day.branch.clone()),
            business_day: Some(day.date),
            time_zone: Some(plan.zone.name().to_owned()),
            source: Some(Source {
                data_set: plan.data_set.clone(),
                external_id: row.ticket_id.clone(),
                branch: row.branch.clone(),
                service: row.service.clone(),
                operator: row.operator.clone(),
                queue: row.queue.clone(),
                priority: row.priority.clone(),
            }),
            key_id: None,
        }
    }

    fn event(&self, step: Step, at: DateTime<Utc>, plan: &Plan) -> QueueEvent {
        let ticket = TicketId(self.id);
        let service = || -> ServiceId { names::service(&self.row.service) };
        let operator = || -> Option<OperatorId> { self.row.operator.as_deref().map(names::operator) };
        match step {
            Step::Issued => self.issued(at, plan).into(),
            Step::Called => TicketCalled {
                ticket,
                window: None,
                operator: operator(),
                attempt: 1,
                mode: CallMode::Next,
                decision: None,
            }
            .into(),
            Step::Started => {
                ServiceStarted { ticket, service: service(), window: None, operator: operator() }.into()
            }
            Step::Completed => ServiceCompleted {
                ticket,
                service: service(),
                quantity: 1,
                outcome_code: None,
                next: None,
                window: None,
                operator: operator(),
            }
            .into(),
            Step::Refused => ServiceRefused {
                ticket,
                reason_code: ReasonCode::trusted("no_service_record"),
                window: None,
                operator: operator(),
            }
            .into(),
            Step::Abandoned => TicketAbandoned { ticket, evidence: Evidence::Import }.into(),
            Step::NoShow => TicketNoShow { ticket, attempts: 1, automatic: false, grace_until: at }.into(),
        }
    }

    fn issued(&self, at: DateTime<Utc>, plan: &Plan) -> TicketIssued {
        let class =
            plan.classes.get(&self.row.priority).cloned().unwrap_or_else(|| ClassId::trusted("standard"));
        TicketIssued {
            ticket: TicketId(self.id),
            number: None,
            letter: None,
            seq: None,
            services: vec![names::service(&self.row.service)],
            class_reason: None,
            channel: Channel::Import,
            remote: false,
            party_size: 1,
            language: None,
            booking_id: None,
            slot_start: None,
            customer_ref: None,
            kiosk: None,
            not_before: None,
            place: Place { reference: at, due_at: at + usual_target(&class) },
            quote: None,
            class,
        }
    }
}

/// The source promised nothing that we know of: the house's usual target makes its waits comparable with ours.
fn usual_target(class: &ClassId) -> TimeDelta {
    match class.as_str() {
        "emergency" => TimeDelta::zero(),
        "booking" => TimeDelta::minutes(5),
        "privileged" => TimeDelta::minutes(7),
        _ => TimeDelta::minutes(15),
    }
}

/// A uuid v7 that follows from what it names: milliseconds of the time it happened, then rank, ticket and step, so
/// that ids sort as the facts do. The ticket's own id is a hash of data set and external id.
fn event_id(at: DateTime<Utc>, rank: u8, ticket: Uuid, step: u8) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let hash = ticket.as_u128();
    // The first 69 bits of the ticket's id that are hash, without those of its version and variant.
    let hash = ((hash >> 80) << 21) | (((hash >> 64) & 0xfff) << 9) | ((hash >> 53) & 0x1ff);
    let bits = (u128::from(rank & 7) << 71) | (hash << 2) | u128::from(step & 3);
    let mut tail = [0; 10];
    // Twelve of the 74 bits stand before the variant's two.
    let around_variant = ((bits >> 62) << 64) | (bits & ((1 << 62) - 1));
    tail.copy_from_slice(&around_variant.to_be_bytes()[6..]);
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn event_ids_sort_as_the_facts_do() {
        let (one, other) = (id("a", "1"), id("a", "2"));
        let ids = [
            event_id(at(1), 5, other, 0),
            event_id(at(2), 0, one, 3),
            event_id(at(2), 2, one, 1),
            event_id(at(2), 2, one, 2),
            event_id(at(2), 5, one, 0),
            event_id(at(3), 0, one, 0),
        ];
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7), "{ids:?}");
    }

    #[test]
    fn event_ids_differ_by_ticket_and_repeat() {
        let ids: std::collections::BTreeSet<_> =
            (0..10_000).map(|number| event_id(at(1), 5, id("a", &number.to_string()), 0)).collect();
        assert_eq!(ids.len(), 10_000);
        assert_eq!(event_id(at(1), 5, id("a", "1"), 0), event_id(at(1), 5, id("a", "1"), 0));
        assert_ne!(id("a", "1"), id("b", "1"));
        assert_eq!(id("a", "1").get_version_num(), 5);
    }
}
