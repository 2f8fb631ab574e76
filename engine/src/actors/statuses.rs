//! Agents' statuses on disk: written one batch after the other, and answered once they are there. A restart is not an
//! absence (B27): who was away is away.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use deskwire_protocol::{PersonId, Refusal, Status};
use tokio::sync::Notify;

use super::ask::Ask;
use super::desk::Desk;
use crate::domain::disk::Disk;
use crate::store::{ReadFault, RecordKind, RecordPut};

/// What waits to be written: of each agent the newest status, and all who wait for it. Questions are bounded by the
/// permits of those who ask, agents by their accounts.
#[derive(Default)]
pub struct Statuses {
    waiting: Mutex<BTreeMap<PersonId, Waiting>>,
    /// The last word of everybody who ever gave one.
    known: Mutex<HashMap<PersonId, Status>>,
    news: Notify,
}

struct Waiting {
    status: Status,
    asks: Vec<Ask>,
}

impl Statuses {
    /// What an agent last said of taking tickets; it outlives the dispatcher and the process.
    pub fn of(&self, agent: PersonId) -> Option<Status> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&agent).copied()
    }

    fn know(&self, agent: PersonId, status: Status) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(agent, status);
    }

    /// An agent's status is another.
    pub(super) fn put(&self, agent: PersonId, status: Status, ask: Option<Ask>) {
        self.know(agent, status);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = waiting.entry(agent).or_insert(Waiting { status, asks: Vec::new() });
        entry.status = status;
        entry.asks.extend(ask);
        drop(waiting);
        self.news.notify_one();
    }

    fn take(&self) -> BTreeMap<PersonId, Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads what is known, and then writes what is new for as long as the process lives.
pub async fn keep(desk: &Arc<Desk>) -> Result<(), ReadFault> {
    for record in desk.store.records(RecordKind::AgentStatus, &[]).await? {
        let person = record.id.first_chunk().map(|id| PersonId(u64::from_be_bytes(*id)));
        let status = record.bytes.first().and_then(|byte| Status::ALL.get(usize::from(*byte)));
        if let (Some(person), Some(status)) = (person, status) {
            desk.statuses.know(person, *status);
        }
    }
    let desk = desk.clone();
    tokio::spawn(async move {
        loop {
            desk.statuses.news.notified().await;
            write(&desk).await;
        }
    });
    Ok(())
}

async fn write(desk: &Desk) {
    let waiting = desk.statuses.take();
    if desk.disk() == Disk::Lowest {
        let asks = waiting.into_values().flat_map(|waiting| waiting.asks);
        return asks.for_each(|ask| ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim()));
    }
    let version = desk.clock.now().ms();
    let put = |(agent, waiting): (&PersonId, &Waiting)| {
        RecordPut::put(RecordKind::AgentStatus, agent.0.to_be_bytes(), version, [waiting.status as u8])
    };
    // A question that is dropped unanswered says "again".
    if desk.store.commit(waiting.iter().map(put).collect()).await.is_ok() {
        waiting.into_values().flat_map(|waiting| waiting.asks).for_each(Ask::done);
    }
}
