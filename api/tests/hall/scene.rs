//! A hall in the middle of its day, and what must hold for it while its store takes nothing: presses are told so, screens
//! go on from memory, and once the store is back the same presses are carried out, each once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::join;
use uuid::Uuid;

use crate::{
    house::{PATIENCE, SERVICE, new_id},
    work::{Shift, Worker, board_of, essence, insist},
};

/// Longer than a node remembers anything that it asked its store.
const A_WHILE: Duration = Duration::from_secs(3);

/// One customer is served at window 1, one is called to window 2, one waits.
pub(crate) struct Scene {
    shift: Shift,
    pub(crate) admin: Worker,
    pub(crate) operator: Worker,
    served: Uuid,
    waiting: Uuid,
    /// The key to the waiting ticket's own page.
    token: String,
    /// Up to which everything is on the boards.
    pub(crate) position: String,
}

/// What people press while the store takes nothing, with the ids they will press again with.
pub(crate) struct Presses {
    touch: Uuid,
    issue: (Uuid, Value),
    complete: (Uuid, Value),
}

impl Presses {
    pub(crate) fn commands(&self) -> [Uuid; 3] {
        [self.touch, self.issue.0, self.complete.0]
    }
}

impl Scene {
    pub(crate) async fn set(shift: &Shift, address: &str) -> Self {
        let mut admin = shift.administrator().await;
        admin.open_day().await;
        let (mut operator, mut other) = (shift.operator(1).await, shift.operator(2).await);
        for _ in 0..2 {
            admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
        }
        let (_, _, given) = admin.touches(address, new_id()).await;
        let served = operator.press("callNext", json!({ "window": "w1" })).await.ticket.unwrap();
        operator.press("startService", json!({ "ticketId": served })).await;
        let last = other.press("callNext", json!({ "window": "w2" })).await;
        Self {
            shift: shift.clone(),
            admin,
            operator,
            served,
            waiting: given["ticketId"].as_str().unwrap().parse().unwrap(),
            token: given["token"].as_str().unwrap().to_owned(),
            position: last.position.unwrap(),
        }
    }

    /// All that a node shows of this hall without asking its store.
    pub(crate) async fn remembered(&self, address: &str) -> Value {
        let board = self.shift.get(board_of(address)).await.expect("a board");
        let mut page = self.shift.get(format!("{address}/api/v1/tickets/{}", self.token)).await.unwrap();
        // A quote shrinks while one waits.
        page.as_object_mut().unwrap().remove("quote");
        let branches = self.shift.get(format!("{address}/api/v1/branches")).await.unwrap();
        let query = format!(
            r#"{{
                queue(branch: "centre") {{
                    state waiting {{ id number ahead }} called {{ number windowLabel }} serving {{ number }}
                }}
                known: ticket(id: "{}") {{ number state ahead }}
                held: ticket(token: "{}") {{ number state }}
                board(branch: "centre") {{ position }}
                window(branch: "centre", code: "w1") {{ state }}
            }}"#,
            self.waiting, self.token
        );
        let asked = self.admin.hears(address, &json!({ "query": query })).await;
        assert_eq!(asked["errors"], Value::Null, "{asked}");
        assert_eq!(asked["data"]["known"]["state"], "WAITING", "{asked}");
        json!([essence(&board), page, branches, asked["data"]])
    }

    /// For a while everything shown stays as it was, at every node.
    pub(crate) async fn goes_on(&self, addresses: &[&str], before: &Value) {
        let started = Instant::now();
        while started.elapsed() < A_WHILE {
            for address in addresses {
                assert_eq!(self.remembered(address).await, *before, "the hall goes on from memory");
            }
        }
    }

    /// What will be pressed and not carried out. Of several sets one alone can complete the service.
    pub(crate) fn presses(&self) -> Presses {
        let (issue, complete) = (new_id(), new_id());
        let services = json!({ "services": [SERVICE] });
        Presses {
            touch: new_id(),
            issue: (issue, self.admin.body("issueTicket", issue, services)),
            complete: (
                complete,
                self.operator.body("completeService", complete, json!({ "ticketId": self.served })),
            ),
        }
    }

    /// Nobody is told that anything was done, and everybody in the documented way; nobody can sign in either.
    pub(crate) async fn is_refused(&self, address: &str, presses: &Presses) {
        let (touched, issued, completed, signed_in) = join!(
            self.admin.touches(address, presses.touch),
            self.admin.hears(address, &presses.issue.1),
            self.operator.hears(address, &presses.complete.1),
            self.shift.signs_in(address, "auditor@demo.talon", "demo-auditor"),
        );
        let (status, kind, problem) = touched;
        assert_eq!((status, &problem["code"]), (503, &json!("UNAVAILABLE")), "{problem}");
        assert!(kind.starts_with("application/problem+json"), "{kind}");
        for said in [issued, completed] {
            assert_eq!(said["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{said}");
        }
        assert_eq!(signed_in, (503, Some("UNAVAILABLE".into())));
    }

    /// The same presses again, with the ids they had, until they are answered; how often the most repeated one was sent.
    pub(crate) async fn is_carried_out(&self, address: &str, presses: &Presses) -> usize {
        let completes = pressed_again(&self.operator, address, &presses.complete.1);
        let (first, (completed, second)) = join!(self.is_issued(address, presses), completes);
        assert_eq!(completed["data"]["completeService"]["refusal"], Value::Null, "{completed}");
        first.max(second)
    }

    /// The same of the tickets alone.
    pub(crate) async fn is_issued(&self, address: &str, presses: &Presses) -> usize {
        let touched = insist("a touch", PATIENCE, async || {
            let (status, _, given) = self.admin.touches(address, presses.touch).await;
            assert!(matches!(status, 200 | 201 | 503), "{given}");
            (status != 503).then_some(given)
        });
        let ((given, first), (issued, second)) =
            join!(touched, pressed_again(&self.admin, address, &presses.issue.1));
        let payload = &issued["data"]["issueTicket"];
        assert_eq!(payload["refusal"], Value::Null, "{issued}");
        assert_ne!(given["number"], payload["ticket"]["number"]);
        first.max(second)
    }

    /// What a node says to a question that only the tables can answer: the numbers, or the code of its error.
    pub(crate) async fn tables(
        &self,
        address: &str,
        min_position: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let least = min_position.map(|it| format!(", minPosition: \"{it}\"")).unwrap_or_default();
        let query = format!("{{ tickets(first: 100{least}) {{ edges {{ node {{ number }} }} }} }}");
        let said = self.admin.hears(address, &json!({ "query": query })).await;
        if let Some(code) = said["errors"][0]["extensions"]["code"].as_str() {
            return Err(code.to_owned());
        }
        if said["extensions"]["stale"] == true {
            return Err("stale".into());
        }
        let edges = said["data"]["tickets"]["edges"].as_array().unwrap();
        Ok(edges.iter().map(|it| it["node"]["number"].as_str().unwrap().to_owned()).collect())
    }

    /// The tables hold a ticket that is issued now: asked with its position, a node waits for them itself.
    pub(crate) async fn tables_follow(&mut self, address: &str, limit: Duration) {
        let issued = self.admin.press("issueTicket", json!({ "services": [SERVICE] })).await;
        let (number, position) = (issued.number.unwrap(), issued.position.unwrap());
        self.position.clone_from(&position);
        let (numbers, _) =
            insist("read models follow", limit, async || self.tables(address, Some(&position)).await.ok())
                .await;
        assert!(numbers.contains(&number), "{number} is not among {numbers:?}");
    }
}

/// A press repeated as long as it is `UNAVAILABLE`; the answer, and how often it was sent.
async fn pressed_again(worker: &Worker, address: &str, body: &Value) -> (Value, usize) {
    insist("a press", PATIENCE, async || {
        let said = worker.hears(address, body).await;
        let unavailable = said["errors"][0]["extensions"]["code"] == "UNAVAILABLE";
        assert!(unavailable || said["errors"] == Value::Null, "{said}");
        (!unavailable).then_some(said)
    })
    .await
}
