//! Who works in the demo's post office. Sign-ins with known passwords exist in the demo only; the names are invented.

use talon_core::{
    ids::{BranchId, CommandId, ServiceId, WindowId},
    staff::event::{Role, Scope},
};
use zeroize::Zeroizing;

use super::BRANCH;
use crate::{auth::NewStaff, catalogue::Catalogue};

/// One member of the demo's staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    pub email: &'static str,
    pub password: &'static str,
    pub role: Role,
    pub name: &'static str,
    /// The catalogue's position their skills come from; none for those who do not serve.
    pub position: Option<&'static str>,
    /// The window the simulated hall seats them at; the visitor's operator has none and may sit down anywhere.
    pub window: Option<WindowId>,
}

impl SignIn {
    /// What this person can give, by their position.
    #[must_use]
    pub fn skills(&self, catalogue: &Catalogue) -> Vec<ServiceId> {
        let position = catalogue.positions.iter().find(|it| Some(it.id.as_str()) == self.position);
        position.map(|it| it.skills.clone()).unwrap_or_default()
    }

    /// This person as they join the staff.
    #[must_use]
    pub fn new_staff(&self, catalogue: &Catalogue) -> NewStaff {
        let scope = match self.role {
            Role::Operator | Role::Head => Scope::Branches { branches: vec![BranchId::trusted(BRANCH)] },
            Role::Admin | Role::Analyst | Role::Auditor | Role::Own(_) => Scope::Organisation,
        };
        NewStaff {
            email: self.email.into(),
            name: self.name.into(),
            password: Zeroizing::new(self.password.into()),
            role: self.role.clone(),
            scope,
            skills: self.skills(catalogue),
        }
    }

    /// The command that employs this person: always the same one.
    #[must_use]
    pub fn command(&self) -> CommandId {
        CommandId::derived(&["demo-staff", self.email])
    }
}

/// What earlier versions of the demo published: an old store may still open with it.
pub const FORMER_PASSWORDS: [(&str, &str); 2] =
    [("admin@demo.talon", "demo-admin"), ("head@demo.talon", "demo-head-1")];

/// Everybody who may sign in to the demo. The operator without a window is the visitor's; the first five operators are
/// simulated, each at a window of their own, so that the sixth stays free.
#[must_use]
pub fn staff() -> Vec<SignIn> {
    let person =
        |email, password, role, name| SignIn { email, password, role, name, position: None, window: None };
    let operator = |email, name, position, window: Option<&str>| SignIn {
        position: Some(position),
        window: window.map(WindowId::trusted),
        ..person(email, "demo-operator", Role::Operator, name)
    };
    vec![
        person("admin@demo.talon", "demo-administrator", Role::Admin, "Вера Аркадьевна Лисицына"),
        person("head@demo.talon", "demo-branch-head", Role::Head, "Михаил Юрьевич Заречный"),
        operator("op1@demo.talon", "Анна Сергеевна Полякова", "postal-clerk", Some("w1")),
        operator("op2@demo.talon", "Игорь Павлович Дроздов", "postal-clerk", Some("w2")),
        operator("op3@demo.talon", "Елена Викторовна Садовая", "universal-clerk", Some("w3")),
        operator("op4@demo.talon", "Тамара Ильинична Ковалёва", "cash-clerk", Some("w4")),
        operator("op5@demo.talon", "Руслан Маратович Гареев", "universal-clerk", Some("w5")),
        operator("visitor@demo.talon", "Ольга Николаевна Гостева", "universal-clerk", None),
        person("analyst@demo.talon", "demo-analyst", Role::Analyst, "Дмитрий Олегович Цифров"),
        person("auditor@demo.talon", "demo-auditor", Role::Auditor, "Надежда Петровна Строгова"),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{auth::SHORTEST_PASSWORD, demo};

    #[test]
    fn every_operator_has_skills_and_a_window_of_the_branch() {
        let catalogue = demo::catalogue().unwrap();
        let settings = &catalogue.branches[0].settings;
        for person in staff().iter().filter(|it| it.role == Role::Operator) {
            assert!(!person.skills(&catalogue).is_empty(), "{} can do nothing", person.email);
            if let Some(window) = &person.window {
                assert!(settings.windows.iter().any(|it| it.id == *window), "{window} is no window");
            }
        }
    }

    #[test]
    fn a_window_stays_free_for_the_visitor() {
        let catalogue = demo::catalogue().unwrap();
        let seated: BTreeSet<_> = staff().into_iter().filter_map(|it| it.window).collect();
        assert_eq!(seated.len(), 5);
        assert_eq!(catalogue.branches[0].settings.windows.len(), 6);
    }

    #[test]
    fn passwords_are_long_enough_to_sign_in() {
        for person in staff() {
            assert!(
                u32::try_from(person.password.chars().count()).unwrap() >= SHORTEST_PASSWORD,
                "{}",
                person.email
            );
        }
    }

    #[test]
    fn every_service_is_given_at_two_simulated_windows() {
        let catalogue = demo::catalogue().unwrap();
        let settings = &catalogue.branches[0].settings;
        for service in catalogue.services() {
            let given = staff()
                .iter()
                .filter(|it| it.skills(&catalogue).contains(&service.id))
                .filter_map(|it| {
                    settings.windows.iter().find(|window| Some(&window.id) == it.window.as_ref())
                })
                .filter(|window| window.services.is_empty() || window.services.contains(&service.id))
                .count();
            assert!(given >= 2, "{} is given at {given} windows", service.id);
        }
    }
}
