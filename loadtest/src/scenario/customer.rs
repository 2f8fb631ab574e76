//! Customers: they open chats, hear them, and open others when these have ended.

use deskwire_protocol::kinds::{Advance, Open, Refused};
use deskwire_protocol::limits::RESEND_AFTER_MS;
use deskwire_protocol::{Priority, Refusal, Step, TicketId};

use super::people::{Chat, ChatStage, Opening, Part};
use super::world::{Opens, World};
use crate::client::session::Signal;

/// Wait before asking again for what was refused for good, in milliseconds.
const REFUSED_PAUSE_MS: u64 = 1_000;

impl World {
    /// What a customer's session tells.
    pub(super) fn customer(&mut self, who: usize, signal: Signal) {
        match signal {
            Signal::Ready(_) if self.opening(who).is_some() => self.ask_open(who),
            Signal::Ready(_) => self.open(who),
            Signal::Opened { request, ticket } => self.opened(who, request, ticket),
            Signal::Refused(refused) if self.reopen_refused(who, refused.request) => {}
            Signal::Refused(refused) => self.open_refused(who, &refused),
            Signal::Staff(_) => self.checker.foreign(),
            Signal::Done(_)
            | Signal::Send(_)
            | Signal::Ticket(..)
            | Signal::Foreign(_)
            | Signal::OtherStore
            | Signal::Goodbye(_) => {}
        }
    }

    fn opening(&self, who: usize) -> Option<Opening> {
        match &self.people[who].part {
            Part::Customer { opening, .. } => *opening,
            Part::Agent { .. } | Part::Supervisor { .. } => None,
        }
    }

    fn opening_mut(&mut self, who: usize) -> Option<&mut Opening> {
        match &mut self.people[who].part {
            Part::Customer { opening, .. } => opening.as_mut(),
            Part::Agent { .. } | Part::Supervisor { .. } => None,
        }
    }

    /// A customer without a chat begins one.
    pub(super) fn open(&mut self, who: usize) {
        let Part::Customer { chat: None, opening: None, had_one } = &self.people[who].part else {
            return;
        };
        if self.opens == Opens::Never || (self.opens == Opens::Once && *had_one) {
            return;
        }
        if self.hour_is_full() {
            return;
        }
        let chat = self.checker.chat();
        let key = self.random.stream();
        if let Part::Customer { opening, had_one, .. } = &mut self.people[who].part {
            (*opening, *had_one) = (Some(Opening { chat, key, request: 0, again_at: 0 }), true);
        }
        let mean = u64::from(self.plan.chat_posts.max(1));
        self.chats.push(Chat {
            customer: who,
            ticket: None,
            agent: None,
            agents: Vec::new(),
            watchers: Vec::new(),
            agent_saw_end: false,
            reopenings: 0,
            on_hold: false,
            opened_us: self.clock.us(),
            customer_knows: false,
            was_paired: false,
            agent_knows: false,
            since_ms: 0,
            reached: [0, 0],
            posts: 0,
            posts_wanted: 1 + self.random.below(2 * mean - 1) as u32,
            customer_saw_end: false,
            stage: ChatStage::Waiting,
        });
        self.measures.opened += 1;
        self.ask_open(who);
    }

    fn ask_open(&mut self, who: usize) {
        let again_at = self.clock.ms() + RESEND_AFTER_MS;
        let request = self.people[who].session.request();
        let (run, category) = (self.run, self.plan.category.clone());
        let Some(opening) = self.opening_mut(who) else { return };
        (opening.request, opening.again_at) = (request, again_at);
        let (key, subject) = (opening.key, subject(run, opening.chat));
        let open = Open { request, key, category, priority: Priority::Normal, subject };
        self.with_session(who, |_, _, out| out.push(Signal::Send(open.into())));
    }

    /// Whoever has no answer to his opening asks again.
    pub(super) fn open_again(&mut self, who: usize, now: u64) {
        let due = self.opening(who).is_some_and(|opening| opening.again_at <= now);
        if due && self.people[who].session.is_ready() {
            self.ask_open(who);
        }
    }

    fn opened(&mut self, who: usize, request: u32, ticket: TicketId) {
        let Part::Customer { chat, opening, .. } = &mut self.people[who].part else { return };
        // An answer to an earlier request of the same opening names the same ticket.
        let Some(open) = opening.take_if(|opening| request <= opening.request) else { return };
        *chat = Some(open.chat);
        self.chats[open.chat as usize].ticket = Some(ticket);
        if self.by_ticket.insert(ticket, open.chat).is_some_and(|other| other != open.chat) {
            self.checker.foreign();
        }
        let seed = self.random.draw();
        self.with_session(who, |session, now, out| session.hear_ticket(ticket, seed, now, out));
    }

    fn open_refused(&mut self, who: usize, refused: &Refused) {
        self.measures.request_refused();
        let name = Refusal::from_number(refused.code).map_or("unknown", Refusal::name);
        self.complain(format!("open refused: {name}"));
        let pause = if refused.code >= 200 { u64::from(refused.retry_ms) } else { REFUSED_PAUSE_MS };
        let again_at = self.clock.ms() + pause;
        if let Some(opening) = self.opening_mut(who).filter(|opening| opening.request == refused.request) {
            opening.again_at = again_at;
        }
    }

    /// Customers whom nobody serves leave the queue.
    pub fn abandon_all(&mut self) {
        let waiting = |chat: &&Chat| chat.stage == ChatStage::Waiting && chat.agent.is_none();
        let waiting: Vec<_> =
            self.chats.iter().filter(waiting).filter_map(|chat| Some((chat.customer, chat.ticket?))).collect();
        for (who, ticket) in waiting {
            let request = self.people[who].session.request();
            let frame = Advance { request, ticket, step: Step::Abandon, reason: String::new() }.into();
            self.with_session(who, |_, _, out| out.push(Signal::Send(frame)));
        }
    }

    /// A customer's chat is over for him.
    pub(super) fn customer_leaves(&mut self, who: usize, ticket: TicketId) {
        if let Part::Customer { chat, .. } = &mut self.people[who].part {
            *chat = None;
        }
        self.with_session(who, |session, _, out| drop(session.leave(ticket, out)));
        self.open(who);
    }
}

/// The subject of a chat: by it agents know whose it is.
pub(super) fn subject(run: u32, chat: u32) -> String {
    format!("load {run:08x} chat {chat:x}")
}

/// The chat that a subject names; none where it is of another run, or of somebody else altogether.
pub(super) fn chat_of(run: u32, subject: &str) -> Option<u32> {
    let rest = subject.strip_prefix(&format!("load {run:08x} chat "))?;
    u32::from_str_radix(rest, 16).ok()
}
