//! Who presses the buttons: one clerk at each connection, going round the branches that are its own. In each a customer
//! takes a ticket, is called, served and sent home; each press is one durable command.

use std::{fmt::Write, net::SocketAddr, sync::Arc};

use talon_core::{
    ids::{BranchId, ServiceId, WindowId},
    time::Clock,
};
use tokio::time::Instant;

use super::{
    client::{find, quoted},
    load::Caller,
};

const ISSUE: &str = "mutation($input: IssueTicketInput!) { issueTicket(input: $input) \
     { ticket { id number state } position refusal { code } } }";
const CALL: &str = "mutation($input: WindowInput!) { callNext(input: $input) { ticket { id number state } position refusal { code } } }";
const START: &str = "mutation($input: TicketInput!) { startService(input: $input) { ticket { id state } position refusal { code } } }";
const COMPLETE: &str = "mutation($input: CompleteServiceInput!) { completeService(input: $input) \
     { ticket { id state } position refusal { code } } }";
const OPEN: &str = "mutation($input: OpenWindowInput!) { openWindow(input: $input) { window { state } position refusal { code } } }";

/// A window in a branch, and how far its present customer has come.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    branch: BranchId,
    window: WindowId,
    service: ServiceId,
    bearer: Arc<str>,
    /// The head of every request from here, up to the length of the body.
    head: Arc<str>,
    step: Step,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Open,
    /// So many come before the first is called: a policy that has nobody to choose from costs nothing.
    Fill(u8),
    Issue,
    Call,
    Start(String),
    Complete(String),
}

impl Seat {
    pub(super) fn new(
        address: SocketAddr,
        bearer: Arc<str>,
        branch: BranchId,
        window: WindowId,
        service: ServiceId,
    ) -> Self {
        let head = post_head(address, "/graphql", Some(&bearer)).into();
        Self { branch, window, service, bearer, head, step: Step::Open }
    }

    /// The same seat at another server over the same store: its key signs there too.
    pub(super) fn moved(mut self, address: SocketAddr) -> Self {
        self.head = post_head(address, "/graphql", Some(&self.bearer)).into();
        self
    }

    pub(super) fn bearer(&self) -> &str {
        &self.bearer
    }

    pub(super) fn branch(&self) -> &BranchId {
        &self.branch
    }

    fn request(&self, clock: &dyn Clock, body: &mut String, out: &mut Vec<u8>) {
        let id = clock.new_id();
        let branch = &self.branch;
        body.clear();
        let (query, more) = match &self.step {
            Step::Open => (OPEN, format!(r#","window":"{}""#, self.window)),
            Step::Fill(_) | Step::Issue => {
                (ISSUE, format!(r#","services":["{}"],"language":"ru""#, self.service))
            }
            Step::Call => (CALL, format!(r#","window":"{}""#, self.window)),
            Step::Start(ticket) => (START, format!(r#","ticketId":"{ticket}""#)),
            Step::Complete(ticket) => (COMPLETE, format!(r#","ticketId":"{ticket}","outcomeCode":"done""#)),
        };
        // Writing into a string cannot fail.
        let _ = write!(
            body,
            r#"{{"query":"{query}","variables":{{"input":{{"commandId":"{id}","branch":"{branch}"{more}}}}}}}"#
        );
        put(&self.head, body, out);
    }

    /// Goes on to the next step, or begins with a new customer when this one did not succeed.
    fn answered(&mut self, status: u16, body: &[u8]) -> Result<(), String> {
        if status != 200 || find(body, br#""refusal":null"#).is_none() {
            let code = quoted(body, br#""code":""#).unwrap_or("no code").to_owned();
            let during = self.step.name();
            self.step = Step::Issue;
            return Err(format!("{during}: {status} {code}"));
        }
        let ticket = || quoted(body, br#""ticket":{"id":""#).unwrap_or_default().to_owned();
        self.step = match &self.step {
            Step::Open => Step::Fill(3),
            Step::Fill(more) if *more > 1 => Step::Fill(more - 1),
            Step::Fill(_) | Step::Complete(_) => Step::Issue,
            Step::Issue => Step::Call,
            Step::Call => Step::Start(ticket()),
            Step::Start(ticket) => Step::Complete(ticket.clone()),
        };
        Ok(())
    }
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Open => "openWindow",
            Self::Fill(_) | Self::Issue => "issueTicket",
            Self::Call => "callNext",
            Self::Start(_) => "startService",
            Self::Complete(_) => "completeService",
        }
    }
}

/// A call that was answered: where, at which position of the log, and when it was pressed.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub(super) branch: BranchId,
    pub(super) position: u64,
    pub(super) pressed: Instant,
}

/// One connection's worth of branches.
pub(super) struct Clerk {
    clock: Arc<dyn Clock>,
    seats: Vec<Seat>,
    at: usize,
    body: String,
    pressed: Instant,
    /// Every call since `watching`, when somebody wants to know when it was seen.
    calls: Option<Vec<Called>>,
}

impl Clerk {
    /// Deals the seats to so many clerks.
    pub(super) fn staff(clock: &Arc<dyn Clock>, seats: Vec<Seat>, count: usize) -> Vec<Self> {
        let mut clerks: Vec<Self> = (0..count.min(seats.len()))
            .map(|_| Self {
                clock: clock.clone(),
                seats: Vec::new(),
                at: 0,
                body: String::new(),
                pressed: Instant::now(),
                calls: None,
            })
            .collect();
        let count = clerks.len();
        for (number, seat) in seats.into_iter().enumerate() {
            clerks[number % count].seats.push(seat);
        }
        clerks
    }

    pub(super) fn watching(mut self) -> Self {
        self.calls = Some(Vec::new());
        self
    }

    pub(super) fn take_calls(&mut self) -> Vec<Called> {
        self.calls.take().unwrap_or_default()
    }

    /// The token of somebody at this connection.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.seats.first().map(Seat::bearer)
    }

    pub(super) fn into_seats(self) -> Vec<Seat> {
        self.seats
    }

    /// Whether every window is open and somebody waits at each.
    pub(super) fn is_settled(&self) -> bool {
        self.seats.iter().all(|it| !matches!(it.step, Step::Open | Step::Fill(_)))
    }
}

impl Caller for Clerk {
    fn request(&mut self, out: &mut Vec<u8>) {
        self.at = (self.at + 1) % self.seats.len();
        self.pressed = Instant::now();
        self.seats[self.at].request(self.clock.as_ref(), &mut self.body, out);
    }

    fn answered(&mut self, status: u16, body: &[u8]) -> Result<(), String> {
        let seat = &mut self.seats[self.at];
        let was_call = seat.step == Step::Call;
        seat.answered(status, body)?;
        if let Some(calls) = self.calls.as_mut().filter(|_| was_call) {
            let position =
                quoted(body, br#""position":""#).and_then(|it| it.rsplit_once('.')?.1.parse().ok());
            let position = position.ok_or("callNext: no position")?;
            calls.push(Called { branch: seat.branch.clone(), position, pressed: self.pressed });
        }
        Ok(())
    }

    fn unanswered(&mut self) {
        self.seats[self.at].step = Step::Issue;
    }
}

/// Sends the same request again and again, any 200 will do.
#[derive(Debug, Clone)]
pub(super) struct Same {
    requests: Arc<[Vec<u8>]>,
    at: usize,
}

impl Same {
    /// Takes turns among the requests, beginning at one of them.
    pub(super) fn new(requests: Arc<[Vec<u8>]>, first: usize) -> Self {
        Self { at: first % requests.len().max(1), requests }
    }
}

impl Caller for Same {
    fn request(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.requests[self.at]);
        self.at = (self.at + 1) % self.requests.len();
    }

    fn answered(&mut self, status: u16, body: &[u8]) -> Result<(), String> {
        let failed = status != 200 || body.starts_with(br#"{"errors""#);
        if failed { Err(format!("{status}")) } else { Ok(()) }
    }
}

/// A whole request to post a JSON body.
pub(super) fn post(address: SocketAddr, path: &str, bearer: Option<&str>, body: &str) -> Vec<u8> {
    let mut out = Vec::new();
    put(&post_head(address, path, bearer), body, &mut out);
    out
}

/// A whole request to get something.
pub(super) fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept: */*\r\n\r\n").into_bytes()
}

fn post_head(address: SocketAddr, path: &str, bearer: Option<&str>) -> String {
    let authorization = bearer.map(|it| format!("authorization: Bearer {it}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\n{authorization}accept: application/graphql-response+json\r\n\
         content-type: application/json\r\ncontent-length: "
    )
}

fn put(head: &str, body: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body.len().to_string().as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body.as_bytes());
}
