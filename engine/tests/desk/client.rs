//! A plain client on a real socket: binary frames out, frames in, each waited for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use deskwire_protocol::kinds::{self, ClientFrame, PublicFrame, StaffFrame};
use deskwire_protocol::{Priority, ServerFrame, Status, Step, StreamId, TicketId};

use crate::engine::{Engine, PATIENCE};

/// One connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What came and was not asked for yet.
    pub heard: Vec<ServerFrame>,
    /// Every byte that ever came.
    pub raw: Vec<u8>,
    requests: u32,
}

/// What came off the socket.
#[derive(Debug)]
enum Came {
    Frame(ServerFrame),
    Close(u16),
    Control,
}

impl Client {
    /// A connection without a word said.
    pub fn connect(address: SocketAddr) -> Client {
        Client::open(address, "/ws", "deskwire.v1")
    }

    /// A connection at a path with a subprotocol.
    pub fn open(address: SocketAddr, path: &str, protocol: &str) -> Client {
        Client::over(TcpStream::connect(address).unwrap(), address, path, protocol)
    }

    /// The same over a stream made by the test.
    pub fn over(mut stream: TcpStream, address: SocketAddr, path: &str, protocol: &str) -> Client {
        stream.set_nodelay(true).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {protocol}\r\n\r\n"
        )
        .unwrap();
        let mut client = Client { stream, buffer: Vec::new(), heard: Vec::new(), raw: Vec::new(), requests: 0 };
        let head = client.read_head();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        client
    }

    /// A new customer, welcomed.
    pub fn customer(engine: &Engine, name: &str) -> (Client, kinds::Welcome) {
        Client::hello(engine, "", name)
    }

    /// Somebody with a token, welcomed.
    pub fn hello(engine: &Engine, token: &str, name: &str) -> (Client, kinds::Welcome) {
        let mut client = Client::connect(engine.address);
        let welcome = client.greet(token, name);
        (client, welcome)
    }

    /// Says who it is; the welcome.
    pub fn greet(&mut self, token: &str, name: &str) -> kinds::Welcome {
        self.send(kinds::Hello { token: token.into(), name: name.into(), email: String::new() });
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Welcome(welcome)) => Some(welcome.clone()),
            _ => None,
        })
    }

    /// A member of staff who takes tickets.
    pub fn agent(engine: &Engine, name: &str) -> Client {
        let (mut client, _) = Client::hello(engine, &engine.sign_in(name), "");
        let request = client.request();
        client.send(kinds::SetStatus { request, status: Status::Available });
        client.done(request).unwrap();
        client
    }

    pub fn request(&mut self) -> u32 {
        self.requests += 1;
        self.requests
    }

    pub fn send(&mut self, frame: impl Into<ClientFrame>) {
        self.send_bytes(0x82, &frame.into().encode());
    }

    /// A frame as JSON text.
    pub fn send_json(&mut self, text: &str) {
        self.send_bytes(0x81, text.as_bytes());
    }

    /// One masked WebSocket frame with this first byte.
    pub fn send_bytes(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..=125 => bytes.push(0x80 | short as u8),
            long => {
                bytes.push(0x80 | 126);
                bytes.extend((long as u16).to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.stream.write_all(&bytes).unwrap();
    }

    /// Starts a chat; its ticket.
    pub fn start_chat(&mut self, category: &str, key: u128) -> Result<TicketId, kinds::Refused> {
        let request = self.request();
        self.send(kinds::Open {
            request,
            key: StreamId(key),
            category: category.into(),
            priority: Priority::Normal,
            subject: "Help".into(),
        });
        self.ready(request)
    }

    /// The answer to the start of a chat.
    pub fn ready(&mut self, request: u32) -> Result<TicketId, kinds::Refused> {
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::TicketReady(ready)) if ready.request == request => Some(Ok(ready.ticket)),
            ServerFrame::Public(PublicFrame::Refused(no)) if no.request == request => Some(Err(no.clone())),
            _ => None,
        })
    }

    /// Hears a ticket from `after` on; the events until it is live, those that anybody may see.
    pub fn join(&mut self, ticket: TicketId, stream: u128, after: u32) -> Result<Vec<PublicFrame>, kinds::Refused> {
        let events = self.join_all(ticket, stream, after)?.into_iter();
        Ok(events
            .filter_map(|frame| match frame {
                ServerFrame::Public(frame) => Some(frame),
                ServerFrame::Staff(_) => None,
            })
            .collect())
    }

    /// The same with the events that are for staff alone.
    pub fn join_all(&mut self, ticket: TicketId, stream: u128, after: u32) -> Result<Vec<ServerFrame>, kinds::Refused> {
        let (mut events, mut after) = (Vec::new(), after);
        loop {
            self.send(kinds::Join { ticket, stream: StreamId(stream), after });
            let (page, more) = self.wait(|frame| match frame {
                ServerFrame::Public(PublicFrame::Page(page)) if page.ticket == ticket => {
                    let events = page.events.frames().unwrap().into_iter().map(ServerFrame::Public).collect();
                    Some(Ok((events, page.more)))
                }
                ServerFrame::Staff(StaffFrame::StaffPage(page)) if page.ticket == ticket => {
                    Some(Ok((page.events.frames().unwrap(), page.more)))
                }
                ServerFrame::Public(PublicFrame::Refused(no)) if no.ticket == ticket => Some(Err(no.clone())),
                _ => None,
            })?;
            let page: Vec<ServerFrame> = page;
            events.extend(page);
            if !more {
                return Ok(events);
            }
            after = events.last().and_then(place).unwrap();
        }
    }

    /// Says something without waiting.
    pub fn post(&mut self, ticket: TicketId, number: u32, text: &str) {
        self.send(kinds::Post { ticket, number, text: text.into() });
    }

    /// The answer to a post.
    pub fn acknowledged(&mut self, ticket: TicketId, number: u32) -> Result<u32, kinds::Refused> {
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Acknowledged(yes)) if yes.ticket == ticket && yes.number == number => {
                Some(Ok(yes.seq))
            }
            ServerFrame::Public(PublicFrame::Refused(no)) if no.ticket == ticket && no.number == number => {
                Some(Err(no.clone()))
            }
            _ => None,
        })
    }

    /// Goes a step through a ticket's life.
    pub fn advance(&mut self, ticket: TicketId, step: Step, reason: &str) -> Result<(), kinds::Refused> {
        let request = self.request();
        self.send(kinds::Advance { request, ticket, step, reason: reason.into() });
        self.done(request)
    }

    /// The answer to a request.
    pub fn done(&mut self, request: u32) -> Result<(), kinds::Refused> {
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Done(done)) if done.request == request => Some(Ok(())),
            ServerFrame::Public(PublicFrame::Refused(no)) if no.request == request => Some(Err(no.clone())),
            _ => None,
        })
    }

    /// The next ticket that becomes this agent's.
    pub fn yours(&mut self) -> TicketId {
        self.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::Yours(yours)) => Some(yours.ticket),
            _ => None,
        })
    }

    /// The text of the next message.
    pub fn message(&mut self) -> (u32, String) {
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Message(message)) => Some((message.seq, message.text.clone())),
            ServerFrame::Public(PublicFrame::OwnMessage(message)) => Some((message.seq, message.text.clone())),
            _ => None,
        })
    }

    /// The first frame, heard before or coming, that `look` finds something in; it is taken out.
    pub fn wait<T>(&mut self, mut look: impl FnMut(&ServerFrame) -> Option<T>) -> T {
        if let Some((at, found)) = self.heard.iter().enumerate().find_map(|(at, frame)| Some((at, look(frame)?))) {
            self.heard.remove(at);
            return found;
        }
        let until = Instant::now() + PATIENCE;
        loop {
            match self.next(until) {
                Some(Came::Frame(frame)) => match look(&frame) {
                    Some(found) => return found,
                    None => self.heard.push(frame),
                },
                Some(Came::Control) => {}
                other => panic!("waited for a frame, came {other:?}; heard {:#?}", self.heard),
            }
        }
    }

    /// The code that the connection ends with; what comes before is kept.
    pub fn closed(&mut self) -> u16 {
        self.ended().unwrap_or_else(|| panic!("waited for the end; heard {:#?}", self.heard))
    }

    /// The same, or nothing where it ended without a word: who does not read is not waited for.
    pub fn ended(&mut self) -> Option<u16> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.next(until)? {
                Came::Close(code) => return Some(code),
                Came::Frame(frame) => self.heard.push(frame),
                Came::Control => {}
            }
        }
    }

    /// What comes until the answer to a ping of ours: everything that was on its way.
    pub fn settle(&mut self) -> Vec<ServerFrame> {
        let nonce = 1_000_000 + self.request();
        self.send(kinds::Ping { nonce });
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Pong(pong)) if pong.nonce == nonce => Some(()),
            _ => None,
        });
        std::mem::take(&mut self.heard)
    }

    /// The same by JSON.
    pub fn settle_json(&mut self) -> Vec<ServerFrame> {
        let nonce = 1_000_000 + self.request();
        self.send_json(&format!(r#"{{"kind":"ping","nonce":{nonce}}}"#));
        self.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Pong(pong)) if pong.nonce == nonce => Some(()),
            _ => None,
        });
        std::mem::take(&mut self.heard)
    }

    fn next(&mut self, until: Instant) -> Option<Came> {
        loop {
            if let Some(came) = self.parse() {
                return Some(came);
            }
            let left = until.checked_duration_since(Instant::now())?;
            self.stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).unwrap();
            let mut chunk = [0; 64 * 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) | Err(_) => return None,
                Ok(read) => {
                    self.buffer.extend(&chunk[..read]);
                    self.raw.extend(&chunk[..read]);
                }
            }
        }
    }

    fn parse(&mut self) -> Option<Came> {
        let (first, short) = (*self.buffer.first()?, usize::from(*self.buffer.get(1)?));
        let (header, length) = match short {
            126 => (4, usize::from(u16::from_be_bytes(*self.buffer.get(2..4)?.first_chunk()?))),
            127 => (10, u64::from_be_bytes(*self.buffer.get(2..10)?.first_chunk()?) as usize),
            _ => (2, short),
        };
        let payload = self.buffer.get(header..header + length)?.to_vec();
        self.buffer.drain(..header + length);
        Some(match first {
            0x82 => Came::Frame(ServerFrame::decode(&payload).unwrap()),
            0x81 => Came::Frame(serde_json::from_slice(&payload).unwrap()),
            0x88 => Came::Close(u16::from_be_bytes(*payload.first_chunk().unwrap_or(&[0, 0]))),
            _ => Came::Control,
        })
    }

    fn read_head(&mut self) -> String {
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap()
    }
}

/// The place of an event, for staff alone or not.
pub fn place(frame: &ServerFrame) -> Option<u32> {
    match frame {
        ServerFrame::Public(frame) => seq(frame),
        ServerFrame::Staff(StaffFrame::Noted(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::OwnNote(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::WatchBegan(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::WatchEnded(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::Acted(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::AgentSilent(event)) => Some(event.seq),
        ServerFrame::Staff(StaffFrame::Moderated(event)) => Some(event.seq),
        _ => None,
    }
}

/// The place of an event that anybody may see.
pub fn seq(frame: &PublicFrame) -> Option<u32> {
    match frame {
        PublicFrame::Opened(event) => Some(event.seq),
        PublicFrame::Assigned(event) => Some(event.seq),
        PublicFrame::Advanced(event) => Some(event.seq),
        PublicFrame::MemberAdded(event) => Some(event.seq),
        PublicFrame::PhaseChanged(event) => Some(event.seq),
        PublicFrame::CustomerTold(event) => Some(event.seq),
        PublicFrame::CategoryChanged(event) => Some(event.seq),
        PublicFrame::Message(event) => Some(event.seq),
        PublicFrame::OwnMessage(event) => Some(event.seq),
        PublicFrame::Founded(event) => Some(event.seq),
        PublicFrame::Entered(event) => Some(event.seq),
        PublicFrame::Departed(event) => Some(event.seq),
        PublicFrame::PostDeleted(event) => Some(event.seq),
        PublicFrame::SlowMode(event) => Some(event.seq),
        _ => None,
    }
}
