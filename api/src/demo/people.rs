//! The people of the demo: what they come for, how long they take, and what goes wrong on the way.
//!
//! Every person is drawn from a generator of their own, seeded by the demo's seed and the person's number, so that what
//! one does never depends on what happened to another.

use std::collections::BTreeMap;

use rand::{
    Rng, SeedableRng,
    distr::{Distribution, weighted::WeightedIndex},
};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use talon_core::{
    ids::{ClassId, ReasonCode, ServiceId},
    settings::Service,
};

use crate::catalogue::Catalogue;

const MANNERS: &str = include_str!("../../assets/demo/people.toml");
/// Nobody takes longer than this many times the norm, nor less than this share of it.
const SLOWEST: f64 = 4.0;
const FASTEST: f64 = 0.3;

/// How people behave in the demo, as `assets/demo/people.toml` says it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manners {
    /// How often each service is wanted, against each other.
    pub wanted: BTreeMap<ServiceId, u32>,
    pub shares: Shares,
    pub spans: Spans,
    pub hours: Hours,
    pub past: Past,
}

/// Shares of people or visits, 0 to 1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    pub privileged: f64,
    pub english: f64,
    pub two_services: f64,
    pub never: f64,
    pub late: f64,
    pub unready: f64,
    /// Of those who missed their call: back before the grace is over.
    pub back_in_time: f64,
    pub asks_more: f64,
    pub parked: f64,
    /// Of those asked to wait aside: kept for the same window.
    pub parked_at_window: f64,
    pub sent_elsewhere: f64,
    pub refused: f64,
    pub operator_rests: f64,
}

/// Spans of people's time, seconds from and to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spans {
    pub walk: (f64, f64),
    pub late_walk: (f64, f64),
    pub between: (f64, f64),
    pub back_after: (f64, f64),
    pub away_with_form: (f64, f64),
    pub rest: (f64, f64),
    pub idle_look: (f64, f64),
}

/// How full each hour is against the fullest, and each day of the week against a plain one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    pub weekday: [f64; 24],
    pub weekend: [f64; 24],
    /// Monday first.
    pub days: [f64; 7],
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub people_per_hour: f64,
    /// How many operators sit at their windows, by hour.
    pub operators: [usize; 24],
    /// Who sits down first, second…, by the operators' numbers; one line a day, in turn.
    pub turns: Vec<Vec<usize>>,
}

/// One visitor of the hall, from the kiosk to the door.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub services: Vec<ServiceId>,
    pub class: ClassId,
    pub class_reason: Option<ReasonCode>,
    pub language: &'static str,
    pub coming: Coming,
    pub twist: Twist,
    /// Times the service takes against what is usual.
    pub pace: f64,
    draws: ChaCha8Rng,
}

/// What a person does when their number is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Coming {
    AtOnce,
    /// Only after the second call.
    Late,
    Never,
    /// Misses all calls and is back within the grace.
    BackLater,
    /// Comes and asks to let others go first.
    Unready,
}

/// What makes a visit other than plain. It happens once.
#[derive(Debug, Clone, PartialEq)]
pub enum Twist {
    None,
    AsksMore(ServiceId),
    /// Has to step aside; kept for the same window, or for any.
    StepsAside {
        same_window: bool,
    },
    SentElsewhere(ServiceId),
    Refused,
}

/// Draws people and times; knows the catalogue and the manners.
#[derive(Debug, Clone)]
pub struct People {
    pub manners: Manners,
    seed: u64,
    chapter: String,
    services: Vec<Service>,
    wanted: WeightedIndex<u32>,
    grounds: Vec<ReasonCode>,
}

/// Why people cannot be drawn: the manners do not fit the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("the demo's manners cannot be read")]
    Unreadable(#[from] toml::de::Error),
    #[error("nobody wants any service")]
    NobodyComes(#[from] rand::distr::weighted::Error),
    #[error("the manners speak of `{0}`, which the catalogue does not have")]
    UnknownService(ServiceId),
}

impl People {
    /// The people of one seed. Chapters of the same demo (each past day, the present) have people of their own.
    ///
    /// # Errors
    /// When the manners do not fit the catalogue.
    pub fn of(catalogue: &Catalogue, seed: u64, chapter: &str) -> Result<Self, PeopleError> {
        let manners: Manners = toml::from_str(MANNERS)?;
        let services: Vec<Service> = catalogue.services().collect();
        if let Some(stranger) = manners.wanted.keys().find(|id| services.iter().all(|it| it.id != **id)) {
            return Err(PeopleError::UnknownService(stranger.clone()));
        }
        let weights = services.iter().map(|it| manners.wanted.get(&it.id).copied().unwrap_or(0));
        let wanted = WeightedIndex::new(weights)?;
        let privileged = catalogue.classes.iter().find(|it| it.id.as_str() == "privileged");
        let grounds = privileged.map(|it| it.reasons.iter().map(|it| it.code.clone()).collect());
        Ok(Self {
            manners,
            seed,
            chapter: chapter.into(),
            services,
            wanted,
            grounds: grounds.unwrap_or_default(),
        })
    }

    /// A generator for one purpose: the same seed and name give the same draws.
    #[must_use]
    pub fn draws(&self, purpose: &str) -> ChaCha8Rng {
        let mut sum = Sha256::new();
        sum.update(self.seed.to_be_bytes());
        sum.update(self.chapter.as_bytes());
        sum.update([0]);
        sum.update(purpose);
        ChaCha8Rng::from_seed(sum.finalize().into())
    }

    /// The visitor with this number.
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        let mut draws = self.draws(&format!("person {number}"));
        let shares = &self.manners.shares;
        let mut services = vec![self.service(&mut draws)];
        if draws.random_bool(shares.two_services) {
            services.push(self.other_service(&services, &mut draws));
        }
        let privileged = draws.random_bool(shares.privileged) && !self.grounds.is_empty();
        let ground = draws.random_range(0..self.grounds.len().max(1));
        let language = if draws.random_bool(shares.english) { "en" } else { "ru" };
        let coming = self.coming(&mut draws);
        let twist = self.twist(&services, &mut draws);
        let pace = draws.random_range(0.85..1.2);
        Person {
            services,
            class: ClassId::trusted(if privileged { "privileged" } else { "standard" }),
            class_reason: privileged.then(|| self.grounds.get(ground).cloned()).flatten(),
            language,
            coming,
            twist,
            pace,
            draws,
        }
    }

    /// Somebody whose ticket the simulation did not take: comes at once and wants nothing unusual.
    #[must_use]
    pub fn stranger(&self, ticket: &str) -> Person {
        Person {
            services: Vec::new(),
            class: ClassId::trusted("standard"),
            class_reason: None,
            language: "ru",
            coming: Coming::AtOnce,
            twist: Twist::None,
            pace: 1.0,
            draws: self.draws(&format!("stranger {ticket}")),
        }
    }

    /// How long this service takes with this person, seconds.
    pub fn service_time(&self, service: &ServiceId, person: &mut Person) -> f64 {
        let norm = self.services.iter().find(|it| it.id == *service).map_or(90, |it| it.norm_s);
        // Log-normal by the sum of twelve uniforms: close enough to a bell, and the same on every machine.
        let bell: f64 = (0..12).map(|_| person.draws.random_range(0.0..1.0)).sum::<f64>() - 6.0;
        let spread = (0.4 * bell - 0.08).exp().clamp(FASTEST, SLOWEST);
        f64::from(norm) * spread * person.pace
    }

    /// People per second against the fullest hour, at an hour of the day and a day of the week (Monday 0).
    #[must_use]
    pub fn fullness(&self, weekday: usize, hour: usize) -> f64 {
        let hours = &self.manners.hours;
        let pattern = if weekday >= 5 { &hours.weekend } else { &hours.weekday };
        pattern[hour % 24] * hours.days[weekday % 7]
    }

    /// Seconds an operator's hands are busy with an average visit, the walk to the window and the pause after included.
    #[must_use]
    pub fn mean_visit(&self) -> f64 {
        let weight = |it: &Service| f64::from(self.manners.wanted.get(&it.id).copied().unwrap_or(0));
        let all: f64 = self.services.iter().map(weight).sum();
        let busy: f64 = self.services.iter().map(|it| weight(it) * f64::from(it.norm_s)).sum();
        let middle = |span: (f64, f64)| f64::midpoint(span.0, span.1);
        busy / all + middle(self.manners.spans.walk) + middle(self.manners.spans.between)
    }

    fn service(&self, draws: &mut ChaCha8Rng) -> ServiceId {
        self.services[self.wanted.sample(draws)].id.clone()
    }

    /// One that is not among these; of few services it may be the same after all.
    fn other_service(&self, not: &[ServiceId], draws: &mut ChaCha8Rng) -> ServiceId {
        let mut other = self.service(draws);
        for _ in 0..8 {
            if !not.contains(&other) {
                break;
            }
            other = self.service(draws);
        }
        other
    }

    fn coming(&self, draws: &mut ChaCha8Rng) -> Coming {
        let shares = &self.manners.shares;
        let luck = draws.random_range(0.0..1.0);
        let back = draws.random_bool(shares.back_in_time);
        if luck < shares.never {
            if back { Coming::BackLater } else { Coming::Never }
        } else if luck < shares.never + shares.late {
            Coming::Late
        } else if luck < shares.never + shares.late + shares.unready {
            Coming::Unready
        } else {
            Coming::AtOnce
        }
    }

    fn twist(&self, services: &[ServiceId], draws: &mut ChaCha8Rng) -> Twist {
        let shares = &self.manners.shares;
        let luck = draws.random_range(0.0..1.0);
        let same_window = draws.random_bool(shares.parked_at_window);
        let other = self.other_service(services, draws);
        let steps = [shares.asks_more, shares.parked, shares.sent_elsewhere, shares.refused];
        let mut reached = 0.0;
        let step = steps.iter().position(|share| {
            reached += share;
            luck < reached
        });
        match step {
            Some(0) => Twist::AsksMore(other),
            Some(1) => Twist::StepsAside { same_window },
            Some(2) => Twist::SentElsewhere(other),
            Some(3) => Twist::Refused,
            _ => Twist::None,
        }
    }
}

impl Person {
    /// A span of this person's time, seconds.
    pub fn takes(&mut self, span: (f64, f64)) -> f64 {
        self.draws.random_range(span.0..=span.1)
    }

    /// One of several, by this person's own luck.
    pub fn picks<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        if among.is_empty() { None } else { among.get(self.draws.random_range(0..among.len())) }
    }
}
