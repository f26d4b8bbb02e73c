//! Rows about the log itself: appending to it, folding it, verifying it, building read models of it, importing.

use talon_storage::{
    Access, MasterKey, Storage, StoreUrl,
    bench::{Load, appends, bare_inserts},
    open_log,
};
use tokio::time::Instant;

use crate::bench::{
    Bench,
    database::Database,
    history::{self, Took},
    machine::Cost,
    past,
    report::{Row, grouped, milliseconds, rate},
};

/// Callers that append at once.
const APPENDERS: usize = 256;

/// Facts of the log that is folded, verified and projected.
const FACTS: u64 = 1_000_000;

impl Bench {
    /// Everything over a log of a million facts, on each store there is.
    pub(in crate::bench) async fn history(&mut self, server: Option<&str>) -> anyhow::Result<()> {
        let folder = self.plan.folder.join("history");
        let url = StoreUrl::Sqlite(folder.clone());
        let events = self.lived(&url, None, "SQLite").await?;
        self.folds(&url).await?;
        self.rebuilt(&url, None, "SQLite FULL", 15.0).await?;
        self.started(&folder, events).await?;
        std::fs::remove_dir_all(&folder)?;
        let Some(server) = server else { return Ok(()) };
        let database = Database::create(server).await?;
        let url = StoreUrl::Postgres(database.url());
        let key = MasterKey::generate()?.to_base64();
        self.lived(&url, Some(MasterKey::from_base64(&key)?), "PostgreSQL").await?;
        self.rebuilt(&url, Some(MasterKey::from_base64(&key)?), "PostgreSQL", 20.0).await?;
        database.drop().await?;
        Ok(())
    }

    /// Fills a new store with business days.
    async fn lived(&mut self, url: &StoreUrl, master: Option<MasterKey>, store: &str) -> anyhow::Result<u64> {
        let facts = if self.plan.quick { FACTS / 25 } else { FACTS };
        self.say(&format!("{store}: living {} facts", grouped_count(facts)));
        let began = Instant::now();
        let storage = Storage::open(url, Access::Owner, master).await?;
        past::write(&storage.events, &self.clock, self.plan.branches, facts).await?;
        let written = storage.tail.head();
        storage.close().await;
        let took = began.elapsed().as_secs_f64();
        self.say(&format!("{store}: {} facts written in {took:.1} s", grouped_count(written)));
        Ok(written)
    }

    /// Decode and fold; verify.
    async fn folds(&mut self, url: &StoreUrl) -> anyhow::Result<()> {
        self.say("replay and verify");
        let store = open_log(url).await?;
        let began = self.moment();
        let took = history::replay(&store).await?;
        let cost = self.since(&began);
        self.walked("replay: read, decode and fold", took, 400_000.0, cost);
        let began = self.moment();
        let took = history::verify(&store).await?;
        let cost = self.since(&began);
        self.walked("verify every seal and link", took, 300_000.0, cost);
        Ok(())
    }

    fn walked(&mut self, what: &str, took: Took, target: f64, cost: Cost) {
        let what = format!("{what}, {} events, {} cores", grouped_count(took.events), cost.cores);
        let mut row = Row::new(what, format!("≥ {} events/s", grouped(target)));
        row.per_second = Some(took.per_second());
        row.figure = rate(took.per_second(), "events");
        row.reached = Some(took.per_second() >= target);
        row.bound = cost.bound(took.events, "an event");
        row.cost = Some(cost);
        self.add(row);
    }

    /// All projections anew.
    async fn rebuilt(
        &mut self,
        url: &StoreUrl,
        master: Option<MasterKey>,
        store: &str,
        target_s: f64,
    ) -> anyhow::Result<()> {
        self.say(&format!("{store}: rebuilding all projections"));
        let storage = Storage::open(url, Access::Owner, master).await?;
        let began = self.moment();
        let took = history::rebuild(&storage, &self.clock).await?;
        let cost = self.since(&began);
        storage.close().await;
        let what = format!("rebuild of all projections, {store}, {} events", grouped_count(took.events));
        let mut row = Row::new(what, format!("≥ {} events/s (1 M in {target_s} s)", grouped(1e6 / target_s)));
        row.per_second = Some(took.per_second());
        row.figure = format!("{:.2} s, {}", took.took.as_secs_f64(), rate(took.per_second(), "events"));
        row.reached = Some(took.per_second() >= 1e6 / target_s);
        row.bound = cost.bound(took.events, "an event");
        row.cost = Some(cost);
        self.add(row);
        Ok(())
    }

    /// Appends through the port beside a bare batched insert, on each store there is.
    pub(in crate::bench) async fn appends(&mut self) -> anyhow::Result<()> {
        let folder = self.plan.folder.join("appends");
        let storage = Storage::open(&StoreUrl::Sqlite(folder), Access::Owner, None).await?;
        self.appended(&storage, "SQLite FULL", 45_000.0).await?;
        storage.close().await;
        let Some(server) = self.plan.postgres.clone() else { return Ok(()) };
        let database = Database::create(&server).await?;
        let url = StoreUrl::Postgres(database.url());
        let storage = Storage::open(&url, Access::Owner, Some(MasterKey::generate()?)).await?;
        self.appended(&storage, "PostgreSQL", 60_000.0).await?;
        storage.close().await;
        database.drop().await?;
        Ok(())
    }

    async fn appended(&mut self, storage: &Storage, store: &str, target: f64) -> anyhow::Result<()> {
        self.say(&format!("{store}: appends"));
        let events = if self.plan.quick { 50_000 } else { 500_000 };
        let began = self.moment();
        let port = appends(storage, Load { events, concurrent: APPENDERS, streams: 2_000 }).await?;
        let cost = self.since(&began);
        let bare = bare_inserts(storage, events).await?;
        let ratio = port.events_per_second / bare.events_per_second;
        let what = format!(
            "appends through the port, {store}, {APPENDERS} concurrent, {} events",
            grouped_count(events)
        );
        let mut row = Row::new(what, format!("≥ {} events/s, ≥ 0.6 of bare", grouped(target)));
        row.per_second = Some(port.events_per_second);
        row.figure = rate(port.events_per_second, "events");
        row.p50_ms = Some(milliseconds(port.p50));
        row.p99_ms = Some(milliseconds(port.p99));
        row.ratio = Some(ratio);
        row.yardstick = format!("bare inserts' {}", rate(bare.events_per_second, "rows"));
        row.reached = Some(port.events_per_second >= target && ratio >= 0.6);
        row.bound = cost.bound(events, "an event");
        row.cost = Some(cost);
        self.add(row);
        Ok(())
    }

    /// The call-centre log, where it is.
    pub(in crate::bench) async fn import(&mut self) -> anyhow::Result<()> {
        let file = self.plan.logs.as_ref().map(|it| it.join("callcentre.csv.gz")).filter(|it| it.exists());
        let Some(file) = file else {
            self.skip("import: no queue logs (TALON_LOGS)");
            return Ok(());
        };
        self.say("importing the call-centre log");
        let began = self.moment();
        let took = history::import(&file, &self.plan.folder.join("import"), &self.clock).await?;
        let cost = self.since(&began);
        let what = format!("import of the call-centre log, {} events", grouped_count(took.events));
        let mut row = Row::new(what, "≤ 6 s");
        row.per_second = Some(took.per_second());
        row.figure = format!("{:.2} s, {}", took.took.as_secs_f64(), rate(took.per_second(), "events"));
        row.reached = Some(took.took.as_secs_f64() <= 6.0);
        row.bound = cost.bound(took.events, "an event");
        row.cost = Some(cost);
        self.add(row);
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(super) fn grouped_count(count: u64) -> String {
    grouped(count as f64)
}
