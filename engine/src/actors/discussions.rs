//! The list of discussions, kept as records beside their logs; and whose members are soon told how many they are.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskwire_protocol::TicketId;
use deskwire_protocol::kinds::DiscussionLine;
use deskwire_protocol::limits::{DISCUSSION_LINES_MAX, DISCUSSIONS_MAX};

use super::desk::Desk;
use super::room;
use crate::domain::event::{Event, Founded};
use crate::store::{ReadFault, RecordKind, RecordPut};

/// Every discussion, as the list shows it.
#[derive(Debug, Default)]
pub struct Discussions {
    lines: Mutex<BTreeMap<TicketId, DiscussionLine>>,
    /// At most one entry for each live room.
    crowds: Mutex<HashSet<TicketId>>,
}

impl Discussions {
    /// Lists one that is on disk.
    pub(super) fn list(&self, line: DiscussionLine) {
        locked(&self.lines).insert(line.ticket, line);
    }

    /// Whether there may be no more.
    pub fn is_full(&self) -> bool {
        locked(&self.lines).len() >= DISCUSSIONS_MAX
    }

    /// Some of them after this one, in the order of their ids, and whether there are more.
    pub fn after(&self, ticket: TicketId) -> (Vec<DiscussionLine>, bool) {
        let lines = locked(&self.lines);
        let mut rest = lines.range((Excluded(ticket), Unbounded)).map(|(_, line)| line);
        let page = rest.by_ref().take(DISCUSSION_LINES_MAX).cloned().collect();
        (page, rest.next().is_some())
    }

    /// The members of this one are told with the next turn of the wheel how many are here.
    pub(super) fn crowd_soon(&self, ticket: TicketId) {
        locked(&self.crowds).insert(ticket);
    }
}

/// Once a second: has the rooms tell it.
pub(super) fn tell_crowds(desk: &Arc<Desk>) {
    let crowds = std::mem::take(&mut *locked(&desk.discussions.crowds));
    for ticket in crowds {
        desk.tell_room(ticket, room::Msg::TellCrowd);
    }
}

/// Reads the list, at the start.
pub async fn load(desk: &Desk) -> Result<(), ReadFault> {
    for record in desk.store.records(RecordKind::Discussion, &[]).await? {
        match serde_json::from_slice(&record.bytes) {
            Ok(line) => desk.discussions.list(line),
            Err(fault) => tracing::error!(%fault, "a discussion is not listed: its record makes no sense"),
        }
    }
    Ok(())
}

/// What the list shows of one.
pub(super) fn line(ticket: TicketId, founded: &Founded) -> DiscussionLine {
    DiscussionLine {
        ticket,
        title: founded.title.clone(),
        topic: founded.topic.clone(),
        founder: founded.name.clone(),
        at: founded.at,
    }
}

/// The records that change with these events.
pub(super) fn records(ticket: TicketId, events: &[Arc<Event>]) -> impl Iterator<Item = RecordPut> {
    events.iter().filter_map(move |event| {
        let Event::Founded(founded) = &**event else { return None };
        let bytes = serde_json::to_vec(&line(ticket, founded)).expect("a line has no maps");
        Some(RecordPut::put(RecordKind::Discussion, ticket.0.to_be_bytes(), 1, bytes))
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C03: pages of the list are gapless, and there is an end to it.
    #[test]
    fn the_list_is_read_page_by_page_and_has_its_bound() {
        let discussions = Discussions::default();
        for ticket in 1..=DISCUSSIONS_MAX as u64 {
            assert!(!discussions.is_full());
            let (title, topic, founder) = ("Printers".into(), String::new(), "Sam".into());
            let at = deskwire_protocol::Time::default();
            discussions.list(DiscussionLine { ticket: TicketId(ticket * 7), title, topic, founder, at });
        }
        assert!(discussions.is_full());
        let (mut seen, mut after) = (Vec::new(), TicketId(0));
        loop {
            let (page, more) = discussions.after(after);
            assert!(page.len() <= DISCUSSION_LINES_MAX);
            seen.extend(page.iter().map(|line| line.ticket.0));
            let Some(last) = page.last().filter(|_| more) else { break };
            after = last.ticket;
        }
        assert!(seen.into_iter().eq((1..=DISCUSSIONS_MAX as u64).map(|ticket| ticket * 7)));
    }
}
