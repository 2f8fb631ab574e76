//! Agents' statuses on disk: written one batch after the other, and told and answered once they are there. A restart is
//! not an absence (B27): who was away is away, and calls it what he called it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::kinds::{StaffFrame, YourLabel};
use deskwire_protocol::{PersonId, Refusal, Status};
use tokio::sync::Notify;

use super::ask::Ask;
use super::desk::Desk;
use crate::domain::disk::Disk;
use crate::domain::matcher::AgentState;
use crate::store::{ReadFault, RecordKind, RecordPut};

/// What waits to be written: of each agent the newest status, and all who wait for it. Questions are bounded by the
/// permits of those who ask, agents by their accounts.
#[derive(Default)]
pub struct Statuses {
    /// Taken before any other of these.
    waiting: Mutex<BTreeMap<PersonId, Waiting>>,
    /// The last word of everybody who ever gave one.
    known: Mutex<HashMap<PersonId, Said>>,
    /// How those stand whose last word is not on disk: it is told when that is.
    untold: Mutex<HashMap<PersonId, Option<AgentState>>>,
    news: Notify,
}

/// What an agent says of taking tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether he does.
    pub status: Status,
    /// A reason, or a name of his own for it.
    pub label: String,
}

struct Waiting {
    said: Said,
    relabel: Relabel,
    asks: Vec<Ask>,
}

/// Whether there is another word than before for his status.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relabel {
    /// To be told.
    Told,
    /// There is none.
    None,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Statuses {
    /// What an agent last said of taking tickets; it outlives the dispatcher and the process.
    pub fn of(&self, agent: PersonId) -> Option<Status> {
        lock(&self.known).get(&agent).map(|said| said.status)
    }

    /// What he calls that; empty for nothing.
    pub fn label_of(&self, agent: PersonId) -> String {
        lock(&self.known).get(&agent).map_or_else(String::new, |said| said.label.clone())
    }

    /// An agent's status is another.
    pub(super) fn put(&self, agent: PersonId, said: Said, ask: Option<Ask>) {
        let mut waiting = lock(&self.waiting);
        let before = lock(&self.known).insert(agent, said.clone()).map_or_else(String::new, |before| before.label);
        lock(&self.untold).entry(agent).or_default();
        let first = || Waiting { said: said.clone(), relabel: Relabel::None, asks: Vec::new() };
        let entry = waiting.entry(agent).or_insert_with(first);
        if before != said.label {
            entry.relabel = Relabel::Told;
        }
        entry.said = said;
        entry.asks.extend(ask);
        drop(waiting);
        self.news.notify_one();
    }

    /// Keeps how an agent stands to itself, where it rests on a word of his that is not on disk: it is told later.
    pub(super) fn keep_to_itself(&self, agent: PersonId, state: AgentState) -> bool {
        let _in_turn = lock(&self.waiting);
        lock(&self.untold).get_mut(&agent).map(|untold| *untold = Some(state)).is_some()
    }

    fn take(&self) -> BTreeMap<PersonId, Waiting> {
        std::mem::take(&mut *lock(&self.waiting))
    }
}

/// Reads what is known, and then writes what is new for as long as the process lives.
pub async fn keep(desk: &Arc<Desk>) -> Result<(), ReadFault> {
    for record in desk.store.records(RecordKind::AgentStatus, &[]).await? {
        let person = record.id.first_chunk().map(|id| PersonId(u64::from_be_bytes(*id)));
        let said = record.bytes.split_first().and_then(|(status, label)| {
            let label = String::from_utf8_lossy(label).into_owned();
            Some(Said { status: *Status::ALL.get(usize::from(*status))?, label })
        });
        if let (Some(person), Some(said)) = (person, said) {
            lock(&desk.statuses.known).insert(person, said);
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
    let written = desk.statuses.take();
    if desk.disk() == Disk::Lowest {
        tell(desk, &written);
        let asks = written.into_values().flat_map(|waiting| waiting.asks);
        return asks.for_each(|ask| ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim()));
    }
    let version = desk.clock.now().ms();
    let put = |(agent, Waiting { said, .. }): (&PersonId, &Waiting)| {
        let bytes = [&[said.status as u8], said.label.as_bytes()].concat();
        RecordPut::put(RecordKind::AgentStatus, agent.0.to_be_bytes(), version, bytes)
    };
    // A question that is dropped unanswered says "again".
    if desk.store.commit(written.iter().map(put).collect()).await.is_ok() {
        tell(desk, &written);
        written.into_values().flat_map(|waiting| waiting.asks).for_each(Ask::done);
    }
}

/// Tells agents how they stand, but for those who have said something else meanwhile. Nothing newer is told between.
fn tell(desk: &Desk, written: &BTreeMap<PersonId, Waiting>) {
    let waiting = lock(&desk.statuses.waiting);
    for (agent, one) in written.iter().filter(|(agent, _)| !waiting.contains_key(agent)) {
        let state = lock(&desk.statuses.untold).remove(agent).flatten();
        state.iter().for_each(|state| desk.tell_state(*agent, *state));
        if one.relabel == Relabel::Told && (state.is_none() || one.said.label.is_empty()) {
            let Said { status, label } = one.said.clone();
            desk.staff(&[*agent], &StaffFrame::YourLabel(YourLabel { status, label }));
        }
    }
}
