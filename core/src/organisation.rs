//! The organisation: its catalogue and its branches.

pub mod event;
