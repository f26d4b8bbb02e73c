//! Keys under the master key: one for each person and each visit of a known customer, one for the blind index. Unwrapped
//! keys are cached, bounded, and wiped when they leave: after a few seconds by themselves, so that an erasure elsewhere
//! counts here even if nobody could say so, and at once when somebody does.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    MasterKey, VaultError,
    master::{Cipher, random},
};
use crate::{ask, db::Db, run, sql};

/// Setting: a known text under the master key, which proves that a key given later is the same one.
pub(super) const PROOF: &str = "master-key-proof";
/// Setting: the wrapped key of the blind index.
pub(super) const INDEX_KEY: &str = "blind-index-key";
pub(super) const PROVEN: &[u8] = b"talon";

/// How long a key that another node may have erased can still be used here.
const REMEMBERED: Duration = Duration::from_secs(4);
/// How long somebody erased is remembered as such: longer than whoever read their key just before may take to bring it.
const MOURNED: Duration = Duration::from_secs(60);

/// A keyed hash of a normalised value: equal values can be found, none can be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlindIndex(pub [u8; 32]);

/// The unwrapped keys of a running node. Cheap to clone.
#[derive(Clone)]
pub struct Keyring {
    master: Arc<MasterKey>,
    index: Arc<Zeroizing<Vec<u8>>>,
    people: Cache<String, Known>,
    erased: Cache<String, ()>,
}

/// A key with whom it belongs to.
#[derive(Clone)]
struct Known {
    person: Arc<str>,
    cipher: Arc<Cipher>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Keyring(***)")
    }
}

impl Keyring {
    pub(super) async fn open(db: &Db, master: MasterKey) -> Result<Self, VaultError> {
        let proof = setting(db, PROOF, || master.cipher().seal(PROOF.as_bytes(), PROVEN)).await?;
        let proves = |key: &MasterKey| {
            key.cipher().open(PROOF.as_bytes(), &proof).is_some_and(|text| text.as_slice() == PROVEN)
        };
        let master = master.candidates().into_iter().find(proves).ok_or(VaultError::WrongMasterKey)?;
        let cipher = master.cipher();
        let wrapped = setting(db, INDEX_KEY, || {
            cipher.seal(INDEX_KEY.as_bytes(), Zeroizing::new(random::<32>()?).as_slice())
        })
        .await?;
        let index =
            cipher.open(INDEX_KEY.as_bytes(), &wrapped).ok_or(VaultError::Damaged { table: "settings" })?;
        let people = Cache::builder().max_capacity(10_000).time_to_live(REMEMBERED).build();
        let erased = Cache::builder().max_capacity(1_000_000).time_to_live(MOURNED).build();
        Ok(Self { master: Arc::new(master), index: Arc::new(index), people, erased })
    }

    /// The index of a value among values of its kind. Case, surrounding and repeated blanks do not matter.
    #[must_use]
    pub fn blind_index(&self, kind: &str, value: &str) -> BlindIndex {
        let normal = value.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut sum = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.index)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        sum.update(kind.as_bytes());
        sum.update(&[0]);
        sum.update(normal.as_bytes());
        BlindIndex(sum.finalize().into_bytes().into())
    }

    /// What follows from a secret by this house's key, always the same; nobody without the key can say it.
    pub(super) fn follows(&self, kind: &str, secret: &[u8]) -> [u8; 32] {
        let mut sum = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.index)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        sum.update(kind.as_bytes());
        sum.update(&[0]);
        sum.update(secret);
        sum.finalize().into_bytes().into()
    }

    /// The key's name stands in the `aad`, so that swapping rows in the table is noticed.
    pub(super) fn wrap(&self, name: &str, key: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.master.cipher().seal(name.as_bytes(), key)
    }

    pub(super) fn unwrap(&self, name: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.master.cipher().open(name.as_bytes(), wrapped)
    }

    pub(super) fn master(&self) -> &MasterKey {
        &self.master
    }

    pub(super) fn cached(&self, key: &str) -> Option<Arc<Cipher>> {
        self.people.get(key).map(|known| known.cipher)
    }

    pub(super) fn remember(&self, key: &str, person: &str, cipher: Cipher) -> Arc<Cipher> {
        let cipher = Arc::new(cipher);
        let known = Known { person: person.into(), cipher: cipher.clone() };
        self.people.insert(key.to_owned(), known);
        // Read before they were erased, brought after: looked at last, so that one of the two sees the other.
        if self.erased.contains_key(person) {
            self.people.invalidate(key);
        }
        cipher
    }

    /// This one key is gone; its owner may stay. Whoever read it just before can use it for `REMEMBERED` at most.
    pub(super) fn drop_key(&self, key: &str) {
        self.people.invalidate(key);
    }

    /// No key of this person is used here from now on.
    pub(super) fn forget(&self, person: &str) {
        self.erased.insert(person.to_owned(), ());
        for (key, known) in &self.people {
            if *known.person == *person {
                self.people.invalidate(&*key);
            }
        }
    }
}

/// A secret setting, made on first use. Two nodes that start at once agree on the one that was first.
async fn setting(
    db: &Db,
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, VaultError>,
) -> Result<Vec<u8>, VaultError> {
    if let Some((text,)) = ask!(db, (String,), sql!("vault/setting"), name)?.first() {
        return decoded(text);
    }
    let made = encoded(&make()?);
    let mut tx = db.begin().await?;
    run!(&mut tx, sql!("vault/put_setting_once"), name, &made)?;
    let rows = crate::fetch!(&mut tx, (String,), sql!("vault/setting"), name)?;
    tx.commit().await?;
    decoded(rows.first().map_or(made.as_str(), |(text,)| text))
}

/// A secret as a setting holds it.
pub(super) fn encoded(secret: &[u8]) -> String {
    BASE64_STANDARD.encode(secret)
}

pub(super) fn decoded(text: &str) -> Result<Vec<u8>, VaultError> {
    BASE64_STANDARD.decode(text).map_err(|_| VaultError::Damaged { table: "settings" })
}
