//! Getting in, from the outside: who may, who may not, and what is said to either.

mod customers;
mod over_http;
mod signing_in;
mod support;
mod tokens;
