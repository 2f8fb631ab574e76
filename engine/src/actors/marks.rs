//! Read marks on disk: all that moved since the last write in one commit, a few times a second at most, so that reading
//! along costs the disk next to nothing. A mark is answered and told once it is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskwire_protocol::{PersonId, Refusal, TicketId};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::ask::Ask;
use super::desk::Desk;
use super::room;
use crate::domain::disk::Disk;
use crate::store::{ReadFault, Record, RecordKind, RecordPut, StoreHandle};

/// The least time between two writes of marks, in milliseconds.
const WRITE_EVERY_MS: u64 = 200;

/// What waits to be written: of each reader of each ticket the highest mark, and all who wait for it, bounded by the
/// permits of those who ask.
#[derive(Default)]
pub struct Marks {
    waiting: Mutex<BTreeMap<(TicketId, PersonId), Waiting>>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    place: u32,
    asks: Vec<Ask>,
}

impl Marks {
    /// Somebody has read a ticket up to here.
    pub(super) fn put(&self, ticket: TicketId, person: PersonId, place: u32, ask: Ask) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = waiting.entry((ticket, person)).or_default();
        entry.place = entry.place.max(place);
        entry.asks.push(ask);
        drop(waiting);
        self.news.notify_one();
    }

    fn take(&self) -> BTreeMap<(TicketId, PersonId), Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes what is new for as long as the process lives.
pub fn keep(desk: &Arc<Desk>) {
    let desk = desk.clone();
    tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(WRITE_EVERY_MS));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            desk.marks.news.notified().await;
            pace.tick().await;
            write(&desk).await;
        }
    });
}

async fn write(desk: &Arc<Desk>) {
    let waiting = desk.marks.take();
    if desk.disk() == Disk::Lowest {
        let asks = waiting.into_values().flat_map(|waiting| waiting.asks);
        return asks.for_each(|ask| ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim()));
    }
    let records = waiting.iter().map(|((ticket, person), waiting)| put(*ticket, *person, waiting.place)).collect();
    // A question that is dropped unanswered says "again".
    if desk.store.commit(records).await.is_err() {
        return;
    }
    for ((ticket, person), waiting) in waiting {
        desk.tell_room(ticket, room::Msg::MarkKept { person, place: waiting.place });
        waiting.asks.into_iter().for_each(Ask::done);
    }
}

/// The key of a mark: ticket, then person, so that a prefix finds all of a ticket.
fn put(ticket: TicketId, person: PersonId, place: u32) -> RecordPut {
    let id = [ticket.0.to_be_bytes(), person.0.to_be_bytes()].concat();
    RecordPut::put(RecordKind::ReadMark, id, u64::from(place), [])
}

/// The marks of a ticket.
pub(super) async fn of(store: &StoreHandle, ticket: TicketId) -> Result<Vec<(PersonId, u32)>, ReadFault> {
    let records = store.records(RecordKind::ReadMark, &ticket.0.to_be_bytes()).await?;
    Ok(records.iter().filter_map(mark).collect())
}

fn mark(record: &Record) -> Option<(PersonId, u32)> {
    let person = PersonId(u64::from_be_bytes(*record.id.last_chunk()?));
    Some((person, u32::try_from(record.version).ok()?))
}
