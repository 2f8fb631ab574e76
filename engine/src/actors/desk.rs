//! The desk: what every actor and every door may use, and the way to each actor.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use deskwire_protocol::{PersonId, Refusal, Step, StreamId, TicketId};
use ractor::{ActorCell, ActorRef};

use super::connections::Connections;
use super::directory::{Directory, RoomEntry};
use super::discussions::Discussions;
use super::dispatcher;
use super::marks::Marks;
use super::notifier;
use super::occupied::Occupied;
use super::person;
use super::room;
use super::statuses::Statuses;
use crate::clock::Clock;
use crate::domain::disk::Disk;
use crate::domain::ticket::Command;
use crate::domain::who::Who;
use crate::identity::Accounts;
use crate::identity::canned::CannedReplies;
use crate::identity::evaluations::Evaluations;
use crate::metrics::Metrics;
use crate::store::{self, StoreHandle};

/// How often a message is tried on a room or person that leaves just then.
const TRIES: usize = 4;

/// The supervisors whose children are made on need.
pub struct Supervisors {
    /// That of the rooms.
    pub rooms: ActorCell,
    /// That of customers and agents.
    pub people: ActorCell,
}

/// What all may use.
pub struct Desk {
    /// The log.
    pub store: StoreHandle,
    /// Who is where.
    pub directory: Directory,
    /// The time.
    pub clock: Clock,
    /// What an operator sees.
    pub metrics: Arc<Metrics>,
    /// Every connection.
    pub connections: Arc<Connections>,
    /// Staff and categories.
    pub accounts: Arc<Accounts>,
    /// Canned replies.
    pub canned: CannedReplies,
    /// Forms for evaluations, and the way to these.
    pub evaluations: Evaluations,
    /// The bounds that are settings.
    pub limits: Limits,
    /// Agents' statuses on their way to the disk.
    pub statuses: Statuses,
    /// What people have under way that takes its time.
    pub occupied: Occupied,
    /// Read marks on their way to the disk.
    pub marks: Marks,
    /// The list of discussions.
    pub discussions: Discussions,
    closed: AtomicBool,
    waiting: AtomicUsize,
    /// Makes ticket ids that nobody can guess and that a repeat makes again.
    pub ticket_key: [u8; 32],
    handled: Mutex<Option<TicketId>>,
    supervisors: OnceLock<Supervisors>,
    dispatcher: RwLock<Option<ActorRef<dispatcher::Msg>>>,
    notifier: RwLock<Option<ActorRef<notifier::Msg>>>,
}

/// What a desk is made of.
pub struct Parts {
    /// The log.
    pub store: StoreHandle,
    /// The time.
    pub clock: Clock,
    /// What an operator sees.
    pub metrics: Arc<Metrics>,
    /// Every connection.
    pub connections: Arc<Connections>,
    /// Staff and categories.
    pub accounts: Arc<Accounts>,
    /// The key of ticket ids.
    pub ticket_key: [u8; 32],
    /// The bounds.
    pub limits: Limits,
}

/// Bounds that are settings.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rooms that may live at once.
    pub rooms_max: usize,
    /// A room or person's actor that did nothing for this long leaves, in milliseconds.
    pub idle_ms: u64,
    /// Tickets that may wait at once.
    pub waiting_max: usize,
    /// How long a post may take, in milliseconds: new ones are refused while the oldest write has waited longer for the
    /// disk, and beyond as many as are acknowledged in about this time.
    pub busy_ms: u64,
    /// Members that may be in a discussion at once.
    pub members_max: u16,
}

impl Desk {
    /// A desk without actors: the root makes them.
    pub fn new(parts: Parts) -> Arc<Desk> {
        let Parts { store, clock, metrics, connections, accounts, ticket_key, limits } = parts;
        Arc::new(Desk {
            store,
            directory: Directory::new(limits.rooms_max),
            limits,
            canned: CannedReplies::default(),
            evaluations: Evaluations::default(),
            statuses: Statuses::default(),
            occupied: Occupied::default(),
            marks: Marks::default(),
            discussions: Discussions::default(),
            closed: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            clock,
            metrics,
            connections,
            accounts,
            ticket_key,
            handled: Mutex::default(),
            supervisors: OnceLock::new(),
            dispatcher: RwLock::default(),
            notifier: RwLock::default(),
        })
    }

    /// No new connections, posts, chats or pairing from now on.
    pub fn close(&self) {
        self.closed.store(true, Relaxed);
    }

    /// Whether the engine goes down.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    /// The dispatcher says how many tickets wait.
    pub fn set_waiting(&self, waiting: usize) {
        self.waiting.store(waiting, Relaxed);
        self.metrics.queue_waiting.set(waiting as i64);
    }

    /// Whether as many tickets wait as may.
    pub fn queue_is_full(&self) -> bool {
        self.waiting.load(Relaxed) >= self.limits.waiting_max
    }

    /// Names the supervisors, once.
    pub fn supervised_by(&self, supervisors: Supervisors) {
        let first = self.supervisors.set(supervisors);
        debug_assert!(first.is_ok(), "the root starts once");
    }

    /// The supervisor of rooms, once there is one.
    #[cfg(feature = "planted-bugs")]
    pub(super) fn rooms_cell(&self) -> Option<&ActorCell> {
        self.supervisors.get().map(|supervisors| &supervisors.rooms)
    }

    /// That of people.
    #[cfg(feature = "planted-bugs")]
    pub(super) fn people_cell(&self) -> Option<&ActorCell> {
        self.supervisors.get().map(|supervisors| &supervisors.people)
    }

    /// Names the dispatcher, again after each of its falls.
    pub fn dispatched_by(&self, dispatcher: ActorRef<dispatcher::Msg>) {
        *self.dispatcher.write().unwrap_or_else(PoisonError::into_inner) = Some(dispatcher);
    }

    /// Tells the dispatcher. What it does not get (it has fallen) it asks for when it begins again.
    pub fn tell_dispatcher(&self, msg: dispatcher::Msg) {
        let dispatcher = self.dispatcher.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(dispatcher) = dispatcher {
            // A question inside the message answers `again` by itself when it is dropped.
            let _ = dispatcher.cast(msg);
        }
    }

    /// Names the notifier, again after each of its falls.
    pub fn notified_by(&self, notifier: ActorRef<notifier::Msg>) {
        *self.notifier.write().unwrap_or_else(PoisonError::into_inner) = Some(notifier);
    }

    /// Tells the notifier. What it does not get (it has fallen) is answered `again`, or read from its cursor on.
    pub fn tell_notifier(&self, msg: notifier::Msg) {
        let notifier = self.notifier.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(notifier) = notifier {
            let _ = notifier.cast(msg);
        }
    }

    /// Brings a message to a room, which is started if need be; where that cannot be, its question is refused.
    pub fn tell_room(self: &Arc<Self>, ticket: TicketId, mut msg: room::Msg) {
        for _ in 0..TRIES {
            let entry = match self.room(ticket) {
                Ok(entry) => entry,
                Err(Refusal::SetAside) => return self.refuse_set_aside(ticket, msg),
                Err(refusal) => return msg.refuse(refusal),
            };
            match entry.actor.cast(msg) {
                Ok(()) => return,
                Err(ractor::MessagingErr::SendErr(unsent)) => {
                    self.directory.remove_room(ticket, entry.incarnation);
                    msg = unsent;
                }
                Err(_) => return,
            }
        }
        msg.refuse(Refusal::Again);
    }

    /// Only the dispatcher still knows whose a ticket without a room is, and so who may hear that there is one.
    fn refuse_set_aside(&self, ticket: TicketId, msg: room::Msg) {
        if let Some((ask, who)) = msg.into_question() {
            self.tell_dispatcher(dispatcher::Msg::AskedAside { ask, who, ticket });
        }
    }

    fn room(self: &Arc<Self>, ticket: TicketId) -> Result<RoomEntry, Refusal> {
        self.directory.room(ticket, |incarnation| {
            let supervisor = self.supervisors.get().ok_or(Refusal::Again)?.rooms.clone();
            room::spawn(self, ticket, incarnation, supervisor)
        })
    }

    /// Brings a message to a person's actor, which is started if need be.
    pub fn tell_person(self: &Arc<Self>, who: &Arc<Who>, mut msg: person::Msg) {
        for _ in 0..TRIES {
            let actor = match self.person(who) {
                Ok(actor) => actor,
                Err(refusal) => return msg.refuse(refusal),
            };
            match actor.cast(msg) {
                Ok(()) => return,
                Err(ractor::MessagingErr::SendErr(unsent)) => {
                    self.directory.person_left(who.person, actor.get_id());
                    msg = unsent;
                }
                Err(_) => return,
            }
        }
        msg.refuse(Refusal::Again);
    }

    /// The last connection of a person has gone. A customer's actor that is not there need not hear of it.
    pub fn tell_detached(self: &Arc<Self>, who: &Arc<Who>) {
        if who.role.is_staff() {
            return self.tell_person(who, person::Msg::Detached);
        }
        self.tell_dispatcher(dispatcher::Msg::CustomerMoved { customer: who.person });
        if let Some(actor) = self.directory.actor_of(who.person) {
            // It leaves already where this fails.
            let _ = actor.cast(person::Msg::Detached);
        }
    }

    fn person(self: &Arc<Self>, who: &Arc<Who>) -> Result<ActorRef<person::Msg>, Refusal> {
        self.directory.person(who, self.now_ms(), || {
            let supervisor = self.supervisors.get().ok_or(Refusal::Again)?.people.clone();
            person::spawn(self, who, supervisor)
        })
    }

    /// Notes the ticket that the dispatcher handles now, or that it is done.
    pub fn handling(&self, ticket: Option<TicketId>) {
        *self.handled.lock().unwrap_or_else(PoisonError::into_inner) = ticket;
    }

    /// The ticket that the dispatcher handled when it fell.
    pub fn take_handled(&self) -> Option<TicketId> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The time for waiting, as plain milliseconds: it never runs back.
    pub fn now_ms(&self) -> u64 {
        self.clock.steady().ms()
    }

    /// What the disk allows now.
    pub fn disk(&self) -> Disk {
        match self.store.pressure().disk() {
            store::Disk::Fine => Disk::Fine,
            store::Disk::Low => Disk::Low,
            store::Disk::Lowest => Disk::Lowest,
        }
    }

    /// Why nothing may be paired now, if so.
    pub fn pairs_not(&self) -> Option<Refusal> {
        match (self.is_closed(), self.disk()) {
            (true, _) => Some(Refusal::Draining),
            (false, Disk::Low | Disk::Lowest) => Some(Refusal::ReadOnly),
            (false, Disk::Fine) => None,
        }
    }

    /// Whether the disk and the queue allow a command now. Who opens a ticket was told of a full queue before; a
    /// reopened one waits like any other.
    pub fn admits(&self, command: &Command) -> Result<(), Refusal> {
        let reopens = matches!(command, Command::Advance { step: Step::Reopen, .. });
        match self.disk().admits(command) {
            false => Err(Refusal::ReadOnly),
            true if reopens && self.queue_is_full() => Err(Refusal::Full),
            true if matches!(command, Command::Found(_)) && self.discussions.is_full() => Err(Refusal::DiscussionsFull),
            true => Ok(()),
        }
    }

    /// The stream of what a person says once, named by a key of his own: the same for a repeat, unlike any that a client
    /// makes, and no other person's.
    pub fn stream_of(&self, person: PersonId, key: &str) -> StreamId {
        use sha2::{Digest as _, Sha256};
        let hash = Sha256::new()
            .chain_update(self.ticket_key)
            .chain_update(b"stream")
            .chain_update(person.0.to_le_bytes())
            .chain_update(key)
            .finalize();
        StreamId(u128::from_le_bytes(*hash.first_chunk().expect("a SHA-256 has 32 bytes")))
    }

    /// The ticket that a customer's chat key makes: the same for a repeat, not to be guessed by others.
    pub fn ticket_id(&self, person: PersonId, key: u128) -> TicketId {
        use sha2::{Digest as _, Sha256};
        let hash = Sha256::new()
            .chain_update(self.ticket_key)
            .chain_update(person.0.to_le_bytes())
            .chain_update(key.to_le_bytes())
            .finalize();
        TicketId(u64::from_le_bytes(*hash.first_chunk().expect("a SHA-256 has 32 bytes")))
    }
}
