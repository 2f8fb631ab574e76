//! The crowd at its sockets: everybody enters, posts go out by the schedule of the load client, and what comes is heard.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail};
use deskwire_loadtest::client::codec::{Frames, Incoming};
use deskwire_loadtest::clock::{Clock, pause};
use deskwire_loadtest::pace::{Arrivals, Hand, Schedule};
use deskwire_loadtest::process::{self, Usage};
use deskwire_protocol::SUBPROTOCOL_JSON;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinSet;

use super::crowd::{Crowd, Dialect, Seats};
use super::measures::times;
use super::nats::{self, Op, Ops};
use crate::figures::Figures;

/// Connections that are made in a second.
const RAMP: f64 = 500.0;
/// How long everybody may take to come in, and what is underway to arrive.
pub const PATIENCE: Duration = Duration::from_secs(20);
const SWEEP: Duration = Duration::from_millis(20);
/// One read takes at most this much.
const SCRATCH_BYTES: usize = 64 * 1024;
/// Longest answer to an upgrade.
const UPGRADE_BYTES_MAX: usize = 8 * 1024;

/// What is to be played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the peer speaks.
    pub dialect: Dialect,
    /// Where it is.
    pub at: SocketAddr,
    /// Who sits where.
    pub seats: Seats,
    /// Posts a second in all.
    pub rate: f64,
    /// Before anything is measured.
    pub warmup: Duration,
    /// What is measured.
    pub measured: Duration,
    /// Until a server has given back what its start took: the engine's threads that hash passwords end after 10 s.
    pub settle: Duration,
    /// Bytes of a text.
    pub size: usize,
    /// The source of everything random.
    pub seed: u64,
    /// The peer's process.
    pub pid: u32,
    /// How long what is underway may take at the end.
    pub patience: Duration,
}

/// The crowd and its ways out.
struct Hall {
    crowd: Crowd,
    clock: Clock,
    links: Vec<Option<Link>>,
    dirty: Vec<usize>,
    scratch: Vec<u8>,
}

type Shared = Rc<RefCell<Hall>>;

struct Link {
    half: OwnedWriteHalf,
    unwritten: Vec<u8>,
}

impl Link {
    /// Writes all that waits in one write; what the kernel does not take waits on.
    fn flush(&mut self) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            match self.half.try_write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}

impl Hall {
    fn flush(&mut self) {
        for who in std::mem::take(&mut self.dirty) {
            let Some(link) = &mut self.links[who] else { continue };
            if let Err(fault) = link.flush() {
                self.links[who] = None;
                self.crowd.complain(format!("write: {}", fault.kind()));
            }
        }
    }

    fn sweep(&mut self) {
        let behind = |link: &Option<Link>| link.as_ref().is_some_and(|link| !link.unwritten.is_empty());
        self.dirty.extend((0..self.links.len()).filter(|who| behind(&self.links[*who])));
        self.flush();
    }

    /// A connection is made; whoever must speak first does.
    fn begin(&mut self, who: usize, link: Link) {
        let mut out = Vec::new();
        self.crowd.begin(&mut out);
        self.links[who] = Some(link);
        self.send(who, &out);
        self.flush();
    }

    fn send(&mut self, who: usize, bytes: &[u8]) {
        if let Some(link) = self.links[who].as_mut().filter(|_| !bytes.is_empty()) {
            link.unwritten.extend_from_slice(bytes);
            self.dirty.push(who);
        }
    }
}

/// Plays it, and answers what was measured.
pub async fn talk(plan: &Plan) -> anyhow::Result<Figures> {
    if plan.dialect == Dialect::JetStream {
        tokio::time::timeout(PATIENCE, make_stream(plan.at)).await.context("no stream in time")??;
    }
    let (hall, mut tasks) = open(plan);
    admit(plan, &hall, &mut tasks, 0..plan.seats.connections()).await?;
    let clock = hall.borrow().clock;
    let begin_us = clock.us();
    let start_us = begin_us + plan.warmup.as_micros() as u64;
    let end_us = start_us + plan.measured.as_micros() as u64;
    hall.borrow_mut().crowd.measured = start_us..end_us;
    let before = tokio::task::spawn_local(look_at(clock, start_us, plan.pid));
    posts(&hall, Schedule::new(Arrivals::Poisson, plan.rate, begin_us, plan.seed), end_us).await;
    let (server, client) = look(plan.pid);
    let (server_before, client_before) = before.await?;
    let arrived = wait(&hall, plan.patience, |hall| hall.crowd.missing() == (0, 0)).await;
    tasks.shutdown().await;
    let hall = hall.borrow();
    let (seconds, measures) = (plan.measured.as_secs_f64(), &hall.crowd.measures);
    let delivered = measures.delivered_in_time as f64;
    let cpu_s = |before: Usage, after: Usage| after.cpu.saturating_sub(before.cpu).as_secs_f64();
    let missing = if arrived { (0, 0) } else { hall.crowd.missing() };
    Ok(Figures {
        us_per_message: (delivered > 0.0).then(|| cpu_s(server_before, server) * 1e6 / delivered),
        client_cores: Some(cpu_s(client_before, client) / seconds),
        delivered_per_s: delivered / seconds,
        acknowledge: times(&measures.acknowledge),
        deliver: times(&measures.deliver),
        missing: missing.0 + missing.1,
        saturated: measures.is_saturated(),
        complaints: hall.crowd.complaints.clone(),
        ..Figures::default()
    })
}

/// Lets so many sessions in that do nothing; answers by how much resident memory the peer grew for each of those that
/// came after the first. The first fifth make it give back what its start took, and fill its pools.
pub async fn idle(plan: &Plan) -> anyhow::Result<Figures> {
    let (hall, mut tasks) = open(plan);
    let all = plan.seats.connections();
    let first = all / 5;
    admit(plan, &hall, &mut tasks, 0..first).await?;
    pause(plan.settle).await;
    let before = process::usage(plan.pid).context("the peer is gone")?;
    admit(plan, &hall, &mut tasks, first..all).await?;
    pause(plan.measured).await;
    let after = process::usage(plan.pid).context("the peer is gone")?;
    tasks.shutdown().await;
    let grown = after.rss_bytes as f64 - before.rss_bytes as f64;
    let complaints = hall.borrow().crowd.complaints.clone();
    let bytes_per_session = Some(grown / (all - first) as f64);
    Ok(Figures { bytes_per_session, complaints, ..Figures::default() })
}

fn look(pid: u32) -> (Usage, Usage) {
    (process::usage(pid).unwrap_or_default(), process::own().unwrap_or_default())
}

async fn look_at(clock: Clock, at_us: u64, pid: u32) -> (Usage, Usage) {
    pause(Duration::from_micros(at_us.saturating_sub(clock.us()))).await;
    look(pid)
}

/// Nobody is in yet.
fn open(plan: &Plan) -> (Shared, JoinSet<()>) {
    let hall = Hall {
        crowd: Crowd::new(plan.dialect, plan.seats, plan.size, plan.seed),
        clock: Clock::start(),
        links: (0..plan.seats.connections()).map(|_| None).collect(),
        dirty: Vec::new(),
        scratch: vec![0; SCRATCH_BYTES],
    };
    let (hall, mut tasks) = (Rc::new(RefCell::new(hall)), JoinSet::new());
    let swept = hall.clone();
    tasks.spawn_local(async move {
        loop {
            pause(SWEEP).await;
            swept.borrow_mut().sweep();
        }
    });
    (hall, tasks)
}

/// These come in, so many a second.
async fn admit(plan: &Plan, hall: &Shared, tasks: &mut JoinSet<()>, who: Range<usize>) -> anyhow::Result<()> {
    let (clock, start, end) = (Clock::start(), who.start, who.end);
    for who in who {
        while (clock.us() as f64) < (who - start) as f64 * 1e6 / RAMP {
            pause(Duration::from_millis(1)).await;
        }
        tasks.spawn_local(keep(plan.clone(), hall.clone(), who));
    }
    if !wait(hall, PATIENCE, |hall| hall.crowd.ready() == end).await {
        let hall = hall.borrow();
        bail!("{} of {end} came in: {:?}", hall.crowd.ready(), hall.crowd.complaints);
    }
    Ok(())
}

/// One connection, to its end.
async fn keep(plan: Plan, hall: Shared, who: usize) {
    if let Err(fault) = keep_up(&plan, &hall, who).await {
        hall.borrow_mut().crowd.complain(format!("connection lost: {fault}"));
    }
}

async fn keep_up(plan: &Plan, hall: &Shared, who: usize) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(plan.at).await?;
    stream.set_nodelay(true)?;
    let early = match plan.dialect {
        Dialect::Nats | Dialect::JetStream => Vec::new(),
        Dialect::SocketIo => upgrade(&mut stream, plan.at, "/socket.io/?EIO=4&transport=websocket", "").await?,
        Dialect::Deskwire => {
            let form = format!("Sec-WebSocket-Protocol: {SUBPROTOCOL_JSON}\r\n");
            upgrade(&mut stream, plan.at, "/ws", &form).await?
        }
    };
    let (half, write) = stream.into_split();
    hall.borrow_mut().begin(who, Link { half: write, unwritten: Vec::new() });
    let mut reader = Reader::new(plan.dialect);
    reader.take(&early, hall, who)?;
    loop {
        half.readable().await?;
        if !reader.read(&half, hall, who)? {
            bail!("the peer ended it");
        }
    }
}

/// Opens the WebSocket; answers what came behind its answer. The answer's key is not judged.
async fn upgrade(stream: &mut TcpStream, at: SocketAddr, path: &str, header: &str) -> anyhow::Result<Vec<u8>> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{header}\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        if stream.read_buf(&mut answer).await? == 0 || answer.len() > UPGRADE_BYTES_MAX {
            bail!("no WebSocket here");
        }
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            if !answer.starts_with(b"HTTP/1.1 101") {
                bail!("{}", String::from_utf8_lossy(&answer[..end]));
            }
            return Ok(answer.split_off(end + 4));
        }
    }
}

/// What one connection has read and is not yet whole.
enum Reader {
    Nats(Ops),
    WebSocket(Frames),
}

impl Reader {
    fn new(dialect: Dialect) -> Reader {
        match dialect {
            Dialect::Nats | Dialect::JetStream => Reader::Nats(Ops::default()),
            Dialect::SocketIo | Dialect::Deskwire => Reader::WebSocket(Frames::default()),
        }
    }

    /// Takes what is there; `false` when the other side has ended.
    fn read(&mut self, half: &OwnedReadHalf, hall: &Shared, who: usize) -> anyhow::Result<bool> {
        let mut scratch = std::mem::take(&mut hall.borrow_mut().scratch);
        let read = half.try_read(&mut scratch);
        let taken = match &read {
            Ok(count) => self.take(&scratch[..*count], hall, who),
            Err(_) => Ok(()),
        };
        hall.borrow_mut().scratch = scratch;
        taken?;
        match read {
            Ok(count) => Ok(count > 0),
            Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(fault) => Err(fault.into()),
        }
    }

    fn take(&mut self, bytes: &[u8], hall: &Shared, who: usize) -> anyhow::Result<()> {
        let hall = &mut *hall.borrow_mut();
        let (now_us, mut out, crowd) = (hall.clock.us(), Vec::new(), &mut hall.crowd);
        match self {
            Reader::Nats(ops) => ops.feed(bytes, |op| crowd.hear_nats(who, op, now_us, &mut out))?,
            Reader::WebSocket(frames) => frames.feed(bytes, |incoming| {
                if let Incoming::Message(payload) = incoming {
                    crowd.hear_text(who, &String::from_utf8_lossy(payload), now_us, &mut out);
                }
            })?,
        }
        hall.send(who, &out);
        hall.flush();
        Ok(())
    }
}

/// Posts by the schedule until then.
async fn posts(hall: &Shared, mut schedule: Schedule, end_us: u64) {
    let (hand, clock) = (Hand::start(), hall.borrow().clock);
    while schedule.next_us() < end_us {
        let now_us = clock.us();
        {
            let mut hall = hall.borrow_mut();
            while let Some(due_us) = schedule.due(now_us.min(end_us - 1)) {
                let mut out = Vec::new();
                let who = hall.crowd.post(due_us, now_us, &mut out);
                hall.send(who, &out);
            }
            hall.flush();
        }
        hand.until(clock.at_us(schedule.next_us().min(end_us))).await;
    }
}

/// Waits until something is so; whether it became so in time.
async fn wait(hall: &Shared, patience: Duration, is_so: impl Fn(&Hall) -> bool) -> bool {
    let clock = Clock::start();
    while !is_so(&hall.borrow()) {
        if clock.us() > patience.as_micros() as u64 {
            return false;
        }
        pause(SWEEP).await;
    }
    true
}

/// Asks JetStream to keep everything that is said, in files.
async fn make_stream(at: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(at).await?;
    let mut out = Vec::new();
    nats::connect(&mut out);
    nats::subscribe(&mut out, nats::INBOX, 1);
    let wish = br#"{"name":"LOAD","subjects":["t.>"],"storage":"file","retention":"limits","num_replicas":1}"#;
    nats::publish(&mut out, "$JS.API.STREAM.CREATE.LOAD", Some(nats::INBOX), wish);
    stream.write_all(&out).await?;
    let (mut ops, mut scratch, mut answer) = (Ops::default(), vec![0; SCRATCH_BYTES], None);
    while answer.is_none() {
        let count = stream.read(&mut scratch).await?;
        if count == 0 {
            bail!("the server ended the connection");
        }
        ops.feed(&scratch[..count], |op| {
            if let Op::Message { payload, .. } = op {
                answer = Some(String::from_utf8_lossy(payload).into_owned());
            }
        })?;
    }
    match answer.filter(|words| words.contains("\"error\"")) {
        Some(words) => bail!("JetStream made no stream: {words}"),
        None => Ok(()),
    }
}
