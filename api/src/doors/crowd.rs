//! How many are inside: places for requests, lines that stay open, bytes of bodies on their way. When it is crowded
//! strangers wait first, then customers, then devices, and the staff last of all; and none of those whom we do not know
//! takes the share of all the others.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use talon_core::ids::CustomerId;

use super::limits::household;
use crate::{auth::Principal, config};

/// Strangers of one address, or one customer, have at most this part of what strangers have.
const EACH: usize = 8;
/// Bodies on their way may take this part of what as many bodies as places would.
const BODIES: usize = 8;

/// Who asks, as far as a crowd is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Stranger(IpAddr, Errand),
    Customer(CustomerId),
    Device,
    Staff,
}

/// What a stranger comes for: whoever is on the staff is a stranger until they are signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    SigningIn,
    /// With a cookie that renews a session, or looks like one.
    Renewing,
    Other,
}

impl Standing {
    pub(super) fn of(principal: &Principal, from: IpAddr, errand: Errand) -> Self {
        if principal.staff_id().is_some() {
            return Self::Staff;
        }
        match (principal.customer_id(), principal.device_id()) {
            (Some(customer), _) => Self::Customer(customer.clone()),
            (None, Some(_)) => Self::Device,
            (None, None) => Self::Stranger(from, errand),
        }
    }

    /// Those of whom there may be any number count one by one.
    fn home(&self) -> Option<Home> {
        match self {
            Self::Stranger(from, _) => Some(Home::Household(household(*from))),
            Self::Customer(id) => Some(Home::Account(id.clone())),
            Self::Device | Self::Staff => None,
        }
    }

    /// How much of `all` may be taken before this one has to wait.
    fn share(&self, all: usize) -> usize {
        match self {
            Self::Stranger(..) => all / 2,
            Self::Customer(_) => all / 8 * 5,
            Self::Device => all / 4 * 3,
            Self::Staff => all,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Home {
    Household(u128),
    Account(CustomerId),
}

/// How many are inside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd {
    places: usize,
    body_bytes: usize,
    lines_per_address: usize,
    lines_per_account: usize,
    inside: Tally,
    customers: Tally,
    /// Kept free for those who sign in, and apart from them for those who renew what they have: the one is slow.
    signing_in: Tally,
    renewing: Tally,
    lines: Tally,
    bodies: Tally,
    bytes: Tally,
}

/// One request inside, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _place: Option<Taken>,
    _customers: Option<Taken>,
}

/// One open line, until the last of its holders drops it.
#[derive(Debug, Clone)]
pub struct Line(#[expect(dead_code, reason = "held for its end")] Option<Arc<Taken>>);

/// A body on its way, and the memory it takes.
#[derive(Debug)]
pub(super) struct Load {
    _body: Option<Taken>,
    bytes: Option<Taken>,
    most: usize,
    most_each: usize,
}

impl Load {
    /// Whether there is room for so many bytes more.
    pub(super) fn more(&mut self, bytes: usize) -> bool {
        self.bytes.as_mut().is_none_or(|it| it.more(bytes, self.most, self.most_each))
    }
}

impl Crowd {
    #[must_use]
    pub fn new(limits: &config::Limits) -> Self {
        Self {
            places: limits.concurrent,
            body_bytes: limits.body_bytes,
            lines_per_address: limits.lines_per_address as usize,
            lines_per_account: limits.lines_per_account as usize,
            inside: Tally::default(),
            customers: Tally::default(),
            signing_in: Tally::default(),
            renewing: Tally::default(),
            lines: Tally::default(),
            bodies: Tally::default(),
            bytes: Tally::default(),
        }
    }

    /// Bodies on their way at this moment: their requests have no place yet.
    #[must_use]
    pub fn bodies(&self) -> usize {
        self.bodies.all()
    }

    /// A place for one request. Strangers may take half of the places, customers half too and a little more in all,
    /// devices three quarters, the staff all. A sign-in and a renewal find a reserve besides.
    pub(super) fn place(&self, standing: &Standing) -> Option<Place> {
        let all = self.places;
        let place = |place, customers| Some(Place { _place: place, _customers: customers });
        if all == 0 {
            return place(None, None);
        }
        let most_each = (all / 2 / EACH).max(1);
        let customers = match standing {
            Standing::Customer(_) => Some(self.customers.take(None, 1, all / 2, 0)?),
            _ => None,
        };
        if let Some(taken) = self.inside.take(standing.home(), 1, standing.share(all), most_each) {
            return place(Some(taken), customers);
        }
        let reserve = match standing {
            Standing::Stranger(_, Errand::SigningIn) => &self.signing_in,
            Standing::Stranger(_, Errand::Renewing) => &self.renewing,
            _ => return None,
        };
        let kept = (all / 8).max(1);
        place(Some(reserve.take(standing.home(), 1, kept, (kept / EACH).max(1))?), None)
    }

    /// Devices and staff are known, and few.
    pub(super) fn line(&self, standing: &Standing) -> Option<Line> {
        let most = match standing {
            Standing::Stranger(..) => self.lines_per_address,
            Standing::Customer(_) => self.lines_per_account,
            Standing::Device | Standing::Staff => 0,
        };
        if most == 0 {
            return Some(Line(None));
        }
        self.lines.take(standing.home(), 1, usize::MAX, most).map(|it| Line(Some(Arc::new(it))))
    }

    /// A body that begins to come.
    pub(super) fn load(&self, standing: &Standing) -> Load {
        let all = (self.places.saturating_mul(self.body_bytes) / BODIES).max(2 * self.body_bytes);
        let begin = |tally: &Tally, many| tally.take(standing.home(), many, usize::MAX, usize::MAX);
        Load {
            _body: begin(&self.bodies, 1),
            bytes: if self.places == 0 { None } else { begin(&self.bytes, 0) },
            most: standing.share(all).max(self.body_bytes),
            // One whole body always, however small the house.
            most_each: (all / 2 / EACH).max(self.body_bytes),
        }
    }
}

/// What is taken of one kind of thing: in all, and by each whose share is bounded. Cheap to clone.
#[derive(Debug, Clone, Default)]
struct Tally(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    all: usize,
    of: HashMap<Home, usize>,
}

/// A part of it, given back at its end.
#[derive(Debug)]
struct Taken {
    tally: Tally,
    home: Option<Home>,
    many: usize,
}

impl Tally {
    fn all(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    fn take(&self, home: Option<Home>, many: usize, most: usize, most_each: usize) -> Option<Taken> {
        let mut taken = Taken { tally: self.clone(), home, many: 0 };
        taken.more(many, most, most_each).then_some(taken)
    }
}

impl Taken {
    /// Takes so many more, unless that were more than `most` in all or `most_each` for this home.
    fn more(&mut self, many: usize, most: usize, most_each: usize) -> bool {
        let mut held = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.all.saturating_add(many) > most {
            return false;
        }
        if let Some(home) = &self.home {
            let here = held.of.get(home).copied().unwrap_or_default().saturating_add(many);
            if here > most_each {
                return false;
            }
            if many > 0 {
                held.of.insert(home.clone(), here);
            }
        }
        held.all += many;
        self.many += many;
        true
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.many == 0 {
            return;
        }
        let mut held = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.all -= self.many;
        if let Some(home) = &self.home
            && let Some(here) = held.of.get_mut(home)
        {
            *here -= self.many;
            if *here == 0 {
                held.of.remove(home);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(change: impl FnOnce(&mut config::Limits)) -> Crowd {
        let mut limits = config::Limits::default();
        change(&mut limits);
        Crowd::new(&limits)
    }

    fn stranger(number: u32) -> Standing {
        Standing::Stranger(IpAddr::V4(number.into()), Errand::Other)
    }

    fn entering(number: u32, errand: Errand) -> Standing {
        Standing::Stranger(IpAddr::V4(number.into()), errand)
    }

    fn customer(number: u32) -> Standing {
        Standing::Customer(CustomerId::trusted(&format!("c{number}")))
    }

    /// Takes places until there is none.
    fn fill(crowd: &Crowd, mut next: impl FnMut(u32) -> Standing) -> Vec<Place> {
        (0..).map_while(|number| crowd.place(&next(number))).collect()
    }

    #[test]
    fn strangers_wait_first_then_customers_then_devices_and_the_staff_last() {
        let crowd = crowd(|it| it.concurrent = 64);
        let mut held = fill(&crowd, stranger);
        assert_eq!(held.len(), 32);
        held.extend(fill(&crowd, customer));
        assert_eq!(held.len(), 40, "a crowd of strangers does not shut customers out");
        held.extend(fill(&crowd, |_| Standing::Device));
        assert_eq!(held.len(), 48);
        held.extend(fill(&crowd, |_| Standing::Staff));
        assert_eq!(held.len(), 64);
        drop(held);
        assert!(crowd.place(&stranger(0)).is_some(), "places are given back");
        assert_eq!(fill(&crowd, customer).len(), 32, "customers have half");
    }

    #[test]
    fn a_customer_who_is_signed_in_is_no_staff() {
        let (from, until) = (IpAddr::V4(1.into()), chrono::DateTime::default());
        let of = |principal| Standing::of(&principal, from, Errand::Other);
        let id = CustomerId::trusted("c1");
        assert_eq!(of(Principal::customer(id.clone(), "s1".into(), until)), Standing::Customer(id));
        let operator = talon_core::ids::OperatorId::trusted("anna");
        assert_eq!(of(Principal::staff(operator, "s2".into(), until, [].into())), Standing::Staff);
        assert_eq!(of(Principal::nobody()), stranger(1));
    }

    #[test]
    fn neither_an_address_nor_a_customer_takes_the_share_of_all() {
        let crowd = crowd(|it| it.concurrent = 1_024);
        let strangers = fill(&crowd, |_| stranger(1));
        let customers = fill(&crowd, |_| customer(1));
        assert_eq!((strangers.len(), customers.len()), (64, 64));
        assert!(crowd.place(&stranger(2)).is_some() && crowd.place(&customer(2)).is_some());
    }

    #[test]
    fn a_reserve_is_kept_for_sign_ins_and_another_for_renewals() {
        let crowd = crowd(|it| it.concurrent = 1_024);
        let _crowd = fill(&crowd, stranger);
        let renewing = fill(&crowd, |_| entering(1, Errand::Renewing));
        assert_eq!(renewing.len(), 16, "of one address");
        let all = fill(&crowd, |number| entering(number + 2, Errand::Renewing));
        assert_eq!(renewing.len() + all.len(), 128);
        assert!(crowd.place(&entering(7, Errand::SigningIn)).is_some(), "renewals do not keep sign-ins out");
        assert!(crowd.place(&Standing::Device).is_some(), "nor devices");
    }

    #[test]
    fn an_address_and_a_customer_keep_so_many_lines_and_devices_and_staff_any() {
        let crowd = crowd(|it| (it.lines_per_address, it.lines_per_account) = (3, 2));
        for (standing, most) in [(stranger(1), 3), (customer(1), 2)] {
            let mut lines: Vec<_> = (0..).map_while(|_| crowd.line(&standing)).collect();
            assert_eq!(lines.len(), most);
            let other_holder = lines[0].clone();
            lines.remove(0);
            assert!(crowd.line(&standing).is_none(), "somebody holds it still");
            drop(other_holder);
            assert!(crowd.line(&standing).is_some());
        }
        let lines = |standing| (0..500).filter_map(|_| crowd.line(&standing)).count();
        assert_eq!((lines(Standing::Device), lines(Standing::Staff)), (500, 500));
    }

    #[test]
    fn bodies_on_their_way_take_bounded_memory() {
        let crowd = crowd(|it| (it.concurrent, it.body_bytes) = (1_024, 1_000));
        let mut many: Vec<_> = (0..100).map(|_| crowd.load(&stranger(1))).collect();
        assert_eq!(crowd.bodies(), 100);
        assert_eq!(many.iter_mut().map(|it| it.more(1_000)).filter(|it| *it).count(), 8, "one address");
        let mut others: Vec<_> = (2..200).map(|number| crowd.load(&stranger(number))).collect();
        let had = others.iter_mut().map(|it| it.more(1_000)).filter(|it| *it).count();
        assert_eq!(had, 56, "all strangers");
        assert!(crowd.load(&Standing::Staff).more(1_000));
        drop((many, others));
        assert!(crowd.load(&stranger(1)).more(1_000));
        assert_eq!(crowd.bodies(), 0);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let crowd = crowd(|it| (it.concurrent, it.lines_per_address) = (0, 0));
        let places: Vec<_> = (0..5_000).filter_map(|_| crowd.place(&stranger(1))).collect();
        let lines: Vec<_> = (0..5_000).filter_map(|_| crowd.line(&stranger(1))).collect();
        assert_eq!((places.len(), lines.len()), (5_000, 5_000));
        assert!(crowd.load(&stranger(1)).more(usize::MAX / 2));
    }
}
