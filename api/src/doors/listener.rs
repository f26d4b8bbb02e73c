//! Sockets: who may connect, how long they may take to say what they want, TLS. Above this, everything is a request.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use chrono::TimeDelta;
use http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::{HttpService, service_fn},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use talon_core::time::Clock;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use super::{
    limits::household,
    patience::{Look, Patient, Streams},
};
use crate::config::Config;

/// A request's headers are no longer than this; a browser's are a tenth of it.
const LONGEST_HEAD: usize = 64 * 1024;
/// Requests at once on one connection of HTTP/2.
const STREAMS: u32 = 250;
const PING: Duration = Duration::from_secs(20);
/// Without a free file descriptor there is no use in trying at once.
const AFTER_FAILURE: TimeDelta = TimeDelta::milliseconds(200);

/// One listening socket and how it is served.
pub struct Doorway {
    pub listener: TcpListener,
    /// Nothing for plain HTTP.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    pub routes: Router,
    pub bounds: Bounds,
    pub clock: Arc<dyn Clock>,
    pub stop: CancellationToken,
}

/// How many may be connected, and how long they may say nothing.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Until TLS stands, and until a request's headers are read; also how long a connection may be idle.
    patience: Duration,
    /// How long whoever asked may take nothing of the answer.
    stall: Duration,
    all: usize,
    each: usize,
    connected: Arc<Mutex<Connections>>,
}

#[derive(Debug, Default)]
struct Connections {
    all: usize,
    of: HashMap<u128, usize>,
}

impl Bounds {
    /// Behind a trusted proxy all connections come from one address, and counting them is its business.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let http = &config.http;
        Self {
            patience: Duration::from_secs(http.header_s.max(1)),
            stall: Duration::from_secs(config.limits.request_s.max(1)),
            all: http.connections,
            each: if http.trust_proxy { 0 } else { http.connections_per_address },
            connected: Arc::default(),
        }
    }

    fn enter(&self, from: SocketAddr) -> Option<Connected> {
        let home = household(from.ip());
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        let here = connected.of.get(&home).copied().unwrap_or_default();
        if (self.all > 0 && connected.all >= self.all) || (self.each > 0 && here >= self.each) {
            return None;
        }
        connected.all += 1;
        connected.of.insert(home, here + 1);
        Some(Connected { home, connected: self.connected.clone() })
    }
}

/// One connection, until it is dropped.
struct Connected {
    home: u128,
    connected: Arc<Mutex<Connections>>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        connected.all -= 1;
        if let Some(here) = connected.of.get_mut(&self.home) {
            *here -= 1;
            if *here == 0 {
                connected.of.remove(&self.home);
            }
        }
    }
}

impl Doorway {
    /// Serves until told to stop, then waits until the requests under way are answered: whoever has less patience
    /// drops this.
    pub async fn serve(self) {
        let open = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => match self.bounds.enter(from) {
                    Some(connected) => {
                        let caller = self.caller(from);
                        open.spawn(async move {
                            caller.served(stream).await;
                            drop(connected);
                        });
                    }
                    None => metrics::counter!("refused_connections_total").increment(1),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.clock.sleep_until(self.clock.now() + AFTER_FAILURE).await;
                }
            }
        }
        open.close();
        open.wait().await;
    }

    fn caller(&self, from: SocketAddr) -> Caller {
        Caller {
            from,
            tls: self.tls.clone(),
            routes: self.routes.clone(),
            patience: self.bounds.patience,
            stall: self.bounds.stall,
            stop: self.stop.clone(),
        }
    }
}

/// Whoever is connected.
struct Caller {
    from: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
    routes: Router,
    patience: Duration,
    stall: Duration,
    stop: CancellationToken,
}

impl Caller {
    async fn served(self, stream: TcpStream) {
        // Small answers must not wait for company.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let stream = Patient::new(stream, self.stall);
        let Some(tls) = self.tls.clone() else { return self.http1(stream).await };
        // Strangers who knock and say nothing are no event.
        let Ok(Ok(stream)) = timeout(self.patience, TlsAcceptor::from(tls).accept(stream)).await else {
            return metrics::counter!("failed_handshakes_total").increment(1);
        };
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(stream).await;
        } else {
            self.http1(stream).await;
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(TokioIo::new(stream), self.answering(None))
            .with_upgrades();
        until_over(connection, &self.stop, |it| it.graceful_shutdown()).await;
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let streams = Streams::default();
        let finish = self.stop.child_token();
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(LONGEST_HEAD).unwrap_or(u32::MAX))
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .serve_connection(TokioIo::new(stream), self.answering(Some(streams.clone())));
        let mut over = pin!(until_over(connection, &finish, |it| it.graceful_shutdown()));
        // The library waits without end: for the first request, for another one, for a reader that does not read.
        loop {
            match streams.look(self.patience, self.stall) {
                Look::Rest(rest) => {
                    if timeout(rest, over.as_mut()).await.is_ok() {
                        return;
                    }
                }
                Look::Idle if finish.is_cancelled() => return,
                Look::Idle => {
                    finish.cancel();
                    streams.rest();
                }
                Look::Stuck => return metrics::counter!("stalled_connections_total").increment(1),
            }
        }
    }

    /// Answers requests, with `streams` told of each.
    fn answering(
        &self,
        streams: Option<Streams>,
    ) -> impl HttpService<
        Incoming,
        ResBody = Body,
        Error = Infallible,
        Future = impl Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
    > + Send
    + 'static {
        let (routes, from) = (self.routes.clone(), self.from);
        service_fn(move |request: Request<Incoming>| {
            let stream = streams.as_ref().map(Streams::begin);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(from));
            let answer = routes.clone().call(request);
            async move {
                let answer = answer.await?;
                Ok(match stream {
                    Some(stream) => answer.map(|body| stream.answers(body)),
                    None => answer,
                })
            }
        })
    }
}

/// Follows a connection to its end; told to stop, it answers what it has begun.
async fn until_over<C>(connection: C, stop: &CancellationToken, finish: impl FnOnce(Pin<&mut C>))
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let mut connection = pin!(connection);
    let over = tokio::select! {
        over = connection.as_mut() => over,
        () = stop.cancelled() => {
            finish(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = over {
        tracing::trace!(%error, "a connection ended");
    }
}

/// Sends every browser to the same address by https: for port 80 beside TLS on `port`.
pub fn to_https(port: u16) -> Router {
    Router::new().fallback(move |headers: HeaderMap, uri: Uri| async move {
        let answer = match elsewhere(&headers, &uri, port) {
            Some(address) => Response::builder()
                .status(StatusCode::PERMANENT_REDIRECT)
                .header(header::LOCATION, address)
                .body(Body::empty()),
            None => Response::builder().status(StatusCode::BAD_REQUEST).body(Body::empty()),
        };
        Ok::<_, Infallible>(answer.unwrap_or_default())
    })
}

/// The same place by https. A host that is no name is not repeated.
fn elsewhere(headers: &HeaderMap, uri: &Uri, port: u16) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let authority: http::uri::Authority = host.parse().ok()?;
    let name = authority.host();
    let is_name = |it: u8| it.is_ascii_alphanumeric() || b".-:[]".contains(&it);
    if name.is_empty() || !name.bytes().all(is_name) || host.contains('@') {
        return None;
    }
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    Some(format!("https://{name}{port}{}", uri.path_and_query().map_or("/", |it| it.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(host: &str, uri: &str, port: u16) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        elsewhere(&headers, &uri.parse().unwrap(), port)
    }

    #[test]
    fn browsers_are_sent_to_the_same_place_by_https() {
        let there = |text: &str| Some(text.to_owned());
        assert_eq!(
            sent("q.example.org", "/board/centre?x=1", 443),
            there("https://q.example.org/board/centre?x=1")
        );
        assert_eq!(sent("q.example.org:8080", "/", 8443), there("https://q.example.org:8443/"));
        assert_eq!(sent("[::1]:80", "/", 443), there("https://[::1]/"));
        for odd in ["", "a@b", "a/b", "a b"] {
            assert_eq!(sent(odd, "/", 443), None, "{odd}");
        }
    }
}
