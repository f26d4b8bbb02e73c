//! The least HTTP/1.1 client that a load generator needs: one kept-alive connection, one request at a time. It shares
//! the machine with the server it measures, so it costs as little as it can: no header maps, no body copies.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer answers are not asked for here.
const LONGEST: usize = 4 << 20;

/// One connection to the server under load.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    /// Bytes of `read` that belong to the last answer.
    used: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 << 10), used: 0 })
    }

    /// Sends a whole request and gives the status and the body of its answer.
    pub(super) async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.read.drain(..self.used);
        self.used = 0;
        loop {
            if let Some(answer) = Answer::in_front_of(&self.read)? {
                self.used = answer.end;
                return Ok((answer.status, &self.read[answer.body..answer.end]));
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Where an answer lies in what was read.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: usize,
    end: usize,
}

impl Answer {
    /// The answer at the beginning of `read`, once all of it is there.
    fn in_front_of(read: &[u8]) -> io::Result<Option<Self>> {
        let malformed = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
        let Some(body) = find(read, b"\r\n\r\n").map(|at| at + 4) else { return Ok(None) };
        let head = std::str::from_utf8(&read[..body]).map_err(|_| malformed("the head is no text"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)).and_then(|it| it.parse().ok());
        let status: u16 = status.ok_or_else(|| malformed("no status"))?;
        let length = lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let length = match length {
            Some(length) => length.map_err(|_| malformed("content-length is no number"))?,
            None if status == 204 => 0,
            None => return Err(malformed("an answer without content-length")),
        };
        if length > LONGEST {
            return Err(malformed("too long an answer"));
        }
        let end = body + length;
        Ok((read.len() >= end).then_some(Self { status, body, end }))
    }
}

/// Where `wanted` begins in `text`.
pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|it| it == wanted)
}

/// The text between `after` and the next quotation mark.
pub(super) fn quoted<'a>(text: &'a [u8], after: &[u8]) -> Option<&'a str> {
    let from = find(text, after)? + after.len();
    let rest = &text[from..];
    let end = rest.iter().position(|it| *it == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_only_when_all_of_it_is_there() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhalloHTTP/1.1 ";
        for end in 0..whole.len() - 9 {
            assert_eq!(Answer::in_front_of(&whole[..end]).unwrap(), None, "{end}");
        }
        let answer = Answer::in_front_of(whole).unwrap().unwrap();
        assert_eq!((answer.status, &whole[answer.body..answer.end]), (200, &b"hallo"[..]));
    }

    #[test]
    fn an_answer_of_unknown_length_is_an_error_and_not_an_endless_wait() {
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(Answer::in_front_of(chunked).is_err());
    }

    #[test]
    fn a_value_is_read_up_to_its_closing_mark() {
        assert_eq!(quoted(br#"{"id":"a-1","x":1}"#, br#""id":""#), Some("a-1"));
        assert_eq!(quoted(br#"{"id":"a-1"#, br#""id":""#), None);
    }
}
