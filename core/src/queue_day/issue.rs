//! Tickets are given out: numbers, quotas, first places, arrivals.

use chrono::{DateTime, Utc};

use super::{
    DayState, PausedBy, QueueDay,
    command::IssueTicket,
    decide::{Asked, Decided, fact, known_reason},
    event::{Arrival, IntakePaused, Rule, TicketArrived, TicketIssued, TicketReprioritised},
    place::Standing,
    ticket::TicketState,
};
use crate::{
    fact::ActorKind,
    ids::{ClassId, ReasonCode, ServiceId, TicketId},
    refusal::Refusal,
    settings::{BOOKING, DaySettings, STANDARD},
    time::seconds,
};

/// More services than a visit can hold are a mistake or an attack.
const MOST_SERVICES: usize = 20;
const LARGEST_PARTY: u16 = 999;
/// Why a booked customer became a standard one: a word of the house, not of the organisation.
const LATE: &str = "late_for_booking";

impl QueueDay {
    pub(super) fn issue(&self, asked: &Asked<'_>, it: &IssueTicket) -> Decided {
        let settings = self.running()?;
        self.takes_people_in(asked.at)?;
        self.well_formed(settings, it)?;
        offered(settings, asked, it)?;
        self.within_quotas(settings, it)?;
        if let Some(booking) = it.booking_id
            && let Some(other) = self.open().find(|other| other.booking_id == Some(booking))
        {
            return Err(Refusal::BookingHasTicket { ticket: other.id });
        }
        let service = it.services.first().ok_or(Refusal::NoService)?;
        let letter = settings
            .letter_of(service)
            .ok_or_else(|| Refusal::UnknownService { service: service.clone() })?;
        let (class, reference) = first_class(settings, &it.class, it.slot_start, asked.at);
        let seq = self.last_seq.get(&letter).copied().unwrap_or_default() + 1;
        let standing = Standing { ticket: it.ticket, class: &class, service, reference, returns: 0 };
        let place = standing.place_from(settings, reference);
        let mut events = vec![fact(TicketIssued {
            ticket: it.ticket,
            number: Some(number(letter, seq)),
            letter: Some(letter),
            seq: Some(seq),
            services: it.services.clone(),
            class,
            class_reason: it.class_reason.clone(),
            channel: it.channel,
            remote: it.remote,
            party_size: it.party_size,
            language: it.language.clone(),
            booking_id: it.booking_id,
            slot_start: it.slot_start,
            customer_ref: it.customer_ref.clone(),
            kiosk: it.kiosk.clone(),
            not_before: it.not_before,
            place,
            quote: it.quote.clone(),
        })];
        if settings.quotas.day == Some(self.tallies.issued + 1) {
            events.push(fact(IntakePaused { rule: Some(Rule::Quota), reason: None }));
        }
        Ok(events)
    }

    /// Remote customers wait from the moment they are in the hall.
    pub(super) fn arrive(&self, asked: &Asked<'_>, id: TicketId, how: Arrival) -> Decided {
        let settings = self.running()?;
        let ticket = self.ticket(id)?;
        match &ticket.state {
            TicketState::Expected => {
                let booked = first_class(settings, &ticket.class, ticket.slot_start, asked.at);
                let (class, reference) = booked;
                let standing = Standing { class: &class, ..Standing::of(ticket, ticket.current()?) };
                let place = standing.place_from(settings, reference);
                let mut events = vec![fact(TicketArrived { ticket: id, how, place })];
                if class != ticket.class {
                    events.push(fact(TicketReprioritised {
                        ticket: id,
                        old_class: ticket.class.clone(),
                        new_class: class,
                        due_at: place.due_at,
                        reason_code: ReasonCode::trusted(LATE),
                    }));
                }
                Ok(events)
            }
            TicketState::Waiting { .. }
            | TicketState::Called { .. }
            | TicketState::Serving { .. }
            | TicketState::Parked { .. }
            | TicketState::NoShow { .. }
            | TicketState::Closed { .. } => Err(ticket.not_now()),
        }
    }

    /// The hours count even when the event that says so is late.
    fn takes_people_in(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.state {
            DayState::IntakePaused { by: PausedBy::Rule(Rule::Quota), .. } => {
                Err(Refusal::QuotaReached { service: None })
            }
            DayState::IntakePaused { .. } if self.break_is_over(now) => Ok(()),
            DayState::IntakePaused { .. } => Err(Refusal::IntakePaused),
            DayState::Open if self.intake_should_pause(now) => Err(Refusal::IntakePaused),
            DayState::Open | DayState::NotOpened | DayState::Closed { .. } => Ok(()),
        }
    }

    fn well_formed(&self, settings: &DaySettings, it: &IssueTicket) -> Result<(), Refusal> {
        if it.services.is_empty() {
            return Err(Refusal::NoService);
        }
        if it.services.len() > MOST_SERVICES {
            return Err(Refusal::Malformed { what: "services" });
        }
        if let Some(unknown) = it.services.iter().find(|id| settings.service(id).is_none()) {
            return Err(Refusal::UnknownService { service: unknown.clone() });
        }
        if it.party_size == 0 || it.party_size > LARGEST_PARTY {
            return Err(Refusal::Malformed { what: "partySize" });
        }
        let is_language = |text: &String| text.len() == 2 && text.chars().all(|c| c.is_ascii_lowercase());
        if it.language.as_ref().is_some_and(|text| !is_language(text)) {
            return Err(Refusal::Malformed { what: "language" });
        }
        if self.tickets.contains_key(&it.ticket) {
            return Err(Refusal::AlreadyExists { what: "ticketId" });
        }
        Ok(())
    }

    fn within_quotas(&self, settings: &DaySettings, it: &IssueTicket) -> Result<(), Refusal> {
        if settings.quotas.day.is_some_and(|most| self.tallies.issued >= most) {
            return Err(Refusal::QuotaReached { service: None });
        }
        let issued =
            |service: &ServiceId| self.tallies.issued_by_service.get(service).copied().unwrap_or_default();
        let full = |service: &&ServiceId| {
            settings.quotas.services.get(*service).is_some_and(|most| issued(service) >= *most)
        };
        match it.services.iter().find(full) {
            Some(service) => Err(Refusal::QuotaReached { service: Some(service.clone()) }),
            None => Ok(()),
        }
    }
}

/// Customers choose among the classes a kiosk may offer; staff name any, an emergency with its reason.
fn offered(settings: &DaySettings, asked: &Asked<'_>, it: &IssueTicket) -> Result<(), Refusal> {
    let class = settings.class(&it.class).ok_or_else(|| Refusal::UnknownClass { class: it.class.clone() })?;
    let alone = matches!(asked.actor.kind, ActorKind::Customer | ActorKind::Device);
    let booked = class.id.as_str() == BOOKING && it.booking_id.is_some();
    if alone && !(class.self_service || booked || class.id.as_str() == STANDARD) {
        return Err(Refusal::ClassNotOffered { class: it.class.clone() });
    }
    match &it.class_reason {
        None if class.emergency => Err(Refusal::ReasonRequired),
        None => Ok(()),
        Some(_) if class.reasons.is_empty() && settings.reasons.priority.is_empty() => Ok(()),
        Some(code) => {
            let grounds = [class.reasons.as_slice(), settings.reasons.priority.as_slice()].concat();
            known_reason(&grounds, code)
        }
    }
}

/// Class and reference of somebody who is there now. A booking waits from its slot; one that comes too late waits like
/// everybody, from now on.
fn first_class(
    settings: &DaySettings,
    class: &ClassId,
    slot_start: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (ClassId, DateTime<Utc>) {
    let Some(slot) = slot_start else { return (class.clone(), now) };
    if class.as_str() == BOOKING && now > slot + seconds(settings.calling.late_booking_s) {
        (ClassId::trusted(STANDARD), now)
    } else {
        (class.clone(), slot.max(now))
    }
}

/// `А001` … `А999`, `А1000` …
fn number(letter: char, seq: u32) -> String {
    format!("{letter}{seq:03}")
}
