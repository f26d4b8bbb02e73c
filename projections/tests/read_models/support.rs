//! Days played through the rules, with chance in them, and the logs they are written to.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    event_store::{EventStore, NewEvent, StreamId},
    fact::{Actor, Meta, Source},
    ids::{BranchId, CommandId, EventId, TicketId},
    organisation::event::BranchRegistered,
    queue_day::{
        command::{Action, AtWindow, TransferTicket},
        event::{Placement, Pool, RevokeReason},
        ticket::TicketState,
    },
    queue_event::{Event, OrganisationEvent},
    testing::{
        given::{Hall, Heard},
        samples::{
            LEGAL, LETTERS, NINE_OCLOCK, PARCELS, PENSIONS, STAMPS, WINDOW_1, WINDOW_2, WINDOW_3, anna,
            at_window, boris, class, head, kiosk, reason, service, transfer, wanted, window,
        },
    },
    time::ManualClock,
};
use talon_storage::{Access, Storage, StoreUrl};
use uuid::Uuid;

pub(crate) const SERVICES: [&str; 5] = [LETTERS, STAMPS, PARCELS, PENSIONS, LEGAL];

pub(crate) fn branch(id: &str) -> BranchId {
    BranchId::trusted(id)
}

pub(crate) fn day() -> NaiveDate {
    NINE_OCLOCK.date_naive()
}

pub(crate) fn stream(branch: &BranchId, date: NaiveDate) -> StreamId {
    StreamId::new(&format!("queue-{branch}~{date}"))
}

pub(crate) async fn memory() -> Storage {
    Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap()
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NINE_OCLOCK))
}

/// The same numbers for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.below(of.len())].clone())
    }
}

/// A morning of chance: customers come, operators do everything they may and take some of it back.
pub(crate) fn morning(seed: u64, steps: usize) -> Hall {
    let mut dice = Dice::new(seed);
    let mut hall = Hall::open();
    let mut next = u128::from(seed) * 1_000_000;
    for (actor, at) in [(anna(), WINDOW_1), (boris(), WINDOW_2), (head(), WINDOW_3)] {
        let action = Action::OpenWindow(at_window(&actor, at));
        hall.does(&actor, action);
    }
    for _ in 0..steps {
        hall.passes(i64::try_from(dice.below(40)).unwrap());
        hall.lets_time_act();
        let (actor, action) = step(&mut hall, &mut dice, &mut next);
        let _ = hall.ask(&actor, action);
        // Some of the steps are taken back at once, where that is allowed.
        if dice.below(5) == 0
            && let Some(last) = hall.heard.last()
        {
            let (id, actor) = (last.id, last.actor.clone());
            let _ = hall.ask(&actor, Action::UndoAction { event: id });
        }
    }
    hall
}

/// The morning, and the evening after it: the day closes by the clock.
pub(crate) fn whole_day(seed: u64, steps: usize) -> Hall {
    let mut hall = morning(seed, steps);
    for _ in 0..200 {
        hall.passes(600);
        hall.lets_time_act();
        // Who is called and does not come is called again until the rules give up.
        for (id, _) in in_state(&hall, |state| matches!(state, TicketState::Called { .. })) {
            let _ = hall.ask(&head(), Action::RecallTicket { ticket: id });
        }
        for (id, _) in in_state(&hall, |state| matches!(state, TicketState::Serving { .. })) {
            let action = Action::CompleteService { ticket: id, outcome: Some(reason("done")), quantity: 1 };
            let _ = hall.ask(&head(), action);
        }
    }
    hall
}

fn in_state(hall: &Hall, wanted: impl Fn(&TicketState) -> bool) -> Vec<(TicketId, String)> {
    hall.day
        .open()
        .filter(|it| wanted(&it.state))
        .map(|it| (it.id, it.window.as_ref().map(ToString::to_string).unwrap_or_default()))
        .collect()
}

fn operator_at(at: &str) -> Actor {
    match at {
        WINDOW_1 => anna(),
        WINDOW_2 => boris(),
        _ => head(),
    }
}

fn step(hall: &mut Hall, dice: &mut Dice, next: &mut u128) -> (Actor, Action) {
    let waiting = in_state(hall, |it| matches!(it, TicketState::Waiting { .. }));
    let called = in_state(hall, |it| matches!(it, TicketState::Called { .. }));
    let serving = in_state(hall, |it| matches!(it, TicketState::Serving { .. }));
    let parked = in_state(hall, |it| matches!(it, TicketState::Parked { .. }));
    let gone = in_state(hall, |it| matches!(it, TicketState::NoShow { .. }));
    let at = [WINDOW_1, WINDOW_2, WINDOW_3][dice.below(3)];
    let actor = operator_at(at);
    let any_service = service(SERVICES[dice.below(SERVICES.len())]);
    let take = |next: &mut u128, dice: &mut Dice| {
        *next += 1;
        let first = SERVICES[dice.below(SERVICES.len())];
        let second = SERVICES[dice.below(SERVICES.len())];
        let both = [first, second];
        let many = first != second && dice.below(4) == 0;
        let mut wish = wanted(*next, if many { &both } else { &both[..1] });
        wish.remote = dice.below(8) == 0;
        if dice.below(5) == 0 {
            wish.class = class("privileged");
            wish.class_reason = Some(reason("veteran"));
        }
        (kiosk(), Action::IssueTicket(wish))
    };
    let pick = |dice: &mut Dice, of: &[(TicketId, String)]| dice.one_of(of);
    let chosen = match dice.below(24) {
        0..=2 => Some(take(next, dice)),
        3 | 4 => None,
        5..=8 => Some((actor.clone(), Action::CallNext { window: window(at) })),
        9..=11 => pick(dice, &called).map(|(id, at)| (operator_at(&at), Action::StartService { ticket: id })),
        12..=14 => pick(dice, &serving).map(|(id, at)| {
            let outcome = Some(reason(if dice.below(2) == 0 { "done" } else { "partly" }));
            (operator_at(&at), Action::CompleteService { ticket: id, outcome, quantity: 1 })
        }),
        15 => pick(dice, &[called, serving].concat()).map(|(id, at)| {
            let pool = Pool::Branch;
            (
                operator_at(&at),
                Action::ParkTicket { ticket: id, reason: reason("form"), pool, resume_by: None },
            )
        }),
        16 => pick(dice, &parked).map(|(id, at)| (operator_at(&at), Action::UnparkTicket { ticket: id })),
        17 => pick(dice, &[called, serving, gone].concat()).map(|(id, at)| {
            let placement = [Placement::Original, Placement::Tail, Placement::Front][dice.below(3)];
            (operator_at(&at), Action::ReturnTicket { ticket: id, placement, not_before: None })
        }),
        18 => pick(dice, &[called, serving, parked].concat()).map(|(id, at)| {
            let TransferTicket { ticket: _, to_operator, placement, .. } = transfer(0);
            let to_window = Some(window(WINDOW_1)).filter(|_| dice.below(2) == 0);
            let to_service = Some(any_service.clone());
            let it = TransferTicket { ticket: id, to_service, to_window, to_operator, placement };
            (operator_at(&at), Action::TransferTicket(it))
        }),
        19 => match dice.below(3) {
            0 => pick(dice, &called).map(|(id, at)| {
                let reason = RevokeReason::Mistake;
                (operator_at(&at), Action::RevokeCall { ticket: id, reason })
            }),
            1 => pick(dice, &called).map(|(id, at)| (operator_at(&at), Action::RecallTicket { ticket: id })),
            _ => pick(dice, &called).map(|(id, at)| (operator_at(&at), Action::MarkNoShow { ticket: id })),
        },
        20 => match dice.below(3) {
            0 => pick(dice, &gone).map(|(id, at)| {
                (operator_at(&at), Action::ReactivateTicket { ticket: id, placement: Placement::Original })
            }),
            1 => pick(dice, &serving).map(|(id, at)| {
                (operator_at(&at), Action::RefuseService { ticket: id, reason: reason("no_document") })
            }),
            _ => pick(dice, &waiting).map(|(id, _)| {
                let (class, reason) = (class("privileged"), reason("veteran"));
                (head(), Action::ReprioritiseTicket { ticket: id, class, reason })
            }),
        },
        21 => match dice.below(3) {
            0 => Some((
                actor.clone(),
                Action::PauseWindow { window: window(at), reason: reason("tea"), until: None },
            )),
            1 => Some((actor.clone(), Action::ResumeWindow { window: window(at) })),
            _ => pick(dice, &serving).map(|(id, at)| {
                (
                    operator_at(&at),
                    Action::AddService { ticket: id, service: any_service.clone(), quantity: 1 },
                )
            }),
        },
        22 => match dice.below(3) {
            0 => Some((actor.clone(), Action::CloseWindow { window: window(at) })),
            _ => Some((actor.clone(), Action::OpenWindow(at_window(&actor, at)))),
        },
        _ => match dice.below(2) {
            0 => pick(dice, &serving).map(|(id, at)| {
                let action = Action::SwitchService { ticket: id, service: any_service.clone(), quantity: 1 };
                (operator_at(&at), action)
            }),
            _ => Some((boris(), Action::TakeOverWindow(AtWindow { ..at_window(&boris(), at) }))),
        },
    };
    chosen.unwrap_or_else(|| match dice.below(6) {
        0 | 1 => take(next, dice),
        2 => (actor.clone(), Action::OpenWindow(at_window(&actor, at))),
        _ => (actor.clone(), Action::CallNext { window: window(at) }),
    })
}

/// What the hall heard, as the log would hold it.
pub(crate) fn recorded(heard: &[Heard], branch: &BranchId, date: NaiveDate, salt: u128) -> Vec<NewEvent> {
    heard.iter().map(|it| new_event(it, Some((branch, date)), None, salt)).collect()
}

pub(crate) fn new_event(
    heard: &Heard,
    day: Option<(&BranchId, NaiveDate)>,
    source: Option<Source>,
    salt: u128,
) -> NewEvent {
    let unique = |id: Uuid| Uuid::from_u128(id.as_u128() ^ (salt << 64));
    let (kind, schema_version, data) = match &heard.event {
        Event::Queue(it) => (it.wire().0, it.wire().1, it.data()),
        Event::Organisation(it) => (it.wire().0, it.wire().1, it.data()),
        Event::Branch(it) => (it.wire().0, it.wire().1, it.data()),
        other => panic!("not in these tests: {other:?}"),
    };
    let meta = Meta {
        command_id: CommandId(unique(heard.command.0)),
        command_hash: String::new(),
        correlation_id: unique(heard.id.0),
        causation_id: None,
        actor: heard.actor.clone(),
        device: None,
        branch: day.map(|(branch, _)| branch.clone()),
        business_day: day.map(|(_, date)| date),
        time_zone: day.map(|_| "Europe/Moscow".into()),
        source,
        key_id: None,
    };
    NewEvent {
        event_id: unique(heard.id.0),
        kind,
        schema_version,
        occurred_at: heard.at.timestamp_micros(),
        recorded_at: heard.at.timestamp_micros(),
        data,
        meta: serde_json::to_vec(&meta).unwrap().into(),
    }
}

/// Appends to a stream whatever is there.
pub(crate) async fn append(store: &dyn EventStore, stream: &StreamId, events: Vec<NewEvent>) -> u64 {
    let mut last = 0;
    for chunk in events.chunks(200) {
        let head = store.head(stream).await.unwrap();
        let at = store.append(stream, head.version, chunk.to_vec()).await.unwrap();
        last = match at {
            talon_core::event_store::Appended::At(position, _)
            | talon_core::event_store::Appended::Duplicate(position) => position,
        };
    }
    last
}

/// Registers branches with the organisation.
pub(crate) async fn register(store: &dyn EventStore, branches: &[&BranchId], imported: bool) {
    for (n, branch) in branches.iter().enumerate() {
        let event = BranchRegistered { branch: (*branch).clone(), region: None, imported };
        let heard = happened(NINE_OCLOCK, Event::Organisation(OrganisationEvent::from(event)), n);
        append(store, &StreamId::new("organisation"), vec![new_event(&heard, None, None, salt(branch))])
            .await;
    }
}

pub(crate) fn salt(branch: &BranchId) -> u128 {
    branch.as_str().bytes().fold(7, |sum, byte| (sum * 31 + u128::from(byte)) & 0xffff_ffff)
}

pub(crate) fn happened(at: DateTime<Utc>, event: Event, n: usize) -> Heard {
    let id = Uuid::from_u128(0xeeee_0000 + n as u128);
    Heard { id: EventId(id), at, command: CommandId(id), actor: Actor::system(), imported: false, event }
}
