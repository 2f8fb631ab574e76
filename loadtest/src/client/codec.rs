//! WebSocket framing (RFC 6455, section 5) for a client that drives thousands of connections: no copy, no state while idle.

use std::mem;

/// A whole binary message.
const BINARY: u8 = 0x2;
const TEXT: u8 = 0x1;
const CONTINUATION: u8 = 0x0;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// Longest message taken, in bytes; pages are far below.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Bytes that are no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid WebSocket frame")]
pub struct BadFrame;

/// What came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A whole message.
    Message(&'a [u8]),
    /// Is somebody there? To be answered with the same bytes.
    Ping(&'a [u8]),
    /// The answer to a ping.
    Pong,
    /// The other side ends; its code, 1005 for none.
    Close(u16),
}

/// What a frame is for, where we write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A whole binary message.
    Message,
    /// The answer to a ping.
    Pong,
    /// The end.
    Close,
}

/// Appends a frame; clients mask theirs (RFC 6455, 5.3).
pub fn write(out: &mut Vec<u8>, what: Outgoing, payload: &[u8], mask: Option<[u8; 4]>) {
    let opcode = match what {
        Outgoing::Message => BINARY,
        Outgoing::Pong => PONG,
        Outgoing::Close => CLOSE,
    };
    out.push(0x80 | opcode);
    let masked = if mask.is_some() { 0x80 } else { 0 };
    match payload.len() {
        length @ 0..126 => out.push(masked | length as u8),
        length @ 126..0x1_0000 => {
            out.push(masked | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend(mask.iter().flatten());
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask {
        apply(&mut out[start..], mask);
    }
}

/// Masks or unmasks.
fn apply(bytes: &mut [u8], mask: [u8; 4]) {
    let mut chunks = bytes.chunks_exact_mut(4);
    for chunk in &mut chunks {
        chunk.iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
    }
    chunks.into_remainder().iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
}

struct Header {
    last: bool,
    opcode: u8,
    mask: Option<[u8; 4]>,
    start: usize,
    end: usize,
}

/// Reads the head of a frame; nothing while the frame is not whole.
fn header(bytes: &[u8]) -> Result<Option<Header>, BadFrame> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk::<2>() else { return Ok(None) };
    let (length, wide) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (u64::from(u16::from_be_bytes(*length)), 2),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (u64::from_be_bytes(*length), 8),
            None => return Ok(None),
        },
        length => (u64::from(length), 0),
    };
    if length > MESSAGE_BYTES_MAX as u64 || first & 0x70 != 0 {
        return Err(BadFrame);
    }
    let masked = second & 0x80 != 0;
    let mask = if masked { rest[wide..].first_chunk::<4>().copied() } else { None };
    let start = 2 + wide + if masked { 4 } else { 0 };
    let end = start + length as usize;
    let whole = bytes.len() >= end;
    Ok(whole.then_some(Header { last: first & 0x80 != 0, opcode: first & 0x0f, mask, start, end }))
}

/// The reading side of a connection: holds nothing but what is not yet whole.
#[derive(Debug, Default)]
pub struct Frames {
    partial: Vec<u8>,
    fragments: Vec<u8>,
}

impl Frames {
    /// Takes in what was read and gives out each whole message or control frame.
    pub fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(Incoming<'_>)) -> Result<(), BadFrame> {
        if self.partial.is_empty() {
            let used = self.parse(bytes, &mut take)?;
            self.partial.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        let mut partial = mem::take(&mut self.partial);
        partial.extend_from_slice(bytes);
        let used = self.parse(&partial, &mut take)?;
        if used < partial.len() {
            partial.drain(..used);
            self.partial = partial;
        }
        Ok(())
    }

    fn parse(&mut self, bytes: &[u8], take: &mut impl FnMut(Incoming<'_>)) -> Result<usize, BadFrame> {
        let mut used = 0;
        while let Some(header) = header(&bytes[used..])? {
            let payload = &bytes[used + header.start..used + header.end];
            match header.mask {
                None => self.frame(&header, payload, take)?,
                Some(mask) => {
                    let mut plain = payload.to_vec();
                    apply(&mut plain, mask);
                    self.frame(&header, &plain, take)?;
                }
            }
            used += header.end;
        }
        Ok(used)
    }

    fn frame(&mut self, header: &Header, payload: &[u8], take: &mut impl FnMut(Incoming<'_>)) -> Result<(), BadFrame> {
        match header.opcode {
            BINARY | TEXT if header.last => take(Incoming::Message(payload)),
            BINARY | TEXT => self.fragments = payload.to_vec(),
            CONTINUATION => {
                self.fragments.extend_from_slice(payload);
                if self.fragments.len() > MESSAGE_BYTES_MAX {
                    return Err(BadFrame);
                }
                if header.last {
                    take(Incoming::Message(&mem::take(&mut self.fragments)));
                }
            }
            PING => take(Incoming::Ping(payload)),
            PONG => take(Incoming::Pong),
            CLOSE => take(Incoming::Close(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)))),
            _ => return Err(BadFrame),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(frames: &mut Frames, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        frames
            .feed(bytes, |incoming| {
                out.push(match incoming {
                    Incoming::Message(payload) => format!("message of {}", payload.len()),
                    other @ (Incoming::Ping(_) | Incoming::Pong | Incoming::Close(_)) => format!("{other:?}"),
                });
            })
            .unwrap();
        out
    }

    #[test]
    fn frames_of_every_length_come_out_whole_however_they_are_cut() {
        let mut bytes = Vec::new();
        let lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
        for length in lengths {
            write(&mut bytes, Outgoing::Message, &vec![7; length], (length % 2 == 0).then_some([1, 2, 3, 4]));
        }
        let expected: Vec<String> = lengths.iter().map(|length| format!("message of {length}")).collect();
        for cut in [1, 2, 3, 7, 1_000, bytes.len()] {
            let mut frames = Frames::default();
            let out: Vec<String> = bytes.chunks(cut).flat_map(|chunk| read(&mut frames, chunk)).collect();
            assert_eq!(out, expected, "cut into {cut}");
            assert!(frames.partial.is_empty());
        }
    }

    #[test]
    fn fragments_are_put_together_and_control_frames_may_stand_between() {
        let bytes = [&[0x02, 2, 1, 2][..], &[0x89, 1, 9], &[0x80, 1, 3], &[0x88, 2, 0x0f, 0xa0]].concat();
        let out = read(&mut Frames::default(), &bytes);
        assert_eq!(out, ["Ping([9])", "message of 3", "Close(4000)"]);
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for bytes in [&[0xc2, 0][..], &[0x83, 0], &[0x82, 127, 1, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(Frames::default().feed(bytes, |_| ()), Err(BadFrame));
        }
    }
}
