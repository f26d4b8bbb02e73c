//! A queue log read line by line, plain or gzipped.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::read::MultiGzDecoder;

use super::{
    lines::{Line, Lines},
    row::{BadRow, COLUMNS, Fields, Flaw, Row},
};

/// Why a file as a whole is no queue log, or stopped being one.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file is empty")]
    Empty,
    #[error("the header has no column {0}: this is not a queue log")]
    NoColumn(&'static str),
    #[error("the header cannot be read")]
    Header,
    #[error("cannot read on after line {line}")]
    Broken {
        line: u64,
        #[source]
        source: io::Error,
    },
}

/// An open queue log: an iterator of rows and of lines that are none. After a `ReadError` it ends.
pub struct QueueLog {
    lines: Lines<Box<dyn BufRead + Send>>,
    /// For each column of the form, its place in this file.
    places: [usize; COLUMNS.len()],
    /// How many columns the header has.
    width: usize,
    bytes_read: Arc<AtomicU64>,
    ended: bool,
}

impl QueueLog {
    /// Opens a file and reads its header. Whether it is gzipped is seen from its first bytes, not from its name.
    ///
    /// # Errors
    /// When it cannot be opened, or its header lacks a column.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let broken = |source| ReadError::Broken { line: 0, source };
        let file = File::open(path).map_err(broken)?;
        let bytes_read = Arc::<AtomicU64>::default();
        let counted = Counted { file, count: Arc::clone(&bytes_read) };
        Self::from_reader(counted, bytes_read)
    }

    /// Reads a log that is in memory.
    ///
    /// # Errors
    /// When its header lacks a column.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ReadError> {
        Self::from_reader(io::Cursor::new(bytes), Arc::default())
    }

    fn from_reader(input: impl Read + Send + 'static, bytes_read: Arc<AtomicU64>) -> Result<Self, ReadError> {
        let broken = |source| ReadError::Broken { line: 0, source };
        let mut input = BufReader::with_capacity(256 * 1024, input);
        let gzipped = input.fill_buf().map_err(broken)?.starts_with(&[0x1f, 0x8b]);
        let input: Box<dyn BufRead + Send> = if gzipped {
            Box::new(BufReader::with_capacity(256 * 1024, MultiGzDecoder::new(input)))
        } else {
            Box::new(input)
        };
        let mut lines = Lines::new(input);
        let header = match lines.next().map_err(broken)? {
            None => return Err(ReadError::Empty),
            Some(Line::TooLong) => return Err(ReadError::Header),
            Some(Line::Text(line)) => line.to_vec(),
        };
        let names = quoted(&header).ok_or(ReadError::Header)?;
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = names
                .iter()
                .position(|name| name.trim_ascii() == column.as_bytes())
                .ok_or(ReadError::NoColumn(column))?;
        }
        Ok(Self { lines, places, width: names.len(), bytes_read, ended: false })
    }

    /// How far the file is read, in bytes as they lie on disk.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    fn read(&self, line: &[u8]) -> Result<Row, Flaw> {
        if line.contains(&b'"') {
            let fields = quoted(line).ok_or(Flaw::Quotes)?;
            self.row(fields.len(), |place| &fields[place])
        } else {
            // No quotes, so no comma hides: nearly every line of a real log.
            let mut starts = [(0_usize, 0_usize); 64];
            let mut found = 0;
            let mut start = 0;
            for field in line.split(|&byte| byte == b',') {
                if let Some(slot) = starts.get_mut(found) {
                    *slot = (start, start + field.len());
                }
                start += field.len() + 1;
                found += 1;
            }
            if found > starts.len() {
                let fields: Vec<&[u8]> = line.split(|&byte| byte == b',').collect();
                return self.row(found, |place| fields[place]);
            }
            self.row(found, |place| &line[starts[place].0..starts[place].1])
        }
    }

    fn row<'a>(&self, found: usize, field: impl Fn(usize) -> &'a [u8]) -> Result<Row, Flaw> {
        if found != self.width {
            return Err(Flaw::Columns { expected: self.width, found });
        }
        let fields: Fields<'_> = self.places.map(|place| field(place).trim_ascii());
        Row::read(self.lines.number, &fields)
    }
}

impl Iterator for QueueLog {
    type Item = Result<Result<Row, BadRow>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let line = match self.lines.next() {
                Err(source) => {
                    self.ended = true;
                    return Some(Err(ReadError::Broken { line: self.lines.number, source }));
                }
                Ok(None) => {
                    self.ended = true;
                    return None;
                }
                Ok(Some(Line::TooLong)) => Err(Flaw::LineTooLong),
                Ok(Some(Line::Text(line))) if line.trim_ascii().is_empty() => continue,
                Ok(Some(Line::Text(line))) => Ok(line.to_vec()),
            };
            let line = line.and_then(|line| self.read(&line));
            return Some(Ok(line.map_err(|flaw| BadRow { line: self.lines.number, flaw })));
        }
        None
    }
}

/// The fields of one line that may have quotes; `None` when they do not close.
fn quoted(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut reader = csv_core_line(line)?;
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => Some(record.iter().map(<[u8]>::to_vec).collect()),
        _ => None,
    }
}

fn csv_core_line(line: &[u8]) -> Option<csv::Reader<&[u8]>> {
    // A quote opens a field only at its start and closes it only before a comma or the end; an odd count never closes.
    let quotes = line.iter().filter(|&&byte| byte == b'"').count();
    quotes
        .is_multiple_of(2)
        .then(|| csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line))
}

struct Counted<R> {
    file: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.count.fetch_add(u64::try_from(read).unwrap_or_default(), Ordering::Relaxed);
        Ok(read)
    }
}
