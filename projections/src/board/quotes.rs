//! What somebody who would take a ticket now is told of the wait, service by service.

use chrono::{DateTime, Utc};
use talon_core::{
    ids::{ClassId, ServiceId},
    queue_day::{QueueDay, event::Quote},
    waiting_time::WaitingTime,
};

/// The class of people a board speaks to.
const EVERYBODY: &str = "standard";

/// By service, for those that some open window gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quotes(Vec<(ServiceId, Quote)>);

impl Quotes {
    pub(super) fn of(day: &QueueDay, waits: &dyn WaitingTime, now: DateTime<Utc>) -> Self {
        let Some(settings) = day.settings.as_ref().filter(|_| day.is_open()) else { return Self::default() };
        let class = ClassId::trusted(EVERYBODY);
        let quote = |service: &ServiceId| {
            let quote = waits.quote(day, std::slice::from_ref(service), &class, now)?;
            Some((service.clone(), quote))
        };
        Self(settings.services.iter().filter_map(|service| quote(&service.id)).collect())
    }

    #[must_use]
    pub fn for_service(&self, service: &ServiceId) -> Option<&Quote> {
        self.0.iter().find(|(it, _)| it == service).map(|(_, quote)| quote)
    }

    /// The longest wait of any service: what a board says people usually wait at most.
    #[must_use]
    pub fn longest(&self) -> Option<&Quote> {
        self.0.iter().map(|(_, quote)| quote).max_by_key(|quote| (quote.p80_s, quote.p50_s))
    }
}
