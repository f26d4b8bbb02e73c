//! Messages on their way out, against the real things: an SMTP server, an HTTP server, a broker; and what happens when
//! a sender dies in the middle.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod broker;
mod crash;
mod house;
mod kill;
mod rabbit;
mod sms;
mod smtp;
mod support;
mod webhooks;
