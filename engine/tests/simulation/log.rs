//! The log as it is on disk, and what must be true of it with each event that is added.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskwire::domain::event::Event;
use deskwire::domain::facts::Facts;
use deskwire::domain::outline::Outline;
use deskwire_protocol::{PersonId, Phase, Role, StreamId, TicketId};

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
    streams: HashMap<(TicketId, PersonId, StreamId), u32>,
    texts: HashMap<String, (TicketId, u32)>,
    /// The last number said by a tab in one of its lives, by ticket.
    said: HashMap<(TicketId, String), u32>,
    slots: BTreeMap<PersonId, u16>,
}

/// Whose number of which stream something was said as.
struct Said {
    person: PersonId,
    stream: StreamId,
    number: u32,
}

/// What no customer may see, written here a second time.
fn is_hidden(event: &Event) -> bool {
    matches!(
        event,
        Event::Noted(_) | Event::WatchBegan(_) | Event::WatchEnded(_) | Event::AgentSilent(_) | Event::Acted(_)
    )
}

/// A watch that is underway does not begin.
fn watches_once(ticket: TicketId, before: Option<&Outline>, person: PersonId) -> Breaks {
    let watches = |outline: &Outline| outline.watchers().iter().any(|watcher| watcher.person == person);
    match before.is_some_and(watches) {
        true => Err((Check::Watched, format!("{person:?} begins to watch {ticket:?} twice"))),
        false => Ok(()),
    }
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
        let author = |index: u16| after.members().get(usize::from(index)).map(|member| member.person);
        let said = match &**event {
            Event::Posted(posted) => {
                author(posted.author).map(|person| Said { person, stream: posted.stream, number: posted.number })
            }
            Event::Noted(noted) => Some(Said { person: noted.person, stream: noted.stream, number: noted.number }),
            Event::Opened(_)
            | Event::Assigned(_)
            | Event::Advanced(_)
            | Event::MemberAdded(_)
            | Event::PhaseChanged(_)
            | Event::CustomerTold(_)
            | Event::AgentSilent(_)
            | Event::CategoryChanged(_)
            | Event::WatchBegan(_)
            | Event::WatchEnded(_)
            | Event::Acted(_)
            | Event::Founded(_)
            | Event::Entered(_)
            | Event::Departed(_)
            | Event::Moderated(_) => None,
        };
        log.events.push(event.clone());
        log.outlines.push(after);
        match &**event {
            Event::Posted(posted) => self.said(ticket, seq, said, &posted.text),
            Event::Noted(noted) => self.said(ticket, seq, said, &noted.text),
            Event::WatchBegan(began) => watches_once(ticket, before.as_ref(), began.person),
            Event::WatchEnded(_) | Event::Acted(_) | Event::CategoryChanged(_) => Ok(()),
            Event::CustomerTold(_) | Event::AgentSilent(_) => Ok(()),
            Event::Assigned(assigned) => self.assigned(ticket, before.as_ref(), assigned.agent, assigned.round),
            Event::Opened(_) | Event::Advanced(_) | Event::MemberAdded(_) | Event::PhaseChanged(_) => Ok(()),
            Event::Founded(_) | Event::Entered(_) | Event::Departed(_) | Event::Moderated(_) => Ok(()),
        }
    }

    /// A post or a note: they share their streams.
    fn said(&mut self, ticket: TicketId, seq: u32, said: Option<Said>, text: &str) -> Breaks {
        let Some(Said { person, stream, number }) = said else {
            return Err((Check::KeyOnce, format!("{text:?} of {ticket:?} is nobody's")));
        };
        let last = self.streams.entry((ticket, person, stream)).or_default();
        if number != *last + 1 {
            let words = format!("number {number} of a stream of {ticket:?} follows {last}");
            return Err((Check::ExactlyOnce, words));
        }
        *last = number;
        if let Some(first) = self.texts.insert(text.to_owned(), (ticket, seq)) {
            return Err((Check::ExactlyOnce, format!("{text:?} stands at {first:?} and at {seq}")));
        }
        let (tab, number) = text.split_once(':').unwrap_or((text, "0"));
        let number: u32 = number.parse().unwrap_or(0);
        let last = self.said.entry((ticket, tab.to_owned())).or_default();
        if number <= *last {
            return Err((Check::InOrder, format!("{text:?} of {ticket:?} stands after number {last}")));
        }
        *last = number;
        Ok(())
    }

    fn assigned(&mut self, ticket: TicketId, before: Option<&Outline>, agent: PersonId, round: u32) -> Breaks {
        let facts = before.map(Outline::facts);
        // It waited, or it moves from one to the other.
        if !facts.is_some_and(|facts| !facts.is_over() && facts.owner() != Some(agent) && facts.round == round) {
            return Err((Check::OneOwner, format!("{ticket:?} goes to {agent:?} in round {round} from {facts:?}")));
        }
        let phase = self.newest(ticket).map(|outline| outline.facts().phase);
        // What became of the other phase in its agent's hands is a fact, and runs down.
        let given = |facts: &&Facts| Some(facts.phase) == phase && self.phase_given(facts.ticket) == phase;
        let owned = self.owned(agent).filter(given).count();
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
        match facts.is_done_with() {
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

    /// The highest number of any stream of somebody.
    pub fn numbers(&self, ticket: TicketId, person: PersonId) -> u32 {
        let of = self.streams.iter().filter(|((of, by, _), _)| (*of, *by) == (ticket, person));
        of.map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// What a role calls a sequence: customers count what they may see. By counting, not by the engine's own rule.
    pub fn number_for(&self, role: Role, ticket: TicketId, seq: u32) -> u32 {
        let events = self.tickets.get(&ticket).into_iter().flat_map(|log| &log.events).take(seq as usize);
        if role == Role::Customer { events.filter(|event| !is_hidden(event)).count() as u32 } else { seq }
    }

    /// The sequence of the event that a role gives this number, if there is one.
    pub fn seq_for(&self, role: Role, ticket: TicketId, number: u32) -> Option<u32> {
        let events = self.tickets.get(&ticket).into_iter().flat_map(|log| &log.events);
        let mut seen = (1..).zip(events).filter(|(_, event)| role != Role::Customer || !is_hidden(event));
        seen.nth(number.checked_sub(1)? as usize).map(|(seq, _)| seq)
    }

    /// Whether a text is of a note.
    pub fn is_note(&self, text: &str) -> bool {
        let event = self.place_of(text).and_then(|(ticket, seq)| self.event(ticket, seq));
        event.is_some_and(|event| is_hidden(event))
    }

    /// The phase in which a ticket was assigned last.
    fn phase_given(&self, ticket: TicketId) -> Option<Phase> {
        let log = self.tickets.get(&ticket)?;
        let at = log.events.iter().rposition(|event| matches!(**event, Event::Assigned(_)))?;
        log.outlines.get(at).map(|outline| outline.facts().phase)
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
