//! What a group of appends comes to, given the ends of their streams: pure, shared by the SQL stores. Requests are
//! taken in their order; one that cannot be written is answered and dropped, and its neighbours never notice.

use std::collections::{HashMap, HashSet};

use talon_core::{
    event_store::{Hash, Head, NewEvent, Position, StoreError, StreamId, Version},
    seal,
};
use uuid::Uuid;

/// One append on its way to the log.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) stream: StreamId,
    pub(crate) expected: Version,
    pub(crate) events: Vec<NewEvent>,
}

/// The longest name of a stream, in bytes.
const LONGEST_NAME: usize = 400;

/// Refuses an append that no store could ever take.
///
/// # Errors
/// `Malformed`.
pub(crate) fn check(stream: &StreamId, events: &[NewEvent]) -> Result<(), StoreError> {
    let name = stream.as_str();
    if name.is_empty() || name.len() > LONGEST_NAME || name.contains('\0') {
        return Err(StoreError::Malformed("a stream's name is 1 to 400 bytes without NUL"));
    }
    let mut ids = HashSet::with_capacity(events.len());
    match events {
        [] => Err(StoreError::Malformed("there is no event in it")),
        [_] => Ok(()),
        many if many.iter().all(|it| ids.insert(it.event_id)) => Ok(()),
        _ => Err(StoreError::Malformed("an event id occurs twice in it")),
    }
}

/// The end of a stream in the database; `id` is 0 while it has no row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) id: i64,
    pub(crate) head: Head,
}

/// Where an event id stands in the log already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) stream: i64,
    pub(crate) position: Position,
}

/// One event to be inserted.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// Index into `Plan::ends`.
    pub(crate) end: usize,
    pub(crate) version: Version,
    pub(crate) event: &'a NewEvent,
    pub(crate) prev_hash: Hash,
    pub(crate) hash: Hash,
}

/// What becomes of one append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Written; `last` is the index of its last row.
    Write {
        last: usize,
        head: Head,
    },
    /// The stream moved on, and whether the ids are known is not yet looked up.
    Stale,
    /// All its ids are in its stream already.
    Duplicate(Position),
    /// All its ids are written by an earlier append of this very group; index of the last such row.
    Repeats(usize),
    Conflict,
    Foreign,
}

#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) rows: Vec<Row<'a>>,
    /// Every stream of the group with its end after the group, in order of first mention.
    pub(crate) ends: Vec<PlannedEnd<'a>>,
}

#[derive(Debug)]
pub(crate) struct PlannedEnd<'a> {
    pub(crate) stream: &'a StreamId,
    pub(crate) end: End,
    pub(crate) moved: bool,
}

/// Plans a group. `known` holds ids found in the log so far: none at the first try, all of the group's after an insert
/// hit one.
pub(crate) fn plan<'a>(
    group: &[&'a Append],
    ends: &HashMap<StreamId, End>,
    known: Option<&HashMap<Uuid, Found>>,
) -> Plan<'a> {
    let count = group.iter().map(|it| it.events.len()).sum();
    let mut plan =
        Plan { verdicts: Vec::with_capacity(group.len()), rows: Vec::with_capacity(count), ends: Vec::new() };
    let mut index: HashMap<&StreamId, usize> = HashMap::with_capacity(group.len());
    let mut written: HashMap<Uuid, usize> = HashMap::with_capacity(count);
    for append in group {
        let at = *index.entry(&append.stream).or_insert_with(|| {
            let end = ends.get(&append.stream).copied().unwrap_or_default();
            plan.ends.push(PlannedEnd { stream: &append.stream, end, moved: false });
            plan.ends.len() - 1
        });
        let verdict = seen(append, &plan, at, &written, known).unwrap_or_else(|| {
            if plan.ends[at].end.head.version == append.expected {
                return write(&mut plan, &mut written, at, append);
            }
            if known.is_some() { Verdict::Conflict } else { Verdict::Stale }
        });
        plan.verdicts.push(verdict);
    }
    plan
}

/// The answer to an append some of whose ids were met before, in this group or in the log.
fn seen(
    append: &Append,
    plan: &Plan<'_>,
    end: usize,
    written: &HashMap<Uuid, usize>,
    known: Option<&HashMap<Uuid, Found>>,
) -> Option<Verdict> {
    let here: Vec<usize> = append.events.iter().filter_map(|it| written.get(&it.event_id).copied()).collect();
    if !here.is_empty() {
        let whole = here.len() == append.events.len() && here.iter().all(|row| plan.rows[*row].end == end);
        let last = here.iter().max().copied().unwrap_or_default();
        return Some(if whole { Verdict::Repeats(last) } else { Verdict::Foreign });
    }
    known.and_then(|known| classify(append, plan.ends[end].end.id, known))
}

/// The answer to an append some of whose ids are in the log; nothing when none is.
pub(crate) fn classify(append: &Append, stream: i64, known: &HashMap<Uuid, Found>) -> Option<Verdict> {
    let found: Vec<&Found> = append.events.iter().filter_map(|it| known.get(&it.event_id)).collect();
    let last = found.iter().map(|it| it.position).max()?;
    let whole = found.len() == append.events.len() && found.iter().all(|it| it.stream == stream);
    Some(if whole { Verdict::Duplicate(last) } else { Verdict::Foreign })
}

fn write<'a>(
    plan: &mut Plan<'a>,
    written: &mut HashMap<Uuid, usize>,
    end: usize,
    append: &'a Append,
) -> Verdict {
    let planned = &mut plan.ends[end];
    planned.moved = true;
    for event in &append.events {
        let head = &mut planned.end.head;
        let (version, prev_hash) = (head.version + 1, head.hash);
        let hash = seal::seal(&prev_hash, &append.stream, version, event);
        *head = Head { version, hash, recorded_at: event.recorded_at };
        written.insert(event.event_id, plan.rows.len());
        plan.rows.push(Row { end, version, event, prev_hash, hash });
    }
    Verdict::Write { last: plan.rows.len() - 1, head: planned.end.head }
}
