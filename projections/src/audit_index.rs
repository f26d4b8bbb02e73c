//! Who did what to which ticket and when, for the auditor's search. No payloads: those are read from the log.

pub mod read;

use std::borrow::Cow;

use async_trait::async_trait;
use talon_core::{
    fact::Fact,
    ids::OperatorId,
    queue_event::{
        AccessEvent, BranchEvent, CustomerEvent, DeviceEvent, Event, OrganisationEvent, QueueEvent,
        StaffEvent,
    },
    staff,
};
use talon_storage::{Tx, sql};

use crate::{
    batch::Trouble,
    bulk::{Binds, Bound, Bulk},
    filler::Filler,
    projector::{Projection, ProjectionError, Projector, Table},
    subject::Subject,
};

pub static AUDIT_INDEX: Projection = Projection {
    name: "audit_index",
    shape: 2,
    tables: &[Table {
        name: "audit_index",
        sqlite: sql!("audit_index/create_audit_index.sqlite"),
        postgres: sql!("audit_index/create_audit_index.postgres"),
    }],
    indexes: &[sql!("audit_index/indexes")],
    make: |version| Box::new(AuditIndex::new(version)),
};

const COLUMNS: usize = 11;

struct AuditIndex {
    save: Bulk,
}

impl AuditIndex {
    fn new(version: i64) -> Self {
        Self { save: Bulk::new(sql!("audit_index/save"), version, COLUMNS) }
    }
}

#[async_trait]
impl Projector for AuditIndex {
    async fn apply(&mut self, tx: &mut Tx<'_>, facts: &[Fact]) -> Result<(), ProjectionError> {
        let rows: Vec<_> = facts.iter().map(Row).collect();
        Ok(self.save.write(tx, &rows).await?)
    }

    fn forget(&mut self) {}

    async fn fill(&mut self, facts: &[Fact], into: &mut Filler) -> Result<(), Trouble> {
        let rows: Vec<_> = facts.iter().map(Row).collect();
        Ok(into.add(&self.save, &rows)?)
    }

    async fn settle(&mut self, _: &mut Filler) -> Result<(), Trouble> {
        Ok(())
    }
}

struct Row<'a>(&'a Fact);

impl Bound for Row<'_> {
    fn bind(&self, to: &mut Binds) {
        let fact = self.0;
        let subject = match &*fact.event {
            Event::Queue(event) => Subject::of(event),
            _ => Subject::default(),
        };
        let window = subject.window.or(fact.meta.actor.window.as_ref());
        to.add(i64::try_from(fact.position).unwrap_or(i64::MAX))
            .add(fact.event_id.0)
            .add(wire_name(&fact.event))
            .add(fact.meta.branch.as_ref().map(|it| it.as_str()))
            .add(subject.ticket.map(|it| it.0))
            .add(window.map(|it| it.as_str()))
            .add(actor_kind(fact))
            .add(fact.meta.actor.id.as_str())
            .add(fact.occurred_at)
            .add(fact.recorded_at)
            .add(person_or_device(fact).as_deref());
    }
}

/// Whom a fact is about that has a stream of their own: a person or a device, by that stream's name.
fn person_or_device(fact: &Fact) -> Option<Cow<'_, str>> {
    let of = |staff: &OperatorId| Some(Cow::Owned(staff::stream(staff).as_str().to_owned()));
    match &*fact.event {
        Event::Organisation(OrganisationEvent::StaffListed(it)) => of(&it.staff),
        Event::Organisation(OrganisationEvent::AdministratorNamed(it)) => of(&it.staff),
        Event::Organisation(OrganisationEvent::AdministratorRelieved(it)) => of(&it.staff),
        Event::Access(AccessEvent::SignInFailed(it)) => it.staff.as_ref().and_then(of),
        Event::Access(AccessEvent::AccountLocked(it)) => it.staff.as_ref().and_then(of),
        _ if matches!(fact.stream.category(), "staff" | "customer" | "device") => {
            Some(Cow::Borrowed(fact.stream.as_str()))
        }
        _ => None,
    }
}

fn wire_name(event: &Event) -> &str {
    match event {
        Event::Queue(it) => QueueEvent::wire(it).0,
        Event::Organisation(it) => OrganisationEvent::wire(it).0,
        Event::Branch(it) => BranchEvent::wire(it).0,
        Event::Staff(it) => StaffEvent::wire(it).0,
        Event::Customer(it) => CustomerEvent::wire(it).0,
        Event::Device(it) => DeviceEvent::wire(it).0,
        Event::Access(it) => AccessEvent::wire(it).0,
        Event::Unknown { kind, .. } => kind,
    }
}

/// As interfaces spell it.
fn actor_kind(fact: &Fact) -> &'static str {
    use talon_core::fact::ActorKind as Kind;
    match fact.meta.actor.kind {
        Kind::Staff => "staff",
        Kind::Customer => "customer",
        Kind::Device => "device",
        Kind::System => "system",
        Kind::Import => "import",
    }
}
