//! What to tell a customer about the wait. A port, because models differ and are compared; the formula below is the
//! one that is always there.

use chrono::{DateTime, Utc};

use crate::{
    ids::{ClassId, ServiceId},
    queue_day::{
        QueueDay,
        event::{Place, Quote},
        ticket::{Ticket, TicketState},
        window::Window,
    },
    queue_order::compare,
    settings::{DaySettings, Policy},
};

/// Quotes a wait for somebody who would take a ticket now. `None` when nothing honest can be said.
pub trait WaitingTime: Send + Sync {
    fn quote(
        &self,
        day: &QueueDay,
        services: &[ServiceId],
        class: &ClassId,
        now: DateTime<Utc>,
    ) -> Option<Quote>;

    /// Quotes the rest of the wait of somebody who waits already. `None` for tickets that do not wait.
    fn remaining(&self, day: &QueueDay, ticket: &Ticket, now: DateTime<Utc>) -> Option<Quote>;
}

/// Work ahead divided by the windows that do it.
///
/// Work ahead is the mean service time of each waiting ticket that would be called before, at windows that give the
/// first service asked for; one mean more when none of these windows is free, since somebody has to finish first.
/// The mean is the day's own once five services were completed, else the catalogue's norm. The time four of five will
/// not exceed adds 0.84 standard deviations of a sum of exponential times. Both are rounded up: to whole minutes up
/// to ten, to five minutes above.
#[derive(Debug, Clone, Copy, Default)]
pub struct Formula;

/// Own completions of a day before they are believed.
const ENOUGH_COMPLETED: u32 = 5;

impl WaitingTime for Formula {
    fn quote(
        &self,
        day: &QueueDay,
        services: &[ServiceId],
        class: &ClassId,
        now: DateTime<Utc>,
    ) -> Option<Quote> {
        let settings = day.settings.as_deref()?;
        let service = services.first()?;
        let place = Place { reference: now, due_at: now + settings.target(class, service) };
        estimate(day, settings, service, |it| goes_before(settings, it, class, place))
    }

    fn remaining(&self, day: &QueueDay, ticket: &Ticket, _now: DateTime<Utc>) -> Option<Quote> {
        let settings = day.settings.as_deref()?;
        if !matches!(ticket.state, TicketState::Waiting { .. }) {
            return None;
        }
        estimate(day, settings, ticket.service()?, |it| compare(settings, it, ticket).is_lt())
    }
}

fn estimate(
    day: &QueueDay,
    settings: &DaySettings,
    service: &ServiceId,
    goes_before: impl Fn(&Ticket) -> bool,
) -> Option<Quote> {
    let open: Vec<&Window> = day.windows.values().filter(|it| it.gives(service)).collect();
    let windows = u64::try_from(open.len()).ok().filter(|count| *count > 0)?;
    let shared = |theirs: &ServiceId| open.iter().any(|it| it.gives(theirs));
    let before = |it: &&Ticket| {
        matches!(it.state, TicketState::Waiting { .. }) && goes_before(it) && it.service().is_some_and(shared)
    };
    let mut work: Vec<u64> = day
        .open()
        .filter(before)
        .filter_map(|it| it.service().map(|theirs| mean_s(day, settings, theirs)))
        .collect();
    let ahead = u32::try_from(work.len()).unwrap_or(u32::MAX);
    if !open.iter().any(|it| it.ticket.is_none() && it.pause.is_none()) {
        work.push(mean_s(day, settings, service));
    }
    let sum: u64 = work.iter().sum();
    let deviation = work.iter().map(|it| it * it).sum::<u64>().isqrt();
    Some(Quote {
        p50_s: rounded_up(sum / windows),
        p80_s: rounded_up((sum + deviation * 84 / 100) / windows),
        model: "formula".into(),
        ahead,
        windows: u32::try_from(windows).unwrap_or(u32::MAX),
    })
}

fn goes_before(settings: &DaySettings, ticket: &Ticket, class: &ClassId, place: Place) -> bool {
    match (settings.is_emergency(&ticket.class), settings.is_emergency(class)) {
        (true, false) => return true,
        (false, true) => return false,
        (true, true) | (false, false) => {}
    }
    match settings.policy {
        Policy::Edd => ticket.place.due_at <= place.due_at,
        Policy::Fifo => ticket.place.reference <= place.reference,
    }
}

fn mean_s(day: &QueueDay, settings: &DaySettings, service: &ServiceId) -> u64 {
    match day.tallies.service_times.get(service) {
        Some((count, sum)) if *count >= ENOUGH_COMPLETED => sum / u64::from(*count),
        Some(_) | None => settings.service(service).map_or(0, |it| u64::from(it.norm_s)),
    }
}

/// A figure a person can use.
fn rounded_up(wait_s: u64) -> u32 {
    const MINUTE: u64 = 60;
    let step = if wait_s <= 10 * MINUTE { MINUTE } else { 5 * MINUTE };
    u32::try_from(wait_s.div_ceil(step) * step).unwrap_or(u32::MAX)
}
