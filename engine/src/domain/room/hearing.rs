//! Hearing a ticket: joins and their pages, who is there, who types.

use std::sync::Arc;

use deskwire_protocol::kinds::{FROM_NEWEST, Page, Presence, PublicFrame, TypingNow};
use deskwire_protocol::limits::{PAGE_EVENTS_MAX, TYPING_EVERY_MS};
use deskwire_protocol::{PersonId, Refusal, Time};

use super::{Effect, Join, Room, Then};
use crate::domain::registration::Registration;
use crate::domain::view::{self, PageMaker};
use crate::domain::who::Who;
use crate::planted::{self, PlantedBug};

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Somebody wants to hear the ticket: a page of what he has not seen, and a registration with the last. Answered
    /// once all that was decided before is on disk: whatever he posted before he asked is in the page or was refused,
    /// so that he can say the rest on another stream, and what gave him the right to read is not overlooked.
    pub fn join(&mut self, join: Join<O>, ask: A, out: &mut Vec<Effect<A, O>>) {
        match planted::is(PlantedBug::ResumeApplied) && self.shown.is_some() {
            true => self.join_now(join, ask, out),
            false => self.when_durable(Then::Join { join, ask }, out),
        }
    }

    pub(super) fn join_now(&mut self, join: Join<O>, ask: A, out: &mut Vec<Effect<A, O>>) {
        let durable = self.served();
        let Some(shown) = self.shown.as_ref().filter(|shown| shown.may_read(&join.who)) else {
            return out.push(Effect::Refuse { ask, refused: Refusal::UnknownTicket.into() });
        };
        let member = shown.member(join.who.person);
        let newest = durable.saturating_sub(PAGE_EVENTS_MAX as u32).max(self.tail_first() - 1).min(durable);
        let after = if join.after == FROM_NEWEST { newest } else { join.after };
        if after > durable {
            return out.push(Effect::Refuse { ask, refused: Refusal::Ahead.into() });
        }
        if after + 1 < self.tail_first() {
            return out.push(Effect::ReadAside { ask, member, after, durable });
        }
        let page = self.page(member, after);
        if !page.more {
            self.register(join, member, out);
        }
        out.push(Effect::Answer { ask, frame: PublicFrame::Page(page) });
    }

    /// A page out of the tail.
    fn page(&self, member: Option<u16>, after: u32) -> Page {
        let durable = self.served();
        let mut maker = PageMaker::default();
        let mut last = after;
        for seq in after + 1..=durable {
            let event = self.event(seq).expect("the page begins in the tail");
            if !maker.add(&view::frame(self.id, seq, event, view::sight(event, member))) {
                break;
            }
            last = seq;
        }
        Page { ticket: self.id, head: durable, more: last < durable, events: maker.finish() }
    }

    fn register(&mut self, join: Join<O>, member: Option<u16>, out: &mut Vec<Effect<A, O>>) {
        let Some(shown) = &self.shown else { return };
        let durable = self.served();
        let heads = self.ticket.as_ref().zip(member);
        let stream_head = heads.map_or(0, |(ticket, member)| ticket.streams().head_at(member, join.stream, durable));
        let frame = Arc::new(PublicFrame::Joined(shown.joined(stream_head)));
        self.listeners.retain(|listener| !listener.is_gone() && listener.to != join.to);
        let to = Arc::new(Registration::new(self.id, join.who, join.to, self.told(durable)));
        out.push(Effect::Register { registration: to.clone() });
        out.push(Effect::Show { to: to.clone(), frame });
        self.greet(&to, member, out);
        self.listeners.push(to);
    }

    /// What a new registration was told: the page it comes with, and nothing beyond.
    fn told(&self, page: u32) -> u32 {
        match planted::is(PlantedBug::RegisterAfterRead) {
            true => page + 1,
            false => page,
        }
    }

    /// Tells the others who came, and him who is there. Who is no member watches unseen.
    fn greet(&self, newcomer: &Arc<Registration<O>>, member: Option<u16>, out: &mut Vec<Effect<A, O>>) {
        let (Some(shown), Some(author)) = (&self.shown, member) else {
            return;
        };
        let person = newcomer.who.person;
        let is_here = |one: PersonId| self.listeners.iter().any(|listener| listener.who.person == one);
        for (index, other) in shown.members().iter().enumerate() {
            if other.person != person && is_here(other.person) {
                let frame = Arc::new(self.presence(index as u16, true));
                out.push(Effect::Show { to: newcomer.clone(), frame });
            }
        }
        if !is_here(person) {
            self.show_others(person, Arc::new(self.presence(author, true)), out);
        }
    }

    /// A connection left: with a person's last one the others are told.
    pub fn left(&mut self, person: PersonId, out: &mut Vec<Effect<A, O>>) {
        self.listeners.retain(|listener| !listener.is_gone());
        let stays = self.listeners.iter().any(|listener| listener.who.person == person);
        let member = self.shown.as_ref().and_then(|shown| shown.member(person));
        if let (false, Some(author)) = (stays, member) {
            self.show_others(person, Arc::new(self.presence(author, false)), out);
        }
    }

    /// Somebody types: the others see it, each person's at most once in a while.
    pub fn typing(&mut self, who: &Who, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Some(author) = self.shown.as_ref().filter(|shown| shown.may_read(who)).and_then(|s| s.member(who.person))
        else {
            return;
        };
        let due = self.typed.get(&author).is_none_or(|last| last.ms() + TYPING_EVERY_MS <= now.ms() || *last > now);
        if due {
            self.typed.insert(author, now);
            let frame = PublicFrame::TypingNow(TypingNow { ticket: self.id, author });
            self.show_others(who.person, Arc::new(frame), out);
        }
    }

    /// Somebody wants older events: read aside, below what is durable.
    pub fn read_back(&self, who: &Who, before: u32, ask: A, out: &mut Vec<Effect<A, O>>) {
        let effect = match self.shown.as_ref().filter(|shown| shown.may_read(who)) {
            None => Effect::Refuse { ask, refused: Refusal::UnknownTicket.into() },
            Some(shown) => {
                let member = shown.member(who.person);
                Effect::ReadBack { ask, member, before, upto: shown.head() }
            }
        };
        out.push(effect);
    }

    fn show_others(&self, person: PersonId, frame: Arc<PublicFrame>, out: &mut Vec<Effect<A, O>>) {
        for to in self.listeners.iter().filter(|listener| listener.who.person != person && !listener.is_gone()) {
            out.push(Effect::Show { to: to.clone(), frame: frame.clone() });
        }
    }

    fn presence(&self, author: u16, here: bool) -> PublicFrame {
        PublicFrame::Presence(Presence { ticket: self.id, author, here })
    }
}
