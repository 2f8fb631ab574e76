//! The engine's end of a connection: which actor each frame goes to, and what ends with the connection.

use deskwire::actors::ask::ReplyTo;
use deskwire::domain::room::Yes;
use deskwire::domain::ticket::Command;
use deskwire_protocol::kinds::{Done, Note, Post};
use deskwire_protocol::{ClientFrame, PersonId, Refusal, StreamId, TicketId};

use crate::hands;
use crate::network::{Ask, Outbox};
use crate::people;
use crate::room::Mail;
use crate::world::World;

impl World {
    /// The engine reads the next frame of a connection, or notices its end.
    pub fn step_up(&mut self, id: u64) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        if !wire.outbox.is_open() {
            return self.closed(id);
        }
        match wire.up.pop_front() {
            Some(frame) => self.route(id, frame),
            None => self.closed(id),
        }
    }

    fn route(&mut self, id: u64, frame: ClientFrame) {
        let Some(wire) = self.wires.get(&id) else { return };
        let (who, outbox) = (wire.who.clone(), wire.outbox.clone());
        let person = who.person;
        let request = |request, ticket| Ask::new(&outbox, ReplyTo::Request { request, ticket });
        if let Some((request, ticket, command)) = hands::command(&frame) {
            return self.act(id, request, ticket, command);
        }
        if let Some(mail) = hands::mail(&frame, person, request) {
            return self.tell_person(person, mail);
        }
        match frame {
            ClientFrame::Hello(_) => self.hello(person, outbox),
            ClientFrame::Join(join) => {
                let (ask, ticket) = (Ask::new(&outbox, ReplyTo::Ticket(join.ticket)), join.ticket);
                self.remember(id, ticket, join.stream);
                self.tell_room(ticket, Mail::Join { ask, who, stream: join.stream, after: join.after });
            }
            ClientFrame::Post(Post { ticket, number, text }) => {
                self.numbered(id, ticket, number, |stream| Command::Post { stream, number, text });
            }
            ClientFrame::Note(Note { ticket, note, number, text }) => {
                self.numbered(id, ticket, number, |stream| Command::Note { stream, number, note, text });
            }
            ClientFrame::LeaveMessage(leave) => self.act(id, leave.request, leave.ticket, Command::LeaveMessage),
            ClientFrame::Advance(advance) => {
                let command = Command::Advance { step: advance.step, reason: advance.reason };
                self.act(id, advance.request, advance.ticket, command);
            }
            ClientFrame::Open(open) => {
                let (ask, key) = (request(open.request, TicketId::default()), open.key.0 as u64);
                self.tell_person(person, people::Mail::Open { ask, request: open.request, key });
            }
            ClientFrame::TakePart(_)
            | ClientFrame::Pick(_)
            | ClientFrame::AnswerOffer(_)
            | ClientFrame::SetStatus(_)
            | ClientFrame::WatchQueue(_)
            | ClientFrame::Transfer(_)
            | ClientFrame::SetWrapUp(_)
            | ClientFrame::TakeOver(_)
            | ClientFrame::HandOver(_)
            | ClientFrame::Consult(_)
            | ClientFrame::TransferToCategory(_)
            | ClientFrame::Escalate(_)
            | ClientFrame::Ignore(_)
            | ClientFrame::OpenWith(_)
            | ClientFrame::SetStatusWith(_)
            | ClientFrame::Leave(_)
            | ClientFrame::Typing(_)
            | ClientFrame::NoteTyping(_) => {}
            ClientFrame::AskRouting(_) | ClientFrame::AskMyRouting(_) | ClientFrame::ReadBack(_) => {}
            ClientFrame::Found(_) | ClientFrame::ListDiscussions(_) | ClientFrame::Moderate(_) => {}
            ClientFrame::Enter(_) | ClientFrame::Depart(_) | ClientFrame::Ping(_) => {}
            ClientFrame::ReadUpTo(_) | ClientFrame::AskCanned(_) => {}
            ClientFrame::AskNotices(_) | ClientFrame::MarkNotices(_) => {}
            ClientFrame::WatchFloor(_) | ClientFrame::AskFloor(_) | ClientFrame::WhatIf(_) => {}
            ClientFrame::SetAgentStatus(_) | ClientFrame::SignOut(_) | ClientFrame::TakeBack(_) => {}
            ClientFrame::CloseTickets(_) | ClientFrame::SetTeamSlots(_) => {}
        }
    }

    fn hello(&mut self, person: PersonId, outbox: Outbox) {
        self.engine.directory.people.entry(person).or_default().push(outbox.clone());
        self.tell_person(person, people::Mail::Attached { outbox });
    }

    /// A command that is answered by "done".
    fn act(&mut self, id: u64, request: u32, ticket: TicketId, command: Command) {
        let Some(wire) = self.wires.get(&id) else { return };
        let ask = Ask::new(&wire.outbox, ReplyTo::Request { request, ticket });
        let (who, yes) = (wire.who.clone(), Yes::Frame(Done { request }.into()));
        self.tell_room(ticket, Mail::Command { ask, who, command, yes });
    }

    /// A post or a note, on the stream of its join.
    fn numbered(&mut self, id: u64, ticket: TicketId, number: u32, said: impl FnOnce(StreamId) -> Command) {
        let Some(wire) = self.wires.get(&id) else { return };
        let ask = Ask::new(&wire.outbox, ReplyTo::Post { ticket, number });
        let joined = wire.joined.iter().find(|joined| joined.0 == ticket);
        let Some((_, stream)) = joined.copied() else {
            return ask.refuse(Refusal::NotJoined);
        };
        let (who, command, yes) = (wire.who.clone(), said(stream), Yes::Acknowledged(number));
        self.tell_room(ticket, Mail::Command { ask, who, command, yes });
    }

    fn remember(&mut self, id: u64, ticket: TicketId, stream: StreamId) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        match wire.joined.iter_mut().find(|joined| joined.0 == ticket) {
            Some(joined) => joined.1 = stream,
            None => wire.joined.push((ticket, stream)),
        }
    }

    /// The engine notices that a connection is gone.
    pub fn closed(&mut self, id: u64) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        self.shared.note(format!("connection {id} is closed"));
        wire.server = false;
        wire.up.clear();
        wire.outbox.close();
        let (who, outbox, joined) = (wire.who.clone(), wire.outbox.clone(), std::mem::take(&mut wire.joined));
        for (ticket, _) in joined {
            self.unregister(ticket, &outbox, &who);
        }
        if self.engine.directory.detach(&who, &outbox) {
            self.tell_person(who.person, people::Mail::Detached);
        }
        self.bury(id);
    }

    fn unregister(&mut self, ticket: TicketId, outbox: &Outbox, who: &std::sync::Arc<deskwire::domain::who::Who>) {
        if self.engine.directory.unregister(ticket, outbox) || who.may_watch() {
            self.tell_room(ticket, Mail::Left { who: who.clone() });
        }
    }

    /// Forgets a connection that neither end has.
    pub fn bury(&mut self, id: u64) {
        if self.wires.get(&id).is_some_and(|wire| !wire.client && !wire.server) {
            self.wires.remove(&id);
        }
    }
}
