//! Measures appends through the port beside bare batched inserts.
//!
//!     cargo run --profile perf -p talon-storage --example append -- sqlite:DIR [EVENTS] [CONCURRENT] [EVENTS BEFORE]
//!     scripts/with-postgres.sh sh -c 'cargo run … -- $TALON_TEST_POSTGRES …'

use std::{error::Error, path::Path};

use talon_storage::{
    Access, MasterKey, Storage, StoreUrl,
    bench::{Figures, Load, appends, bare_inserts, fsync_time},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = StoreUrl::parse(&arguments.next().ok_or("give an address: sqlite:DIR or postgres://…")?)?;
    let mut number = |otherwise: u64| arguments.next().map_or(Ok(otherwise), |text| text.parse());
    let (events, concurrent, before) = (number(300_000)?, number(256)?, number(0)?);
    let storage = Storage::open(&url, Access::Owner, Some(MasterKey::generate()?)).await?;
    if before > 0 {
        appends(&storage, Load { events: before, concurrent: 1_024, streams: 1_024 }).await?;
    }
    let fsync = fsync_time(storage.directory().unwrap_or(Path::new(".")))?;
    println!("fsync of one page: {fsync:?}; rows in the log before: {}", storage.tail.head());
    let load = Load { events, concurrent: usize::try_from(concurrent)?, streams: 1_024 };
    let through = appends(&storage, load).await?;
    print(&format!("through the port, {concurrent} concurrent"), through);
    let bare = bare_inserts(&storage, events).await?;
    print("bare inserts, 256 to a transaction", bare);
    println!("share of bare: {:.2}", through.events_per_second / bare.events_per_second);
    storage.close().await;
    Ok(())
}

fn print(what: &str, figures: Figures) {
    let Figures { events_per_second, p50, p99 } = figures;
    println!("{what}: {events_per_second:.0} events/s, p50 {p50:.2?}, p99 {p99:.2?}");
}
