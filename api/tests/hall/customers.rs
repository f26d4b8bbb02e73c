//! A known customer in the hall: what they may do, what others see of them, and what is left when they are erased.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Value, json};
use talon_api::{
    auth::{Caller, Principal},
    graphql::context::Asking,
    http::{kiosk, own_data},
};
use talon_core::{
    customer::event::ContactKind,
    desk::queue_stream,
    device::event::DeviceKind,
    fact::{ActorKind, Fact},
    ids::{BranchId, CustomerId},
    staff::event::Role,
};
use talon_texts::Language;
use uuid::Uuid;

use crate::house::{BRANCH, House, PATIENCE, SERVICE, new_id};

const PHONE: &str = "+79161234567";
const EMAIL: &str = "anna@example.org";
const NAME: &str = "Анна Иванова";

/// A customer who is signed in.
struct Signed<'a> {
    house: &'a House,
    id: CustomerId,
    principal: Principal,
}

impl<'a> Signed<'a> {
    async fn by(house: &'a House, phone: &str) -> Self {
        let app = &house.talon.app;
        let id = app.access.customers().by_contact(ContactKind::Phone, phone).await.unwrap();
        let until = app.clock.now() + chrono::TimeDelta::minutes(10);
        let principal = Principal::customer(id.clone(), "s-1".into(), until);
        Self { house, id, principal }
    }

    async fn asks(&self, query: &str, variables: Value) -> Value {
        let asking =
            Asking { principal: self.principal.clone(), language: Language::En, stale: Arc::default() };
        let request = Request::new(query).variables(Variables::from_json(variables));
        serde_json::to_value(self.house.talon.app.executor().execute(request, asking).await).unwrap()
    }

    /// A mutation of one's own that must succeed.
    async fn does(&self, mutation: &str, kind: &str, input: Value) -> Value {
        let mut input = input;
        input["commandId"] = json!(new_id());
        let text = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ position refusal {{ code }} }} }}"
        );
        let answer = self.asks(&text, json!({ "input": input })).await;
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"][mutation].clone()
    }

    /// What this customer is to whom.
    async fn kind(&self) -> Value {
        self.asks("{ me { kind } }", json!({})).await["data"]["me"]["kind"].clone()
    }

    async fn account(&self) -> Value {
        let text = "{ myAccount { id name language contacts { id kind value } consents { purpose textVersion \
                    withdrawnAt } visits { ticketId number state token } } }";
        let answer = self.asks(text, json!({})).await;
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"]["myAccount"].clone()
    }

    async fn takes(&self, key: Uuid) -> (StatusCode, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", key.to_string().parse().unwrap());
        let body = json!({ "services": [SERVICE] }).to_string();
        let taken = kiosk::take(
            State(self.house.talon.app.clone()),
            Caller(self.principal.clone()),
            Path(BRANCH.to_owned()),
            axum::http::Uri::from_static("/"),
            headers,
            body.into(),
        );
        match taken.await {
            Ok(response) => read(response).await,
            Err(problem) => read(axum::response::IntoResponse::into_response(problem)).await,
        }
    }

    async fn export(&self) -> Value {
        let made =
            own_data::export(State(self.house.talon.app.clone()), Caller(self.principal.clone())).await;
        read(made.unwrap()).await.1
    }
}

async fn read(response: Response) -> (StatusCode, Value) {
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (head.status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// The rows of tickets and history hold everything that was written.
async fn all_is_read(house: &House) {
    let app = &house.talon.app;
    for table in ["tickets", "audit_index"] {
        assert!(app.freshness.reached(table, app.head(), PATIENCE).await, "{table}");
    }
}

async fn facts_of_the_day(house: &House) -> Vec<Fact> {
    let app = &house.talon.app;
    let branch = BranchId::trusted(BRANCH);
    let day = app.desk.today(&branch).await.unwrap();
    let raw = app.store.read_stream(&queue_stream(&branch, day), 0, 10_000).await.unwrap();
    raw.iter().map(|raw| Fact::decode(raw).unwrap()).collect()
}

async fn at_work(house: &House) -> crate::house::Pass {
    let admin = house.staff(Role::Admin, None).await;
    house.at_window(&admin, "w6").await;
    admin
}

#[tokio::test]
async fn everybody_is_of_one_kind_and_it_is_an_enumeration() {
    let house = House::open().await;
    let anna = Signed::by(&house, PHONE).await;
    let boris = house.staff(Role::Operator, Some(BRANCH)).await;
    let board = house.device(DeviceKind::Board).await;
    let kind = async |pass| {
        let told = house.graphql(pass, "{ me { kind } __type(name: \"MeKind\") { kind } }", json!({})).await;
        let data = told.json()["data"].clone();
        (data["me"]["kind"].clone(), data["__type"]["kind"].clone())
    };
    assert_eq!(anna.kind().await, "CUSTOMER");
    assert_eq!(kind(&boris).await, (json!("STAFF"), json!("ENUM")));
    assert_eq!(kind(&board).await, (json!("DEVICE"), json!("ENUM")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_has_an_account_of_their_own() {
    let house = House::open().await;
    let admin = at_work(&house).await;
    let anna = Signed::by(&house, PHONE).await;
    let text = json!({ "purpose": "sms", "version": 1, "textRu": "Согласен.", "textEn": "I agree.",
        "required": false });
    house.done(&admin, "publishConsentText", text).await;
    let asked = house.graphql(&crate::house::Pass::Nobody, "{ consentTexts { purpose version } }", json!({}));
    assert_eq!(asked.await.json()["data"]["consentTexts"], json!([{ "purpose": "sms", "version": 1 }]));

    anna.does("changeMyProfile", "ChangeMyProfileInput", json!({ "name": NAME, "language": "ru" })).await;
    anna.does("changeMyProfile", "ChangeMyProfileInput", json!({ "language": "en" })).await;
    let wrong =
        anna.does("giveConsent", "GiveConsentInput", json!({ "purpose": "sms", "textVersion": 2 })).await;
    assert_eq!(wrong["refusal"]["code"], "SETTINGS_MOVED");
    anna.does("giveConsent", "GiveConsentInput", json!({ "purpose": "sms", "textVersion": 1 })).await;
    anna.does("withdrawConsent", "WithdrawConsentInput", json!({ "purpose": "sms" })).await;
    let account = anna.account().await;
    assert_eq!((&account["name"], &account["language"]), (&json!(NAME), &json!("en")));
    assert_eq!(account["contacts"][0]["value"], PHONE);
    assert!(account["consents"][0]["withdrawnAt"].is_string(), "{account}");
    let contact = account["contacts"][0]["id"].clone();
    let last = anna.does("removeMyContact", "RemoveMyContactInput", json!({ "contact": contact })).await;
    assert_eq!(last["refusal"]["code"], "LAST_CONTACT");
    anna.does("changeMyProfile", "ChangeMyProfileInput", json!({ "name": "" })).await;
    assert_eq!(anna.account().await["name"], Value::Null);

    // Nobody else has an account, and nobody's account is another's.
    let asked = house.graphql(&admin, "{ myAccount { id } }", json!({})).await;
    assert_eq!(asked.code().as_deref(), Some("FORBIDDEN"));
    let boris = Signed::by(&house, "+79161234568").await;
    assert_ne!(boris.account().await["id"], account["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_knows_a_customer_by_another_name_at_each_visit() {
    let house = House::open().await;
    let admin = at_work(&house).await;
    let anna = Signed::by(&house, PHONE).await;
    let key = new_id();
    let (status, first) = anna.takes(key).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    let (status, again) = anna.takes(key).await;
    assert_eq!((status, &again["number"]), (StatusCode::OK, &first["number"]));
    let boris = Signed::by(&house, "+79161234568").await;
    let (status, stolen) = boris.takes(key).await;
    assert_eq!((status, &stolen["code"]), (StatusCode::CONFLICT, &json!("COMMAND_ID_REUSED")));
    let (_, second) = anna.takes(new_id()).await;
    house.done(&admin, "addNote", json!({ "ticketId": first["ticketId"], "text": "с рыжей собакой" })).await;

    let facts = facts_of_the_day(&house).await;
    let own: Vec<&Fact> = facts.iter().filter(|it| it.meta.actor.kind == ActorKind::Customer).collect();
    assert_eq!(own.len(), 2);
    assert_ne!(own[0].meta.actor.id, own[1].meta.actor.id);
    for fact in &facts {
        let text = format!("{fact:?}");
        assert!(!text.contains(anna.id.as_str()), "the day names the customer: {text}");
        assert!(!text.contains("s-1"), "the day names a session: {text}");
    }
    let note = facts.iter().find_map(|it| match &*it.event {
        talon_core::queue_event::Event::Queue(talon_core::queue_event::QueueEvent::TicketNoteAdded(note)) => {
            Some(note.note.key.clone())
        }
        _ => None,
    });
    assert_eq!(note.as_ref(), Some(&own[0].meta.actor.id), "the note is sealed under the visit's key");

    let visits = anna.account().await["visits"].clone();
    let numbers: Vec<_> = visits.as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
    assert_eq!(numbers, [second["number"].clone(), first["number"].clone()]);
    assert_eq!(boris.account().await["visits"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_are_shown_for_a_reason_that_is_written_down_first() {
    let house = House::open().await;
    let admin = at_work(&house).await;
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    let elsewhere = house.staff(Role::Head, Some("elsewhere")).await;
    let anna = Signed::by(&house, PHONE).await;
    anna.does("changeMyProfile", "ChangeMyProfileInput", json!({ "name": NAME })).await;
    let (_, ticket) = anna.takes(new_id()).await;
    let found = "query($value: String!) { findCustomer(kind: PHONE, value: $value) { id contactKinds } }";
    let found = house.graphql(&admin, found, json!({ "value": "8 916 123 45 67" })).await.json();
    assert_eq!(found["data"]["findCustomer"], json!({ "id": anna.id.as_str(), "contactKinds": ["PHONE"] }));

    let by_ticket = json!({ "ticketId": ticket["ticketId"], "fields": ["NAME"], "reason": "COMPLAINT" });
    let shown = house.done(&head, "revealPersonalData", by_ticket.clone()).await;
    assert_eq!(shown["revealed"], json!({ "name": NAME, "phones": [], "emails": [], "messengers": [] }));
    assert_eq!(
        house.press(&elsewhere, "revealPersonalData", by_ticket).await.code().as_deref(),
        Some("FORBIDDEN")
    );
    let by_id = json!({ "customer": anna.id.as_str(), "fields": ["PHONE"], "reason": "LEGAL" });
    assert_eq!(
        house.press(&head, "revealPersonalData", by_id.clone()).await.code().as_deref(),
        Some("FORBIDDEN")
    );
    let shown = house.done(&admin, "revealPersonalData", by_id).await;
    assert_eq!(shown["revealed"]["phones"], json!([PHONE]));
    let nothing = json!({ "customer": anna.id.as_str(), "fields": [], "reason": "LEGAL" });
    assert_eq!(house.press(&admin, "revealPersonalData", nothing).await.code().as_deref(), Some("MALFORMED"));
    let unsaid = json!({ "fields": ["NAME"], "reason": "LEGAL" });
    assert_eq!(house.press(&admin, "revealPersonalData", unsaid).await.code().as_deref(), Some("MALFORMED"));
    let street = house.ticket(&admin).await;
    let nobody = json!({ "ticketId": street["ticketId"], "fields": ["NAME"], "reason": "LEGAL" });
    assert_eq!(house.press(&admin, "revealPersonalData", nobody).await.code().as_deref(), Some("UNKNOWN"));

    // A colleague's, too; and the facts say to whom and why, but not by which ticket.
    let staff = house.talon.app.access.directory().everybody()[0].0.to_string();
    let of_staff = json!({ "staff": staff, "fields": ["NAME", "EMAIL"], "reason": "SUPPORT" });
    let shown = house.done(&admin, "revealPersonalData", of_staff).await;
    assert_eq!(shown["revealed"]["emails"].as_array().map(Vec::len), Some(1), "{shown}");
    let export = anna.export().await;
    let reveals: Vec<&Value> = export["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["type"] == "customer.personal_data_revealed")
        .collect();
    assert_eq!(reveals.len(), 2, "{export}");
    assert_eq!(reveals[0]["payload"], json!({ "fields": ["name"], "reason": "complaint" }));
    let stream = talon_core::customer::stream(&anna.id);
    for raw in house.talon.app.store.read_stream(&stream, 0, 1_000).await.unwrap() {
        let text = format!("{}{}", String::from_utf8_lossy(&raw.data), String::from_utf8_lossy(&raw.meta));
        assert!(!text.contains(ticket["ticketId"].as_str().unwrap()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_leaves_tickets_of_nobody_and_a_chain_that_verifies() {
    let house = House::open().await;
    let admin = at_work(&house).await;
    let app = &house.talon.app;
    let anna = Signed::by(&house, PHONE).await;
    anna.does("changeMyProfile", "ChangeMyProfileInput", json!({ "name": NAME })).await;
    app.access
        .customers()
        .add_contact(&anna.id, ContactKind::Email, EMAIL, talon_core::ids::CommandId(new_id()))
        .await
        .unwrap();
    let (_, ticket) = anna.takes(new_id()).await;
    anna.takes(new_id()).await;
    house.done(&admin, "addNote", json!({ "ticketId": ticket["ticketId"], "text": "с рыжей собакой" })).await;
    all_is_read(&house).await;
    let export = anna.export().await;
    let text = export.to_string();
    for known in [NAME, PHONE, EMAIL, "с рыжей собакой", "customer.registered", "customer.data_exported"]
    {
        assert!(text.contains(known), "{known} is missing: {text}");
    }
    assert_eq!(export["visits"].as_array().map(Vec::len), Some(2));

    let erased = anna.does("eraseMe", "EraseMeInput", json!({})).await;
    assert!(erased["refusal"].is_null(), "{erased}");
    assert_eq!(anna.account().await, Value::Null);
    assert!(!app.access.stands(&anna.principal));
    let (status, refused) = anna.takes(new_id()).await;
    assert_eq!((status, &refused["code"]), (StatusCode::NOT_FOUND, &json!("UNKNOWN")));
    let known = "query($id: CustomerId!) { customer(id: $id) { erased contactKinds } }";
    let known = house.graphql(&admin, known, json!({ "id": anna.id.as_str() })).await.json();
    assert_eq!(known["data"]["customer"], json!({ "erased": true, "contactKinds": [] }));
    let noted = "query($id: UUID!) { ticket(id: $id) { number notes { text } } }";
    let noted = house.graphql(&admin, noted, json!({ "id": ticket["ticketId"] })).await.json();
    assert_eq!(noted["data"]["ticket"]["notes"], json!([{ "text": null }]), "{noted}");
    assert_eq!(noted["data"]["ticket"]["number"], ticket["number"], "the visit itself stands");
    let reveal = json!({ "ticketId": ticket["ticketId"], "fields": ["NAME"], "reason": "LEGAL" });
    assert_eq!(house.press(&admin, "revealPersonalData", reveal).await.code().as_deref(), Some("UNKNOWN"));
    let twice = json!({ "customer": anna.id.as_str(), "reason": "REQUEST" });
    assert_eq!(house.press(&admin, "eraseCustomer", twice).await.code(), None);
    let never = json!({ "customer": "c-never", "reason": "MISTAKE" });
    assert_eq!(house.press(&admin, "eraseCustomer", never).await.code().as_deref(), Some("UNKNOWN"));

    let report =
        talon_replay::verify::verify(&app.store, &talon_replay::progress::Progress::silent()).await.unwrap();
    assert!(report.broken.is_none(), "{report:?}");
    let again = Signed::by(&house, PHONE).await;
    assert_ne!(again.id, anna.id);
    assert_eq!(again.account().await["visits"], json!([]));
}
