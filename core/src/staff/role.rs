//! What somebody on the staff acts as, and where. Which permissions a role has is not known here: those of the house
//! stand in one table at the edge, those of an organisation's own in its stream.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{BranchId, RoleCode};

/// A role by its code: one of the house, or one that the organisation has defined for itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Operator,
    Head,
    Admin,
    Analyst,
    Auditor,
    Own(RoleCode),
}

/// Codes that facts and the table of permissions use for somebody who is not on the staff: no role may be called so.
const OTHERS: [&str; 7] = ["nobody", "kiosk", "board", "device", "customer", "system", "own"];

impl Role {
    /// The roles every organisation has.
    pub const OF_THE_HOUSE: [Self; 5] =
        [Self::Operator, Self::Head, Self::Admin, Self::Analyst, Self::Auditor];

    /// The role of this code.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        match code {
            "operator" => Self::Operator,
            "head" => Self::Head,
            "admin" => Self::Admin,
            "analyst" => Self::Analyst,
            "auditor" => Self::Auditor,
            own => Self::Own(RoleCode::trusted(own)),
        }
    }

    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Head => "head",
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Own(code) => code.as_str(),
        }
    }
}

/// Whether an organisation may call a role of its own so.
pub(crate) fn is_free(code: &RoleCode) -> bool {
    matches!(Role::of_code(code.as_str()), Role::Own(_)) && !OTHERS.contains(&code.as_str())
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(from).map(|code| Self::of_code(&code))
    }
}

impl JsonSchema for Role {
    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "operator, head, admin, analyst, auditor, or a role of the organisation's own: [a-z0-9-]{1,40}"
        })
    }
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Scope {
    Organisation,
    /// In every branch that belongs to one of these regions at the moment somebody acts.
    Regions {
        regions: Vec<String>,
    },
    Branches {
        branches: Vec<BranchId>,
    },
}
