//! Paired devices and the codes they are paired with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use talon_core::time::from_micros;

use super::{TokenHash, Vault, VaultError};
use crate::{ask, fetch, run, sql};

/// A paired kiosk, board or window lamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub device: String,
    /// `kiosk`, `board` or `lamp`, as the api names them.
    pub kind: String,
    pub branch: String,
    pub window: Option<String>,
    pub name: String,
    pub paired_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// What it last told of itself; only in the list of all.
    pub report: Option<Report>,
}

/// What a device tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub seen_at: DateTime<Utc>,
    /// The version of its page.
    pub build: String,
    /// Codes of what is wrong.
    pub problems: Vec<String>,
}

/// What a pairing code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The device to be; its id is chosen when the code is made.
    pub device: String,
    pub kind: String,
    pub branch: String,
    pub window: Option<String>,
    pub name: String,
    /// Who made the code.
    pub offered_by: String,
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    device: String,
    kind: String,
    branch: String,
    window_id: Option<String>,
    name: String,
    paired_at: i64,
    revoked_at: Option<i64>,
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self {
            device: row.device,
            kind: row.kind,
            branch: row.branch,
            window: row.window_id,
            name: row.name,
            paired_at: from_micros(row.paired_at),
            revoked_at: row.revoked_at.map(from_micros),
            report: None,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    device: DeviceRow,
    seen_at: Option<i64>,
    build: Option<String>,
    problems: Option<String>,
}

impl From<ListedRow> for Device {
    fn from(row: ListedRow) -> Self {
        let report = row.seen_at.map(|seen_at| Report {
            seen_at: from_micros(seen_at),
            build: row.build.unwrap_or_default(),
            problems: row
                .problems
                .iter()
                .flat_map(|it| it.split(','))
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect(),
        });
        Self { report, ..row.device.into() }
    }
}

impl Vault {
    /// The device that holds this token, unless it was revoked.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn device_by_token_hash(&self, token: &TokenHash) -> Result<Option<Device>, VaultError> {
        let found = ask!(&self.db, DeviceRow, sql!("vault/device_by_token"), &token[..])?;
        Ok(found.into_iter().next().map(Device::from))
    }

    /// Pairs a device, or pairs it anew: its former token is void.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_device(
        &self,
        offer: &Offer,
        token: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(
            &mut tx,
            sql!("vault/put_device"),
            &offer.device,
            &offer.kind,
            &offer.branch,
            offer.window.as_deref(),
            &offer.name,
            &token[..],
            now.timestamp_micros()
        )?;
        Ok(tx.commit().await?)
    }

    /// Ends a pairing; `false` when it had ended or never was.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn revoke_device(&self, device: &str, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let ended = run!(&mut tx, sql!("vault/revoke_device"), device, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(ended > 0)
    }

    /// Calls a device by another name.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn rename_device(&self, device: &str, name: &str) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/rename_device"), device, name)?;
        Ok(tx.commit().await?)
    }

    /// Keeps what devices told of themselves, unless something newer is kept already.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_device_reports(&self, reports: &[(String, Report)]) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        for (device, report) in reports {
            let (seen_at, problems) = (report.seen_at.timestamp_micros(), report.problems.join(","));
            run!(&mut tx, sql!("vault/put_device_report"), device, seen_at, &report.build, &problems)?;
        }
        Ok(tx.commit().await?)
    }

    /// Every device ever paired, by branch and name.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn devices(&self) -> Result<Vec<Device>, VaultError> {
        let found = ask!(&self.db, ListedRow, sql!("vault/devices"))?;
        Ok(found.into_iter().map(Device::from).collect())
    }

    /// Makes a code good until `expires`; `false` when the same code is out already. Expired codes are forgotten.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_pairing(
        &self,
        code: &TokenHash,
        offer: &Offer,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let offer = serde_json::to_string(offer).map_err(|_| VaultError::Damaged { table: "pairings" })?;
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/forget_expired_pairings"), now.timestamp_micros())?;
        let put = run!(&mut tx, sql!("vault/put_pairing"), &code[..], &offer, expires.timestamp_micros())?;
        tx.commit().await?;
        Ok(put > 0)
    }

    /// Uses up a code and gives what it stands for; each code works once.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn take_pairing(
        &self,
        code: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Offer>, VaultError> {
        let mut tx = self.db.begin().await?;
        let taken = fetch!(&mut tx, (String, i64), sql!("vault/take_pairing"), &code[..])?;
        tx.commit().await?;
        let Some((offer, expires)) = taken.into_iter().next() else { return Ok(None) };
        if expires <= now.timestamp_micros() {
            return Ok(None);
        }
        serde_json::from_str(&offer).map(Some).map_err(|_| VaultError::Damaged { table: "pairings" })
    }
}
