//! One live branch: its settings and the two newest of its days, folded in order and shown after each batch.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use talon_core::{
    branch::event::SettingsPublished,
    event_store::Position,
    fact::Fact,
    ids::BranchId,
    queue_event::{BranchEvent, Event},
    waiting_time::WaitingTime,
};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    day::{DayFold, Folded},
    view::BranchView,
};
use crate::subject::day_of;

/// Days held: today's, and yesterday's for those who are still being served after midnight.
const DAYS_HELD: usize = 2;

#[derive(Debug)]
pub(super) struct LiveBranch {
    id: BranchId,
    folding: Mutex<Folding>,
    shown: watch::Sender<Arc<BranchView>>,
}

#[derive(Debug, Default)]
pub(super) struct Folding {
    pub(super) position: Position,
    /// In the order published.
    settings: Vec<SettingsPublished>,
    /// Newest first.
    days: Vec<DayFold>,
    stuck: Option<String>,
    /// Folded further than shown.
    unseen: bool,
}

/// What a view is made with, beside the facts.
#[derive(Clone, Copy)]
pub(super) struct Light<'a> {
    pub(super) log_id: Uuid,
    pub(super) waits: &'a dyn WaitingTime,
    pub(super) now: DateTime<Utc>,
}

impl LiveBranch {
    pub(super) fn new(id: BranchId, light: Light<'_>) -> Self {
        let view = Folding::default().view(&id, light);
        Self { id, folding: Mutex::default(), shown: watch::channel(Arc::new(view)).0 }
    }

    /// The newest view and those to come.
    pub(super) fn subscribe(&self, light: Light<'_>) -> watch::Receiver<Arc<BranchView>> {
        let receiver = self.shown.subscribe();
        if self.folding().unseen {
            self.show(light);
        }
        receiver
    }

    pub(super) fn folding(&self) -> MutexGuard<'_, Folding> {
        self.folding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what was folded since the last time; without anybody to see it, not before somebody looks.
    pub(super) fn show(&self, light: Light<'_>) {
        let mut folding = self.folding();
        if self.shown.receiver_count() == 0 {
            folding.unseen = true;
            return;
        }
        folding.unseen = false;
        // Under the lock, so that an older view never replaces a newer one.
        self.shown.send_replace(Arc::new(folding.view(&self.id, light)));
    }
}

impl Folding {
    pub(super) fn apply(&mut self, fact: &Fact) -> Folded {
        if self.stuck.is_some() {
            return Folded::Known;
        }
        let folded = match (&*fact.event, day_of(&fact.stream)) {
            (Event::Branch(BranchEvent::SettingsPublished(it)), _) => self.adopt(it),
            (_, Some((_, date))) if !fact.is_imported() => match self.day(date) {
                Some(day) => day.apply(fact),
                None => Folded::Known,
            },
            _ => Folded::Known,
        };
        if folded == Folded::Applied {
            self.position = self.position.max(fact.position);
        }
        folded
    }

    fn adopt(&mut self, published: &SettingsPublished) -> Folded {
        if self.settings.last().is_some_and(|last| last.version >= published.version) {
            return Folded::Known;
        }
        self.settings.push(published.clone());
        Folded::Applied
    }

    /// A fact that cannot be read: what comes after it would be folded onto the wrong state, so the branch stops here.
    pub(super) fn stick(&mut self, why: String) {
        self.stuck.get_or_insert(why);
    }

    pub(super) fn days(&self) -> &[DayFold] {
        &self.days
    }

    /// Today and the day before. A day may be opened before its date begins: until then the other one, if it is still
    /// open, is today.
    pub(super) fn in_the_hall(&self, now: DateTime<Utc>) -> (Option<&DayFold>, Option<&DayFold>) {
        match self.days.as_slice() {
            [_, older, ..] if older.lasts_until().is_some_and(|end| now < end) => (Some(older), None),
            days => (days.first(), days.get(1)),
        }
    }

    /// How far a day was folded; 0 when it is not held.
    pub(super) fn version_of(&self, date: NaiveDate) -> u64 {
        self.days.iter().find(|day| day.date == date).map_or(0, DayFold::version)
    }

    /// The day's fold, made when it is newer than one of those held.
    fn day(&mut self, date: NaiveDate) -> Option<&mut DayFold> {
        let at = match self.days.iter().position(|day| day.date <= date) {
            Some(at) if self.days[at].date == date => return self.days.get_mut(at),
            Some(at) => at,
            None => self.days.len(),
        };
        if at >= DAYS_HELD {
            return None;
        }
        self.days.insert(at, DayFold::new(date));
        self.days.truncate(DAYS_HELD);
        self.days.get_mut(at)
    }

    /// The settings in force; nothing before the first takes effect.
    pub(super) fn in_force(&self, now: DateTime<Utc>) -> Option<&SettingsPublished> {
        self.settings.iter().rev().find(|it| it.effective_from <= now)
    }

    fn view(&self, branch: &BranchId, light: Light<'_>) -> BranchView {
        let Light { log_id, waits, now } = light;
        // Before the first settings take effect, those that will.
        let published = self.in_force(now).or(self.settings.first());
        let (today, before) = self.in_the_hall(now);
        BranchView {
            position: self.position,
            branch: branch.clone(),
            name: published.map(|it| it.settings.name.clone()).unwrap_or_default(),
            settings_version: published.map_or(0, |it| it.version),
            today: today.map(|day| day.view(waits, now)),
            before: before.filter(|day| !day.is_empty()).map(|day| day.view(waits, now)),
            stuck: self.stuck.clone(),
            log_id,
            rendered_at: now,
            board: OnceLock::new(),
        }
    }
}
