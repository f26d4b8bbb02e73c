//! The tickets of a whole log at once, as a rebuild folds them: nothing is read back, a ticket's row is written when the
//! ticket is over, a day's figures and windows when the day has closed, and each of them once. What happens afterwards
//! all the same (a step undone, a day that opens again, history out of order) finds its rows in the tables.

use std::collections::{BTreeSet, HashSet};

use talon_core::{
    fact::Fact,
    queue_event::{Event, QueueEvent},
};
use uuid::Uuid;

use super::{Batch, Hall, TicketKey, Tickets};
use crate::{
    batch::Trouble,
    branch_stats::{
        Changes,
        row::Saved,
        window::{DayKey, WindowRow},
    },
    filler::Filler,
    subject::hall_of,
    tickets::row::TicketRow,
};

/// What has been folded and is not in the tables.
#[derive(Default)]
pub(super) struct Held {
    /// `before` is the row that the tables have, `changes` what their figures lack.
    batch: Batch,
    /// Over with the last page: nothing is likely to happen to them any more.
    over: Vec<Uuid>,
    closed: BTreeSet<Hall>,
    /// Days of which the tables have rows.
    begun: HashSet<Hall>,
}

impl Tickets {
    pub(super) async fn fill_page(&mut self, facts: &[Fact], into: &mut Filler) -> Result<(), Trouble> {
        self.recall(facts, into).await?;
        let mut batch = std::mem::take(&mut self.held.batch);
        facts.iter().for_each(|fact| self.fold(fact, &mut batch));
        self.held.batch = batch;
        let touched: BTreeSet<Uuid> = facts.iter().filter_map(|fact| self.touched(fact)).collect();
        let over =
            touched.into_iter().filter(|id| self.tickets.get(id).is_some_and(TicketRow::is_over)).collect();
        let was_over = std::mem::replace(&mut self.held.over, over);
        self.write_tickets(was_over, into)?;
        let closed = facts.iter().filter(|fact| closes(fact)).filter_map(hall).collect();
        let were_closed = std::mem::replace(&mut self.held.closed, closed);
        self.write_halls(were_closed, into).await?;
        let is_full = self.tickets.len() > into.kept.tickets
            || self.held.batch.changes.len() > into.kept.figures
            || self.halls.len() > into.kept.halls;
        if is_full { self.settle_all(into).await } else { Ok(()) }
    }

    pub(super) async fn settle_all(&mut self, into: &mut Filler) -> Result<(), Trouble> {
        let tickets: Vec<Uuid> = self.held.batch.before.keys().copied().collect();
        self.write_tickets(tickets, into)?;
        let mut halls: BTreeSet<Hall> = self.halls.keys().cloned().collect();
        halls.extend(self.held.batch.changes.halls());
        self.write_halls(halls, into).await?;
        self.held.over.clear();
        self.held.closed.clear();
        Ok(())
    }

    /// Reads what a page needs and earlier pages have let go. A ticket that a page begins with cannot have been there:
    /// the table's key says so if it was.
    async fn recall(&mut self, facts: &[Fact], into: &mut Filler) -> Result<(), Trouble> {
        let mut known = BTreeSet::new();
        for fact in facts.iter().filter(|it| !it.is_imported()) {
            let Some(hall) = hall(fact) else { continue };
            if self.held.begun.contains(&hall) {
                if !self.halls.contains_key(&hall) {
                    known.insert(hall);
                }
            } else {
                self.halls.entry(hall).or_default();
            }
        }
        if !known.is_empty() {
            let keys: Vec<_> = known.iter().map(|(branch, date)| DayKey(branch, *date)).collect();
            let mut tx = into.look().await?;
            let rows = self.statements.load_windows.read::<_, WindowRow>(&mut tx, &keys).await?;
            tx.rollback().await?;
            for row in rows {
                let hall = self.halls.entry((row.branch.clone(), row.business_day)).or_default();
                hall.insert(row.window_id.clone(), row);
            }
            for hall in known {
                self.halls.entry(hall).or_default();
            }
        }
        let mut met = HashSet::new();
        let mut missing = Vec::new();
        for fact in facts {
            let Some(ticket) = self.touched(fact).filter(|it| !self.tickets.contains_key(it)) else {
                continue;
            };
            let begins = matches!(&*fact.event, Event::Queue(QueueEvent::TicketIssued(_)));
            if met.insert(ticket) && !begins {
                missing.push(TicketKey(ticket));
            }
        }
        if !missing.is_empty() {
            let mut tx = into.look().await?;
            let rows = self.statements.load.read::<_, TicketRow>(&mut tx, &missing).await?;
            tx.rollback().await?;
            self.tickets.extend(rows.into_iter().map(|row| (row.ticket_id, row)));
        }
        Ok(())
    }

    fn write_tickets(&mut self, ids: Vec<Uuid>, into: &mut Filler) -> Result<(), Trouble> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for id in ids {
            let (Some(before), Some(row)) = (self.held.batch.before.remove(&id), self.tickets.remove(&id))
            else {
                continue;
            };
            if before.as_ref() == Some(&row) {
                continue;
            }
            self.held.batch.changes.ticket(before.as_ref(), &row);
            if before.is_some() { changed.push(row) } else { new.push(row) }
        }
        into.add(&self.statements.save, &new.iter().collect::<Vec<_>>())?;
        into.put(&self.statements.save, &changed.iter().collect::<Vec<_>>())?;
        Ok(())
    }

    async fn write_halls(&mut self, halls: BTreeSet<Hall>, into: &mut Filler) -> Result<(), Trouble> {
        let mut again = Changes::default();
        let (mut days, mut hours) = (Vec::new(), Vec::new());
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for hall in halls {
            let is_new = self.held.begun.insert(hall.clone());
            for (name, row) in self.halls.remove(&hall).unwrap_or_default() {
                if self.held.batch.windows.remove(&(hall.clone(), name)) {
                    if is_new { new.push(row) } else { changed.push(row) }
                }
            }
            let changes = self.held.batch.changes.take(&hall);
            if !is_new {
                again.extend(changes);
                continue;
            }
            for (key, figures) in changes.into_real() {
                if key.hour.is_some() { hours.push((key, figures)) } else { days.push((key, figures)) }
            }
        }
        into.add(&self.statements.save_windows, &new.iter().collect::<Vec<_>>())?;
        into.put(&self.statements.save_windows, &changed.iter().collect::<Vec<_>>())?;
        let days: Vec<_> = days.iter().map(|(key, figures)| Saved(key, figures)).collect();
        into.add(&self.statements.save_days, &days)?;
        let hours: Vec<_> = hours.iter().map(|(key, figures)| Saved(key, figures)).collect();
        into.add(&self.statements.save_hours, &hours)?;
        if !again.is_empty() {
            let mut tx = into.look().await?;
            self.save_figures(&mut tx, again).await?;
            tx.commit().await?;
            self.figures.clear();
        }
        Ok(())
    }
}

fn hall(fact: &Fact) -> Option<Hall> {
    hall_of(fact).map(|(branch, date)| (branch.to_string(), date))
}

fn closes(fact: &Fact) -> bool {
    matches!(&*fact.event, Event::Queue(QueueEvent::BusinessDayClosed(_)))
}
