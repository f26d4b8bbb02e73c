//! The rows of the report about commands, in their order, with their targets.

mod log;
mod outside;
mod slow;

use talon_storage::{MasterKey, StoreUrl};

use super::{
    Bench,
    bare::{BODY, Bare},
    clerk::{Clerk, Same, Seat, get, post},
    database::Database,
    house::House,
    lag::LagWatch,
    load::{Outcome, Pace, drive},
    report::{Row, grouped, rate},
};

/// What is asked of the commands over a store.
struct Targets {
    store: &'static str,
    per_second: f64,
    p99_ms: f64,
    of_bare: Option<f64>,
}

const SQLITE: Targets =
    Targets { store: "SQLite FULL", per_second: 15_000.0, p99_ms: 20.0, of_bare: Some(0.15) };
const POSTGRES: Targets = Targets { store: "PostgreSQL", per_second: 8_000.0, p99_ms: 30.0, of_bare: None };
/// Commands a second of the rows that offer them.
const OFFERED: u32 = 5_000;

/// A working house between two rows.
struct AtWork {
    house: House,
    clerks: Vec<Clerk>,
    targets: &'static Targets,
}

impl Bench {
    /// Everything over an embedded store.
    pub(super) async fn embedded(&mut self) -> anyhow::Result<()> {
        let folder = self.plan.folder.join("commands");
        let url = StoreUrl::Sqlite(folder.clone());
        let seats = self.commands(&url, None, &SQLITE).await?;
        self.screens(&folder, seats).await
    }

    /// Everything over PostgreSQL.
    pub(super) async fn server(&mut self, server: &str) -> anyhow::Result<()> {
        let database = Database::create(server).await?;
        let url = StoreUrl::Postgres(database.url());
        let key = MasterKey::generate()?.to_base64();
        self.commands(&url, Some(MasterKey::from_base64(&key)?), &POSTGRES).await?;
        database.drop().await?;
        Ok(())
    }

    /// Commands over HTTP: as fast as they are answered, at a fixed pace, and beside readers. The seats as they were
    /// left.
    async fn commands(
        &mut self,
        url: &StoreUrl,
        master: Option<MasterKey>,
        targets: &'static Targets,
    ) -> anyhow::Result<Vec<Seat>> {
        let connections = self.plan.connections;
        self.say(&format!("{}: opening {} branches", targets.store, self.plan.branches));
        let house = House::open(url, master, &self.clock, self.plan.branches).await?;
        self.metrics = self.metrics.take().or_else(|| house.app.metrics.clone());
        let seats = house.settle(connections).await?;
        let clerks = Clerk::staff(&self.clock, seats, connections);
        let mut work = AtWork { house, clerks, targets };
        work = self.at_full_speed(work).await?;
        work = self.at_a_fixed_pace(work).await?;
        work = self.beside_readers(work).await?;
        work.house.close().await?;
        Ok(work.clerks.into_iter().flat_map(Clerk::into_seats).collect())
    }

    async fn at_full_speed(&mut self, mut work: AtWork) -> anyhow::Result<AtWork> {
        let (targets, address) = (work.targets, work.house.address);
        let bare = self.bare().await?;
        self.say(&format!("{}: commands at full speed", targets.store));
        let (_, clerks) = drive(address, work.clerks, Pace::Closed, self.lasting(3)).await?;
        let began = self.moment();
        let (closed, clerks) = drive(address, clerks, Pace::Closed, self.lasting(12)).await?;
        work.clerks = clerks;
        let cost = self.since(&began);
        let ratio = closed.per_second() / bare;
        let mut target = format!("≥ {}/s, p99 ≤ {} ms", grouped(targets.per_second), targets.p99_ms);
        if let Some(share) = targets.of_bare {
            target += &format!(", ≥ {share} of bare");
        }
        let what = format!(
            "durable GraphQL commands over HTTP with JWT, {}, {} connections, {} branches",
            targets.store, self.plan.connections, self.plan.branches
        );
        let mut row = command_row(Row::new(what, target), &closed);
        row.reached = Some(
            closed.per_second() >= targets.per_second
                && row.within(targets.p99_ms)
                && targets.of_bare.is_none_or(|it| ratio >= it),
        );
        row.ratio = Some(ratio);
        row.yardstick = format!("a bare JSON handler's {}", rate(bare, "requests"));
        row.bound = cost.bound(closed.answered, "a command");
        row.cost = Some(cost);
        self.add(row);
        if targets.of_bare.is_some() {
            self.without_writing(&work, bare).await?;
        }
        Ok(work)
    }

    /// The yardstick of everything over HTTP; requests a second.
    async fn bare(&mut self) -> anyhow::Result<f64> {
        self.say("the bare JSON handler");
        let bare = Bare::open().await?;
        let requests = [post(bare.address, "/json", None, BODY)].into();
        let callers = vec![Same::new(requests, 0); self.plan.connections];
        let (_, callers) = drive(bare.address, callers, Pace::Closed, self.lasting(1)).await?;
        let began = self.moment();
        let (outcome, _) = drive(bare.address, callers, Pace::Closed, self.lasting(4)).await?;
        let cost = self.since(&began);
        if self.rows.is_empty() {
            let what = format!(
                "a bare JSON handler, {} connections: the yardstick over HTTP",
                self.plan.connections
            );
            let mut row = command_row(Row::new(what, ""), &outcome);
            row.figure = rate(outcome.per_second(), "requests");
            row.bound = cost.bound(outcome.answered, "a request");
            row.cost = Some(cost);
            self.add(row);
        }
        Ok(outcome.per_second())
    }

    /// A query that touches neither store nor day: what HTTP, JWT, tracing and GraphQL cost by themselves.
    async fn without_writing(&mut self, work: &AtWork, bare: f64) -> anyhow::Result<()> {
        let body = r#"{"query":"{ position }"}"#;
        let address = work.house.address;
        let requests = [post(address, "/graphql", work.clerks.first().and_then(Clerk::bearer), body)].into();
        let callers = vec![Same::new(requests, 0); self.plan.connections];
        let (_, callers) = drive(address, callers, Pace::Closed, self.lasting(1)).await?;
        let began = self.moment();
        let (outcome, _) = drive(address, callers, Pace::Closed, self.lasting(4)).await?;
        let cost = self.since(&began);
        let mut row =
            command_row(Row::new("a GraphQL query that touches no store, same connections", ""), &outcome);
        row.figure = rate(outcome.per_second(), "queries");
        row.ratio = Some(outcome.per_second() / bare);
        row.yardstick = format!("a bare JSON handler's {}", rate(bare, "requests"));
        row.bound = cost.bound(outcome.answered, "a query");
        row.cost = Some(cost);
        self.add(row);
        Ok(())
    }

    async fn at_a_fixed_pace(&mut self, mut work: AtWork) -> anyhow::Result<AtWork> {
        let store = work.targets.store;
        self.say(&format!("{store}: {OFFERED} commands/s offered"));
        let began = self.moment();
        let watch = LagWatch::start(work.house.app.clone());
        let (offered, clerks) =
            drive(work.house.address, work.clerks, Pace::Offered(OFFERED), self.lasting(12)).await?;
        work.clerks = clerks;
        let lags = watch.stop().await?;
        let cost = self.since(&began);
        let pace = grouped(OFFERED.into());
        let mut row =
            command_row(Row::new(format!("the same at {pace}/s offered, {store}"), "p99 ≤ 10 ms"), &offered);
        row.reached = Some(row.within(10.0) && offered.per_second() >= 0.98 * f64::from(OFFERED));
        row.bound = cost.bound(offered.answered, "a command");
        row.cost = Some(cost);
        self.add(row);
        for (what, lags, target) in [("live boards", lags.boards, 15.0), ("SQL tables", lags.tables, 60.0)] {
            let what = format!("lag of the {what} at {pace} commands/s offered, {store}");
            let mut row = Row::new(what, format!("p99 ≤ {target} ms")).timed(&lags);
            row.figure = format!("{:.1} ms", row.p99_ms.unwrap_or_default());
            row.reached = Some(row.within(target));
            row.bound = cost.bound(offered.answered, "a command");
            self.add(row);
        }
        Ok(work)
    }

    /// As many board reads as commands, each at its own pace.
    async fn beside_readers(&mut self, mut work: AtWork) -> anyhow::Result<AtWork> {
        let (address, store) = (work.house.address, work.targets.store);
        self.say(&format!("{store}: {OFFERED} commands/s beside {OFFERED} board reads/s"));
        let boards: Vec<Vec<u8>> = work
            .house
            .branches
            .iter()
            .map(|it| get(address, &format!("/api/v1/branches/{it}/board")))
            .collect();
        let boards: std::sync::Arc<[Vec<u8>]> = boards.into();
        let readers = (0..self.plan.connections).map(|first| Same::new(boards.clone(), first * 3)).collect();
        let lasting = self.lasting(if self.plan.quick { 8 } else { 60 });
        let began = self.moment();
        let (written, read) = tokio::join!(
            drive(address, work.clerks, Pace::Offered(OFFERED), lasting),
            drive::<Same>(address, readers, Pace::Offered(OFFERED), lasting),
        );
        let ((written, clerks), (read, _)) = (written?, read?);
        work.clerks = clerks;
        let cost = self.since(&began);
        let beside = |what: &str| {
            format!(
                "{what} of {0} commands/s and {0} board reads/s at once, {store}",
                grouped(OFFERED.into())
            )
        };
        for (what, outcome, target) in [("commands", &written, 25.0), ("board reads", &read, 10.0)] {
            let mut row =
                command_row(Row::new(beside(what), format!("no error, p99 ≤ {target} ms")), outcome);
            row.figure = rate(outcome.per_second(), what);
            row.reached = Some(
                row.within(target)
                    && outcome.errors.is_empty()
                    && outcome.per_second() >= 0.98 * f64::from(OFFERED),
            );
            row.bound = cost.bound(written.answered + read.answered, "a request");
            row.cost = Some(cost);
            self.add(row);
        }
        Ok(work)
    }
}

fn command_row(row: Row, outcome: &Outcome) -> Row {
    let mut row = row.timed(&outcome.took);
    row.per_second = Some(outcome.per_second());
    row.figure = rate(outcome.per_second(), "commands");
    row.errors.clone_from(&outcome.errors);
    row
}
