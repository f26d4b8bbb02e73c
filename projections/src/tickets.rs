//! Every ticket's row, and with it the statistics of its branch: one projection, because a step that is undone must
//! take back from the statistics exactly what it added, and only the ticket's own row knows what that was.

mod fill;
pub(crate) mod fold;
pub mod read;
pub mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::NaiveDate;
use talon_core::{
    fact::Fact,
    queue_event::{Event, QueueEvent},
};
use talon_storage::{Tx, run, sql};
use tracing::debug;
use uuid::Uuid;

pub(crate) use self::fold::zone;
use self::row::TicketRow;
use crate::{
    batch::Trouble,
    branch_stats::{
        Changes, Key,
        row::{DAY_COLUMNS, Figures, HOUR_COLUMNS, Held, Saved},
        window::{self, DayKey, WindowRow},
    },
    bulk::{Binds, Bound, Bulk, Statement},
    filler::Filler,
    projector::{Projection, ProjectionError, Projector, Table},
    subject::{Subject, hall_of},
};

pub static TICKETS: Projection = Projection {
    name: "tickets",
    shape: 1,
    tables: &[
        Table {
            name: "tickets",
            sqlite: sql!("tickets/create_tickets.sqlite"),
            postgres: sql!("tickets/create_tickets.postgres"),
        },
        Table {
            name: "branch_days",
            sqlite: sql!("branch_stats/create_branch_days.sqlite"),
            postgres: sql!("branch_stats/create_branch_days.postgres"),
        },
        Table {
            name: "branch_hours",
            sqlite: sql!("branch_stats/create_branch_hours.sqlite"),
            postgres: sql!("branch_stats/create_branch_hours.postgres"),
        },
        Table {
            name: "window_days",
            sqlite: sql!("branch_stats/create_window_days.sqlite"),
            postgres: sql!("branch_stats/create_window_days.postgres"),
        },
    ],
    indexes: &[sql!("tickets/indexes"), sql!("branch_stats/indexes")],
    make: |version| Box::new(Tickets::new(version)),
};

/// Rows kept between batches, so that a busy hall is not read again for each of them.
const MOST_TICKETS: usize = 50_000;
const MOST_FIGURES: usize = 30_000;
const MOST_HALLS: usize = 2_000;

type Hall = (String, NaiveDate);

struct Tickets {
    statements: Statements,
    tickets: HashMap<Uuid, TicketRow>,
    halls: HashMap<Hall, BTreeMap<String, WindowRow>>,
    figures: HashMap<Key, Figures>,
    /// What a rebuild keeps back.
    held: fill::Held,
}

struct Statements {
    load: Bulk,
    save: Bulk,
    load_windows: Bulk,
    save_windows: Bulk,
    load_days: Bulk,
    save_days: Bulk,
    drop_day: Statement,
    load_hours: Bulk,
    save_hours: Bulk,
    drop_hour: Statement,
}

/// What one batch changes.
#[derive(Default)]
struct Batch {
    /// Each ticket touched, as it was before; `None` when it is new.
    before: BTreeMap<Uuid, Option<TicketRow>>,
    windows: BTreeSet<(Hall, String)>,
    changes: Changes,
}

impl Tickets {
    fn new(version: i64) -> Self {
        let bulk = |text, columns| Bulk::new(text, version, columns);
        let statements = Statements {
            load: bulk(sql!("tickets/load"), 1),
            save: bulk(sql!("tickets/upsert"), row::COLUMNS),
            load_windows: bulk(sql!("branch_stats/load_windows"), 2),
            save_windows: bulk(sql!("branch_stats/save_windows"), window::COLUMNS),
            load_days: bulk(sql!("branch_stats/load_days"), 4),
            save_days: bulk(sql!("branch_stats/save_days"), DAY_COLUMNS),
            drop_day: Statement::new(sql!("branch_stats/drop_days"), version),
            load_hours: bulk(sql!("branch_stats/load_hours"), 5),
            save_hours: bulk(sql!("branch_stats/save_hours"), HOUR_COLUMNS),
            drop_hour: Statement::new(sql!("branch_stats/drop_hours"), version),
        };
        Self {
            statements,
            tickets: HashMap::new(),
            halls: HashMap::new(),
            figures: HashMap::new(),
            held: fill::Held::default(),
        }
    }

    async fn load(&mut self, tx: &mut Tx<'_>, facts: &[Fact]) -> Result<(), ProjectionError> {
        // Imported history names no windows.
        let live = facts.iter().filter(|it| !it.is_imported()).filter_map(hall_of);
        let halls: BTreeSet<Hall> = live.map(|(branch, date)| (branch.to_string(), date)).collect();
        let unknown = halls.into_iter().filter(|hall| !self.halls.contains_key(hall)).collect::<Vec<_>>();
        let keys: Vec<_> = unknown.iter().map(|(branch, date)| DayKey(branch, *date)).collect();
        let windows = self.statements.load_windows.read::<_, WindowRow>(tx, &keys).await?;
        for hall in unknown {
            self.halls.entry(hall).or_default();
        }
        for row in windows {
            let hall = self.halls.entry((row.branch.clone(), row.business_day)).or_default();
            hall.insert(row.window_id.clone(), row);
        }
        let touched: BTreeSet<Uuid> = facts.iter().filter_map(|fact| self.touched(fact)).collect();
        let tickets: Vec<_> =
            touched.into_iter().filter(|it| !self.tickets.contains_key(it)).map(TicketKey).collect();
        for row in self.statements.load.read::<_, TicketRow>(tx, &tickets).await? {
            self.tickets.insert(row.ticket_id, row);
        }
        Ok(())
    }

    /// The ticket a fact is about; for a window taken over, the one that stood there before the batch.
    fn touched(&self, fact: &Fact) -> Option<Uuid> {
        let Event::Queue(event) = &*fact.event else { return None };
        if let QueueEvent::WindowTakenOver(it) = event {
            let (branch, date) = hall_of(fact)?;
            return self.halls.get(&(branch.to_string(), date))?.get(it.window.as_str())?.ticket_id;
        }
        Subject::of(event).ticket.map(|it| it.0)
    }

    fn fold(&mut self, fact: &Fact, batch: &mut Batch) {
        let Event::Queue(event) = &*fact.event else { return };
        let subject = Subject::of(event);
        let (left, taken) = match subject.ticket {
            Some(ticket) => self.fold_ticket(ticket.0, fact, event, batch),
            None => (None, None),
        };
        if fact.is_imported() {
            return;
        }
        let Some((branch, date)) = hall_of(fact) else { return };
        let key = (branch.to_string(), date);
        let mut named: BTreeSet<String> =
            left.iter().chain(&taken).cloned().chain(subject.window.map(ToString::to_string)).collect();
        let hall = self.halls.entry(key.clone()).or_default();
        if matches!(event, QueueEvent::BusinessDayClosed(_)) {
            named.extend(hall.keys().cloned());
        }
        let position = i64::try_from(fact.position).unwrap_or(i64::MAX);
        for name in named {
            let window = hall
                .entry(name.clone())
                .or_insert_with(|| WindowRow::new(branch.as_str(), date, &name, fact));
            if window.position >= position {
                continue;
            }
            window.position = position;
            if left != taken {
                if left.as_ref() == Some(&name) {
                    window.freed(fact.occurred_at);
                }
                if let (true, Some(ticket)) = (taken.as_ref() == Some(&name), subject.ticket) {
                    let undone = matches!(event, QueueEvent::ActionUndone(_));
                    window.taken(ticket.0, fact.occurred_at, undone, &mut batch.changes);
                }
            }
            if let (QueueEvent::WindowTakenOver(it), Some(ticket)) = (event, window.ticket_id)
                && let Some(row) = self.tickets.get_mut(&ticket)
            {
                batch.before.entry(ticket).or_insert_with(|| Some(row.clone()));
                row.passed_to(&it.operator, position);
            }
            window.fold(event, fact.occurred_at, &mut batch.changes);
            batch.windows.insert((key.clone(), name));
        }
    }

    /// The window the ticket left, and the one it took.
    fn fold_ticket(
        &mut self,
        id: Uuid,
        fact: &Fact,
        event: &QueueEvent,
        batch: &mut Batch,
    ) -> (Option<String>, Option<String>) {
        if let (QueueEvent::TicketIssued(it), false) = (event, self.tickets.contains_key(&id))
            && let Some(row) = fold::issue(fact, it)
        {
            self.tickets.insert(id, row);
            batch.before.insert(id, None);
        }
        let Some(row) = self.tickets.get_mut(&id) else {
            debug!(ticket = %id, position = fact.position, "the ticket's issue is not in the read model");
            return (None, None);
        };
        let busy = row.busy_window().map(str::to_owned);
        batch.before.entry(id).or_insert_with(|| Some(row.clone()));
        row.fold(fact, event);
        (busy, row.busy_window().map(str::to_owned))
    }

    async fn save(&mut self, tx: &mut Tx<'_>, mut batch: Batch) -> Result<(), ProjectionError> {
        let mut rows = Vec::with_capacity(batch.before.len());
        for (id, before) in &batch.before {
            let Some(row) = self.tickets.get(id) else { continue };
            if before.as_ref() != Some(row) {
                batch.changes.ticket(before.as_ref(), row);
                rows.push(row);
            }
        }
        self.statements.save.write(tx, &rows).await?;
        let windows: Vec<_> =
            batch.windows.iter().filter_map(|(hall, name)| self.halls.get(hall)?.get(name)).collect();
        self.statements.save_windows.write(tx, &windows).await?;
        self.save_figures(tx, batch.changes).await?;
        self.tidy(batch.before.keys());
        Ok(())
    }

    async fn save_figures(&mut self, tx: &mut Tx<'_>, changes: Changes) -> Result<(), ProjectionError> {
        let changes: Vec<_> = changes.into_real().collect();
        let unknown = |hourly: bool| {
            let keys = changes.iter().map(|(key, _)| key);
            keys.filter(|key| key.hour.is_some() == hourly && !self.figures.contains_key(*key))
                .collect::<Vec<_>>()
        };
        let mut held: Vec<Held> = self.statements.load_days.read(tx, &unknown(false)).await?;
        held.extend(self.statements.load_hours.read::<_, Held>(tx, &unknown(true)).await?);
        for row in held {
            let (key, figures) = row.open()?;
            self.figures.insert(key, figures);
        }
        for (key, change) in &changes {
            self.figures.entry(key.clone()).or_default().merge(change);
        }
        let (mut days, mut hours) = (Vec::new(), Vec::new());
        for (key, _) in &changes {
            let Some(figures) = self.figures.get(key) else { continue };
            match (figures.is_nothing(), key.hour) {
                (false, None) => days.push(Saved(key, figures)),
                (false, Some(_)) => hours.push(Saved(key, figures)),
                // Only undone steps ever counted here: a rebuild would not have made the row.
                (true, _) => {
                    self.statements.drop(tx, key).await?;
                }
            }
        }
        self.statements.save_days.write(tx, &days).await?;
        self.statements.save_hours.write(tx, &hours).await?;
        Ok(())
    }

    /// Lets go of rows that are not likely to be met again soon.
    fn tidy<'a>(&mut self, touched: impl Iterator<Item = &'a Uuid>) {
        for id in touched {
            if self.tickets.get(id).is_some_and(TicketRow::is_over) {
                self.tickets.remove(id);
            }
        }
        if self.tickets.len() > MOST_TICKETS {
            self.tickets.clear();
        }
        if self.figures.len() > MOST_FIGURES {
            self.figures.clear();
        }
        if self.halls.len() > MOST_HALLS {
            self.halls.clear();
        }
    }
}

impl Statements {
    async fn drop(&self, tx: &mut Tx<'_>, key: &Key) -> Result<u64, sqlx::Error> {
        let (branch, service, operator) = (key.branch.as_str(), key.service.as_str(), key.operator.as_str());
        match key.hour {
            None => run!(tx, self.drop_day.sql(), branch, key.business_day, service, operator),
            Some(hour) => run!(tx, self.drop_hour.sql(), branch, key.business_day, hour, service, operator),
        }
    }
}

#[async_trait]
impl Projector for Tickets {
    async fn apply(&mut self, tx: &mut Tx<'_>, facts: &[Fact]) -> Result<(), ProjectionError> {
        self.load(tx, facts).await?;
        let mut batch = Batch::default();
        facts.iter().for_each(|fact| self.fold(fact, &mut batch));
        self.save(tx, batch).await
    }

    fn forget(&mut self) {
        self.tickets.clear();
        self.halls.clear();
        self.figures.clear();
    }

    async fn fill(&mut self, facts: &[Fact], into: &mut Filler) -> Result<(), Trouble> {
        self.fill_page(facts, into).await
    }

    async fn settle(&mut self, into: &mut Filler) -> Result<(), Trouble> {
        self.settle_all(into).await
    }
}

struct TicketKey(Uuid);

impl Bound for TicketKey {
    fn bind(&self, to: &mut Binds) {
        to.add(self.0);
    }
}
