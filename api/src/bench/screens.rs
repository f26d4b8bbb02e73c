//! Thousands of hall boards that follow the server by events: when does each have a call that a clerk pressed?
//!
//! A screen notes when each frame was complete and which position it shows. After the run every call is looked up at
//! every screen of its branch: it is there with the first frame at its position or beyond.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use hdrhistogram::Histogram;
use talon_core::{ids::BranchId, time::Clock};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    clerk::{Called, Clerk, Seat, get},
    load::{Outcome, Pace, drive, histogram, micros},
    machine::Memory,
};

/// Screens that connect at the same moment.
const AT_ONCE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the screens saw.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) screens: usize,
    pub(super) commands: Outcome,
    /// From pressing the button until a screen had the call, microseconds.
    pub(super) took: Histogram<u64>,
    /// Calls that a screen never showed.
    pub(super) missed: u64,
}

/// Opens so many screens and lets the clerks work at an even pace.
pub(super) async fn follow(
    address: SocketAddr,
    count: usize,
    clock: &Arc<dyn Clock>,
    seats: Vec<Seat>,
    rate: u32,
    lasting: Duration,
    memory: impl FnOnce() -> Option<Memory>,
) -> anyhow::Result<(Seen, Option<Memory>)> {
    let branches: Vec<BranchId> = seats.iter().map(|it| it.branch().clone()).collect();
    let (screens, stop) = open(address, &branches, count).await?;
    let clerks: Vec<Clerk> = Clerk::staff(clock, seats, 16).into_iter().map(Clerk::watching).collect();
    let (commands, clerks) = drive(address, clerks, Pace::Offered(rate), lasting).await?;
    // The last calls are still on their way.
    tokio::time::sleep_until(Instant::now() + Duration::from_millis(500)).await;
    let held = memory();
    stop.cancel();
    let calls = clerks.into_iter().flat_map(|mut clerk| clerk.take_calls()).collect();
    let mut seen = Seen { screens: 0, commands, took: histogram(), missed: 0 };
    let calls = by_branch(calls);
    let mut screens = screens;
    while let Some(screen) = screens.join_next().await {
        let (branch, frames) = screen?;
        seen.screens += 1;
        for call in calls.get(&branches[branch]).into_iter().flatten() {
            let first = frames.partition_point(|(position, _)| *position < call.position);
            match frames.get(first) {
                Some((_, at)) => {
                    seen.took.saturating_record(micros(at.saturating_duration_since(call.pressed)))
                }
                None => seen.missed += 1,
            }
        }
    }
    Ok((seen, held))
}

fn by_branch(calls: Vec<Called>) -> BTreeMap<BranchId, Vec<Called>> {
    let mut sorted: BTreeMap<BranchId, Vec<Called>> = BTreeMap::new();
    for call in calls {
        sorted.entry(call.branch.clone()).or_default().push(call);
    }
    sorted
}

/// Positions shown and when, in order.
type Frames = Vec<(u64, Instant)>;

async fn open(
    address: SocketAddr,
    branches: &[BranchId],
    count: usize,
) -> anyhow::Result<(JoinSet<(usize, Frames)>, CancellationToken)> {
    let stop = CancellationToken::new();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let ready = Arc::new(Semaphore::new(0));
    let mut screens = JoinSet::new();
    for number in 0..count {
        let branch = number % branches.len();
        let path = format!("/live/board/{}", branches[branch]);
        let (stop, turns, ready) = (stop.clone(), turns.clone(), ready.clone());
        screens.spawn(async move {
            let frames = watch(address, &path, &turns, &ready, stop).await;
            (branch, frames.unwrap_or_default())
        });
    }
    let all = u32::try_from(count)?;
    // A screen that cannot connect is found out by what it misses; waiting for it would never end.
    if let Ok(permits) = timeout(PATIENCE, ready.acquire_many(all)).await {
        permits?.forget();
    }
    Ok((screens, stop))
}

async fn watch(
    address: SocketAddr,
    path: &str,
    turns: &Semaphore,
    ready: &Semaphore,
    stop: CancellationToken,
) -> io::Result<Frames> {
    let mut reader = Reader::default();
    let stream = {
        let _turn = turns.acquire().await.map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&get(address, path)).await?;
        while reader.frames.is_empty() {
            stream.readable().await?;
            reader.take_from(&stream)?;
        }
        stream
    };
    ready.add_permits(1);
    loop {
        tokio::select! {
            readable = stream.readable() => readable?,
            () = stop.cancelled() => return Ok(reader.frames),
        }
        reader.take_from(&stream)?;
    }
}

/// Reads events line by line. The buffer is the thread's while it reads: ten thousand screens hold none.
#[derive(Debug, Default)]
struct Reader {
    line: Vec<u8>,
    position: Option<u64>,
    frames: Frames,
}

/// The beginning of a line is enough to know an id by.
const KEPT: usize = 96;

impl Reader {
    fn take_from(&mut self, stream: &TcpStream) -> io::Result<()> {
        let mut buffer = [0; 16 << 10];
        loop {
            match stream.try_read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.take(&buffer[..count], Instant::now()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8], now: Instant) {
        while let Some(end) = bytes.iter().position(|it| *it == b'\n') {
            self.keep(&bytes[..end]);
            bytes = &bytes[end + 1..];
            if self.line.is_empty() {
                // An empty line ends a frame; lines of the transfer coding end with a carriage return and are not empty.
                if let Some(position) = self.position.take() {
                    self.frames.push((position, now));
                }
            } else if let Some(id) = self.line.strip_prefix(b"id: ") {
                let number = std::str::from_utf8(id).ok().and_then(|it| it.rsplit_once('.')?.1.parse().ok());
                self.position = number;
            }
            self.line.clear();
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.line.len()).min(bytes.len());
        self.line.extend_from_slice(&bytes[..room]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_the_bytes_are_cut() {
        let frame = |number: u64| {
            let body =
                format!("retry: 1000\nid: 0192-aa.{number}\nevent: board\ndata: {{\"x\":\"id: 9.9\"}}\n\n");
            format!("{:x}\r\n{body}\r\n", body.len())
        };
        let text = format!("HTTP/1.1 200 OK\r\n\r\n{}8\r\n: ping\n\n\r\n{}", frame(7), frame(12));
        for size in 1..text.len() {
            let mut reader = Reader::default();
            for part in text.as_bytes().chunks(size) {
                reader.take(part, Instant::now());
            }
            let positions: Vec<u64> = reader.frames.iter().map(|(position, _)| *position).collect();
            assert_eq!(positions, [7, 12], "{size}");
        }
    }
}
