//! Scalars of the schema: opaque words on the wire, checked names inside.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use talon_core::{
    ids,
    settings::fault::{Fault, FaultAt},
};

macro_rules! name_scalar {
    ($(#[$doc:meta])* $name:ident, $wire:literal, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        #[Scalar(name = $wire)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match &value {
                    Value::String(text) => <$inner>::parse(text).map(Self).map_err(InputValueError::custom),
                    _ => Err(InputValueError::expected_type(value)),
                }
            }
            fn to_value(&self) -> Value {
                Value::String(self.0.as_str().to_owned())
            }
        }

        impl From<$inner> for $name {
            fn from(inner: $inner) -> Self {
                Self(inner)
            }
        }
    };
}

name_scalar!(
    /// A branch: `[a-z0-9-]{1,40}`.
    BranchCode, "BranchCode", ids::BranchId
);
name_scalar!(
    /// A service of the catalogue: `[A-Za-z0-9._-]{1,40}`.
    ServiceCode, "ServiceCode", ids::ServiceId
);
name_scalar!(
    /// A window of a branch: `[A-Za-z0-9._-]{1,40}`.
    WindowCode, "WindowCode", ids::WindowId
);
name_scalar!(
    /// A member of staff, as a pseudonym: `[A-Za-z0-9._-]{1,64}`.
    OperatorId, "OperatorId", ids::OperatorId
);

name_scalar!(
    /// A customer, as a pseudonym: `[A-Za-z0-9._-]{1,64}`.
    CustomerId, "CustomerId", ids::CustomerId
);
name_scalar!(
    /// What personal data are used for: `[a-z0-9_]{1,40}`.
    PurposeCode, "PurposeCode", ids::PurposeId
);

/// A place in the log: opaque, `<log id>.<number>`. Positions of different logs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Position(pub crate::position::WirePosition);

#[Scalar(name = "Position")]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The settings of a branch, whole: the JSON document that `schemas/branch-settings.schema.json` describes. Keys and
/// values are those of `branch.settings_published` in the log.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct BranchSettings(pub serde_json::Value);

impl BranchSettings {
    #[must_use]
    pub fn of(settings: &talon_core::settings::BranchSettings) -> Self {
        // Our own plain struct: serialising it cannot fail.
        Self(serde_json::to_value(settings).unwrap_or_default())
    }

    /// The settings a client sent.
    ///
    /// # Errors
    /// The place of what cannot be read, a key that nobody reads among it.
    pub fn parsed(&self) -> Result<talon_core::settings::BranchSettings, FaultAt> {
        let unreadable = |path: String| FaultAt::new(path, Fault::Unreadable);
        let mut unknown = None;
        let mut at = serde_path_to_error::Track::new();
        let read = serde_ignored::deserialize(
            serde_path_to_error::Deserializer::new(self.0.clone(), &mut at),
            |key| {
                unknown.get_or_insert(key.to_string());
            },
        );
        let settings = read.map_err(|error: serde_json::Error| {
            let path = at.path().to_string();
            let said = error.to_string();
            // What is missing stands nowhere; its name is in the message.
            let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            unreadable(match (path.as_str(), missing) {
                (".", Some(missing)) => missing.to_owned(),
                (path, Some(missing)) => format!("{path}.{missing}"),
                (path, None) => path.to_owned(),
            })
        })?;
        match unknown {
            Some(key) => Err(unreadable(in_brackets(&key))),
            None => Ok(settings),
        }
    }
}

/// `windows.0.label`, as unknown keys are told, in the spelling of all other places: `windows[0].label`.
fn in_brackets(key: &str) -> String {
    let mut path = String::new();
    for part in key.split('.').filter(|part| *part != "?") {
        if part.bytes().all(|it| it.is_ascii_digit()) {
            path = format!("{path}[{part}]");
        } else if path.is_empty() {
            path.push_str(part);
        } else {
            path = format!("{path}.{part}");
        }
    }
    path
}

#[Scalar(name = "BranchSettings")]
impl ScalarType for BranchSettings {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Object(_) => Ok(Self(value.into_json()?)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::demo;

    fn branch_settings() -> talon_core::settings::BranchSettings {
        let catalogue = demo::catalogue().expect("the demo's catalogue");
        catalogue.branch(&ids::BranchId::trusted(demo::BRANCH)).expect("the demo's branch").clone()
    }

    fn fault(change: impl Fn(&mut Value)) -> String {
        let mut document = BranchSettings::of(&branch_settings()).0;
        change(&mut document);
        let fault = BranchSettings(document).parsed().expect_err("a fault");
        assert_eq!(fault.fault, Fault::Unreadable);
        fault.path
    }

    #[test]
    fn settings_come_back_as_they_were_sent() {
        let settings = branch_settings();
        assert_eq!(BranchSettings::of(&settings).parsed(), Ok(settings));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        assert_eq!(fault(|it| it["windows"][1]["label"] = json!(7)), "windows[1].label");
        assert_eq!(fault(|it| it["calling"]["max_calls"] = json!(-1)), "calling.max_calls");
        assert_eq!(fault(|it| it["hours"]["week"][0][0]["opens"] = json!("25:00")), "hours.week[0][0].opens");
        assert_eq!(fault(|it| it["tickr"] = json!("a")), "tickr");
        assert_eq!(fault(|it| drop(it.as_object_mut().expect("an object").remove("time_zone"))), "time_zone");
        assert_eq!(fault(|it| it["windows"][0] = json!({ "id": "w1" })), "windows[0].label");
    }
}
