//! Agents: they take what the queue gives them, and close what is done.

use deskwire_protocol::kinds::{Advance, AnswerOffer, Offered, Opened, Refused, SetStatus, Welcome};
use deskwire_protocol::{Refusal, StaffFrame, StageName, Status, Step, TicketId};

use super::customer::chat_of;
use super::people::{ChatStage, Part};
use super::world::World;
use crate::client::session::Signal;

impl World {
    /// What an agent's session tells.
    pub(super) fn agent(&mut self, who: usize, signal: Signal) {
        match signal {
            Signal::Ready(welcome) => self.agent_ready(who, &welcome),
            Signal::Staff(frame) => self.desk(who, &frame),
            Signal::Done(request) => self.agent_done(who, request),
            Signal::Refused(refused) => self.agent_refused(who, &refused),
            Signal::Opened { .. }
            | Signal::Send(_)
            | Signal::Ticket(..)
            | Signal::Foreign(_)
            | Signal::OtherStore
            | Signal::Goodbye(_) => {}
        }
    }

    fn agent_ready(&mut self, who: usize, welcome: &Welcome) {
        if self.people[who].is_supervisor() {
            return;
        }
        // While the others wait, one is there and soon full: a desk turns customers away while nobody is available.
        let waits = self.agents_wait && who != self.agents().start;
        self.says(who, if waits { Status::Busy } else { Status::Available });
        let owned = [StageName::Assigned, StageName::Pending, StageName::OnHold];
        for line in welcome.tickets.iter().filter(|line| owned.contains(&line.stage)) {
            self.take(who, line.ticket);
        }
    }

    /// An agent says whether he takes tickets.
    pub(super) fn says(&mut self, who: usize, status: Status) {
        let request = self.people[who].session.request();
        self.with_session(who, |_, _, out| out.push(Signal::Send(SetStatus { request, status }.into())));
    }

    /// All agents take tickets from now on; customers' waits count from then, which is the answer.
    pub(super) fn agents_begin(&mut self) -> u64 {
        let now_us = self.clock.us();
        self.agents_wait = false;
        self.chats.iter_mut().for_each(|chat| chat.opened_us = now_us);
        self.agents().for_each(|who| self.says(who, Status::Available));
        self.flush();
        now_us
    }

    /// Whatever is offered is accepted.
    fn accept(&mut self, who: usize, offered: &Offered) {
        let request = self.people[who].session.request();
        let frame = AnswerOffer { request, ticket: offered.ticket, offer: offered.offer, accept: true }.into();
        self.with_session(who, |_, _, out| out.push(Signal::Send(frame)));
    }

    fn take(&mut self, who: usize, ticket: TicketId) {
        let seed = self.random.draw();
        self.with_session(who, |session, now, out| session.hear_ticket(ticket, seed, now, out));
    }

    fn desk(&mut self, who: usize, frame: &StaffFrame) {
        match frame {
            StaffFrame::Yours(yours) => self.take(who, yours.ticket),
            StaffFrame::NotYours(gone) => self.agent_loses(who, gone.ticket),
            StaffFrame::Offered(offered) => self.accept(who, offered),
            StaffFrame::OfferGone(_)
            | StaffFrame::AllDeclined(_)
            | StaffFrame::Escalation(_)
            | StaffFrame::TransferAnswered(_)
            | StaffFrame::Consulted(_)
            | StaffFrame::StaffHere(_)
            | StaffFrame::YourSlots(_)
            | StaffFrame::YourLabel(_)
            | StaffFrame::SilenceAlarm(_)
            | StaffFrame::AgentSilent(_)
            | StaffFrame::RoutingExplained(_)
            | StaffFrame::MyRouting(_)
            | StaffFrame::FloorAgents(_)
            | StaffFrame::FloorCategories(_)
            | StaffFrame::WhatIfAnswer(_)
            | StaffFrame::Results(_)
            | StaffFrame::QueueEntry(_)
            | StaffFrame::QueueGone(_)
            | StaffFrame::YourState(_)
            | StaffFrame::Noted(_)
            | StaffFrame::OwnNote(_)
            | StaffFrame::WatchBegan(_)
            | StaffFrame::WatchEnded(_)
            | StaffFrame::Acted(_)
            | StaffFrame::Moderated(_)
            | StaffFrame::WrapUp(_)
            | StaffFrame::NewTicket(_)
            | StaffFrame::CannedReplies(_)
            | StaffFrame::NoteTypingNow(_)
            | StaffFrame::StaffPage(_)
            | StaffFrame::StaffHistory(_) => {}
        }
    }

    /// What is being closed is left when the close is seen; what goes to somebody else is left at once.
    fn agent_loses(&mut self, who: usize, ticket: TicketId) {
        let ending = self
            .by_ticket
            .get(&ticket)
            .is_some_and(|chat| matches!(self.chats[*chat as usize].stage, ChatStage::Ending { .. }));
        if !ending {
            self.agent_leaves(who, ticket);
        }
    }

    /// An agent hears a ticket no longer.
    pub(super) fn agent_leaves(&mut self, who: usize, ticket: TicketId) {
        if let Some(chat) = self.by_ticket.get(&ticket).copied() {
            let of_him = self.chats[chat as usize].agent.is_some_and(|(agent, _)| agent == who);
            if of_him {
                self.unpair(chat);
                let chat = &mut self.chats[chat as usize];
                (chat.agent, chat.agent_knows) = (None, false);
            }
        }
        self.with_session(who, |session, _, out| drop(session.leave(ticket, out)));
    }

    /// An agent learns which chat a ticket is.
    pub(super) fn attach(&mut self, who: usize, opened: &Opened) {
        let chat = chat_of(self.run, &opened.subject).filter(|chat| *chat < self.checker.chats());
        let Some(index) = chat else { return };
        if *self.by_ticket.entry(opened.ticket).or_insert(index) != index {
            return self.checker.foreign();
        }
        let (side, watches) = (self.checker.agent(index), self.people[who].is_supervisor());
        let chat = &mut self.chats[index as usize];
        if watches {
            return chat.watchers.push((who, side));
        }
        self.measures.acts.passed_on += u64::from(!chat.agents.is_empty());
        chat.agent = Some((who, side));
        (chat.agent_knows, chat.agent_saw_end) = (false, false);
        chat.agents.push(who);
    }

    /// Asks for a ticket's end.
    pub(super) fn ask_close(&mut self, who: usize, ticket: TicketId, step: Step) {
        let request = self.people[who].session.request();
        if let Part::Agent { requests, .. } = &mut self.people[who].part {
            requests.insert(request, ticket);
        }
        let frame = Advance { request, ticket, step, reason: "done".into() }.into();
        self.with_session(who, |_, _, out| out.push(Signal::Send(frame)));
    }

    /// What an earlier run left with this agent is closed, so that its slot is free.
    pub(super) fn clear(&mut self, who: usize, ticket: TicketId) {
        self.measures.cleared += 1;
        self.ask_close(who, ticket, Step::Close);
    }

    fn request_of(&mut self, who: usize, request: u32) -> Option<TicketId> {
        match &mut self.people[who].part {
            Part::Agent { requests, .. } => requests.remove(&request),
            Part::Customer { .. } | Part::Supervisor { .. } => None,
        }
    }

    fn agent_done(&mut self, who: usize, request: u32) {
        if let Some(ticket) = self.request_of(who, request)
            && !self.by_ticket.contains_key(&ticket)
        {
            self.agent_leaves(who, ticket);
        }
    }

    fn agent_refused(&mut self, who: usize, refused: &Refused) {
        self.measures.request_refused();
        let name = Refusal::from_number(refused.code).map_or("unknown", Refusal::name);
        self.complain(format!("request refused: {name}"));
        let Some(ticket) = self.request_of(who, refused.request) else { return };
        match self.by_ticket.get(&ticket).map(|chat| &mut self.chats[*chat as usize].stage) {
            // It is asked again with the next sweep.
            Some(ChatStage::Ending { asked_ms }) if refused.code >= 200 => *asked_ms = 0,
            Some(_) => {}
            None => self.agent_leaves(who, ticket),
        }
    }
}
