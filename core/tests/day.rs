//! A day in the hall, rule by rule.

#[path = "day/calls.rs"]
mod calls;
