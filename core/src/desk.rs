//! The desk: what people and devices ask of a branch, turned into commands on the right stream.
//!
//! A decision reads one stream; whatever it needs from elsewhere (settings, skills) the desk reads first and puts into
//! the command. Nothing is decided here. `two_days` knows the hours in which people of the day before are still there.

mod two_days;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

pub use self::two_days::First;
use self::two_days::{Day, TwoDays};
use crate::{
    access::AccessDay,
    branch::{self, Branch},
    customer::Customer,
    device::PairedDevice,
    dispatch::{Dispatch, DispatchError, Done, Envelope},
    event_store::{EventStore, StreamId},
    fact::Actor,
    ids::{BranchId, CommandId, DeviceId, OperatorId, ServiceId, WindowId},
    organisation::{self, Organisation},
    queue_day::{
        DayState, QueueDay,
        command::{Action, AtWindow},
    },
    refusal::Refusal,
    staff::{self, StaffMember},
    time::Clock,
    waiting_time::WaitingTime,
};

/// How long the desk may go on with what it knows of a branch's time zone before it looks again.
const FRAME_AGE: TimeDelta = TimeDelta::seconds(2);

/// One press of a button, whoever pressed it.
#[derive(Debug, Clone)]
pub struct Press {
    pub command_id: CommandId,
    pub actor: Actor,
    /// What the client sent, in one fixed spelling; only its hash is kept.
    pub sent: Vec<u8>,
    pub device: Option<DeviceId>,
    /// The fact this follows from, for reactions.
    pub causation_id: Option<Uuid>,
    /// The personal key some field is sealed under.
    pub key_id: Option<String>,
}

impl Press {
    /// A press of the house itself: time reached, or a reaction.
    #[must_use]
    pub fn system(command_id: CommandId, causation_id: Option<Uuid>) -> Self {
        Self {
            command_id,
            actor: Actor::system(),
            sent: Vec::new(),
            device: None,
            causation_id,
            key_id: None,
        }
    }

    fn envelope(&self) -> Envelope {
        let mut envelope = Envelope::new(self.command_id, self.actor.clone(), &self.sent);
        envelope.device.clone_from(&self.device);
        envelope.causation_id = self.causation_id;
        envelope.key_id.clone_from(&self.key_id);
        envelope
    }
}

/// What is asked of a day, before the desk has added what the day must know.
#[derive(Debug, Clone)]
pub enum Ask {
    OpenDay,
    /// Sit down at a window; `services` absent means all it may give.
    OpenWindow {
        window: WindowId,
        operator: OperatorId,
        services: Option<Vec<ServiceId>>,
    },
    TakeOverWindow {
        window: WindowId,
        operator: OperatorId,
        services: Option<Vec<ServiceId>>,
    },
    /// Anything that needs nothing from elsewhere.
    Plain(Action),
}

/// The stream of one business day. Its form is part of the log's contract.
#[must_use]
pub fn queue_stream(branch: &BranchId, day: NaiveDate) -> StreamId {
    StreamId::new(&format!("queue-{branch}~{day}"))
}

/// What the desk remembers of a branch for a moment, so that naming the day needs no look at the log each time.
#[derive(Clone)]
struct Frame {
    branch: Arc<Branch>,
    read_at: DateTime<Utc>,
}

pub struct Desk {
    clock: Arc<dyn Clock>,
    pub days: Dispatch<QueueDay>,
    pub organisation: Dispatch<Organisation>,
    pub branches: Dispatch<Branch>,
    pub staff: Dispatch<StaffMember>,
    pub customers: Dispatch<Customer>,
    pub devices: Dispatch<PairedDevice>,
    pub access: Dispatch<AccessDay>,
    frames: Mutex<BTreeMap<BranchId, Frame>>,
}

impl Desk {
    #[must_use]
    pub fn new(
        store: &Arc<dyn EventStore>,
        clock: &Arc<dyn Clock>,
        waiting_time: Arc<dyn WaitingTime>,
    ) -> Self {
        let days = Dispatch::<QueueDay>::new(store.clone(), clock.clone()).preparing(Box::new(
            move |day, request| {
                if let Action::IssueTicket(ticket) = &mut request.action {
                    ticket.quote = waiting_time.quote(day, &ticket.services, &ticket.class, request.at);
                }
            },
        ));
        Self {
            clock: clock.clone(),
            days,
            organisation: Dispatch::new(store.clone(), clock.clone()),
            branches: Dispatch::new(store.clone(), clock.clone()),
            staff: Dispatch::new(store.clone(), clock.clone()),
            customers: Dispatch::new(store.clone(), clock.clone()),
            devices: Dispatch::new(store.clone(), clock.clone()),
            access: Dispatch::new(store.clone(), clock.clone()),
            frames: Mutex::default(),
        }
    }

    /// The business day a branch is in now.
    ///
    /// # Errors
    /// `UnknownThing` for a branch nobody has set up; `Store` or `Unreadable`.
    pub async fn today(&self, branch: &BranchId) -> Result<NaiveDate, DispatchError> {
        Ok(self.frame(branch).await?.business_day_at(self.clock.now()))
    }

    /// What is known of a branch's settings, at most two seconds old.
    ///
    /// # Errors
    /// `UnknownThing` for a branch nobody has set up; `Store` or `Unreadable`.
    pub async fn frame(&self, branch: &BranchId) -> Result<Arc<Branch>, DispatchError> {
        let now = self.clock.now();
        let known = self.frames.lock().unwrap_or_else(PoisonError::into_inner).get(branch).cloned();
        if let Some(frame) = known.filter(|it| now - it.read_at < FRAME_AGE && now >= it.read_at) {
            return Ok(frame.branch);
        }
        let read = self.branches.read(&branch::stream(branch), Branch::clone).await?;
        if read.in_force(now).is_none() {
            return Err(Refusal::UnknownThing { what: "branch" }.into());
        }
        let read = Arc::new(read);
        let frame = Frame { branch: read.clone(), read_at: now };
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).insert(branch.clone(), frame);
        Ok(read)
    }

    /// Carries out what is asked of a branch's day and shows the day after it.
    ///
    /// A command about a ticket of the day before is carried out there: a visit ends in the stream it began in. While
    /// that day is open its people are called first or in their turn, and windows work in the day of whom they call.
    /// A day that is not open yet is opened by the first thing staff ask of it.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn ask<T>(
        &self,
        press: &Press,
        branch: &BranchId,
        ask: Ask,
        view: impl Fn(&QueueDay, NaiveDate, &Done) -> T,
    ) -> Result<(Done, T), DispatchError> {
        let today = self.today(branch).await?;
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let (before, now) = (queue_stream(branch, yesterday), queue_stream(branch, today));
        let envelope = self.envelope(press, branch, today).await?;
        let earlier = self.days.repeat(&before, &envelope, |day, done| view(day, yesterday, done)).await?;
        if let Some(answer) = earlier {
            return Ok(answer);
        }
        if self.days.glance(&before, QueueDay::is_open).await? {
            let (before, now) = (Day::of(branch, yesterday), Day::of(branch, today));
            match TwoDays::new(self, branch, before, now)
                .ask(press, envelope.clone(), ask.clone(), &view)
                .await
            {
                Err(DispatchError::Refused(Refusal::DayNotOpen)) => {}
                answer => return answer,
            }
        }
        let may_open = !matches!(&ask, Ask::OpenDay) && press.actor.kind == crate::fact::ActorKind::Staff;
        let action = self.completed(branch, today, ask).await?;
        let first =
            self.days.send(&now, envelope.clone(), action.clone(), |day, done| view(day, today, done)).await;
        match first {
            Err(DispatchError::Refused(Refusal::UnknownTicket { ticket })) => {
                if !self.days.read(&before, |day| day.tickets.contains_key(&ticket)).await? {
                    return Err(Refusal::UnknownTicket { ticket }.into());
                }
                let envelope = Envelope { business_day: Some(yesterday), ..envelope };
                self.days.send(&before, envelope, action, |day, done| view(day, yesterday, done)).await
            }
            Err(DispatchError::Refused(Refusal::DayNotOpen)) if may_open => {
                let id = CommandId::derived(&[now.as_str(), "open_day", &press.command_id.to_string()]);
                self.open_day(id, branch, today).await?;
                self.days.send(&now, envelope, action, |day, done| view(day, today, done)).await
            }
            answer => answer,
        }
    }

    /// Forgets the streams nobody asked for since `idle_since`: days that are over, people who went home.
    pub fn forget_idle(&self, idle_since: DateTime<Utc>) {
        self.days.forget_idle(idle_since);
        self.organisation.forget_idle(idle_since);
        self.branches.forget_idle(idle_since);
        self.staff.forget_idle(idle_since);
        self.customers.forget_idle(idle_since);
        self.devices.forget_idle(idle_since);
        self.access.forget_idle(idle_since);
    }

    /// Opens a branch's day; a day that is open or over already is left as it is.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn open_day(
        &self,
        id: CommandId,
        branch: &BranchId,
        day: NaiveDate,
    ) -> Result<(), DispatchError> {
        let press = Press::system(id, None);
        let action = self.completed(branch, day, Ask::OpenDay).await?;
        let envelope = self.envelope(&press, branch, day).await?;
        match self.days.send(&queue_stream(branch, day), envelope, action, |_, _| ()).await {
            Ok(_) | Err(DispatchError::Refused(Refusal::DayAlreadyOpen | Refusal::DayClosed)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets an open day take over the branch's present settings; a day that is not open needs none.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn adopt_settings(&self, press: &Press, branch: &BranchId) -> Result<(), DispatchError> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).remove(branch);
        let today = self.today(branch).await?;
        let stream = queue_stream(branch, today);
        let open = |day: &QueueDay| matches!(day.state, DayState::Open | DayState::IntakePaused { .. });
        if !self.days.read(&stream, open).await? {
            return Ok(());
        }
        let settings = self.day_settings_of(branch, today).await?;
        let action = Action::AdoptSettings { settings };
        let envelope = self.envelope(press, branch, today).await?;
        self.days.send(&stream, envelope, action, |_, _| ()).await.map(drop)
    }

    /// Lets the open windows of an operator take over what the operator can do now.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn adopt_skills(
        &self,
        press: &Press,
        branch: &BranchId,
        operator: &OperatorId,
    ) -> Result<(), DispatchError> {
        let skills = self.skills(operator).await?;
        let action = Action::AdoptSkills { operator: operator.clone(), skills };
        self.wherever_they_sit(press, branch, operator, &action).await
    }

    /// Ends the work of somebody dismissed: a call is taken back, whoever was being served gets their place back, and
    /// the window closes.
    ///
    /// # Errors
    /// See `DispatchError`.
    pub async fn send_away(
        &self,
        press: &Press,
        branch: &BranchId,
        operator: &OperatorId,
    ) -> Result<(), DispatchError> {
        self.wherever_they_sit(press, branch, operator, &Action::SendAway { operator: operator.clone() })
            .await
    }

    /// Sends the same to each day of the hall in which the operator sits at a window.
    async fn wherever_they_sit(
        &self,
        press: &Press,
        branch: &BranchId,
        operator: &OperatorId,
        action: &Action,
    ) -> Result<(), DispatchError> {
        let today = self.today(branch).await?;
        let sits = |day: &QueueDay| day.windows.values().any(|it| it.operator == *operator);
        for date in [today.checked_sub_days(Days::new(1)), Some(today)].into_iter().flatten() {
            let stream = queue_stream(branch, date);
            if self.days.read(&stream, sits).await? {
                let envelope = self.envelope(press, branch, date).await?;
                self.days.send(&stream, envelope, action.clone(), |_, _| ()).await?;
            }
        }
        Ok(())
    }

    /// Lets windows of the day before that have nothing left to do there go on in today; when to look again.
    ///
    /// # Errors
    /// `UnknownThing` for a branch nobody has set up; `Store` or `Unreadable`.
    pub async fn carry_over(&self, branch: &BranchId) -> Result<Option<DateTime<Utc>>, DispatchError> {
        let (before, now) = self.days_of(branch).await?;
        TwoDays::new(self, branch, before, now).carry_over().await
    }

    async fn days_of(&self, branch: &BranchId) -> Result<(Day, Day), DispatchError> {
        let today = self.today(branch).await?;
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        Ok((Day::of(branch, yesterday), Day::of(branch, today)))
    }

    /// Carries out one thing that time alone brought about. A rule's no is the usual answer to a node that came
    /// second, and is passed over.
    ///
    /// # Errors
    /// `Store` or `Unreadable`.
    pub async fn send_due(
        &self,
        branch: &BranchId,
        day: NaiveDate,
        id: CommandId,
        action: Action,
    ) -> Result<(), DispatchError> {
        let envelope = self.envelope(&Press::system(id, None), branch, day).await?;
        match self.days.send(&queue_stream(branch, day), envelope, action, |_, _| ()).await {
            Ok(_) | Err(DispatchError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What a day of the branch would decide by if it were opened now.
    ///
    /// # Errors
    /// A refusal when the branch has no settings; `Store` or `Unreadable`.
    pub async fn day_settings_of(
        &self,
        branch: &BranchId,
        day: NaiveDate,
    ) -> Result<Box<crate::settings::DaySettings>, DispatchError> {
        let known = self.frame(branch).await?;
        let now = self.clock.now();
        let settings = self
            .organisation
            .read(&organisation::stream(), |it| branch::day_settings(it, &known, day, now))
            .await?;
        settings.map(Box::new).ok_or_else(|| Refusal::UnknownThing { what: "branch" }.into())
    }

    async fn envelope(
        &self,
        press: &Press,
        branch: &BranchId,
        day: NaiveDate,
    ) -> Result<Envelope, DispatchError> {
        let known = self.frame(branch).await?;
        let zone = known.in_force(self.clock.now()).map(|it| it.settings.time_zone.clone());
        let mut envelope = press.envelope();
        envelope.branch = Some(branch.clone());
        envelope.business_day = Some(day);
        envelope.time_zone = zone;
        Ok(envelope)
    }

    /// The action with everything the day must know put into it.
    async fn completed(&self, branch: &BranchId, day: NaiveDate, ask: Ask) -> Result<Action, DispatchError> {
        Ok(match ask {
            Ask::Plain(action) => action,
            Ask::OpenDay => Action::OpenBusinessDay { settings: self.day_settings_of(branch, day).await? },
            Ask::OpenWindow { window, operator, services } => {
                Action::OpenWindow(self.at_window(window, operator, services).await?)
            }
            Ask::TakeOverWindow { window, operator, services } => {
                Action::TakeOverWindow(self.at_window(window, operator, services).await?)
            }
        })
    }

    async fn at_window(
        &self,
        window: WindowId,
        operator: OperatorId,
        services: Option<Vec<ServiceId>>,
    ) -> Result<AtWindow, DispatchError> {
        // A token outlives a dismissal by minutes; the reaction to it looks at the windows once.
        if self.staff.read(&staff::stream(&operator), StaffMember::is_dismissed).await? {
            return Err(Refusal::UnknownThing { what: "staff" }.into());
        }
        let skills = self.skills(&operator).await?;
        Ok(AtWindow { window, operator, skills, services })
    }

    /// What a person can do at a window, see `Organisation::skills_of`.
    async fn skills(&self, operator: &OperatorId) -> Result<Vec<ServiceId>, DispatchError> {
        let (own, positions) = self
            .staff
            .read(&staff::stream(operator), |it| (it.skills().to_vec(), it.positions().to_vec()))
            .await?;
        if positions.is_empty() && !own.is_empty() {
            return Ok(own);
        }
        self.organisation.read(&organisation::stream(), |it| it.skills_of(&own, &positions)).await
    }
}

/// The stream a name of a day's stream belongs to: its branch and date.
#[must_use]
pub fn day_of(stream: &StreamId) -> Option<(BranchId, NaiveDate)> {
    let (branch, date) = stream.as_str().strip_prefix("queue-")?.split_once('~')?;
    Some((BranchId::parse(branch).ok()?, date.parse().ok()?))
}
