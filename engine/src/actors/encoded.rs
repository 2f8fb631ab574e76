//! Frames as the very bytes that cross a socket, built once and shared by all who receive them.

use std::cell::{OnceCell, RefCell};

use bytes::{BufMut, Bytes};
use deskwire_protocol::{CloseCode, PublicFrame, StaffFrame};

use super::outbox::{Outbox, StaffOutbox};

pub use crate::domain::audience::Audience;

/// Which of the two subprotocols a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `deskwire.v1`: kind byte and archive, in binary WebSocket messages.
    Binary,
    /// `deskwire.v1.json`: the same frames as JSON, in text messages.
    Json,
}

/// The WebSocket opcodes (RFC 6455, 5.2) with the final bit set.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// A frame for anybody, ready for the socket: WebSocket header and payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicBytes(pub(super) Bytes);

/// A frame for staff alone, ready for the socket. Only a [`StaffOutbox`] takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffBytes(pub(super) Bytes);

impl PublicBytes {
    /// Encodes a public frame in one form. Nothing else makes these bytes.
    pub fn new(frame: &PublicFrame, form: Form) -> PublicBytes {
        PublicBytes(encoded(frame, form))
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none; there always are.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl StaffBytes {
    /// Encodes a staff frame in one form. Nothing else makes these bytes.
    pub fn new(frame: &StaffFrame, form: Form) -> StaffBytes {
        StaffBytes(encoded(frame, form))
    }
}

/// One frame for many receivers: encoded on first need, at most once in each form.
pub struct Shared<'a, F> {
    frame: &'a F,
    binary: OnceCell<Bytes>,
    json: OnceCell<Bytes>,
}

impl<'a, F> Shared<'a, F> {
    /// Nothing is encoded yet.
    pub fn new(frame: &'a F) -> Shared<'a, F> {
        Shared { frame, binary: OnceCell::new(), json: OnceCell::new() }
    }
}

impl<F: Outward> Shared<'_, F> {
    fn in_form(&self, form: Form) -> Bytes {
        let cell = match form {
            Form::Binary => &self.binary,
            Form::Json => &self.json,
        };
        cell.get_or_init(|| encoded(self.frame, form)).clone()
    }
}

impl Shared<'_, PublicFrame> {
    /// Puts the frame in an outbox, in its form.
    pub fn push_to(&self, outbox: &Outbox) {
        outbox.push(self.bytes(outbox.form()));
    }

    /// The bytes in this form; a clone shares them.
    pub fn bytes(&self, form: Form) -> PublicBytes {
        PublicBytes(self.in_form(form))
    }
}

impl Shared<'_, StaffFrame> {
    /// Puts the frame in an outbox with staff at its end, in its form.
    pub fn push_to(&self, outbox: StaffOutbox<'_>) {
        outbox.push(self.bytes(outbox.form()));
    }

    /// The bytes in this form; a clone shares them.
    pub fn bytes(&self, form: Form) -> StaffBytes {
        StaffBytes(self.in_form(form))
    }
}

/// What can be encoded towards a client: the two closed sets of the table.
pub trait Outward {
    /// Writes the payload of this frame in a form.
    fn write(&self, form: Form, into: &mut Vec<u8>);
}

macro_rules! outward {
    ($($frame:ty),+) => {$(
        impl Outward for $frame {
            fn write(&self, form: Form, into: &mut Vec<u8>) {
                match form {
                    Form::Binary => self.encode_into(into),
                    Form::Json => serde_json::to_writer(into, self).expect("every frame has a JSON form"),
                }
            }
        }
    )+};
}
outward!(PublicFrame, StaffFrame);

/// A scratch past this size is given back; a page is the largest usual frame.
const SCRATCH_KEPT_MAX: usize = 128 * 1024;

fn encoded<F: Outward>(frame: &F, form: Form) -> Bytes {
    thread_local! {
        static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        frame.write(form, scratch);
        let bytes = message(form, scratch);
        if scratch.capacity() > SCRATCH_KEPT_MAX {
            *scratch = Vec::new();
        }
        bytes
    })
}

/// A whole unfragmented message in the opcode of a form.
pub(super) fn message(form: Form, payload: &[u8]) -> Bytes {
    match form {
        Form::Binary => framed(BINARY, payload),
        Form::Json => framed(TEXT, payload),
    }
}

/// An empty ping; it costs no memory.
pub(super) fn ping() -> Bytes {
    Bytes::from_static(&[PING, 0])
}

/// The answer to a ping.
pub(super) fn pong(payload: &[u8]) -> Bytes {
    framed(PONG, payload)
}

/// A close frame of ours, with words.
pub(super) fn close(code: CloseCode) -> Bytes {
    let mut payload = Vec::with_capacity(2 + code.words().len());
    payload.put_u16(code.number());
    payload.extend_from_slice(code.words().as_bytes());
    framed(CLOSE, &payload)
}

/// The answer to a client's close frame: its code again, if it had one.
pub(super) fn close_answer(code: Option<u16>) -> Bytes {
    match code {
        Some(code) => framed(CLOSE, &code.to_be_bytes()),
        None => Bytes::from_static(&[CLOSE, 0]),
    }
}

/// Header and payload of an unmasked frame; the allocation fits exactly.
fn framed(first: u8, payload: &[u8]) -> Bytes {
    let length = payload.len();
    let mut bytes = Vec::with_capacity(length + header_bytes(length));
    bytes.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => bytes.push(short),
        (_, Ok(medium)) => {
            bytes.push(126);
            bytes.put_u16(medium);
        }
        (_, Err(_)) => {
            bytes.push(127);
            bytes.put_u64(length as u64);
        }
    }
    bytes.extend_from_slice(payload);
    Bytes::from(bytes)
}

fn header_bytes(length: usize) -> usize {
    match length {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::kinds::{Done, Yours};
    use deskwire_protocol::{ServerFrame, TicketId};

    use super::*;

    /// C13
    #[test]
    fn a_frame_is_encoded_once_in_each_form_and_shared() {
        let frame = PublicFrame::from(Done { request: 7 });
        let shared = Shared::new(&frame);
        let (one, two) = (shared.bytes(Form::Binary), shared.bytes(Form::Binary));
        assert_eq!(one.0.as_ptr(), two.0.as_ptr());
        assert_eq!(ServerFrame::decode(&one.0[2..]), Ok(ServerFrame::Public(frame.clone())));
        let json = shared.bytes(Form::Json);
        assert_eq!(&json.0[2..], frame.to_json().as_bytes());
        assert_eq!((one.0[0], json.0[0]), (BINARY, TEXT));
    }

    #[test]
    fn the_header_has_the_shortest_length_there_is() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let bytes = framed(BINARY, &vec![0; length]);
            assert_eq!(bytes.len(), length + header, "{length}");
        }
    }

    #[test]
    fn staff_frames_have_bytes_of_their_own_type() {
        let frame = StaffFrame::from(Yours { ticket: TicketId(1) });
        let StaffBytes(bytes) = Shared::new(&frame).bytes(Form::Binary);
        assert_eq!(ServerFrame::decode(&bytes[2..]), Ok(ServerFrame::Staff(frame)));
    }

    #[test]
    fn every_close_frame_is_a_valid_control_frame() {
        for code in CloseCode::ALL {
            assert!(close(*code).len() <= 127, "{}", code.name());
        }
    }
}
