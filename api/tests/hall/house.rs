//! A house with the demo's catalogue, and somebody of every kind who may come to its doors.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use talon_api::{
    auth::{Access, NewDevice, NewStaff},
    clock::SystemClock,
    compose::Talon,
    config::{Config, ProofMode},
    demo, http,
};
use talon_core::{
    branch::Branch,
    device::event::DeviceKind,
    dispatch::Dispatch,
    fact::Actor,
    ids::{BranchId, CommandId},
    organisation::Organisation,
    staff::event::{Role, Scope},
    time::{Clock, ManualClock},
};
use talon_storage::{Access as StoreAccess, Storage, StoreUrl};
use tokio::net::TcpListener;
use tower::ServiceExt;
use uuid::Uuid;

use crate::schema::Interface;

pub(crate) const BRANCH: &str = demo::BRANCH;
pub(crate) const SERVICE: &str = "letter-send";
/// Longer than anything here takes, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PASSWORD: &str = "long enough for this";
const LARGEST_ANSWER: usize = 16 << 20;

/// Noon of one certain day, from where real time goes on: whatever the machine's clock says, the branch is open.
#[derive(Debug, Clone)]
pub(crate) struct FromNoon {
    started: Instant,
    ids: ManualClock,
}

impl FromNoon {
    fn new() -> Self {
        Self::at("2026-11-20T09:00:00Z")
    }

    /// The same from another instant.
    pub(crate) fn at(instant: &str) -> Self {
        Self { started: Instant::now(), ids: ManualClock::at(instant.parse().unwrap()) }
    }

    /// Skips time that is of no interest.
    pub(crate) fn skip(&self, seconds: i64) {
        self.ids.advance(TimeDelta::seconds(seconds));
    }
}

#[async_trait]
impl Clock for FromNoon {
    fn now(&self) -> DateTime<Utc> {
        talon_core::time::to_micros(self.ids.now() + TimeDelta::from_std(self.started.elapsed()).unwrap())
    }

    async fn sleep_until(&self, until: DateTime<Utc>) {
        if let Ok(rest) = (until - self.now()).to_std() {
            pause(rest).await;
        }
    }

    fn new_id(&self) -> Uuid {
        self.ids.new_id()
    }
}

/// A house that lets everybody ask as often as they like: what is asked here in a second no person could. `doors` has
/// tests of the limits.
pub(crate) fn unhurried() -> Config {
    let mut config = Config::default();
    let limits = &mut config.limits;
    (limits.account_per_s, limits.address_per_s, limits.device_per_s) = (0, 0, 0);
    (limits.sign_ins_per_min, limits.codes_per_address_per_hour) = (0, 0);
    limits.proof = ProofMode::Never;
    config
}

/// Lets time pass: for clocks, and between two tries of a client whose server does not answer.
#[expect(clippy::disallowed_methods, reason = "the one place of these tests that waits")]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// An id for a press, different each time.
pub(crate) fn new_id() -> Uuid {
    SystemClock.new_id()
}

/// Whoever comes to the door.
#[derive(Debug, Clone)]
pub(crate) enum Pass {
    Nobody,
    Bearer(String),
    Device { cookie: String, id: String },
}

impl Pass {
    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            Self::Bearer(token) => Some(token),
            Self::Nobody | Self::Device { .. } => None,
        }
    }

    pub(crate) fn header(&self) -> Option<(header::HeaderName, String)> {
        match self {
            Self::Nobody => None,
            Self::Bearer(token) => Some((header::AUTHORIZATION, format!("Bearer {token}"))),
            Self::Device { cookie, .. } => Some((header::COOKIE, format!("talon_device={cookie}"))),
        }
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    /// The stable code of a problem, a GraphQL error or a refusal.
    pub(crate) fn code(&self) -> Option<String> {
        let body: Value = serde_json::from_str(&self.text).ok()?;
        let refused =
            body["data"].as_object().and_then(|data| data.values().next()).map(|it| &it["refusal"]["code"]);
        [Some(&body["code"]), Some(&body["errors"][0]["extensions"]["code"]), refused]
            .into_iter()
            .flatten()
            .find_map(|it| it.as_str().map(str::to_owned))
    }
}

/// A running house, asked without a socket.
pub(crate) struct House {
    pub(crate) talon: Talon,
    pub(crate) router: Router,
    pub(crate) interface: Interface,
    clock: Arc<dyn Clock>,
}

impl House {
    /// In memory, at noon, with an open day.
    pub(crate) async fn open() -> Self {
        let storage = Storage::open(&StoreUrl::Memory, StoreAccess::Owner, None).await.unwrap();
        Self::over(storage, Arc::new(FromNoon::new())).await
    }

    /// The same with another configuration.
    pub(crate) async fn with(config: Config) -> Self {
        let storage = Storage::open(&StoreUrl::Memory, StoreAccess::Owner, None).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(FromNoon::new());
        furnish(&storage, &clock).await;
        Self::configured(storage, clock, config).await
    }

    pub(crate) async fn over(storage: Storage, clock: Arc<dyn Clock>) -> Self {
        furnish(&storage, &clock).await;
        Self::beside(storage, clock).await
    }

    /// Over a store that is furnished already: another node, or the same house after a restart.
    pub(crate) async fn beside(storage: Storage, clock: Arc<dyn Clock>) -> Self {
        Self::configured(storage, clock, unhurried()).await
    }

    pub(crate) async fn configured(storage: Storage, clock: Arc<dyn Clock>, config: Config) -> Self {
        let talon = Talon::over(storage, config, clock.clone(), None).await.unwrap();
        let router = http::router(talon.app.clone());
        let interface = Interface::of(&talon_api::graphql::sdl());
        Self { talon, router, interface, clock }
    }

    fn access(&self) -> &Access {
        &self.talon.app.access
    }

    /// Somebody of the staff, signed in. `branch` is where they work; nothing is everywhere.
    pub(crate) async fn staff(&self, role: Role, branch: Option<&str>) -> Pass {
        self.sign_in(&self.hire(role, branch).await).await
    }

    /// Somebody of the staff: the e-mail they sign in with.
    pub(crate) async fn hire(&self, role: Role, branch: Option<&str>) -> String {
        let scope = match branch {
            Some(branch) => Scope::Branches { branches: vec![BranchId::trusted(branch)] },
            None => Scope::Organisation,
        };
        self.hire_in(role, scope).await
    }

    pub(crate) async fn hire_in(&self, role: Role, scope: Scope) -> String {
        let email = format!("{}@example.org", self.clock.new_id().simple());
        let skills = demo::catalogue().unwrap().services().map(|it| it.id).collect();
        let new = NewStaff {
            email: email.clone(),
            name: "Анна Иванова".into(),
            password: PASSWORD.to_owned().into(),
            role,
            scope,
            skills,
        };
        self.access().add_staff(new, Actor::system(), CommandId(self.clock.new_id())).await.unwrap();
        email
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Pass {
        let here = std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST);
        Pass::Bearer(self.access().login(email, PASSWORD, here).await.unwrap().access_token)
    }

    /// Who this is, as a pseudonym.
    pub(crate) async fn id_of(&self, pass: &Pass) -> String {
        let me = self.graphql(pass, "{ me { id } }", json!({})).await.json();
        me["data"]["me"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn operator(&self) -> Pass {
        self.staff(Role::Operator, Some(BRANCH)).await
    }

    pub(crate) async fn device(&self, kind: DeviceKind) -> Pass {
        let new =
            NewDevice { branch: BranchId::trusted(BRANCH), kind, name: "a device".into(), window: None };
        let paired = self.access().pair_directly(new, &Actor::system()).await.unwrap();
        Pass::Device { cookie: paired.cookie, id: paired.device.id.to_string() }
    }

    /// Looks whenever a fact has reached the halls, until something is there.
    pub(crate) async fn sees<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let mut reached = self.talon.app.live.reached();
        loop {
            reached.borrow_and_update();
            if let Some(found) = look().await {
                return found;
            }
            let news = tokio::time::timeout(PATIENCE, reached.changed()).await;
            news.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}")).unwrap();
        }
    }

    /// Sends a request and leaves its body to the caller: lines that stay open never end by themselves.
    pub(crate) async fn begin(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.begin(request).await.into_parts();
        let bytes = tokio::time::timeout(PATIENCE, to_bytes(body, LARGEST_ANSWER)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: head.status, headers: head.headers, text }
    }

    pub(crate) async fn get(&self, pass: &Pass, path: &str) -> Answer {
        self.send(request("GET", path, pass, &[], Body::empty())).await
    }

    pub(crate) async fn post(
        &self,
        pass: &Pass,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.send(request("POST", path, pass, headers, body)).await
    }

    pub(crate) async fn graphql(&self, pass: &Pass, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.post(pass, "/graphql", &[], body).await
    }

    /// A mutation with this input, to the branch and with a command id of its own unless the input names them.
    pub(crate) async fn press(&self, pass: &Pass, mutation: &str, input: Value) -> Answer {
        let (query, variables) = self.interface.press(mutation, input);
        self.graphql(pass, &query, variables).await
    }

    /// The same, for a step that must succeed: what the mutation answered.
    pub(crate) async fn done(&self, pass: &Pass, mutation: &str, input: Value) -> Value {
        let answer = self.press(pass, mutation, input).await;
        assert_eq!(answer.code(), None, "{mutation}: {}", answer.text);
        answer.json()["data"][mutation].clone()
    }

    /// An open day, and `pass` at a window.
    pub(crate) async fn at_window(&self, pass: &Pass, window: &str) {
        let opened = self.press(pass, "openBusinessDay", json!({})).await;
        assert!(opened.code().is_none_or(|code| code == "DAY_ALREADY_OPEN"), "{}", opened.text);
        self.done(pass, "openWindow", json!({ "window": window })).await;
    }

    /// A ticket taken by `pass`, as a kiosk shows it.
    pub(crate) async fn ticket(&self, pass: &Pass) -> Value {
        let answer = self.take(pass, new_id(), &json!({ "services": [SERVICE] })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn take(&self, pass: &Pass, key: Uuid, body: &Value) -> Answer {
        let path = format!("/api/v1/branches/{BRANCH}/tickets");
        self.post(pass, &path, &[("idempotency-key", &key.to_string())], body.to_string()).await
    }

    /// How long the log is.
    pub(crate) async fn log_length(&self) -> u64 {
        crate::record::positions(&self.talon.storage.events).await
    }

    /// A socket to the same house, for those who need one.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = self.talon.app.shutdown.clone();
        let routes = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move {
            axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await.unwrap();
        });
        address
    }
}

/// The demo's catalogue, as an installation gets it before its first start.
pub(crate) async fn furnish(storage: &Storage, clock: &Arc<dyn Clock>) {
    let store = &storage.events;
    let organisation = Dispatch::<Organisation>::new(store.clone(), clock.clone());
    let branches = Dispatch::<Branch>::new(store.clone(), clock.clone());
    let catalogue = demo::catalogue().unwrap();
    catalogue.apply(store.as_ref(), &organisation, &branches, &Actor::system()).await.unwrap();
}

pub(crate) fn request(
    method: &str,
    path: &str,
    pass: &Pass,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut all: BTreeMap<String, String> =
        BTreeMap::from([("content-type".into(), "application/json".into())]);
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in all {
        request = request.header(name, value);
    }
    if let Some((name, value)) = pass.header() {
        request = request.header(name, value);
    }
    request.body(body.into()).unwrap()
}
