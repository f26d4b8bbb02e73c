//! A log of a million facts to work on: business days of many branches, lived through under the real rules on clocks of
//! their own and appended as they would have been, the branches of a date through one another. The days before today are
//! closed; today is open, with people waiting.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use talon_core::{
    branch::{self, Branch},
    dispatch::{Dispatch, DispatchError, Envelope},
    event_store::{Appended, EventStore, NewEvent},
    fact::{Actor, ActorKind},
    ids::{BranchId, ClassId, CommandId, OperatorId, ServiceId, TicketId, WindowId},
    organisation::{self, Organisation},
    queue_day::{
        QueueDay,
        command::{Action, AtWindow, IssueTicket},
        event::Channel,
    },
    settings::{DaySettings, STANDARD},
    time::Clock,
    waiting_time::{Formula, WaitingTime},
};
use tokio::task::JoinSet;

use super::house;
use crate::demo::{
    clock::LeapingClock,
    history::{draft::Draft, stream_of},
};

/// Business days of a branch, today among them.
const DATES: u64 = 5;
/// Facts appended at once: so small that the branches of a date mingle.
const PORTION: usize = 8;
/// Customers in the hall at any time, besides those at the windows.
const WAITING: usize = 6;

/// Fills an empty log with about so many facts.
pub(super) async fn write(
    store: &Arc<dyn EventStore>,
    clock: &Arc<dyn Clock>,
    branches: usize,
    facts: u64,
) -> anyhow::Result<()> {
    let founded: Arc<dyn Clock> = clock_at(clock.now() - TimeDelta::days(10), 0);
    let catalogue = house::catalogue(branches)?;
    let organisation = Dispatch::<Organisation>::new(store.clone(), founded.clone());
    let halls = Dispatch::<Branch>::new(store.clone(), founded.clone());
    catalogue.apply(store.as_ref(), &organisation, &halls, &Actor::system()).await?;
    let organisation = organisation.read(&organisation::stream(), Organisation::clone).await?;
    let each = facts / (branches as u64 * DATES);
    let mut today = None;
    for back in (0..DATES).rev() {
        let mut days = JoinSet::new();
        for (number, hall) in catalogue.branches.iter().enumerate() {
            let state = halls.read(&branch::stream(&hall.id), Branch::clone).await?;
            // One midnight for all, however long the filling takes.
            let today = *today.get_or_insert_with(|| state.business_day_at(clock.now()));
            let date = today.checked_sub_days(Days::new(back)).context("no such date")?;
            let settings = branch::day_settings(&organisation, &state, date, founded.now())
                .context("the branch has no settings")?;
            let day = Day {
                branch: hall.id.clone(),
                date,
                settings,
                facts: usize::try_from(each)?,
                seed: number as u64 * DATES + back,
                until: (back == 0).then(|| clock.now()),
            };
            let store = store.clone();
            days.spawn(async move { append(store.as_ref(), day).await });
        }
        while let Some(done) = days.join_next().await {
            done??;
        }
    }
    Ok(())
}

/// A branch's day that is to have happened.
struct Day {
    branch: BranchId,
    date: NaiveDate,
    settings: DaySettings,
    facts: usize,
    seed: u64,
    /// For a day that is still open: the present.
    until: Option<DateTime<Utc>>,
}

async fn append(store: &dyn EventStore, day: Day) -> anyhow::Result<()> {
    let stream = stream_of(&day.branch, day.date);
    let mut rest = live(day).await?;
    let mut version = 0;
    while !rest.is_empty() {
        let later = rest.split_off(rest.len().min(PORTION));
        match store.append(&stream, version, std::mem::replace(&mut rest, later)).await? {
            Appended::At(_, head) => version = head.version,
            Appended::Duplicate(_) => anyhow::bail!("{stream} is there already"),
        }
    }
    Ok(())
}

/// A hall at work: every window of its settings has somebody at it.
struct Hall {
    day: Day,
    clock: Arc<LeapingClock>,
    dispatch: Dispatch<QueueDay>,
    stream: talon_core::event_store::StreamId,
}

/// One day from opening to close, or to the present.
async fn live(day: Day) -> anyhow::Result<Vec<NewEvent>> {
    let opens = day.settings.intervals.first().context("the branch is closed")?.opens;
    let closes = day.settings.intervals.last().context("the branch is closed")?.closes;
    let ends = day.until.unwrap_or(closes - TimeDelta::hours(2)).min(closes);
    let began = opens.min(ends - TimeDelta::seconds(1));
    let clock = clock_at(began, day.seed + 1);
    let draft = Arc::new(Draft::default());
    let dispatch =
        Dispatch::<QueueDay>::new(draft.clone(), clock.clone()).preparing(Box::new(|day, request| {
            if let Action::IssueTicket(ticket) = &mut request.action {
                ticket.quote = Formula.quote(day, &ticket.services, &ticket.class, request.at);
            }
        }));
    let stream = stream_of(&day.branch, day.date);
    let windows: Vec<(WindowId, Vec<ServiceId>)> =
        day.settings.windows.iter().map(|it| (it.id.clone(), day.settings.given_at(it))).collect();
    // A ticket is issued, called, started and completed; for one in eight it turns out to be another
    // service.
    let customers = day.facts.saturating_sub(windows.len() * 2 + 2) * 8 / 33;
    let step = (ends - began) / i32::try_from(customers + 2)?;
    let is_open = day.until.is_some();
    let hall = Hall { day, clock, dispatch, stream };
    let settings = Box::new(hall.day.settings.clone());
    hall.send(Actor::system(), Action::OpenBusinessDay { settings }).await?;
    for (number, (window, skills)) in windows.iter().enumerate() {
        let (window, skills) = (window.clone(), skills.clone());
        let at = AtWindow { window, operator: hall.operator(number), skills, services: None };
        hall.send(hall.staff(number), Action::OpenWindow(at)).await?;
    }
    let mut busy = BTreeMap::new();
    for number in 0..customers {
        hall.clock.leap(began + step * i32::try_from(number + 1)?);
        let (_, services) = &windows[number % windows.len()];
        hall.issue(services[number % services.len()].clone()).await?;
        if number >= WAITING {
            hall.next(number, number % windows.len(), &windows, &mut busy).await?;
        }
    }
    if !is_open {
        for (number, ticket) in busy {
            hall.complete(number, ticket).await?;
        }
        hall.send(hall.staff(0), Action::CloseBusinessDay).await?;
    }
    Ok(draft.take())
}

impl Hall {
    fn operator(&self, number: usize) -> OperatorId {
        OperatorId::trusted(&format!("{}-{number}", self.day.branch))
    }

    fn staff(&self, number: usize) -> Actor {
        Actor {
            kind: ActorKind::Staff,
            id: self.operator(number).to_string(),
            role: "operator".into(),
            session: Some(CommandId::derived(&[self.stream.as_str(), "session"]).to_string()),
            window: self.day.settings.windows.get(number).map(|it| it.id.clone()),
        }
    }

    async fn send(&self, actor: Actor, action: Action) -> Result<Option<TicketId>, DispatchError> {
        let window = actor.window.clone();
        let id = CommandId(self.clock.new_id());
        let mut envelope = Envelope::new(id, actor, format!("{id}").as_bytes());
        envelope.branch = Some(self.day.branch.clone());
        envelope.business_day = Some(self.day.date);
        envelope.time_zone = Some(self.day.settings.time_zone.clone());
        let held = |day: &QueueDay, _: &_| day.windows.get(&window?)?.ticket;
        self.dispatch.send(&self.stream, envelope, action, held).await.map(|(_, held)| held)
    }

    async fn issue(&self, service: ServiceId) -> Result<(), DispatchError> {
        let action = Action::IssueTicket(IssueTicket {
            ticket: TicketId(self.clock.new_id()),
            services: vec![service],
            class: ClassId::trusted(STANDARD),
            class_reason: None,
            channel: Channel::Kiosk,
            remote: false,
            party_size: 1,
            language: Some("ru".into()),
            booking_id: None,
            slot_start: None,
            customer_ref: None,
            kiosk: None,
            not_before: None,
            quote: None,
        });
        let kiosk = Actor {
            kind: ActorKind::Device,
            id: "kiosk-1".into(),
            role: "device".into(),
            session: None,
            window: None,
        };
        self.send(kiosk, action).await.map(drop)
    }

    async fn complete(&self, number: usize, ticket: TicketId) -> Result<(), DispatchError> {
        let action = Action::CompleteService { ticket, outcome: None, quantity: 1 };
        self.send(self.staff(number), action).await.map(drop)
    }

    /// The window's customer goes, the next one comes.
    async fn next(
        &self,
        customer: usize,
        number: usize,
        windows: &[(WindowId, Vec<ServiceId>)],
        busy: &mut BTreeMap<usize, TicketId>,
    ) -> Result<(), DispatchError> {
        if let Some(ticket) = busy.remove(&number) {
            self.complete(number, ticket).await?;
        }
        let window = windows[number].0.clone();
        let called = match self.send(self.staff(number), Action::CallNext { window }).await {
            Ok(called) => called,
            // Nobody waits for what this window gives.
            Err(DispatchError::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        if let Some(ticket) = called {
            self.send(self.staff(number), Action::StartService { ticket }).await?;
            if customer.is_multiple_of(8) {
                let service = windows[number].1[customer % windows[number].1.len()].clone();
                let switch = Action::SwitchService { ticket, service, quantity: 1 };
                self.send(self.staff(number), switch).await?;
            }
            busy.insert(number, ticket);
        }
        Ok(())
    }
}

fn clock_at(at: DateTime<Utc>, seed: u64) -> Arc<LeapingClock> {
    Arc::new(LeapingClock::at(at, ChaCha8Rng::seed_from_u64(seed)))
}
