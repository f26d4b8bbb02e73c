//! People at work with a server that may go away: every command has an id, and is repeated with it until answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use talon_api::{clock::SystemClock, graphql};
use talon_core::time::Clock;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    house::{BRANCH, PATIENCE, SERVICE, new_id, pause},
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
    /// Of the log, after it.
    pub(crate) position: Option<String>,
    /// How often it was sent.
    pub(crate) tries: usize,
    /// When it was sent for the last time, and when its answer had come.
    pub(crate) between: [DateTime<Utc>; 2],
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
    done: watch::Sender<usize>,
}

/// The patience of a client whose server may be away: it tries, pauses, tries again. A server that does not answer tells
/// nobody when it will, so this is no condition that could be waited for otherwise.
struct Patience<'a> {
    what: &'a str,
    limit: Duration,
    started: Instant,
    tries: usize,
}

impl<'a> Patience<'a> {
    fn new(what: &'a str, limit: Duration) -> Self {
        Self { what, limit, started: Instant::now(), tries: 1 }
    }

    async fn pause(&mut self) {
        assert!(self.started.elapsed() < self.limit, "{}: no answer within {:?}", self.what, self.limit);
        self.tries += 1;
        pause(BETWEEN_TRIES).await;
    }
}

/// Tries until there is an answer; gives it, and how often it was asked for.
pub(crate) async fn insist<T>(
    what: &str,
    limit: Duration,
    mut attempt: impl AsyncFnMut() -> Option<T>,
) -> (T, usize) {
    let mut patience = Patience::new(what, limit);
    loop {
        if let Some(answer) = attempt().await {
            return (answer, patience.tries);
        }
        patience.pause().await;
    }
}

impl Shift {
    pub(crate) fn at(addresses: Addresses) -> Self {
        Self {
            client: reqwest::Client::builder().timeout(ONE_TRY).build().unwrap(),
            addresses,
            interface: Arc::new(Interface::of(&graphql::sdl())),
            turn: Arc::default(),
            done: watch::channel(0).0,
        }
    }

    /// How many commands were answered so far.
    pub(crate) fn answered(&self) -> usize {
        *self.done.borrow()
    }

    /// Waits until so many commands were answered.
    pub(crate) async fn reaches(&self, count: usize, limit: Duration) {
        let mut done = self.done.subscribe();
        let reached = tokio::time::timeout(limit, done.wait_for(|done| *done >= count)).await;
        assert!(reached.is_ok(), "the work stands still at {} of {count} commands", self.answered());
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
        let (token, _) = insist("signing in", TENACITY, async || {
            let url = format!("{}/auth/login", self.address()?);
            let answer: Value = self.client.post(url).json(&form).send().await.ok()?.json().await.ok()?;
            answer["accessToken"].as_str().map(str::to_owned)
        })
        .await;
        Worker { shift: self.clone(), token, answered: Vec::new() }
    }

    /// What signing in at one server comes to: the status, and the code of its problem.
    pub(crate) async fn signs_in(&self, address: &str, email: &str, password: &str) -> (u16, Option<String>) {
        let form = json!({ "email": email, "password": password });
        let sent = self.client.post(format!("{address}/auth/login")).json(&form).send().await.unwrap();
        let status = sent.status().as_u16();
        let said: Value = sent.json().await.unwrap();
        (status, said["code"].as_str().map(str::to_owned))
    }

    /// The status a server gives to a plain question.
    pub(crate) async fn status(&self, url: String) -> u16 {
        self.client.get(url).send().await.unwrap().status().as_u16()
    }

    /// A board for which something holds, followed by long polls as an old screen does: each is answered by a change.
    pub(crate) async fn board(&self, address: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let followed = async {
            let mut after = String::new();
            loop {
                let url = format!("{}?wait=20{after}", board_of(address));
                let shown = self.client.get(url).send().await.unwrap();
                if shown.status() == StatusCode::NO_CONTENT {
                    continue;
                }
                let board: Value = shown.json().await.unwrap();
                if holds(&board) {
                    return board;
                }
                after = format!("&after={}", board["position"].as_str().unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, followed).await.unwrap_or_else(|_| panic!("{what}: not on the board"))
    }

    /// The board once it holds everything up to a position of its branch.
    pub(crate) async fn board_at(&self, address: &str, position: &str) -> Value {
        let wanted = number_of(position);
        self.board(address, position, |board| {
            board["position"].as_str().is_some_and(|it| number_of(it) >= wanted)
        })
        .await
    }

    /// The one who opens the day and gives out tickets.
    pub(crate) async fn administrator(&self) -> Worker {
        self.sign_in("admin@demo.talon", "demo-administrator").await
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
    /// A mutation as it is sent: sent again, it is the same press.
    pub(crate) fn body(&self, mutation: &str, command: Uuid, mut input: Value) -> Value {
        input["commandId"] = json!(command);
        let (query, variables) = self.shift.interface.press(mutation, input);
        json!({ "query": query, "variables": variables })
    }

    /// A command of this person, repeated with its id until there is an answer.
    pub(crate) async fn press(&mut self, mutation: &'static str, input: Value) -> Answered {
        let command = new_id();
        let body = self.body(mutation, command, input);
        let mut patience = Patience::new(mutation, TENACITY);
        let mut asked_at = SystemClock.now();
        let data = loop {
            let answer = match self.shift.address() {
                Some(address) => self.once(&format!("{address}/graphql"), &body).await,
                None => None,
            };
            match answer {
                Some(answer) => break answer,
                None => patience.pause().await,
            }
            asked_at = SystemClock.now();
        };
        let payload = &data["data"][mutation];
        let ticket = &payload["ticket"];
        let answered = Answered {
            command,
            mutation,
            code: payload["refusal"]["code"].as_str().map(str::to_owned),
            ticket: ticket["id"].as_str().and_then(|it| it.parse().ok()),
            number: ticket["number"].as_str().map(str::to_owned),
            position: payload["position"].as_str().map(str::to_owned),
            tries: patience.tries,
            between: [asked_at, SystemClock.now()],
        };
        self.shift.done.send_modify(|done| *done += 1);
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

    /// What one server says to one question or press, whatever it is.
    pub(crate) async fn hears(&self, address: &str, body: &Value) -> Value {
        let url = format!("{address}/graphql");
        let sent = self.shift.client.post(url).bearer_auth(&self.token).json(body).send().await;
        sent.unwrap().json().await.unwrap()
    }

    /// The id by which facts name this person.
    pub(crate) async fn id_at(&self, address: &str) -> String {
        let said = self.hears(address, &json!({ "query": "{ me { id } }" })).await;
        said["data"]["me"]["id"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    /// One touch of a kiosk: the status, the kind of the answer, and the answer.
    pub(crate) async fn touches(&self, address: &str, key: Uuid) -> (u16, String, Value) {
        let sent = self
            .shift
            .client
            .post(format!("{address}/api/v1/branches/{BRANCH}/tickets"))
            .bearer_auth(&self.token)
            .header("idempotency-key", key.to_string())
            .json(&json!({ "services": [SERVICE] }))
            .send()
            .await
            .unwrap();
        let kind = sent.headers()["content-type"].to_str().unwrap().to_owned();
        (sent.status().as_u16(), kind, sent.json().await.unwrap())
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

/// The number in a position of one log; on the wire it is opaque, but these tests know their server.
pub(crate) fn number_of(position: &str) -> u64 {
    position.split_once('.').unwrap().1.parse().unwrap()
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
