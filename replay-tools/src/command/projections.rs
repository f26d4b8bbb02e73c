//! What is done by hand about read models: built anew, a parked branch tried again, an event left out for a reason.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use talon_core::time::{Clock, to_micros};
use talon_projections::{
    parking,
    projector::{ALL, Projection, named},
    rebuild,
    runner::Surroundings,
};
use talon_storage::{Access, MasterKey, Storage, StoreUrl};
use uuid::Uuid;

/// Build read models anew beside the present ones and swap them in one step.
///
/// Fails at the first event that cannot be projected, and names it. An embedded store must not be held by a server.
#[derive(clap::Args)]
pub(crate) struct Rebuild {
    /// One of them alone: tickets, audit_index.
    #[arg(long)]
    projection: Option<String>,
    #[command(flatten)]
    key: Key,
}

/// Project again the events a parked branch waits with.
#[derive(clap::Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    key: Key,
}

/// Leave out the event a branch is parked at and go on behind it. Who and why are kept.
#[derive(clap::Args)]
pub(crate) struct Skip {
    #[command(flatten)]
    which: Which,
    /// Pseudonym of who decides it.
    #[arg(long)]
    by: String,
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    key: Key,
}

#[derive(clap::Args)]
struct Which {
    #[arg(long)]
    projection: String,
    #[arg(long)]
    branch: String,
}

#[derive(clap::Args)]
struct Key {
    /// The master key, base64: a store on PostgreSQL does not open without it.
    #[arg(long = "master-key", env = "TALON_STORE__MASTER_KEY", hide_env_values = true)]
    master_key: Option<String>,
}

pub(super) async fn rebuild(args: Rebuild, store: &str) -> anyhow::Result<ExitCode> {
    let projections = match &args.projection {
        Some(name) => vec![projection(name)?],
        None => ALL.to_vec(),
    };
    let storage = open(store, &args.key).await?;
    rebuild::rebuild(&around(&storage), &projections).await?;
    for projection in projections {
        println!("{}: built anew up to event {}", projection.name, storage.tail.head());
    }
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn retry(args: Retry, store: &str) -> anyhow::Result<ExitCode> {
    let projection = projection(&args.which.projection)?;
    let storage = open(store, &args.key).await?;
    let done = parking::retry(&around(&storage), projection, &args.which.branch).await;
    storage.close().await;
    println!("{}: branch {} goes on, {} events projected", projection.name, args.which.branch, done?);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn skip(args: Skip, store: &str) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!args.reason.trim().is_empty(), "a reason is needed");
    let projection = projection(&args.which.projection)?;
    let storage = open(store, &args.key).await?;
    let why = parking::Skip { by: args.by, reason: args.reason };
    let done = parking::skip(&around(&storage), projection, &args.which.branch, &why).await;
    storage.close().await;
    let done = done?;
    println!(
        "{}: branch {} goes on without one event, {done} others projected",
        projection.name, args.which.branch
    );
    Ok(ExitCode::SUCCESS)
}

fn projection(name: &str) -> anyhow::Result<&'static Projection> {
    let known = || ALL.map(|it| it.name).join(", ");
    named(name).with_context(|| format!("no projection is called {name}; there are {}", known()))
}

async fn open(store: &str, key: &Key) -> anyhow::Result<Storage> {
    let url = StoreUrl::parse(store)?;
    if let StoreUrl::Sqlite(directory) = &url {
        // Nothing is made where nothing is.
        anyhow::ensure!(directory.join("log.db").exists(), "there is no store in {}", directory.display());
    }
    let master = key.master_key.as_deref().map(MasterKey::from_base64).transpose()?;
    Storage::open(&url, Access::Owner, master).await.context("cannot open the store")
}

fn around(storage: &Storage) -> Surroundings {
    Surroundings::new(storage, Arc::new(Wall))
}

/// The clock of a command run by hand.
struct Wall;

#[async_trait]
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "the adapter of the clock's port")]
    fn now(&self) -> DateTime<Utc> {
        to_micros(Utc::now())
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        let span: Duration = (until - self.now()).to_std().unwrap_or_default();
        let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
    }

    #[expect(clippy::disallowed_methods, reason = "the adapter of the clock's port")]
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
