//! One SQL text serves two databases: every file prepares on both, and both dialects of the migrations end with the same
//! tables, columns and nullability.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use support::Home;
use talon_storage::{
    ask, run,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions, Executor, PgConnection, SqlSafeStr, SqliteConnection,
        postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
    },
};

/// The three storages: file names and schemas alike.
const KINDS: [&str; 3] = ["log", "read", "vault"];

fn sql_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sql_files(&path));
        } else if path.extension().is_some_and(|it| it == "sql") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every statement with the storage it runs on: ours by folder, those of the projections on the read models. Texts with
/// a name in braces are not statements yet: the projections fill them in and test them themselves.
fn statements() -> Vec<(&'static str, PathBuf)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for kind in KINDS {
        all.extend(sql_files(&here.join("sql").join(kind)).into_iter().map(|path| (kind, path)));
    }
    let whole = |path: &PathBuf| !fs::read_to_string(path).unwrap().contains('{');
    let projections = sql_files(&here.join("../projections/sql")).into_iter().filter(whole);
    all.extend(projections.map(|path| ("read", path)));
    assert!(all.len() > 40, "{} files", all.len());
    all
}

fn is_for(path: &Path, dialect: &str) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let other = if dialect == "sqlite" { ".postgres.sql" } else { ".sqlite.sql" };
    !name.ends_with(other)
}

async fn sqlite(home: &Home, kind: &str) -> SqliteConnection {
    let Home::Directory(folder) = home else { unreachable!() };
    SqliteConnectOptions::new().filename(folder.path().join(format!("{kind}.db"))).connect().await.unwrap()
}

async fn postgres(home: &Home, kind: &'static str) -> PgConnection {
    let Home::Database(database) = home else { unreachable!() };
    let options: PgConnectOptions = database.url.parse().unwrap();
    options.options([("search_path", kind)]).connect().await.unwrap()
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    let home = Home::sqlite();
    let storage = home.open().await;
    for (kind, path) in statements().into_iter().filter(|(_, path)| is_for(path, "sqlite")) {
        let text = AssertSqlSafe(fs::read_to_string(&path).unwrap());
        let prepared = sqlite(&home, kind).await.prepare(text.into_sql_str()).await.map(|_| ());
        prepared.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    storage.close().await;
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    let Some(home) = Home::postgres().await else { return };
    let storage = home.open().await;
    let mut log = postgres(&home, "log").await;
    sqlx::raw_sql("create table bare_events (like events including all)").execute(&mut log).await.unwrap();
    let mut connections = BTreeMap::new();
    for kind in KINDS {
        connections.insert(kind, postgres(&home, kind).await);
    }
    for (kind, path) in statements().into_iter().filter(|(_, path)| is_for(path, "postgres")) {
        let text = AssertSqlSafe(fs::read_to_string(&path).unwrap());
        let prepared = connections.get_mut(kind).unwrap().prepare(text.into_sql_str()).await.map(|_| ());
        prepared.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    storage.close().await;
}

/// Table and column → whether it may be null, whether it belongs to the primary key.
type Shape = BTreeMap<(String, String), (bool, bool)>;

async fn sqlite_shape(home: &Home, kind: &str) -> Shape {
    let text = "select m.name, c.name, c.\"notnull\" = 0 and c.pk = 0, c.pk > 0 from sqlite_master m, \
                pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' \
                and m.name <> '_sqlx_migrations'";
    let rows: Vec<(String, String, bool, bool)> =
        sqlx::query_as(text).fetch_all(&mut sqlite(home, kind).await).await.unwrap();
    rows.into_iter().map(|(table, column, null, key)| ((table, column), (null, key))).collect()
}

async fn postgres_shape(home: &Home, kind: &'static str) -> Shape {
    let text = "select c.relname::text, a.attname::text, not a.attnotnull, \
                coalesce(a.attnum = any(i.indkey), false) \
                from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
                left join pg_index i on i.indrelid = c.oid and i.indisprimary \
                where c.relkind in ('r', 'p') and c.relnamespace = $1::regnamespace \
                and c.relname <> '_sqlx_migrations'";
    let rows: Vec<(String, String, bool, bool)> =
        sqlx::query_as(text).bind(kind).fetch_all(&mut postgres(home, kind).await).await.unwrap();
    rows.into_iter().map(|(table, column, null, key)| ((table, column), (null, key))).collect()
}

#[tokio::test]
async fn both_dialects_end_with_the_same_tables() {
    let Some(server) = Home::postgres().await else { return };
    let embedded = Home::sqlite();
    let storages = [server.open().await, embedded.open().await];
    for kind in KINDS {
        let (ours, theirs) = (sqlite_shape(&embedded, kind).await, postgres_shape(&server, kind).await);
        assert!(kind == "read" || !ours.is_empty(), "{kind} has tables");
        for (name, shape) in &ours {
            assert_eq!(Some(shape), theirs.get(name), "{kind}: {name:?} (SQLite left, PostgreSQL right)");
        }
        for name in theirs.keys() {
            assert!(ours.contains_key(name), "{kind}: {name:?} is missing on SQLite");
        }
    }
    for storage in storages {
        storage.close().await;
    }
}

#[test]
fn both_dialects_have_the_same_migrations() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let names = |dialect: &str, kind: &str| -> Vec<_> {
        let files = sql_files(&root.join(dialect).join(kind));
        files.iter().map(|path| path.file_name().unwrap().to_owned()).collect()
    };
    for kind in KINDS {
        assert_eq!(names("sqlite", kind), names("postgres", kind), "{kind}");
    }
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let mut homes = vec![Home::sqlite()];
    homes.extend(Home::postgres().await);
    for home in homes {
        let first = home.open().await;
        let log_id = first.events.log_id();
        first.close().await;
        drop(first);
        let second = home.open().await;
        assert_eq!(second.events.log_id(), log_id);
        second.close().await;
    }
}

/// What a full disk does to a transaction, without one: SQLite rolls it back by itself.
#[tokio::test]
async fn a_writer_whose_transaction_was_taken_from_it_begins_another_one() {
    let home = Home::sqlite();
    let storage = home.open().await;
    for db in [&storage.read, storage.vault.db()] {
        let mut tx = db.begin().await.unwrap();
        run!(&mut tx, "create table once(id integer primary key)").unwrap();
        run!(&mut tx, "insert into once(id) values (1)").unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        run!(&mut tx, "insert into once(id) values (2)").unwrap();
        run!(&mut tx, "insert or rollback into once(id) values (1)").unwrap_err();
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        run!(&mut tx, "insert into once(id) values (3)").unwrap();
        tx.commit().await.unwrap();
        let left = ask!(db, (i64,), "select id from once order by id").unwrap();
        assert_eq!(left, [(1,), (3,)]);
    }
    storage.close().await;
}
