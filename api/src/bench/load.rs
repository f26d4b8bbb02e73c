//! Load over HTTP, closed (as fast as answers come) or offered (at moments fixed beforehand, whatever the server does).
//! An offered request's time begins at the moment it was planned for, so a server that stalls is not spared the
//! requests that had to wait meanwhile.

use std::{collections::BTreeMap, io, net::SocketAddr, time::Duration};

use hdrhistogram::Histogram;
use tokio::{task::JoinSet, time::Instant};

use super::client::Connection;

/// How long after its end an offered load may go on sending what it had planned.
const GRACE: Duration = Duration::from_secs(2);

/// Who sits at one connection: says what to send next and judges the answer.
pub(super) trait Caller: Send + 'static {
    /// Puts the next request, head and body, into `out`, which is empty.
    fn request(&mut self, out: &mut Vec<u8>);

    /// Takes in the answer.
    ///
    /// # Errors
    /// What to count it as when it is not the answer hoped for.
    fn answered(&mut self, status: u16, body: &[u8]) -> Result<(), String>;

    /// The request was not answered.
    fn unanswered(&mut self) {}
}

/// When requests are sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// Each connection sends its next request when the last was answered.
    Closed,
    /// So many a second over all connections, evenly.
    Offered(u32),
}

/// What a load met with.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) answered: u64,
    pub(super) errors: BTreeMap<String, u64>,
    /// Microseconds; from the planned moment where the load was offered.
    pub(super) took: Histogram<u64>,
    pub(super) elapsed: Duration,
}

impl Outcome {
    pub(super) fn new() -> Self {
        Self { answered: 0, errors: BTreeMap::new(), took: histogram(), elapsed: Duration::ZERO }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub(super) fn per_second(&self) -> f64 {
        self.answered as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.elapsed = self.elapsed.max(other.elapsed);
        for (what, count) in &other.errors {
            *self.errors.entry(what.clone()).or_default() += count;
        }
        // Both count up to the same maximum: adding cannot fail.
        let _ = self.took.add(&other.took);
    }
}

/// Microseconds up to a minute, two significant digits.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3)
        .unwrap_or_else(|_| unreachable!("the bounds are constants in range"))
}

pub(super) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX).clamp(1, 60_000_000)
}

/// Lets every caller work at a connection of its own; gives the callers back for the next round.
pub(super) async fn drive<C: Caller>(
    address: SocketAddr,
    callers: Vec<C>,
    pace: Pace,
    lasting: Duration,
) -> io::Result<(Outcome, Vec<C>)> {
    let mut lines = Vec::with_capacity(callers.len());
    for caller in callers {
        lines.push((caller, Connection::open(address).await?));
    }
    let began = Instant::now();
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX).max(1);
    let mut working = JoinSet::new();
    for (number, (caller, connection)) in (0u32..).zip(lines) {
        let line = Line { address, connection, caller, outcome: Outcome::new() };
        let plan = match pace {
            Pace::Closed => None,
            Pace::Offered(rate) => {
                let every = Duration::from_secs(1) * count / rate.max(1);
                Some((began + every * number / count, every))
            }
        };
        working.spawn(async move { (number, line.work(plan, began, began + lasting).await) });
    }
    let mut all = Outcome::new();
    let mut back = BTreeMap::new();
    while let Some(done) = working.join_next().await {
        let (number, line) = done.map_err(io::Error::other)?;
        all.add(&line.outcome);
        back.insert(number, line.caller);
    }
    Ok((all, back.into_values().collect()))
}

struct Line<C> {
    address: SocketAddr,
    connection: Connection,
    caller: C,
    outcome: Outcome,
}

impl<C: Caller> Line<C> {
    async fn work(mut self, plan: Option<(Instant, Duration)>, began: Instant, until: Instant) -> Self {
        let mut request = Vec::with_capacity(2_048);
        let mut planned = plan;
        loop {
            if Instant::now() >= until + GRACE {
                self.count_unsent(planned, until);
                break;
            }
            let since = match &mut planned {
                Some((moment, every)) => {
                    let now = *moment;
                    *moment += *every;
                    if now < until {
                        tokio::time::sleep_until(now).await;
                    }
                    now
                }
                None => Instant::now(),
            };
            if since >= until {
                break;
            }
            request.clear();
            self.caller.request(&mut request);
            let judged = match self.connection.ask(&request).await {
                Ok((status, body)) => self.caller.answered(status, body),
                Err(error) => {
                    self.caller.unanswered();
                    match Connection::open(self.address).await {
                        Ok(connection) => self.connection = connection,
                        Err(_) => break,
                    }
                    Err(format!("connection: {}", error.kind()))
                }
            };
            match judged {
                Ok(()) => {
                    self.outcome.answered += 1;
                    self.outcome.took.saturating_record(micros(since.elapsed()));
                }
                Err(what) => *self.outcome.errors.entry(what).or_default() += 1,
            }
        }
        self.outcome.elapsed = began.elapsed();
        self
    }

    /// A server too slow for the pace is not waited for, and what it was spared is told.
    fn count_unsent(&mut self, plan: Option<(Instant, Duration)>, until: Instant) {
        let Some((next, every)) = plan else { return };
        let left = until.saturating_duration_since(next).as_micros().div_ceil(every.as_micros().max(1));
        if let Some(left) = u64::try_from(left).ok().filter(|it| *it > 0) {
            *self.outcome.errors.entry("planned and not sent".into()).or_default() += left;
        }
    }
}
