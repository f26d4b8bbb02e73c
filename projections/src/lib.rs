//! Read models: facts come down to rows and to the boards of the hall.
//!
//! `board` holds the open days in memory and shows them; nothing of it is stored. Knows nothing of HTTP, GraphQL or
//! chats, and never reads the clock in a fold.

pub mod board;
pub mod histogram;
mod subject;
