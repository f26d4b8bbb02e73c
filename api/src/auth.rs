//! Who is asking, and what they may do. `permissions` is the one table of that; everything else only finds out who.
//!
//! Staff sign in with a password (`session`) and carry a short token (`token`); devices are paired once (`device`) and
//! carry a cookie. `directory` knows everybody on the staff as of now. Secrets live in the vault, facts about them in
//! the log. Nothing here knows tickets.

mod authority;
mod caller;
mod codes;
mod colleagues;
mod device;
mod directory;
mod failures;
mod hiring;
mod invitation;
mod links;
mod lockout;
mod news;
mod oidc;
mod order;
mod outside;
mod own;
mod pace;
mod password;
mod people;
pub mod permissions;
mod person;
pub mod principal;
mod qr;
mod reveal;
mod second_factor;
mod secret;
mod session;
mod staff;
mod strength;
mod structure;
mod token;
mod visitor;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use talon_core::{
    desk::Desk, dispatch::DispatchError, event_store::EventStore, fact::Fact, refusal::Refusal, time::Clock,
};
use talon_storage::vault::{Vault, VaultError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::task::TaskTracker;

pub use caller::{Caller, ClientAddress, bearer_of};
pub use codes::CodeSent;
pub use colleagues::NewDetails;
pub use device::{DevicePrincipal, NewDevice, Paired, PairingCode, kind_name, kind_of};
pub use directory::{Directory, DirectoryError, Member};
pub use hiring::{Hired, NewColleague};
pub use links::LinkToken;
pub use oidc::{OidcProvider, OidcReturn, OidcStart};
pub use order::{NotDone, Order};
pub use outside::{OutsideNews, Subject};
pub use own::OwnSession;
pub use permissions::{Permission, Permissions, Role};
pub use principal::{Denied, Grant, Principal, Reach, Who};
pub use qr::{QrAsked, QrOffer, QrState};
pub use second_factor::{Challenge, Offer as SecondFactorOffer, SecondFactorState};
pub use session::{Kind, Me, SignedIn};
pub use staff::NewStaff;
pub use strength::Hint;
pub use token::{PublicKey, rotate_keys};
pub use visitor::Visitor;

use crate::{
    config,
    customers::{Customers, Region},
    doors::{
        limits::{Limits, TooMany},
        proof::{Proofs, Puzzle},
    },
    outbox::Outbox,
};

use self::{
    device::KnownDevices, failures::Budget, lockout::Lockout, pace::Pace, password::Passwords,
    people::People, session::Sessions, token::Tokens,
};

/// A password has at least so many characters.
pub const SHORTEST_PASSWORD: u32 = 12;
/// The longest one: more is no stronger, and nobody makes us hash megabytes.
pub const LONGEST_PASSWORD: u32 = 128;

/// How many cookies and tokens that were never seen are looked for in the vault at once.
const STRANGERS_LOOKS: usize = 32;
/// How long one waits for its turn.
const TURN: Duration = Duration::from_secs(2);

/// How long things are good for, and what may be believed about the way a request came.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// Of an access token; never more than ten minutes.
    pub access_life: TimeDelta,
    /// A session nobody renewed for so long is over.
    pub idle: TimeDelta,
    /// A session is over after so long, however busy it was.
    pub absolute: TimeDelta,
    /// Every cookie is `Secure`, however the request came.
    pub secure_cookies: bool,
    /// Host and port people reach this house under by https: who asks for it came so.
    pub public_host: Option<String>,
    /// `X-Forwarded-For` and `X-Forwarded-Proto` are believed: only behind a proxy that sets them itself.
    pub trust_proxy: bool,
    /// Whose phones may be written without the country's code.
    pub region: Region,
    /// How often anybody may come.
    pub limits: config::Limits,
    /// Who of the staff must have a second factor.
    pub second_factor: config::SecondFactor,
    /// A key that signs access tokens is replaced at this age.
    pub key_age: TimeDelta,
    /// Tokens of an outside authentication service are honoured.
    pub outside_tokens: bool,
    /// The organisation's own sign-in, where there is one.
    pub provider: Option<OidcProvider>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            access_life: TimeDelta::minutes(10),
            idle: TimeDelta::hours(12),
            absolute: TimeDelta::days(7),
            secure_cookies: false,
            public_host: None,
            trust_proxy: false,
            region: Region::default(),
            limits: config::Limits::default(),
            second_factor: config::SecondFactor::default(),
            key_age: TimeDelta::days(30),
            outside_tokens: false,
            provider: None,
        }
    }
}

/// Why somebody does not get in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// The same for an unknown account and a wrong password.
    #[error("wrong details")]
    WrongDetails,
    #[error("the session has ended")]
    SessionEnded,
    #[error("the access token is no good")]
    Unauthenticated,
    #[error("too many attempts: {seconds} s")]
    TooManyAttempts { seconds: u32 },
    #[error("too many requests: {seconds} s")]
    TooManyRequests { seconds: u32 },
    #[error("the device is unknown or revoked")]
    DeviceUnknown,
    #[error("the pairing code is unknown")]
    PairingUnknown,
    #[error("the set-up link is used up or wrong")]
    SetupDone,
    #[error("the password is too simple: {}", .hint.code())]
    WeakPassword { hint: Hint },
    /// The password is right and not enough: the second factor is asked for.
    #[error("the second factor is wanted")]
    SecondFactor(Challenge),
    /// Of somebody signed in who was asked for it again.
    #[error("the password is wrong")]
    WrongPassword,
    #[error("the code is wrong")]
    WrongCode,
    /// It cannot be taken away by whoever must have it.
    #[error("the second factor is required")]
    SecondFactorRequired,
    /// The second step of a sign-in came too late or too often, or was never asked for.
    #[error("the challenge has ended")]
    ChallengeEnded,
    /// Too many codes are asked for: this puzzle first.
    #[error("a puzzle must be solved first")]
    ProofRequired(Puzzle),
    #[error("nobody set up this way to sign in")]
    WayOff,
    /// The organisation's sign-in vouches for nobody of ours.
    #[error("nobody is vouched for")]
    NotVouchedFor,
    /// Nobody has answered yet.
    #[error("the QR code waits for its answer")]
    QrWaiting,
    #[error("the QR code is used up or too old")]
    QrEnded,
    #[error("the link is unknown, used up or too old")]
    LinkVoid,
    #[error("there is no such thing, or it is somebody else's")]
    NotFound,
    /// Nobody configured how letters are sent.
    #[error("no mail server is configured")]
    MailOff,
    #[error("no SMS provider is configured")]
    SmsOff,
    #[error("{field} has the wrong form")]
    Malformed { field: &'static str },
    #[error(transparent)]
    Refused(Refusal),
    /// The vault or the log does not answer; it was logged where it happened.
    #[error("access is unavailable")]
    Unavailable,
}

impl From<TooMany> for AccessDenied {
    fn from(too_many: TooMany) -> Self {
        Self::TooManyRequests { seconds: too_many.seconds }
    }
}

impl From<VaultError> for AccessDenied {
    fn from(error: VaultError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the vault did not do as asked");
        Self::Unavailable
    }
}

impl From<DirectoryError> for AccessDenied {
    fn from(error: DirectoryError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the staff's directory is behind");
        Self::Unavailable
    }
}

impl From<DispatchError> for AccessDenied {
    fn from(error: DispatchError) -> Self {
        match error {
            DispatchError::Refused(refusal) => Self::Refused(refusal),
            DispatchError::Store(_) | DispatchError::Unreadable(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a fact about access was not written"
                );
                Self::Unavailable
            }
        }
    }
}

/// Everything about getting in. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Access").field("directory", &self.inner.directory).finish_non_exhaustive()
    }
}

struct Inner {
    vault: Vault,
    clock: Arc<dyn Clock>,
    outbox: Outbox,
    config: AuthConfig,
    people: People,
    directory: Directory,
    tokens: Tokens,
    passwords: Passwords,
    lockout: Lockout,
    pace: Pace,
    failures: Budget,
    devices: KnownDevices,
    outside: outside::Shown,
    customers: Customers,
    limits: Limits,
    proofs: Proofs,
    /// What the vault said lately of customers' sessions.
    sessions: Sessions,
    /// Looks into the vault for cookies and tokens nobody has seen before.
    strangers_looks: Semaphore,
    /// What goes on after its answer.
    afterwards: TaskTracker,
}

impl Access {
    /// Loads keys and staff.
    ///
    /// # Errors
    /// `Unavailable` when the vault or the log cannot be read.
    pub async fn open(
        vault: Vault,
        store: Arc<dyn EventStore>,
        desk: Arc<Desk>,
        clock: Arc<dyn Clock>,
        outbox: Outbox,
        config: AuthConfig,
    ) -> Result<Self, AccessDenied> {
        let tokens = Tokens::open(&vault, clock.as_ref()).await?;
        let directory = Directory::open(store, config.second_factor).await?;
        let customers = Customers::new(vault.clone(), desk.clone(), clock.clone(), config.region);
        let people = People::new(desk);
        let limits = Limits::new(&config.limits);
        let key = vault.blind_index("key of puzzles", "1").0;
        let lockout = Lockout::new(vault.clone());
        let proofs = Proofs::new(key, &config.limits, clock.clone());
        let inner = Inner {
            vault,
            clock,
            outbox,
            config,
            people,
            directory,
            tokens,
            passwords: Passwords::default(),
            lockout,
            pace: Pace::default(),
            failures: Budget::default(),
            devices: KnownDevices::default(),
            outside: outside::Shown::default(),
            customers,
            limits,
            proofs,
            sessions: Sessions::default(),
            strangers_looks: Semaphore::new(STRANGERS_LOOKS),
            afterwards: TaskTracker::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    #[must_use]
    pub fn config(&self) -> &AuthConfig {
        &self.inner.config
    }

    /// The way out: letters and codes.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    /// Customers who let themselves be known.
    #[must_use]
    pub fn customers(&self) -> &Customers {
        &self.inner.customers
    }

    /// How often anybody may come.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Puzzles for those who ask for many codes.
    #[must_use]
    pub fn proofs(&self) -> &Proofs {
        &self.inner.proofs
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// The staff as of now.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    /// A turn to ask the vault about what nobody has seen before: whoever makes up cookies and tokens must not keep it
    /// from those it knows.
    async fn strangers_turn(&self) -> Result<SemaphorePermit<'_>, AccessDenied> {
        match tokio::time::timeout(TURN, self.inner.strangers_looks.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(AccessDenied::TooManyRequests { seconds: 1 }),
        }
    }

    /// Takes in a fact of the log, wherever it was written: whoever follows the log passes every fact on, so that
    /// dismissals, sign-outs and revoked devices of other nodes take effect here.
    ///
    /// # Errors
    /// `Unavailable`: pass the fact on again.
    pub async fn take_in(&self, fact: &Fact) -> Result<(), AccessDenied> {
        self.inner.devices.take_in(fact);
        self.inner.customers.take_in(fact).await?;
        Ok(self.inner.directory.take_in(fact).await?)
    }
}
