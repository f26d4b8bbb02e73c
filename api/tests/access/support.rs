//! A house with a vault, a log and a clock that moves only when told.

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use talon_api::{
    auth::{Access, AuthConfig, Grant, NewStaff, Order, Principal, Reach, Role as Doer, SignedIn},
    config::{Config, Secret},
    outbox::Outbox,
};
use talon_core::{
    desk::Desk,
    event_store::StreamId,
    fact::{Actor, Fact},
    ids::{BranchId, CommandId, OperatorId},
    organisation::{self, command::Action},
    staff::event::{Role, Scope},
    time::{Clock, ManualClock},
    waiting_time::Formula,
};
use talon_storage::{Storage, StoreUrl};

pub(crate) const PASSWORD: &str = "a long enough password";
pub(crate) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

/// A clock moved by hand on which nobody waits in vain: losers of a race try again at once.
#[derive(Clone)]
struct Impatient(ManualClock);

#[async_trait::async_trait]
impl Clock for Impatient {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    async fn sleep_until(&self, _: DateTime<Utc>) {
        tokio::task::yield_now().await;
    }

    fn new_id(&self) -> uuid::Uuid {
        self.0.new_id()
    }
}

pub(crate) struct House {
    pub(crate) storage: Storage,
    pub(crate) clock: ManualClock,
    pub(crate) access: Access,
    pub(crate) desk: Arc<Desk>,
    config: AuthConfig,
    messages: Config,
}

/// A house that writes letters and short messages down, and sends none.
pub(crate) async fn house_with_messages() -> House {
    let mut messages = Config::default();
    messages.mail.server = "mail.invalid:25".into();
    messages.sms.url = Secret::new("http://sms.invalid/");
    furnished(AuthConfig::default(), messages, ManualClock::at(nine_oclock())).await
}

/// A house whose clock stands where the world's does: for what others have signed.
pub(crate) async fn house_of_today(config: AuthConfig) -> House {
    let now = talon_api::clock::SystemClock.now();
    furnished(config, Config::default(), ManualClock::at(now)).await
}

pub(crate) async fn house() -> House {
    house_with(AuthConfig::default()).await
}

pub(crate) async fn house_with(config: AuthConfig) -> House {
    furnished(config, Config::default(), ManualClock::at(nine_oclock())).await
}

async fn furnished(config: AuthConfig, messages: Config, clock: ManualClock) -> House {
    let storage =
        Storage::open(&StoreUrl::Memory, talon_storage::Access::Owner, None).await.expect("a store");
    let impatient: Arc<dyn Clock> = Arc::new(Impatient(clock.clone()));
    let desk = Arc::new(Desk::new(&storage.events, &impatient, Arc::new(Formula)));
    let access = open(&storage, &clock, &desk, &config, &messages).await;
    House { storage, clock, access, desk, config, messages }
}

pub(crate) fn nine_oclock() -> DateTime<Utc> {
    "2026-11-20T09:00:00Z".parse().expect("an instant")
}

async fn open(
    storage: &Storage,
    clock: &ManualClock,
    desk: &Arc<Desk>,
    config: &AuthConfig,
    messages: &Config,
) -> Access {
    let clock: Arc<dyn Clock> = Arc::new(Impatient(clock.clone()));
    let outbox = Outbox::new(storage.vault.clone(), clock.clone(), messages);
    let (vault, store) = (storage.vault.clone(), storage.events.clone());
    Access::open(vault, store, desk.clone(), clock, outbox, config.clone()).await.expect("access")
}

impl House {
    /// The same installation on another node, or after a restart.
    pub(crate) async fn another_node(&self) -> Access {
        open(&self.storage, &self.clock, &self.desk, &self.config, &self.messages).await
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub(crate) fn press(&self) -> CommandId {
        CommandId(self.clock.new_id())
    }

    pub(crate) async fn employ(&self, email: &str, role: Role, scope: Scope) -> OperatorId {
        let new = NewStaff {
            email: email.into(),
            name: "Анна Иванова".into(),
            password: PASSWORD.to_owned().into(),
            role,
            scope,
            skills: Vec::new(),
        };
        self.access.add_staff(new, Actor::system(), self.press()).await.expect("a colleague")
    }

    pub(crate) async fn anna(&self) -> OperatorId {
        self.employ("anna@example.org", Role::Operator, at("centre")).await
    }

    pub(crate) async fn sign_in_anna(&self) -> SignedIn {
        self.access.login("anna@example.org", PASSWORD, HERE).await.expect("signed in")
    }

    /// The chief administrator.
    pub(crate) fn boss(&self) -> Principal {
        let (id, until) = (OperatorId::trusted("s-boss"), self.clock.now() + TimeDelta::days(365));
        Principal::staff(id, "boss".into(), until, [Grant::of(Doer::Admin, Reach::Everywhere)].into())
    }

    pub(crate) fn order<'a>(&self, by: &'a Principal) -> Order<'a> {
        Order { by, command: self.press(), sent: b"an order".to_vec() }
    }

    pub(crate) async fn dismiss(&self, id: &OperatorId) {
        let boss = self.boss();
        self.access.let_go(&self.order(&boss), id, "a reason").await.expect("dismissed");
    }

    pub(crate) async fn register(&self, branch: &str) {
        let action =
            Action::RegisterBranch { branch: BranchId::trusted(branch), region: None, imported: false };
        let envelope = talon_core::dispatch::Envelope::new(self.press(), Actor::system(), branch.as_bytes());
        self.desk
            .organisation
            .send(&organisation::stream(), envelope, action, |_, _| ())
            .await
            .expect("a branch");
        for fact in self.facts("organisation").await {
            self.access.take_in(&fact).await.expect("taken in");
        }
    }

    pub(crate) async fn facts(&self, stream: &str) -> Vec<Fact> {
        let raw = self.storage.events.read_stream(&StreamId::new(stream), 0, 1_000).await.expect("facts");
        raw.iter().map(|raw| Fact::decode(raw).expect("a fact")).collect()
    }

    pub(crate) async fn kinds(&self, stream: &str) -> Vec<String> {
        let raw = self.storage.events.read_stream(&StreamId::new(stream), 0, 1_000).await.expect("facts");
        raw.iter().map(|raw| raw.kind.to_string()).collect()
    }
}

pub(crate) fn at(branch: &str) -> Scope {
    Scope::Branches { branches: vec![BranchId::trusted(branch)] }
}
