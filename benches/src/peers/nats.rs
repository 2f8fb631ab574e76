//! The client side of NATS' text protocol, as much of it as a load needs.

use std::io::Write;

/// Longest line or payload taken, in bytes; the server's INFO is the longest.
const PART_BYTES_MAX: usize = 64 * 1024;
/// In front of the inbox of each connection.
pub const INBOX: &str = "_INBOX";

/// What the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// The first: what it can.
    Info,
    /// To be answered with a pong.
    Ping,
    /// The answer to a ping: all before it is done.
    Pong,
    /// It said no.
    Err(&'a str),
    /// A message.
    Message {
        /// Where it was published.
        subject: &'a str,
        /// What.
        payload: &'a [u8],
    },
}

/// Bytes that are not of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not NATS")]
pub struct BadOp;

/// The reading side: holds what is not yet whole.
#[derive(Debug, Default)]
pub struct Ops {
    partial: Vec<u8>,
}

impl Ops {
    /// Takes in what was read and gives out what is whole.
    pub fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(Op<'_>)) -> Result<(), BadOp> {
        if self.partial.is_empty() {
            let used = parse(bytes, &mut take)?;
            self.partial.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        self.partial.extend_from_slice(bytes);
        let used = parse(&self.partial, &mut take)?;
        self.partial.drain(..used);
        Ok(())
    }
}

fn parse(bytes: &[u8], take: &mut impl FnMut(Op<'_>)) -> Result<usize, BadOp> {
    let mut used = 0;
    while let Some((op, length)) = next(&bytes[used..])? {
        op.into_iter().for_each(&mut *take);
        used += length;
    }
    Ok(used)
}

/// The first operation and its length with all of its ends; no operation for what a load does not care for.
fn next(bytes: &[u8]) -> Result<Option<(Option<Op<'_>>, usize)>, BadOp> {
    let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else {
        return if bytes.len() > PART_BYTES_MAX { Err(BadOp) } else { Ok(None) };
    };
    let line = std::str::from_utf8(&bytes[..end]).map_err(|_| BadOp)?;
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let op = match word {
        "MSG" => return message(rest, bytes, end + 2),
        "INFO" => Some(Op::Info),
        "PING" => Some(Op::Ping),
        "PONG" => Some(Op::Pong),
        "-ERR" => Some(Op::Err(rest)),
        "+OK" => None,
        _ => return Err(BadOp),
    };
    Ok(Some((op, end + 2)))
}

/// `subject sid [reply] bytes`, and behind the line the payload.
fn message<'a>(line: &'a str, bytes: &'a [u8], start: usize) -> Result<Option<(Option<Op<'a>>, usize)>, BadOp> {
    let mut words = line.split(' ');
    let (subject, length) = (words.next().ok_or(BadOp)?, words.next_back().ok_or(BadOp)?);
    let length = length.parse::<usize>().ok().filter(|length| *length <= PART_BYTES_MAX).ok_or(BadOp)?;
    let end = start + length;
    match bytes.get(end..end + 2) {
        None => Ok(None),
        Some(b"\r\n") => Ok(Some((Some(Op::Message { subject, payload: &bytes[start..end] }), end + 2))),
        Some(_) => Err(BadOp),
    }
}

/// Who we are: no confirmations, and nothing back of what we publish.
pub fn connect(out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false,\"protocol\":1,\"lang\":\"rust\",\
          \"version\":\"0\",\"name\":\"load\"}\r\n",
    );
}

/// Hear a subject.
pub fn subscribe(out: &mut Vec<u8>, subject: &str, number: usize) {
    line(out, format_args!("SUB {subject} {number}"));
}

/// Is all before this done?
pub fn ping(out: &mut Vec<u8>) {
    line(out, format_args!("PING"));
}

/// The answer to a ping.
pub fn pong(out: &mut Vec<u8>) {
    line(out, format_args!("PONG"));
}

/// Say something; with `reply` the answer is wanted there.
pub fn publish(out: &mut Vec<u8>, subject: &str, reply: Option<&str>, payload: &[u8]) {
    match reply {
        Some(reply) => line(out, format_args!("PUB {subject} {reply} {}", payload.len())),
        None => line(out, format_args!("PUB {subject} {}", payload.len())),
    }
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

fn line(out: &mut Vec<u8>, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("writing into memory cannot fail");
    out.extend_from_slice(b"\r\n");
}

/// Which question the answer in an inbox is to: the last part of its subject.
pub fn answered(subject: &str) -> Option<u64> {
    subject.strip_prefix(INBOX)?.rsplit('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALK: &[u8] = b"INFO {\"a\":1}\r\nPING\r\n+OK\r\nMSG t.7 1 5\r\nhel\r\n\r\nMSG _INBOX.3.9 2 t.x 2\r\n{}\r\n-ERR 'no'\r\nPONG\r\n";

    fn heard(pieces: usize) -> Vec<String> {
        let (mut ops, mut heard) = (Ops::default(), Vec::new());
        for piece in TALK.chunks(pieces) {
            ops.feed(piece, |op| heard.push(format!("{op:?}"))).unwrap();
        }
        heard
    }

    #[test]
    fn a_talk_is_the_same_in_pieces_of_any_size() {
        let whole = heard(TALK.len());
        assert_eq!(whole.len(), 6);
        assert!(
            whole[2].contains("t.7") && whole[2].contains("[104, 101, 108, 13, 10]"),
            "a payload may hold an end of line"
        );
        (1..TALK.len()).for_each(|pieces| assert_eq!(heard(pieces), whole, "{pieces}"));
    }

    #[test]
    fn what_is_not_nats_is_told() {
        for bad in ["HTTP/1.1 400\r\n", "MSG a 1 x\r\n", "MSG a\r\n", "MSG a 1 2\r\nabcd", "MSG a 1 99999999\r\n"] {
            assert_eq!(Ops::default().feed(bad.as_bytes(), |_| ()), Err(BadOp), "{bad}");
        }
        assert_eq!(Ops::default().feed(&vec![b'a'; PART_BYTES_MAX + 1], |_| ()), Err(BadOp), "a line without an end");
    }

    #[test]
    fn what_is_said_is_what_the_protocol_wants() {
        let mut out = Vec::new();
        subscribe(&mut out, "t.1", 4);
        publish(&mut out, "t.1", None, b"hello");
        publish(&mut out, "t.1", Some("_INBOX.2.77"), b"");
        pong(&mut out);
        assert_eq!(out, b"SUB t.1 4\r\nPUB t.1 5\r\nhello\r\nPUB t.1 _INBOX.2.77 0\r\n\r\nPONG\r\n");
        assert_eq!((answered("_INBOX.2.77"), answered("t.77")), (Some(77), None));
    }
}
