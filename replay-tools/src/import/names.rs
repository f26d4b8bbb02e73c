//! The source's names made into ids. A name that has an id's form is kept as it is; any other keeps what it can of
//! itself and gets a mark of the whole, so that two names never become one.

use sha2::{Digest, Sha256};
use talon_core::ids::{BranchId, OperatorId, ServiceId};

/// Leaves room for the branch's own name.
pub(super) const LONGEST_PREFIX: usize = 24;

pub(super) fn branch(prefix: &str, name: &str) -> BranchId {
    let id = fitted(name, 40 - prefix.len(), |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    BranchId::trusted(&format!("{prefix}{id}"))
}

pub(super) fn service(name: &str) -> ServiceId {
    ServiceId::trusted(&fitted(name, 40, code))
}

pub(super) fn operator(name: &str) -> OperatorId {
    OperatorId::trusted(&fitted(name, 64, code))
}

fn code(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

fn fitted(name: &str, longest: usize, allowed: impl Fn(char) -> bool) -> String {
    if !name.is_empty() && name.len() <= longest && name.chars().all(&allowed) {
        return name.to_owned();
    }
    let mut kept = String::new();
    for letter in name.chars() {
        let lower = letter.to_ascii_lowercase();
        if allowed(letter) {
            kept.push(letter);
        } else if allowed(lower) {
            kept.push(lower);
        } else if !kept.ends_with('-') {
            kept.push('-');
        }
    }
    let mark = hex::encode(&Sha256::digest(name.as_bytes())[..4]);
    let kept = &kept[..kept.len().min(longest - mark.len() - 1)];
    match kept.trim_matches('-') {
        "" => mark,
        kept => format!("{kept}-{mark}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_form_is_kept() {
        assert_eq!(branch("old-", "branch-07").as_str(), "old-branch-07");
        assert_eq!(service("PS").as_str(), "PS");
        assert_eq!(operator("op_3.b").as_str(), "op_3.b");
    }

    #[test]
    fn any_other_name_becomes_an_id_of_its_own() {
        let names =
            ["Отделение 5", "Отделение № 5", "отделение 5", "UD_Wola", "ud_wola", "ud-wola", "  ", "X"];
        let long = "n".repeat(60);
        let ids: std::collections::BTreeSet<_> = names
            .into_iter()
            .chain([long.as_str()])
            .map(|name| {
                let id = branch("archive-of-the-old-city-", name);
                assert!(BranchId::parse(id.as_str()).is_ok(), "{id}");
                id
            })
            .collect();
        assert_eq!(ids.len(), names.len() + 1);
    }
}
