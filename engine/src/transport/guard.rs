//! The strict guard in front of everything: bytes of a socket into whole, bounded messages, without any IO.

use deskwire_protocol::CloseCode;
use deskwire_protocol::limits::{FRAGMENTS_MAX, MESSAGE_BYTES_MAX};

use super::frame::{self, HEADER_BYTES_MAX, Header, Opcode, Place};
use crate::actors::encoded::Form;
use crate::planted::{self, PlantedBug};

/// The bounds of what a client may send.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message, its fragments added up.
    pub message_bytes_max: usize,
    /// Fragments of one message.
    pub fragments_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { message_bytes_max: MESSAGE_BYTES_MAX, fragments_max: FRAGMENTS_MAX }
    }
}

/// A whole message of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Text, which is UTF-8.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
}

impl<'a> Message<'a> {
    /// The subprotocol whose messages are of this kind.
    pub fn form(&self) -> Form {
        match self {
            Message::Text(_) => Form::Json,
            Message::Binary(_) => Form::Binary,
        }
    }

    /// Its payload.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        }
    }
}

/// What came out of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A whole message.
    Message(Message<'a>),
    /// To be answered with a pong of the same payload.
    Ping(&'a [u8]),
    /// The client is there.
    Pong,
    /// The client ends the connection; what comes after it is not looked at.
    Close(Option<u16>),
}

/// Where in the bytes of a connection the guard is.
#[derive(Debug)]
pub struct Guard {
    limits: Limits,
    /// The first bytes of a header that is not whole yet.
    header: [u8; HEADER_BYTES_MAX],
    header_len: u8,
    /// The frame whose payload is being read.
    frame: Option<Frame>,
    /// What is there of a message that is not whole yet.
    message: Vec<u8>,
    /// The message that fragments belong to.
    begun: Option<Begun>,
    /// What is there of a control frame that is not whole yet.
    control: Vec<u8>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    place: Place,
    /// Turned to fit the next byte.
    mask: [u8; 4],
    left: usize,
}

#[derive(Clone, Copy, Debug)]
struct Begun {
    form: Form,
    fragments: usize,
    /// Bytes of its text that are known to be UTF-8.
    checked: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    /// The last event was made of what is held; it is freed with the next call.
    MessageGiven,
    ControlGiven,
    Closed,
}

impl Guard {
    /// At the beginning of a connection.
    pub fn new(limits: Limits) -> Guard {
        Guard {
            limits,
            header: [0; HEADER_BYTES_MAX],
            header_len: 0,
            frame: None,
            message: Vec::new(),
            begun: None,
            control: Vec::new(),
            phase: Phase::Reading,
        }
    }

    /// Frees what the last event was made of; the next call of [`Guard::next`] does it too.
    pub fn free_given(&mut self) {
        match self.phase {
            Phase::MessageGiven => self.message = Vec::new(),
            Phase::ControlGiven => self.control = Vec::new(),
            Phase::Reading | Phase::Closed => return,
        }
        self.phase = Phase::Reading;
    }

    /// Bytes held of what is not whole yet.
    pub fn held(&self) -> usize {
        self.message.capacity() + self.control.capacity()
    }

    /// Reads on in `buffer` from `at`, which it moves, until there is an event or no byte is left. The bytes are
    /// unmasked where they stand. After an error the connection must end.
    pub fn next<'e>(&'e mut self, buffer: &'e mut [u8], at: &mut usize) -> Result<Option<Event<'e>>, CloseCode> {
        self.free_given();
        if self.phase == Phase::Closed {
            *at = buffer.len();
            return Ok(None);
        }
        loop {
            let begun = match self.frame {
                Some(frame) => Some(frame),
                None => self.read_header(buffer, at)?,
            };
            let Some(frame) = begun else { return Ok(None) };
            let from = *at;
            let to = buffer.len().min(from.saturating_add(frame.left));
            let mask = frame::unmask(&mut buffer[from..to], frame.mask);
            *at = to;
            let left = frame.left - (to - from);
            if left > 0 {
                self.frame = Some(Frame { mask, left, ..frame });
                self.keep(frame.opcode, &buffer[from..to])?;
                return Ok(None);
            }
            self.frame = None;
            if frame.opcode.is_control() {
                return self.control_event(frame.opcode, &buffer[from..to]).map(Some);
            }
            if frame.place == Place::Last {
                return self.message_event(&buffer[from..to]).map(Some);
            }
            self.keep(frame.opcode, &buffer[from..to])?;
        }
    }

    /// Gathers a header; once it is whole, it is judged and the frame begins.
    fn read_header(&mut self, buffer: &[u8], at: &mut usize) -> Result<Option<Frame>, CloseCode> {
        loop {
            let have = usize::from(self.header_len);
            let need = if have < 2 { 2 } else { frame::header_bytes(self.header[1]) };
            if have == need {
                break;
            }
            let take = (need - have).min(buffer.len() - *at);
            if take == 0 {
                return Ok(None);
            }
            self.header[have..have + take].copy_from_slice(&buffer[*at..*at + take]);
            self.header_len += take as u8;
            *at += take;
            if have < 2 && self.header_len == 2 {
                frame::judge(self.header[0], self.header[1])?;
            }
        }
        let header = frame::parse(&self.header[..usize::from(self.header_len)])?;
        self.header_len = 0;
        let left = self.admit(&header)?;
        Ok(Some(Frame { opcode: header.opcode, place: header.place, mask: header.mask, left }))
    }

    /// Whether this frame may come now, and is not too much; returns its length.
    fn admit(&mut self, header: &Header) -> Result<usize, CloseCode> {
        let length = usize::try_from(header.length).map_err(|_| CloseCode::TooBig)?;
        if header.opcode.is_control() {
            return Ok(length);
        }
        let begun = match (header.opcode, self.begun) {
            (Opcode::Continuation, Some(begun)) => Begun { fragments: begun.fragments + 1, ..begun },
            (Opcode::Text, None) => Begun { form: Form::Json, fragments: 1, checked: 0 },
            (Opcode::Binary, None) => Begun { form: Form::Binary, fragments: 1, checked: 0 },
            _ => return Err(CloseCode::ProtocolError),
        };
        let room = self.limits.message_bytes_max.saturating_sub(self.message.len());
        let too_big = length > room || begun.fragments > self.limits.fragments_max;
        if too_big && !planted::is(PlantedBug::MessageUnbounded) {
            return Err(CloseCode::TooBig);
        }
        self.begun = Some(begun);
        Ok(length)
    }

    /// Keeps a part of what is not whole yet. Text that cannot become UTF-8 any more is refused at once.
    fn keep(&mut self, opcode: Opcode, bytes: &[u8]) -> Result<(), CloseCode> {
        if opcode.is_control() {
            self.control.extend_from_slice(bytes);
            return Ok(());
        }
        self.message.extend_from_slice(bytes);
        match &mut self.begun {
            Some(Begun { form: Form::Json, checked, .. }) => {
                *checked += utf8_prefix(&self.message[*checked..])?;
                Ok(())
            }
            Some(Begun { form: Form::Binary, .. }) | None => Ok(()),
        }
    }

    fn control_event<'e>(&'e mut self, opcode: Opcode, rest: &'e [u8]) -> Result<Event<'e>, CloseCode> {
        let payload = if self.control.is_empty() {
            rest
        } else {
            self.control.extend_from_slice(rest);
            self.phase = Phase::ControlGiven;
            &self.control
        };
        Ok(match opcode {
            Opcode::Ping => Event::Ping(payload),
            Opcode::Close => {
                let code = frame::close_code(payload)?;
                self.phase = Phase::Closed;
                Event::Close(code)
            }
            Opcode::Pong | Opcode::Continuation | Opcode::Text | Opcode::Binary => Event::Pong,
        })
    }

    fn message_event<'e>(&'e mut self, rest: &'e [u8]) -> Result<Event<'e>, CloseCode> {
        let begun = self.begun.take().expect("a data frame was admitted into a begun message");
        let payload = if self.message.is_empty() {
            rest
        } else {
            self.message.extend_from_slice(rest);
            self.phase = Phase::MessageGiven;
            &self.message
        };
        Ok(Event::Message(match begun.form {
            Form::Binary => Message::Binary(payload),
            Form::Json => Message::Text(std::str::from_utf8(payload).map_err(|_| CloseCode::NotUtf8)?),
        }))
    }
}

/// How many of these bytes are whole characters; an error if what follows them can be none.
fn utf8_prefix(bytes: &[u8]) -> Result<usize, CloseCode> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(bytes.len()),
        Err(fault) if fault.error_len().is_none() => Ok(fault.valid_up_to()),
        Err(_never) => Err(CloseCode::NotUtf8),
    }
}
