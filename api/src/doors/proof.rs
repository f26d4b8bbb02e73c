//! Proof of work for codes under abuse: whoever asks for many must let a machine count for a second first, and longer
//! the more are asked for. A puzzle is signed under a key of the vault and says itself what it is worth, for whom and
//! until when: every node checks those of the others, and nothing is kept but the few that were solved. Knows nothing
//! of codes or of who gets them.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use talon_core::time::Clock;

use super::limits::household;
use crate::config::{Limits, ProofMode};

/// A puzzle is to be solved within so long.
const LIFE: TimeDelta = TimeDelta::minutes(2);
/// The easiest puzzle: some 65,000 hashes, a part of a second in a browser.
const EASIEST: u8 = 16;
/// The hardest: four million, half a minute on a telephone.
const HARDEST: u8 = 22;
/// How fast the memory of what was asked for fades.
const FADES_S: f64 = 60.0;
const LONGEST_SOLUTION: usize = 32;

/// A puzzle for whoever asks: find a `solution`, any text of at most 32 characters, such that SHA-256 of
/// `puzzle + ":" + solution` begins with `difficulty` zero bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Puzzle {
    pub puzzle: String,
    pub difficulty: u8,
    /// RFC 3339.
    pub expires_at: String,
}

/// A puzzle and what solves it, as it comes back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub puzzle: String,
    pub solution: String,
}

/// Hands out puzzles and looks at solutions. Cheap to clone.
#[derive(Clone)]
pub struct Proofs {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Proofs(***)")
    }
}

struct Inner {
    key: [u8; 32],
    clock: Arc<dyn Clock>,
    mode: ProofMode,
    free: f64,
    free_of_address: f64,
    all: Mutex<Level>,
    addresses: Cache<u128, Arc<Mutex<Level>>>,
    /// Solved once; each entry cost its maker tens of thousands of hashes, and none outlives its puzzle.
    used: Mutex<BTreeSet<(DateTime<Utc>, [u8; 16])>>,
}

/// How much was asked for lately.
#[derive(Debug, Default, Clone, Copy)]
struct Level {
    height: f64,
    at: Option<DateTime<Utc>>,
}

impl Level {
    fn raised(self, now: DateTime<Utc>) -> Self {
        let passed = self.at.map_or(0.0, |at| (now - at).as_seconds_f64().max(0.0));
        Self { height: self.height * (-passed / FADES_S).exp() + 1.0, at: Some(now) }
    }
}

/// What a puzzle says of itself.
struct Terms {
    expires_at: DateTime<Utc>,
    difficulty: u8,
    salt: [u8; 16],
}

impl Proofs {
    /// `key` is the same on every node.
    #[must_use]
    pub fn new(key: [u8; 32], config: &Limits, clock: Arc<dyn Clock>) -> Self {
        let hour = Duration::from_secs(3600);
        Self {
            inner: Arc::new(Inner {
                key,
                clock,
                mode: config.proof,
                free: f64::from(config.codes_without_proof_per_min.max(1)),
                free_of_address: f64::from(config.codes_without_proof_per_address.max(1)),
                all: Mutex::default(),
                addresses: Cache::builder().max_capacity(100_000).time_to_idle(hour).build(),
                used: Mutex::default(),
            }),
        }
    }

    /// Counts a request for `subject` (a phone, an e-mail) and lets it in, if need be for a solved puzzle that was made
    /// for this subject and was not used yet.
    ///
    /// # Errors
    /// The puzzle to solve first.
    pub fn admit(&self, from: IpAddr, subject: &str, proof: Option<&Proof>) -> Result<(), Puzzle> {
        let now = self.inner.clock.now();
        let Some(difficulty) = self.demanded(from, now) else { return Ok(()) };
        if proof.is_some_and(|proof| self.is_solved(proof, subject, now)) {
            metrics::counter!("proofs_of_work_total", "outcome" => "solved").increment(1);
            return Ok(());
        }
        let outcome = if proof.is_some() { "wrong" } else { "asked" };
        metrics::counter!("proofs_of_work_total", "outcome" => outcome).increment(1);
        Err(self.puzzle(subject, difficulty, now))
    }

    /// How hard a puzzle this moment asks for; nothing while all is calm.
    fn demanded(&self, from: IpAddr, now: DateTime<Utc>) -> Option<u8> {
        let raise = |level: &Mutex<Level>| {
            let mut level = level.lock().unwrap_or_else(PoisonError::into_inner);
            *level = level.raised(now);
            level.height
        };
        let inner = &self.inner;
        let all = raise(&inner.all) / inner.free;
        let here = raise(&inner.addresses.get_with(household(from), Arc::default)) / inner.free_of_address;
        let over = all.max(here);
        match inner.mode {
            ProofMode::Never => None,
            ProofMode::UnderAbuse if over <= 1.0 => None,
            ProofMode::UnderAbuse | ProofMode::Always => {
                // Twice as many requests, twice as much to count.
                let doublings = (1..=HARDEST - EASIEST).filter(|it| over > f64::from(1_u32 << it));
                Some(EASIEST + u8::try_from(doublings.count()).unwrap_or_default())
            }
        }
    }

    fn puzzle(&self, subject: &str, difficulty: u8, now: DateTime<Utc>) -> Puzzle {
        let mut salt = self.inner.clock.new_id().into_bytes();
        // Ids are made from the clock in part; what matters is that no two puzzles are alike.
        for (byte, random) in salt.iter_mut().zip(random()) {
            *byte ^= random;
        }
        let terms = Terms { expires_at: now + LIFE, difficulty, salt };
        let payload = terms.payload();
        let seal = self.mac(&payload, subject).finalize().into_bytes();
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Puzzle {
            puzzle: format!("{}.{}", encode(&payload), encode(&seal)),
            difficulty,
            expires_at: crate::http::instant(terms.expires_at),
        }
    }

    fn is_solved(&self, proof: &Proof, subject: &str, now: DateTime<Utc>) -> bool {
        let Some(terms) = self.terms(&proof.puzzle, subject) else { return false };
        if proof.solution.len() > LONGEST_SOLUTION || terms.expires_at <= now {
            return false;
        }
        let sum = Sha256::digest(format!("{}:{}", proof.puzzle, proof.solution));
        zero_bits(&sum) >= u32::from(terms.difficulty) && self.use_up(&terms, now)
    }

    /// What a puzzle of ours for this subject says; nothing for any other text.
    fn terms(&self, puzzle: &str, subject: &str) -> Option<Terms> {
        let (payload, seal) = puzzle.split_once('.')?;
        let payload: [u8; 25] = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?.try_into().ok()?;
        let seal = BASE64_URL_SAFE_NO_PAD.decode(seal).ok()?;
        self.mac(&payload, subject).verify_slice(&seal).ok()?;
        Terms::read(&payload)
    }

    /// `true` for the first use of a puzzle in this process.
    fn use_up(&self, terms: &Terms, now: DateTime<Utc>) -> bool {
        let mut used = self.inner.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.split_off(&(now, [0; 16]));
        used.insert((terms.expires_at, terms.salt))
    }

    fn mac(&self, payload: &[u8], subject: &str) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.inner.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(payload);
        mac.update(subject.as_bytes());
        mac
    }
}

impl Terms {
    fn payload(&self) -> [u8; 25] {
        let mut bytes = [0; 25];
        bytes[..8].copy_from_slice(&self.expires_at.timestamp_micros().to_be_bytes());
        bytes[8] = self.difficulty;
        bytes[9..].copy_from_slice(&self.salt);
        bytes
    }

    fn read(bytes: &[u8; 25]) -> Option<Self> {
        let (expires, rest) = bytes.split_first_chunk::<8>()?;
        let (difficulty, salt) = rest.split_first()?;
        Some(Self {
            expires_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*expires))?,
            difficulty: *difficulty,
            salt: salt.try_into().ok()?,
        })
    }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Puzzles stay distinct by their ids; being foreseeable helps nobody to solve them faster than once.
        tracing::warn!("the operating system gives no randomness");
    }
    bytes
}

fn zero_bits(bytes: &[u8]) -> u32 {
    let whole = bytes.iter().take_while(|byte| **byte == 0).count();
    let rest = bytes.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).map_or(0, |whole| whole * 8 + rest)
}

#[cfg(test)]
mod tests {
    use talon_core::time::ManualClock;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const PHONE: &str = "+79990000001";

    fn proofs(change: impl FnOnce(&mut Limits)) -> (Proofs, ManualClock) {
        let clock = ManualClock::at("2026-11-20T09:00:00Z".parse().unwrap());
        let mut config = Limits::default();
        change(&mut config);
        (Proofs::new([7; 32], &config, Arc::new(clock.clone())), clock)
    }

    fn solved(puzzle: &Puzzle) -> Proof {
        let fits = |solution: &String| {
            let sum = Sha256::digest(format!("{}:{solution}", puzzle.puzzle));
            zero_bits(&sum) >= u32::from(puzzle.difficulty)
        };
        let solution = (0_u64..).map(|it| it.to_string()).find(fits).unwrap();
        Proof { puzzle: puzzle.puzzle.clone(), solution }
    }

    #[test]
    fn while_all_is_calm_nobody_counts() {
        let (proofs, clock) = proofs(|_| {});
        for _ in 0..100 {
            assert_eq!(proofs.admit(HERE, PHONE, None), Ok(()));
            clock.advance(TimeDelta::minutes(2));
        }
    }

    #[test]
    fn an_address_that_asks_for_many_must_solve_a_puzzle_and_the_more_the_harder() {
        let (proofs, _clock) = proofs(|it| it.codes_without_proof_per_address = 3);
        for _ in 0..3 {
            assert_eq!(proofs.admit(HERE, PHONE, None), Ok(()));
        }
        let puzzle = proofs.admit(HERE, PHONE, None).unwrap_err();
        assert_eq!(puzzle.difficulty, EASIEST);
        assert_eq!(proofs.admit(HERE, PHONE, Some(&solved(&puzzle))), Ok(()));
        let difficulties = (0..300).map(|_| proofs.admit(HERE, PHONE, None).unwrap_err().difficulty);
        assert_eq!(difficulties.max(), Some(HARDEST));
        let elsewhere = "198.51.100.7".parse().unwrap();
        assert!(proofs.admit(elsewhere, PHONE, None).is_err(), "now all of them are too many");
    }

    #[test]
    fn a_solution_is_good_once_for_its_subject_and_for_two_minutes() {
        let (proofs, clock) = proofs(|it| it.proof = ProofMode::Always);
        let ask = |subject, proof: &Proof| proofs.admit(HERE, subject, Some(proof)).is_ok();
        let puzzle = || proofs.admit(HERE, PHONE, None).unwrap_err();
        let proof = solved(&puzzle());
        assert!(!ask("+79990000002", &proof), "made for another phone");
        assert!(ask(PHONE, &proof));
        assert!(!ask(PHONE, &proof), "a second time");
        let proof = solved(&puzzle());
        clock.advance(LIFE);
        assert!(!ask(PHONE, &proof), "too late");
        let mut forged = solved(&puzzle());
        forged.puzzle.replace_range(..1, "B");
        assert!(!ask(PHONE, &forged));
        let wrong = Proof { solution: "no".into(), puzzle: puzzle().puzzle };
        assert!(!ask(PHONE, &wrong));
        assert!(!ask(PHONE, &Proof { puzzle: "rubbish".into(), solution: "1".into() }));
    }

    #[test]
    fn another_node_takes_the_same_puzzle() {
        let (one, _) = proofs(|it| it.proof = ProofMode::Always);
        let (other, _) = proofs(|it| it.proof = ProofMode::Always);
        let proof = solved(&one.admit(HERE, PHONE, None).unwrap_err());
        assert_eq!(other.admit(HERE, PHONE, Some(&proof)), Ok(()));
    }

    #[test]
    fn a_house_may_do_without() {
        let (proofs, _clock) = proofs(|it| it.proof = ProofMode::Never);
        assert!((0..1_000).all(|_| proofs.admit(HERE, PHONE, None).is_ok()));
    }
}
