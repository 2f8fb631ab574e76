//! A room's delivery, pure: two heads, answers in order once their cause is durable, and telling those who hear.
//!
//! `A` is the handle of one question (answered exactly once), `O` the way to a connection. Whatever leaves the room
//! is an [`Effect`]; the actor carries effects out, a simulation looks at them.

mod colleagues;
mod consulted;
mod crowd;
mod effect;
mod hearing;
mod live;
mod quiet;
mod reading;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_aside;
#[cfg(test)]
mod tests_discussion;
#[cfg(test)]
mod tests_reading;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;

use deskwire_protocol::kinds::{Acknowledged, PublicFrame};
use deskwire_protocol::{Refusal, TicketId, Time};

use super::audience::Audience;
use super::dispatch::era_of;
use super::event::Event;
use super::outline::Outline;
use super::registration::Registration;
use super::ticket::{Command, Decision, Ticket};
use super::who::Who;
use crate::planted::{self, PlantedBug};
use live::Live;
use waiting::{Taken, Then, Waiting, positive};

pub use effect::{Assign, Direct, Effect, Join, Look, Question, Reported, Telling, Yes};
pub use live::Typing;
pub use quiet::{Chime, Quiet};

/// Most events that a room keeps at hand beyond what is not yet durable.
pub const TAIL_EVENTS_MAX: usize = 512;

/// One ticket and those who hear it.
#[derive(Debug)]
pub struct Room<A, O> {
    id: TicketId,
    /// As decided; nothing before the first event.
    ticket: Option<Ticket>,
    /// As durable: all that anybody may be shown.
    shown: Option<Outline>,
    tail: VecDeque<Arc<Event>>,
    waiting: VecDeque<Waiting<A, O>>,
    listeners: Vec<Arc<Registration<O>>>,
    live: Live,
    /// Whether those here will soon be told how many they are.
    crowd_is_due: bool,
    era: u64,
}

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// A room without events.
    pub fn new(id: TicketId) -> Room<A, O> {
        Room {
            id,
            ticket: None,
            shown: None,
            tail: VecDeque::new(),
            waiting: VecDeque::new(),
            listeners: Vec::new(),
            live: Live::default(),
            crowd_is_due: false,
            era: 0,
        }
    }

    /// The dispatcher's era, as the directory has it now. To be called before anything else is.
    pub fn heed(&mut self, era: u64) {
        self.era = era;
    }

    /// Takes in one event of the log, in order. Answers `false` where the log is not one of a ticket.
    pub fn replay(&mut self, event: Event) -> bool {
        self.apply(&event);
        if let Some(ticket) = self.ticket.as_mut().filter(|_| planted::is(PlantedBug::NumbersForgotten)) {
            ticket.forget_streams();
        }
        let event = Arc::new(event);
        self.tail.push_back(event.clone());
        let known = self.show(&event);
        self.trim();
        known
    }

    /// Begins after the replay: tells those who hear it what they missed, and the queue what is so.
    pub fn wake(&mut self, listeners: Vec<Arc<Registration<O>>>, now: Time, out: &mut Vec<Effect<A, O>>) {
        self.listeners = listeners;
        // First: what came after somebody lost the right to read is not for him, and only the last state is known here.
        self.drop_strangers(out);
        self.know_colleagues();
        for to in &self.listeners {
            self.catch_up(to, out);
        }
        self.end_watches(None, now, out);
        self.report(out);
    }

    /// Tells one listener what is durable beyond what it was told.
    fn catch_up(&self, to: &Arc<Registration<O>>, out: &mut Vec<Effect<A, O>>) {
        for seq in to.told() + 1..=self.durable() {
            let Some(event) = self.event(seq) else {
                return out.push(Effect::CutOff { registration: to.clone() });
            };
            let telling = self.telling(seq, event, &to.who);
            out.push(Effect::Tell { to: to.clone(), seq, event: event.clone(), telling });
        }
    }

    /// Carries out a command: what comes of it is answered once it is durable.
    pub fn command(&mut self, question: Question<A, O>, command: Command, now: Time, out: &mut Vec<Effect<A, O>>) {
        self.command_where(Ok(()), question, command, now, out);
    }

    /// The same where nothing new may happen, perhaps: what happened before is answered all the same.
    pub fn command_where(
        &mut self,
        admitted: Result<(), Refusal>,
        question: Question<A, O>,
        command: Command,
        now: Time,
        out: &mut Vec<Effect<A, O>>,
    ) {
        let Question { ask, from, who, yes } = question;
        let (mut early, audience) = (false, Audience::of(who.role));
        let decided = match &self.ticket {
            Some(ticket) => ticket.decide(&who, command, now),
            None => Ticket::decide_first(&who, command, now),
        };
        let then = match (decided, admitted) {
            (Ok(Decision::Events(_)), Err(refusal)) => Then::Refuse { ask, refused: refusal.into() },
            (Ok(Decision::Events(events)), Ok(())) => {
                early = planted::is(PlantedBug::AcknowledgeApplied);
                let (seq, at) = self.take(events, out);
                positive(ask, from, audience, yes, Taken { seq, at })
            }
            (Ok(Decision::Repeat(taken)), _) => {
                early = planted::is(PlantedBug::AcknowledgeRepeatApplied);
                positive(ask, from, audience, yes, Taken { seq: taken.seq, at: taken.at })
            }
            (Ok(Decision::Already), _) => positive(ask, from, audience, yes, Taken { seq: self.head(), at: now }),
            (Ok(Decision::TurnedAway(away)), _) => Then::Answer { ask, frame: (*away).into() },
            (Err(refused), _) => Then::Refuse { ask, refused },
        };
        match early {
            true => self.carry_out(then, out),
            false => self.when_durable(then, out),
        }
    }

    /// Gives the ticket to an agent; the queue hears the outcome. A dispatcher of another era is not heard.
    pub fn assign(&mut self, who: &Who, assign: Assign, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Assign { round, routing, wrap_up_s, moved, attempt } = assign;
        let Some(ticket) = self.ticket.as_ref().filter(|_| era_of(attempt) == self.era) else { return };
        let reported = Reported { facts: ticket.outline().facts().clone(), era: self.era };
        match ticket.decide(who, Command::Assign { round, routing, wrap_up_s, moved }, now) {
            Ok(Decision::Events(events)) => {
                self.take(events, out);
            }
            Ok(Decision::Repeat(_) | Decision::Already | Decision::TurnedAway(_)) => {
                self.when_durable(Then::Report(reported), out)
            }
            Err(refused) => {
                let refusal = refused.refusal;
                self.when_durable(Then::AssignRefused { attempt, refusal, reported }, out);
            }
        }
    }

    /// Does what the dispatcher has it do, or says how things are instead. A dispatcher of another era is not heard.
    pub fn direct(&mut self, direct: Direct, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Direct { seq, order, notice, attempt } = direct;
        let Some(ticket) = self.ticket.as_ref().filter(|_| era_of(attempt) == self.era) else { return };
        match ticket.decide_order(seq, order, notice.as_ref(), now) {
            Some(event) => _ = self.take(vec![event], out),
            None => self.report(out),
        }
    }

    /// Says again how things are, once that is durable.
    pub fn report(&mut self, out: &mut Vec<Effect<A, O>>) {
        let era = self.era;
        let asked = self.ticket.as_ref().filter(|ticket| ticket.outline().discussion().is_none());
        match asked.map(|ticket| ticket.outline().facts().clone()) {
            Some(facts) => self.when_durable(Then::Report(Reported { facts, era }), out),
            None => out.push(Effect::NoTicket { era }),
        }
    }

    /// Applies and appends what was decided. Answers the place of the last.
    fn take(&mut self, events: Vec<Event>, out: &mut Vec<Effect<A, O>>) -> (u32, Time) {
        let first = self.head() + 1;
        let at = events.last().map_or(Time::default(), Event::at);
        let events: Vec<Arc<Event>> = events.into_iter().map(Arc::new).collect();
        for event in &events {
            self.apply(event);
            self.tail.push_back(event.clone());
        }
        let facts = self.ticket.as_ref().map(|ticket| ticket.outline().facts()).filter(|facts| facts.seq >= first);
        let facts = facts.cloned();
        out.push(Effect::Append { first, events, facts: facts.clone() });
        if let Some(facts) = facts {
            let then = Then::Report(Reported { facts, era: self.era });
            match planted::is(PlantedBug::SlotFreedEarly) {
                true => self.carry_out(then, out),
                false => self.waiting.push_back(Waiting { needs: self.head(), then }),
            }
        }
        (self.head(), at)
    }

    /// Answers now if all that was decided is durable, else in turn: a refusal too depends on what it saw.
    fn when_durable(&mut self, then: Then<A, O>, out: &mut Vec<Effect<A, O>>) {
        let needs = self.head();
        if needs <= self.durable() && self.waiting.is_empty() {
            self.carry_out(then, out);
        } else {
            self.waiting.push_back(Waiting { needs, then });
        }
    }

    /// The disk has everything up to here: tells it and answers, in order.
    pub fn synced(&mut self, upto: u32, out: &mut Vec<Effect<A, O>>) {
        for seq in self.durable() + 1..=upto.min(self.head()) {
            let event = self.event(seq).expect("the tail holds all that is not durable").clone();
            let members = self.shown.as_ref().map_or(0, |shown| shown.members().len());
            let seen = self.consulted_by(&event);
            self.show(&event);
            self.tell_concerned(&event, out);
            let mark = self.tell(seq, &event, out);
            self.alarm(&event, out);
            self.show_new_members(members, out);
            self.show_consulted(seen, out);
            while self.waiting.front().is_some_and(|waiting| waiting.needs <= seq) {
                let Some(waiting) = self.waiting.pop_front() else { break };
                self.carry_out(waiting.then, out);
            }
            // Behind the acknowledgement: a fall between the two makes it tell once more, which a client can bear,
            // and not once less.
            out.extend(mark);
        }
        self.trim();
    }

    /// Tells everybody. Answers what is to be marked for the sender, who hears of it by his acknowledgement.
    fn tell(&mut self, seq: u32, event: &Arc<Event>, out: &mut Vec<Effect<A, O>>) -> Option<Effect<A, O>> {
        let (sender, mut mark) = (self.sender(seq), None);
        self.listeners.retain(|listener| !listener.is_gone());
        for to in &self.listeners {
            let answered = sender.as_ref() == Some(&to.to);
            let telling = if answered { Telling::Answered } else { self.telling(seq, event, &to.who) };
            let tell = Effect::Tell { to: to.clone(), seq, event: event.clone(), telling };
            match answered {
                true => mark = Some(tell),
                false => out.push(tell),
            }
        }
        if !matches!(**event, Event::Posted(_)) {
            self.drop_strangers(out);
            self.show_colleagues(out);
        }
        mark
    }

    /// The connection that hears of this sequence by its acknowledgement.
    fn sender(&self, seq: u32) -> Option<O> {
        let due = self.waiting.iter().take_while(|waiting| waiting.needs <= seq);
        due.filter_map(|waiting| waiting.then.acknowledges(seq)).next().cloned()
    }

    /// Who lost the right to read loses the room in the same step.
    fn drop_strangers(&mut self, out: &mut Vec<Effect<A, O>>) {
        let Some(shown) = &self.shown else { return };
        self.listeners.retain(|listener| {
            let stays = shown.may_hear(&listener.who);
            if !stays {
                out.push(Effect::Unregister { registration: listener.clone() });
            }
            stays
        });
    }

    fn carry_out(&mut self, then: Then<A, O>, out: &mut Vec<Effect<A, O>>) {
        out.push(match then {
            Then::Acknowledge { ask, audience, number, seq, at, .. } => {
                let seq = self.place(audience, seq);
                let frame = PublicFrame::Acknowledged(Acknowledged { ticket: self.id, number, seq, at });
                Effect::Answer { ask, frame: frame.into() }
            }
            Then::Answer { ask, frame } => Effect::Answer { ask, frame: frame.into() },
            Then::Refuse { ask, refused } => Effect::Refuse { ask, refused },
            Then::Hear { wish, ask } => return self.serve(wish, ask, out),
            Then::EndWatch { person, now } => return self.end_watches(Some(person), now, out),
            Then::Report(reported) => Effect::Report(reported),
            Then::AssignRefused { attempt, refusal, reported } => Effect::AssignRefused { attempt, refusal, reported },
        });
    }

    /// The fold of what is decided.
    fn apply(&mut self, event: &Event) {
        match &mut self.ticket {
            Some(ticket) => ticket.apply(event),
            None => self.ticket = Ticket::begin(self.id, event),
        }
    }

    /// The fold of what is durable.
    fn show(&mut self, event: &Event) -> bool {
        match &mut self.shown {
            Some(shown) => shown.apply(event),
            None => self.shown = Outline::begin(self.id, event),
        }
        self.blank(event);
        self.shown.is_some()
    }

    fn trim(&mut self) {
        let ahead = (self.head() - self.durable()) as usize;
        while self.tail.len() > TAIL_EVENTS_MAX + ahead {
            self.tail.pop_front();
        }
    }

    fn tail_first(&self) -> u32 {
        self.head() + 1 - self.tail.len() as u32
    }

    fn event(&self, seq: u32) -> Option<&Arc<Event>> {
        self.tail.get(seq.checked_sub(self.tail_first())? as usize)
    }

    /// An audience's number of a sequence that was decided.
    fn place(&self, audience: Audience, seq: u32) -> u32 {
        self.ticket.as_ref().map_or(seq, |ticket| ticket.outline().point(audience, seq).place)
    }

    /// The last sequence decided.
    pub fn head(&self) -> u32 {
        self.ticket.as_ref().map_or(0, |ticket| ticket.outline().head())
    }

    /// The last sequence on disk.
    pub fn durable(&self) -> u32 {
        self.shown.as_ref().map_or(0, Outline::head)
    }

    /// What a join is served from: the durable head.
    fn served(&self) -> u32 {
        match planted::is(PlantedBug::ResumeApplied) {
            true => self.head(),
            false => self.durable(),
        }
    }

    /// Whether it is open, or somebody listens. A discussion stays while it is used.
    pub fn is_needed(&self) -> bool {
        let open = |shown: &Outline| !shown.facts().is_over() || shown.discussion().is_some();
        let open = self.shown.as_ref().is_some_and(open);
        open || self.listeners.iter().any(|listener| !listener.is_gone())
    }

    /// Whether nothing waits for the disk: the room may leave.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() && self.head() == self.durable()
    }
}
