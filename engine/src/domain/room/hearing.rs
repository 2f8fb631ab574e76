//! Hearing a ticket: joins and their pages, in the numbers of whoever asks.

use std::sync::Arc;

use deskwire_protocol::kinds::{FROM_NEWEST, PublicFrame};
use deskwire_protocol::limits::PAGE_EVENTS_MAX;
use deskwire_protocol::{Refusal, Time};

use super::{Effect, Join, Look, Room, Telling, Then};
use crate::domain::audience::{self, Audience, Sort};
use crate::domain::authorize::Action;
use crate::domain::discussion::Deleted;
use crate::domain::event::Event;
use crate::domain::numbering::Point;
use crate::domain::outline::Outline;
use crate::domain::registration::Registration;
use crate::domain::view::{self, PageMaker, Reader};
use crate::domain::who::Who;
use crate::planted::{self, PlantedBug};

/// What waits to be served from the disk.
#[derive(Debug)]
pub(super) enum Wish<O> {
    Join(Join<O>),
    Look { who: Arc<Who>, look: Look, now: Time },
}

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Somebody wants to hear the ticket: a page of what he has not seen, and a registration with the last. Answered
    /// once all that was decided before is on disk: whatever he posted before he asked is in the page or was refused,
    /// so that he can say the rest on another stream, and what gave him the right to read is not overlooked. Who
    /// watches is in the log before he reads.
    pub fn join(&mut self, join: Join<O>, ask: A, now: Time, out: &mut Vec<Effect<A, O>>) {
        if let Err(refused) = self.begin_hearing(&join.who, now, out) {
            return self.when_durable(Then::Refuse { ask, refused }, out);
        }
        match planted::is(PlantedBug::ResumeApplied) && self.shown.is_some() {
            true => self.join_now(join, ask, out),
            false => self.when_durable(Then::Hear { wish: Wish::Join(join), ask }, out),
        }
    }

    /// Somebody wants to see the ticket once: answered as a join is, and nothing is told him afterwards. Who watches is
    /// in the log for as long.
    pub fn look(&mut self, who: Arc<Who>, look: Look, ask: A, now: Time, out: &mut Vec<Effect<A, O>>) {
        match self.begin_watch(&who, now, out) {
            Ok(()) => self.when_durable(Then::Hear { wish: Wish::Look { who, look, now }, ask }, out),
            Err(refused) => self.when_durable(Then::Refuse { ask, refused }, out),
        }
    }

    pub(super) fn serve(&mut self, wish: Wish<O>, ask: A, out: &mut Vec<Effect<A, O>>) {
        match wish {
            Wish::Join(join) => self.join_now(join, ask, out),
            // His watch was ended meanwhile, with another look of his.
            Wish::Look { who, look, now } if !self.may_hear_now(&who) => self.look(who, look, ask, now, out),
            Wish::Look { who, look, now } => {
                self.look_now(&who, look, ask, out);
                self.end_watches(Some(who.person), now, out);
            }
        }
    }

    fn look_now(&self, who: &Who, look: Look, ask: A, out: &mut Vec<Effect<A, O>>) {
        let shown = match self.readable(who) {
            Ok(shown) => shown,
            Err(refusal) => return out.push(Effect::Refuse { ask, refused: refusal.into() }),
        };
        match look {
            Look::Now => {
                let frame = shown.joined(who, 0, self.here());
                out.push(Effect::Answer { ask, frame: frame.into() });
            }
            Look::Marks => {
                let frame = PublicFrame::ReadMarks(self.all_marks(shown, Audience::of(who.role)));
                out.push(Effect::Answer { ask, frame: frame.into() });
            }
            Look::After(after) => {
                let (page, end) = match self.page_after(reader(who, shown.member(who.person)), after) {
                    Ok(found) => found,
                    Err(elsewhere) => return out.push(elsewhere.effect(ask)),
                };
                let more = page.last() < end.place;
                out.push(Effect::Answer { ask, frame: page.page(end.place, more) });
            }
            Look::Before(before) => self.read_back(who, before, ask, out),
        }
    }

    /// What is durable, for somebody who may read it.
    fn readable(&self, who: &Who) -> Result<&Outline, Refusal> {
        let shown = self.shown.as_ref().ok_or(Refusal::UnknownTicket)?;
        shown.allows(who, Action::Read).map(|()| shown)
    }

    pub(super) fn join_now(&mut self, join: Join<O>, ask: A, out: &mut Vec<Effect<A, O>>) {
        if !self.may_be_told_now(&join.who) {
            // His watch was ended meanwhile, with another connection of his.
            return self.join(join, ask, Time::default(), out);
        }
        let Some(shown) = self.shown.as_ref().filter(|shown| shown.may_hear(&join.who)) else {
            return out.push(Effect::Refuse { ask, refused: Refusal::UnknownTicket.into() });
        };
        let reader = reader(&join.who, shown.member(join.who.person));
        let (page, end) = match self.page_after(reader, join.after) {
            Ok(found) => found,
            Err(elsewhere) => return out.push(elsewhere.effect(ask)),
        };
        let more = page.last() < end.place;
        if !more {
            self.register(join, reader, end, out);
        }
        out.push(Effect::Answer { ask, frame: page.page(end.place, more) });
    }

    /// A page of what came after this in the reader's numbers, if the tail holds it, and the end that he may see.
    fn page_after(&self, reader: Reader, after: u32) -> Result<(PageMaker, Point), Elsewhere> {
        let Some(ticket) = &self.ticket else { return Err(Elsewhere::Refused(Refusal::UnknownTicket)) };
        let hidden = ticket.outline().hidden();
        let end = hidden.point(reader.audience, self.served());
        let newest = end.place.saturating_sub(PAGE_EVENTS_MAX as u32);
        let place = if after == FROM_NEWEST { newest } else { after };
        if place > end.place {
            return Err(Elsewhere::Refused(Refusal::Ahead));
        }
        // Past what he does not see, so that what is read aside begins with an event for him.
        let after = Point { seq: hidden.reach(reader.audience, place, end.seq), place };
        match after.seq + 1 < self.tail_first() {
            true => Err(Elsewhere::Aside { reader, after, upto: end, deleted: self.deleted() }),
            false => Ok((self.page(reader, after, end), end)),
        }
    }

    /// A page out of the tail.
    fn page(&self, reader: Reader, after: Point, end: Point) -> PageMaker {
        let mut maker = PageMaker::after(self.id, reader, after);
        for seq in after.seq + 1..=end.seq {
            let event = self.event(seq).expect("the page begins in the tail");
            if !maker.add(seq, event) {
                break;
            }
        }
        maker
    }

    fn register(&mut self, join: Join<O>, reader: Reader, end: Point, out: &mut Vec<Effect<A, O>>) {
        let Some(shown) = &self.shown else { return };
        let streams = self.ticket.as_ref().map(|ticket| ticket.streams());
        let stream_head = streams.map_or(0, |streams| streams.head_at(reader.person, join.stream, end.seq));
        let (here, was_here) = (self.here(), self.is_here(reader.person));
        let frame = Arc::new(shown.joined(&join.who, stream_head, here + u32::from(!was_here)));
        self.listeners.retain(|listener| !listener.is_gone() && listener.to != join.to);
        let to = Arc::new(Registration::new(self.id, join.who, join.to, self.told(end.seq)));
        out.push(Effect::Register { registration: to.clone() });
        out.push(Effect::Show { to: to.clone(), frame });
        self.greet(&to, out);
        self.show_marks(&to, None, out);
        self.listeners.push(to.clone());
        self.show_colleagues(out);
        self.show_colleagues_to(&to, out);
    }

    /// What a new registration was told: the page it comes with, and nothing beyond.
    fn told(&self, page: u32) -> u32 {
        match planted::is(PlantedBug::RegisterAfterRead) {
            true => page + 1,
            false => page,
        }
    }

    /// What of a durable event somebody is handed, by the one table.
    pub(super) fn telling(&self, seq: u32, event: &Event, who: &Who) -> Telling {
        let Some(shown) = &self.shown else { return Telling::Unseen };
        let member = shown.member(who.person);
        if !audience::sees(Sort::of(event), shown.standing(who, member)) {
            return Telling::Unseen;
        }
        let sight = view::sight(event, who.person, member);
        match Audience::of(who.role) {
            Audience::Customer => Telling::Customer { place: shown.point(Audience::Customer, seq).place, sight },
            Audience::Staff => Telling::Staff { sight },
        }
    }

    /// Somebody wants older events: read aside, below what is durable.
    pub fn read_back(&self, who: &Who, before: u32, ask: A, out: &mut Vec<Effect<A, O>>) {
        let effect = match self.readable(who) {
            Err(refusal) => Effect::Refuse { ask, refused: refusal.into() },
            Ok(shown) => {
                let reader = reader(who, shown.member(who.person));
                let place = before.min(shown.point(reader.audience, shown.head()).place + 1);
                let end = Point { seq: shown.hidden().seq(reader.audience, place), place };
                Effect::ReadBack { ask, reader, before, end, deleted: self.deleted() }
            }
        };
        out.push(effect);
    }
}

/// Why a page is not out of the tail.
enum Elsewhere {
    Refused(Refusal),
    Aside { reader: Reader, after: Point, upto: Point, deleted: Deleted },
}

impl Elsewhere {
    fn effect<A, O>(self, ask: A) -> Effect<A, O> {
        match self {
            Elsewhere::Refused(refusal) => Effect::Refuse { ask, refused: refusal.into() },
            Elsewhere::Aside { reader, after, upto, deleted } => {
                Effect::ReadAside { ask, reader, after, upto, deleted }
            }
        }
    }
}

fn reader(who: &Who, member: Option<u16>) -> Reader {
    Reader { audience: Audience::of(who.role), person: who.person, member }
}
