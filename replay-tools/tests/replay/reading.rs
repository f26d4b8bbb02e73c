//! The parser and rubbish.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use talon_replay::queue_log::{Ending, QueueLog, ReadError, Row};

use crate::hall::HEADER;

const SERVED: &str = "t1,b,s,0,c-1,2016-08-01T09:00:00,2016-08-01T09:01:00,2016-08-01T09:02:00,2016-08-01T09:03:00,\
                      served,op,,q";

/// Line and code of each line that is no row, and the rest.
fn read(bytes: &[u8]) -> (Vec<Row>, Vec<(u64, &'static str)>) {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for row in QueueLog::from_bytes(bytes.to_vec()).unwrap() {
        match row.unwrap() {
            Ok(row) => rows.push(row),
            Err(flaw) => bad.push((flaw.line, flaw.flaw.code())),
        }
    }
    (rows, bad)
}

fn flaw(row: &str) -> String {
    let log = QueueLog::from_bytes(format!("{HEADER}{row}\n").into_bytes()).unwrap();
    let rows: Vec<_> = log.map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 1);
    rows[0].clone().expect_err(row).to_string()
}

#[test]
fn a_good_row_is_read_whole() {
    let (rows, bad) = read(format!("{HEADER}{SERVED}\n").as_bytes());
    assert_eq!(bad, []);
    let row = &rows[0];
    assert_eq!((row.line, row.ticket_id.as_str(), row.operator.as_deref()), (2, "t1", Some("op")));
    assert!(matches!(row.ending, Ending::Served { .. }));
}

#[test]
fn every_flaw_is_named_with_its_line() {
    for (row, expected) in [
        (",b,s,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q", "line 2: ticket_id is missing"),
        ("t,,s,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q", "line 2: branch is missing"),
        ("t,b,,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q", "line 2: service is missing"),
        ("t,b,s,0,,,,,,abandoned,,2016-08-01T09:00:00,q", "line 2: issued_at is missing"),
        ("t,b,s,0,,2016-08-01T09:00:00,,,,abandoned,,,q", "line 2: left_at is missing"),
        ("t,b,s,0,,2016-08-01T09:00:00,,,,,,2016-08-01T09:00:00,q", "line 2: outcome is missing"),
        (
            "t,b,s,0,,2016-08-01T09:00:00,,,,left,,2016-08-01T09:00:00,q",
            "line 2: outcome \"left\" is none of served, abandoned, no_show, other",
        ),
        (
            "t,b,s,0,,01.08.2016 09:00,,,,abandoned,,2016-08-01T09:00:00,q",
            "line 2: issued_at is not a time (2026-03-10T11:05:00): \"01.08.2016 09:00\"",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T08:59:59,q",
            "line 2: issued_at is after left_at",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,2016-08-01T08:00:00,,,other,,,q",
            "line 2: issued_at is after called_at",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,2016-08-01T10:00:00,2016-08-01T09:30:00,2016-08-01T11:00:00,served,,,q",
            "line 2: called_at is after service_started_at",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,2016-08-01T09:00:00,2016-08-01T09:30:00,2016-08-01T09:29:00,served,,,q",
            "line 2: service_started_at is after service_ended_at",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,2016-08-01T09:00:00,,,abandoned,,2016-08-01T09:00:00,q",
            "line 2: abandoned has a called_at, which contradicts it",
        ),
        (
            "t,b,s,0,,2016-08-01T09:00:00,2016-08-01T09:00:00,2016-08-01T09:00:00,,no_show,,2016-08-01T09:00:00,q",
            "line 2: no_show has a service_started_at, which contradicts it",
        ),
        ("t,b,s", "line 2: 3 columns where the header has 13"),
        ("t,\"b,s", "line 2: quotes that do not close"),
    ] {
        assert_eq!(flaw(row), expected);
    }
    assert!(
        flaw(&format!("t,{},s,0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q", "b".repeat(201)))
            .contains("branch is longer")
    );
}

#[test]
fn a_stray_quote_spoils_its_own_line_alone() {
    let text = format!(
        "{HEADER}t0,\"b,s\n{SERVED}\n\"t2\",\"b,2\",\"s \"\"x\"\"\",0,,2016-08-01T09:00:00,,,,abandoned,,2016-08-01T09:00:00,q\n"
    );
    let (rows, bad) = read(text.as_bytes());
    assert_eq!(bad, [(2, "QUOTES")]);
    assert_eq!(rows[0].line, 3);
    assert_eq!((rows[1].branch.as_str(), rows[1].service.as_str()), ("b,2", "s \"x\""));
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let text = format!("\u{feff}{}\r\n\r\n\n{SERVED}\r\nrubbish\r\n \n{SERVED}", HEADER.trim_end());
    let (rows, bad) = read(text.as_bytes());
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 7]);
    assert_eq!(bad, [(5, "COLUMNS")]);
}

#[test]
fn columns_may_stand_in_another_order_with_others_between() {
    let text = "queue,extra,outcome,issued_at,left_at,ticket_id,branch,service,priority,customer_ref,called_at,\
                service_started_at,service_ended_at,operator\n\
                q,?,abandoned,2016-08-01 09:00:00,2016-08-01 09:05:00,t,b,s,2,,,,,\n";
    let (rows, bad) = read(text.as_bytes());
    assert_eq!(bad, []);
    assert_eq!(
        (rows[0].queue.as_str(), rows[0].priority.as_str(), rows[0].operator.as_deref()),
        ("q", "2", None)
    );
}

#[test]
fn rubbish_is_reported_and_the_rest_is_read() {
    let mut bytes = format!("{HEADER}{SERVED}\n").into_bytes();
    bytes.extend([0xff, 0xfe, b',', 0, b'\n']);
    bytes.extend(SERVED.replace("op", "\u{1}").into_bytes());
    bytes.push(b'\n');
    bytes.extend(SERVED.replace('q', "q\u{fffd}").into_bytes());
    bytes.push(b'\n');
    bytes.extend(SERVED.as_bytes().iter().map(|&byte| if byte == b'q' { 0xff } else { byte }));
    bytes.push(b'\n');
    bytes.extend(vec![b'x'; 1_000_000]);
    bytes.push(b'\n');
    bytes.extend(SERVED.as_bytes());
    let (rows, bad) = read(&bytes);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5, 8]);
    assert_eq!(bad, [(3, "COLUMNS"), (4, "TEXT"), (6, "ENCODING"), (7, "LINE_TOO_LONG")]);
}

#[test]
fn what_is_no_queue_log_is_refused_at_once() {
    let open =
        |text: &str| QueueLog::from_bytes(text.as_bytes().to_vec()).err().map(|error| error.to_string());
    assert_eq!(open("").as_deref(), Some("the file is empty"));
    assert_eq!(
        open("ticket_id,branch\n").as_deref(),
        Some("the header has no column service: this is not a queue log")
    );
    assert!(open("\u{0}\u{1}garbage").is_some());
}

#[test]
fn a_gzipped_log_is_known_by_its_first_bytes_and_may_break_off() {
    let text = format!("{HEADER}{}", format!("{SERVED}\n").repeat(5_000));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    assert_eq!(read(&packed).0.len(), 5_000);

    let joined = [packed.clone(), packed.clone()].concat();
    assert_eq!(read(&joined).0.len() + read(&joined).1.len(), 10_001, "a second header is a bad row");

    packed.truncate(packed.len() - 20);
    let last = QueueLog::from_bytes(packed).unwrap().last().unwrap();
    assert!(matches!(last, Err(ReadError::Broken { line, .. }) if line > 100));
}
