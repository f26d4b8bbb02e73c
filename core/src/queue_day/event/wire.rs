//! The most frequent event whose place is flattened, read without `flatten`: serde would first keep every field of the
//! event aside as a value of no type, and a log is read more often than it is written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use super::{Channel, Place, Quote, TicketIssued, one_person};
use crate::{
    ids::{ClassId, DeviceId, ReasonCode, ServiceId, TicketId},
    sealed::Sealed,
};

/// The fields of `TicketIssued` as they stand in its JSON.
#[derive(Deserialize)]
struct Issued {
    ticket: TicketId,
    number: Option<String>,
    letter: Option<char>,
    seq: Option<u32>,
    services: Vec<ServiceId>,
    class: ClassId,
    class_reason: Option<ReasonCode>,
    channel: Channel,
    #[serde(default)]
    remote: bool,
    #[serde(default = "one_person")]
    party_size: u16,
    language: Option<String>,
    booking_id: Option<uuid::Uuid>,
    slot_start: Option<DateTime<Utc>>,
    customer_ref: Option<Sealed>,
    kiosk: Option<DeviceId>,
    not_before: Option<DateTime<Utc>>,
    reference: DateTime<Utc>,
    due_at: DateTime<Utc>,
    quote: Option<Quote>,
}

impl<'de> Deserialize<'de> for TicketIssued {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Issued {
            ticket,
            number,
            letter,
            seq,
            services,
            class,
            class_reason,
            channel,
            remote,
            party_size,
            language,
            booking_id,
            slot_start,
            customer_ref,
            kiosk,
            not_before,
            reference,
            due_at,
            quote,
        } = Issued::deserialize(from)?;
        Ok(Self {
            ticket,
            number,
            letter,
            seq,
            services,
            class,
            class_reason,
            channel,
            remote,
            party_size,
            language,
            booking_id,
            slot_start,
            customer_ref,
            kiosk,
            not_before,
            place: Place { reference, due_at },
            quote,
        })
    }
}
