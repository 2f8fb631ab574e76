//! The directory of the simulated engine: rooms, registrations, people, and the way to each actor.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskwire::domain::registration::{Registration, Registrations};
use deskwire::domain::who::Who;
use deskwire::store::Incarnation;
use deskwire_protocol::{PersonId, TicketId};

use crate::dispatcher;
use crate::network::Outbox;
use crate::room::{self, Instance};
use crate::world::World;

/// Who is where.
#[derive(Default)]
pub struct Directory {
    /// The room of each ticket: which instance it is.
    pub rooms: BTreeMap<TicketId, (Incarnation, u64)>,
    /// Who hears what.
    pub registrations: Registrations<Outbox>,
    /// The sockets of each person.
    pub people: BTreeMap<PersonId, Vec<Outbox>>,
    /// The dispatcher's era.
    pub era: u64,
    incarnations: u64,
}

impl Directory {
    /// Takes a room out, if it is still this instance.
    pub fn remove_room(&mut self, ticket: TicketId, incarnation: Incarnation) {
        if self.rooms.get(&ticket).is_some_and(|(known, _)| *known == incarnation) {
            self.rooms.remove(&ticket);
        }
    }

    /// Adds a registration, if the room that made it is still the one. One of a connection that is gone ends.
    pub fn register(&mut self, incarnation: Incarnation, registration: Arc<Registration<Outbox>>) -> bool {
        let current = self.rooms.get(&registration.ticket).is_some_and(|(known, _)| *known == incarnation);
        if current && registration.to.is_open() {
            self.registrations.add(registration);
        } else if current {
            registration.end();
        }
        current
    }

    /// Ends a registration. Answers whether it was there and others still listen.
    pub fn unregister(&mut self, ticket: TicketId, outbox: &Outbox) -> bool {
        self.registrations.remove(ticket, outbox).is_some() && !self.registrations.of(ticket).is_empty()
    }

    /// The sockets of a person.
    pub fn outboxes(&self, person: PersonId) -> Vec<Outbox> {
        self.people.get(&person).cloned().unwrap_or_default()
    }

    /// Takes a socket away. Answers whether it was the person's last.
    pub fn detach(&mut self, who: &Who, outbox: &Outbox) -> bool {
        let Some(outboxes) = self.people.get_mut(&who.person) else { return false };
        let before = outboxes.len();
        outboxes.retain(|known| known != outbox);
        outboxes.is_empty() && before > 0
    }
}

impl World {
    /// Brings a message to a room, which is started if need be.
    pub fn tell_room(&mut self, ticket: TicketId, mail: room::Mail) {
        loop {
            let (incarnation, id) = self.room(ticket);
            match self.engine.instances.get_mut(&id).filter(|instance| !instance.is_draining()) {
                Some(instance) => return instance.mailbox.push_back(mail),
                // It fell or leaves: the next is made.
                None => self.engine.directory.remove_room(ticket, incarnation),
            }
        }
    }

    fn room(&mut self, ticket: TicketId) -> (Incarnation, u64) {
        if let Some(known) = self.engine.directory.rooms.get(&ticket) {
            return *known;
        }
        self.engine.directory.incarnations += 1;
        let incarnation = Incarnation(self.engine.directory.incarnations);
        let id = self.number();
        self.shared.note(format!("room {id} of {ticket:?} is spawned as {incarnation:?}"));
        self.engine.instances.insert(id, Instance::new(id, ticket, incarnation, self.elapsed));
        self.engine.directory.rooms.insert(ticket, (incarnation, id));
        (incarnation, id)
    }

    /// Tells the dispatcher; what it does not get it asks for when it begins.
    pub fn tell_dispatcher(&mut self, mail: dispatcher::Mail) {
        if self.engine.dispatcher.is_named() {
            self.engine.dispatcher.mailbox.push_back(mail);
        }
    }
}
