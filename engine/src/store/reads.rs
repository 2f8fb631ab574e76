//! What can be asked of the log. Straight lookups in sled, which holds nothing that is not durable.

use deskwire_protocol::TicketId;

use super::append::{Record, RecordKind};
use super::fault::{Damaged, ReadFault};
use super::layout::{self, Range};
use crate::domain::facts::Facts;

/// How large a page may be; it always holds at least one event if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// Most events.
    pub events: usize,
    /// Most bytes of encoded events.
    pub bytes: usize,
}

impl PageLimits {
    /// What a room reads at once when it starts.
    pub const REPLAY: PageLimits = PageLimits { events: 2_048, bytes: 1 << 20 };
}

/// An event with its sequence, encoded: kind byte and archive.
pub type Logged = (u32, Vec<u8>);

/// One commit: which events it added, in no order that means anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number.
    pub number: u64,
    /// What it added.
    pub ranges: Vec<Range>,
}

/// The sequence of a ticket's last event, 0 where there is none.
pub(super) fn head(db: &sled::Db, ticket: TicketId) -> Result<u32, ReadFault> {
    let all = layout::event_key(ticket, 0)..=layout::event_key(ticket, u32::MAX);
    match db.range(all).next_back().transpose()? {
        Some((key, _)) => Ok(layout::read_event_key(&key)?.1),
        None => Ok(0),
    }
}

/// Events `from..=to`, oldest first, as many as a page holds.
pub(super) fn forward(
    db: &sled::Db,
    ticket: TicketId,
    from: u32,
    to: u32,
    limits: PageLimits,
) -> Result<Vec<Logged>, ReadFault> {
    if from > to {
        return Ok(Vec::new());
    }
    let pairs = db.range(layout::event_key(ticket, from)..=layout::event_key(ticket, to));
    let page = page(pairs, limits)?;
    whole(ticket, &page, Some(from))?;
    Ok(page)
}

/// The events before a sequence, as many as a page holds, oldest first.
pub(super) fn back(db: &sled::Db, ticket: TicketId, before: u32, limits: PageLimits) -> Result<Vec<Logged>, ReadFault> {
    let pairs = db.range(layout::event_key(ticket, 0)..layout::event_key(ticket, before));
    let mut page = page(pairs.rev(), limits)?;
    page.reverse();
    whole(ticket, &page, None)?;
    Ok(page)
}

fn page(
    pairs: impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>,
    limits: PageLimits,
) -> Result<Vec<Logged>, ReadFault> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for pair in pairs.take(limits.events.max(1)) {
        let (key, value) = pair?;
        let (_, seq) = layout::read_event_key(&key)?;
        let event = layout::unseal(&key, &value)?;
        bytes += event.len();
        if bytes > limits.bytes && !page.is_empty() {
            break;
        }
        page.push((seq, event.to_vec()));
    }
    Ok(page)
}

/// A page without a hole, from the event that was asked for: a log that has one is damaged.
fn whole(ticket: TicketId, page: &[Logged], from: Option<u32>) -> Result<(), ReadFault> {
    let Some((first, _)) = page.first() else {
        return Ok(());
    };
    let mut expected = from.unwrap_or(*first);
    for (seq, _) in page {
        if *seq != expected {
            return Err(Damaged::at(&layout::event_key(ticket, expected)).into());
        }
        expected = expected.saturating_add(1);
    }
    Ok(())
}

/// The facts of every open ticket.
pub(super) fn stages(db: &sled::Db) -> Result<Vec<Facts>, ReadFault> {
    let mut stages = Vec::new();
    for pair in db.scan_prefix(layout::STAGES) {
        let (key, value) = pair?;
        stages.push(layout::unseal_stage(&key, &value)?);
    }
    Ok(stages)
}

/// Every record of a kind whose id begins like this, by id.
pub(super) fn records(db: &sled::Db, kind: RecordKind, id_prefix: &[u8]) -> Result<Vec<Record>, ReadFault> {
    let mut records = Vec::new();
    for pair in db.scan_prefix(layout::record_prefix(kind, id_prefix)) {
        let (key, value) = pair?;
        records.push(layout::unseal_record(&key, &value)?);
    }
    Ok(records)
}

/// One record.
pub(super) fn record(db: &sled::Db, kind: RecordKind, id: &[u8]) -> Result<Option<Record>, ReadFault> {
    let key = layout::record_prefix(kind, id);
    match db.get(&key)? {
        Some(value) => Ok(Some(layout::unseal_record(&key, &value)?)),
        None => Ok(None),
    }
}

/// The commits after a number, oldest first.
pub(super) fn commits(db: &sled::Db, after: u64, max: usize) -> Result<Vec<Commit>, ReadFault> {
    let next = after.saturating_add(1);
    if let Some(floor) = super::trim::floor(db)?.filter(|floor| *floor > next) {
        return Err(ReadFault::Trimmed { floor });
    }
    let mut commits = Vec::new();
    let all = layout::commit_key(next)..=layout::commit_key(u64::MAX);
    for pair in db.range(all).take(max) {
        let (key, value) = pair?;
        commits.push(Commit { number: layout::read_numbered(&key)?, ranges: layout::unseal_commit(&key, &value)? });
    }
    Ok(commits)
}
