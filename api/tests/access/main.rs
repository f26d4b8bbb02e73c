//! Getting in, from the outside: who may, who may not, and what is said to either.

mod account;
mod codes;
mod contacts;
mod customers;
mod equal_work;
mod keys;
mod links;
mod messages;
mod oidc;
mod oidc_false;
mod over_http;
mod qr;
mod recovery;
mod required;
mod second_factor;
mod signing_in;
mod support;
mod tokens;
