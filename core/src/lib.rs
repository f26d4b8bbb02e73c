//! The rules of the queue hall, and the ports through which they meet the world.
//!
//! Commands go up to a decision (`queue_day`, `organisation`, `branch`), facts come down (`fact`, `queue_event`).
//! `event_store` is the port of the log, `seal` its hash chain, `time` the clock. `queue_order` knows who is next;
//! `waiting_time` what to tell a customer. Nothing here knows SQL, HTTP or the wall clock.

pub mod access;
pub mod aggregate;
pub mod branch;
pub mod customer;
pub mod desk;
pub mod device;
pub mod dispatch;
pub mod dry_run;
pub mod event_store;
pub mod fact;
pub mod hours_text;
pub mod ids;
pub mod organisation;
pub mod queue_day;
pub mod queue_event;
pub mod queue_order;
pub mod reaction;
pub mod refusal;
pub mod seal;
pub mod sealed;
pub mod settings;
pub mod staff;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod time;
pub mod upcast;
pub mod waiting_time;
