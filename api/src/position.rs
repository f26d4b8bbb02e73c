//! Positions as clients see them: opaque strings `<log id>.<number>`. The log id is new after a restore or a move, so
//! a client that holds a position of another log knows that it must take the whole again.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// A position together with the log it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WirePosition {
    pub log: Uuid,
    pub number: u64,
}

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is <log id>.<number>")]
pub struct NotAPosition;

impl WirePosition {
    /// The number, when it is of this log; positions of other logs say nothing here.
    #[must_use]
    pub fn in_log(self, log: Uuid) -> Option<u64> {
        (self.log == log).then_some(self.number)
    }
}

impl fmt::Display for WirePosition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.log.simple(), self.number)
    }
}

impl FromStr for WirePosition {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let (log, number) = text.split_once('.').ok_or(NotAPosition)?;
        let log = Uuid::try_parse(log).map_err(|_| NotAPosition)?;
        Ok(Self { log, number: number.parse().map_err(|_| NotAPosition)? })
    }
}

impl Serialize for WirePosition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_the_wire_and_rubbish_does_not() {
        let position = WirePosition { log: Uuid::from_u128(7), number: 42 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for rubbish in ["", ".", "7.", "x.1", "00000000000000000000000000000007.-1"] {
            assert_eq!(rubbish.parse::<WirePosition>(), Err(NotAPosition), "{rubbish}");
        }
    }
}
