//! Which story a request belongs to (W3C trace context): taken in from whoever asks, kept while the request is worked
//! on, passed on to whomever we ask for it. A request that brings none begins one named after its own id, so that logs
//! of both sides can be joined by either. Knows no collector and sends nothing anywhere by itself.

use std::{fmt, future::Future, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The header that carries a trace.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What other systems add to it; handed on as it came.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// Longer state may be dropped, says the standard.
const LONGEST_STATE: usize = 512;

tokio::task_local! {
    static CURRENT: Trace;
}

/// One story through several systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    id: [u8; 16],
    sampled: bool,
    state: Option<Arc<str>>,
}

impl Trace {
    /// The trace of a request: as its `traceparent` says, else one that follows from its `x-request-id`.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self::told(headers).unwrap_or_else(|| {
            let id = headers.get("x-request-id").map(HeaderValue::as_bytes).unwrap_or_default();
            Self { id: named(id), sampled: false, state: None }
        })
    }

    /// The trace that a request brought with it.
    #[must_use]
    pub fn told(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(TRACEPARENT).iter();
        let (Some(parent), None) = (all.next(), all.next()) else { return None };
        let (id, sampled) = parsed(parent.to_str().ok()?)?;
        let state = headers.get(TRACESTATE).and_then(|it| it.to_str().ok());
        let state = state.filter(|it| !it.is_empty() && it.len() <= LONGEST_STATE);
        Some(Self { id, sampled, state: state.map(Into::into) })
    }

    /// The trace of something that begins by itself: a letter sent later, a nightly job.
    #[must_use]
    pub fn beginning(cause: Uuid) -> Self {
        Self { id: named(cause.to_string().as_bytes()), sampled: false, state: None }
    }

    /// The trace that is being worked on here, when there is one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Works on something as part of this trace. Tasks spawned within are not part of it unless they say so.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The headers for a call to another system, in which the call is `span`.
    pub(crate) fn pass_on(&self, span: [u8; 8], headers: &mut HeaderMap) {
        let flags = u8::from(self.sampled);
        let parent = format!("00-{self}-{}-{flags:02x}", hex::encode(span));
        if let Ok(value) = HeaderValue::from_str(&parent) {
            headers.insert(TRACEPARENT, value);
        }
        if let Some(value) = self.state.as_deref().and_then(|it| HeaderValue::from_str(it).ok()) {
            headers.insert(TRACESTATE, value);
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// A request id is mostly a UUID, and then it is the trace's id; anything else is made one.
fn named(id: &[u8]) -> [u8; 16] {
    if let Some(id) = Uuid::try_parse_ascii(id).ok().filter(|it| !it.is_nil()) {
        return id.into_bytes();
    }
    let sum: [u8; 32] = Sha256::digest(id).into();
    let mut short = [0; 16];
    short.copy_from_slice(&sum[..16]);
    short
}

/// `version-traceid-parentid-flags`, in lower case; a later version may say more behind that.
fn parsed(text: &str) -> Option<([u8; 16], bool)> {
    let mut parts = text.split('-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let version: [u8; 1] = lower(version)?;
    let (id, parent, flags): ([u8; 16], [u8; 8], [u8; 1]) = (lower(id)?, lower(parent)?, lower(flags)?);
    let is_known = match version {
        [0] => parts.next().is_none(),
        [0xff] => false,
        _ => true,
    };
    (is_known && id != [0; 16] && parent != [0; 8]).then_some((id, flags[0] & 1 == 1))
}

fn lower<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_lower = !text.bytes().any(|it| it.is_ascii_uppercase());
    (is_lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_trace_is_taken_in_and_passed_on_under_another_span() {
        let trace = Trace::of(&headers(&[("traceparent", PARENT), ("tracestate", "vendor=1")]));
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let mut passed = HeaderMap::new();
        trace.pass_on([7; 8], &mut passed);
        assert_eq!(passed["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01");
        assert_eq!(passed["tracestate"], "vendor=1");
    }

    #[test]
    fn whatever_is_no_trace_begins_one_named_after_the_request() {
        let id = "0198f3c2-7c11-7aaa-8bbb-1234567890ab";
        let longer = format!("{PARENT}-more");
        for odd in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            &longer,
        ] {
            let trace = Trace::of(&headers(&[("traceparent", odd), ("x-request-id", id)]));
            assert_eq!(trace.to_string(), id.replace('-', ""), "{odd}");
        }
        let named = |id: &str| Trace::of(&headers(&[("x-request-id", id)])).to_string();
        assert_eq!(named("my own"), named("my own"));
        assert_ne!(named("my own"), named("yours"));
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = format!("01{}-more", &PARENT[2..]);
        assert!(Trace::told(&headers(&[("traceparent", &later)])).is_some());
    }
}
