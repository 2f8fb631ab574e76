//! All that ends with the process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use deskwire::actors::latest::Latest;
use deskwire_protocol::PersonId;

use crate::desk::Directory;
use crate::dispatcher::Dispatcher;
use crate::people::Mailbox;
use crate::reads::Read;
use crate::room::Instance;
use crate::store::Store;
use crate::supervisor::{Event, Falls};

/// One life of the process.
#[derive(Default)]
pub struct Engine {
    /// Who is where.
    pub directory: Directory,
    /// Every instance of a room, also those that the directory does not know.
    pub instances: BTreeMap<u64, Instance>,
    /// The actors of people.
    pub people: BTreeMap<PersonId, Mailbox>,
    /// The dispatcher.
    pub dispatcher: Dispatcher,
    /// What the supervisor of rooms has yet to hear.
    pub rooms_events: VecDeque<Event>,
    /// When rooms fell.
    pub falls: Falls,
    /// The thread that writes.
    pub store: Store,
    /// Pages that are read aside.
    pub reads: Vec<Read>,
    /// The dispatcher's tick.
    pub turn: Arc<Latest<()>>,
}

impl Engine {
    /// A process that has just started.
    pub fn new() -> Engine {
        Engine::default()
    }
}
