//! The door straight to the rules: one past day, its people's presses dispatched on a leaping clock, and everything
//! that time alone brings about let happen in between.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use talon_core::{
    dispatch::{Dispatch, DispatchError, Envelope},
    event_store::{EventStore, NewEvent, StreamId},
    fact::{Actor, ActorKind},
    ids::{BranchId, CommandId, DeviceId, ServiceId, TicketId, WindowId},
    queue_day::{
        QueueDay,
        command::{Action, AtWindow, IssueTicket, TransferTicket},
        event::{Channel, Placement, Pool},
        ticket::{Ticket, TicketState},
    },
    settings::DaySettings,
    time::Clock,
    waiting_time::{Formula, WaitingTime},
};

use super::{draft::Draft, stream_of};
use crate::{
    catalogue::Catalogue,
    demo::{
        clock::LeapingClock,
        door::{Button, Door, Standing, TicketSeen, Trouble, WindowSeen},
        people::Person,
        set_up::Employed,
    },
};

/// The kiosk of the past.
const KIOSK: &str = "demo-kiosk";

/// Which day of which branch, and when it began.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) branch: BranchId,
    pub(super) date: NaiveDate,
    pub(super) time_zone: String,
    pub(super) began: DateTime<Utc>,
}

pub(super) struct Rules {
    day: Day,
    stream: StreamId,
    draft: Arc<Draft>,
    clock: Arc<LeapingClock>,
    dispatch: Dispatch<QueueDay>,
    workers: Vec<Employed>,
    skills: Vec<Vec<ServiceId>>,
}

impl Rules {
    pub(super) fn new(day: Day, ids: ChaCha8Rng, workers: Vec<Employed>, catalogue: &Catalogue) -> Self {
        let draft = Arc::new(Draft::default());
        let clock = Arc::new(LeapingClock::at(day.began, ids));
        let (store, time): (Arc<dyn EventStore>, Arc<dyn Clock>) = (draft.clone(), clock.clone());
        let dispatch = Dispatch::<QueueDay>::new(store, time).preparing(Box::new(|day, request| {
            if let Action::IssueTicket(ticket) = &mut request.action {
                ticket.quote = Formula.quote(day, &ticket.services, &ticket.class, request.at);
            }
        }));
        let skills = workers.iter().map(|(_, it)| it.skills(catalogue)).collect();
        let stream = stream_of(&day.branch, day.date);
        Self { day, stream, draft, clock, dispatch, workers, skills }
    }

    pub(super) async fn open(&self, settings: &DaySettings) -> Result<(), DispatchError> {
        let action = Action::OpenBusinessDay { settings: Box::new(settings.clone()) };
        self.send(Actor::system(), self.id(), action, |_| ()).await
    }

    /// Everything that happened, once the day is over.
    pub(super) async fn into_draft(self) -> Result<Vec<NewEvent>, DispatchError> {
        // Nobody acts any more; time alone closes what is still open.
        while self.is_open().await? {
            let Some(due) = self.dispatch.read(&self.stream, QueueDay::next_due).await? else { break };
            self.let_time_act(due).await?;
        }
        Ok(self.draft.take())
    }

    async fn is_open(&self) -> Result<bool, DispatchError> {
        self.dispatch.read(&self.stream, QueueDay::is_open).await
    }

    /// Carries out what falls due up to this instant, each at its own time, and goes there.
    async fn let_time_act(&self, until: DateTime<Utc>) -> Result<(), DispatchError> {
        while let Some(due) =
            self.dispatch.read(&self.stream, QueueDay::next_due).await?.filter(|it| *it <= until)
        {
            self.clock.leap(due);
            let now = self.clock.now();
            for (id, action) in self.dispatch.read(&self.stream, |day| day.due(now)).await? {
                match self.send(Actor::system(), id, action, |_| ()).await {
                    Ok(()) | Err(DispatchError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.clock.leap(until);
        Ok(())
    }

    async fn send<T>(
        &self,
        actor: Actor,
        id: CommandId,
        action: Action,
        view: impl FnOnce(&QueueDay) -> T,
    ) -> Result<T, DispatchError> {
        let mut envelope = Envelope::new(id, actor, format!("{action:?}").as_bytes());
        envelope.branch = Some(self.day.branch.clone());
        envelope.business_day = Some(self.day.date);
        envelope.time_zone = Some(self.day.time_zone.clone());
        if envelope.actor.kind == ActorKind::Device {
            envelope.device = Some(DeviceId::trusted(KIOSK));
        }
        self.dispatch.send(&self.stream, envelope, action, |day, _| view(day)).await.map(|(_, seen)| seen)
    }

    fn id(&self) -> CommandId {
        CommandId(self.clock.new_id())
    }

    fn actor(&self, operator: usize) -> Actor {
        let (id, person) = &self.workers[operator];
        Actor {
            kind: ActorKind::Staff,
            id: id.to_string(),
            role: person.role.code().into(),
            session: None,
            window: person.window.clone(),
        }
    }

    /// The button as a command, with what the day must know put into it.
    fn action(&self, operator: usize, button: &Button) -> Action {
        let in_minutes = |minutes: u16| Some(self.clock.now() + TimeDelta::minutes(i64::from(minutes)));
        match button.clone() {
            Button::OpenWindow { window } => Action::OpenWindow(AtWindow {
                window,
                operator: self.workers[operator].0.clone(),
                skills: self.skills[operator].clone(),
                services: None,
            }),
            Button::CloseWindow { window } => Action::CloseWindow { window },
            Button::PauseWindow { window, reason, minutes } => {
                Action::PauseWindow { window, reason, until: in_minutes(minutes) }
            }
            Button::ResumeWindow { window } => Action::ResumeWindow { window },
            Button::CallNext { window } => Action::CallNext { window },
            Button::CallAgain { window, ticket } => Action::CallTicket { window, ticket, reason: None },
            Button::Recall { ticket } => Action::RecallTicket { ticket },
            Button::Start { ticket } => Action::StartService { ticket },
            Button::AddService { ticket, service } => Action::AddService { ticket, service, quantity: 1 },
            Button::Complete { ticket, outcome } => Action::CompleteService { ticket, outcome, quantity: 1 },
            Button::Refuse { ticket, reason } => Action::RefuseService { ticket, reason },
            Button::NoShow { ticket } => Action::MarkNoShow { ticket },
            Button::Reactivate { ticket } => {
                Action::ReactivateTicket { ticket, placement: Placement::Original }
            }
            Button::Park { ticket, reason, same_window, minutes } => Action::ParkTicket {
                ticket,
                reason,
                pool: if same_window { Pool::Window } else { Pool::Branch },
                resume_by: in_minutes(minutes),
            },
            Button::Unpark { ticket } => Action::UnparkTicket { ticket },
            Button::Return { ticket, behind } => {
                Action::ReturnTicket { ticket, placement: Placement::AfterN { n: behind }, not_before: None }
            }
            Button::Transfer { ticket, service } => Action::TransferTicket(TransferTicket {
                ticket,
                to_service: Some(service),
                to_window: None,
                to_operator: None,
                placement: None,
            }),
        }
    }
}

#[async_trait]
impl Door for Rules {
    async fn wait_until(&self, moment: i64) -> Result<(), Trouble> {
        self.let_time_act(self.day.began + TimeDelta::milliseconds(moment)).await.map_err(trouble)?;
        if self.is_open().await.map_err(trouble)? { Ok(()) } else { Err(Trouble::Stopped) }
    }

    async fn take_ticket(&self, person: &Person) -> Result<TicketSeen, Trouble> {
        let ticket = TicketId(self.clock.new_id());
        let kiosk = Actor {
            kind: ActorKind::Device,
            id: KIOSK.into(),
            role: "device".into(),
            session: None,
            window: None,
        };
        let action = Action::IssueTicket(IssueTicket {
            ticket,
            services: person.services.clone(),
            class: person.class.clone(),
            class_reason: person.class_reason.clone(),
            channel: Channel::Kiosk,
            remote: false,
            party_size: 1,
            language: Some(person.language.into()),
            booking_id: None,
            slot_start: None,
            customer_ref: None,
            kiosk: Some(DeviceId::trusted(KIOSK)),
            not_before: None,
            quote: None,
        });
        let seen = self.send(kiosk, self.id(), action, |day| day.tickets.get(&ticket).map(seen)).await;
        seen.map_err(trouble)?.ok_or_else(|| Trouble::Refused("NO_TICKET".into()))
    }

    async fn press(&self, operator: usize, button: &Button) -> Result<Option<TicketSeen>, Trouble> {
        let view = |day: &QueueDay| {
            let ticket = match button {
                Button::CallNext { window } => day.windows.get(window).and_then(|it| it.ticket),
                Button::OpenWindow { .. }
                | Button::CloseWindow { .. }
                | Button::PauseWindow { .. }
                | Button::ResumeWindow { .. } => None,
                Button::CallAgain { ticket, .. }
                | Button::Recall { ticket }
                | Button::Start { ticket }
                | Button::AddService { ticket, .. }
                | Button::Complete { ticket, .. }
                | Button::Refuse { ticket, .. }
                | Button::NoShow { ticket }
                | Button::Reactivate { ticket }
                | Button::Park { ticket, .. }
                | Button::Unpark { ticket }
                | Button::Return { ticket, .. }
                | Button::Transfer { ticket, .. } => Some(*ticket),
            };
            ticket.and_then(|it| day.tickets.get(&it)).map(seen)
        };
        let action = self.action(operator, button);
        self.send(self.actor(operator), self.id(), action, view).await.map_err(trouble)
    }

    async fn look(&self, operator: usize, window: &WindowId) -> Result<WindowSeen, Trouble> {
        let (me, _) = &self.workers[operator];
        let view = |day: &QueueDay| match day.windows.get(window) {
            None => WindowSeen::Closed,
            Some(seen) if seen.operator != *me => WindowSeen::Taken,
            Some(mine) => WindowSeen::Mine {
                paused: mine.pause.is_some(),
                ticket: mine.ticket.and_then(|it| day.tickets.get(&it)).map(seen),
            },
        };
        self.dispatch.read(&self.stream, view).await.map_err(trouble)
    }

    async fn waiting(&self) -> Result<usize, Trouble> {
        let waiting = |it: &&Ticket| matches!(it.state, TicketState::Waiting { .. });
        self.dispatch.read(&self.stream, |day| day.open().filter(waiting).count()).await.map_err(trouble)
    }
}

fn seen(ticket: &Ticket) -> TicketSeen {
    TicketSeen { id: ticket.id, state: Standing::of(ticket.state.name()), service: ticket.service().cloned() }
}

fn trouble(error: DispatchError) -> Trouble {
    match error {
        DispatchError::Refused(refusal) => Trouble::Refused(refusal.code().to_owned()),
        // The draft is in memory: what fails here cannot be waited out.
        DispatchError::Store(error) => {
            tracing::error!(%error, "the demo's past cannot be drafted");
            Trouble::Stopped
        }
        DispatchError::Unreadable(error) => {
            tracing::error!(%error, "the demo's past cannot be read");
            Trouble::Stopped
        }
    }
}
