//! The door over HTTP: a kiosk's cookie, one session for each operator, and patience with the server.
//!
//! A command keeps its id until it is answered, however often it is sent; so an outage neither loses nor doubles a step.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use talon_core::{
    ids::{BranchId, CommandId, ServiceId, TicketId, WindowId},
    time::Clock,
};
use tokio_util::sync::CancellationToken;

use super::queries::{LOOK, Mutation};
use crate::demo::{
    SignIn,
    door::{Button, Door, Standing, TicketSeen, Trouble, WindowSeen},
    people::Person,
};

/// An answer that takes longer is no answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first and the longest wait before a command is sent again, milliseconds.
const FIRST_WAIT_MS: i64 = 250;
const LONGEST_WAIT_MS: i64 = 5_000;
/// Later than this, moments to come are moved instead of hurried after, milliseconds.
const LATE_MS: i64 = 2_000;
/// Codes of refusals that pass by themselves: the same command is sent again.
const PASSING: [&str; 2] = ["CONTENDED", "UNAVAILABLE"];

pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    branch: BranchId,
    kiosk_cookie: String,
    workers: Vec<SignIn>,
    sessions: Mutex<Vec<Option<Session>>>,
    clock: Arc<dyn Clock>,
    began: Mutex<DateTime<Utc>>,
    stop: CancellationToken,
}

#[derive(Clone)]
struct Session {
    bearer: String,
    /// The refresh cookie, as `name=value`.
    refresh: Option<String>,
    /// Who the server says this is.
    me: String,
}

/// What became of one attempt.
enum Attempt {
    Answered(Value),
    Refused(String),
    /// The access token is over.
    SignedOut,
    /// Not answered, or asked to come again: after so long, if the server said.
    Again(Option<Duration>),
}

impl Client {
    pub(super) fn new(
        base_url: &str,
        branch: BranchId,
        workers: Vec<SignIn>,
        kiosk_cookie: &str,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        let sessions = Mutex::new(vec![None; workers.len()]);
        let began = Mutex::new(clock.now());
        let (base, kiosk_cookie) = (base_url.trim_end_matches('/').to_owned(), kiosk_cookie.to_owned());
        Ok(Self { http, base, branch, kiosk_cookie, workers, sessions, clock, began, stop })
    }

    /// Sends until there is an answer: waits out outages, signs in again when a session is over.
    async fn until_answered(
        &self,
        worker: Option<usize>,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Send + Sync,
    ) -> Result<Value, Trouble> {
        let mut wait = FIRST_WAIT_MS;
        let mut expired = None;
        loop {
            let session = match worker {
                Some(worker) => Some(self.session(worker, expired.take()).await?),
                None => None,
            };
            let mut asked = request(&self.http);
            if let Some(session) = &session {
                asked = asked.bearer_auth(&session.bearer);
            }
            match self.once(asked).await? {
                Attempt::Answered(value) => return Ok(value),
                Attempt::Refused(code) => return Err(Trouble::Refused(code)),
                Attempt::SignedOut => match session {
                    Some(session) => {
                        expired = Some(session);
                        self.pause(FIRST_WAIT_MS).await?;
                    }
                    None => return Err(Trouble::Refused("DEVICE_UNKNOWN".into())),
                },
                Attempt::Again(told) => {
                    let told = told.and_then(|it| i64::try_from(it.as_millis()).ok());
                    self.pause(told.unwrap_or(wait)).await?;
                    wait = (wait * 2).min(LONGEST_WAIT_MS);
                }
            }
        }
    }

    async fn once(&self, request: RequestBuilder) -> Result<Attempt, Trouble> {
        let answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Trouble::Stopped),
            answer = request.send() => answer,
        };
        match answer {
            Ok(response) => Ok(read(response).await),
            Err(error) => {
                tracing::debug!(%error, "the demo's server did not answer");
                Ok(Attempt::Again(None))
            }
        }
    }

    /// The session of a worker: the one at hand, else refreshed, else signed in anew.
    async fn session(&self, worker: usize, expired: Option<Session>) -> Result<Session, Trouble> {
        if expired.is_none()
            && let Some(session) = self.sessions()[worker].clone()
        {
            return Ok(session);
        }
        let mut refresh = expired.and_then(|it| it.refresh);
        let mut wait = FIRST_WAIT_MS;
        loop {
            let request = match &refresh {
                Some(cookie) => self.post("/auth/refresh").header(header::COOKIE, cookie),
                None => {
                    let person = &self.workers[worker];
                    self.post("/auth/login")
                        .json(&json!({ "email": person.email, "password": person.password }))
                }
            };
            let answer = tokio::select! {
            biased;
                () = self.stop.cancelled() => return Err(Trouble::Stopped),
                answer = request.send() => answer,
            };
            let mut told = None;
            match answer {
                Ok(response) if response.status().is_success() => {
                    let cookie = refresh_cookie(&response);
                    let body: Value = response.json().await.unwrap_or_default();
                    if let (Some(bearer), Some(me)) =
                        (body["accessToken"].as_str(), body["me"]["id"].as_str())
                    {
                        let session = Session { bearer: bearer.into(), refresh: cookie, me: me.into() };
                        self.sessions()[worker] = Some(session.clone());
                        return Ok(session);
                    }
                }
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED && refresh.is_some() => {
                    refresh = None;
                    continue;
                }
                Ok(response) => {
                    told = retry_after(&response);
                    tracing::debug!(status = %response.status(), "a simulated operator cannot sign in yet");
                }
                Err(error) => tracing::debug!(%error, "a simulated operator cannot sign in yet"),
            }
            let told = told.and_then(|it| i64::try_from(it.as_millis()).ok());
            self.pause(told.unwrap_or(wait)).await?;
            wait = (wait * 2).min(LONGEST_WAIT_MS);
        }
    }

    async fn graphql(&self, worker: usize, body: &Value) -> Result<Value, Trouble> {
        self.until_answered(Some(worker), |_| self.post("/graphql").json(body)).await
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base)).header(header::ORIGIN, &self.base)
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Vec<Option<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pause(&self, millis: i64) -> Result<(), Trouble> {
        self.sleep_until(self.clock.now() + TimeDelta::milliseconds(millis)).await
    }

    async fn sleep_until(&self, until: DateTime<Utc>) -> Result<(), Trouble> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Trouble::Stopped),
            () = self.clock.sleep_until(until) => Ok(()),
        }
    }

    fn command_id(&self) -> CommandId {
        CommandId(self.clock.new_id())
    }
}

#[async_trait]
impl Door for Client {
    async fn wait_until(&self, moment: i64) -> Result<(), Trouble> {
        let until = {
            let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
            let planned = *began + TimeDelta::milliseconds(moment);
            let late = self.clock.now() - planned;
            if late > TimeDelta::milliseconds(LATE_MS) {
                *began += late;
            }
            *began + TimeDelta::milliseconds(moment)
        };
        self.sleep_until(until).await
    }

    async fn take_ticket(&self, person: &Person) -> Result<TicketSeen, Trouble> {
        let id = self.command_id().to_string();
        let path = format!("/api/v1/branches/{}/tickets", self.branch);
        let cookie = format!("talon_device={}", self.kiosk_cookie);
        let body = json!({
            "services": person.services,
            "class": person.class,
            "reasonCode": person.class_reason,
            "language": person.language,
            "partySize": 1,
        });
        let issued = self
            .until_answered(None, |_| {
                self.post(&path).header("Idempotency-Key", &id).header(header::COOKIE, &cookie).json(&body)
            })
            .await?;
        let id = ticket_id(&issued["ticketId"]).ok_or_else(|| Trouble::Refused("NO_TICKET".into()))?;
        let state = issued["state"].as_str().map_or(Standing::Waiting, Standing::of);
        Ok(TicketSeen { id, state, service: person.services.first().cloned() })
    }

    async fn press(&self, operator: usize, button: &Button) -> Result<Option<TicketSeen>, Trouble> {
        let mutation = Mutation::of(button, &self.branch, self.command_id());
        let mut wait = FIRST_WAIT_MS;
        loop {
            let data = self.graphql(operator, &mutation.body).await?;
            let payload = &data[mutation.field];
            match payload["refusal"]["code"].as_str() {
                Some(code) if PASSING.contains(&code) => {
                    self.pause(wait).await?;
                    wait = (wait * 2).min(LONGEST_WAIT_MS);
                }
                Some(code) => return Err(Trouble::Refused(code.to_owned())),
                None => return Ok(ticket(&payload["ticket"])),
            }
        }
    }

    async fn look(&self, operator: usize, window: &WindowId) -> Result<WindowSeen, Trouble> {
        let body = json!({ "query": LOOK, "variables": { "branch": self.branch, "code": window } });
        let data = self.graphql(operator, &body).await?;
        let me = self.session(operator, None).await?.me;
        let seen = &data["window"];
        Ok(match (seen["operator"]["id"].as_str(), seen["state"].as_str()) {
            (None, _) | (_, None | Some("CLOSED")) => WindowSeen::Closed,
            (Some(other), _) if other != me => WindowSeen::Taken,
            (Some(_), Some(state)) => {
                WindowSeen::Mine { paused: state == "PAUSED", ticket: ticket(&seen["ticket"]) }
            }
        })
    }

    async fn waiting(&self) -> Result<usize, Trouble> {
        let branches =
            self.until_answered(None, |http| http.get(format!("{}/api/v1/branches", self.base))).await?;
        let ours = branches.as_array().into_iter().flatten();
        let ours = ours.filter(|it| it["code"].as_str() == Some(self.branch.as_str()));
        let count = ours.filter_map(|it| it["waiting"].as_u64()).next().unwrap_or(0);
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// Sorts an HTTP answer: problem+json by its code, GraphQL by its `errors`.
async fn read(response: Response) -> Attempt {
    let (status, told) = (response.status(), retry_after(&response));
    let body: Value = response.json().await.unwrap_or_default();
    if status == StatusCode::UNAUTHORIZED {
        return Attempt::SignedOut;
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Attempt::Again(told);
    }
    if !status.is_success() {
        let code = body["code"].as_str().unwrap_or("UNEXPECTED").to_owned();
        return if PASSING.contains(&code.as_str()) { Attempt::Again(told) } else { Attempt::Refused(code) };
    }
    let Some(error) = body["errors"].get(0) else {
        let data = body.get("data").cloned();
        return Attempt::Answered(data.unwrap_or(body));
    };
    match error["extensions"]["code"].as_str().unwrap_or("UNEXPECTED") {
        "UNAUTHENTICATED" | "SIGNED_OUT" => Attempt::SignedOut,
        code if PASSING.contains(&code) => Attempt::Again(None),
        code => {
            tracing::warn!(
                code,
                message = error["message"].as_str(),
                "a simulated operator was not understood"
            );
            Attempt::Refused(code.to_owned())
        }
    }
}

fn ticket(seen: &Value) -> Option<TicketSeen> {
    Some(TicketSeen {
        id: ticket_id(&seen["id"])?,
        state: Standing::of(seen["state"].as_str()?),
        service: seen["current"].as_str().map(ServiceId::trusted),
    })
}

fn ticket_id(value: &Value) -> Option<TicketId> {
    value.as_str()?.parse().ok().map(TicketId)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The refresh cookie a sign-in has set, as it is sent back.
fn refresh_cookie(response: &Response) -> Option<String> {
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let ours = cookies
        .filter_map(|it| it.to_str().ok())
        .find(|it| it.trim_start_matches("__Host-").starts_with("talon_refresh="))?;
    Some(ours.split(';').next().unwrap_or(ours).to_owned())
}
