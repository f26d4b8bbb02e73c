//! Rows about a disk that takes longer to flush: a fast virtual disk flatters whoever flushes often.

use std::time::Duration;

use talon_storage::Storage;

use super::command_row;
use crate::bench::{
    Bench,
    clerk::Clerk,
    house::House,
    load::{Pace, drive},
    report::{Row, grouped},
};

/// How much longer every flush takes.
const SLOWER: Duration = Duration::from_millis(3);
/// Connections, and the commands a second hoped for.
const LOADS: [(usize, f64); 2] = [(64, 6_000.0), (256, 12_000.0)];

impl Bench {
    pub(in crate::bench) async fn slow_disk(&mut self) -> anyhow::Result<()> {
        for (connections, target) in LOADS {
            self.say(&format!("SQLite FULL, 3 ms more a flush: {connections} connections"));
            let folder = self.plan.folder.join(format!("slow-{connections}"));
            let storage = Storage::open_slow(&folder, SLOWER).await?;
            // Each connection has branches of its own.
            let branches = self.plan.branches.max(connections);
            let house = House::over(storage, &self.clock, branches).await?;
            let seats = house.settle(connections).await?;
            let clerks = Clerk::staff(&self.clock, seats, connections);
            let (_, clerks) = drive(house.address, clerks, Pace::Closed, self.lasting(2)).await?;
            let began = self.moment();
            let (outcome, _) = drive(house.address, clerks, Pace::Closed, self.lasting(8)).await?;
            let cost = self.since(&began);
            house.close().await?;
            let what = format!(
                "durable GraphQL commands, SQLite FULL, 3 ms more a flush, {connections} connections, {branches} branches"
            );
            let mut row = command_row(Row::new(what, format!("≥ {}/s", grouped(target))), &outcome);
            row.reached = Some(outcome.per_second() >= target);
            row.bound = cost.bound(outcome.answered, "a command");
            row.cost = Some(cost);
            self.add(row);
            std::fs::remove_dir_all(&folder)?;
        }
        Ok(())
    }
}
