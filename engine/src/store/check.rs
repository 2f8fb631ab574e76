//! The whole store read once and proved: checksums, gapless logs, commits that point at events, an index that agrees.

use std::collections::{HashMap, HashSet};

use deskwire_protocol::TicketId;

use super::append::StageChange;
use super::fault::{Damaged, ReadFault};
use super::layout::{self, Part, Range};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::outline::Outline;

/// Most findings that are put in words; the rest is only counted.
pub const FINDINGS_MAX: usize = 100;

/// What the store holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tickets with at least one event.
    pub tickets: u64,
    /// Events.
    pub events: u64,
    /// Records.
    pub records: u64,
    /// Commits that are kept.
    pub commits: u64,
    /// Entries of the stage index.
    pub stages: u64,
    /// How much is wrong.
    pub faults: u64,
    /// How much of that is wrong in the stage index alone, which [`StoreHandle::rebuild`](super::StoreHandle::rebuild)
    /// puts right.
    pub stage_faults: u64,
    /// What is wrong, in words, the first [`FINDINGS_MAX`].
    pub findings: Vec<String>,
}

impl Report {
    fn find(&mut self, words: String) {
        self.faults += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(words);
        }
    }
}

/// What a pass over the whole store found, and what would put the stage index right.
pub(super) struct Checked {
    pub(super) report: Report,
    /// Entries of the stage index that are as they should be.
    pub(super) stages_right: u64,
    /// What is to be written so that all of it is.
    pub(super) stage_changes: Vec<(TicketId, StageChange)>,
    /// Tickets whose logs make no sense; nobody can say what the index should hold of them.
    pub(super) senseless: u64,
}

/// One pass in the order of the keys: events come first, so that what speaks of them can be held against them. Keeps a
/// head for each ticket and the facts of the open ones.
pub(super) fn check(db: &sled::Db) -> Result<Checked, ReadFault> {
    let mut pass = Pass::default();
    for pair in db.iter() {
        let (key, value) = pair?;
        if let Err(damaged) = pass.take(&key, &value) {
            pass.report.find(damaged.to_string());
        }
    }
    Ok(pass.finish())
}

#[derive(Default)]
struct Pass {
    report: Report,
    heads: HashMap<TicketId, u32>,
    /// The ticket whose events are being read.
    reading: Option<Reading>,
    /// What the stage index should hold, by the logs; each entry that is found is taken out.
    open: HashMap<TicketId, Facts>,
    /// Tickets whose logs make no sense.
    senseless: HashSet<TicketId>,
    stages_right: u64,
    stage_changes: Vec<(TicketId, StageChange)>,
    last_commit: Option<u64>,
}

struct Reading {
    ticket: TicketId,
    head: u32,
    /// Whether the last value was damaged: nobody knows then where the next should begin.
    is_lost: bool,
    /// None once its log made no sense.
    outline: Option<Outline>,
}

impl Pass {
    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), Damaged> {
        let part = layout::part(key);
        if part != Some(Part::Event) {
            self.end_ticket();
        }
        match part {
            Some(Part::Event) => self.events(key, value),
            Some(Part::Record) => {
                self.report.records += 1;
                layout::unseal_record(key, value).map(drop)
            }
            Some(Part::Commit) => self.commit(layout::read_numbered(key)?, &layout::unseal_commit(key, value)?),
            Some(Part::Cursor | Part::Starts) => layout::unseal_number(key, value).map(drop),
            Some(Part::Stage) => self.stage(key, value),
            None => Err(Damaged::at(key)),
        }
    }

    fn events(&mut self, key: &[u8], value: &[u8]) -> Result<(), Damaged> {
        let (ticket, first) = layout::read_event_key(key)?;
        if self.reading.as_ref().is_none_or(|reading| reading.ticket != ticket) {
            self.end_ticket();
            self.reading = Some(Reading { ticket, head: 0, is_lost: false, outline: None });
        }
        let reading = self.reading.as_mut().expect("set just above");
        if first != reading.head + 1 && !reading.is_lost {
            self.report.find(format!("ticket {ticket}: event {first} follows event {}", reading.head));
        }
        reading.head = first;
        reading.is_lost = true;
        let outline = reading.outline.take();
        let events = layout::unseal_events(key, value)?;
        reading.outline = outline;
        for (seq, event) in (first..).zip(events) {
            self.report.events += 1;
            reading.head = seq;
            match (&mut reading.outline, Event::decode(event)) {
                (_, Err(_)) => {
                    reading.outline = None;
                    return Err(Damaged::at(key));
                }
                (Some(outline), Ok(event)) => outline.apply(&event),
                (none, Ok(event)) if seq == 1 => *none = Outline::begin(ticket, &event),
                (None, Ok(_)) => {}
            }
        }
        reading.is_lost = false;
        Ok(())
    }

    fn end_ticket(&mut self) {
        let Some(reading) = self.reading.take() else { return };
        self.report.tickets += 1;
        self.heads.insert(reading.ticket, reading.head);
        match reading.outline {
            Some(outline) if outline.facts().is_done_with() => {}
            Some(outline) => drop(self.open.insert(reading.ticket, outline.facts().clone())),
            None => {
                self.senseless.insert(reading.ticket);
                self.report.find(format!("ticket {}: its log makes no sense", reading.ticket));
            }
        }
    }

    fn commit(&mut self, number: u64, ranges: &[Range]) -> Result<(), Damaged> {
        self.report.commits += 1;
        if self.last_commit.is_some_and(|last| number != last + 1) {
            self.report.find(format!("commit {} is missing", number - 1));
        }
        self.last_commit = Some(number);
        for range in ranges {
            let head = self.heads.get(&range.ticket).copied().unwrap_or(0);
            let last = range.first.saturating_add(range.count.saturating_sub(1));
            if last > head {
                self.report.find(format!("commit {number}: ticket {} ends at {head}, not {last}", range.ticket));
            }
        }
        Ok(())
    }

    /// An entry that is damaged is wrong like any other: what it should hold is in the log.
    fn stage(&mut self, key: &[u8], value: &[u8]) -> Result<(), Damaged> {
        self.report.stages += 1;
        let ticket = TicketId(layout::read_numbered(key)?);
        match (self.open.remove(&ticket), layout::unseal_stage(key, value)) {
            (Some(expected), Ok(found)) if expected == found => self.stages_right += 1,
            (Some(expected), found) => {
                let words = match found {
                    Ok(_) => format!("ticket {ticket}: the stage index disagrees with its log"),
                    Err(damaged) => damaged.to_string(),
                };
                self.stage_fault(ticket, StageChange::Put(expected), words);
            }
            // That its log makes no sense is found already.
            (None, _) if self.senseless.contains(&ticket) => {}
            (None, _) => {
                let words = format!("ticket {ticket}: in the stage index, but not open");
                self.stage_fault(ticket, StageChange::Remove, words);
            }
        }
        Ok(())
    }

    fn stage_fault(&mut self, ticket: TicketId, change: StageChange, words: String) {
        self.report.stage_faults += 1;
        self.report.find(words);
        self.stage_changes.push((ticket, change));
    }

    fn finish(mut self) -> Checked {
        self.end_ticket();
        let mut unlisted = std::mem::take(&mut self.open).into_iter().collect::<Vec<_>>();
        unlisted.sort_by_key(|(ticket, _)| *ticket);
        for (ticket, facts) in unlisted {
            let words = format!("ticket {ticket}: open, but not in the stage index");
            self.stage_fault(ticket, StageChange::Put(facts), words);
        }
        Checked {
            report: self.report,
            stages_right: self.stages_right,
            stage_changes: self.stage_changes,
            senseless: self.senseless.len() as u64,
        }
    }
}
