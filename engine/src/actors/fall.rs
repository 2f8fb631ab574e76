//! Makes one actor fall on demand, so that what its fall does to others can be tested. In builds with planted bugs only.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use deskwire_protocol::{PersonId, TicketId};

use super::desk::Desk;
use super::{dispatcher, notifier, people, person, room, rooms};
use crate::store::fall::{self, Which};

/// The rooms that are to fall when they next hear that something of theirs is on disk.
static AT_SYNC: Mutex<Option<HashSet<TicketId>>> = Mutex::new(None);

/// Who is to fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fall {
    /// A ticket's room, now.
    Room(TicketId),
    /// A ticket's room, between the next sync and telling anybody.
    RoomAtSync(TicketId),
    /// A customer's or agent's actor.
    Person(PersonId),
    /// The dispatcher.
    Dispatcher,
    /// The notifier.
    Notifier,
    /// The supervisor of rooms.
    Rooms,
    /// The supervisor of people.
    People,
    /// The root.
    Root,
    /// A thread of the store.
    Store(Which),
}

impl Fall {
    /// Out of words such as `room=7`.
    pub fn from_words(words: &str) -> Option<Fall> {
        match words.split_once('=').unwrap_or((words, "")) {
            ("room", ticket) => Some(Fall::Room(TicketId(ticket.parse().ok()?))),
            ("room_at_sync", ticket) => Some(Fall::RoomAtSync(TicketId(ticket.parse().ok()?))),
            ("person", person) => Some(Fall::Person(PersonId(person.parse().ok()?))),
            ("dispatcher", "") => Some(Fall::Dispatcher),
            ("notifier", "") => Some(Fall::Notifier),
            ("rooms", "") => Some(Fall::Rooms),
            ("people", "") => Some(Fall::People),
            ("root", "") => Some(Fall::Root),
            ("store", "writer") => Some(Fall::Store(Which::Writer)),
            ("store", "keeper") => Some(Fall::Store(Which::Keeper)),
            ("store", "checkpoint") => Some(Fall::Store(Which::Checkpoint)),
            _ => None,
        }
    }

    /// Makes it fall. Answers whether it is there.
    pub fn now(self, desk: &Arc<Desk>) -> bool {
        match self {
            Fall::Room(ticket) => desk.tell_room(ticket, room::Msg::Panic),
            Fall::RoomAtSync(ticket) => {
                at_sync(|rooms| rooms.insert(ticket));
            }
            Fall::Person(person) => match desk.directory.who(person) {
                Some(who) => desk.tell_person(&who, person::Msg::Panic),
                None => return false,
            },
            Fall::Dispatcher => desk.tell_dispatcher(dispatcher::Msg::Panic),
            Fall::Notifier => desk.tell_notifier(notifier::Msg::Panic),
            Fall::Rooms => return desk.rooms_cell().is_some_and(|cell| cell.send_message(rooms::Msg::Panic).is_ok()),
            Fall::People => {
                return desk.people_cell().is_some_and(|cell| cell.send_message(people::Msg::Panic).is_ok());
            }
            Fall::Root => {
                let root = desk.rooms_cell().and_then(|cell| cell.try_get_supervisor());
                return root.is_some_and(|root| root.send_message(()).is_ok());
            }
            Fall::Store(which) => fall::ask(which),
        }
        true
    }
}

/// What a room calls when the store has news for it: the place to fall between the sync and telling.
pub(super) fn at_sync_of(ticket: TicketId) {
    assert!(!at_sync(|rooms| rooms.remove(&ticket)), "a room was asked to fall between the sync and telling");
}

fn at_sync(act: impl FnOnce(&mut HashSet<TicketId>) -> bool) -> bool {
    act(AT_SYNC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}
