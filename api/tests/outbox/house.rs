//! A whole house in memory, with a branch, an administrator and a day to open.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use talon_api::{auth::NewStaff, clock::SystemClock, compose::Talon, config::Config, demo, http};
use talon_core::{
    branch::Branch,
    dispatch::Dispatch,
    fact::Actor,
    ids::{CommandId, OperatorId},
    organisation::Organisation,
    staff::event::{Role, Scope},
    time::Clock,
};
use talon_storage::{Access, Storage, StoreUrl};
use tower::ServiceExt;

use crate::support::{new_id, pause, until};

pub(crate) const EMAIL: &str = "anna@example.org";
const PASSWORD: &str = "long enough for this, by far";

/// Noon of one certain day, from where real time goes on: whatever the machine's clock says, the branch is open.
struct FromNoon(Instant);

#[async_trait]
impl Clock for FromNoon {
    fn now(&self) -> DateTime<Utc> {
        let noon: DateTime<Utc> = "2026-11-20T09:00:00Z".parse().unwrap();
        talon_core::time::to_micros(noon + TimeDelta::from_std(self.0.elapsed()).unwrap())
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        if let Ok(rest) = (until - self.now()).to_std() {
            pause(rest).await;
        }
    }

    fn new_id(&self) -> uuid::Uuid {
        SystemClock.new_id()
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(FromNoon(Instant::now()))
}

/// The demo's catalogue and branch, as an installation gets it before its first start.
pub(crate) async fn furnish(storage: &Storage) -> Dispatch<Organisation> {
    let clock = clock();
    let organisation = Dispatch::<Organisation>::new(storage.events.clone(), clock.clone());
    let branches = Dispatch::<Branch>::new(storage.events.clone(), clock);
    let catalogue = demo::catalogue().unwrap();
    catalogue.apply(storage.events.as_ref(), &organisation, &branches, &Actor::system()).await.unwrap();
    organisation
}

pub(crate) struct House {
    pub(crate) talon: Talon,
    router: Router,
    pub(crate) admin: OperatorId,
    token: String,
}

impl House {
    pub(crate) async fn open(config: Config) -> Self {
        Self::open_after(config, async |_, _| ()).await
    }

    /// The same after something else has happened there.
    pub(crate) async fn open_after(
        config: Config,
        before: impl AsyncFnOnce(&Storage, &Dispatch<Organisation>),
    ) -> Self {
        let storage = Storage::open(&StoreUrl::Memory, Access::Owner, None).await.unwrap();
        let organisation = furnish(&storage).await;
        before(&storage, &organisation).await;
        Self::over(storage, config).await
    }

    /// The first start of a furnished store.
    pub(crate) async fn over(storage: Storage, config: Config) -> Self {
        let talon = Talon::over(storage, config, clock(), None).await.unwrap();
        let new = NewStaff {
            email: EMAIL.into(),
            name: "Анна Иванова".into(),
            password: PASSWORD.to_owned().into(),
            role: Role::Admin,
            scope: Scope::Organisation,
            skills: Vec::new(),
        };
        let access = &talon.app.access;
        let admin = access.add_staff(new, Actor::system(), CommandId(new_id())).await.unwrap();
        Self::entered(talon, admin).await
    }

    /// A later start of the same store.
    pub(crate) async fn again(storage: Storage, config: Config, admin: &OperatorId) -> Self {
        let talon = Talon::over(storage, config, clock(), None).await.unwrap();
        Self::entered(talon, admin.clone()).await
    }

    async fn entered(talon: Talon, admin: OperatorId) -> Self {
        // A new installation's reactor begins at the head of the log: what is told from there on is told for certain.
        let vault = talon.storage.vault.clone();
        until("the reactor", async || vault.checkpoint("reactor").await.unwrap()).await;
        let router = http::router(talon.app.clone());
        let mut house = Self { talon, router, admin, token: String::new() };
        house.sign_in().await;
        house
    }

    /// The administrator signs in (again): an event that others may want to be told of.
    pub(crate) async fn sign_in(&mut self) {
        let here = std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST);
        let signed_in = self.talon.app.access.login(EMAIL, PASSWORD, here).await.unwrap();
        self.token = signed_in.access_token;
    }

    /// A question to GraphQL by the administrator; what is under `data`.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask_as(&self.token, query, variables).await;
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].clone()
    }

    pub(crate) async fn ask_as(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.talon.app.clock.now()
    }

    /// The status that a question under this token is answered with: 401 for a token that is no good.
    pub(crate) async fn status(&self, token: &str) -> u16 {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(r#"{"query":"{ webhooks { id } }"}"#))
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    /// The status of a form without fields that is sent under this token.
    pub(crate) async fn post_as(&self, token: &str, path: &str) -> u16 {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    /// Every event of a kind in the log, as its data.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        let all = self.talon.storage.events.read_all(0, 100_000).await.unwrap();
        let of_kind = all.iter().filter(|it| &*it.kind == kind);
        of_kind.map(|it| serde_json::from_slice(&it.data).unwrap()).collect()
    }
}
