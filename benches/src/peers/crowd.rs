//! The crowd at a peer: who is in which room, what was said, and what arrived; without a socket.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use deskwire_loadtest::random::Random;
use deskwire_loadtest::text::Mark;
use deskwire_protocol::kinds::Hello;
use deskwire_protocol::{ClientFrame, PublicFrame};

use super::measures::{Measures, took};
use super::nats::{self, Op};
use super::socket_io::{self, Packet};

/// What a peer speaks, and what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// NATS: nothing is acknowledged.
    Nats,
    /// NATS with JetStream: each post is acknowledged once it is stored.
    JetStream,
    /// Socket.IO: each post is acknowledged.
    SocketIo,
    /// The engine's own, as JSON: for sessions that do nothing. Its load client talks to it.
    Deskwire,
}

/// Who sits where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seats {
    /// Each customer in a room of his own with an agent, who has many.
    Pairs {
        /// Customers.
        customers: usize,
        /// Agents.
        agents: usize,
    },
    /// All in one.
    Hall {
        /// How many.
        members: usize,
    },
    /// In no room.
    Idle {
        /// How many.
        sessions: usize,
    },
}

impl Seats {
    /// Connections in all.
    pub fn connections(self) -> usize {
        match self {
            Seats::Pairs { customers, agents } => customers + agents,
            Seats::Hall { members } => members,
            Seats::Idle { sessions } => sessions,
        }
    }

    /// The connections in each room.
    fn rooms(self) -> Vec<Vec<usize>> {
        match self {
            Seats::Pairs { customers, agents } => {
                (0..customers).map(|who| vec![who, customers + who % agents]).collect()
            }
            Seats::Hall { members } => vec![(0..members).collect()],
            Seats::Idle { .. } => Vec::new(),
        }
    }
}

/// Everything of a run but the sockets.
#[derive(Debug)]
pub struct Crowd {
    dialect: Dialect,
    rooms: Vec<Vec<usize>>,
    /// The rooms of each connection.
    of: Vec<Vec<usize>>,
    is_in: Vec<bool>,
    random: Random,
    run: u32,
    size: usize,
    ordinal: u32,
    /// When each post was due whose acknowledgement is missing.
    asked: HashMap<u64, u64>,
    owed: u64,
    /// Posts due in this time are measured, in microseconds.
    pub measured: Range<u64>,
    /// What is measured.
    pub measures: Measures,
    /// What the peer said no to.
    pub complaints: BTreeMap<String, u64>,
}

/// The number of the question whether one may enter; posts have those above.
const ENTERING: u64 = 0;

impl Crowd {
    /// Nobody is in yet.
    pub fn new(dialect: Dialect, seats: Seats, size: usize, seed: u64) -> Crowd {
        let mut random = Random::new(seed);
        let rooms = seats.rooms();
        let mut of = vec![Vec::new(); seats.connections()];
        for (room, members) in rooms.iter().enumerate() {
            members.iter().for_each(|who| of[*who].push(room));
        }
        Crowd {
            dialect,
            rooms,
            is_in: vec![false; of.len()],
            of,
            run: random.draw() as u32,
            random,
            size,
            ordinal: 0,
            asked: HashMap::new(),
            owed: 0,
            measured: 0..0,
            measures: Measures::default(),
            complaints: BTreeMap::new(),
        }
    }

    /// How many are in their rooms.
    pub fn ready(&self) -> usize {
        self.is_in.iter().filter(|is_in| **is_in).count()
    }

    /// Deliveries and acknowledgements that are missing.
    pub fn missing(&self) -> (u64, u64) {
        (self.owed, self.asked.len() as u64)
    }

    /// Notes something the peer said no to.
    pub fn complain(&mut self, what: String) {
        *self.complaints.entry(what).or_default() += 1;
    }

    fn mask(&mut self) -> [u8; 4] {
        (self.random.draw() as u32).to_le_bytes()
    }

    fn subject(room: usize) -> String {
        format!("t.{room}")
    }

    /// NATS said something to a connection; the answer, if any, is appended.
    pub fn hear_nats(&mut self, who: usize, op: Op<'_>, now_us: u64, out: &mut Vec<u8>) {
        match op {
            Op::Info => self.enter_nats(who, out),
            Op::Ping => nats::pong(out),
            Op::Pong => self.is_in[who] = true,
            Op::Err(words) => self.complain(format!("refused: {words}")),
            Op::Message { subject, payload } => match nats::answered(subject) {
                // JetStream says no with a field of this name.
                Some(_) if payload.windows(7).any(|seven| seven == b"\"error\"") => {
                    self.complain(format!("refused: {}", String::from_utf8_lossy(payload)));
                }
                Some(number) => self.acknowledged(number, now_us),
                None => self.arrived(&String::from_utf8_lossy(payload), now_us),
            },
        }
    }

    fn enter_nats(&mut self, who: usize, out: &mut Vec<u8>) {
        nats::connect(out);
        for (number, room) in self.of[who].iter().enumerate() {
            nats::subscribe(out, &Crowd::subject(*room), number + 1);
        }
        if self.dialect == Dialect::JetStream {
            nats::subscribe(out, &format!("{}.{who}.*", nats::INBOX), self.of[who].len() + 1);
        }
        nats::ping(out);
    }

    /// What is said first on a connection, where the peer waits for it.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if self.dialect == Dialect::Deskwire {
            let hello = ClientFrame::from(Hello { token: String::new(), name: "Idle".into(), email: String::new() });
            let mask = self.mask();
            socket_io::write(out, &hello.to_json(), mask);
        }
    }

    /// A text message came on a WebSocket; the answer, if any, is appended.
    pub fn hear_text(&mut self, who: usize, text: &str, now_us: u64, out: &mut Vec<u8>) {
        if self.dialect == Dialect::Deskwire {
            self.is_in[who] |= matches!(PublicFrame::from_json(text), Ok(PublicFrame::Welcome(_)));
        } else if let Some(packet) = socket_io::read(text) {
            self.hear_socket_io(who, packet, now_us, out);
        }
    }

    fn hear_socket_io(&mut self, who: usize, packet: Packet, now_us: u64, out: &mut Vec<u8>) {
        let mask = self.mask();
        match packet {
            Packet::Open => socket_io::connect(out, mask),
            Packet::Ping => socket_io::pong(out, mask),
            Packet::Connected => {
                let rooms: Vec<String> = self.of[who].iter().map(|room| Crowd::subject(*room)).collect();
                socket_io::enter(out, ENTERING, &rooms, mask);
            }
            Packet::Acknowledged(ENTERING) => self.is_in[who] = true,
            Packet::Acknowledged(number) => self.acknowledged(number, now_us),
            Packet::Message(text) => self.arrived(&text, now_us),
            Packet::Refused(words) => self.complain(format!("refused: {words}")),
        }
    }

    /// A post is due: somebody says it in a room of his. Answers who, and what is to be sent for him.
    pub fn post(&mut self, due_us: u64, now_us: u64, out: &mut Vec<u8>) -> usize {
        let room = self.random.below(self.rooms.len() as u64) as usize;
        let side = self.random.below(self.rooms[room].len() as u64) as usize;
        let (who, others) = (self.rooms[room][side], self.rooms[room].len() as u64 - 1);
        self.ordinal += 1;
        let mark = Mark { run: self.run, chat: room as u32, side: side as u8, ordinal: self.ordinal, due_us };
        let (text, number) = (mark.text(self.size), u64::from(self.ordinal));
        if self.measured.contains(&due_us) {
            took(&mut self.measures.lag, now_us.saturating_sub(due_us));
        }
        self.owed += others;
        if self.dialect != Dialect::Nats {
            self.asked.insert(number, due_us);
        }
        self.say(who, number, &Crowd::subject(room), &text, out);
        who
    }

    fn say(&mut self, who: usize, number: u64, room: &str, text: &str, out: &mut Vec<u8>) {
        match self.dialect {
            Dialect::Nats => nats::publish(out, room, None, text.as_bytes()),
            Dialect::JetStream => {
                let reply = format!("{}.{who}.{number}", nats::INBOX);
                nats::publish(out, room, Some(&reply), text.as_bytes());
            }
            Dialect::SocketIo => {
                let mask = self.mask();
                socket_io::post(out, number, room, text, mask);
            }
            Dialect::Deskwire => self.complain("the load client talks to the engine".into()),
        }
    }

    fn acknowledged(&mut self, number: u64, now_us: u64) {
        let Some(due_us) = self.asked.remove(&number) else {
            return self.complain("an acknowledgement of nothing".into());
        };
        if self.measured.contains(&due_us) {
            took(&mut self.measures.acknowledge, now_us.saturating_sub(due_us));
        }
    }

    fn arrived(&mut self, text: &str, now_us: u64) {
        let Some(mark) = Mark::of(text).filter(|mark| mark.run == self.run) else {
            return self.complain("a text that nobody said".into());
        };
        self.owed = self.owed.saturating_sub(1);
        self.measures.delivered_in_time += u64::from(self.measured.contains(&now_us));
        if self.measured.contains(&mark.due_us) {
            took(&mut self.measures.deliver, now_us.saturating_sub(mark.due_us));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_sits_where_the_plan_says() {
        let pairs = Seats::Pairs { customers: 4, agents: 2 };
        assert_eq!((pairs.connections(), pairs.rooms()), (6, vec![vec![0, 4], vec![1, 5], vec![2, 4], vec![3, 5]]));
        assert_eq!(Seats::Hall { members: 3 }.rooms(), vec![vec![0, 1, 2]]);
        assert_eq!(Seats::Idle { sessions: 9 }.rooms().len(), 0);
    }

    /// A post owes a delivery to all others and an acknowledgement; what never comes stays missing.
    #[test]
    fn what_was_said_is_missing_until_it_has_come() {
        let mut crowd = Crowd::new(Dialect::JetStream, Seats::Hall { members: 3 }, 100, 1);
        crowd.measured = 0..100;
        let mut out = Vec::new();
        crowd.post(10, 12, &mut out);
        assert_eq!(crowd.missing(), (2, 1));
        let said = String::from_utf8(out).unwrap();
        let (line, text) = said.split_once("\r\n").unwrap();
        assert!(line.starts_with("PUB t.0 _INBOX.") && line.ends_with(".1 100"), "{line}");
        let message = Op::Message { subject: "t.0", payload: text.trim_end().as_bytes() };
        (0..2).for_each(|who| crowd.hear_nats(who, message, [60, 510][who], &mut Vec::new()));
        let stored = Op::Message { subject: "_INBOX.0.1", payload: b"{\"stream\":\"LOAD\",\"seq\":1}" };
        crowd.hear_nats(0, stored, 310, &mut Vec::new());
        assert_eq!(crowd.missing(), (0, 0));
        assert_eq!((crowd.measures.deliver.len(), crowd.measures.acknowledge.len()), (2, 1));
        assert_eq!(crowd.measures.delivered_in_time, 1, "the other came behind the measured time");
        assert_eq!((crowd.measures.deliver.max(), crowd.measures.acknowledge.max()), (500, 300));
        assert!(crowd.complaints.is_empty());
        crowd.hear_nats(0, stored, 310, &mut Vec::new());
        crowd.hear_nats(0, Op::Message { subject: "t.0", payload: b"hello" }, 310, &mut Vec::new());
        assert_eq!(crowd.complaints.len(), 2, "what nobody said or asked is told");
    }

    #[test]
    fn a_post_that_is_refused_is_not_acknowledged() {
        let mut crowd = Crowd::new(Dialect::JetStream, Seats::Hall { members: 2 }, 100, 1);
        crowd.post(10, 12, &mut Vec::new());
        let no = Op::Message { subject: "_INBOX.0.1", payload: b"{\"error\":{\"code\":503}}" };
        crowd.hear_nats(0, no, 310, &mut Vec::new());
        assert_eq!((crowd.missing().1, crowd.complaints.len()), (1, 1));
    }

    #[test]
    fn one_enters_socket_io_once_the_transport_is_open() {
        let mut crowd = Crowd::new(Dialect::SocketIo, Seats::Pairs { customers: 1, agents: 1 }, 100, 1);
        let mut lengths = Vec::new();
        for packet in [Packet::Open, Packet::Connected, Packet::Acknowledged(ENTERING)] {
            let mut out = Vec::new();
            crowd.hear_socket_io(1, packet, 0, &mut out);
            lengths.push(out.len());
        }
        assert!(lengths[0] > 0 && lengths[1] > lengths[0] && lengths[2] == 0, "{lengths:?}");
        assert_eq!(crowd.ready(), 1);
    }
}
