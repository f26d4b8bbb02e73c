//! A new demo: its catalogue, its staff, its past. Done before anything else of the process looks at the log, because
//! it writes streams that others keep in memory; done again it changes nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    branch::{self, Branch},
    dispatch::{Dispatch, DispatchError, Envelope},
    event_store::{EventStore, StoreError},
    fact::Actor,
    ids::{BranchId, CommandId, OperatorId, RoleCode},
    organisation::{self, Organisation, command::Action, event::RoleShape},
    refusal::Refusal,
    text::LocalText,
    time::Clock,
};

use super::{
    BRANCH, SignIn,
    clock::LeapingClock,
    history::{self, HistoryError, PastDay, Scene},
    people::{People, PeopleError},
    staff::staff,
};
use crate::{
    auth::{Access, AccessDenied, Permission},
    catalogue::{ApplyError, Catalogue, CatalogueError},
};

/// The catalogue is older than the oldest day that was decided by it.
const FOUNDED_BEFORE: TimeDelta = TimeDelta::days(history::DAYS as i64 + 2);

/// Somebody of the demo with the id they have in this installation.
pub type Employed = (OperatorId, SignIn);

/// Why a demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    #[error("the demo's catalogue has a fault")]
    Catalogue(#[from] CatalogueError),
    #[error("the demo's catalogue could not be applied")]
    Apply(#[from] ApplyError),
    #[error("{email} could not be employed")]
    Staff { email: &'static str, source: AccessDenied },
    #[error("nobody can be simulated")]
    People(#[from] PeopleError),
    #[error("the demo's past could not be written")]
    Past(#[from] HistoryError),
    #[error("the demo's settings cannot be read")]
    Settings(#[from] DispatchError),
    #[error("the log cannot be read")]
    Store(#[from] StoreError),
}

/// Applies the demo's catalogue. An empty log gets it as of before the past week.
///
/// # Errors
/// See `SetUpError`.
pub async fn found(store: &Arc<dyn EventStore>, clock: &Arc<dyn Clock>) -> Result<Catalogue, SetUpError> {
    let catalogue = super::catalogue()?;
    let is_new = store.head(&organisation::stream()).await?.version == 0;
    let then: Arc<dyn Clock> = if is_new {
        let ids =
            People::of(&catalogue, clock.now().timestamp_micros().unsigned_abs(), "founding")?.draws("ids");
        Arc::new(LeapingClock::at(clock.now() - FOUNDED_BEFORE, ids))
    } else {
        clock.clone()
    };
    let organisation = Dispatch::<Organisation>::new(store.clone(), then.clone());
    let branches = Dispatch::<Branch>::new(store.clone(), then);
    catalogue.apply(store.as_ref(), &organisation, &branches, &Actor::system()).await?;
    if is_new {
        for action in structure() {
            let content = format!("{action:?}");
            let id = CommandId::derived(&["demo-structure", &content]);
            let envelope = Envelope::new(id, Actor::system(), content.as_bytes());
            organisation.send(&organisation::stream(), envelope, action, |_, _| ()).await?;
        }
    }
    Ok(catalogue)
}

/// A region with the demo's branch in it, and a role that the organisation has made for itself.
fn structure() -> [Action; 3] {
    let region = "centre".to_owned();
    let permissions = [
        Permission::ReadQueue,
        Permission::ReadTickets,
        Permission::ReadDecision,
        Permission::ReadStatistics,
        Permission::ReadStaffNames,
        Permission::ReadAlerts,
        Permission::PickTicket,
        Permission::Reprioritise,
        Permission::AcknowledgeAlerts,
        Permission::ManageWindows,
        Permission::ManageDay,
        Permission::ReadStaff,
        Permission::AssignSkills,
    ];
    let shape = RoleShape {
        name: LocalText::new("Старший смены", "Shift lead"),
        permissions: permissions.iter().map(|it| it.code().to_owned()).collect(),
    };
    [
        Action::DefineRegion {
            region: region.clone(), name: LocalText::new("Центр города", "City centre")
        },
        Action::MoveBranch { branch: BranchId::trusted(BRANCH), region: Some(region) },
        Action::DefineRole { role: RoleCode::trusted("shift-lead"), shape },
    ]
}

/// Lets everybody of the demo sign in, in this installation's vault. Who was employed by a build that knew them
/// otherwise stays as they are, and is not among those returned.
///
/// # Errors
/// `Staff` with the first who could not be employed.
pub async fn employ(access: &Access, catalogue: &Catalogue) -> Result<Vec<Employed>, SetUpError> {
    let mut employed = Vec::new();
    for person in staff() {
        match access.add_staff(person.new_staff(catalogue), Actor::system(), person.command()).await {
            Ok(id) => employed.push((id, person)),
            Err(AccessDenied::Refused(Refusal::CommandIdReused | Refusal::AlreadyExists { .. })) => {
                tracing::info!(email = person.email, "is on the demo's staff already");
            }
            Err(source) => return Err(SetUpError::Staff { email: person.email, source }),
        }
    }
    Ok(employed)
}

/// Writes the past week of the demo's branch, if it has no days yet; how many facts that were.
///
/// # Errors
/// See `SetUpError`.
pub async fn remember(
    store: &Arc<dyn EventStore>,
    clock: &Arc<dyn Clock>,
    catalogue: &Catalogue,
    employed: &[Employed],
    seed: u64,
) -> Result<usize, SetUpError> {
    let branch = BranchId::trusted(BRANCH);
    let days = past_days(store, clock, &branch).await?;
    let scene = Scene { branch: &branch, catalogue, staff: employed, seed };
    Ok(history::write(store.as_ref(), &scene, &days, clock.now()).await?)
}

/// The business days of the past week with what each is decided by.
pub(super) async fn past_days(
    store: &Arc<dyn EventStore>,
    clock: &Arc<dyn Clock>,
    branch: &BranchId,
) -> Result<Vec<PastDay>, SetUpError> {
    let now: DateTime<Utc> = clock.now();
    let organisation = Dispatch::<Organisation>::new(store.clone(), clock.clone())
        .read(&organisation::stream(), Organisation::clone)
        .await?;
    let branch = Dispatch::<Branch>::new(store.clone(), clock.clone())
        .read(&branch::stream(branch), Branch::clone)
        .await?;
    let dates = history::week_before(branch.business_day_at(now));
    Ok(dates
        .filter_map(|date| {
            let settings = branch::day_settings(&organisation, &branch, date, now)?;
            Some(PastDay { date, settings })
        })
        .collect())
}
