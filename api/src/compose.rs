//! Turns a configuration into a running house. The only place that opens a concrete store and picks concrete adapters.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::TimeDelta;
use talon_core::{
    desk::Desk,
    time::Clock,
    waiting_time::{Formula, WaitingTime},
};
use talon_projections::{
    board::Live,
    freshness::Freshness,
    projector,
    runner::{Runner, Surroundings},
};
use talon_storage::{Access as StoreAccess, MasterKey, Storage, StoreUrl, Vault};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    access_feed,
    auth::{Access, AuthConfig, OidcProvider},
    broker::{listener::Listener, publisher::Publisher},
    config::Config,
    customers::Region,
    doors::{crowd::Crowd, reports::Reports},
    erasures,
    http::{App, House, demo::Demo, live::BoardFrames},
    nightly,
    notes::Notes,
    outbox::{
        Channel, Outbox, mail,
        sender::{Roads, Sender},
        sms,
        webhook::Caller,
    },
    outgoing::Outgoing,
    reactor::Reactor,
    retention,
    scheduler::Scheduler,
    telemetry,
    ticket_token::TicketTokens,
};

/// A running house: its doors, and what works behind them.
pub struct Talon {
    pub app: App,
    pub storage: Arc<Storage>,
    tasks: JoinSet<()>,
}

/// How long background work may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

impl Talon {
    /// Opens the store and starts everything that follows the log.
    ///
    /// # Errors
    /// When the store cannot be opened or the live halls cannot be folded.
    pub async fn start(config: Config, clock: Arc<dyn Clock>, demo: Option<Demo>) -> anyhow::Result<Self> {
        let url = StoreUrl::parse(config.store.url.reveal())?;
        let storage = Storage::open(&url, StoreAccess::Owner, master_key(&config)?)
            .await
            .context("cannot open the store")?;
        Self::over(storage, config, clock, demo).await
    }

    /// The same over a store that is open already.
    ///
    /// # Errors
    /// When the live halls cannot be folded or the vault does not answer.
    pub async fn over(
        storage: Storage,
        config: Config,
        clock: Arc<dyn Clock>,
        demo: Option<Demo>,
    ) -> anyhow::Result<Self> {
        let storage = Arc::new(storage);
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let store = storage.events.clone();
        let waiting_time: Arc<dyn WaitingTime> = Arc::new(Formula);
        let desk = Arc::new(Desk::new(&store, &clock, waiting_time.clone()));

        let live = Live::start(&storage.tail, store.clone(), clock.clone(), waiting_time.clone())
            .await
            .context("cannot fold the halls")?;
        let following = live.clone();
        let (tail, stop) = (storage.tail.clone(), shutdown.clone());
        tasks.spawn(async move { following.follow(tail, stop).await });

        let freshness = Freshness::new(storage.read.clone(), store.log_id());
        for projection in projector::ALL {
            let runner =
                Runner::new(projection, Surroundings::new(&storage, clock.clone()), freshness.clone());
            let (leadership, stop) = (storage.leadership.clone(), shutdown.clone());
            tasks.spawn(async move { runner.run(&leadership, stop).await });
        }

        let head = storage.tail.head();
        let outgoing = Outgoing::new().context("cannot make calls to other systems")?;
        let auth = auth_config(&config, &outgoing);
        let outbox = Outbox::new(storage.vault.clone(), clock.clone(), &config);
        let access = Access::open(
            storage.vault.clone(),
            store.clone(),
            desk.clone(),
            clock.clone(),
            outbox.clone(),
            auth,
        )
        .await
        .context("cannot open the doors")?;
        erasures::apply(access.customers(), &storage.vault, &store)
            .await
            .context("cannot apply the erasures of the log")?;
        let (tail, stop) = (storage.tail.clone(), shutdown.clone());
        tasks.spawn(access_feed::run(access.clone(), tail, head, clock.clone(), stop));
        tasks.spawn(access_feed::tend(access.clone(), clock.clone(), shutdown.clone()));

        tasks.spawn(
            Scheduler {
                desk: desk.clone(),
                live: live.clone(),
                clock: clock.clone(),
                stop: shutdown.clone(),
            }
            .run(),
        );
        tasks.spawn(
            Reactor {
                desk: desk.clone(),
                store: store.clone(),
                outbox: outbox.clone(),
                give_up: TimeDelta::hours(config.webhooks.give_up_h.into()),
                live: live.clone(),
                tail: storage.tail.clone(),
                vault: storage.vault.clone(),
                customers: access.customers().clone(),
                leadership: storage.leadership.clone(),
                clock: clock.clone(),
                log_id: store.log_id(),
                stop: shutdown.clone(),
            }
            .run(),
        );
        let mut roads = roads(&config, &outgoing)?;
        let caller = Caller::new(&config.webhooks, desk.clone(), storage.vault.clone(), clock.clone())?;
        roads.insert(Channel::Webhook.name(), Arc::new(caller));
        tasks.spawn(
            Sender {
                outbox: outbox.clone(),
                vault: storage.vault.clone(),
                clock: clock.clone(),
                leadership: storage.leadership.clone(),
                roads: Arc::new(roads),
                alone: store.sole_writer(),
                stop: shutdown.clone(),
            }
            .run(),
        );
        if Publisher::is_wanted(&config.amqp) {
            let publisher = Publisher {
                config: config.amqp.clone(),
                tail: storage.tail.clone(),
                live: live.clone(),
                vault: storage.vault.clone(),
                leadership: storage.leadership.clone(),
                clock: clock.clone(),
                log_id: store.log_id(),
                stop: shutdown.clone(),
            };
            tasks.spawn(publisher.run());
        }
        if Listener::is_wanted(&config.amqp) {
            let listener = Listener {
                config: config.amqp.clone(),
                access: access.clone(),
                leadership: storage.leadership.clone(),
                clock: clock.clone(),
                stop: shutdown.clone(),
            };
            tasks.spawn(listener.run());
        }
        tasks.spawn(retention::run(
            access.customers().clone(),
            storage.vault.clone(),
            config.privacy.erase_after_months,
            storage.leadership.clone(),
            clock.clone(),
            shutdown.clone(),
        ));
        tasks.spawn(nightly::run(storage.clone(), config.backup.clone(), clock.clone(), shutdown.clone()));
        let reports = Reports::default();
        tasks.spawn(reports.clone().keep(storage.vault.clone(), clock.clone(), shutdown.clone()));
        let app = App::of(House {
            limits: access.limits().clone(),
            proofs: access.proofs().clone(),
            crowd: Crowd::new(&config.limits),
            tokens: TicketTokens::new(ticket_key(&storage.vault)),
            notes: Notes::new(storage.vault.clone(), clock.clone()),
            outbox,
            board_frames: BoardFrames::default(),
            reports,
            metrics: telemetry::start_metrics(),
            outgoing,
            read: storage.read.clone(),
            vault: storage.vault.clone(),
            tail: storage.tail.clone(),
            executor: tokio::sync::OnceCell::new(),
            demo,
            config,
            clock,
            store,
            desk,
            live,
            freshness,
            access,
            waiting_time,
            shutdown,
        });
        Ok(Self { app, storage, tasks })
    }

    /// Ends background work and closes the store. Requests must have been drained before.
    pub async fn stop(mut self) {
        self.app.shutdown.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("background work did not end in time");
        }
        self.storage.close().await;
    }
}

/// The ways out that the configuration opens.
fn roads(config: &Config, outgoing: &Outgoing) -> anyhow::Result<Roads> {
    let mut roads = Roads::new();
    if let Some(road) = mail::road(&config.mail).context("mail")? {
        roads.insert(Channel::Mail.name(), road);
    }
    if let Some(road) = sms::road(&config.sms, outgoing).context("sms")? {
        roads.insert(Channel::Sms.name(), road);
    }
    Ok(roads)
}

fn auth_config(config: &Config, outgoing: &Outgoing) -> AuthConfig {
    AuthConfig {
        access_life: TimeDelta::seconds(config.auth.access_s.into()),
        idle: TimeDelta::seconds(config.auth.idle_s.into()),
        absolute: TimeDelta::seconds(config.auth.absolute_s.into()),
        secure_cookies: config.http.secure_cookies || config.http.tls.is_on(),
        public_host: config.http.public_https_host(),
        trust_proxy: config.http.trust_proxy,
        region: Region::parse(&config.privacy.region).unwrap_or_default(),
        limits: config.limits.clone(),
        second_factor: config.auth.second_factor,
        key_age: TimeDelta::days(config.auth.key_days.into()),
        outside_tokens: Listener::is_wanted(&config.amqp),
        provider: OidcProvider::of(&config.oidc, outgoing),
    }
}

/// The vault's master key, where the configuration gives one.
///
/// # Errors
/// When it is not a key.
pub fn master_key(config: &Config) -> anyhow::Result<Option<MasterKey>> {
    let key = key_of(config.store.master_key.reveal()).context("store.master_key")?;
    Ok(match (key, next_master_key(config)?) {
        (Some(key), Some(next)) => Some(key.or_next(&next)),
        (key, _) => key,
    })
}

/// The key that is to take its place, where the configuration gives one.
///
/// # Errors
/// When it is not a key.
pub fn next_master_key(config: &Config) -> anyhow::Result<Option<MasterKey>> {
    key_of(config.store.next_master_key.reveal()).context("store.next_master_key")
}

fn key_of(text: &str) -> anyhow::Result<Option<MasterKey>> {
    if text.is_empty() { Ok(None) } else { Ok(Some(MasterKey::from_base64(text)?)) }
}

/// The key under which ticket tokens are signed: follows from the vault's own, the same on every node.
fn ticket_key(vault: &Vault) -> [u8; 32] {
    vault.blind_index("key of ticket tokens", "1").0
}
