//! Who is reachable, where the rooms are, and who hears them. Plain locks, held for a look; no await under any.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::limits::SOCKETS_PER_PERSON_MAX;
use deskwire_protocol::{CloseCode, PersonId, Refusal, Role, TicketId};
use ractor::{ActorId, ActorRef};

use super::outbox::Outbox;
use super::person::Watch;
use super::{person, room};
use crate::domain::registration::{Registration, Registrations};
use crate::domain::who::Who;
use crate::metrics::{ActorKind, Metrics};
use crate::store::Incarnation;

const SHARDS: usize = 64;

/// Whose actor it was: supervisors hear of actors, not of tickets and people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// An instance of a room.
    Room(TicketId, Incarnation),
    /// A customer's or agent's.
    Person(PersonId, Role),
}

/// A room that lives.
#[derive(Clone)]
pub struct RoomEntry {
    /// Its mailbox.
    pub actor: ActorRef<room::Msg>,
    /// Which instance it is.
    pub incarnation: Incarnation,
    /// When it last did something, in milliseconds of the engine's clock.
    pub used: Arc<AtomicU64>,
}

#[derive(Default)]
struct Shard {
    rooms: HashMap<TicketId, RoomEntry>,
    registrations: Registrations<Outbox>,
}

/// A person with sockets, or with an actor that has not left yet.
#[derive(Default)]
pub struct Reachable {
    /// Who it is; nothing before the first socket.
    pub who: Option<Arc<Who>>,
    /// His sockets, the oldest first.
    pub outboxes: Vec<Outbox>,
    /// Whether he looks at the queue.
    pub watches: bool,
    /// His actor, and when it last did something.
    pub actor: Option<(ActorRef<person::Msg>, u64)>,
}

/// Where everybody is.
pub struct Directory {
    shards: Vec<Mutex<Shard>>,
    people: Vec<Mutex<HashMap<PersonId, Reachable>>>,
    actors: Mutex<HashMap<ActorId, Whose>>,
    set_aside: Mutex<HashSet<TicketId>>,
    live: AtomicUsize,
    rooms_max: usize,
    incarnations: AtomicU64,
    era: AtomicU64,
}

impl Directory {
    /// An empty one; at most so many rooms live at once.
    pub fn new(rooms_max: usize) -> Directory {
        Directory {
            rooms_max,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            people: (0..SHARDS).map(|_| Mutex::default()).collect(),
            actors: Mutex::default(),
            set_aside: Mutex::default(),
            live: AtomicUsize::new(0),
            incarnations: AtomicU64::new(1),
            era: AtomicU64::new(0),
        }
    }

    /// The room of a ticket. Where there is none, `spawn` makes it under the lock: there is never a second one.
    pub fn room(
        &self,
        ticket: TicketId,
        spawn: impl FnOnce(Incarnation) -> Result<RoomEntry, Refusal>,
    ) -> Result<RoomEntry, Refusal> {
        if locked(&self.set_aside).contains(&ticket) {
            return Err(Refusal::SetAside);
        }
        let mut shard = self.shard(ticket);
        if let Some(entry) = shard.rooms.get(&ticket) {
            return Ok(entry.clone());
        }
        if self.live.load(Relaxed) >= self.rooms_max {
            return Err(Refusal::Busy);
        }
        let incarnation = Incarnation(self.incarnations.fetch_add(1, Relaxed));
        let entry = spawn(incarnation)?;
        locked(&self.actors).insert(entry.actor.get_id(), Whose::Room(ticket, incarnation));
        shard.rooms.insert(ticket, entry.clone());
        self.live.fetch_add(1, Relaxed);
        Ok(entry)
    }

    /// Takes a room out, if it is still this instance.
    pub fn remove_room(&self, ticket: TicketId, incarnation: Incarnation) -> bool {
        let mut shard = self.shard(ticket);
        let is_this = shard.rooms.get(&ticket).is_some_and(|entry| entry.incarnation == incarnation);
        if is_this {
            shard.rooms.remove(&ticket);
            self.live.fetch_sub(1, Relaxed);
        }
        is_this
    }

    /// Whose an actor was; forgotten with this.
    pub fn forget_actor(&self, actor: ActorId) -> Option<Whose> {
        locked(&self.actors).remove(&actor)
    }

    /// A new dispatcher begins: what an earlier one sent counts no longer. To be called before it looks at the rooms.
    pub fn next_era(&self) -> u64 {
        self.era.fetch_add(1, SeqCst) + 1
    }

    /// The dispatcher's era.
    pub fn era(&self) -> u64 {
        self.era.load(SeqCst)
    }

    /// How many rooms live.
    pub fn live_rooms(&self) -> usize {
        self.live.load(Relaxed)
    }

    /// The tickets whose rooms live now.
    pub fn rooms(&self) -> Vec<TicketId> {
        self.shards.iter().flat_map(|shard| locked(shard).rooms.keys().copied().collect::<Vec<_>>()).collect()
    }

    /// The rooms that did nothing since a time.
    pub fn idle_rooms(&self, since_ms: u64) -> Vec<ActorRef<room::Msg>> {
        let idle = |entry: &&RoomEntry| entry.used.load(Relaxed) < since_ms;
        let shards = self.shards.iter();
        shards
            .flat_map(|shard| {
                locked(shard).rooms.values().filter(idle).map(|room| room.actor.clone()).collect::<Vec<_>>()
            })
            .collect()
    }

    /// No room of this ticket is started any more, until it is put back.
    pub fn set_aside(&self, ticket: TicketId) {
        locked(&self.set_aside).insert(ticket);
    }

    /// Rooms of this ticket may be started again. Answers whether it was set aside.
    pub fn put_back(&self, ticket: TicketId) -> bool {
        locked(&self.set_aside).remove(&ticket)
    }

    /// All that are set aside, in the order of their numbers.
    pub fn all_set_aside(&self) -> Vec<TicketId> {
        let mut tickets: Vec<_> = locked(&self.set_aside).iter().copied().collect();
        tickets.sort_unstable();
        tickets
    }

    /// Whether a ticket is set aside.
    pub fn is_set_aside(&self, ticket: TicketId) -> bool {
        locked(&self.set_aside).contains(&ticket)
    }

    /// Adds a registration, if the room that made it is still the one. That of a connection which has gone meanwhile
    /// ends at once: nobody would end it later.
    pub fn register(&self, incarnation: Incarnation, registration: Arc<Registration<Outbox>>) -> bool {
        let mut shard = self.shard(registration.ticket);
        let current = shard.rooms.get(&registration.ticket).is_some_and(|entry| entry.incarnation == incarnation);
        match (current, registration.to.is_open()) {
            (true, true) => shard.registrations.add(registration),
            (true, false) => registration.end(),
            (false, _) => {}
        }
        current
    }

    /// Ends a registration. Answers whether it was there and others still listen.
    pub fn unregister(&self, ticket: TicketId, outbox: &Outbox) -> bool {
        let mut shard = self.shard(ticket);
        shard.registrations.remove(ticket, outbox).is_some() && !shard.registrations.of(ticket).is_empty()
    }

    /// Whether a connection hears a ticket.
    pub fn hears(&self, ticket: TicketId, outbox: &Outbox) -> bool {
        self.shard(ticket).registrations.hears(ticket, outbox)
    }

    /// Everybody who hears a ticket.
    pub fn listeners(&self, ticket: TicketId) -> Vec<Arc<Registration<Outbox>>> {
        self.shard(ticket).registrations.of(ticket)
    }

    /// Adds a socket of a person. One socket too many ends the oldest.
    pub fn attach(&self, who: &Arc<Who>, outbox: &Outbox) {
        let mut people = self.people(who.person);
        let entry = people.entry(who.person).or_default();
        entry.who = Some(who.clone());
        entry.outboxes.push(outbox.clone());
        if entry.outboxes.len() > SOCKETS_PER_PERSON_MAX {
            entry.outboxes.remove(0).close(CloseCode::Replaced);
        }
    }

    /// Takes a socket away. Answers whether it was the person's last.
    pub fn detach(&self, person: PersonId, outbox: &Outbox) -> bool {
        let mut people = self.people(person);
        let Some(entry) = people.get_mut(&person) else { return false };
        let before = entry.outboxes.len();
        entry.outboxes.retain(|known| known != outbox);
        let last = entry.outboxes.is_empty() && before > 0;
        entry.watches &= !last;
        if entry.outboxes.is_empty() && entry.actor.is_none() {
            people.remove(&person);
        }
        last
    }

    /// The actor of a person, made by `spawn` under the lock where there is none.
    pub fn person(
        &self,
        who: &Who,
        now_ms: u64,
        spawn: impl FnOnce() -> Result<ActorRef<person::Msg>, Refusal>,
    ) -> Result<ActorRef<person::Msg>, Refusal> {
        let mut people = self.people(who.person);
        if let Some((actor, used)) = people.get_mut(&who.person).and_then(|entry| entry.actor.as_mut()) {
            *used = now_ms;
            return Ok(actor.clone());
        }
        let actor = spawn()?;
        locked(&self.actors).insert(actor.get_id(), Whose::Person(who.person, who.role));
        people.entry(who.person).or_default().actor = Some((actor.clone(), now_ms));
        Ok(actor)
    }

    /// The actor of a person, if there is one now.
    pub fn actor_of(&self, person: PersonId) -> Option<ActorRef<person::Msg>> {
        let people = self.people(person);
        people.get(&person)?.actor.as_ref().map(|(actor, _)| actor.clone())
    }

    /// Takes an actor out whose person has no socket any more. Answers whether that was so.
    pub fn let_go_if_alone(&self, person: PersonId, actor: ActorId) -> bool {
        let mut people = self.people(person);
        let alone = people.get(&person).is_some_and(|entry| {
            let is_his = entry.actor.as_ref().is_some_and(|(known, _)| known.get_id() == actor);
            is_his && entry.outboxes.is_empty()
        });
        if alone {
            people.remove(&person);
        }
        alone
    }

    /// Takes the actors out that did nothing since a time, and lets them go: what they accepted is still handled.
    pub fn dismiss_idle_people(&self, since_ms: u64) {
        for people in &self.people {
            locked(people).retain(|_, entry| {
                if let Some((actor, _)) = entry.actor.take_if(|(_, used)| *used < since_ms) {
                    // It is gone already where this fails.
                    let _ = actor.drain();
                }
                entry.actor.is_some() || !entry.outboxes.is_empty()
            });
        }
    }

    /// The actor of a person has left or fallen.
    pub fn person_left(&self, person: PersonId, actor: ActorId) {
        let mut people = self.people(person);
        let Some(entry) = people.get_mut(&person) else { return };
        if entry.actor.as_ref().is_some_and(|(known, _)| known.get_id() == actor) {
            entry.actor = None;
        }
        if entry.outboxes.is_empty() && entry.actor.is_none() {
            people.remove(&person);
        }
    }

    /// The sockets of a person.
    pub fn outboxes(&self, person: PersonId) -> Vec<Outbox> {
        self.people(person).get(&person).map(|entry| entry.outboxes.clone()).unwrap_or_default()
    }

    /// Who somebody is that has a socket.
    #[cfg(feature = "planted-bugs")]
    pub fn who(&self, person: PersonId) -> Option<Arc<Who>> {
        self.people(person).get(&person).and_then(|entry| entry.who.clone())
    }

    /// Somebody with a socket begins to look at the queue, or ceases to.
    pub fn set_watch(&self, person: PersonId, watch: Watch) {
        if let Some(entry) = self.people(person).get_mut(&person) {
            entry.watches = watch == Watch::Begin;
        }
    }

    /// The queue's view is gone, with changes perhaps that nobody was told: who looks at it comes back and looks anew.
    pub fn dismiss_watchers(&self) {
        for people in &self.people {
            for entry in locked(people).values_mut().filter(|entry| entry.watches) {
                entry.watches = false;
                entry.outboxes.iter().for_each(|outbox| outbox.close(CloseCode::Internal));
            }
        }
    }

    /// Everybody of the staff who has a socket.
    pub fn staff_present(&self) -> Vec<Arc<Who>> {
        let here = |entry: &Reachable| match &entry.who {
            Some(who) if who.role.is_staff() && !entry.outboxes.is_empty() => Some(who.clone()),
            Some(_) | None => None,
        };
        self.people.iter().flat_map(|people| locked(people).values().filter_map(here).collect::<Vec<_>>()).collect()
    }

    /// Counts who lives.
    pub fn count_actors(&self, metrics: &Metrics) {
        let (mut customers, mut agents) = (0, 0);
        for whose in locked(&self.actors).values() {
            match whose {
                Whose::Person(_, Role::Customer) => customers += 1,
                Whose::Person(_, Role::Agent | Role::Supervisor | Role::Admin) => agents += 1,
                Whose::Room(..) => {}
            }
        }
        metrics.actors[ActorKind::Customer].set(customers);
        metrics.actors[ActorKind::Agent].set(agents);
        metrics.actors[ActorKind::Room].set(self.live_rooms() as i64);
        for kind in [ActorKind::Root, ActorKind::Dispatcher, ActorKind::Notifier, ActorKind::Rooms, ActorKind::People] {
            metrics.actors[kind].set(1);
        }
    }

    fn shard(&self, ticket: TicketId) -> MutexGuard<'_, Shard> {
        locked(&self.shards[spread(ticket.0)])
    }

    fn people(&self, person: PersonId) -> MutexGuard<'_, HashMap<PersonId, Reachable>> {
        locked(&self.people[spread(person.0)])
    }
}

/// Ids are random, so their low bits spread them.
fn spread(id: u64) -> usize {
    (id % SHARDS as u64) as usize
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
