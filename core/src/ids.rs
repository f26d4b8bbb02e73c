//! Names of things. A name is checked once, where it enters (`parse`); facts already recorded are believed.

use std::{fmt, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::Visitor};
use uuid::Uuid;

/// A name that breaks its own rule: what it names and which form it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must match {form}")]
pub struct MalformedId {
    pub what: &'static str,
    pub form: &'static str,
}

fn fits(text: &str, longest: usize, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.len() <= longest && text.chars().all(allowed)
}

/// Reads a text into the one allocation it stays in: ids are most of what a log is made of.
struct SharedText;

impl Visitor<'_> for SharedText {
    type Value = Arc<str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:literal, $longest:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Accepts a name from outside.
            ///
            /// # Errors
            /// `MalformedId` when the text does not have the form.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                if fits(text, $longest, $allowed) {
                    Ok(Self(text.into()))
                } else {
                    Err(MalformedId { what: $what, form: $form })
                }
            }

            /// Takes a name as it stands: for literals and for what was checked before.
            #[must_use]
            pub fn trusted(text: &str) -> Self {
                Self(text.into())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(SharedText).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $form })
            }
        }
    };
}

fn code(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

text_id!(
    /// A branch (отделение), chosen once and never renamed; what people read is a setting.
    BranchId, "branch", "[a-z0-9-]{1,40}", 40, |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);
text_id!(
    /// A service (услуга) of the catalogue.
    ServiceId, "service", "[A-Za-z0-9._-]{1,40}", 40, code
);
text_id!(
    /// A group of services that shares one letter and one counter.
    GroupId, "group", "[A-Za-z0-9._-]{1,40}", 40, code
);
text_id!(
    /// A window (окно) of a branch; its label is a setting.
    WindowId, "window", "[A-Za-z0-9._-]{1,40}", 40, code
);
text_id!(
    /// A member of staff, as a pseudonym: the name itself is sealed in the person's own stream.
    OperatorId, "operator", "[A-Za-z0-9._-]{1,64}", 64, code
);
text_id!(
    /// A priority group of people: `standard`, `privileged`, `booking`, `emergency`.
    ClassId, "class", "[a-z-]{1,20}", 20, |c: char| c.is_ascii_lowercase() || c == '-'
);
text_id!(
    /// A role of the organisation's own, chosen once; what people read is its name.
    RoleCode, "role", "[a-z0-9-]{1,40}", 40, |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);
text_id!(
    /// A kiosk, board or window lamp.
    DeviceId, "device", "[A-Za-z0-9._-]{1,64}", 64, code
);
text_id!(
    /// A customer who let themselves be known, as a pseudonym.
    CustomerId, "customer", "[A-Za-z0-9._-]{1,64}", 64, code
);
text_id!(
    /// What personal data are used for, as consents name it.
    PurposeId, "purpose", "[a-z0-9_]{1,40}", 40, |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);
text_id!(
    /// A word of a closed vocabulary chosen by the organisation: reasons and outcomes.
    ReasonCode, "reason", "[a-z0-9_]{1,40}", 40, |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

uuid_id!(
    /// A ticket (талон).
    TicketId
);
uuid_id!(
    /// One press of a button: the same id is the same press, however often it arrives.
    CommandId
);
uuid_id!(
    /// One recorded fact. Time-ordered (uuid v7), because random ids spread an index over the whole disk.
    EventId
);

/// The namespace of every derived id, so that a reaction may run twice and act once.
const DERIVED: Uuid = Uuid::from_u128(0x7a1c_0f3e_5b1d_5c7e_9a44_7461_6c6f_6e31);

/// An id that follows from its parts: the same parts give the same id on every node, at any time.
#[must_use]
pub fn derived(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&DERIVED, parts.join("\u{1f}").as_bytes())
}

impl CommandId {
    /// The id of a command that follows from something else: a fact, or an instant reached.
    #[must_use]
    pub fn derived(parts: &[&str]) -> Self {
        Self(derived(parts))
    }
}
