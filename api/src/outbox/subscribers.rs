//! Which other systems want to be told of a fact. Folded from the organisation's own stream up to the place in the log
//! that its reader has reached: a subscriber is told of everything after it was added, and of nothing before, however
//! late the reader is.

use std::{collections::BTreeMap, sync::Arc};

use talon_core::{
    event_store::{EventStore, Position, StoreError},
    fact::Fact,
    organisation::{self, webhook::Webhook},
    queue_event::{Event, OrganisationEvent},
};

const PAGE: u32 = 500;

/// The subscribers at one place of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscribers(BTreeMap<String, Webhook>);

impl Subscribers {
    /// # Errors
    /// When the log cannot be read.
    pub async fn at(store: &Arc<dyn EventStore>, position: Position) -> Result<Self, StoreError> {
        let mut found = Self::default();
        let mut after = 0;
        loop {
            let page = store.read_stream(&organisation::stream(), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = last.version;
            for raw in page.iter().filter(|raw| raw.position <= position) {
                // What cannot be read says nothing about subscribers that could be obeyed.
                if let Ok(fact) = Fact::decode(raw) {
                    found.take_in(&fact);
                }
            }
        }
    }

    pub fn take_in(&mut self, fact: &Fact) {
        let Event::Organisation(event) = &*fact.event else { return };
        match event {
            OrganisationEvent::WebhookAdded(it) => {
                self.0.insert(it.webhook.clone(), it.settings.clone());
            }
            OrganisationEvent::WebhookChanged(it) => {
                self.0.insert(it.webhook.clone(), it.settings.clone());
            }
            OrganisationEvent::WebhookRemoved(it) => {
                self.0.remove(&it.webhook);
            }
            _ => {}
        }
    }

    /// Whether anybody may want an event of this kind: asked of each event before it is decoded.
    #[must_use]
    pub fn want_kind(&self, kind: &str) -> bool {
        self.0.values().any(|it| it.wants_kind(kind))
    }

    /// Who wants this very fact.
    pub fn wanting<'a>(&'a self, fact: &'a Fact) -> impl Iterator<Item = &'a str> {
        let kind = match &*fact.event {
            Event::Unknown { kind, .. } => kind.as_str(),
            known => known.wire().0,
        };
        let branch = fact.meta.branch.as_ref();
        self.0.iter().filter(move |(_, it)| it.wants(kind, branch)).map(|(webhook, _)| webhook.as_str())
    }
}
