//! The supervisors: rooms that fell are started again, people whose actor fell are told to come back, the idle leave.

use std::collections::{BTreeMap, VecDeque};

use deskwire::store::Incarnation;
use deskwire_protocol::{PersonId, TicketId};

use crate::dispatcher;
use crate::people;
use crate::room::{Mail, ROOM_IDLE_MS};
use crate::world::World;

/// Falls of one room within a minute that the simulation stays below: quarantine is tested elsewhere.
pub const FALLS_MAX: usize = 4;
const FALLS_WITHIN_MS: u64 = 60_000;

/// What a supervisor hears.
pub enum Event {
    /// An instance fell.
    Fell(TicketId, Incarnation),
    /// One left in order.
    Ended(TicketId),
}

/// When rooms fell.
#[derive(Default)]
pub struct Falls(BTreeMap<TicketId, VecDeque<u64>>);

impl Falls {
    /// Whether one more fall is below the bound.
    pub fn may_fall(&mut self, ticket: TicketId, now: u64) -> bool {
        let falls = self.0.entry(ticket).or_default();
        falls.retain(|at| at + FALLS_WITHIN_MS > now);
        falls.len() < FALLS_MAX
    }

    fn fell(&mut self, ticket: TicketId, now: u64) {
        self.0.entry(ticket).or_default().push_back(now);
    }
}

impl World {
    /// The supervisor of rooms hears the next event.
    pub fn step_supervisor(&mut self) {
        match self.engine.rooms_events.pop_front() {
            Some(Event::Fell(ticket, incarnation)) => {
                self.engine.directory.remove_room(ticket, incarnation);
                self.engine.falls.fell(ticket, self.elapsed);
                self.tell_dispatcher(dispatcher::Mail::RoomFell { ticket });
                self.tell_room(ticket, Mail::Report);
            }
            Some(Event::Ended(ticket)) => self.tell_dispatcher(dispatcher::Mail::RoomGone { ticket }),
            None => {}
        }
    }

    /// A person's actor fell: his connections are told to come back.
    pub fn person_fell(&mut self, person: PersonId) {
        self.shared.note(format!("the actor of {person:?} falls"));
        self.engine.people.remove(&person);
        self.engine.directory.outboxes(person).iter().for_each(|outbox| outbox.close());
        if people::who(person).role.is_staff() {
            self.tell_person(person, people::Mail::Detached);
        }
    }

    /// Rooms that did nothing for long are asked to leave.
    pub fn look_for_the_idle(&mut self) {
        for (_, id) in self.engine.directory.rooms.values() {
            let idle = |instance: &&mut crate::room::Instance| instance.used + ROOM_IDLE_MS < self.elapsed;
            if let Some(instance) = self.engine.instances.get_mut(id).filter(idle) {
                instance.mailbox.push_back(Mail::Leave);
            }
        }
    }
}
