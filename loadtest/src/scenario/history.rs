//! Reads every log of the run through fresh connections, and holds it against what was acknowledged and seen.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use deskwire_protocol::{PublicFrame, ServerFrame, TicketId};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::world::Shared;
use crate::client::codec::Incoming;
use crate::client::effect::{Breach, Effect};
use crate::client::session::{Session, Signal};
use crate::client::socket::{self, Reader, Target, Writer};
use crate::clock::{Clock, pause};

/// Connections that read at once.
const READERS: usize = 8;
/// How long one log may take.
const LOG_TIMEOUT: Duration = Duration::from_secs(20);
/// Tries for each customer, and the pause between them.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);
/// One read takes at most this much.
const SCRATCH_BYTES: usize = 64 * 1024;

/// A customer, by his token, and what he may read.
struct Shelf {
    token: String,
    tickets: Vec<(u32, TicketId)>,
}

/// Reads and judges all; `complete` names for each chat the sides that must have seen everything.
pub async fn audit(target: &Rc<Target>, world: &Shared, complete: Vec<Vec<u8>>) {
    let shelves = Rc::new(RefCell::new(shelves(world)));
    let complete = Rc::new(complete);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (target, world) = (target.clone(), world.clone());
        let (shelves, complete) = (shelves.clone(), complete.clone());
        readers.spawn_local(async move {
            loop {
                let Some(shelf) = shelves.borrow_mut().pop() else { break };
                read_shelf(&target, &world, shelf, &complete).await;
            }
        });
    }
    readers.join_all().await;
}

fn shelves(world: &Shared) -> Vec<Shelf> {
    let world = world.borrow();
    let mut tickets: BTreeMap<usize, Vec<(u32, TicketId)>> = BTreeMap::new();
    for (index, chat) in (0..).zip(&world.chats) {
        if let Some(ticket) = chat.ticket {
            tickets.entry(chat.customer).or_default().push((index, ticket));
        }
    }
    let token = |who: usize| world.people[who].session.token().to_owned();
    tickets.into_iter().map(|(who, tickets)| Shelf { token: token(who), tickets }).collect()
}

async fn read_shelf(target: &Target, world: &Shared, mut shelf: Shelf, complete: &[Vec<u8>]) {
    for attempt in 0..TRIES {
        let tried = read_tickets(target, world, &mut shelf, complete).await;
        if shelf.tickets.is_empty() {
            return;
        }
        if let Err(fault) = tried {
            world.borrow_mut().complain(format!("reading a log, try {}: {fault}", attempt + 1));
        }
        pause(PAUSE).await;
    }
    shelf.tickets.iter().for_each(|_| world.borrow_mut().checker.unread());
}

/// Reads one log after the other; what was read leaves the shelf.
async fn read_tickets(target: &Target, world: &Shared, shelf: &mut Shelf, complete: &[Vec<u8>]) -> io::Result<()> {
    let seed = world.borrow_mut().random.draw();
    let (reader, writer) = socket::connect(target, None, seed).await?;
    let session = Session::new(shelf.token.clone(), String::new());
    let mut desk = Desk { session, reader, writer, clock: Clock::start(), scratch: vec![0; SCRATCH_BYTES] };
    timeout(LOG_TIMEOUT, desk.welcome()).await??;
    while let Some((chat, ticket)) = shelf.tickets.last().copied() {
        let (log, breach) = timeout(LOG_TIMEOUT, desk.log(ticket, seed)).await??;
        if let Some(breach) = breach {
            world.borrow_mut().checker.breach(breach);
        }
        judge(world, chat, &log, &complete[chat as usize]);
        shelf.tickets.pop();
    }
    Ok(())
}

fn judge(world: &Shared, chat: u32, log: &[PublicFrame], complete: &[u8]) {
    let mut world = world.borrow_mut();
    let mut audit = world.checker.audit(chat, complete);
    log.iter().for_each(|event| audit.event(event));
    let found = audit.finish();
    if found.is_broken() {
        let ticket = world.chats[chat as usize].ticket.unwrap_or_default();
        world.complain(format!("broken in ticket {ticket}: {}", found.broken_words()));
    }
    world.checker.add(&found);
}

/// A log as one who has this token reads it through a fresh connection.
pub(super) async fn read_log(
    target: &Target,
    token: String,
    ticket: TicketId,
    seed: u64,
) -> io::Result<(Vec<PublicFrame>, Option<Breach>)> {
    let (reader, writer) = socket::connect(target, None, seed).await?;
    let session = Session::new(token, String::new());
    let mut desk = Desk { session, reader, writer, clock: Clock::start(), scratch: vec![0; SCRATCH_BYTES] };
    desk.welcome().await?;
    desk.log(ticket, seed).await
}

/// A fresh connection of one customer.
struct Desk {
    session: Session,
    reader: Reader,
    writer: Writer,
    clock: Clock,
    scratch: Vec<u8>,
}

impl Desk {
    async fn welcome(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        self.session.connected(&mut out);
        self.send(out)?;
        while !self.session.is_ready() {
            self.read().await?;
        }
        Ok(())
    }

    /// A whole log, page by page from the first event, or as far as it is one.
    async fn log(&mut self, ticket: TicketId, seed: u64) -> io::Result<(Vec<PublicFrame>, Option<Breach>)> {
        let mut log = Vec::new();
        let mut out = Vec::new();
        self.session.hear_ticket(ticket, seed ^ ticket.0, self.clock.ms(), &mut out);
        self.send(out)?;
        loop {
            for signal in self.read().await? {
                match signal {
                    Signal::Ticket(of, Effect::Event { event: ServerFrame::Public(event), .. }) if of == ticket => {
                        log.push(event);
                    }
                    // A customer reads here: nothing of what staff say may come.
                    Signal::Ticket(of, Effect::Event { .. }) if of == ticket => {
                        return Err(io::Error::other("a staff frame came to a customer"));
                    }
                    Signal::Ticket(of, Effect::Failed(code)) if of == ticket => {
                        return Err(io::Error::other(format!("refused: {code}")));
                    }
                    Signal::Ticket(of, Effect::Breach(breach)) if of == ticket => return Ok((log, Some(breach))),
                    Signal::Ticket(of, Effect::Live) if of == ticket => {
                        let mut out = Vec::new();
                        self.session.leave(ticket, &mut out);
                        self.send(out)?;
                        return Ok((log, None));
                    }
                    Signal::Ticket(..)
                    | Signal::Send(_)
                    | Signal::Ready(_)
                    | Signal::Done(_)
                    | Signal::Refused(_)
                    | Signal::Opened { .. }
                    | Signal::Staff(_)
                    | Signal::Foreign(_)
                    | Signal::OtherStore
                    | Signal::Goodbye(_) => {}
                }
            }
        }
    }

    /// Reads once and sends what follows from it.
    async fn read(&mut self) -> io::Result<Vec<Signal>> {
        let (session, clock) = (&mut self.session, self.clock);
        let mut out = Vec::new();
        let mut pongs = Vec::new();
        let open = self
            .reader
            .read(&mut self.scratch, |incoming| match incoming {
                Incoming::Message(bytes) => {
                    if let Ok(frame) = ServerFrame::decode(bytes) {
                        session.hear(frame, clock.ms(), &mut out);
                    }
                }
                Incoming::Ping(payload) => pongs.push(payload.to_vec()),
                Incoming::Pong | Incoming::Close(_) => {}
            })
            .await?;
        if !open {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        pongs.iter().for_each(|payload| self.writer.pong(payload));
        self.session.tick(clock.ms(), &mut out);
        let (send, rest) = out.into_iter().partition(|signal| matches!(signal, Signal::Send(_)));
        self.send(send)?;
        Ok(rest)
    }

    fn send(&mut self, signals: Vec<Signal>) -> io::Result<()> {
        for signal in signals {
            if let Signal::Send(frame) = signal {
                self.writer.send(&frame);
            }
        }
        self.writer.flush()
    }
}
