//! Rows about a server process of its own over a log that is there: how soon it is ready, what it holds, and
//! how fast thousands of boards have a call.

use std::path::Path;

use super::log::grouped_count;
use crate::bench::{
    Bench,
    clerk::Seat,
    machine::{Memory, open_files},
    report::{Row, grouped},
    screens,
    server::Server,
};

/// Screens, and the files a process needs besides theirs.
const SCREENS: usize = 10_000;
const OTHER_FILES: usize = 400;
const PACE: u32 = 1_000;

impl Bench {
    pub(super) async fn started(&mut self, store: &Path, events: u64) -> anyhow::Result<()> {
        self.say("starting a server");
        let began = self.moment();
        let server = Server::start(store).await?;
        let cost = self.since(&began);
        let memory = server.memory();
        let seconds = server.ready_after.as_secs_f64();
        let branches = self.plan.branches;
        let what = format!(
            "start with {} events in the log and {branches} branches open, until ready",
            grouped_count(events)
        );
        let mut row = Row::new(what, "≤ 2 s, ≤ 200 MiB (for 1 M events)");
        row.figure = format!("{seconds:.2} s{}", held(memory));
        row.reached = Some(seconds <= 2.0 && memory.is_none_or(|it| it.own <= 200));
        row.bound = cost.bound(0, "");
        self.add(row);
        server.stop().await
    }

    /// Thousands of boards over the store that the commands left.
    pub(super) async fn screens(&mut self, store: &Path, seats: Vec<Seat>) -> anyhow::Result<()> {
        let server = Server::start(store).await?;
        let shown = self.shown(&server, seats).await;
        server.stop().await?;
        shown
    }

    async fn shown(&mut self, server: &Server, seats: Vec<Seat>) -> anyhow::Result<()> {
        let most = if self.plan.quick { 500 } else { SCREENS };
        let count = most.min(open_files().saturating_sub(OTHER_FILES));
        self.say(&format!("{count} screens"));
        let seats = seats.into_iter().map(|seat| seat.moved(server.address)).collect();
        let began = self.moment();
        let lasting = self.lasting(15);
        let memory = || server.memory();
        let (seen, memory) =
            screens::follow(server.address, count, &self.clock, seats, PACE, lasting, memory).await?;
        let cost = self.since(&began);
        let what = format!(
            "call → a board's screen has it, {} screens by SSE, {} commands/s",
            grouped_count(seen.screens as u64),
            grouped(PACE.into())
        );
        let mut row = Row::new(what, "p99 ≤ 10 ms, ≤ 250 MiB (10,000 screens)").timed(&seen.took);
        row.figure = format!("{:.1} ms{}", row.p99_ms.unwrap_or_default(), held(memory));
        row.errors = seen.commands.errors;
        if seen.missed > 0 {
            row.errors.insert("a call that a screen never had".into(), seen.missed);
        }
        row.reached =
            Some(row.within(10.0) && row.errors.is_empty() && memory.is_none_or(|it| it.own <= 250));
        row.bound = format!(
            "{}; of {} screens asked for, files allow {count}; connecting is part of these counters",
            cost.bound(0, ""),
            grouped_count(most as u64)
        );
        row.cost = Some(cost);
        self.add(row);
        Ok(())
    }
}

fn held(memory: Option<Memory>) -> String {
    memory.map_or_else(String::new, |it| format!(", {} MiB ({} with mapped files)", it.own, it.resident))
}
