//! Questions to a day's settings: what is this service, how long may this class wait for it.

use chrono::TimeDelta;

use super::{Class, DaySettings, Reason, Service, ServiceGroup, Window};
use crate::{
    ids::{ClassId, GroupId, ReasonCode, ServiceId, WindowId},
    time::seconds,
};

/// The class of everybody who names no other.
pub const STANDARD: &str = "standard";
/// The class of a customer with a booked time.
pub const BOOKING: &str = "booking";

/// What a class of which nothing is known waits against, seconds.
const STANDARD_TARGET_S: u32 = 900;
/// What a long service lets the standard class wait, seconds.
const LONG_TARGET_S: u32 = 1800;

impl DaySettings {
    #[must_use]
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|it| it.id == *id)
    }

    #[must_use]
    pub fn class(&self, id: &ClassId) -> Option<&Class> {
        self.classes.iter().find(|it| it.id == *id)
    }

    #[must_use]
    pub fn group(&self, id: &GroupId) -> Option<&ServiceGroup> {
        self.groups.iter().find(|it| it.id == *id)
    }

    #[must_use]
    pub fn window(&self, id: &WindowId) -> Option<&Window> {
        self.windows.iter().find(|it| it.id == *id)
    }

    /// The letter on tickets for this service.
    #[must_use]
    pub fn letter_of(&self, service: &ServiceId) -> Option<char> {
        self.service(service).and_then(|it| self.group(&it.group)).map(|it| it.letter)
    }

    /// What may be given at a window; a window without a list of its own gives everything.
    #[must_use]
    pub fn given_at(&self, window: &Window) -> Vec<ServiceId> {
        let allowed = |it: &&Service| window.services.is_empty() || window.services.contains(&it.id);
        self.services.iter().filter(allowed).map(|it| it.id.clone()).collect()
    }

    #[must_use]
    pub fn is_emergency(&self, class: &ClassId) -> bool {
        self.class(class).is_some_and(|it| it.emergency)
    }

    /// How long this class may wait for this service: the target set for the two together, else the smaller of both
    /// their own. A long service has 30 minutes instead of the standard class's 15 and leaves hastier classes theirs.
    #[must_use]
    pub fn target(&self, class: &ClassId, service: &ServiceId) -> TimeDelta {
        seconds(self.target_s(class, service))
    }

    fn target_s(&self, class: &ClassId, service: &ServiceId) -> u32 {
        let set = self.targets.iter().find(|it| it.class == *class && it.service == *service);
        if let Some(target) = set {
            return target.target_s;
        }
        let of_class = self.class(class).map_or(STANDARD_TARGET_S, |it| it.target_s);
        match self.service(service) {
            Some(Service { target_s: Some(own), .. }) => of_class.min(*own),
            Some(Service { long: true, .. }) if class.as_str() == STANDARD => LONG_TARGET_S.max(of_class),
            Some(_) | None => of_class,
        }
    }
}

/// Whether a vocabulary knows the word. One that was never filled does not restrict.
#[must_use]
pub(crate) fn knows(vocabulary: &[Reason], code: &ReasonCode) -> bool {
    vocabulary.is_empty() || vocabulary.iter().any(|it| it.code == *code)
}
