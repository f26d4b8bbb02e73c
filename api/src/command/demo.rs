//! `talon demo`: a living post office. Its customers and operators are simulated clients of the public interface; a
//! visitor may take a ticket, sit down at a window, or look at the week before.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context;
use talon_core::{
    desk::Desk, device::event::DeviceKind, fact::Actor, ids::BranchId, time::Clock, waiting_time::Formula,
};
use talon_storage::{Access as StoreAccess, Storage, StoreUrl};
use tokio_util::sync::CancellationToken;

use super::{Common, serve};
use crate::{
    auth::{Access, AuthConfig, NewDevice},
    catalogue::Catalogue,
    clock::SystemClock,
    compose::{Talon, master_key},
    config::{Config, LOG_ADAPTER, Limits, Secret},
    demo::{self, BRANCH, Options},
    http::demo::{Demo, SignIn},
    outbox::Outbox,
    telemetry,
};

/// Where the demo keeps its facts unless told otherwise.
const STORE: &str = "sqlite:run/demo";
const PORT: u16 = 8080;

/// A living post office with simulated customers and operators.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Address to listen on; 0.0.0.0 lets other machines in.
    #[arg(long, default_value = "127.0.0.1")]
    host: std::net::IpAddr,
    /// The same seed makes the same people do the same things.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many times faster than life people come, walk and are served.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Nobody is simulated and nothing happened before: an empty hall to work in.
    #[arg(long)]
    empty: bool,
}

pub(super) async fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let mut config = common.load()?;
    config.http.listen = format!("{}:{}", args.host, args.port);
    if common.store.is_none() && config.store == crate::config::Store::default() {
        config.store.url = Secret::new(STORE);
    }
    // Whoever tries Talon has no mail server: letters and codes are shown in the log.
    if config.mail.server.is_empty() {
        config.mail.server = LOG_ADAPTER.into();
    }
    if config.sms.url.reveal().is_empty() {
        config.sms.url = Secret::new(LOG_ADAPTER);
    }
    // The simulated people are few accounts in a great hurry, and all of them come from here.
    if config.limits == Limits::default() {
        (config.limits.account_per_s, config.limits.device_per_s) = (0, 0);
    }
    config.log.filter = format!("{},hyper=warn", config.log.filter);
    telemetry::start_logging(&config.log);
    let listener = serve::listen(&config).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let url = StoreUrl::parse(config.store.url.reveal())?;
    let storage = Storage::open(&url, StoreAccess::Owner, master_key(&config)?)
        .await
        .context("cannot open the store")?;
    let store = storage.events.clone();
    let catalogue = demo::found(&store, &clock).await?;
    let branch = BranchId::trusted(BRANCH);
    let mut people = demo::staff();
    people.sort_by_key(|person| person.window.is_some());
    let door = Demo {
        demo: true,
        branch: branch.clone(),
        // The simulated operators come last: whoever signs in as one of them works against the simulation.
        sign_ins: people
            .iter()
            .map(|person| SignIn {
                email: person.email.to_owned(),
                password: person.password.to_owned(),
                role: person.role.code().to_owned(),
                name: person.name.to_owned(),
            })
            .collect(),
    };
    // Before anything follows the log: the clock would open today first, and then there would be no past to write.
    let past = (!args.empty).then_some(args.seed);
    let written = settle(&storage, &clock, &catalogue, past).await?;
    if written > 0 {
        eprintln!("A week of the past was written: {written} events.");
    }
    let talon = Talon::over(storage, config, clock.clone(), Some(door)).await?;
    let kiosk = NewDevice {
        branch: branch.clone(),
        kind: DeviceKind::Kiosk,
        name: "Киоск в зале".into(),
        window: None,
    };
    let kiosk = talon.app.access.pair_again(kiosk, &Actor::system()).await?;

    let address = listener.local_addr()?;
    println!("listening on http://{address}");
    println!();
    println!("  start page   http://{address}/");
    println!("  kiosk        http://{address}/kiosk/{BRANCH}");
    println!("  hall board   http://{address}/board/{BRANCH}");
    println!("  operator     http://{address}/operator");
    println!();
    println!("  sign in as");
    for person in &people {
        println!(
            "    {:<9} {:<24} {:<18} {}",
            person.role.code(),
            person.email,
            person.password,
            person.name
        );
    }
    println!();
    println!("  Ctrl+C stops the demo; the next start goes on where it was.");

    let stop = CancellationToken::new();
    if !args.empty {
        let options = Options { branch, seed: args.seed, speed: args.speed };
        let base = format!("http://{address}");
        let (cookie, stop, shutdown) = (kiosk.cookie, stop.clone(), talon.app.shutdown.clone());
        tokio::spawn(async move {
            let ending = stop.clone();
            tokio::spawn(async move {
                shutdown.cancelled().await;
                ending.cancel();
            });
            if let Err(error) = demo::live(&base, &demo::staff(), &cookie, &options, clock, stop).await {
                tracing::error!(error = %crate::http::problem::chain(&error), "the hall does not live");
            }
        });
    }
    serve::serve(talon, listener).await?;
    stop.cancel();
    Ok(ExitCode::SUCCESS)
}

/// Employs everybody and, given a seed, writes the past week, where that has not been done yet; how many facts the
/// past took.
async fn settle(
    storage: &Storage,
    clock: &Arc<dyn Clock>,
    catalogue: &Catalogue,
    past: Option<u64>,
) -> anyhow::Result<usize> {
    let store = &storage.events;
    let desk = Arc::new(Desk::new(store, clock, Arc::new(Formula)));
    let outbox = Outbox::new(storage.vault.clone(), clock.clone(), &Config::default());
    let auth = AuthConfig::default();
    let access =
        Access::open(storage.vault.clone(), store.clone(), desk, clock.clone(), outbox, auth).await?;
    let employed = demo::employ(&access, catalogue).await?;
    match past {
        Some(seed) => Ok(demo::remember(store, clock, catalogue, &employed, seed).await?),
        None => Ok(0),
    }
}
