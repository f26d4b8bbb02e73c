//! Calls to other systems, all by one road: a span and figures for each, the trace passed on, time and length bounded,
//! redirects not followed. The name of the other system is a word of ours (`webhook`, `oidc`, `sms`): addresses may
//! hold secrets and are in no span, figure or error. Knows nothing of what is sent or why.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use tracing::{Instrument, info_span};
use uuid::Uuid;

use crate::trace::Trace;

/// A connection is there after so long, or not at all.
const CONNECT: Duration = Duration::from_secs(5);
/// A call is over after so long, its answer read.
const WHOLE: Duration = Duration::from_secs(15);
/// Longer answers to `exchange` are refused.
const LONGEST_ANSWER: usize = 1 << 20;

/// Why there is no answer from another system. What it answered, errors included, is no error here.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    #[error("{to} could not be reached")]
    Unreachable {
        to: &'static str,
        /// Without the address.
        #[source]
        source: reqwest::Error,
    },
    /// Whether it was done over there is unknown.
    #[error("{to} did not answer in time")]
    TimedOut { to: &'static str },
    #[error("{to} answered more than {limit} bytes")]
    TooLong { to: &'static str, limit: usize },
    #[error("a request to {to} cannot be made")]
    Malformed {
        to: &'static str,
        #[source]
        source: reqwest::Error,
    },
}

impl OutgoingError {
    fn of(to: &'static str, error: reqwest::Error) -> Self {
        let source = error.without_url();
        match source {
            _ if source.is_timeout() => Self::TimedOut { to },
            _ if source.is_builder() => Self::Malformed { to, source },
            _ => Self::Unreachable { to, source },
        }
    }
}

/// The way out over HTTP. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outgoing {
    client: reqwest::Client,
}

impl Outgoing {
    /// # Errors
    /// When the system offers no TLS or no resolver.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::client_builder().build().map(Self::with)
    }

    /// What every client of ours begins with: for those who need a resolver or certificates of their own.
    pub fn client_builder() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Talon/", env!("CARGO_PKG_VERSION")))
    }

    #[must_use]
    pub fn with(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// For building requests; send them with `send`.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and gives the answer, whatever its status, with its body still to be read (`read`).
    ///
    /// # Errors
    /// When there is none.
    pub async fn send(
        &self,
        to: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, OutgoingError> {
        let mut request = request.build().map_err(|error| OutgoingError::of(to, error))?;
        sign(request.headers_mut());
        let method = request.method().clone();
        let span = info_span!("outgoing", to, %method, trace = tracing::field::Empty);
        let call = async {
            let answer = self.client.execute(request).await;
            answer.map_err(|error| OutgoingError::of(to, error))
        };
        measured(to, span, call, |answer| match answer {
            Ok(answer) => answer.status().as_str().to_owned(),
            Err(OutgoingError::TimedOut { .. }) => "timed out".into(),
            Err(_) => "failed".into(),
        })
        .await
    }

    /// Reads an answer's body, as long as it is no longer than `limit` bytes.
    ///
    /// # Errors
    /// `TooLong`, and when the connection breaks.
    pub async fn read(
        to: &'static str,
        mut answer: reqwest::Response,
        limit: usize,
    ) -> Result<Bytes, OutgoingError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| OutgoingError::of(to, error))? {
            if body.len() + chunk.len() > limit {
                return Err(OutgoingError::TooLong { to, limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// One request and its whole answer, in the types that libraries share.
    ///
    /// # Errors
    /// When there is no answer, or one of more than a megabyte.
    pub async fn exchange(
        &self,
        to: &'static str,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutgoingError> {
        let (head, body) = request.into_parts();
        let request = self.client.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        let answer = self.send(to, request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = Self::read(to, answer, LONGEST_ANSWER).await?;
        let mut response = http::Response::new(body.to_vec());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// A call that is not HTTP (a letter by SMTP, a message to a broker): the same span and figures.
///
/// # Errors
/// Those of the call.
pub async fn call<T, E>(to: &'static str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let span = info_span!("outgoing", to, trace = tracing::field::Empty);
    measured(to, span, work, |done| if done.is_ok() { "ok" } else { "failed" }.to_owned()).await
}

async fn measured<T>(
    to: &'static str,
    span: tracing::Span,
    work: impl Future<Output = T>,
    outcome: impl Fn(&T) -> String,
) -> T {
    if let Some(trace) = Trace::current() {
        span.record("trace", tracing::field::display(trace));
    }
    let began = Instant::now();
    let done = async {
        let done = work.await;
        tracing::debug!(outcome = outcome(&done), "an outgoing call ended");
        done
    }
    .instrument(span)
    .await;
    metrics::counter!("outgoing_calls_total", "to" => to, "outcome" => outcome(&done)).increment(1);
    metrics::histogram!("outgoing_call_seconds", "to" => to).record(began.elapsed());
    done
}

/// Puts the trace on a request; one that belongs to none begins one.
fn sign(headers: &mut HeaderMap) {
    let mut random = [0; 24];
    if getrandom::fill(&mut random).is_err() {
        // A call without a trace is better than no call.
        return;
    }
    let (id, span) = random.split_at(16);
    let new = || Trace::beginning(Uuid::from_slice(id).unwrap_or_default());
    let mut parent = [0; 8];
    parent.copy_from_slice(span);
    parent[0] |= 1;
    Trace::current().unwrap_or_else(new).pass_on(parent, headers);
}

#[cfg(test)]
mod tests {
    use axum::{Router, response::Redirect, routing::get};
    use tokio::net::TcpListener;

    use super::*;

    /// A system of somebody else.
    async fn elsewhere() -> String {
        let router = Router::new()
            .route(
                "/parent",
                get(|headers: HeaderMap| async move {
                    headers["traceparent"].to_str().map(str::to_owned).unwrap_or_default()
                }),
            )
            .route("/moved", get(|| async { Redirect::temporary("/parent") }))
            .route("/long", get(|| async { vec![b'a'; 2_000] }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    async fn asked(outgoing: &Outgoing, address: &str) -> String {
        let answer = outgoing.send("test", outgoing.client().get(address)).await.unwrap();
        let body = Outgoing::read("test", answer, 1_000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_outgoing_call_belongs_to_the_trace_of_the_request() {
        let (outgoing, there) = (Outgoing::new().unwrap(), elsewhere().await);
        let mut headers = HeaderMap::new();
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        headers.insert("traceparent", parent.parse().unwrap());
        let told = Trace::of(&headers).scope(asked(&outgoing, &format!("{there}/parent"))).await;
        assert!(told.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{told}");
        assert!(!told.contains("00f067aa0ba902b7"), "the call is a span of its own: {told}");
        let alone = asked(&outgoing, &format!("{there}/parent")).await;
        assert_ne!(alone[3..35], told[3..35]);
    }

    #[tokio::test]
    async fn redirects_are_not_followed_and_long_answers_not_read() {
        let (outgoing, there) = (Outgoing::new().unwrap(), elsewhere().await);
        let moved = outgoing.send("test", outgoing.client().get(format!("{there}/moved"))).await.unwrap();
        assert_eq!(moved.status(), 307);
        let long = outgoing.send("test", outgoing.client().get(format!("{there}/long"))).await.unwrap();
        let read = Outgoing::read("test", long, 1_999).await;
        assert!(matches!(read, Err(OutgoingError::TooLong { limit: 1_999, .. })), "{read:?}");
        let request = http::Request::get(format!("{there}/long")).body(Vec::new()).unwrap();
        assert_eq!(outgoing.exchange("test", request).await.unwrap().body().len(), 2_000);
    }

    #[tokio::test]
    async fn an_error_keeps_the_address_to_itself() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let outgoing = Outgoing::new().unwrap();
        let address = format!("http://{free}/hook?token=hunter2");
        let error = outgoing.send("webhook", outgoing.client().get(address)).await.unwrap_err();
        let told = format!("{error:?} {}", crate::http::problem::chain(&error));
        assert!(matches!(error, OutgoingError::Unreachable { to: "webhook", .. }), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
