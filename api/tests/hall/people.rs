//! People on the staff and what they work in, through the doors: who may give what to whom, and what is left in the log.

use axum::http::StatusCode;
use serde_json::{Value, json};
use talon_api::config::SecondFactor;
use talon_core::{
    ids::RoleCode,
    staff::event::{Role, Scope},
};
use totp_rs::{Builder, Secret};

use crate::house::{Answer, BRANCH, House, PASSWORD, Pass, SERVICE, new_id, unhurried};

const REGION: &str = "north";

fn name(word: &str) -> Value {
    json!({ "ru": word, "en": word })
}

fn here() -> Value {
    json!({ "branches": [BRANCH] })
}

async fn admin(house: &House) -> Pass {
    house.staff(Role::Admin, None).await
}

/// A role of the organisation's own with these permissions.
async fn defined(house: &House, admin: &Pass, role: &str, permissions: &[&str]) {
    let input = json!({ "role": role, "name": name(role), "permissions": permissions });
    house.done(admin, "defineRole", input).await;
}

/// Somebody in a role of the organisation's own, in the one branch.
async fn somebody(house: &House, role: &str) -> Pass {
    house.staff(Role::Own(RoleCode::trusted(role)), Some(BRANCH)).await
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.code().as_deref(), Some(code), "{}", answer.text);
}

async fn history(house: &House, pass: &Pass, filter: Value) -> Vec<Value> {
    let query = "query q($filter: HistoryFilter, $at: Position) { history(filter: $filter, minPosition: $at) { edges { node { type actor role staff payload was } } } }";
    let at = house.graphql(pass, "{ position }", json!({})).await.json()["data"]["position"].clone();
    let answer = house.graphql(pass, query, json!({ "filter": filter, "at": at })).await;
    assert_eq!(answer.code(), None, "{}", answer.text);
    let edges = answer.json()["data"]["history"]["edges"].as_array().unwrap().clone();
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_added_found_changed_and_dismissed() {
    let house = House::open().await;
    let admin = admin(&house).await;
    house
        .done(
            &admin,
            "definePosition",
            json!({ "code": "porter", "name": name("Носильщик"), "skills": [SERVICE] }),
        )
        .await;
    let input = json!({
        "commandId": new_id(), "name": "Пётр Носов", "email": "petr@example.org", "positions": ["porter"],
        "roles": [{ "role": "operator", "scope": here() }],
    });
    let added = house.done(&admin, "addStaff", input.clone()).await;
    let staff = &added["staff"];
    assert_eq!((&staff["name"], &staff["email"]), (&json!("Пётр Носов"), &json!("petr@example.org")));
    assert_eq!((&staff["hasPassword"], &staff["branches"]), (&json!(false), &json!([BRANCH])));
    assert_eq!((&staff["skills"], &staff["effectiveSkills"]), (&json!([]), &json!([SERVICE])));
    assert!(added["invitation"]["link"].as_str().unwrap().contains("/login/invite#"), "{added}");
    assert_eq!(added["invitation"]["mailed"], false, "no mail server is configured");
    let id = staff["id"].clone();
    // The same press again is the same person, with another link.
    let added = house.done(&admin, "addStaff", input).await;
    assert_eq!(added["staff"]["id"], id);
    let twice = json!({ "name": "Другой", "email": "PETR@example.org", "roles": [{ "role": "operator", "scope": here() }] });
    refused(&house.press(&admin, "addStaff", twice).await, "ALREADY_EXISTS");

    let list = async |filter: Value| {
        let query = "query q($filter: StaffFilter) { staff(filter: $filter) { edges { node { id name } } } }";
        let answer = house.graphql(&admin, query, json!({ "filter": filter })).await.json();
        let edges = answer["data"]["staff"]["edges"].as_array().unwrap().clone();
        edges.into_iter().map(|edge| edge["node"]["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list(json!({ "search": "носов" })).await, std::slice::from_ref(&id));
    assert_eq!(list(json!({ "search": "petr@" })).await, std::slice::from_ref(&id));
    assert_eq!(
        list(json!({ "position": "porter", "branch": BRANCH, "role": "operator" })).await,
        std::slice::from_ref(&id)
    );
    assert_eq!(list(json!({ "search": "носов", "role": "head" })).await, Vec::<Value>::new());

    // The link opens the door once, and another one in its place makes it void.
    let link = |answer: &Value| answer["invitation"]["link"].as_str().unwrap().to_owned();
    let enter = async |link: &str| {
        let body = json!({ "token": link.split_once('#').unwrap().1, "password": "correct horse battery" });
        house.post(&Pass::Nobody, "/auth/invitation/complete", &[], body.to_string()).await
    };
    let (first, second) =
        (link(&added), link(&house.done(&admin, "inviteStaffAgain", json!({ "staff": id })).await));
    assert_ne!(enter(&first).await.status, StatusCode::OK);
    let welcome = enter(&second).await;
    assert_eq!(welcome.status, StatusCode::OK, "{}", welcome.text);
    let petr = Pass::Bearer(welcome.json()["accessToken"].as_str().unwrap().to_owned());
    assert_eq!(json!(house.id_of(&petr).await), id);
    assert_ne!(enter(&second).await.status, StatusCode::OK);
    let third = link(&house.done(&admin, "inviteStaffAgain", json!({ "staff": id })).await);

    let change = json!({ "staff": id, "name": "Пётр Ильич Носов", "email": "nosov@example.org" });
    let changed = house.done(&admin, "changeStaff", change).await;
    assert_eq!(changed["staff"]["email"], "nosov@example.org");
    // It lies in a mailbox that is not his any more.
    assert_ne!(enter(&third).await.status, StatusCode::OK);
    let freed = json!({ "name": "Другой", "email": "petr@example.org", "roles": [{ "role": "operator", "scope": here() }] });
    house.done(&admin, "addStaff", freed).await;

    refused(
        &house.press(&admin, "dismissStaff", json!({ "staff": id, "reason": " " })).await,
        "REASON_REQUIRED",
    );
    let gone =
        house.done(&admin, "dismissStaff", json!({ "staff": id, "reason": "ушёл в отпуск навсегда" })).await;
    assert_eq!(gone["staff"]["dismissed"], true);
    assert_eq!(house.graphql(&petr, "{ me { id } }", json!({})).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(list(json!({ "search": "носов" })).await, Vec::<Value>::new());
    assert_eq!(list(json!({ "search": "носов", "dismissed": true })).await, std::slice::from_ref(&id));
    refused(&house.press(&admin, "setSkills", json!({ "staff": id, "skills": [] })).await, "UNKNOWN");

    // Names, addresses and reasons are nowhere in the log in plain words; what they were stands beside what they became.
    let facts = history(&house, &admin, json!({ "staff": id })).await;
    let kinds: Vec<&str> = facts.iter().map(|it| it["type"].as_str().unwrap()).collect();
    for kind in
        ["staff.added", "staff.role_granted", "staff.positions_assigned", "staff.changed", "staff.dismissed"]
    {
        assert!(kinds.contains(&kind), "{kind} is missing: {kinds:?}");
    }
    let text = serde_json::to_string(&facts).unwrap();
    for word in ["Носов", "nosov@", "petr@", "отпуск"] {
        assert!(!text.contains(word), "{word} stands in the log");
    }
    let changed = facts.iter().find(|it| it["type"] == "staff.changed").unwrap();
    assert!(changed["was"]["name"]["value"].is_string() && changed["was"]["email"]["value"].is_string());
    assert_eq!((&changed["staff"], &changed["role"]), (&id, &json!("admin")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_they_do_not_have() {
    let house = House::open().await;
    let admin = admin(&house).await;
    defined(&house, &admin, "people", &["READ_STAFF", "MANAGE_STAFF", "READ_QUEUE"]).await;
    defined(&house, &admin, "watcher", &["READ_QUEUE"]).await;
    let vera = somebody(&house, "people").await;
    let (clerk, head) = (house.operator().await, house.staff(Role::Head, Some(BRANCH)).await);
    let (watcher, clerk, head) =
        (somebody(&house, "watcher").await, house.id_of(&clerk).await, house.id_of(&head).await);
    let watcher = house.id_of(&watcher).await;
    let grant =
        |staff: &str, role: &str, scope: Value| json!({ "staff": staff, "role": role, "scope": scope });

    house.done(&vera, "grantRole", grant(&watcher, "people", here())).await;
    refused(&house.press(&vera, "grantRole", grant(&watcher, "operator", here())).await, "MORE_THAN_YOURS");
    refused(&house.press(&vera, "grantRole", grant(&watcher, "admin", here())).await, "MORE_THAN_YOURS");
    let everywhere = json!({ "organisation": true });
    refused(
        &house.press(&vera, "grantRole", grant(&watcher, "watcher", everywhere.clone())).await,
        "FORBIDDEN",
    );
    // A region may grow: to give a role by region one must be able to give it everywhere.
    house.done(&admin, "defineRegion", json!({ "code": REGION, "name": name("Север") })).await;
    let by_region = json!({ "regions": [REGION] });
    refused(&house.press(&vera, "grantRole", grant(&watcher, "watcher", by_region)).await, "FORBIDDEN");
    // Whoever may do more than she does is not hers to manage: with their link she would be them.
    for other in [&clerk, &head] {
        for (mutation, input) in [
            ("inviteStaffAgain", json!({ "staff": other })),
            ("changeStaff", json!({ "staff": other, "email": "vera@example.org" })),
            ("dismissStaff", json!({ "staff": other, "reason": "x" })),
            ("endStaffSessions", json!({ "staff": other })),
            ("resetSecondFactor", json!({ "staff": other })),
            ("withdrawRole", json!({ "staff": other, "role": "operator" })),
        ] {
            refused(&house.press(&vera, mutation, input).await, "FORBIDDEN");
        }
    }
    // Nor is somebody who works in another branch as well.
    let both = json!({ "branches": [BRANCH] });
    house.done(&admin, "grantRole", grant(&watcher, "watcher", both)).await;
    house.done(&admin, "grantRole", grant(&watcher, "watcher", everywhere)).await;
    refused(&house.press(&vera, "inviteStaffAgain", json!({ "staff": watcher })).await, "FORBIDDEN");

    // A head gives skills in the branch and no role at all.
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    house.done(&head, "setSkills", json!({ "staff": clerk, "skills": [SERVICE] })).await;
    refused(&house.press(&head, "grantRole", grant(&clerk, "admin", here())).await, "FORBIDDEN");
    refused(
        &house.press(&head, "setSkills", json!({ "staff": clerk, "skills": ["no-such"] })).await,
        "UNKNOWN_SERVICE",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_of_permissions_its_maker_has() {
    let house = House::open().await;
    let admin = admin(&house).await;
    defined(&house, &admin, "maker", &["MANAGE_ROLES", "READ_QUEUE"]).await;
    let maker = house.staff(Role::Own(RoleCode::trusted("maker")), None).await;
    let role = |code: &str, permissions: &[&str]| json!({ "role": code, "name": name(code), "permissions": permissions });
    house.done(&maker, "defineRole", role("reader", &["READ_QUEUE"])).await;
    refused(&house.press(&maker, "defineRole", role("reader", &["MANAGE_STAFF"])).await, "MORE_THAN_YOURS");
    // Not even their own role becomes more this way, and none that they could not have made becomes less.
    refused(
        &house
            .press(&maker, "defineRole", role("maker", &["MANAGE_ROLES", "READ_QUEUE", "MANAGE_STAFF"]))
            .await,
        "MORE_THAN_YOURS",
    );
    defined(&house, &admin, "boss", &["MANAGE_STAFF"]).await;
    refused(&house.press(&maker, "defineRole", role("boss", &["READ_QUEUE"])).await, "MORE_THAN_YOURS");
    refused(&house.press(&maker, "archiveRole", json!({ "role": "boss" })).await, "MORE_THAN_YOURS");
    for (code, permissions, refusal) in [
        ("reader", vec!["SEND_HEARTBEAT"], "MALFORMED"),
        ("reader", vec!["EVERYTHING"], "MALFORMED"),
        ("Reader!", vec![], "MALFORMED"),
        ("head", vec![], "ALREADY_EXISTS"),
        ("device", vec![], "ALREADY_EXISTS"),
    ] {
        refused(&house.press(&admin, "defineRole", role(code, &permissions)).await, refusal);
    }
    refused(&house.press(&admin, "archiveRole", json!({ "role": "admin" })).await, "UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_moves_changes_who_may_act_there_at_once() {
    let house = House::open().await;
    let admin = admin(&house).await;
    house.done(&admin, "defineRegion", json!({ "code": REGION, "name": name("Север") })).await;
    let scope = Scope::Regions { regions: vec![REGION.to_owned()] };
    let head = house.sign_in(&house.hire_in(Role::Head, scope).await).await;
    house.at_window(&admin, "w6").await;
    let pause = || json!({ "reason": "пожарная тревога" });
    refused(&house.press(&head, "pauseIntake", pause()).await, "FORBIDDEN");
    house.done(&admin, "moveBranch", json!({ "region": REGION })).await;
    house.done(&head, "pauseIntake", pause()).await;
    refused(&house.press(&admin, "archiveRegion", json!({ "code": REGION })).await, "STILL_IN_USE");
    house.done(&admin, "moveBranch", json!({})).await;
    refused(&house.press(&head, "resumeIntake", json!({})).await, "FORBIDDEN");
    let moves = history(&house, &admin, json!({ "types": ["organisation.branch_moved"] })).await;
    assert_eq!((&moves[0]["was"], &moves[0]["payload"]["region"]), (&json!(REGION), &Value::Null));

    // Whoever acts in a region moves no branch under themselves.
    defined(&house, &admin, "planner", &["MANAGE_STRUCTURE"]).await;
    let email = house.hire_in(Role::Own(RoleCode::trusted("planner")), Scope::Organisation).await;
    let planner = house.sign_in(&email).await;
    let id = house.id_of(&planner).await;
    let regional = json!({ "staff": id, "role": "head", "scope": { "regions": [REGION] } });
    house.done(&admin, "grantRole", regional).await;
    refused(&house.press(&planner, "moveBranch", json!({ "region": REGION })).await, "MORE_THAN_YOURS");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays_one() {
    let house = House::open().await;
    let vera = admin(&house).await;
    let id = house.id_of(&vera).await;
    let lose = json!({ "staff": id, "role": "admin" });
    let shrink = json!({ "staff": id, "role": "admin", "scope": here() });
    let leave = json!({ "staff": id, "reason": "x" });
    for (mutation, input) in [("withdrawRole", &lose), ("grantRole", &shrink), ("dismissStaff", &leave)] {
        refused(&house.press(&vera, mutation, input.clone()).await, "LAST_ADMINISTRATOR");
    }
    let boris = admin(&house).await;
    house.done(&vera, "withdrawRole", lose).await;
    // She is none any more, and he is the last.
    refused(&house.press(&vera, "dismissStaff", leave).await, "FORBIDDEN");
    let his = house.id_of(&boris).await;
    refused(
        &house.press(&boris, "dismissStaff", json!({ "staff": his, "reason": "x" })).await,
        "LAST_ADMINISTRATOR",
    );
    house
        .done(&boris, "grantRole", json!({ "staff": id, "role": "admin", "scope": { "organisation": true } }))
        .await;
    house.done(&vera, "dismissStaff", json!({ "staff": his, "reason": "x" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_position_reaches_an_open_window_and_is_told_with_what_it_was() {
    let house = House::open().await;
    let admin = admin(&house).await;
    let position = |skills: Value| json!({ "code": "porter", "name": name("Носильщик"), "skills": skills });
    house.done(&admin, "definePosition", position(json!([SERVICE, "parcel-small-send"]))).await;
    let anna = house.operator().await;
    let id = house.id_of(&anna).await;
    house.done(&admin, "setSkills", json!({ "staff": id, "skills": [] })).await;
    house.done(&admin, "assignPositions", json!({ "staff": id, "positions": ["porter"] })).await;
    house.at_window(&anna, "w6").await;
    let skills = async |wanted: &[&str]| {
        house
            .sees("the window's skills", async || {
                let branch = talon_core::ids::BranchId::trusted(BRANCH);
                let (_, day) = house.talon.app.live.day(&branch, None)?;
                let window = day.windows.get(&talon_core::ids::WindowId::trusted("w6"))?;
                let mut skills: Vec<&str> = window.skills.iter().map(|it| it.as_str()).collect();
                skills.sort_unstable();
                (skills == wanted).then_some(())
            })
            .await;
    };
    skills(&[SERVICE, "parcel-small-send"]).await;
    house.done(&admin, "definePosition", position(json!([SERVICE]))).await;
    skills(&[SERVICE]).await;
    house.done(&admin, "setSkills", json!({ "staff": id, "skills": ["parcel-small-send"] })).await;
    skills(&[SERVICE, "parcel-small-send"]).await;
    house.done(&admin, "archivePosition", json!({ "code": "porter" })).await;
    skills(&["parcel-small-send"]).await;
    refused(
        &house.press(&admin, "assignPositions", json!({ "staff": id, "positions": ["porter"] })).await,
        "UNKNOWN",
    );
    let changes = history(&house, &admin, json!({ "type": "organisation.position_changed" })).await;
    assert_eq!(changes[0]["was"]["skills"], json!([SERVICE, "parcel-small-send"]));
    assert_eq!(changes[0]["payload"]["skills"], json!([SERVICE]));
}

async fn set_up_second_factor(house: &House, pass: &Pass) {
    let begin = json!({ "password": PASSWORD }).to_string();
    let offer = house.post(pass, "/auth/totp/begin", &[], begin).await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.text);
    let secret = Secret::try_from_base32(offer.json()["secret"].as_str().unwrap()).unwrap();
    let authenticator = Builder::new().with_secret(secret).build().unwrap();
    let now = house.talon.app.clock.now().timestamp().unsigned_abs();
    let confirm = json!({ "code": authenticator.generate(now).to_string() }).to_string();
    let confirmed = house.post(pass, "/auth/totp/confirm", &[], confirm).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
}

/// Somebody with two-step sign-in switched on: their address and who they are.
async fn with_second_factor(house: &House) -> (String, String) {
    let email = house.hire(Role::Operator, Some(BRANCH)).await;
    let pass = house.sign_in(&email).await;
    set_up_second_factor(house, &pass).await;
    (email, house.id_of(&pass).await)
}

async fn login(house: &House, email: &str) -> Value {
    let form = json!({ "email": email, "password": PASSWORD }).to_string();
    house.post(&Pass::Nobody, "/auth/login", &[], form).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_helps_whoever_lost_the_second_factor() {
    let house = House::open().await;
    let (email, staff) = with_second_factor(&house).await;
    assert_eq!(login(&house, &email).await["step"], "TOTP");
    let head = house.staff(Role::Head, Some(BRANCH)).await;
    refused(&house.press(&head, "resetSecondFactor", json!({ "staff": staff })).await, "FORBIDDEN");
    assert_eq!(login(&house, &email).await["step"], "TOTP");
    let admin = admin(&house).await;
    house.done(&admin, "resetSecondFactor", json!({ "staff": staff })).await;
    assert_eq!(login(&house, &email).await["me"]["id"], staff.as_str());
    let told = history(&house, &admin, json!({ "staff": staff })).await;
    let removed = told.iter().find(|it| it["type"] == "staff.second_factor_removed").unwrap();
    assert_eq!(removed["role"], "admin");
}

/// What a link of an invitation opens, with a password to choose.
async fn enter(house: &House, invited: &Value) -> Answer {
    let link = invited["invitation"]["link"].as_str().unwrap_or_else(|| panic!("no link: {invited}"));
    let body = json!({ "token": link.split_once('#').unwrap().1, "password": PASSWORD });
    house.post(&Pass::Nobody, "/auth/invitation/complete", &[], body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_press_hands_nobody_the_account_of_somebody_mightier() {
    let house = House::open().await;
    let admin = admin(&house).await;
    defined(&house, &admin, "people", &["READ_STAFF", "MANAGE_STAFF"]).await;
    let vera = somebody(&house, "people").await;
    let hired = json!({
        "commandId": new_id(), "name": "Пётр Носов", "email": "petr@example.org",
        "roles": [{ "role": "people", "scope": here() }],
    });
    let added = house.done(&vera, "addStaff", hired.clone()).await;
    // Somebody else who learns of the press gets nothing by it.
    let stranger = somebody(&house, "people").await;
    refused(&house.press(&stranger, "addStaff", hired.clone()).await, "COMMAND_ID_REUSED");
    let welcome = enter(&house, &house.done(&vera, "addStaff", hired.clone()).await).await;
    assert_eq!(welcome.status, StatusCode::OK, "no password was chosen yet: {}", welcome.text);
    let again = house.done(&vera, "addStaff", hired.clone()).await;
    assert_eq!((&again["staff"]["id"], &again["invitation"]), (&added["staff"]["id"], &Value::Null));
    let chief = json!({ "staff": added["staff"]["id"], "role": "admin", "scope": { "organisation": true } });
    let kept = house.done(&vera, "inviteStaffAgain", json!({ "staff": added["staff"]["id"] })).await;
    house.done(&admin, "grantRole", chief).await;
    refused(&house.press(&vera, "addStaff", hired).await, "FORBIDDEN");
    assert_eq!(enter(&house, &kept).await.json()["code"], "LINK_VOID", "nor by a link kept from before");
    assert!(login(&house, "petr@example.org").await["me"].is_object(), "the password stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_press_gives_nobody_a_second_address() {
    let house = House::open().await;
    let admin = admin(&house).await;
    let mut hired = json!({
        "commandId": new_id(), "name": "Пётр Носов", "email": "petr@example.org",
        "roles": [{ "role": "operator", "scope": here() }],
    });
    let added = house.done(&admin, "addStaff", hired.clone()).await;
    assert_eq!(enter(&house, &added).await.status, StatusCode::OK);
    hired["email"] = json!("thief@example.org");
    refused(&house.press(&admin, "addStaff", hired.clone()).await, "COMMAND_ID_REUSED");
    assert_eq!(login(&house, "thief@example.org").await["code"], "WRONG_DETAILS");
    hired["commandId"] = json!(new_id());
    let other = house.done(&admin, "addStaff", hired).await;
    assert_ne!(other["staff"]["id"], added["staff"]["id"], "the address is free for somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_does_not_become_the_account_by_managing_oneself() {
    let house = House::open().await;
    let admin = admin(&house).await;
    let own = house.id_of(&admin).await;
    for (mutation, input) in [
        ("inviteStaffAgain", json!({ "staff": own })),
        ("resetSecondFactor", json!({ "staff": own })),
        ("changeStaff", json!({ "staff": own, "email": "thief@example.org" })),
    ] {
        refused(&house.press(&admin, mutation, input).await, "OWN_ACCOUNT");
    }
    house.done(&admin, "changeStaff", json!({ "staff": own, "name": "Ольга Новая" })).await;
    let other = house.staff(Role::Admin, None).await;
    house.done(&other, "changeStaff", json!({ "staff": own, "email": "olga@example.org" })).await;
    house.done(&other, "inviteStaffAgain", json!({ "staff": own })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_must_set_up_a_second_factor_is_told_and_may_nothing_else() {
    let mut config = unhurried();
    config.auth.second_factor = SecondFactor::Staff;
    let house = House::with(config).await;
    let anna = house.staff(Role::Operator, Some(BRANCH)).await;
    let me = async || {
        let told =
            house.graphql(&anna, "{ me { mustSetUpSecondFactor permissions } }", json!({})).await.json();
        let me = told["data"]["me"].clone();
        let permissions = me["permissions"].as_array().unwrap().clone();
        (me["mustSetUpSecondFactor"] == true, permissions)
    };
    let queue = format!("{{ queue(branch: \"{BRANCH}\") {{ position }} }}");
    let (must, permissions) = me().await;
    assert!(must && permissions.contains(&json!("OWN_ACCOUNT")), "{permissions:?}");
    assert!(!permissions.contains(&json!("READ_QUEUE")), "{permissions:?}");
    refused(&house.graphql(&anna, &queue, json!({})).await, "FORBIDDEN");
    set_up_second_factor(&house, &anna).await;
    let (must, permissions) = me().await;
    assert!(!must && permissions.contains(&json!("READ_QUEUE")), "{permissions:?}");
    assert_eq!(house.graphql(&anna, &queue, json!({})).await.code(), None);
}
