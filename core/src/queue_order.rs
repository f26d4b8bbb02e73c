//! Who is next, and why. The one place that knows: live calls, forecasts, what-if replays and tests ask here.
//!
//! A window calls the eligible ticket that is due first (`edd`), or that waits longest (`fifo`). Instants compare as
//! whole milliseconds. Nothing here knows the clock: `now` is an argument.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::{
    ids::{ClassId, OperatorId, TicketId, WindowId},
    queue_day::{
        QueueDay,
        event::{Decision, Overtaken},
        ticket::{Ticket, TicketState},
        window::Window,
    },
    settings::{DaySettings, Policy},
    time::{millis_between, seconds},
};

/// At most so many passed-over tickets are named in a decision.
const MOST_OVERTAKEN: usize = 5;

/// Why a window has nobody to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nobody {
    Waits,
    /// Those who wait would overrun a booked slot that this window is kept for.
    ButReserved,
}

/// Whether a ticket belongs to one window or operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    None,
    Here,
    Elsewhere,
}

/// The ticket this operator at this window should call now, with the reasons. `None` when nobody is eligible or the
/// operator does not sit there.
#[must_use]
pub fn next(
    day: &QueueDay,
    window: &WindowId,
    operator: &OperatorId,
    now: DateTime<Utc>,
) -> Option<(TicketId, Decision)> {
    let window = day.windows.get(window).filter(|it| it.operator == *operator)?;
    choose(day, window, now).ok()
}

/// The same, saying why there is nobody.
///
/// # Errors
/// `Nobody`.
pub fn choose(day: &QueueDay, window: &Window, now: DateTime<Utc>) -> Result<(TicketId, Decision), Nobody> {
    let settings = day.settings.as_deref().ok_or(Nobody::Waits)?;
    let hall = Hall::seen_from(day, settings, window, now);
    let first = hall.callable().min_by(|a, b| hall.compare(a, b));
    match first {
        Some(ticket) => Ok((ticket.id, hall.decision(ticket))),
        None if hall.eligible.is_empty() => Err(Nobody::Waits),
        None => Err(Nobody::ButReserved),
    }
}

/// The reasons that go with a ticket picked by hand: its rank among those this window could have called. `None` on a
/// day without settings.
#[must_use]
pub fn decision_for(
    day: &QueueDay,
    ticket: &Ticket,
    window: &Window,
    now: DateTime<Utc>,
) -> Option<Decision> {
    let settings = day.settings.as_deref()?;
    Some(Hall::seen_from(day, settings, window, now).decision(ticket))
}

/// How many tickets that some open window gives would be called before this one.
#[must_use]
pub fn ahead_of(day: &QueueDay, ticket: &Ticket) -> u32 {
    let (Some(settings), Some(service)) = (day.settings.as_deref(), ticket.service()) else { return 0 };
    let shares_a_window = |other: &Ticket| {
        let Some(theirs) = other.service() else { return false };
        theirs == service || day.windows.values().any(|it| it.gives(service) && it.gives(theirs))
    };
    let before = waiting(day)
        .filter(|other| other.id != ticket.id && compare(settings, other, ticket).is_lt())
        .filter(|other| shares_a_window(other))
        .count();
    u32::try_from(before).unwrap_or(u32::MAX)
}

/// How many tickets of another day would be called before this one of `day`.
#[must_use]
pub fn ahead_in(other: &QueueDay, day: &QueueDay, ticket: &Ticket) -> u32 {
    let (Some(settings), Some(service)) = (day.settings.as_deref(), ticket.service()) else { return 0 };
    let shares_a_window = |them: &Ticket| {
        let Some(theirs) = them.service() else { return false };
        let mut windows = other.windows.values().chain(day.windows.values());
        theirs == service || windows.any(|it| it.gives(service) && it.gives(theirs))
    };
    let before = waiting(other)
        .filter(|them| compare(settings, them, ticket).is_lt() && shares_a_window(them))
        .count();
    u32::try_from(before).unwrap_or(u32::MAX)
}

/// Where a ticket may be called while its pin lasts: until that window closes, that operator leaves, or some time
/// after it is due.
#[must_use]
pub fn pin(day: &QueueDay, ticket: &Ticket, window: &Window, now: DateTime<Utc>) -> Pin {
    if ticket.pinned_window.is_none() && ticket.pinned_operator.is_none() {
        return Pin::None;
    }
    let lasts = day
        .settings
        .as_ref()
        .is_some_and(|it| now < ticket.place.due_at + seconds(it.calling.pin_after_due_s));
    if !lasts {
        return Pin::None;
    }
    let to_window = ticket.pinned_window.as_ref().filter(|id| day.windows.contains_key(id));
    let to_operator =
        ticket.pinned_operator.as_ref().filter(|id| day.windows.values().any(|it| it.operator == **id));
    match (to_window, to_operator) {
        (None, None) => Pin::None,
        (Some(id), None) if *id == window.id => Pin::Here,
        (None, Some(id)) if *id == window.operator => Pin::Here,
        (Some(at), Some(who)) if *at == window.id || *who == window.operator => Pin::Here,
        (Some(_), _) | (_, Some(_)) => Pin::Elsewhere,
    }
}

/// The order of calling: emergencies, then the policy; equals by smaller target, earlier reference, smaller number.
#[must_use]
pub fn compare(settings: &DaySettings, a: &Ticket, b: &Ticket) -> Ordering {
    let calm = |it: &Ticket| !settings.is_emergency(&it.class);
    calm(a).cmp(&calm(b)).then_with(|| within_a_tier(settings, a, b))
}

fn within_a_tier(settings: &DaySettings, a: &Ticket, b: &Ticket) -> Ordering {
    let due = |it: &Ticket| it.place.due_at.timestamp_millis();
    let reference = |it: &Ticket| it.place.reference.timestamp_millis();
    let target = |it: &Ticket| it.service().map(|service| settings.target(&it.class, service));
    let by_policy = match settings.policy {
        Policy::Edd => due(a).cmp(&due(b)),
        Policy::Fifo => reference(a).cmp(&reference(b)),
    };
    by_policy
        .then_with(|| target(a).cmp(&target(b)))
        .then_with(|| reference(a).cmp(&reference(b)))
        .then_with(|| (a.seq, a.letter, a.id).cmp(&(b.seq, b.letter, b.id)))
}

fn waiting(day: &QueueDay) -> impl Iterator<Item = &Ticket> {
    day.open().filter(|it| matches!(it.state, TicketState::Waiting { .. }))
}

/// The queue as one window sees it.
struct Hall<'a> {
    settings: &'a DaySettings,
    now: DateTime<Utc>,
    /// Classes of the hard tier, looked up once: every comparison asks for them.
    emergencies: Vec<&'a ClassId>,
    /// Those this window may call, apart from the reservation below.
    eligible: Vec<&'a Ticket>,
    /// The soonest booked slot that this window is the last free one for.
    kept_for: Option<DateTime<Utc>>,
}

impl<'a> Hall<'a> {
    fn seen_from(day: &'a QueueDay, settings: &'a DaySettings, window: &Window, now: DateTime<Utc>) -> Self {
        let given = window.given();
        let may_call = |it: &&Ticket| {
            it.not_before.is_none_or(|instant| instant <= now)
                && it.service().is_some_and(|service| given.contains(service))
                && pin(day, it, window, now) != Pin::Elsewhere
        };
        let all: Vec<&Ticket> = waiting(day).filter(may_call).collect();
        let unlocked = |it: &&&Ticket| it.locked_until.is_none_or(|instant| instant <= now);
        let free: Vec<&Ticket> = all.iter().filter(unlocked).copied().collect();
        let eligible = if free.is_empty() { all } else { free };
        let emergencies = settings.classes.iter().filter(|it| it.emergency).map(|it| &it.id).collect();
        let kept_for = slot_kept(day, settings, window, now);
        Self { settings, now, emergencies, eligible, kept_for }
    }

    fn compare(&self, a: &Ticket, b: &Ticket) -> Ordering {
        let calm = |it: &Ticket| !self.emergencies.contains(&&it.class);
        calm(a).cmp(&calm(b)).then_with(|| within_a_tier(self.settings, a, b))
    }

    /// The eligible ones whose service would not run into a slot this window is kept for; whoever is past due goes
    /// all the same.
    fn callable(&self) -> impl Iterator<Item = &'a Ticket> {
        self.eligible.iter().copied().filter(|it| !self.is_held_back(it))
    }

    fn is_held_back(&self, ticket: &Ticket) -> bool {
        let Some(slot) = self.kept_for else { return false };
        let p80_s = ticket.service().and_then(|id| self.settings.service(id)).map_or(0, |it| it.p80_s);
        let overruns = millis_between(self.now + seconds(p80_s), slot) < 0;
        ticket.slot_start.is_none() && overruns && self.now <= ticket.place.due_at
    }

    fn decision(&self, chosen: &Ticket) -> Decision {
        // The chosen one counts too, wherever it was called from.
        let (mut candidates, mut rank) = (1, 1);
        for other in self.callable().filter(|it| it.id != chosen.id) {
            candidates += 1;
            rank += usize::from(self.compare(other, chosen).is_lt());
        }
        let reference = |it: &Ticket| it.place.reference.timestamp_millis();
        let mut overtaken: Vec<&Ticket> = self
            .eligible
            .iter()
            .copied()
            .filter(|it| it.id != chosen.id && reference(it) < reference(chosen))
            .collect();
        overtaken.sort_by_key(|it| (reference(it), it.seq, it.id));
        overtaken.truncate(MOST_OVERTAKEN);
        let named =
            |it: &Ticket| Overtaken { ticket: it.id, number: it.number.clone(), due_at: it.place.due_at };
        let policy = match self.settings.policy {
            Policy::Edd => "edd",
            Policy::Fifo => "fifo",
        };
        Decision {
            policy: policy.into(),
            version: self.settings.version,
            candidates: u32::try_from(candidates).unwrap_or(u32::MAX),
            rank: u32::try_from(rank).unwrap_or(u32::MAX),
            due_at: chosen.place.due_at,
            overtaken: overtaken.into_iter().map(named).collect(),
            reason_code: None,
        }
    }
}

/// The soonest slot of a checked-in booking, within the guard's time, that no other free window could take.
fn slot_kept(
    day: &QueueDay,
    settings: &DaySettings,
    window: &Window,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let guard = seconds(settings.calling.reservation_guard_s);
    let is_free = |it: &&Window| it.id != window.id && it.pause.is_none() && it.ticket.is_none();
    let only_here = |ticket: &&Ticket| {
        ticket.service().is_some_and(|service| {
            window.gives(service) && !day.windows.values().filter(is_free).any(|it| it.gives(service))
        }) && pin(day, ticket, window, now) != Pin::Elsewhere
    };
    waiting(day)
        .filter(|it| it.slot_start.is_some_and(|slot| now < slot && now >= slot - guard))
        .filter(only_here)
        .filter_map(|it| it.slot_start)
        .min()
}
