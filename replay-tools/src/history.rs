//! A data set as the log tells it: its tickets, and everything that happened to them in the order of time.
//!
//! Facts of one day may lie in the log in any order, because tickets that came late were appended behind. So position
//! decides nothing here: facts are ordered by when they happened, inside one second by `order`, and only then folded.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use talon_core::{
    event_store::{EventStore, Recorded, StoreError},
    fact::{Fact, Unreadable},
    queue_event::Event,
};
use uuid::Uuid;

use crate::{
    order::{Step, ranks},
    pages::Pages,
    progress::Progress,
};

/// Pages decoded at once.
const AT_ONCE: usize = 4;

/// Why a data set cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the log holds a fact that cannot be read")]
    Log(#[from] Unreadable),
    #[error("a part of the work died")]
    Died(#[from] tokio::task::JoinError),
    #[error("the fact at position {0} names no time zone known here")]
    NoZone(u64),
    #[error("the log has no tickets of a data set {wanted:?}; it has: {}", listed(.known))]
    NoSuchDataSet { wanted: String, known: Vec<String> },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// A data set in the order of time.
pub struct History {
    pub names: Names,
    pub visits: Vec<Visit>,
    /// Every fact of the seven kinds, first to last.
    pub moments: Vec<Moment>,
}

/// A ticket in its source's words. Times are what its facts say; what did not happen is absent.
#[derive(Debug, Clone)]
pub struct Visit {
    pub external_id: Box<str>,
    pub branch: Name,
    pub service: Name,
    pub operator: Option<Name>,
    pub business_day: NaiveDate,
    pub zone: Tz,
    pub issued_at: Option<DateTime<Utc>>,
    pub called_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    /// Abandoned, not shown up, or closed without service.
    pub left_at: Option<DateTime<Utc>>,
    /// The step that ended it.
    pub outcome: Option<Step>,
}

/// One fact: when, and of which of the visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub step: Step,
    pub visit: usize,
}

/// A word of the source, told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u32);

/// The words of a source.
#[derive(Debug, Default)]
pub struct Names {
    words: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Name>,
}

impl Names {
    #[must_use]
    pub fn word(&self, name: Name) -> &str {
        self.words.get(name.0 as usize).map_or("", |word| word)
    }

    fn name(&mut self, word: &str) -> Name {
        if let Some(&name) = self.numbers.get(word) {
            return name;
        }
        let name = Name(u32::try_from(self.words.len()).unwrap_or(u32::MAX));
        let word: Arc<str> = word.into();
        self.words.push(Arc::clone(&word));
        self.numbers.insert(word, name);
        name
    }
}

impl History {
    /// Reads a data set out of the log.
    ///
    /// # Errors
    /// When the log cannot be read, or has no such data set.
    pub async fn read(
        store: &Arc<dyn EventStore>,
        data_set: &str,
        progress: &Progress,
    ) -> Result<Self, HistoryError> {
        progress.begin("reading the log", None);
        let wanted: Arc<str> = data_set.into();
        let decoded = stream::unfold(Pages::of(store, 0), |mut pages| async move {
            pages.next().await.map(|page| (page, pages))
        })
        .map(|page| {
            let wanted = Arc::clone(&wanted);
            async move {
                let page = page?;
                tokio::task::spawn_blocking(move || facts_of(&page, &wanted)).await?
            }
        })
        .buffered(AT_ONCE);
        let mut decoded = std::pin::pin!(decoded);
        let mut gathering = Gathering::default();
        while let Some(page) = decoded.try_next().await? {
            progress.advance(page.read);
            for other in page.others {
                if !gathering.others.contains(&other) {
                    gathering.others.push(other);
                }
            }
            for fact in page.facts {
                gathering.add(fact)?;
            }
        }
        progress.end();
        if gathering.visits.is_empty() {
            gathering.others.sort();
            return Err(HistoryError::NoSuchDataSet { wanted: data_set.to_owned(), known: gathering.others });
        }
        Ok(gathering.fold())
    }
}

/// What a page holds of a data set.
struct Page {
    read: u64,
    facts: Vec<Fact>,
    /// Other data sets met.
    others: Vec<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    source: Option<SourceName<'a>>,
}

#[derive(Deserialize)]
struct SourceName<'a> {
    #[serde(borrow)]
    data_set: std::borrow::Cow<'a, str>,
}

fn facts_of(page: &[Recorded], wanted: &str) -> Result<Page, HistoryError> {
    let mut found =
        Page { read: u64::try_from(page.len()).unwrap_or_default(), facts: Vec::new(), others: Vec::new() };
    for raw in page.iter().filter(|raw| raw.stream.category() == "queue") {
        let source = serde_json::from_slice::<Envelope<'_>>(&raw.meta).ok().and_then(|it| it.source);
        match source {
            Some(source) if source.data_set == wanted => found.facts.push(Fact::decode(raw)?),
            Some(source) if !found.others.iter().any(|other| *other == source.data_set) => {
                found.others.push(source.data_set.into_owned());
            }
            _ => {}
        }
    }
    Ok(found)
}

#[derive(Default)]
struct Gathering {
    names: Names,
    visits: Vec<Visit>,
    by_ticket: HashMap<Uuid, usize>,
    zones: HashMap<String, Tz>,
    facts: Vec<(usize, Uuid, DateTime<Utc>, Step)>,
    others: Vec<String>,
}

impl Gathering {
    fn add(&mut self, fact: Fact) -> Result<(), HistoryError> {
        let Event::Queue(event) = &*fact.event else { return Ok(()) };
        let Some(step) = Step::of(event) else { return Ok(()) };
        let ticket = fact.meta.correlation_id;
        let visit = match self.by_ticket.get(&ticket) {
            Some(&visit) => visit,
            None => self.visit(ticket, &fact)?,
        };
        self.facts.push((visit, ticket, fact.occurred_at, step));
        Ok(())
    }

    fn visit(&mut self, ticket: Uuid, fact: &Fact) -> Result<usize, HistoryError> {
        let no_zone = || HistoryError::NoZone(fact.position);
        let name = fact.meta.time_zone.as_deref().ok_or_else(no_zone)?;
        let zone = match self.zones.get(name) {
            Some(&zone) => zone,
            None => {
                let zone = name.parse().map_err(|_| no_zone())?;
                self.zones.insert(name.to_owned(), zone);
                zone
            }
        };
        let Some(source) = &fact.meta.source else { return Err(no_zone()) };
        let visit = Visit {
            external_id: source.external_id.as_str().into(),
            branch: self.names.name(&source.branch),
            service: self.names.name(&source.service),
            operator: source.operator.as_deref().map(|it| self.names.name(it)),
            business_day: fact
                .meta
                .business_day
                .unwrap_or_else(|| fact.occurred_at.with_timezone(&zone).date_naive()),
            zone,
            issued_at: None,
            called_at: None,
            started_at: None,
            completed_at: None,
            left_at: None,
            outcome: None,
        };
        self.visits.push(visit);
        self.by_ticket.insert(ticket, self.visits.len() - 1);
        Ok(self.visits.len() - 1)
    }

    /// Puts the facts in the order of time and folds them into the visits.
    fn fold(mut self) -> History {
        // First each ticket's own order, for the turns inside a second; then everybody's.
        self.facts.sort_unstable_by_key(|&(visit, _, at, step)| (visit, at, step));
        let mut turns = Vec::with_capacity(self.facts.len());
        for own in self.facts.chunk_by(|one, next| one.0 == next.0) {
            let steps: Vec<_> = own.iter().map(|&(_, _, at, step)| (step, at)).collect();
            for (&(visit, ticket, at, step), rank) in own.iter().zip(ranks(&steps)) {
                turns.push(((at, rank, ticket, step), visit));
            }
        }
        turns.sort_unstable_by_key(|&(turn, _)| turn);
        let moments: Vec<_> =
            turns.into_iter().map(|((at, _, _, step), visit)| Moment { at, step, visit }).collect();
        for moment in &moments {
            self.visits[moment.visit].evolve(*moment);
        }
        History { names: self.names, visits: self.visits, moments }
    }
}

impl Visit {
    fn evolve(&mut self, moment: Moment) {
        let place = match moment.step {
            Step::Issued => &mut self.issued_at,
            Step::Called => &mut self.called_at,
            Step::Started => &mut self.started_at,
            Step::Completed => &mut self.completed_at,
            Step::Refused | Step::Abandoned | Step::NoShow => &mut self.left_at,
        };
        place.get_or_insert(moment.at);
        if !matches!(moment.step, Step::Issued | Step::Called | Step::Started) {
            self.outcome.get_or_insert(moment.step);
        }
    }
}
