//! The order of facts that happened in the same second. Logs have whole seconds, a hall has not: whoever left made
//! room before whoever came took it.

use talon_core::queue_event::QueueEvent;

/// The seven things that happen to an imported ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Issued,
    Called,
    Started,
    Completed,
    Refused,
    Abandoned,
    NoShow,
}

impl Step {
    pub const ALL: [Self; 7] = [
        Self::Issued,
        Self::Called,
        Self::Started,
        Self::Completed,
        Self::Refused,
        Self::Abandoned,
        Self::NoShow,
    ];

    /// The step a fact is; `None` for the kinds that no import writes.
    #[must_use]
    pub fn of(event: &QueueEvent) -> Option<Self> {
        Some(match event {
            QueueEvent::TicketIssued(_) => Self::Issued,
            QueueEvent::TicketCalled(_) => Self::Called,
            QueueEvent::ServiceStarted(_) => Self::Started,
            QueueEvent::ServiceCompleted(_) => Self::Completed,
            QueueEvent::ServiceRefused(_) => Self::Refused,
            QueueEvent::TicketAbandoned(_) => Self::Abandoned,
            QueueEvent::TicketNoShow(_) => Self::NoShow,
            _ => return None,
        })
    }

    /// The name under which figures count it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Issued => "TicketIssued",
            Self::Called => "TicketCalled",
            Self::Started => "ServiceStarted",
            Self::Completed => "ServiceCompleted",
            Self::Refused => "TicketClosedWithoutService",
            Self::Abandoned => "TicketAbandoned",
            Self::NoShow => "TicketNoShow",
        }
    }

    /// Its turn inside a second: 0 goes first.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Completed | Self::Refused => 0,
            Self::Abandoned => 1,
            Self::Called => 2,
            Self::Started => 3,
            Self::NoShow => 4,
            Self::Issued => 5,
        }
    }
}

/// The turns of one ticket's steps, given in the ticket's own order: in one second none goes before the one it
/// follows.
#[must_use]
pub fn ranks<T: PartialEq + Copy>(steps: &[(Step, T)]) -> Vec<u8> {
    let mut before: Option<(T, u8)> = None;
    let turn = |&(step, at): &(Step, T)| {
        let rank = match before {
            Some((then, rank)) if then == at => step.rank().max(rank),
            _ => step.rank(),
        };
        before = Some((at, rank));
        rank
    };
    steps.iter().map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_keeps_its_own_order_inside_a_second() {
        let at_once = [(Step::Issued, 7), (Step::Called, 7), (Step::Started, 7), (Step::Completed, 9)];
        assert_eq!(ranks(&at_once), [5, 5, 5, 0]);
        let later = [(Step::Issued, 1), (Step::Called, 7), (Step::Started, 7), (Step::Completed, 7)];
        assert_eq!(ranks(&later), [5, 2, 3, 3]);
    }

    #[test]
    fn who_leaves_makes_room_before_who_comes() {
        let mut steps = Step::ALL;
        steps.sort_by_key(|step| step.rank());
        assert_eq!(
            steps.map(Step::name),
            [
                "ServiceCompleted",
                "TicketClosedWithoutService",
                "TicketAbandoned",
                "TicketCalled",
                "ServiceStarted",
                "TicketNoShow",
                "TicketIssued"
            ]
        );
    }
}
