//! What stands between the street and the house: how often anybody may come (`limits`), who is let in when it is
//! crowded (`admission`, `crowd`, `body`), sockets and TLS (`listener`, `patience`, `tls`), what a browser is told to forbid our own pages (`headers`), puzzles against abuse (`proof`).
//! Knows who comes and from where, never what for.

pub mod admission;
mod body;
pub mod crowd;
pub mod headers;
pub mod limits;
pub mod listener;
mod patience;
pub mod proof;
pub mod published;
pub mod reports;
pub(crate) mod standing;
pub mod tls;
