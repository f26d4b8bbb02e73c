//! One kiosk or board.

pub mod event;
