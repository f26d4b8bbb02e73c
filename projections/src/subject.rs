//! Whom a fact is about: a branch and its day; one ticket, one window, both or neither.

use std::borrow::Cow;

use chrono::NaiveDate;
use talon_core::{
    event_store::StreamId,
    fact::Fact,
    ids::{BranchId, TicketId, WindowId},
    queue_event::QueueEvent,
};

/// The branch and the date in the name of a day's stream.
pub(crate) fn day_of(stream: &StreamId) -> Option<(BranchId, NaiveDate)> {
    let (branch, date) = stream.as_str().strip_prefix("queue-")?.rsplit_once('~')?;
    Some((BranchId::trusted(branch), date.parse().ok()?))
}

/// The branch in the name of a stream, when that kind of stream belongs to one.
pub(crate) fn branch_of(stream: &StreamId) -> Option<BranchId> {
    let rest = stream.as_str().split_once('-').map(|(_, rest)| rest)?;
    match stream.category() {
        "branch" => Some(BranchId::trusted(rest)),
        "queue" | "calendar" => rest.rsplit_once('~').map(|(branch, _)| BranchId::trusted(branch)),
        _ => None,
    }
}

/// The branch's day a fact belongs to.
pub(crate) fn hall_of(fact: &Fact) -> Option<(Cow<'_, BranchId>, NaiveDate)> {
    match (&fact.meta.branch, fact.meta.business_day) {
        (Some(branch), Some(date)) => Some((Cow::Borrowed(branch), date)),
        _ => day_of(&fact.stream).map(|(branch, date)| (Cow::Owned(branch), date)),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) ticket: Option<TicketId>,
    pub(crate) window: Option<&'a WindowId>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(event: &'a QueueEvent) -> Self {
        use QueueEvent as E;
        let ticket = |ticket: TicketId| Self { ticket: Some(ticket), window: None };
        let both = |ticket: TicketId, window: Option<&'a WindowId>| Self { ticket: Some(ticket), window };
        let window = |window: &'a WindowId| Self { ticket: None, window: Some(window) };
        match event {
            E::TicketIssued(it) => ticket(it.ticket),
            E::TicketArrived(it) => ticket(it.ticket),
            E::TicketReprioritised(it) => ticket(it.ticket),
            E::TicketCalled(it) => both(it.ticket, it.window.as_ref()),
            E::TicketRecalled(it) => both(it.ticket, Some(&it.window)),
            E::CallRevoked(it) => both(it.ticket, Some(&it.window)),
            E::ServiceStarted(it) => both(it.ticket, it.window.as_ref()),
            E::ServiceAdded(it) => ticket(it.ticket),
            E::ServiceSwitched(it) => ticket(it.ticket),
            E::ServiceCompleted(it) => both(it.ticket, it.window.as_ref()),
            E::TicketParked(it) => both(it.ticket, Some(&it.window)),
            E::TicketUnparked(it) => ticket(it.ticket),
            E::TicketReturned(it) => ticket(it.ticket),
            E::TicketTransferred(it) => both(it.ticket, it.to_window.as_ref()),
            E::TicketNoShow(it) => ticket(it.ticket),
            E::TicketReactivated(it) => ticket(it.ticket),
            E::ServiceRefused(it) => both(it.ticket, it.window.as_ref()),
            E::TicketCancelled(it) => ticket(it.ticket),
            E::TicketAbandoned(it) => ticket(it.ticket),
            E::TicketExpired(it) => ticket(it.ticket),
            E::TicketNoteAdded(it) => ticket(it.ticket),
            E::ActionUndone(it) => {
                Self { ticket: it.ticket, window: it.restored.window.as_ref().map(|it| &it.window) }
            }
            E::LongWaitDetected(it) => ticket(it.ticket),
            E::CloseOverdue(it) => both(it.ticket, Some(&it.window)),
            E::AlertAcknowledged(it) => ticket(it.ticket),
            E::WindowOpened(it) => window(&it.window),
            E::WindowTakenOver(it) => window(&it.window),
            E::WindowServiceEnabled(it) => window(&it.window),
            E::WindowServiceDisabled(it) => window(&it.window),
            E::WindowPaused(it) => window(&it.window),
            E::WindowResumed(it) => window(&it.window),
            E::WindowClosed(it) => window(&it.window),
            E::BusinessDayOpened(_)
            | E::SettingsAdopted(_)
            | E::SkillsAdopted(_)
            | E::IntakePaused(_)
            | E::IntakeResumed(_)
            | E::BusinessDayClosed(_) => Self::default(),
        }
    }

    /// Whether the fact may change tickets it does not name: a window that closes ends the pins to it, a day that
    /// closes ends everything.
    pub(crate) fn reaches_further(event: &QueueEvent) -> bool {
        use QueueEvent as E;
        matches!(
            event,
            E::BusinessDayOpened(_)
                | E::SettingsAdopted(_)
                | E::SkillsAdopted(_)
                | E::BusinessDayClosed(_)
                | E::WindowOpened(_)
                | E::WindowTakenOver(_)
                | E::WindowClosed(_)
                | E::ActionUndone(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_known_by_its_stream() {
        let date = "2026-11-20".parse().unwrap();
        let day = StreamId::new("queue-mayak-1~2026-11-20");
        assert_eq!(day_of(&day), Some((BranchId::trusted("mayak-1"), date)));
        assert_eq!(day_of(&StreamId::new("branch-mayak-1")), None);
        assert_eq!(day_of(&StreamId::new("queue-mayak~today")), None);
    }

    #[test]
    fn only_some_streams_belong_to_a_branch() {
        let branch = |name| branch_of(&StreamId::new(name)).map(|it| it.to_string());
        assert_eq!(branch("queue-mayak-1~2026-11-20").as_deref(), Some("mayak-1"));
        assert_eq!(branch("branch-mayak-1").as_deref(), Some("mayak-1"));
        assert_eq!(branch("staff-anna"), None);
        assert_eq!(branch("organisation"), None);
    }
}
