//! Customers who let themselves be known: since when, when last seen, and which visits were theirs. That last is
//! nowhere else: each visit has a key of its own, and an erasure takes the rows that name its owner.

use chrono::{DateTime, Utc};
use talon_core::{sealed::Sealed, time::from_micros};
use uuid::Uuid;

use super::{
    Vault, VaultError,
    people::{KeyRow, sealed},
};
use crate::{ask, fetch, run, sql};

/// A known customer, as the vault sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    pub customer: String,
    pub registered_at: DateTime<Utc>,
    /// Last signed in or took a ticket.
    pub seen_at: DateTime<Utc>,
}

/// Whose a contact is, and its name in their stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    pub person: String,
    pub contact: String,
}

/// A visit of a known customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub ticket: Uuid,
    pub at: DateTime<Utc>,
}

fn customers(rows: Vec<(String, i64, i64)>) -> Vec<CustomerRow> {
    let row = |(customer, registered_at, seen_at)| CustomerRow {
        customer,
        registered_at: from_micros(registered_at),
        seen_at: from_micros(seen_at),
    };
    rows.into_iter().map(row).collect()
}

impl Vault {
    /// Takes a customer in; one who is known already stays as they are.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_customer(&self, customer: &str, now: DateTime<Utc>) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_customer"), customer, now.timestamp_micros())?;
        Ok(tx.commit().await?)
    }

    /// Whose contact a value is, and what it is called in their stream.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn find_contact(&self, kind: &str, value: &str) -> Result<Option<ContactRow>, VaultError> {
        let index = self.blind_index(kind, value).0;
        let found = ask!(&self.db, (String, String), sql!("vault/find_contact"), kind, &index[..])?.pop();
        Ok(found.map(|(person, contact)| ContactRow { person, contact }))
    }

    /// Gives a value to a person as this contact, and says whose it is then: one that was given before stays.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn put_contact(
        &self,
        kind: &str,
        value: &str,
        wanted: &ContactRow,
    ) -> Result<ContactRow, VaultError> {
        let index = self.blind_index(kind, value).0;
        let recipient = self.recipient_of(kind, value).map(|it| it.0.to_vec());
        let (person, contact) = (&wanted.person, &wanted.contact);
        let mut tx = self.db.begin().await?;
        run!(&mut tx, sql!("vault/put_contact"), kind, &index[..], person, contact, recipient.as_deref())?;
        let found = fetch!(&mut tx, (String, String), sql!("vault/find_contact"), kind, &index[..])?.pop();
        tx.commit().await?;
        let (person, contact) = found.ok_or(VaultError::Damaged { table: "identities" })?;
        Ok(ContactRow { person, contact })
    }

    /// Nobody is found by this contact any more, in the outbox neither.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn remove_contact(&self, person: &str, contact: &str) -> Result<(), VaultError> {
        let mut tx = self.db.begin().await?;
        Self::forget_messages_to_contact(&mut tx, person, contact).await?;
        run!(&mut tx, sql!("vault/remove_contact"), person, contact)?;
        Ok(tx.commit().await?)
    }

    /// Notes that a customer was here; `false` when they are not known, or not any more.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn see_customer(&self, customer: &str, now: DateTime<Utc>) -> Result<bool, VaultError> {
        let mut tx = self.db.begin().await?;
        let seen = run!(&mut tx, sql!("vault/see_customer"), customer, now.timestamp_micros())?;
        tx.commit().await?;
        Ok(seen > 0)
    }

    /// The customer, unless erased.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn customer(&self, customer: &str) -> Result<Option<CustomerRow>, VaultError> {
        let found = ask!(&self.db, (String, i64, i64), sql!("vault/customer"), customer)?;
        Ok(customers(found).pop())
    }

    /// Customers nobody has seen since `before`, the longest unseen first.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn customers_unseen(
        &self,
        before: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<CustomerRow>, VaultError> {
        let before = before.timestamp_micros();
        Ok(customers(ask!(&self.db, (String, i64, i64), sql!("vault/customers_unseen"), before, most)?))
    }

    /// The name of the key of a customer's visit, made on first use: what a fact of the hall knows of them. Nothing when
    /// the customer is not known, or the ticket is somebody else's.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn visit_key(
        &self,
        customer: &str,
        ticket: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, VaultError> {
        let (key, wrapped, cipher) = self.new_key()?;
        let now = now.timestamp_micros();
        let mut tx = self.db.begin().await?;
        // Locks the customer's row, as an erasure does: whichever is first, no key outlives its owner.
        if run!(&mut tx, sql!("vault/see_customer"), customer, now)? == 0 {
            return Ok(None);
        }
        let made = run!(&mut tx, sql!("vault/put_visit_key"), &key, customer, &wrapped, ticket, now)?;
        let found = fetch!(&mut tx, KeyRow, sql!("vault/visit_key"), ticket)?.pop();
        tx.commit().await?;
        if made > 0 {
            self.keyring.remember(&key, customer, cipher);
        }
        Ok(found.filter(|(_, person, _)| person == customer).map(|(key, _, _)| key))
    }

    /// Seals a value under the key of a known customer's visit; nothing when the visit is nobody's.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn seal_for_visit(
        &self,
        ticket: Uuid,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Option<Sealed>, VaultError> {
        let found = ask!(&self.db, KeyRow, sql!("vault/visit_key"), ticket)?.pop();
        let Some((key, person, wrapped)) = found else { return Ok(None) };
        let cipher = self.unwrapped(&key, &person, &wrapped)?;
        sealed(key, &cipher, aad, plaintext).map(Some)
    }

    /// Whose visit this is; nothing when it is nobody's, or of somebody erased.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn person_of_visit(&self, ticket: Uuid) -> Result<Option<String>, VaultError> {
        let found = ask!(&self.db, KeyRow, sql!("vault/visit_key"), ticket)?.pop();
        Ok(found.map(|(_, person, _)| person))
    }

    /// A customer's visits, the newest first.
    ///
    /// # Errors
    /// When the vault cannot be reached.
    pub async fn visits_of(&self, customer: &str) -> Result<Vec<Visit>, VaultError> {
        let found = ask!(&self.db, (Uuid, i64), sql!("vault/visits_of"), customer)?;
        Ok(found.into_iter().map(|(ticket, at)| Visit { ticket, at: from_micros(at) }).collect())
    }
}
