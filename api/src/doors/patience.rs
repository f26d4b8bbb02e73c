//! How long we wait for whoever does not take what they asked for: at the socket, and on a stream of HTTP/2, where a
//! reader that opens no window lets the socket itself go on.

use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// A socket that fails once nothing could be written to it for so long.
pub(super) struct Patient<S> {
    socket: S,
    most: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S: Unpin> Patient<S> {
    pub(super) fn new(socket: S, most: Duration) -> Self {
        Self { socket, most, stalled: None }
    }

    fn socket(&mut self) -> Pin<&mut S> {
        Pin::new(&mut self.socket)
    }

    /// What is left of our patience; an error when nothing is.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let until = Instant::now() + self.most;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(until)));
        ready!(stalled.as_mut().poll(cx));
        metrics::counter!("stalled_connections_total").increment(1);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn written(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if wrote.is_pending() {
            return self.wait(cx);
        }
        self.stalled = None;
        wrote
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = self.socket().poll_write(cx, bytes);
        self.written(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = self.socket().poll_write_vectored(cx, bytes);
        self.written(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.socket().poll_flush(cx) {
            Poll::Pending => self.wait(cx),
            flushed @ Poll::Ready(_) => flushed,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.socket().poll_shutdown(cx) {
            Poll::Pending => self.wait(cx),
            shut @ Poll::Ready(_) => shut,
        }
    }
}

/// The streams of one connection of HTTP/2. Cheap to clone.
#[derive(Clone)]
pub(super) struct Streams(Arc<Mutex<Open>>);

struct Open {
    many: usize,
    next: u64,
    idle_since: Instant,
    /// What was given to a stream, by when, and not taken yet.
    untaken: BTreeMap<u64, Instant>,
}

/// What is to be done about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing for so long.
    Rest(Duration),
    /// No stream was open for as long as we wait.
    Idle,
    /// Somebody does not take their answer.
    Stuck,
}

impl Default for Streams {
    fn default() -> Self {
        let open = Open { many: 0, next: 0, idle_since: Instant::now(), untaken: BTreeMap::new() };
        Self(Arc::new(Mutex::new(open)))
    }
}

impl Streams {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request that has come.
    pub(super) fn begin(&self) -> Stream {
        let mut open = self.open();
        open.many += 1;
        open.next += 1;
        Stream { number: open.next, streams: self.clone() }
    }

    /// Begins to wait anew.
    pub(super) fn rest(&self) {
        self.open().idle_since = Instant::now();
    }

    /// `idle` is how long there may be no stream, `stall` how long one may take nothing.
    pub(super) fn look(&self, idle: Duration, stall: Duration) -> Look {
        let open = self.open();
        let now = Instant::now();
        let stuck = open.untaken.values().min().map(|since| *since + stall);
        if stuck.is_some_and(|at| at <= now) {
            return Look::Stuck;
        }
        if open.many > 0 {
            return Look::Rest(stuck.map_or(stall, |at| at - now));
        }
        match (open.idle_since + idle).saturating_duration_since(now) {
            Duration::ZERO => Look::Idle,
            // A stream may open right after this look.
            rest => Look::Rest(rest.min(stall)),
        }
    }
}

/// One stream, until its answer is over.
pub(super) struct Stream {
    number: u64,
    streams: Streams,
}

impl Stream {
    /// The body of the answer on this stream.
    pub(super) fn answers(self, body: Body) -> Body {
        // Until it is asked for the first time nobody takes it either.
        self.gave();
        Body::new(Followed { body, stream: self })
    }

    fn gave(&self) {
        self.streams.open().untaken.insert(self.number, Instant::now());
    }

    fn is_asked(&self) {
        self.streams.open().untaken.remove(&self.number);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.untaken.remove(&self.number);
        open.many -= 1;
        open.idle_since = Instant::now();
    }
}

/// A body that tells whether it is being taken.
struct Followed {
    body: Body,
    stream: Stream,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        self.stream.is_asked();
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(_))) = &frame {
            self.stream.gave();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
