//! People at work with a server that may go away: every command has an id, and is repeated with it until answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use talon_api::graphql;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    house::{BRANCH, SERVICE, new_id, pause, until},
    schema::Interface,
};

/// Longer than the server gives itself for one request.
const ONE_TRY: Duration = Duration::from_secs(20);
/// How long somebody goes on repeating one command.
const TENACITY: Duration = Duration::from_secs(120);

const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A command and what was answered to it at last.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) command: Uuid,
    pub(crate) mutation: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) ticket: Option<Uuid>,
    pub(crate) number: Option<String>,
    /// How often it was sent.
    pub(crate) tries: usize,
}

/// Where servers are just now: they move when they are started again, and none may be there.
pub(crate) type Addresses = watch::Receiver<Vec<String>>;

/// What all workers share.
#[derive(Clone)]
pub(crate) struct Shift {
    client: reqwest::Client,
    addresses: Addresses,
    interface: Arc<Interface>,
    turn: Arc<AtomicUsize>,
    /// Commands answered so far.
    pub(crate) done: Arc<AtomicUsize>,
}

impl Shift {
    pub(crate) fn at(addresses: Addresses) -> Self {
        Self {
            client: reqwest::Client::builder().timeout(ONE_TRY).build().unwrap(),
            addresses,
            interface: Arc::new(Interface::of(&graphql::sdl())),
            turn: Arc::default(),
            done: Arc::default(),
        }
    }

    /// The next server's address, in turn.
    fn address(&self) -> Option<String> {
        let all = self.addresses.borrow().clone();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        all.get(turn % all.len().max(1)).cloned()
    }

    pub(crate) async fn get(&self, url: String) -> Option<Value> {
        self.client.get(url).send().await.ok()?.json().await.ok()
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Worker {
        let form = json!({ "email": email, "password": password });
        let token = until("signing in", TENACITY, async || {
            let url = format!("{}/auth/login", self.address()?);
            let answer: Value = self.client.post(url).json(&form).send().await.ok()?.json().await.ok()?;
            answer["accessToken"].as_str().map(str::to_owned)
        });
        Worker { shift: self.clone(), token: token.await, answered: Vec::new() }
    }

    /// The one who opens the day and gives out tickets.
    pub(crate) async fn administrator(&self) -> Worker {
        self.sign_in("admin@demo.talon", "demo-admin").await
    }

    /// An operator with this number, at their window.
    pub(crate) async fn operator(&self, number: u32) -> Worker {
        let mut operator = self.sign_in(&format!("op{number}@demo.talon"), "demo-operator").await;
        operator.press("openWindow", json!({ "window": format!("w{number}") })).await;
        operator
    }
}

/// One person with a token.
pub(crate) struct Worker {
    pub(crate) shift: Shift,
    token: String,
    pub(crate) answered: Vec<Answered>,
}

impl Worker {
    /// A command of this person, repeated with its id until there is an answer.
    pub(crate) async fn press(&mut self, mutation: &'static str, mut input: Value) -> Answered {
        let command = new_id();
        input["commandId"] = json!(command);
        let (query, variables) = self.shift.interface.press(mutation, input);
        let body = json!({ "query": query, "variables": variables });
        let (started, mut tries) = (Instant::now(), 0);
        let data = loop {
            tries += 1;
            let answer = match self.shift.address() {
                Some(address) => self.once(&format!("{address}/graphql"), &body).await,
                None => None,
            };
            match answer {
                Some(answer) => break answer,
                None => pause(BETWEEN_TRIES).await,
            }
            assert!(started.elapsed() < TENACITY, "{mutation} was never answered");
        };
        let payload = &data["data"][mutation];
        let ticket = &payload["ticket"];
        let answered = Answered {
            command,
            mutation,
            code: payload["refusal"]["code"].as_str().map(str::to_owned),
            ticket: ticket["id"].as_str().and_then(|it| it.parse().ok()),
            number: ticket["number"].as_str().map(str::to_owned),
            tries,
        };
        self.shift.done.fetch_add(1, Ordering::Relaxed);
        self.answered.push(answered.clone());
        answered
    }

    /// An answer; nothing when there was none, or one that leaves open what became of the command.
    pub(crate) async fn once(&self, url: &str, body: &Value) -> Option<Value> {
        let sent = self.shift.client.post(url).bearer_auth(&self.token).json(body).send().await;
        let answer: Value = sent.ok()?.json().await.ok()?;
        let code = answer["errors"][0]["extensions"]["code"].as_str().or(answer["code"].as_str());
        match code {
            Some("UNAVAILABLE" | "TIMED_OUT") => None,
            Some(code) => panic!("{code}: {answer}"),
            None => Some(answer),
        }
    }

    pub(crate) async fn ask(&self, address: &str, query: &str) -> Option<Value> {
        self.once(&format!("{address}/graphql"), &json!({ "query": query })).await
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn open_day(&mut self) {
        self.press("openBusinessDay", json!({})).await;
    }

    /// Gives out tickets while there is somebody who wants one.
    pub(crate) async fn give_tickets(mut self, wanted: impl Fn() -> bool) -> Vec<Answered> {
        while wanted() {
            self.press("issueTicket", json!({ "services": [SERVICE] })).await;
        }
        self.answered
    }

    /// Calls and serves while there is reason to.
    pub(crate) async fn serve(mut self, window: &str, wanted: impl Fn() -> bool) -> Vec<Answered> {
        while wanted() {
            self.serve_one(window).await;
        }
        self.answered
    }

    /// Calls whoever is next, if anybody is, and serves them; whether there was somebody.
    pub(crate) async fn serve_one(&mut self, window: &str) -> bool {
        let called = self.press("callNext", json!({ "window": window })).await;
        let Some(ticket) = called.ticket.filter(|_| called.code.is_none()) else {
            pause(Duration::from_millis(10)).await;
            return false;
        };
        for step in ["startService", "completeService"] {
            // A ticket at a window is nobody else's: only losing a race too often is an excuse.
            while let Some(code) = self.press(step, json!({ "ticketId": ticket })).await.code {
                assert_eq!(code, "CONTENDED", "{step}");
            }
        }
        true
    }
}

/// What a board shows of the queue, without what depends on the time it was asked.
pub(crate) fn essence(board: &Value) -> Value {
    let services = board["services"].as_array().cloned().unwrap_or_default();
    let waiting: Vec<_> = services.iter().map(|it| json!([it["code"], it["waiting"]])).collect();
    json!([board["position"], board["state"], board["waiting"], board["rows"], board["calls"], waiting])
}

pub(crate) fn board_of(address: &str) -> String {
    format!("{address}/api/v1/branches/{BRANCH}/board")
}

/// A count from the environment, for longer runs by hand.
#[expect(clippy::disallowed_methods, reason = "the one place where these tests learn how long to go on")]
pub(crate) fn count(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}
