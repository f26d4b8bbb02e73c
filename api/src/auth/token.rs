//! Access tokens: JWT signed with Ed25519, good for ten minutes at most. Checking one is arithmetic only and, for a token
//! seen before, a look into memory. What the bearer may do is not in the token: roles are looked up when it is used.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{
    SigningKey as Ed25519,
    pkcs8::{EncodePrivateKey, SecretDocument},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use talon_core::{
    ids::{CustomerId, OperatorId},
    time::Clock,
};
use talon_storage::vault::{PersonKind, SigningKey, Vault};

use super::{AccessDenied, person::Person, secret};

const ISSUER: &str = "talon";
const AUDIENCE: &str = "talon-api";
const CUSTOMER: &str = "customer";
/// No token is good for longer, whatever it says of itself.
pub(super) const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// Clocks of two nodes may differ so much.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// Longer than any token of ours.
const LONGEST_TEXT: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// Whoever signed in, as a pseudonym.
    sub: String,
    /// What kind of somebody that is; absent: staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The sign-in it belongs to.
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) person: Person,
    pub(super) session: Arc<str>,
    pub(super) until: DateTime<Utc>,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Signed by a key this node has not heard of: another node may have made it a moment ago.
    UnknownKey,
    /// Was good once.
    Expired,
    Invalid,
}

impl Fault {
    /// As it stands in figures.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown_key",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
        }
    }
}

/// A key as others may know it: what checks tokens of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub kid: String,
    pub bytes: Vec<u8>,
}

struct Keys {
    kid: String,
    made_at: DateTime<Utc>,
    public: Vec<PublicKey>,
    signing: EncodingKey,
    verifying: BTreeMap<String, DecodingKey>,
}

/// Makes and checks access tokens.
pub(super) struct Tokens {
    keys: RwLock<Arc<Keys>>,
    seen: Cache<[u8; 32], Arc<Verified>>,
    validation: Validation,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Tokens(***)")
    }
}

impl Tokens {
    /// Takes the keys out of the vault; the first start makes one.
    pub(super) async fn open(vault: &Vault, clock: &dyn Clock) -> Result<Self, AccessDenied> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        // Both are compared below with our own clock, which the library does not know.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let seen = Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(600)).build();
        Ok(Self { keys: RwLock::new(Arc::new(load(vault, clock).await?)), seen, validation })
    }

    /// Looks for keys that other nodes have made since.
    pub(super) async fn reload(&self, vault: &Vault, clock: &dyn Clock) -> Result<(), AccessDenied> {
        let keys = Arc::new(load(vault, clock).await?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Signs with a new key from now on.
    pub(super) async fn rotate(&self, vault: &Vault, clock: &dyn Clock) -> Result<(), AccessDenied> {
        rotate_keys(vault, clock).await?;
        self.reload(vault, clock).await
    }

    /// The same, once the key is older than `age`. Whichever node comes first does it for all.
    pub(super) async fn rotate_by_age(
        &self,
        vault: &Vault,
        clock: &dyn Clock,
        age: TimeDelta,
    ) -> Result<(), AccessDenied> {
        let keys = self.keys();
        if keys.made_at + age > clock.now() {
            return Ok(());
        }
        if replace_key(vault, clock, &keys.kid).await? {
            tracing::info!(old = keys.kid, "the key that signs access tokens was replaced for its age");
        }
        self.reload(vault, clock).await
    }

    /// Every key whose tokens may still be good, the one that signs first.
    pub(super) fn public(&self) -> Vec<PublicKey> {
        self.keys().public.clone()
    }

    /// A token for a session, and until when it is good.
    pub(super) fn issue(
        &self,
        person: &Person,
        session: &str,
        life: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), AccessDenied> {
        let until = DateTime::from_timestamp((now + life.min(LONGEST)).timestamp(), 0).unwrap_or(now);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: person.id().into(),
            kind: (person.kind() == PersonKind::Customer).then(|| CUSTOMER.to_owned()),
            sid: session.into(),
            iat: now.timestamp(),
            nbf: (now - SKEW).timestamp(),
            exp: until.timestamp(),
        };
        let keys = self.keys();
        let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = encode(&header, &claims, &keys.signing).map_err(|error| {
            tracing::error!(%error, "an access token could not be signed");
            AccessDenied::Unavailable
        })?;
        Ok((token, until))
    }

    /// Whose token this is.
    pub(super) fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Verified>, Fault> {
        if token.len() > LONGEST_TEXT {
            return Err(Fault::Invalid);
        }
        let key: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let verified = match self.seen.get(&key) {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.check(token, now)?);
                self.seen.insert(key, verified.clone());
                verified
            }
        };
        if verified.until > now { Ok(verified) } else { Err(Fault::Expired) }
    }

    fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, Fault> {
        let kid = decode_header(token).ok().and_then(|header| header.kid).ok_or(Fault::Invalid)?;
        let keys = self.keys();
        let key = keys.verifying.get(&kid).ok_or(Fault::UnknownKey)?;
        let claims: Claims = decode(token, key, &self.validation).map_err(|_| Fault::Invalid)?.claims;
        let too_long = claims.exp.saturating_sub(claims.iat) > LONGEST.num_seconds();
        if too_long || claims.nbf > now.timestamp() {
            return Err(Fault::Invalid);
        }
        let person = match claims.kind.as_deref() {
            None => OperatorId::parse(&claims.sub).ok().map(Person::Staff),
            Some(CUSTOMER) => CustomerId::parse(&claims.sub).ok().map(Person::Customer),
            Some(_) => None,
        };
        let until = DateTime::from_timestamp(claims.exp, 0);
        let (person, until) = person.zip(until).ok_or(Fault::Invalid)?;
        Ok(Verified { person, session: claims.sid.into(), until })
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn load(vault: &Vault, clock: &dyn Clock) -> Result<Keys, AccessDenied> {
    let mut known = vault.signing_keys().await?;
    if known.iter().all(|key| key.retired_at.is_some()) {
        make_key(vault, clock).await?;
        known = vault.signing_keys().await?;
    }
    let newest = known.iter().find(|key| key.retired_at.is_none()).ok_or(AccessDenied::Unavailable)?;
    // A key retired longer ago than any token lives signs nothing that could still be good: whoever stole it has nothing.
    let oldest = clock.now() - LONGEST;
    let verifies = |key: &&SigningKey| key.retired_at.is_none_or(|retired| retired > oldest);
    let verifying = known.iter().filter(verifies);
    let public = |key: &SigningKey| PublicKey { kid: key.kid.clone(), bytes: key.public.clone() };
    Ok(Keys {
        kid: newest.kid.clone(),
        made_at: newest.created_at,
        public: verifying.clone().map(public).collect(),
        signing: EncodingKey::from_ed_der(&newest.private),
        verifying: verifying.map(|key| (key.kid.clone(), DecodingKey::from_ed_der(&key.public))).collect(),
    })
}

/// Puts a new key into the place of every one that signs, and gives its name; tokens of the old ones are good until they
/// run out.
///
/// # Errors
/// `Unavailable`.
pub async fn rotate_keys(vault: &Vault, clock: &dyn Clock) -> Result<String, AccessDenied> {
    let known = vault.signing_keys().await?;
    let signing: Vec<_> = known.iter().filter(|key| key.retired_at.is_none()).collect();
    if signing.is_empty() {
        make_key(vault, clock).await?;
    }
    for (at, old) in signing.iter().enumerate() {
        if at == 0 {
            replace_key(vault, clock, &old.kid).await?;
        } else {
            vault.retire_signing_key(&old.kid, clock.now()).await?;
        }
    }
    let known = vault.signing_keys().await?;
    let signs = known.into_iter().find(|key| key.retired_at.is_none());
    signs.map(|key| key.kid).ok_or(AccessDenied::Unavailable)
}

/// Of all nodes that replace a key at once one succeeds; `false` for the others.
async fn replace_key(vault: &Vault, clock: &dyn Clock, old: &str) -> Result<bool, AccessDenied> {
    let made = NewKey::make()?;
    Ok(vault.replace_signing_key(old, &made.kid, made.private.as_bytes(), &made.public, clock.now()).await?)
}

/// Puts the first key into the vault.
async fn make_key(vault: &Vault, clock: &dyn Clock) -> Result<(), AccessDenied> {
    let made = NewKey::make()?;
    vault.add_signing_key(&made.kid, made.private.as_bytes(), &made.public, clock.now()).await?;
    Ok(())
}

struct NewKey {
    kid: String,
    private: SecretDocument,
    public: [u8; 32],
}

impl NewKey {
    fn make() -> Result<Self, AccessDenied> {
        let made = Ed25519::from_bytes(&secret::random::<32>()?);
        let public = made.verifying_key().to_bytes();
        let private = made.to_pkcs8_der().map_err(|_| AccessDenied::Unavailable)?;
        Ok(Self { kid: hex::encode(&Sha256::digest(public)[..8]), private, public })
    }
}
