//! One member of staff.

pub mod event;
