//! The log as it is on disk, and what must be true of it with each event that is added.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskwire::domain::event::Event;
use deskwire::domain::facts::Facts;
use deskwire::domain::outline::Outline;
use deskwire_protocol::{PersonId, StreamId, TicketId};

use crate::shared::Check;

/// One ticket's events, and its outline after each.
#[derive(Default)]
struct TicketLog {
    events: Vec<Arc<Event>>,
    outlines: Vec<Outline>,
}

/// Everything that is synced.
#[derive(Default)]
pub struct Log {
    tickets: BTreeMap<TicketId, TicketLog>,
    /// The stage index: facts of tickets that are not over.
    stages: BTreeMap<TicketId, Facts>,
    streams: HashMap<(TicketId, u16, StreamId), u32>,
    texts: HashMap<String, (TicketId, u32)>,
    /// The last number said by a tab in one of its lives, by ticket.
    said: HashMap<(TicketId, String), u32>,
    slots: BTreeMap<PersonId, u16>,
}

/// What an added event breaks.
pub type Breaks = Result<(), (Check, String)>;

impl Log {
    /// How many tickets somebody may own.
    pub fn set_slots(&mut self, agent: PersonId, slots: u16) {
        self.slots.insert(agent, slots);
    }

    /// How many tickets somebody may own.
    pub fn slots(&self, agent: PersonId) -> u16 {
        self.slots.get(&agent).copied().unwrap_or(0)
    }

    /// Writes one event for good.
    pub fn write(&mut self, ticket: TicketId, seq: u32, event: &Arc<Event>) -> Breaks {
        let log = self.tickets.entry(ticket).or_default();
        let head = log.events.len() as u32;
        if seq <= head {
            return Err((Check::KeyOnce, format!("event {seq} of {ticket:?} is written a second time: {event:?}")));
        }
        if seq != head + 1 {
            return Err((Check::KeyOnce, format!("event {seq} of {ticket:?} follows {head}")));
        }
        let before = log.outlines.last().cloned();
        let after = match &before {
            Some(before) => {
                let mut after = before.clone();
                after.apply(event);
                after
            }
            None => Outline::begin(ticket, event).ok_or((Check::KeyOnce, format!("{ticket:?} does not begin")))?,
        };
        log.events.push(event.clone());
        log.outlines.push(after);
        match &**event {
            Event::Posted(posted) => self.posted(ticket, seq, posted),
            Event::Assigned(assigned) => self.assigned(ticket, before.as_ref(), assigned.agent, assigned.round),
            Event::Opened(_) | Event::Advanced(_) | Event::MemberAdded(_) | Event::PhaseChanged(_) => Ok(()),
        }
    }

    fn posted(&mut self, ticket: TicketId, seq: u32, posted: &deskwire::domain::event::Posted) -> Breaks {
        let last = self.streams.entry((ticket, posted.author, posted.stream)).or_default();
        if posted.number != *last + 1 {
            let words = format!("number {} of a stream of {ticket:?} follows {last}", posted.number);
            return Err((Check::ExactlyOnce, words));
        }
        *last = posted.number;
        if let Some(first) = self.texts.insert(posted.text.clone(), (ticket, seq)) {
            return Err((Check::ExactlyOnce, format!("{:?} stands at {first:?} and at {seq}", posted.text)));
        }
        let (tab, number) = posted.text.split_once(':').unwrap_or((&posted.text, "0"));
        let number: u32 = number.parse().unwrap_or(0);
        let last = self.said.entry((ticket, tab.to_owned())).or_default();
        if number <= *last {
            return Err((Check::InOrder, format!("{:?} of {ticket:?} stands after number {last}", posted.text)));
        }
        *last = number;
        Ok(())
    }

    fn assigned(&mut self, ticket: TicketId, before: Option<&Outline>, agent: PersonId, round: u32) -> Breaks {
        let facts = before.map(Outline::facts);
        if !facts.is_some_and(|facts| facts.is_waiting() && facts.round == round) {
            return Err((Check::OneOwner, format!("{ticket:?} goes to {agent:?} in round {round} from {facts:?}")));
        }
        let phase = self.newest(ticket).map(|outline| outline.facts().phase);
        let owned = self.owned(agent).filter(|facts| Some(facts.phase) == phase).count();
        if owned > usize::from(self.slots(agent)) {
            return Err((Check::Slots, format!("{agent:?} owns {owned} tickets of {phase:?}")));
        }
        Ok(())
    }

    /// The tickets that somebody owns.
    pub fn owned(&self, agent: PersonId) -> impl Iterator<Item = &Facts> {
        self.all().filter(move |facts| facts.owner() == Some(agent))
    }

    /// Puts into the stage index what an append carries.
    pub fn put_stage(&mut self, facts: Facts) {
        match facts.is_over() {
            true => self.stages.remove(&facts.ticket),
            false => self.stages.insert(facts.ticket, facts),
        };
    }

    /// The stage index.
    pub fn stages(&self) -> Vec<Facts> {
        self.stages.values().cloned().collect()
    }

    /// The last sequence of a ticket.
    pub fn head(&self, ticket: TicketId) -> u32 {
        self.tickets.get(&ticket).map_or(0, |log| log.events.len() as u32)
    }

    /// One event.
    pub fn event(&self, ticket: TicketId, seq: u32) -> Option<&Arc<Event>> {
        self.tickets.get(&ticket)?.events.get(seq.checked_sub(1)? as usize)
    }

    /// The outline after an event.
    pub fn outline(&self, ticket: TicketId, seq: u32) -> Option<&Outline> {
        self.tickets.get(&ticket)?.outlines.get(seq.checked_sub(1)? as usize)
    }

    /// The outline as it is now.
    pub fn newest(&self, ticket: TicketId) -> Option<&Outline> {
        self.tickets.get(&ticket)?.outlines.last()
    }

    /// The facts of every ticket.
    pub fn all(&self) -> impl Iterator<Item = &Facts> {
        self.tickets.values().filter_map(|log| log.outlines.last()).map(Outline::facts)
    }

    /// The highest number of any stream of an author.
    pub fn numbers(&self, ticket: TicketId, author: u16) -> u32 {
        let of = self.streams.iter().filter(|((of, by, _), _)| (*of, *by) == (ticket, author));
        of.map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// Where a text stands.
    pub fn place_of(&self, text: &str) -> Option<(TicketId, u32)> {
        self.texts.get(text).copied()
    }

    /// Whether a step with this reason was taken.
    pub fn has_step(&self, reason: &str) -> bool {
        let events = self.tickets.values().flat_map(|log| &log.events);
        events.into_iter().any(|event| matches!(&**event, Event::Advanced(step) if step.reason == reason))
    }

    /// Whether somebody owns a ticket, or did.
    pub fn was_owner(&self, ticket: TicketId, agent: PersonId) -> bool {
        let outlines = self.tickets.get(&ticket).into_iter().flat_map(|log| &log.outlines);
        outlines.into_iter().any(|outline| outline.facts().owner() == Some(agent))
    }
}
