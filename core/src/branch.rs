//! One branch: its settings and their versions.

pub mod event;
