//! The committed matrix of permissions is the table in the code: a change of either shows in review.

use std::{collections::BTreeSet, fs, path::Path};

use talon_api::auth::{Permission, Permissions, Role, permissions::matrix};
use talon_core::staff::event::Role as StaffRole;
use talon_texts::Language;

#[expect(clippy::disallowed_methods, reason = "a developer asks for new files by TALON_REGENERATE=1")]
fn regenerate() -> bool {
    std::env::var("TALON_REGENERATE").is_ok_and(|value| value == "1")
}

#[test]
fn generated_files_are_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/permissions.json");
    let text = serde_json::to_string_pretty(&matrix()).expect("JSON") + "\n";
    if regenerate() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of schemas");
        fs::write(&path, &text).expect("a new matrix");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "schemas/permissions.json is stale: run this test with TALON_REGENERATE=1");
}

#[test]
fn every_permission_has_a_code_of_its_own_and_somebody_who_has_it() {
    assert_eq!(matrix().len(), Permission::ALL.len());
    assert!(Permission::ALL.iter().all(|permission| !permission.roles().is_empty()));
}

/// What nobody must ever get by a slip of the table.
#[test]
fn strangers_analysts_and_auditors_change_nothing() {
    use Permission as P;
    let reading = |permission: &P| {
        let code = permission.code();
        code.starts_with("READ_") || ["OPEN_PAGE", "OWN_ACCOUNT"].contains(&code)
    };
    // Customers act for themselves, and nobody else acts so.
    let own = |permission: &P| matches!(permission, P::TakeTicket | P::ManageOwnAccount);
    for permission in P::ALL.iter().filter(|permission| own(permission)) {
        assert_eq!(permission.roles(), [Role::Customer], "{}", permission.code());
    }
    for role in [Role::Nobody, Role::Customer, Role::Analyst, Role::Auditor] {
        for permission in P::ALL.iter().filter(|permission| permission.roles().contains(&role)) {
            assert!(reading(permission) || own(permission), "{} may {}", role.column(), permission.code());
        }
    }
    for personal in [P::ReadNotes, P::ReadStaffNames] {
        assert!(!personal.roles().contains(&Role::Analyst) && !personal.roles().contains(&Role::Nobody));
    }
}

#[test]
fn an_administrator_may_whatever_any_member_of_staff_may() {
    for permission in Permission::ALL {
        let roles = permission.roles();
        let some_staff = [Role::Operator, Role::Head, Role::Analyst, Role::Auditor];
        if some_staff.iter().any(|role| roles.contains(role)) {
            assert!(roles.contains(&Role::Admin), "{}", permission.code());
        }
    }
}

#[test]
fn every_permission_of_staff_and_every_role_of_the_house_has_words_in_both_languages() {
    for language in Language::ALL {
        let asked: BTreeSet<String> = Permission::ALL
            .iter()
            .map(|it| format!("permission-{}", it.code()))
            .chain(StaffRole::OF_THE_HOUSE.iter().map(|it| format!("role-{}", it.code())))
            .collect();
        let written: BTreeSet<String> = talon_texts::keys(language).into_iter().map(str::to_owned).collect();
        let wordless: Vec<_> = asked.difference(&written).collect();
        assert!(wordless.is_empty(), "{}: no words for {wordless:?}", language.code());
    }
}

#[test]
fn a_set_holds_what_was_put_into_it() {
    for permission in Permission::ALL {
        let one: Permissions = [*permission].into_iter().collect();
        assert_eq!(one.iter().collect::<Vec<_>>(), [*permission]);
        assert_eq!(Permission::of_code(permission.code()), Some(*permission));
        for role in Role::ALL {
            let held = Permissions::of_role(&role).contains(*permission);
            assert_eq!(held, permission.roles().contains(&role), "{} {}", role.column(), permission.code());
        }
    }
    assert_eq!(Permission::of_code("EVERYTHING"), None);
}
