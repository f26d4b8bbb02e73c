//! Calls to other systems: who is told what, how it is signed, and what becomes of a system that is away.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use talon_core::{
    dispatch::Envelope,
    fact::Actor,
    ids::CommandId,
    organisation::{self, command::Action, webhook::Webhook as Settings},
    text::LocalText,
};
use talon_storage::vault::Checkpoint;

use crate::{
    house::{EMAIL, House},
    support::{config, new_id, until},
};

/// One call as it arrived.
#[derive(Clone)]
struct Call {
    headers: HeaderMap,
    body: String,
}

impl Call {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The check that the documentation describes.
    fn is_signed_with(&self, secret: &str) -> bool {
        let signature = self.header("talon-signature");
        let (at, sum) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        let mut expected = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
        expected.update(format!("{at}.{}", self.body).as_bytes());
        expected.verify_slice(&hex::decode(sum).unwrap()).is_ok()
    }
}

/// Another system: keeps what it is told, and answers as it was told to.
#[derive(Clone, Default)]
struct Elsewhere {
    calls: Arc<Mutex<Vec<Call>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Elsewhere {
    async fn start(answers: &[u16]) -> (Self, String) {
        let elsewhere = Self::default();
        *elsewhere.answers.lock().unwrap() = answers.iter().rev().copied().collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/talon", listener.local_addr().unwrap());
        let router = Router::new().fallback(heard).with_state(elsewhere.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (elsewhere, url)
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn kinds(&self) -> Vec<String> {
        self.calls().iter().map(|it| it.json()["kind"].as_str().unwrap().to_owned()).collect()
    }

    async fn until_kind(&self, kind: &str) -> Call {
        until(kind, async || self.calls().into_iter().find(|it| it.json()["kind"] == kind)).await
    }
}

async fn heard(State(elsewhere): State<Elsewhere>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let call = Call { headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() };
    elsewhere.calls.lock().unwrap().push(call);
    StatusCode::from_u16(elsewhere.answers.lock().unwrap().pop().unwrap_or(204)).unwrap()
}

const ADD: &str = "mutation($input: AddWebhookInput!) { addWebhook(input: $input) { webhook { id url kinds branches \
                   active } secret position refusal { code field } } }";
const OPEN: (&str, &str) = ("TALON_WEBHOOKS__ALLOW_PRIVATE", "true");

async fn add(house: &House, url: &str, kinds: &[&str], branches: &[&str]) -> Value {
    let input = json!({ "commandId": new_id(), "url": url, "kinds": kinds, "branches": branches });
    house.ask(ADD, json!({ "input": input })).await["addWebhook"].clone()
}

async fn issue(house: &House) -> Value {
    let open = "mutation($input: DayInput!) { openBusinessDay(input: $input) { refusal { code } } }";
    house.ask(open, json!({ "input": { "commandId": new_id(), "branch": "centre" } })).await;
    let issue = "mutation($input: IssueTicketInput!) { issueTicket(input: $input) { ticket { id } refusal { code } } }";
    let input = json!({ "commandId": new_id(), "branch": "centre", "services": ["letter-send"] });
    house.ask(issue, json!({ "input": input })).await["issueTicket"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_told_of_what_it_asked_for_signed_and_without_anything_personal() {
    let mut house = House::open(config(&[OPEN])).await;
    let (elsewhere, url) = Elsewhere::start(&[]).await;
    let added = add(&house, &url, &["staff.*", "organisation.webhook_added"], &[]).await;
    let secret = added["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    house.sign_in().await;
    let call = elsewhere.until_kind("staff.session_started").await;
    assert!(call.is_signed_with(secret));
    assert!(!call.is_signed_with("whsec_another"));
    let told = call.json();
    assert_eq!(call.header("talon-event"), told["id"].as_str().unwrap());
    assert_eq!(call.header("talon-kind"), "staff.session_started");
    assert_eq!(told["subject"], format!("staff-{}", house.admin));
    assert!(told["data"]["session"].is_string() && told["position"].as_str().unwrap().contains('.'));
    // It is told of itself being added, and of nothing before that: the administrator was added and signed in earlier.
    elsewhere.until_kind("organisation.webhook_added").await;
    assert!(!elsewhere.kinds().contains(&"staff.added".to_owned()));
    assert_eq!(elsewhere.kinds().iter().filter(|it| *it == "staff.session_started").count(), 1);
    let everything: String = elsewhere.calls().iter().map(|it| it.body.clone()).collect();
    assert!(!everything.contains(EMAIL) && !everything.contains("Анна"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_told_with_its_ids_and_only_to_those_who_want_its_branch() {
    let house = House::open(config(&[OPEN])).await;
    let (here, url) = Elsewhere::start(&[]).await;
    add(&house, &url, &["ticket.issued"], &["centre"]).await;
    let issued = issue(&house).await;
    assert!(issued["refusal"].is_null(), "{issued}");
    let told = here.until_kind("ticket.issued").await.json();
    assert_eq!(told["ticket"], issued["ticket"]["id"]);
    assert_eq!(told["branch"], "centre");
    assert_eq!(told["services"], json!(["letter-send"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_is_away_is_called_again_and_its_deliveries_can_be_seen() {
    let house = House::open(config(&[OPEN])).await;
    let (elsewhere, url) = Elsewhere::start(&[500, 200]).await;
    let added = add(&house, &url, &["device.*"], &[]).await;
    let (id, secret) = (added["webhook"]["id"].clone(), added["secret"].as_str().unwrap());
    let test = "mutation($input: WebhookInput!) { testWebhook(input: $input) { eventId refusal { code } } }";
    let command = new_id();
    let input = json!({ "input": { "commandId": command, "webhook": id } });
    let tested = house.ask(test, input.clone()).await;
    assert_eq!(tested["testWebhook"]["eventId"], command.to_string());
    house.ask(test, input).await;
    let seen =
        "query($id: ID!) { webhookDeliveries(webhook: $id) { eventId state attempts failure doneAt } }";
    let sent = until("the second call", async || {
        let found = house.ask(seen, json!({ "id": id })).await["webhookDeliveries"][0].clone();
        (found["state"] == "SENT").then_some(found)
    })
    .await;
    assert_eq!((sent["attempts"].as_i64(), sent["eventId"].as_str()), (Some(2), Some(&*command.to_string())));
    let calls = elsewhere.calls();
    assert_eq!(calls.len(), 2, "one press, one message, two attempts");
    assert_eq!(calls[0].body, calls[1].body);
    assert_eq!(calls[0].header("talon-delivery"), calls[1].header("talon-delivery"));
    assert_eq!((calls[0].header("talon-attempt"), calls[1].header("talon-attempt")), ("1", "2"));
    assert!(calls.iter().all(|it| it.is_signed_with(secret)));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_show_who_was_called_before_and_a_removed_system_hears_nothing() {
    let mut house = House::open(config(&[OPEN])).await;
    let (elsewhere, url) = Elsewhere::start(&[]).await;
    let added = add(&house, &url, &["staff.*"], &[]).await;
    let id = added["webhook"]["id"].clone();
    let change = "mutation($input: ChangeWebhookInput!) { changeWebhook(input: $input) { webhook { active } secret \
                  refusal { code } } }";
    let input = json!({
        "commandId": new_id(), "webhook": id, "url": url, "kinds": ["staff.*"], "active": false, "newSecret": true,
    });
    let changed = house.ask(change, json!({ "input": input })).await["changeWebhook"].clone();
    assert_eq!(changed["webhook"]["active"], false);
    assert!(changed["secret"].is_string() && changed["secret"] != added["secret"]);
    let told = house.events("organisation.webhook_changed").await;
    assert_eq!((&told[0]["was"]["active"], &told[0]["settings"]["active"]), (&json!(true), &json!(false)));
    let input = json!({
        "commandId": new_id(), "webhook": id, "url": url, "kinds": ["staff.*"], "active": false, "newSecret": true,
    });
    let again = house.ask(change, json!({ "input": input })).await["changeWebhook"].clone();
    assert_ne!(again["secret"], changed["secret"]);
    let told = house.events("organisation.webhook_changed").await;
    assert_eq!((told.len(), &told[1]["new_secret"]), (2, &json!(true)), "a secret is replaced by a fact");
    house.sign_in().await;
    let remove =
        "mutation($input: WebhookInput!) { removeWebhook(input: $input) { position refusal { code } } }";
    let input = json!({ "input": { "commandId": new_id(), "webhook": id } });
    assert!(house.ask(remove, input).await["removeWebhook"]["position"].is_string());
    assert_eq!(house.ask("{ webhooks { id } }", json!({})).await["webhooks"], json!([]));
    // The secret goes when the reactor has heard of it; so everything before was heard of too.
    let vault = house.talon.storage.vault.clone();
    let hook = id.as_str().unwrap().to_owned();
    until("the secret forgotten", async || {
        vault.webhook_secret(&hook).await.unwrap().is_none().then_some(())
    })
    .await;
    assert!(elsewhere.kinds().is_empty(), "{:?}", elsewhere.kinds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_log_tells_of_what_is_recorded_later_only() {
    let (elsewhere, url) = Elsewhere::start(&[]).await;
    let kinds = ["organisation.named", "staff.session_started"].map(str::to_owned).to_vec();
    let settings = Settings { url, kinds, branches: Vec::new(), active: true };
    let house = House::open_after(config(&[OPEN]), async |storage, organisation| {
        let actions = [
            Action::AddWebhook { webhook: "hook-1".into(), settings },
            Action::Name { name: LocalText::new("Почта", "Post") },
        ];
        for action in actions {
            let envelope = Envelope::new(CommandId(new_id()), Actor::system(), b"");
            organisation.send(&organisation::stream(), envelope, action, |_, _| ()).await.unwrap();
        }
        storage.vault.put_webhook_secret("hook-1", "whsec_1").await.unwrap();
        // Whoever was here before followed another log.
        let other = Checkpoint { log_id: new_id(), position: 3 };
        assert!(storage.vault.set_checkpoint("reactor", None, other).await.unwrap());
    })
    .await;
    let told = elsewhere.until_kind("staff.session_started").await;
    assert!(told.is_signed_with("whsec_1"));
    assert!(!elsewhere.kinds().contains(&"organisation.named".to_owned()), "it was told before the restore");
    assert!(!house.events("organisation.named").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_the_inner_network_are_refused_unless_allowed() {
    let house = House::open(config(&[])).await;
    for url in
        ["http://example.org/", "https://127.0.0.1/", "https://localhost/x", "https://10.0.0.1/", "nonsense"]
    {
        let refused = add(&house, url, &["*"], &[]).await;
        assert_eq!(refused["refusal"], json!({ "code": "MALFORMED", "field": "url" }), "{url}");
    }
    let refused = add(&house, "https://example.org/", &["no.such_kind"], &[]).await;
    assert_eq!(refused["refusal"], json!({ "code": "MALFORMED", "field": "kinds" }));
    let refused = add(&house, "https://example.org/", &["*"], &["nowhere"]).await;
    assert_eq!(refused["refusal"]["code"], "UNKNOWN");
}
