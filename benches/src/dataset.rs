//! A store with so many messages, made once by the store itself and kept under `target/bench-data`.
//!
//! Tickets have 20 posts each; one in fifty is still open. As many as a busy desk has talk at once, so that the events
//! of a ticket lie scattered over the log, under ids that are as random as the engine's. It is written at full speed,
//! hundreds of events a commit: a log that grew slowly has more commits.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use deskwire::domain::event::Event;
use deskwire::domain::ticket::Ticket;
use deskwire::store::{Append, DATA_VERSION, Incarnation, StageChange, Store, StoreHandle, StoreSettings};
use deskwire_loadtest::random::mix;
use deskwire_protocol::TicketId;

use crate::{beside, desk};

/// Posts of a ticket.
const POSTS: u32 = 20;
/// Tickets that are talked in at once.
const AT_ONCE: u64 = 500;
/// One ticket in so many is open.
const OPEN_OF: u64 = 50;
/// Written last: what is there is whole.
const WHOLE: &str = "bench-data-is-whole";
const ROOM: Incarnation = Incarnation(1);

/// The directory of a store with so many messages; made now, if it is not there.
pub async fn ready(messages: u64) -> anyhow::Result<PathBuf> {
    let dir = beside::target_dir().join(format!("bench-data/{messages}-messages-v{DATA_VERSION}"));
    if dir.join(WHOLE).exists() {
        return Ok(dir);
    }
    if dir.exists() {
        fs::remove_dir_all(&dir).context("an unfinished data set is in the way")?;
    }
    eprintln!("making {messages} messages in {}, once", dir.display());
    make(&dir, messages).await?;
    fs::write(dir.join(WHOLE), b"")?;
    Ok(dir)
}

/// Makes a store with so many messages in a directory where none is.
pub async fn make(dir: &Path, messages: u64) -> anyhow::Result<()> {
    fs::create_dir_all(dir)?;
    let (store, thread) = Store::open(dir, StoreSettings::default())?;
    let tickets = messages / u64::from(POSTS);
    for from in (0..tickets).step_by(AT_ONCE as usize) {
        let mut talks: Vec<Talk> = (from..tickets.min(from + AT_ONCE)).map(Talk::new).collect();
        for talk in &talks {
            store.fence(talk.id, ROOM).await?;
        }
        for seq in 1..=POSTS + 3 {
            for talk in &mut talks {
                talk.go_on(&store, seq).await?;
            }
        }
        talks.iter().for_each(|talk| store.release(talk.id, ROOM));
    }
    if store.barrier().await.is_err() {
        bail!("the store ended");
    }
    thread.stop().await;
    Ok(())
}

/// One ticket on its way.
struct Talk {
    id: TicketId,
    stays_open: bool,
    ticket: Option<Ticket>,
}

impl Talk {
    fn new(number: u64) -> Talk {
        Talk { id: TicketId(mix(number + 1)), stays_open: number.is_multiple_of(OPEN_OF), ticket: None }
    }

    /// Its next event, and with it what the queue knows of it.
    async fn go_on(&mut self, store: &StoreHandle, seq: u32) -> anyhow::Result<()> {
        let event = match seq {
            1 => desk::opened(),
            2 => desk::assigned(2),
            seq if seq <= POSTS + 2 => desk::posted(seq, seq - 2),
            _ if self.stays_open => return Ok(()),
            seq => desk::closed(seq),
        };
        let stage = self.apply(&event, seq);
        let (ticket, events) = (self.id, vec![event.encode()]);
        let (records, told) = (Vec::new(), Arc::new(|_| ()));
        let append = Append { ticket, incarnation: ROOM, first: seq, events, stage, records, told };
        store.append(append).await.context("the store ended")
    }

    fn apply(&mut self, event: &Event, seq: u32) -> Option<StageChange> {
        match &mut self.ticket {
            Some(ticket) => ticket.apply(event),
            None => self.ticket = Ticket::begin(self.id, event),
        }
        let facts = self.ticket.as_ref()?.outline().facts();
        (facts.seq == seq).then(|| match facts.is_done_with() {
            true => StageChange::Remove,
            false => StageChange::Put(facts.clone()),
        })
    }
}
