//! Who is asking, and what they may do. `permissions` is the one table of that; everything else only finds out who.

pub mod permissions;
pub mod principal;

pub use permissions::{Permission, Role};
pub use principal::{Denied, Grant, Principal, Reach, Who};

/// A password has at least so many characters.
pub const SHORTEST_PASSWORD: i64 = 10;
