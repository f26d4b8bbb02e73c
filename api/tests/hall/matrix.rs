//! Who gets in where. Every field of the schema and every route is asked for by everybody, and what came of it is held
//! against `schemas/access.json`: each change of who may do what shows in review, and nothing new goes unasked.

use std::{collections::BTreeMap, fs, path::Path};

use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};
use talon_core::{
    device::event::DeviceKind,
    ids::RoleCode,
    staff::event::{Role, Scope},
};

use crate::{
    feeds::Socket,
    house::{Answer, BRANCH, House, Pass, SERVICE, new_id, request, unhurried},
    phones::Phones,
    routes::{self, ROUTES, Route},
    schema::Words,
};

/// Everybody. Those `elsewhere` have the role in another branch only. The duty manager's role is the organisation's own
/// and holds by region.
const COLUMNS: [&str; 13] = [
    "nobody",
    "kiosk",
    "board",
    "customer",
    "operator",
    "operator elsewhere",
    "head",
    "head elsewhere",
    "admin",
    "analyst",
    "auditor",
    "duty manager",
    "duty manager elsewhere",
];
/// What says that somebody may not; any other answer, also a refusal, says that they may.
const DENIALS: [&str; 3] = ["UNAUTHENTICATED", "FORBIDDEN", "DEVICE_UNKNOWN"];
/// Fields within fields that ask for a permission of their own.
const WITHIN: [(&str, &str); 1] = [("Branch.windows", "{ branch(code: \"centre\") { windows { code } } }")];

const DUTY: &str = "duty-manager";

/// Whoever signs out everywhere or is erased cannot be asked anything afterwards.
const LAST_WORDS: [&str; 2] = ["/auth/logout-everywhere", "eraseMe"];

/// Those who say the last words, by what they say.
type Leaving = BTreeMap<&'static str, Vec<(&'static str, Pass)>>;
type Matrix = BTreeMap<String, Vec<&'static str>>;

#[expect(clippy::disallowed_methods, reason = "a developer asks for new files by TALON_REGENERATE=1")]
fn regenerate() -> bool {
    std::env::var("TALON_REGENERATE").is_ok_and(|value| value == "1")
}

async fn everybody(house: &House, phones: &Phones) -> Vec<(&'static str, Pass)> {
    let mut all = Vec::new();
    for column in COLUMNS {
        let staff = |role, branch| house.staff(role, branch);
        let pass = match column {
            "kiosk" => house.device(DeviceKind::Kiosk).await,
            "board" => house.device(DeviceKind::Board).await,
            "customer" => phones.customer(house).await,
            "operator" => staff(Role::Operator, Some(BRANCH)).await,
            "operator elsewhere" => staff(Role::Operator, Some("elsewhere")).await,
            "head" => staff(Role::Head, Some(BRANCH)).await,
            "head elsewhere" => staff(Role::Head, Some("elsewhere")).await,
            "admin" => staff(Role::Admin, None).await,
            "analyst" => staff(Role::Analyst, None).await,
            "auditor" => staff(Role::Auditor, None).await,
            "duty manager" => duty_manager(house, "north").await,
            "duty manager elsewhere" => duty_manager(house, "south").await,
            _ => Pass::Nobody,
        };
        all.push((column, pass));
    }
    all
}

/// The organisation's own role, and the branch in a region.
async fn organise(house: &House) {
    let admin = house.staff(Role::Admin, None).await;
    let name = json!({ "ru": "а", "en": "a" });
    for region in ["north", "south"] {
        house.done(&admin, "defineRegion", json!({ "code": region, "name": name })).await;
    }
    house.done(&admin, "moveBranch", json!({ "region": "north" })).await;
    let permissions = [
        "READ_QUEUE",
        "READ_HISTORY",
        "PICK_TICKET",
        "CALL_CUSTOMERS",
        "MANAGE_DAY",
        "READ_STAFF",
        "ASSIGN_SKILLS",
    ];
    let role = json!({ "role": DUTY, "name": name, "permissions": permissions });
    house.done(&admin, "defineRole", role).await;
}

async fn duty_manager(house: &House, region: &str) -> Pass {
    let scope = Scope::Regions { regions: vec![region.to_owned()] };
    house.sign_in(&house.hire_in(Role::Own(RoleCode::trusted(DUTY)), scope).await).await
}

fn is_allowed(answer: &Answer) -> bool {
    let code = answer.code();
    assert_ne!(code.as_deref(), Some("TOO_MANY_REQUESTS"), "a limit tells nothing about anybody's rights");
    answer.code().is_none_or(|code| !DENIALS.contains(&code.as_str()))
}

/// The ways to ask for one field: most have one.
fn variants(field: &str, words: &Words) -> Vec<(&'static str, Value)> {
    match field {
        "ticket" => vec![
            (" by id", json!({ "id": words["ticketId"] })),
            (" by token", json!({ "token": words["token"] })),
        ],
        "callTicket" => {
            vec![("", json!({})), (" out of turn", json!({ "input": { "reasonCode": "other" } }))]
        }
        "moveBranch" => vec![("", json!({ "input": { "region": "north" } }))],
        // Without a branch they tell of one's own branches.
        "devices" => vec![("", json!({})), (" of one branch", json!({ "branch": BRANCH }))],
        "history" | "tickets" => {
            vec![("", json!({})), (" of one branch", json!({ "filter": { "branch": BRANCH } }))]
        }
        _ => vec![("", json!({}))],
    }
}

async fn fields(
    house: &House,
    everybody: &[(&'static str, Pass)],
    leaving: &Leaving,
    words: &Words,
    matrix: &mut Matrix,
) {
    let address = house.listen().await;
    // Mutations come last: they change what the others would see.
    for root in ["Query", "Subscription", "Mutation"] {
        for field in house.interface.fields(root) {
            for (suffix, extra) in variants(&field.name.node, words) {
                let row = matrix.entry(format!("{root}.{}{suffix}", field.name.node)).or_default();
                for (column, pass) in leaving.get(&*field.name.node).map_or(everybody, Vec::as_slice) {
                    let (query, variables) = house.interface.question(root, field, words, &extra);
                    let answer = if root == "Subscription" {
                        Socket::open(address, pass).await.first(&query, &variables).await
                    } else {
                        house.graphql(pass, &query, variables).await
                    };
                    assert!(is_well_formed(&answer), "{query} {}", answer.text);
                    if is_allowed(&answer) {
                        row.push(column);
                    }
                }
            }
        }
    }
}

/// A question the schema itself refuses tells nothing about anybody's rights.
fn is_well_formed(answer: &Answer) -> bool {
    let body = answer.json();
    answer.status == StatusCode::OK && body["errors"][0]["path"].is_array() != body["errors"].is_null()
}

async fn doors(
    house: &House,
    everybody: &[(&'static str, Pass)],
    leaving: &Leaving,
    words: &Words,
    matrix: &mut Matrix,
) {
    for Route { method, path, body } in ROUTES {
        let row = matrix.entry(format!("{method} {path}")).or_default();
        for (column, pass) in leaving.get(path).map_or(everybody, Vec::as_slice) {
            let token = words["token"].as_str().unwrap();
            let path = path.replace("{branch}", BRANCH).replace("{token}", token);
            let key = new_id().to_string();
            let (head, rest) = house
                .begin(request(method, &path, pass, &[("idempotency-key", &key)], Body::from(*body)))
                .await
                .into_parts();
            // A line that was opened stays open: only errors are read to their end.
            let text = if head.status.is_success() {
                String::new()
            } else {
                let bytes = axum::body::to_bytes(rest, 100_000).await.unwrap();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            assert!(!head.status.is_server_error(), "{method} {path}: {} {text}", head.status);
            if is_allowed(&Answer { status: head.status, headers: head.headers, text }) {
                row.push(column);
            }
        }
    }
}

async fn asked() -> Matrix {
    let mut config = unhurried();
    let phones = Phones::for_house(&mut config).await;
    let house = House::with(config).await;
    organise(&house).await;
    let mut leaving = Leaving::new();
    for last in LAST_WORDS {
        leaving.insert(last, everybody(&house, &phones).await);
    }
    let everybody = everybody(&house, &phones).await;
    let admin = house.staff(Role::Admin, None).await;
    house.at_window(&admin, "w6").await;
    let ticket = house.ticket(&admin).await;
    let Pass::Device { id: spare, .. } = house.device(DeviceKind::Board).await else { unreachable!() };
    let colleague = house.id_of(&house.operator().await).await;
    let words = Words::from([
        ("BranchCode", json!(BRANCH)),
        ("WindowCode", json!("w6")),
        ("ServiceCode", json!(SERVICE)),
        ("UUID", json!(new_id())),
        ("Int", json!(1)),
        ("Boolean", json!(false)),
        ("BranchSettings", json!({})),
        ("ticketId", ticket["ticketId"].clone()),
        ("token", ticket["token"].clone()),
        ("device", json!(spare)),
        ("staff", json!(colleague)),
        ("id", json!(colleague)),
    ]);
    let mut matrix = Matrix::new();
    doors(&house, &everybody, &leaving, &words, &mut matrix).await;
    for (name, query) in WITHIN {
        let row = matrix.entry(name.to_owned()).or_default();
        for (column, pass) in &everybody {
            if is_allowed(&house.graphql(pass, query, json!({})).await) {
                row.push(column);
            }
        }
    }
    fields(&house, &everybody, &leaving, &words, &mut matrix).await;
    matrix
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_in_where_the_committed_matrix_says() {
    let matrix = asked().await;
    let text = serde_json::to_string_pretty(&matrix).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/access.json");
    if regenerate() {
        fs::write(&path, &text).unwrap();
    }
    let committed: BTreeMap<String, Vec<String>> =
        serde_json::from_str(&fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    for (row, columns) in &matrix {
        let wanted = committed.get(row).map(Vec::as_slice);
        let found: Vec<String> = columns.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(wanted, Some(found.as_slice()), "{row}: schemas/access.json says otherwise");
    }
    assert_eq!(committed.len(), matrix.len(), "schemas/access.json has rows that nothing answers to");

    // Whatever the file says: these must never change anything, and nobody acts in a branch that is not theirs.
    for (row, columns) in matrix.iter().filter(|(row, _)| row.starts_with("Mutation.")) {
        for stranger in ["nobody", "board", "analyst", "auditor"] {
            assert!(!columns.contains(&stranger), "{row} by {stranger}");
        }
        for elsewhere in ["operator elsewhere", "head elsewhere", "duty manager elsewhere"] {
            assert!(!columns.contains(&elsewhere), "{row} by {elsewhere}");
        }
    }
}

#[test]
fn every_route_is_in_the_matrix() {
    let known: Vec<&str> = ROUTES.iter().map(|it| it.path).chain(routes::PAGES).collect();
    let served = routes::in_sources();
    assert!(served.len() > 20, "routes were not found in the sources: {served:?}");
    for path in &served {
        assert!(known.contains(&path.as_str()), "{path} has no row in the matrix");
    }
    for path in known {
        assert!(served.contains(path), "{path} is in the matrix but nowhere else");
    }
}

#[test]
fn every_described_route_exists() {
    let document: Value = serde_json::from_str(&talon_api::http::openapi::DOCUMENT).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(!paths.is_empty());
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys().filter(|it| *it != "parameters") {
            let is_known = ROUTES.iter().any(|it| it.path == path && it.method.eq_ignore_ascii_case(method));
            assert!(is_known, "{method} {path} is described but has no row");
        }
    }
}
