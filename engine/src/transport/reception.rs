//! The desk's reception of WebSocket clients: who they are, and which actor each of their frames goes to.

use std::sync::Arc;

use deskwire_protocol::kinds::{self, ClientFrame, Done, Hello, Pong, PublicFrame};
use deskwire_protocol::limits::JOINED_PER_CONNECTION_MAX;
use deskwire_protocol::{CloseCode, PersonId, Refusal, Role, Step, StreamId, TicketId};

use super::inbound::{decode, malformed};
use super::{Handler, Message, opening};
use crate::actors::ask::{Ask, No, ReplyTo};
use crate::actors::desk::Desk;
use crate::actors::dispatcher;
use crate::actors::encoded::Audience;
use crate::actors::floor::FloorWish;
use crate::actors::outbox::Outbox;
use crate::actors::permit::Permit;
use crate::actors::person;
use crate::actors::room;
use crate::actors::routing::Why;
use crate::domain::room::{Typing, Yes};
use crate::domain::ticket::Command;
use crate::domain::who::{Sight, Who};
use crate::identity::Identity;

/// What a refused post is told to wait, in milliseconds.
const BUSY_RETRY_MS: u32 = 50;

/// Lets clients in, and brings their frames to the actors.
pub struct Reception {
    pub(super) desk: Arc<Desk>,
    identity: Arc<Identity>,
}

/// One connection, as the reception knows it.
pub struct Peer {
    outbox: Outbox,
    who: Option<Arc<Who>>,
    joined: Vec<Joined>,
}

/// What a post or note names.
struct Numbered {
    ticket: TicketId,
    number: u32,
}

/// A ticket that a connection hears or asked to hear, and the stream it posts on.
struct Joined {
    ticket: TicketId,
    stream: StreamId,
    /// The number that was refused as busy: later ones are dropped until it comes again. 0 for none.
    refused: u32,
}

impl Reception {
    /// The reception of a desk.
    pub fn new(desk: Arc<Desk>, identity: Arc<Identity>) -> Reception {
        Reception { desk, identity }
    }

    /// Who comes with this hello; an empty token makes a new customer and his token.
    fn identify(&self, hello: &Hello) -> Result<(Arc<Who>, String), CloseCode> {
        if hello.token.is_empty() {
            let now = self.desk.clock.now();
            let (person, issued) = self.identity.new_customer(&hello.name, &hello.email, now);
            return Ok((customer(person, &hello.name, &hello.email), issued.token));
        }
        let who = self.bearer(&hello.token).ok_or(CloseCode::Unauthenticated)?;
        Ok((who, String::new()))
    }

    /// Who comes with this token.
    pub(super) fn bearer(&self, token: &str) -> Option<Arc<Who>> {
        let bearer = self.identity.who(token, self.desk.clock.now()).ok()?;
        match bearer.role {
            Role::Customer => Some(customer(bearer.person, &bearer.name, &bearer.email)),
            Role::Agent | Role::Supervisor | Role::Admin => self.desk.accounts.who(bearer.person),
        }
    }

    fn admit(&self, peer: &mut Peer, hello: &Hello) -> Result<(), CloseCode> {
        if self.desk.is_closed() {
            return Err(CloseCode::GoingAway);
        }
        let (who, token) = self.identify(hello)?;
        let outbox = peer.outbox.clone();
        outbox.admit(Audience::of(who.role));
        self.desk.metrics.sockets_signed_in[who.role].inc();
        self.desk.directory.attach(&who, &outbox);
        match token.is_empty() {
            true => {
                if who.role == Role::Customer {
                    self.desk.tell_dispatcher(dispatcher::Msg::CustomerMoved { customer: who.person });
                }
                self.desk.tell_person(&who, person::Msg::Attached { outbox });
            }
            // Nothing is known of a new customer: his actor comes with his first wish.
            false => outbox.send(&person::welcome(&self.desk, &who, token, Vec::new()).into()),
        }
        peer.who = Some(who);
        Ok(())
    }

    /// One frame of somebody who has no socket; what he says in a ticket goes on this stream.
    pub(super) fn errand(
        &self,
        who: &Arc<Who>,
        permit: Permit,
        frame: ClientFrame,
        said: Option<(TicketId, StreamId)>,
    ) -> Result<(), CloseCode> {
        let joined = said.map(|(ticket, stream)| Joined { ticket, stream, refused: 0 });
        let outbox = permit.outbox().clone();
        let mut peer = Peer { outbox, who: None, joined: joined.into_iter().collect() };
        self.route(&mut peer, who, permit, frame)
    }

    /// One frame of somebody known, to where it belongs.
    fn route(&self, peer: &mut Peer, who: &Arc<Who>, permit: Permit, frame: ClientFrame) -> Result<(), CloseCode> {
        let who = who.clone();
        match frame {
            ClientFrame::Hello(_) => return Err(CloseCode::HelloOutOfPlace),
            ClientFrame::Ping(ping) => peer.outbox.send(&PublicFrame::Pong(Pong { nonce: ping.nonce })),
            ClientFrame::Post(kinds::Post { ticket, number, text }) => {
                let said = |stream| Command::Post { stream, number, text };
                self.say(peer, who, permit, Numbered { ticket, number }, said);
            }
            ClientFrame::Note(kinds::Note { ticket, note, number, text }) => {
                let said = |stream| Command::Note { stream, number, note, text };
                self.say(peer, who, permit, Numbered { ticket, number }, said);
            }
            ClientFrame::Join(join) => self.join(peer, who, permit, join),
            ClientFrame::Leave(leave) => self.leave(peer, who, permit, leave.ticket),
            ClientFrame::Typing(it) => self.typing(peer, who, permit, it.ticket, Typing::Post),
            ClientFrame::NoteTyping(it) => self.typing(peer, who, permit, it.ticket, Typing::Note),
            ClientFrame::TakePart(it) => self.act(who, permit, it.request, it.ticket, Command::TakePart),
            ClientFrame::ReadBack(read) => {
                let ask = Ask::new(permit, ReplyTo::Ticket(read.ticket));
                self.desk.tell_room(read.ticket, room::Msg::ReadBack { ask, who, before: read.before });
            }
            ClientFrame::Advance(kinds::Advance { request: number, ticket, step, reason }) => {
                self.act(who, permit, number, ticket, Command::Advance { step, reason });
            }
            ClientFrame::Open(open) => self.open(&who, permit, opening::plain(open)),
            ClientFrame::OpenWith(open) => self.open(&who, permit, open),
            ClientFrame::LeaveMessage(kinds::LeaveMessage { request: number, ticket }) => {
                self.act(who, permit, number, ticket, Command::LeaveMessage);
            }
            ClientFrame::Pick(it) => self.pick(&who, permit, &it),
            ClientFrame::AnswerOffer(it) => self.answer_offer(&who, permit, &it),
            ClientFrame::Transfer(it) => self.transfer(&who, permit, it),
            ClientFrame::TransferToCategory(it) => self.transfer_to_category(who, permit, it),
            ClientFrame::Escalate(it) => self.escalate(who, permit, it),
            ClientFrame::Consult(it) => self.consult(who, permit, it),
            ClientFrame::HandOver(it) => self.hand_over(&who, permit, it),
            ClientFrame::Ignore(it) => self.ignore(who, permit, it),
            ClientFrame::TakeOver(it) => self.take_over(&who, permit, it),
            ClientFrame::SetWrapUp(kinds::SetWrapUp { request: number, ticket, more_s }) => {
                self.act(who, permit, number, ticket, Command::WrapUp { more_s });
            }
            ClientFrame::AskRouting(it) => self.why(&who, permit, (it.request, it.ticket), Why::Ticket(it.ticket)),
            ClientFrame::AskMyRouting(it) => self.why(&who, permit, (it.request, TicketId::default()), Why::Mine),
            ClientFrame::ReadUpTo(it) => self.read_up_to(who, permit, it),
            ClientFrame::AskNotices(it) => self.ask_notices(&who, permit, it),
            ClientFrame::MarkNotices(it) => self.mark_notices(&who, permit, it),
            ClientFrame::AskCanned(it) => self.ask_canned(&who, permit, it),
            ClientFrame::Found(found) => self.found(who, permit, found),
            ClientFrame::ListDiscussions(it) => self.list_discussions(permit, it),
            ClientFrame::Moderate(it) => self.moderate(who, permit, it),
            ClientFrame::Enter(it) => self.act(who, permit, it.request, it.ticket, Command::Enter),
            ClientFrame::Depart(it) => self.act(who, permit, it.request, it.ticket, Command::Depart),
            ClientFrame::WatchFloor(it) => self.floor(&who, permit, it.request, FloorWish::Watch(it)),
            ClientFrame::AskFloor(it) => self.floor(&who, permit, it.request, FloorWish::Look(it)),
            ClientFrame::WhatIf(it) => self.floor(&who, permit, it.request, FloorWish::WhatIf(it)),
            ClientFrame::SetAgentStatus(it) => self.floor(&who, permit, it.request, FloorWish::SetStatus(it)),
            ClientFrame::SignOut(it) => self.floor(&who, permit, it.request, FloorWish::SignOut(it)),
            ClientFrame::TakeBack(it) => self.floor(&who, permit, it.request, FloorWish::TakeBack(it)),
            ClientFrame::CloseTickets(it) => self.floor(&who, permit, it.request, FloorWish::Close(it)),
            ClientFrame::SetTeamSlots(it) => self.floor(&who, permit, it.request, FloorWish::SetTeamSlots(it)),
            ClientFrame::SetStatus(it) => self.set_status(&who, permit, opening::unnamed(it)),
            ClientFrame::SetStatusWith(it) => self.set_status(&who, permit, it),
            ClientFrame::WatchQueue(it) => self.watch_queue(&who, permit, &it),
        }
        Ok(())
    }

    /// A wish that the person's own actor looks after.
    pub(super) fn wish(
        &self,
        who: &Arc<Who>,
        permit: Permit,
        (number, ticket): (u32, TicketId),
        wish: impl FnOnce(Ask) -> person::Msg,
    ) {
        self.desk.tell_person(who, wish(Ask::new(permit, request(number, ticket))));
    }

    fn why(&self, who: &Arc<Who>, permit: Permit, about: (u32, TicketId), why: Why) {
        self.wish(who, permit, about, |ask| person::Msg::AskRouting { ask, why });
    }

    /// A post or a note: both go on the stream that this connection named, numbered in common.
    fn say(
        &self,
        peer: &mut Peer,
        who: Arc<Who>,
        permit: Permit,
        Numbered { ticket, number }: Numbered,
        said: impl FnOnce(StreamId) -> Command,
    ) {
        let mut ask = Ask::new(permit, ReplyTo::Post { ticket, number });
        let Some(joined) = peer.joined.iter_mut().find(|joined| joined.ticket == ticket) else {
            return ask.refuse(Refusal::NotJoined, Refusal::NotJoined.words().trim());
        };
        if joined.refused != 0 && number > joined.refused {
            return ask.forget();
        }
        if let Some(no) = self.not_now() {
            joined.refused = number;
            return ask.refuse_with(no);
        }
        if number == joined.refused {
            joined.refused = 0;
        }
        ask.accept_post();
        let command = said(joined.stream);
        self.desk.tell_room(ticket, room::Msg::Command { ask, who, command, yes: Yes::Acknowledged(number) });
    }

    fn join(&self, peer: &mut Peer, who: Arc<Who>, permit: Permit, join: kinds::Join) {
        let kinds::Join { ticket, stream, after } = join;
        let ask = Ask::new(permit, ReplyTo::Ticket(ticket));
        if peer.joined.len() >= JOINED_PER_CONNECTION_MAX {
            // Tickets that were refused or lost since hold no place.
            let (directory, outbox) = (&self.desk.directory, &peer.outbox);
            peer.joined.retain(|joined| directory.hears(joined.ticket, outbox));
        }
        let full = peer.joined.len() >= JOINED_PER_CONNECTION_MAX;
        match peer.joined.iter_mut().find(|joined| joined.ticket == ticket) {
            Some(joined) if joined.stream == stream => {}
            Some(joined) => *joined = Joined { ticket, stream, refused: 0 },
            None if full => {
                return ask.refuse(Refusal::JoinedFull, Refusal::JoinedFull.words().trim());
            }
            None => peer.joined.push(Joined { ticket, stream, refused: 0 }),
        }
        self.desk.tell_room(ticket, room::Msg::Join { ask, who, stream, after });
    }

    /// Ends hearing now, and once more behind a join that may still be on its way to the room.
    fn leave(&self, peer: &mut Peer, who: Arc<Who>, permit: Permit, ticket: TicketId) {
        let Some(at) = peer.joined.iter().position(|joined| joined.ticket == ticket) else { return };
        peer.joined.swap_remove(at);
        self.desk.directory.unregister(ticket, &peer.outbox);
        let ask = Ask::new(permit, ReplyTo::Ticket(ticket));
        self.desk.tell_room(ticket, room::Msg::HearNoMore { ask, who });
    }

    /// Those who still listen are told, and the log of one who may have watched.
    fn unregister(&self, ticket: TicketId, peer: &Peer, who: &Arc<Who>) {
        if self.desk.directory.unregister(ticket, &peer.outbox) || who.may_watch() {
            self.desk.tell_room(ticket, room::Msg::Left { who: who.clone() });
        }
    }

    fn typing(&self, peer: &Peer, who: Arc<Who>, permit: Permit, ticket: TicketId, what: Typing) {
        let ask = Ask::new(permit, ReplyTo::Ticket(ticket));
        match peer.joined.iter().any(|joined| joined.ticket == ticket) {
            true => self.desk.tell_room(ticket, room::Msg::Typing { ask, who, what }),
            false => ask.forget(),
        }
    }

    pub(super) fn act(&self, who: Arc<Who>, permit: Permit, number: u32, ticket: TicketId, command: Command) {
        let ask = Ask::new(permit, request(number, ticket));
        let yes = Yes::Frame(PublicFrame::Done(Done { request: number }));
        if who.role == Role::Customer && matches!(command, Command::Advance { step: Step::Reopen, .. }) {
            // By way of the actor that counts his open tickets.
            return self.desk.tell_person(&who, person::Msg::Reopen { ask, ticket, command, yes });
        }
        self.desk.tell_room(ticket, room::Msg::Command { ask, who, command, yes });
    }

    /// Why nothing new is begun now, if so: the engine goes down, or has more than it can write.
    pub(super) fn not_now(&self) -> Option<No> {
        let refusal = match (self.desk.is_closed(), self.is_busy()) {
            (true, _) => Refusal::Draining,
            (false, true) => Refusal::Busy,
            (false, false) => return None,
        };
        let no = No::new(refusal, refusal.words().trim());
        Some(if refusal == Refusal::Busy { No { retry_ms: BUSY_RETRY_MS, ..no } } else { no })
    }

    /// Whether the engine has more than it can do now.
    fn is_busy(&self) -> bool {
        let connections = &self.desk.connections;
        connections.inward_is_full()
            || connections.intake.is_full()
            || self.desk.store.pressure().oldest_ms() > self.desk.limits.busy_ms
    }
}

impl Handler for Reception {
    type Peer = Peer;

    fn now_us(&self) -> u32 {
        // 0 says that nothing is known; once an hour a frame counts as read a microsecond later.
        self.desk.clock.wrapping_us().max(1)
    }

    fn opened(&self, outbox: &Outbox, token: Option<String>) -> Result<Peer, CloseCode> {
        self.desk.metrics.sockets_accepted.inc();
        let mut peer = Peer { outbox: outbox.clone(), who: None, joined: Vec::new() };
        if let Some(token) = token {
            self.admit(&mut peer, &Hello { token, name: String::new(), email: String::new() })?;
        }
        Ok(peer)
    }

    fn message(
        &self,
        peer: &mut Peer,
        outbox: &Outbox,
        mut permit: Permit,
        message: Message<'_>,
    ) -> Result<(), CloseCode> {
        if message.form() != outbox.form() {
            return Err(CloseCode::WrongForm);
        }
        let bytes = message.bytes();
        permit.carry(bytes.len());
        self.desk.metrics.frames_in.inc();
        let frame = match decode(outbox.form(), bytes) {
            Ok(frame) => frame,
            Err(fault) => return malformed(outbox, &fault),
        };
        if matches!(frame, ClientFrame::Join(_) | ClientFrame::ReadBack(_) | ClientFrame::AskFloor(_)) {
            permit.ask_page();
        }
        match (peer.who.clone(), frame) {
            (Some(who), frame) => self.route(peer, &who, permit, frame),
            (None, ClientFrame::Hello(hello)) => self.admit(peer, &hello),
            (None, _) => Err(CloseCode::HelloOutOfPlace),
        }
    }

    fn closed(&self, peer: Peer) {
        let Some(who) = &peer.who else { return };
        self.desk.metrics.sockets_signed_in[who.role].dec();
        for joined in &peer.joined {
            self.unregister(joined.ticket, &peer, who);
        }
        if self.desk.directory.detach(who.person, &peer.outbox) {
            self.desk.tell_detached(who);
        }
    }
}

pub(super) fn request(request: u32, ticket: TicketId) -> ReplyTo {
    ReplyTo::Request { request, ticket }
}

fn customer(person: PersonId, name: &str, email: &str) -> Arc<Who> {
    let (categories, reachable) = ([].into(), !email.is_empty());
    Arc::new(Who { person, role: Role::Customer, name: name.into(), categories, reachable, sight: Sight::default() })
}
