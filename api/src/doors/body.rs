//! Reads the body of a request before the request takes a place: whoever sends half of one keeps nobody waiting.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use super::crowd::Load;
use crate::http::problem::{Code, Problem};

/// Slower than this nobody sends, a phone at the edge of the network neither.
const BYTES_PER_S: u32 = 8 * 1024;

/// The whole body: at most `most` bytes, within `patience` and the time that slow sending of what has come so far takes.
///
/// # Errors
/// `TIMED_OUT`, `TOO_LARGE`, `OVERLOADED` when there is no room for it, `MALFORMED` when it breaks off.
pub(super) async fn whole(
    body: Body,
    most: usize,
    patience: Duration,
    load: &mut Load,
) -> Result<Bytes, Problem> {
    let too_large = || Problem::of(Code::TooLarge);
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let began = Instant::now();
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    loop {
        let earned = Duration::from_secs(whole.len() as u64) / BYTES_PER_S;
        let rest = (patience + earned).saturating_sub(began.elapsed());
        let chunk = match timeout(rest, chunks.next()).await {
            Err(_) => return Err(Problem::of(Code::TimedOut)),
            Ok(None) => return Ok(whole.freeze()),
            Ok(Some(chunk)) => chunk.map_err(|_| Problem::malformed("body"))?,
        };
        if whole.len() + chunk.len() > most {
            return Err(too_large());
        }
        if !load.more(chunk.len()) {
            return Err(super::admission::overloaded());
        }
        whole.extend_from_slice(&chunk);
    }
}
