//! The edge of the house: who may ask (`auth`), and how (`http`).

pub mod auth;
pub mod catalogue;
pub mod demo;
pub mod http;
pub mod refusal;
