//! One person's connection: who he is, the tickets he hears, what he may still send. Pure, like the delivery rule.

use std::collections::HashMap;

use deskwire_protocol::kinds::{Hello, Leave, Refused, TurnedAway, Welcome};
use deskwire_protocol::limits::IN_FLIGHT_FRAMES_MAX;
use deskwire_protocol::{ClientFrame, NoteKind, PublicFrame, Refusal, ServerFrame, StaffFrame, TicketId};

use super::delivery::{Delivery, Phase};
use super::effect::Effect;

/// The mark of every note, told with its acknowledgement.
pub const NOTE_TAG: u64 = u64::MAX;

/// What a session wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Send this.
    Send(ClientFrame),
    /// The engine knows us.
    Ready(Box<Welcome>),
    /// Something about a ticket we hear (never [`Effect::Send`]).
    Ticket(TicketId, Effect),
    /// A request was carried out.
    Done(u32),
    /// A request was refused.
    Refused(Box<Refused>),
    /// A ticket was opened.
    Opened {
        /// The request.
        request: u32,
        /// The ticket.
        ticket: TicketId,
    },
    /// Something for staff.
    Staff(StaffFrame),
    /// Something about a ticket that we do not hear; whether we may hear of it is for the caller to say.
    Foreign(TicketId),
    /// The store is another one than last time: its history was really lost, and it says so.
    OtherStore,
    /// The engine goes down and asks to come back after this many milliseconds.
    Goodbye(u32),
}

/// One person at the engine.
#[derive(Debug, Default)]
pub struct Session {
    token: String,
    name: String,
    epoch: Option<TicketId>,
    ready: bool,
    requests: u32,
    tickets: HashMap<TicketId, Delivery>,
    effects: Vec<Effect>,
}

impl Session {
    /// Somebody with a token, or a new customer with a name and an empty one.
    pub fn new(token: String, name: String) -> Session {
        Session { token, name, ..Session::default() }
    }

    /// Whoever has it is this person.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Another token for the same person.
    pub fn set_token(&mut self, token: String) {
        self.token = token;
    }

    /// Whether the engine has welcomed this connection.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether it was welcomed and hears every ticket it wants to hear.
    pub fn is_live(&self) -> bool {
        self.ready && self.tickets.values().all(|one| matches!(one.phase(), Phase::Live | Phase::Failed))
    }

    /// The tickets it hears.
    pub fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.tickets.values()
    }

    /// How it stands to one ticket.
    pub fn delivery(&self, ticket: TicketId) -> Option<&Delivery> {
        self.tickets.get(&ticket)
    }

    /// A number for a request.
    pub fn request(&mut self) -> u32 {
        self.requests += 1;
        self.requests
    }

    /// There is a connection.
    pub fn connected(&mut self, out: &mut Vec<Signal>) {
        let (token, name) = (self.token.clone(), self.name.clone());
        out.push(Signal::Send(Hello { token, name, email: String::new() }.into()));
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        self.ready = false;
        self.tickets.values_mut().for_each(Delivery::disconnected);
    }

    /// Hears a ticket from its beginning; nothing where it does already.
    pub fn hear_ticket(&mut self, ticket: TicketId, seed: u64, now: u64, out: &mut Vec<Signal>) {
        if self.tickets.contains_key(&ticket) {
            return;
        }
        let mut delivery = Delivery::new(ticket, seed);
        if self.ready {
            delivery.connected(now, &mut self.effects);
        }
        self.tickets.insert(ticket, delivery);
        self.hand_out(ticket, out);
    }

    /// Hears a ticket no longer; what was said and has no answer is given out.
    pub fn leave(&mut self, ticket: TicketId, out: &mut Vec<Signal>) -> Option<Delivery> {
        let delivery = self.tickets.remove(&ticket)?;
        if self.ready {
            out.push(Signal::Send(Leave { ticket }.into()));
        }
        Some(delivery)
    }

    /// Says something in a ticket that is heard.
    pub fn say(&mut self, ticket: TicketId, text: &str, tag: u64, now: u64, out: &mut Vec<Signal>) {
        let budget = self.budget();
        if let Some(delivery) = self.tickets.get_mut(&ticket) {
            delivery.say(text.into(), tag);
            delivery.tick(now, budget, &mut self.effects);
            self.hand_out(ticket, out);
        }
    }

    /// Says something to staff alone in a ticket that is heard.
    pub fn note(&mut self, (ticket, note): (TicketId, NoteKind), text: &str, now: u64, out: &mut Vec<Signal>) {
        let budget = self.budget();
        if let Some(delivery) = self.tickets.get_mut(&ticket) {
            delivery.note(text.into(), note, NOTE_TAG);
            delivery.tick(now, budget, &mut self.effects);
            self.hand_out(ticket, out);
        }
    }

    /// Drops what was never sent; how much that was.
    pub fn drop_unsent(&mut self) -> usize {
        self.tickets.values_mut().map(Delivery::drop_unsent).sum()
    }

    /// Time has come to `now`.
    pub fn tick(&mut self, now: u64, out: &mut Vec<Signal>) {
        if !self.ready {
            return;
        }
        let due = |delivery: &&Delivery| delivery.due().is_some_and(|at| at <= now);
        let tickets: Vec<TicketId> = self.tickets.values().filter(due).map(Delivery::ticket).collect();
        for ticket in tickets {
            self.pump(ticket, now, out);
        }
    }

    fn pump(&mut self, ticket: TicketId, now: u64, out: &mut Vec<Signal>) {
        let budget = self.budget();
        if let Some(delivery) = self.tickets.get_mut(&ticket) {
            delivery.tick(now, budget, &mut self.effects);
            self.hand_out(ticket, out);
        }
    }

    /// Posts that may still be sent on this connection.
    fn budget(&self) -> usize {
        let in_flight: usize = self.tickets.values().map(|one| one.outgoing().in_flight()).sum();
        (IN_FLIGHT_FRAMES_MAX as usize).saturating_sub(in_flight)
    }

    /// A frame came.
    pub fn hear(&mut self, frame: ServerFrame, now: u64, out: &mut Vec<Signal>) {
        let frame = match frame {
            ServerFrame::Public(frame) => frame,
            ServerFrame::Staff(frame) => {
                return match heard_by(&frame) {
                    Some(ticket) if self.tickets.contains_key(&ticket) => self.deliver(ticket, frame.into(), now, out),
                    Some(_) | None => out.push(Signal::Staff(frame)),
                };
            }
        };
        match frame {
            PublicFrame::Welcome(welcome) => self.welcomed(welcome, now, out),
            PublicFrame::Done(done) => out.push(Signal::Done(done.request)),
            PublicFrame::Refused(refused) if refused.request != 0 => out.push(Signal::Refused(Box::new(refused))),
            PublicFrame::TicketReady(ready) => {
                out.push(Signal::Opened { request: ready.request, ticket: ready.ticket });
            }
            PublicFrame::TurnedAway(away) => out.push(Signal::Refused(Box::new(turned_away(away)))),
            PublicFrame::Goodbye(goodbye) => out.push(Signal::Goodbye(goodbye.retry_ms)),
            PublicFrame::ReadMarks(_)
            | PublicFrame::Notified(_)
            | PublicFrame::Notices(_)
            | PublicFrame::NoticesRead(_)
            | PublicFrame::Discussions(_)
            | PublicFrame::Pong(_) => {}
            frame @ (PublicFrame::Refused(_)
            | PublicFrame::Acknowledged(_)
            | PublicFrame::Message(_)
            | PublicFrame::OwnMessage(_)
            | PublicFrame::Joined(_)
            | PublicFrame::Page(_)
            | PublicFrame::History(_)
            | PublicFrame::Opened(_)
            | PublicFrame::Assigned(_)
            | PublicFrame::Advanced(_)
            | PublicFrame::MemberAdded(_)
            | PublicFrame::PhaseChanged(_)
            | PublicFrame::CustomerTold(_)
            | PublicFrame::CategoryChanged(_)
            | PublicFrame::Position(_)
            | PublicFrame::TypingNow(_)
            | PublicFrame::Founded(_)
            | PublicFrame::Entered(_)
            | PublicFrame::Departed(_)
            | PublicFrame::PostDeleted(_)
            | PublicFrame::SlowMode(_)
            | PublicFrame::DiscussionJoined(_)
            | PublicFrame::Crowd(_)
            | PublicFrame::ModeratedYou(_)
            | PublicFrame::Presence(_)) => self.of_ticket(frame, now, out),
        }
    }

    fn welcomed(&mut self, welcome: Welcome, now: u64, out: &mut Vec<Signal>) {
        self.ready = true;
        if !welcome.token.is_empty() {
            self.token.clone_from(&welcome.token);
        }
        let other_store = self.epoch.replace(welcome.epoch).is_some_and(|epoch| epoch != welcome.epoch);
        if other_store {
            out.push(Signal::OtherStore);
        }
        out.push(Signal::Ready(Box::new(welcome)));
        let tickets: Vec<TicketId> = self.tickets.keys().copied().collect();
        for ticket in tickets {
            if let Some(delivery) = self.tickets.get_mut(&ticket).filter(|one| one.phase() != Phase::Failed) {
                if other_store {
                    delivery.forget(&mut self.effects);
                }
                delivery.connected(now, &mut self.effects);
            }
            self.hand_out(ticket, out);
        }
    }

    fn of_ticket(&mut self, frame: PublicFrame, now: u64, out: &mut Vec<Signal>) {
        let Some(ticket) = ticket_of(&frame) else { return };
        if !self.tickets.contains_key(&ticket) {
            // Answers to what we said before we left are no content.
            let answer = matches!(
                frame,
                PublicFrame::Acknowledged(_) | PublicFrame::Refused(_) | PublicFrame::Joined(_) | PublicFrame::Page(_)
            );
            if !answer {
                out.push(Signal::Foreign(ticket));
            }
            return;
        }
        self.deliver(ticket, frame.into(), now, out);
    }

    fn deliver(&mut self, ticket: TicketId, frame: ServerFrame, now: u64, out: &mut Vec<Signal>) {
        let Some(delivery) = self.tickets.get_mut(&ticket) else { return };
        delivery.hear(frame, now, &mut self.effects);
        let waiting = delivery.due().is_some_and(|at| at <= now);
        self.hand_out(ticket, out);
        if waiting {
            self.pump(ticket, now, out);
        }
    }

    fn hand_out(&mut self, ticket: TicketId, out: &mut Vec<Signal>) {
        for effect in self.effects.drain(..) {
            out.push(match effect {
                Effect::Send(frame) => Signal::Send(frame),
                effect @ (Effect::Event { .. }
                | Effect::Own { .. }
                | Effect::Acknowledged { .. }
                | Effect::PutOff { .. }
                | Effect::Refused { .. }
                | Effect::Joined(_)
                | Effect::Live
                | Effect::Failed(_)
                | Effect::Restarted
                | Effect::Breach(_)) => Signal::Ticket(ticket, effect),
            });
        }
    }
}

/// The ticket whose delivery a staff frame concerns.
pub fn heard_by(frame: &StaffFrame) -> Option<TicketId> {
    match frame {
        StaffFrame::Noted(frame) => Some(frame.ticket),
        StaffFrame::OwnNote(frame) => Some(frame.ticket),
        StaffFrame::WatchBegan(frame) => Some(frame.ticket),
        StaffFrame::WatchEnded(frame) => Some(frame.ticket),
        StaffFrame::Acted(frame) => Some(frame.ticket),
        StaffFrame::AgentSilent(frame) => Some(frame.ticket),
        StaffFrame::Moderated(frame) => Some(frame.ticket),
        StaffFrame::StaffPage(frame) => Some(frame.ticket),
        StaffFrame::QueueEntry(_)
        | StaffFrame::QueueGone(_)
        | StaffFrame::Yours(_)
        | StaffFrame::NotYours(_)
        | StaffFrame::YourState(_)
        | StaffFrame::Offered(_)
        | StaffFrame::OfferGone(_)
        | StaffFrame::AllDeclined(_)
        | StaffFrame::Escalation(_)
        | StaffFrame::TransferAnswered(_)
        | StaffFrame::Consulted(_)
        | StaffFrame::StaffHere(_)
        | StaffFrame::YourSlots(_)
        | StaffFrame::YourLabel(_)
        | StaffFrame::SilenceAlarm(_)
        | StaffFrame::RoutingExplained(_)
        | StaffFrame::MyRouting(_)
        | StaffFrame::FloorAgents(_)
        | StaffFrame::FloorCategories(_)
        | StaffFrame::WhatIfAnswer(_)
        | StaffFrame::Results(_)
        | StaffFrame::WrapUp(_)
        | StaffFrame::NewTicket(_)
        | StaffFrame::CannedReplies(_)
        | StaffFrame::NoteTypingNow(_)
        | StaffFrame::StaffHistory(_) => None,
    }
}

/// As a load client takes it: it may try again.
fn turned_away(away: TurnedAway) -> Refused {
    let (code, retry_ms) = (Refusal::Full.number(), 1_000);
    let (ticket, detail) = (TicketId::default(), away.text);
    Refused { request: away.request, ticket, number: 0, code, retry_ms, expected: 0, detail }
}

/// The ticket a frame is about.
fn ticket_of(frame: &PublicFrame) -> Option<TicketId> {
    match frame {
        PublicFrame::Refused(frame) => Some(frame.ticket),
        PublicFrame::Acknowledged(frame) => Some(frame.ticket),
        PublicFrame::Message(frame) => Some(frame.ticket),
        PublicFrame::OwnMessage(frame) => Some(frame.ticket),
        PublicFrame::Joined(frame) => Some(frame.ticket),
        PublicFrame::Page(frame) => Some(frame.ticket),
        PublicFrame::History(frame) => Some(frame.ticket),
        PublicFrame::Opened(frame) => Some(frame.ticket),
        PublicFrame::Assigned(frame) => Some(frame.ticket),
        PublicFrame::Advanced(frame) => Some(frame.ticket),
        PublicFrame::MemberAdded(frame) => Some(frame.ticket),
        PublicFrame::PhaseChanged(frame) => Some(frame.ticket),
        PublicFrame::CustomerTold(frame) => Some(frame.ticket),
        PublicFrame::CategoryChanged(frame) => Some(frame.ticket),
        PublicFrame::TypingNow(frame) => Some(frame.ticket),
        PublicFrame::Presence(frame) => Some(frame.ticket),
        PublicFrame::Position(frame) => Some(frame.ticket),
        PublicFrame::Founded(frame) => Some(frame.ticket),
        PublicFrame::Entered(frame) => Some(frame.ticket),
        PublicFrame::Departed(frame) => Some(frame.ticket),
        PublicFrame::PostDeleted(frame) => Some(frame.ticket),
        PublicFrame::SlowMode(frame) => Some(frame.ticket),
        PublicFrame::DiscussionJoined(frame) => Some(frame.ticket),
        PublicFrame::Crowd(frame) => Some(frame.ticket),
        PublicFrame::ModeratedYou(frame) => Some(frame.ticket),
        PublicFrame::TicketReady(frame) => Some(frame.ticket),
        PublicFrame::ReadMarks(frame) => Some(frame.ticket),
        PublicFrame::Notified(_) | PublicFrame::Notices(_) | PublicFrame::NoticesRead(_) => None,
        PublicFrame::Discussions(_) => None,
        PublicFrame::Welcome(_) | PublicFrame::Done(_) | PublicFrame::Goodbye(_) | PublicFrame::Pong(_) => None,
        PublicFrame::TurnedAway(_) => None,
    }
}
