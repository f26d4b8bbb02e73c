//! Multi-row statements of a few fixed sizes, so that each is prepared once.
//!
//! Binds are plain `?` here, not `$1`: to SQLite `$1` is a name, and sqlx asks for each bind's name, which SQLite finds by
//! walking all of them. With 3,072 binds that walk was more than half of the time of an import.

use std::sync::LazyLock;

/// The sizes a statement exists in, the largest first: any number of rows below 512 takes at most nine of them, and each
/// is a trip to the connection's thread. 256 rows of 12 columns stay far below the 32,766 binds allowed.
const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

pub(crate) struct Statements(LazyLock<[&'static str; SIZES.len()]>);

pub(crate) static EVENTS: Statements = Statements(LazyLock::new(|| {
    texts(
        "insert into events (position, stream_id, version, event_id, type, schema_version, occurred_at, \
         recorded_at, data, meta, prev_hash, hash) values ",
        12,
    )
}));

pub(crate) static STREAMS: Statements =
    Statements(LazyLock::new(|| texts("insert into streams (stream_id, name) values ", 2)));

impl Statements {
    /// The text for `SIZES[size]` rows.
    pub(crate) fn of(&self, size: usize) -> &'static str {
        self.0[size]
    }
}

/// The texts of one statement live as long as the process: eighteen strings in all.
fn texts(start: &str, columns: usize) -> [&'static str; SIZES.len()] {
    SIZES.map(|rows| {
        let mut text = start.to_owned();
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=columns {
                text.push_str(if column == 1 { "?" } else { ", ?" });
            }
            text.push(')');
        }
        &*text.leak()
    })
}

/// Cuts items into chunks that each fill a statement; gives the statement's number with each.
pub(crate) fn sizes<T>(items: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let size = SIZES.iter().position(|size| *size <= rest.len())?;
        let (chunk, after) = rest.split_at(SIZES[size]);
        rest = after;
        Some((size, chunk))
    })
}
