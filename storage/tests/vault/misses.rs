//! Misses are counted once for all nodes, wait for each other, and leave nothing behind.

use chrono::{DateTime, TimeDelta, Utc};
use talon_storage::{
    ask,
    backup::{backup, restore},
    vault::{Patience, Try, Vault},
};
use tempfile::TempDir;

use crate::{
    each, now,
    support::{Home, homes, master},
};

const KIND: &str = "account";
const GUESSES: Patience =
    Patience { free: 4, first: TimeDelta::seconds(5), longest: TimeDelta::seconds(300) };

fn at(second: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(second)
}

/// The seconds until somebody may try again; nothing when they just did.
async fn tried(vault: &Vault, subject: &str, second: i64) -> Option<i64> {
    match vault.count_miss(KIND, subject, GUESSES, at(second)).await.unwrap() {
        Try::Counted(_) => None,
        Try::Waits(until) => Some((until - at(second)).num_seconds()),
    }
}

async fn rows(vault: &Vault) -> usize {
    ask!(vault.db(), (i64,), "select cast(tries as bigint) from misses").unwrap().len()
}

#[tokio::test]
async fn the_sixth_try_waits_and_each_further_miss_doubles_the_wait() {
    each(async |_, vault| {
        for _ in 0..4 {
            assert_eq!(vault.count_miss(KIND, "anna", GUESSES, at(0)).await.unwrap(), Try::Counted(None));
        }
        let fifth = vault.count_miss(KIND, "anna", GUESSES, at(0)).await.unwrap();
        assert_eq!(fifth, Try::Counted(Some(at(5))), "who misses now is told until when");
        assert_eq!(tried(vault, "anna", 0).await, Some(5));
        assert_eq!(tried(vault, "anna", 4).await, Some(1), "waiting is not punished");
        assert_eq!(tried(vault, "anna", 5).await, None);
        assert_eq!(tried(vault, "anna", 5).await, Some(10));
        assert_eq!(tried(vault, "anna", 15).await, None);
        assert_eq!(tried(vault, "anna", 15).await, Some(20));
        assert_eq!(tried(vault, "boris", 15).await, None, "others are not locked");
        let other_kind = vault.count_miss("address", "anna", GUESSES, at(15)).await.unwrap();
        assert_eq!(other_kind, Try::Counted(None));
    })
    .await;
}

#[tokio::test]
async fn the_wait_has_an_end_however_stubborn_somebody_is_and_is_forgotten_an_hour_later() {
    each(async |_, vault| {
        let mut second = 0;
        let mut longest = 0;
        for _ in 0..60 {
            let wait = tried(vault, "anna", second).await.unwrap_or(0);
            longest = longest.max(wait);
            second += wait;
        }
        assert_eq!(longest, 300);
        let until = match vault.count_miss(KIND, "anna", GUESSES, at(second)).await.unwrap() {
            Try::Counted(until) => until.unwrap(),
            Try::Waits(until) => until,
        };
        let later = (until - now()).num_seconds();
        assert_eq!(tried(vault, "anna", later + 3_599).await, None);
        assert_eq!(tried(vault, "anna", later + 3_599).await, Some(300), "remembered within the hour");
        let hour_later = later + 3_599 + 300 + 3_600;
        for _ in 0..5 {
            assert_eq!(tried(vault, "anna", hour_later).await, None);
        }
        assert_eq!(tried(vault, "anna", hour_later).await, Some(5));
    })
    .await;
}

#[tokio::test]
async fn the_first_letter_already_makes_the_next_one_wait() {
    let letters = Patience { free: 0, first: TimeDelta::minutes(1), longest: TimeDelta::hours(1) };
    each(async |_, vault| {
        let mut waits = Vec::new();
        let mut time = now();
        for _ in 0..8 {
            let Try::Counted(until) = vault.count_miss("codes", "+7916", letters, time).await.unwrap() else {
                panic!("the wait is over")
            };
            waits.push((until.unwrap() - time).num_minutes());
            time = until.unwrap();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    })
    .await;
}

#[tokio::test]
async fn success_forgets_an_account_and_takes_one_back_from_an_address() {
    each(async |_, vault| {
        for _ in 0..5 {
            assert_eq!(tried(vault, "anna", 0).await, None);
        }
        vault.forget_misses(KIND, "anna").await.unwrap();
        assert_eq!(tried(vault, "anna", 0).await, None);
        for _ in 0..20 {
            assert_eq!(tried(vault, "10.0.0.1", 0).await, None);
            vault.take_back_miss(KIND, "10.0.0.1", at(0)).await.unwrap();
        }
        vault.take_back_miss(KIND, "never seen", at(0)).await.unwrap();
        assert_eq!(vault.forget_old_misses(at(0), 100).await.unwrap(), 1, "what was taken back is nothing");
        assert_eq!(rows(vault).await, 1);
    })
    .await;
}

#[tokio::test]
async fn of_many_tries_at_once_on_two_nodes_no_more_are_free_than_of_one_after_another() {
    for home in homes().await {
        let storage = home.open().await;
        // Beside it, where two may be open at once.
        let other = match home {
            Home::Database(_) => Some(home.open().await),
            _ => None,
        };
        let nodes = [&storage.vault, other.as_ref().map_or(&storage.vault, |it| &it.vault)];
        let tries = (0..40).map(|number| {
            let vault = nodes[number % 2].clone();
            // Whoever looked at the clock first need not come first.
            let time = at(0) - TimeDelta::microseconds(i64::try_from(number).unwrap());
            tokio::spawn(async move { vault.count_miss(KIND, "anna", GUESSES, time).await.unwrap() })
        });
        let mut counted = 0;
        for one in tries.collect::<Vec<_>>() {
            counted += usize::from(matches!(one.await.unwrap(), Try::Counted(_)));
        }
        assert_eq!(counted, 5);
        for node in [Some(storage), other].into_iter().flatten() {
            node.close().await;
        }
    }
}

#[tokio::test]
async fn a_flood_of_subjects_pushes_out_its_own_and_what_is_old_goes_by_itself() {
    each(async |_, vault| {
        for second in 0..3 {
            tried(vault, "anna", second).await;
        }
        for number in 0..20 {
            tried(vault, &format!("nobody-{number}"), 10).await;
        }
        assert_eq!(vault.forget_old_misses(at(10), 5).await.unwrap(), 16);
        assert_eq!(rows(vault).await, 5);
        for _ in 0..2 {
            assert_eq!(tried(vault, "anna", 11).await, None);
        }
        assert_eq!(tried(vault, "anna", 11).await, Some(5), "the third of five was not forgotten");
        assert_eq!(vault.forget_old_misses(at(16 + 3_600), 5).await.unwrap(), 5);
        assert_eq!(rows(vault).await, 0);
    })
    .await;
}

#[tokio::test]
async fn nothing_tells_who_was_guessed_at() {
    each(async |home, vault| {
        vault.put_identity("email", "anna@example.org", "s-1").await.unwrap();
        let account = hex::encode(vault.blind_index("email", "anna@example.org").0);
        for subject in [account.as_str(), "s-1", "boris@example.org", "192.0.2.7"] {
            tried(vault, subject, 0).await;
        }
        let kept = ask!(vault.db(), (Vec<u8>,), "select subject from misses").unwrap();
        let index = vault.blind_index("email", "anna@example.org").0;
        assert!(kept.iter().all(|(it,)| *it != index), "the table cannot be joined to that of identities");
        if let Home::Directory(folder) = home {
            for entry in std::fs::read_dir(folder.path()).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                for plain in ["boris@example.org", "192.0.2.7"] {
                    assert!(!bytes.windows(plain.len()).any(|it| it == plain.as_bytes()), "{plain}");
                }
            }
        }
        vault.erase_person("s-1").await.unwrap();
        assert_eq!(rows(vault).await, 2, "what was about the person went with them");
    })
    .await;
}

#[tokio::test]
async fn no_backup_holds_a_miss() {
    for home in homes().await.into_iter().filter(Home::is_durable) {
        let storage = home.open().await;
        storage.vault.put_identity("email", "anna@example.org", "s-1").await.unwrap();
        tried(&storage.vault, "anna", 0).await;
        let folder = TempDir::new().unwrap();
        let made = backup(&storage, folder.path(), now(), &|_, _| {}).await.unwrap();
        assert_eq!(rows(&storage.vault).await, 1, "the store itself keeps counting");
        storage.close().await;
        let target = Home::sqlite();
        restore(&made.log, Some(&made.vault), &target.url(), Some(master()), &|_, _| {}).await.unwrap();
        let copy = target.open().await;
        assert_eq!(rows(&copy.vault).await, 0);
        assert!(copy.vault.find_identity("email", "anna@example.org").await.unwrap().is_some());
        copy.close().await;
    }
}
