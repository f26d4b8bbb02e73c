//! The house from its doors: a real router over a real store, and the real binary with faults. Who may do what, what
//! becomes of rubbish, what screens are told, and what is left after a kill.

#![expect(clippy::unwrap_used, reason = "all of this is a test: what is not there fails it")]

mod bad_input;
mod bombs;
mod change_of_day;
mod cluster;
mod customers;
mod devices;
mod doors;
mod feeds;
mod full_disk;
mod house;
mod importing;
mod kill;
mod live;
mod lockout;
mod looks;
mod matrix;
mod node;
mod observer;
mod outage;
mod people;
mod phones;
mod postgres;
mod presses;
mod privacy;
mod published;
mod record;
mod restore;
mod routes;
#[path = "../../../projections/tests/read_models/rows.rs"]
mod rows;
mod rubbish;
mod scene;
mod schema;
mod setup;
mod shown_once;
mod standing;
mod tls;
mod work;
