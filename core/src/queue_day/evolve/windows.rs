//! Who sits where, and which ticket stands there.

use super::*;

impl QueueDay {
    pub(super) fn seat(
        &mut self,
        happened: &Happened<'_>,
        id: &WindowId,
        operator: &OperatorId,
        skills: &[ServiceId],
        services: &[ServiceId],
    ) {
        let window = Window {
            id: id.clone(),
            operator: operator.clone(),
            skills: skills.to_vec(),
            services: services.to_vec(),
            since: happened.at,
            pause: None,
            ticket: None,
            last_event: happened.event_id,
        };
        self.windows.insert(id.clone(), window);
    }

    pub(super) fn hold_at(&mut self, id: &WindowId, ticket: Option<TicketId>) {
        if let Some(window) = self.windows.get_mut(id) {
            window.ticket = ticket;
        }
    }

    pub(super) fn intake(&mut self, at: DateTime<Utc>, state: DayState) {
        if self.is_open() {
            self.state = state;
            self.intake_decided_at = Some(at);
        }
    }
}
