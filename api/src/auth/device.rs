//! Kiosks and boards: paired once with six digits, trusted by a cookie until revoked.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use talon_core::{
    device,
    device::event::{DeviceKind, DevicePaired},
    dispatch::Envelope,
    fact::{Actor, ActorKind, Fact},
    ids::{BranchId, CommandId, DeviceId, WindowId},
    queue_event::{DeviceEvent, Event},
};
use talon_storage::vault::{Device, Offer, TokenHash};

use super::{
    Access, AccessDenied, Principal,
    lockout::{self, household},
    secret,
};

/// A code is good for so long.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// What the vault said about a cookie is believed for so long: a device revoked by another node drops within 5 s even
/// if its fact should be late.
const BELIEVED: TimeDelta = TimeDelta::seconds(3);
/// A cookie that was nobody's is so for a while: one that will be somebody's is made by chance, and never shown before.
const NOBODYS: Duration = Duration::from_secs(30);
const PAIRING_CODE: &str = "pairing-code";
const LONGEST_NAME: usize = 60;

/// A device that showed a good cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePrincipal {
    pub id: DeviceId,
    pub kind: DeviceKind,
    pub branch: BranchId,
    pub name: String,
    pub window: Option<WindowId>,
}

impl DevicePrincipal {
    fn offered(offer: &Offer, kind: DeviceKind) -> Self {
        Self {
            id: DeviceId::trusted(&offer.device),
            kind,
            branch: BranchId::trusted(&offer.branch),
            name: offer.name.clone(),
            window: offer.window.as_deref().map(WindowId::trusted),
        }
    }

    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::device(self.id.clone(), self.kind, self.branch.clone())
    }

    fn of(device: &Device) -> Option<Self> {
        device.revoked_at.is_none().then_some(())?;
        Some(Self {
            id: DeviceId::trusted(&device.device),
            kind: kind_of(&device.kind)?,
            branch: BranchId::trusted(&device.branch),
            name: device.name.clone(),
            window: device.window.as_deref().map(WindowId::trusted),
        })
    }
}

/// The name of a kind on the wire and in the vault.
#[must_use]
pub fn kind_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Kiosk => "kiosk",
        DeviceKind::Board => "board",
    }
}

/// The kind a name stands for.
#[must_use]
pub fn kind_of(name: &str) -> Option<DeviceKind> {
    match name {
        "kiosk" => Some(DeviceKind::Kiosk),
        "board" => Some(DeviceKind::Board),
        _ => None,
    }
}

/// A device paired a moment ago, and the secret for its cookie.
#[derive(Debug, Clone)]
pub struct Paired {
    pub device: DevicePrincipal,
    pub cookie: String,
}

/// Six digits to type in on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingCode {
    pub code: String,
    pub device: DeviceId,
    pub expires_at: DateTime<Utc>,
}

/// What a device to be is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    pub branch: BranchId,
    pub kind: DeviceKind,
    pub name: String,
    /// For a board that belongs to one window.
    pub window: Option<WindowId>,
}

struct Seen {
    device: DevicePrincipal,
    at: DateTime<Utc>,
}

/// Cookies seen lately and devices known to be revoked.
pub(super) struct KnownDevices {
    seen: Cache<TokenHash, Arc<Seen>>,
    /// Cookies of nobody. Apart from the others: whoever makes them up pushes out their own.
    nobodys: Cache<TokenHash, ()>,
    revoked: Mutex<BTreeSet<DeviceId>>,
}

impl Default for KnownDevices {
    fn default() -> Self {
        let hour = Duration::from_secs(3600);
        let seen = Cache::builder().max_capacity(20_000).time_to_idle(hour).build();
        let nobodys = Cache::builder().max_capacity(5_000).time_to_live(NOBODYS).build();
        Self { seen, nobodys, revoked: Mutex::default() }
    }
}

impl KnownDevices {
    pub(super) fn take_in(&self, fact: &Fact) {
        match &*fact.event {
            Event::Device(DeviceEvent::DeviceRevoked(it)) => self.note(&it.device, true),
            Event::Device(DeviceEvent::DevicePaired(it)) => self.note(&it.device, false),
            _ => {}
        }
    }

    pub(super) fn is_revoked(&self, id: &DeviceId) -> bool {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// What the vault said about a cookie.
    fn heard(
        &self,
        key: TokenHash,
        device: Option<DevicePrincipal>,
        now: DateTime<Utc>,
    ) -> Option<DevicePrincipal> {
        match &device {
            Some(device) => self.seen.insert(key, Arc::new(Seen { device: device.clone(), at: now })),
            None => {
                self.seen.invalidate(&key);
                self.nobodys.insert(key, ());
            }
        }
        device
    }

    fn note(&self, id: &DeviceId, revoked: bool) {
        let mut all = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        if revoked {
            all.insert(id.clone());
        } else {
            all.remove(id);
        }
    }
}

/// A name as it is kept.
fn named(name: &str) -> Result<String, AccessDenied> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(AccessDenied::Malformed { field: "name" });
    }
    Ok(name.to_owned())
}

impl Access {
    /// The device a cookie belongs to. While the vault does not answer, what it said last goes on being true, so that
    /// boards and kiosks survive its absence.
    ///
    /// # Errors
    /// `Unavailable` when the vault does not answer and the cookie was never seen here.
    pub async fn device(&self, cookie: &str) -> Result<Option<DevicePrincipal>, AccessDenied> {
        let inner = &self.inner;
        let known = &inner.devices;
        let key = secret::hash(cookie);
        if known.nobodys.contains_key(&key) {
            return Ok(None);
        }
        let now = inner.clock.now();
        let seen = known.seen.get(&key);
        let device = match &seen {
            Some(seen) if now - seen.at < BELIEVED => Some(seen.device.clone()),
            _ => {
                let turn = if seen.is_some() { None } else { Some(self.strangers_turn().await?) };
                let found = inner.vault.device_by_token_hash(&key).await;
                drop(turn);
                match (found, seen) {
                    (Ok(found), _) => known.heard(key, found.as_ref().and_then(DevicePrincipal::of), now),
                    (Err(_), Some(seen)) => Some(seen.device.clone()),
                    (Err(error), None) => return Err(error.into()),
                }
            }
        };
        Ok(device.filter(|device| !known.is_revoked(&device.id)))
    }

    /// Whether a cookie was shown before, by a device or by nobody.
    pub(super) fn has_seen_cookie(&self, cookie: &str) -> bool {
        let (known, key) = (&self.inner.devices, secret::hash(cookie));
        known.seen.contains_key(&key) || known.nobodys.contains_key(&key)
    }

    /// Makes a code that pairs one device. Whoever calls this has asked for `MANAGE_DEVICES` in that branch.
    ///
    /// # Errors
    /// `Malformed`, `Unavailable`.
    pub async fn create_pairing(&self, new: NewDevice, by: &Actor) -> Result<PairingCode, AccessDenied> {
        let inner = &self.inner;
        let offer = self.offer(&new, by)?;
        let now = inner.clock.now();
        let expires_at = now + CODE_LIFE;
        // Two codes out at once may be equal by chance; three times in a row is no chance.
        for _ in 0..3 {
            let code = secret::digits()?;
            let index = inner.vault.blind_index(PAIRING_CODE, &code).0;
            if inner.vault.put_pairing(&index, &offer, now, expires_at).await? {
                return Ok(PairingCode { code, device: DeviceId::trusted(&offer.device), expires_at });
            }
        }
        Err(AccessDenied::Unavailable)
    }

    /// Pairs the device that shows a code.
    ///
    /// # Errors
    /// `PairingUnknown`, `TooManyAttempts`, `Unavailable`.
    pub async fn pair(&self, code: &str, from: IpAddr) -> Result<Paired, AccessDenied> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let home = household(from);
        inner.lockout.attempt(lockout::PAIRING_FROM, &home, now).await?;
        inner.lockout.attempt(lockout::PAIRING, "", now).await?;
        let index = inner.vault.blind_index(PAIRING_CODE, code.trim()).0;
        let Some(offer) = inner.vault.take_pairing(&index, now).await? else {
            return Err(AccessDenied::PairingUnknown);
        };
        inner.lockout.forget(lockout::PAIRING_FROM, &home).await?;
        inner.lockout.take_back(lockout::PAIRING, "", now).await?;
        match self.install(&offer).await {
            Ok(paired) => Ok(paired),
            Err(error) => {
                // The code was right; that the log was away is not the installer's fault.
                inner.vault.put_pairing(&index, &offer, now, now + CODE_LIFE).await?;
                Err(error)
            }
        }
    }

    /// Pairs a device without a code: for whoever holds the device and the right at once, as the demo does.
    ///
    /// # Errors
    /// `Malformed`, `Unavailable`.
    pub async fn pair_directly(&self, new: NewDevice, by: &Actor) -> Result<Paired, AccessDenied> {
        let offer = self.offer(&new, by)?;
        self.install(&offer).await
    }

    /// Gives a paired device of this kind, branch and name a new cookie in place of its old one; pairs it when there is
    /// none. A start of the demo is no new device.
    ///
    /// # Errors
    /// `Malformed`, `Unavailable`.
    pub async fn pair_again(&self, new: NewDevice, by: &Actor) -> Result<Paired, AccessDenied> {
        let mut offer = self.offer(&new, by)?;
        let same = |it: &Device| {
            it.revoked_at.is_none()
                && it.kind == offer.kind
                && it.branch == offer.branch
                && it.name == offer.name
        };
        let Some(known) = self.devices().await?.into_iter().find(same) else {
            return self.install(&offer).await;
        };
        offer.device = known.device;
        let kind = kind_of(&offer.kind).ok_or(AccessDenied::PairingUnknown)?;
        let (cookie, hash) = secret::secret()?;
        self.inner.vault.put_device(&offer, &hash, self.inner.clock.now()).await?;
        Ok(Paired { device: DevicePrincipal::offered(&offer, kind), cookie })
    }

    /// Ends a pairing: here at once, elsewhere within seconds. Repeating it changes nothing.
    ///
    /// # Errors
    /// `Refused` when there is no such device; `Unavailable`.
    pub async fn revoke_device(
        &self,
        id: &DeviceId,
        by: Actor,
        command: CommandId,
    ) -> Result<(), AccessDenied> {
        let inner = &self.inner;
        let envelope = Envelope::new(command, by, id.as_str().as_bytes());
        let envelope = Envelope { device: Some(id.clone()), ..envelope };
        inner.people.device(id, envelope, device::Action::Revoke { device: id.clone() }).await?;
        inner.vault.revoke_device(id.as_str(), inner.clock.now()).await?;
        inner.devices.note(id, true);
        Ok(())
    }

    /// Calls a device by another name; the name as it was taken.
    ///
    /// # Errors
    /// `Malformed`; `Refused` when there is no such device or it is trusted no more; `Unavailable`.
    pub async fn rename_device(
        &self,
        id: &DeviceId,
        name: &str,
        by: Actor,
        command: CommandId,
    ) -> Result<String, AccessDenied> {
        let name = named(name)?;
        let inner = &self.inner;
        let sent = format!("{id} {name}");
        let envelope = Envelope::new(command, by, sent.as_bytes());
        let envelope = Envelope { device: Some(id.clone()), ..envelope };
        let action = device::Action::Rename { device: id.clone(), name: name.clone() };
        inner.people.device(id, envelope, action).await?;
        inner.vault.rename_device(id.as_str(), &name).await?;
        Ok(name)
    }

    /// Every device ever paired, by branch and name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn devices(&self) -> Result<Vec<Device>, AccessDenied> {
        Ok(self.inner.vault.devices().await?)
    }

    fn offer(&self, new: &NewDevice, by: &Actor) -> Result<Offer, AccessDenied> {
        let name = named(&new.name)?;
        let device = format!("{}-{}", kind_name(new.kind), hex::encode(secret::random::<6>()?));
        Ok(Offer {
            device,
            kind: kind_name(new.kind).into(),
            branch: new.branch.as_str().into(),
            window: new.window.as_ref().map(|window| window.as_str().to_owned()),
            name,
            offered_by: by.id.clone(),
        })
    }

    async fn install(&self, offer: &Offer) -> Result<Paired, AccessDenied> {
        let inner = &self.inner;
        let kind = kind_of(&offer.kind).ok_or(AccessDenied::PairingUnknown)?;
        let (cookie, hash) = secret::secret()?;
        let device = DevicePrincipal::offered(offer, kind);
        let actor = Actor {
            kind: ActorKind::Device,
            id: offer.device.clone(),
            role: "device".into(),
            session: None,
            window: None,
        };
        let command = CommandId(inner.clock.new_id());
        let envelope = Envelope::new(command, actor, offer.device.as_bytes());
        let envelope =
            Envelope { device: Some(device.id.clone()), branch: Some(device.branch.clone()), ..envelope };
        let paired = DevicePaired {
            device: device.id.clone(),
            kind,
            branch: device.branch.clone(),
            name: device.name.clone(),
            offered_by: Some(offer.offered_by.clone()),
        };
        inner.people.device(&device.id, envelope, device::Action::Pair(paired)).await?;
        inner.vault.put_device(offer, &hash, inner.clock.now()).await?;
        inner.devices.note(&device.id, false);
        Ok(Paired { device, cookie })
    }
}
