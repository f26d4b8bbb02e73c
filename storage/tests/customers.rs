//! Keys of customers and of their visits: what joins them is in the vault alone, and an erasure takes it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use support::{Home, homes};
use talon_storage::{
    ask,
    vault::{ContactRow, Vault},
};
use uuid::Uuid;

const ANNA: &str = "c-anna";
const AAD: &[u8] = b"command/note";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn ticket(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn each(test: impl AsyncFn(&Home, &Vault)) {
    for home in homes().await {
        let storage = home.open().await;
        test(&home, &storage.vault).await;
        storage.close().await;
    }
}

#[tokio::test]
async fn each_visit_has_a_key_of_its_own_that_is_made_once() {
    each(async |_, vault| {
        assert_eq!(vault.visit_key(ANNA, ticket(1), now()).await.unwrap(), None, "not a customer yet");
        vault.put_customer(ANNA, now()).await.unwrap();
        let first = vault.visit_key(ANNA, ticket(1), now()).await.unwrap().unwrap();
        let second = vault.visit_key(ANNA, ticket(2), now() + TimeDelta::hours(1)).await.unwrap().unwrap();
        assert_ne!(first, second);
        assert_eq!(vault.visit_key(ANNA, ticket(1), now()).await.unwrap(), Some(first.clone()));
        vault.put_customer("c-boris", now()).await.unwrap();
        assert_eq!(vault.visit_key("c-boris", ticket(1), now()).await.unwrap(), None, "somebody else's");
        let visits: Vec<_> = vault.visits_of(ANNA).await.unwrap().iter().map(|it| it.ticket).collect();
        assert_eq!(visits, [ticket(2), ticket(1)]);
        assert_eq!(vault.person_of_visit(ticket(2)).await.unwrap().as_deref(), Some(ANNA));
        let sealed = vault.seal_for_visit(ticket(1), AAD, b"note").await.unwrap().unwrap();
        assert_eq!(sealed.key, first);
        assert_eq!(vault.open_text(&sealed, AAD).await.unwrap().as_deref(), Some("note"));
        assert_eq!(vault.seal_for_visit(ticket(9), AAD, b"note").await.unwrap(), None);
        // The person's own key is none of the visits'.
        let own = vault.seal(ANNA, AAD, b"name").await.unwrap();
        assert!(own.key != first && own.key != second);
    })
    .await;
}

#[tokio::test]
async fn an_erasure_leaves_nothing_that_names_the_person() {
    each(async |home, vault| {
        vault.put_customer(ANNA, now()).await.unwrap();
        vault.put_customer("c-boris", now()).await.unwrap();
        let own = vault.seal(ANNA, AAD, b"name").await.unwrap();
        vault.visit_key(ANNA, ticket(1), now()).await.unwrap().unwrap();
        let note = vault.seal_for_visit(ticket(1), AAD, b"note").await.unwrap().unwrap();
        let others = vault.seal("c-boris", AAD, b"name").await.unwrap();
        let row = ContactRow { person: ANNA.into(), contact: "k1".into() };
        vault.put_contact("customer-phone", "+7916", &row).await.unwrap();
        let hash = vault.fingerprint_for(ANNA, b"+7916").await.unwrap();
        assert!(hash.is_some() && hash == vault.fingerprint_for(ANNA, b"+7916").await.unwrap());
        assert_ne!(hash, vault.fingerprint_for(ANNA, b"+7917").await.unwrap());
        assert_ne!(hash, vault.fingerprint_for("c-boris", b"+7916").await.unwrap());
        let wrapped =
            ask!(vault.db(), (Vec<u8>,), "select wrapped from person_keys where person = $1", ANNA).unwrap();
        assert_eq!(wrapped.len(), 2);

        assert!(vault.erase_person(ANNA).await.unwrap());
        assert!(!vault.erase_person(ANNA).await.unwrap(), "nothing was left");
        for sealed in [&own, &note] {
            assert_eq!(vault.open_sealed(sealed, AAD).await.unwrap(), None);
        }
        assert_eq!(vault.open_text(&others, AAD).await.unwrap().as_deref(), Some("name"));
        assert_eq!(vault.find_contact("customer-phone", "+7916").await.unwrap(), None);
        assert_eq!(vault.customer(ANNA).await.unwrap(), None);
        assert_eq!(vault.visits_of(ANNA).await.unwrap(), []);
        assert_eq!(vault.person_of_visit(ticket(1)).await.unwrap(), None);
        assert_eq!(vault.visit_key(ANNA, ticket(2), now()).await.unwrap(), None);
        assert_eq!(vault.seal_for_known(ANNA, AAD, b"name").await.unwrap(), None);
        assert_eq!(vault.fingerprint_for(ANNA, b"+7916").await.unwrap(), None);
        // Neither the rows nor the keys are left in any file, free pages and journal included.
        if let Home::Directory(folder) = home {
            for entry in std::fs::read_dir(folder.path()).unwrap() {
                let path = entry.unwrap().path();
                let bytes = std::fs::read(&path).unwrap();
                let holds = |what: &[u8]| bytes.windows(what.len()).any(|it| it == what);
                let (key, person) = (own.key.as_bytes(), ANNA.as_bytes());
                assert!(!holds(key) && !holds(person), "{}", path.display());
                assert!(wrapped.iter().all(|(it,)| !holds(it)), "{}", path.display());
                if path.file_name().unwrap() == "vault.db" {
                    assert!(holds(others.key.as_bytes()), "the search finds what is there");
                }
            }
        }
    })
    .await;
}

/// The bytes that lie in the vault's files.
fn files(home: &Home) -> Vec<u8> {
    let Home::Directory(folder) = home else { panic!("not in a folder") };
    let files = ["vault.db", "vault.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap());
    files.concat()
}

#[tokio::test]
async fn what_a_reader_keeps_in_the_journal_goes_as_soon_as_it_is_gone() {
    let home = Home::sqlite();
    let holds = |what: &str| files(&home).windows(what.len()).any(|it| it == what.as_bytes());
    let storage = home.open().await;
    let vault = &storage.vault;
    vault.put_customer(ANNA, now()).await.unwrap();
    vault.put_customer("c-boris", now()).await.unwrap();
    let own = vault.seal(ANNA, AAD, b"name").await.unwrap();
    let other = vault.seal("c-boris", AAD, b"name").await.unwrap();
    // A backup, or a page that is slow to read.
    let mut reader = vault.db().snapshot().await.unwrap();
    let read = talon_storage::fetch!(&mut reader, (i64,), "select count(*) from person_keys").unwrap();
    assert_eq!(read, [(2,)]);

    let begun = std::time::Instant::now();
    assert!(vault.erase_person(ANNA).await.unwrap());
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "nobody waits for the reader");
    vault.put_customer("c-clara", now()).await.unwrap();
    assert!(holds(&own.key), "the reader may still ask for it");
    assert!(!vault.scrub().await.unwrap(), "it stays owed");
    // Forgetting again, as a fact read again does, finds nothing and must not count as done.
    assert!(!vault.erase_person(ANNA).await.unwrap());
    let begun = std::time::Instant::now();
    // Another erasure by the way: what is owed is owed for both.
    assert!(vault.erase_person("c-boris").await.unwrap());
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));

    reader.rollback().await.unwrap();
    assert!(vault.scrub().await.unwrap());
    assert!(!holds(&own.key) && !holds(&other.key) && !holds(ANNA));
    assert!(vault.scrub().await.unwrap(), "and nothing is owed any more");
    storage.close().await;
}

#[tokio::test]
async fn another_node_forgets_a_key_it_has_in_its_hands() {
    let Some(home) = Home::postgres().await else { return };
    let (here, there) = (home.open().await, home.open().await);
    here.vault.put_customer(ANNA, now()).await.unwrap();
    let sealed = here.vault.seal(ANNA, AAD, b"name").await.unwrap();
    assert!(there.vault.open_text(&sealed, AAD).await.unwrap().is_some(), "cached there");
    here.vault.erase_person(ANNA).await.unwrap();
    // As the fact arrives there.
    there.vault.erase_person(ANNA).await.unwrap();
    assert_eq!(there.vault.open_text(&sealed, AAD).await.unwrap(), None);
    here.close().await;
    there.close().await;
}

#[tokio::test]
async fn the_longest_unseen_come_first_and_being_seen_counts() {
    each(async |_, vault| {
        for (name, days) in [("c-1", 10), ("c-2", 30), ("c-3", 1)] {
            vault.put_customer(name, now() - TimeDelta::days(days)).await.unwrap();
        }
        let unseen = async |days| {
            let before = now() - TimeDelta::days(days);
            let found = vault.customers_unseen(before, 100).await.unwrap();
            found.into_iter().map(|it| it.customer).collect::<Vec<_>>()
        };
        assert_eq!(unseen(5).await, ["c-2", "c-1"]);
        assert!(vault.see_customer("c-2", now()).await.unwrap());
        assert_eq!(unseen(5).await, ["c-1"]);
        vault.visit_key("c-1", ticket(1), now()).await.unwrap();
        assert_eq!(unseen(5).await, Vec::<String>::new());
        assert!(!vault.see_customer("c-9", now()).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn old_visits_and_notes_about_them_lose_their_key_whosever_they_were() {
    each(async |_, vault| {
        let old = vault.seal_dated("ticket-1", AAD, b"note", now() - TimeDelta::days(9)).await.unwrap();
        let young = vault.seal_dated("ticket-2", AAD, b"note", now()).await.unwrap();
        let staff = vault.seal("staff-1", AAD, b"name").await.unwrap();
        // Of a customer who stays: what they did so long ago goes, what they are does not.
        vault.put_customer(ANNA, now() - TimeDelta::days(9)).await.unwrap();
        let name = vault.seal(ANNA, AAD, b"name").await.unwrap();
        vault.visit_key(ANNA, ticket(1), now() - TimeDelta::days(9)).await.unwrap().unwrap();
        vault.visit_key(ANNA, ticket(2), now()).await.unwrap().unwrap();
        let theirs_old = vault.seal_for_visit(ticket(1), AAD, b"note").await.unwrap().unwrap();
        let theirs_young = vault.seal_for_visit(ticket(2), AAD, b"note").await.unwrap().unwrap();
        assert_eq!(vault.forget_old_notes(now() - TimeDelta::days(5)).await.unwrap(), 2);
        let mut left = Vec::new();
        for sealed in [&old, &young, &staff, &name, &theirs_old, &theirs_young] {
            left.push(vault.open_sealed(sealed, AAD).await.unwrap().is_some());
        }
        assert_eq!(left, [false, true, true, true, false, true]);
        let visits: Vec<_> = vault.visits_of(ANNA).await.unwrap().iter().map(|it| it.ticket).collect();
        assert_eq!(visits, [ticket(2)], "nothing joins the old visit to them any more");
    })
    .await;
}
