//! Scalars of the schema: opaque words on the wire, checked names inside.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use talon_core::ids;

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
