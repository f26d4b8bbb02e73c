//! Getting in, from the outside: who may, who may not, and what is said to either.

mod account;
mod customers;
mod keys;
mod links;
mod over_http;
mod second_factor;
mod signing_in;
mod support;
mod tokens;
