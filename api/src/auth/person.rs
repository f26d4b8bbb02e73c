//! Whoever can sign in: a member of staff or a customer.

use talon_core::ids::{CustomerId, OperatorId};
use talon_storage::vault::{PersonKind, Session};

/// Somebody who has proven who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Person {
    Staff(OperatorId),
    Customer(CustomerId),
}

impl Person {
    /// Whose session this is.
    pub(super) fn of(session: &Session) -> Self {
        Self::named(session.kind, &session.person)
    }

    pub(super) fn named(kind: PersonKind, id: &str) -> Self {
        match kind {
            PersonKind::Staff => Self::Staff(OperatorId::trusted(id)),
            PersonKind::Customer => Self::Customer(CustomerId::trusted(id)),
        }
    }

    pub(super) fn kind(&self) -> PersonKind {
        match self {
            Self::Staff(_) => PersonKind::Staff,
            Self::Customer(_) => PersonKind::Customer,
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Staff(id) => id.as_str(),
            Self::Customer(id) => id.as_str(),
        }
    }
}
