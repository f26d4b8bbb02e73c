//! Lines of a file that may be anything: counted, and never longer in memory than a row can be.

use std::io::{self, BufRead};

/// No honest row comes near it.
const LONGEST: usize = 64 * 1024;

/// One line, or what is known of a line too long to be kept.
pub(super) enum Line<'a> {
    Text(&'a [u8]),
    TooLong,
}

pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    /// The number of the line read last; the first is 1.
    pub(super) number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0 }
    }

    /// The next line without its end; `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut length = 0;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                if length == 0 {
                    return Ok(None);
                }
                break;
            }
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(end.is_some());
            length += used;
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        if length > LONGEST {
            return Ok(Some(Line::TooLong));
        }
        let text = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let mark: &[u8] = if self.number == 1 { "\u{feff}".as_bytes() } else { b"" };
        Ok(Some(Line::Text(text.strip_prefix(mark).unwrap_or(text))))
    }
}
