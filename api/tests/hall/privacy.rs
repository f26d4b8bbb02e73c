//! Every byte of a run is searched for what people have told: data folder, journals and free pages, backups, the log of
//! the process, its figures, the answers to analysts. Then somebody is erased, and stays so after a kill and a restore.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use axum::{
    extract::{Path as InPath, State},
    http::HeaderMap,
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use serde_json::{Value, json};
use talon_api::{
    auth::{Caller, NewStaff, Principal},
    clock::SystemClock,
    compose::Talon,
    config::Config,
    customers::ProfileChange,
    http::kiosk,
};
use talon_core::{
    customer::event::ContactKind,
    fact::Actor,
    ids::{CommandId, CustomerId},
    staff::event::{Role, Scope},
    time::Clock,
};
use talon_projections::{projector::ALL, rebuild::rebuild, runner::Surroundings};
use talon_replay::{progress::Progress, verify::verify};
use talon_storage::sqlx::{self, AssertSqlSafe, ConnectOptions, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    house::{BRANCH, House, PATIENCE, SERVICE, new_id},
    node::{self, Node},
    postgres::Server,
    rows::Tables,
    work::{Shift, Worker},
};

const NAME: &str = "Аделаида Пржевальская-Ызер";
const PHONE: &str = "+79165550142";
const EMAIL: &str = "adelaida.ysere@planted-values.example";
const NOTE: &str = "пришла с рыжей таксой Жужжелицей";
const STAFF_NAME: &str = "Бонифаций Щукин-Эрдман";
const STAFF_EMAIL: &str = "bonifaz.erdmann@planted-values.example";
const WRONG_EMAIL: &str = "mistyped.ysere@planted-values.example";
const WORDS: [&str; 9] =
    [NAME, PHONE, "9165550142", EMAIL, NOTE, STAFF_NAME, STAFF_EMAIL, WRONG_EMAIL, "planted-values.example"];

/// The planted words in every spelling a program might give them: as they are, in lower case, escaped, encoded.
fn needles() -> String {
    let mut all = Vec::new();
    for word in WORDS.into_iter().flat_map(|word| [word.to_owned(), word.to_lowercase()]) {
        let escaped: String = word
            .encode_utf16()
            .map(|unit| match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
                _ => format!("\\u{unit:04x}"),
            })
            .collect();
        let percent: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
        // Base64 depends on where the word begins: the two ends of each alignment are left out.
        for before in 0..3 {
            let padded = [vec![b'x'; before], word.clone().into_bytes()].concat();
            let text = BASE64_STANDARD_NO_PAD.encode(padded);
            all.push(text[4..text.len() - 4].to_owned());
        }
        all.extend([escaped, percent, hex::encode(&word), word]);
    }
    all.sort();
    all.dedup();
    all.join("\n")
}

/// The files under `place` in which any of the words stands.
fn found_in(place: &Path, words: &str) -> Vec<String> {
    let list = tempfile::NamedTempFile::new().unwrap();
    fs::write(list.path(), words).unwrap();
    let done = Command::new("grep")
        .args(["-r", "-l", "-a", "-F", "-f"])
        .arg(list.path())
        .arg(place)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect()
}

#[track_caller]
fn assert_silent(place: &Path, what: &str) {
    assert_eq!(found_in(place, &needles()), Vec::<String>::new(), "{what} tells of somebody");
}

/// What was planted by people at work: a customer with two visits, a colleague, notes.
struct Planted {
    customer: CustomerId,
    ticket: Uuid,
}

async fn plant(store: &str) -> Planted {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let house = House::beside(node::open(store).await, clock.clone()).await;
    let app = &house.talon.app;
    let colleague = NewStaff {
        email: STAFF_EMAIL.into(),
        name: STAFF_NAME.into(),
        password: "a long enough password".to_owned().into(),
        role: Role::Operator,
        scope: Scope::Organisation,
        skills: Vec::new(),
    };
    app.access.add_staff(colleague, Actor::system(), CommandId(new_id())).await.unwrap();
    let admin = house.staff(Role::Admin, None).await;
    house.at_window(&admin, "w6").await;

    let customers = app.access.customers();
    let id = customers.by_contact(ContactKind::Phone, PHONE).await.unwrap();
    customers.add_contact(&id, ContactKind::Email, EMAIL, CommandId(new_id())).await.unwrap();
    let change = ProfileChange { name: Some(NAME.into()), language: Some("ru".into()) };
    customers.change_profile(&id, change, Actor::system(), CommandId(new_id())).await.unwrap();
    let until = clock.now() + chrono::TimeDelta::minutes(10);
    let principal = Principal::customer(id.clone(), "s-1".into(), until);
    let mut tickets = Vec::new();
    for _ in 0..2 {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", new_id().to_string().parse().unwrap());
        let body = json!({ "services": [SERVICE] }).to_string();
        let (app, caller) = (State(app.clone()), Caller(principal.clone()));
        let here = axum::http::Uri::from_static("/");
        let taken =
            kiosk::take(app, caller, InPath(BRANCH.to_owned()), here, headers, body.into()).await.unwrap();
        let bytes = axum::body::to_bytes(taken.into_body(), 1 << 20).await.unwrap();
        let given: Value = serde_json::from_slice(&bytes).unwrap();
        tickets.push(Uuid::try_parse(given["ticketId"].as_str().unwrap()).unwrap());
    }
    for ticket in &tickets {
        house.done(&admin, "addNote", json!({ "ticketId": ticket, "text": NOTE })).await;
    }
    house.talon.stop().await;
    Planted { customer: id, ticket: tickets[0] }
}

/// Asks over HTTP, as the panel does.
async fn asks(worker: &Worker, address: &str, query: &str, variables: Value) -> Value {
    worker.hears(address, &json!({ "query": query, "variables": variables })).await
}

const REVEAL: &str = "mutation($input: RevealPersonalDataInput!) { revealPersonalData(input: $input) \
                      { revealed { name phones emails } refusal { code } } }";
const ERASE: &str = "mutation($input: EraseCustomerInput!) { eraseCustomer(input: $input) \
                     { customer { erased } refusal { code } } }";
const NOTES: &str = "query($id: UUID!) { ticket(id: $id) { notes { text } } }";

/// A server that writes all it has to say into a file, and people who say things they should not.
async fn work(node: &Node, admin: &Worker, planted: &Planted) -> String {
    let (address, shift) = (&node.address, &admin.shift);
    let found = format!("{{ findCustomer(kind: PHONE, value: \"{PHONE}\") {{ id }} }}");
    let found = asks(admin, address, &found, json!({})).await;
    assert_eq!(found["data"]["findCustomer"]["id"], planted.customer.as_str());
    let reveal = json!({ "commandId": new_id(), "ticketId": planted.ticket, "reason": "COMPLAINT",
        "fields": ["NAME", "PHONE", "EMAIL"] });
    let shown = asks(admin, address, REVEAL, json!({ "input": reveal })).await;
    let revealed = json!({ "name": NAME, "phones": [PHONE], "emails": [EMAIL] });
    assert_eq!(shown["data"]["revealPersonalData"]["revealed"], revealed, "{shown}");
    let noted = asks(admin, address, NOTES, json!({ "id": planted.ticket })).await;
    assert_eq!(noted["data"]["ticket"]["notes"][0]["text"], NOTE);
    // What goes wrong must not tell either: a value that is none, a document that is none, a sign-in that fails.
    for query in [
        format!("{{ findCustomer(kind: EMAIL, value: \"{NAME}\") {{ id }} }}"),
        format!("{{ findCustomer(kind: PHONE, value: \"{PHONE}\" {{ id }}"),
        format!("{{ findCustomer(kind: {NAME}, value: \"{EMAIL}\") {{ id }} }}"),
    ] {
        asks(admin, address, &query, json!({})).await;
    }
    let (status, _) = shift.signs_in(address, WRONG_EMAIL, "no password of anybody").await;
    assert_eq!(status, 401);
    let (status, _) = shift.signs_in(address, STAFF_EMAIL, "no password of anybody").await;
    assert_eq!(status, 401);
    let metrics = reqwest::get(format!("{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("http_requests_total"), "{metrics}");
    let page = reqwest::get(format!("{address}/api/v1/branches/{BRANCH}/board")).await.unwrap();
    let tickets =
        asks(admin, address, "{ tickets(first: 50) { nodes { id number services } } }", json!({})).await;
    format!("{metrics}{}{tickets}", page.text().await.unwrap())
}

fn archive(copies: &Path, ending: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir(copies).unwrap().map(|it| it.unwrap().path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(ending));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Makes both archives, and searches what is in them.
fn back_up(store: &str, into: &Path) -> (PathBuf, PathBuf) {
    node::talon(&["--store", store, "backup", "--into", &into.display().to_string()]);
    let (log, vault) = (archive(into, ".log.tar.gz"), archive(into, ".vault.tar.gz"));
    let unpacked = TempDir::with_prefix("talon-hall-").unwrap();
    for file in [&log, &vault] {
        let done = Command::new("tar").arg("xzf").arg(file).arg("-C").arg(unpacked.path()).status().unwrap();
        assert!(done.success());
    }
    assert_silent(unpacked.path(), "a backup");
    (log, vault)
}

async fn is_forgotten(talon: &Talon, customer: &CustomerId) {
    let vault = &talon.storage.vault;
    assert!(vault.customer(customer.as_str()).await.unwrap().is_none());
    assert!(vault.visits_of(customer.as_str()).await.unwrap().is_empty());
    let customers = talon.app.access.customers();
    assert!(customers.profile(customer).await.unwrap().is_none());
    assert_ne!(customers.find(ContactKind::Phone, PHONE).await.unwrap().as_ref(), Some(customer));
}

async fn over(store: &str) -> Talon {
    let storage = Box::pin(node::open(store)).await;
    Box::pin(Talon::over(storage, Config::default(), Arc::new(SystemClock), None)).await.unwrap()
}

/// The chain verifies, and what followed the log is what is made from it anew.
async fn stands(store: &str, customer: &CustomerId) {
    let talon = over(store).await;
    is_forgotten(&talon, customer).await;
    for projection in ALL {
        let reached = talon.app.freshness.reached(projection.name, talon.app.head(), PATIENCE).await;
        assert!(reached, "{}", projection.name);
    }
    talon.stop().await;
    let storage = Box::pin(node::open(store)).await;
    let report = verify(&storage.events, &Progress::silent()).await.unwrap();
    assert!(report.broken.is_none() && report.events > 20, "{report:?}");
    let followed = Tables::of(&storage).await;
    Box::pin(rebuild(&Surroundings::new(&storage, Arc::new(SystemClock)), &ALL)).await.unwrap();
    followed.assert_same(&Tables::of(&storage).await, "followed through an erasure and rebuilt");
    storage.close().await;
}

/// A vault that still knew, restored with a list, or with a log that tells of the erasure itself.
async fn stays_erased(store: &str, list: &[&str], log: &str, vault: &str, customer: &CustomerId) {
    let restore = ["--store", store, "restore", log, "--vault", vault];
    node::talon(&[&restore[..], list].concat());
    let talon = over(store).await;
    is_forgotten(&talon, customer).await;
    let stream = talon_core::customer::stream(customer);
    let facts = talon.app.store.read_stream(&stream, 0, 1_000).await.unwrap();
    assert_eq!(facts.last().map(|it| &*it.kind), Some("customer.erased"));
    talon.stop().await;
}

/// The whole story. `bytes` are where the database keeps what it was given, `elsewhere` makes an empty store.
async fn nobody_is_told_of(
    store: &str,
    bytes: &Path,
    settle: impl AsyncFn(),
    elsewhere: impl AsyncFn(u32) -> String,
) {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let place = |name: &str| folder.path().join(name);
    Box::pin(node::install(store)).await;
    let planted = Box::pin(plant(store)).await;
    let id = planted.customer.as_str().to_owned();
    let said = place("said.log");
    let node = Node::start_telling(store, &said);
    let (_addresses, known) = watch::channel(vec![node.address.clone()]);
    let admin = Shift::at(known).administrator().await;
    let answers = Box::pin(work(&node, &admin, &planted)).await;
    fs::write(place("answers"), &answers).unwrap();
    assert_silent(&place("answers"), "what anybody may read");
    let (log, vault) = back_up(store, &place("before"));
    settle().await;
    assert_silent(bytes, "the database");
    assert_ne!(found_in(bytes, &id), Vec::<String>::new(), "the search finds what is there");

    // Erased by a press of the administrator; what joined the visits is gone at once.
    let erase = json!({ "commandId": new_id(), "customer": id, "reason": "REQUEST" });
    let erased = asks(&admin, &node.address, ERASE, json!({ "input": erase })).await;
    assert_eq!(erased["data"]["eraseCustomer"]["customer"]["erased"], true, "{erased}");
    let reveal =
        json!({ "commandId": new_id(), "ticketId": planted.ticket, "reason": "LEGAL", "fields": ["NAME"] });
    let refused = asks(&admin, &node.address, REVEAL, json!({ "input": reveal })).await;
    assert_eq!(refused["data"]["revealPersonalData"]["refusal"]["code"], "UNKNOWN", "{refused}");
    let noted = asks(&admin, &node.address, NOTES, json!({ "id": planted.ticket })).await;
    assert_eq!(noted["data"]["ticket"]["notes"], json!([{ "text": null }]));
    let (later, _) = back_up(store, &place("after"));
    let listed = node::talon(&["--store", store, "erased"]);
    assert!(listed.starts_with(&format!("{id} 20")) && listed.lines().count() == 1, "{listed}");
    let beside = place("after").join("erased.txt");
    assert_eq!(fs::read_to_string(&beside).unwrap(), listed, "the backup wrote the list beside itself");
    node.kill();
    assert_silent(&said, "the log of the process");
    assert!(fs::metadata(&said).unwrap().len() > 10_000, "the log was written");

    Box::pin(stands(store, &planted.customer)).await;
    let words = |path: &Path| path.display().to_string();
    let [log, later, vault, list] = [&log, &later, &vault, &beside].map(|path| words(path));
    let (first, second) = (elsewhere(1).await, elsewhere(2).await);
    Box::pin(stays_erased(&first, &["--erased", &list], &log, &vault, &planted.customer)).await;
    Box::pin(stays_erased(&second, &[], &later, &vault, &planted.customer)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_run_tells_of_anybody() {
    let folder = TempDir::with_prefix("talon-hall-").unwrap();
    let data = folder.path().join("data");
    let store = format!("sqlite:{}", data.display());
    let elsewhere =
        async |number: u32| format!("sqlite:{}", folder.path().join(number.to_string()).display());
    Box::pin(nobody_is_told_of(&store, &data, async || {}, elsewhere)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_run_on_postgresql_tells_of_anybody() {
    let Some(server) = Server::start() else { return };
    let options: PgConnectOptions = server.url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    let (data,): (String,) = sqlx::query_as("show data_directory").fetch_one(&mut connection).await.unwrap();
    let create = async |name: &str| {
        let mut connection = options.connect().await.unwrap();
        let text = format!("create database {name}");
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
        options.clone().database(name).to_url_lossy().to_string()
    };
    let store = create("planted").await;
    // Whatever is still in memory only is written to its files; the write-ahead log is there already.
    let settle = async || {
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql("checkpoint").execute(&mut connection).await.unwrap();
    };
    let elsewhere = async |number: u32| create(&format!("restored_{number}")).await;
    Box::pin(nobody_is_told_of(&store, Path::new(&data), settle, elsewhere)).await;
}
