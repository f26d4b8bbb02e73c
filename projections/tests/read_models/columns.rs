//! Both dialects end with the same tables, columns and nullability.

use talon_storage::{Db, Storage, ask};

use crate::{
    stores::Home,
    tables::{fresh, project},
};

const TABLES: [&str; 8] = [
    "tickets_v1",
    "branch_days_v1",
    "branch_hours_v1",
    "window_days_v1",
    "audit_index_v1",
    "projections",
    "parked",
    "skipped",
];

/// Name, and whether it may be absent.
async fn columns(storage: &Storage, table: &str) -> Vec<(String, bool)> {
    let sql = match &storage.read {
        Db::Sqlite { .. } => {
            "select name, \"notnull\" = 0 and pk = 0 from pragma_table_info($1) order by cid"
        }
        Db::Postgres(_) => {
            "select column_name::text, is_nullable = 'YES' from information_schema.columns \
             where table_schema = 'read' and table_name = $1 order by ordinal_position"
        }
    };
    let found = ask!(&storage.read, (String, bool), sql, table).unwrap();
    assert!(!found.is_empty(), "{table} is not there");
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_dialects_have_the_same_tables() {
    let Some(server) = Home::postgres().await else { return };
    let embedded = Home::sqlite();
    let ((sqlite, clock), (postgres, _)) = (fresh(&embedded).await, fresh(&server).await);
    for storage in [&sqlite, &postgres] {
        crate::support::register(&*storage.events, &[&crate::support::branch("mayak")], false).await;
        project(storage, &clock).await;
    }
    for table in TABLES {
        assert_eq!(columns(&sqlite, table).await, columns(&postgres, table).await, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_is_documented() {
    let home = Home::sqlite();
    let (storage, clock) = fresh(&home).await;
    crate::support::register(&*storage.events, &[&crate::support::branch("mayak")], false).await;
    project(&storage, &clock).await;
    let page = include_str!("../../../docs/operating/read-models.md");
    for table in &TABLES[..5] {
        for (column, _) in columns(&storage, table).await {
            assert!(page.contains(&format!("`{column}`")), "{table}.{column} is not in read-models.md");
        }
    }
}
