//! The edge of the house: who may ask (`auth`), and how (`http`, `graphql`); what works by itself (`scheduler`,
//! `reactor`, `outbox`); how it is put together (`config`, `compose`) and told what to do (`command`).
//!
//! Handlers do four things: who are you, parse, call the desk, translate. A rule about tickets found here is in the
//! wrong place.

pub mod access_feed;
pub mod auth;
mod bench;
pub mod broker;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod compose;
pub mod config;
pub mod customers;
pub mod demo;
pub mod doors;
pub mod erasures;
pub mod explanation;
pub mod graphql;
pub mod http;
pub mod nightly;
pub mod notes;
pub mod outbox;
pub mod outgoing;
pub mod position;
pub mod reactor;
pub mod readiness;
pub mod refusal;
pub mod retention;
pub mod scheduler;
pub mod telemetry;
pub mod ticket_token;
pub mod trace;
