//! Which commits may go: those that every reader has done with, and those of a reader that is too far behind.

use std::collections::HashMap;

use super::fault::ReadFault;
use super::journal::Entry;
use super::layout;

/// Most commits removed together with a new one: more than one, so that it catches up, and few, so that it stays cheap.
const REMOVED_PER_COMMIT: u64 = 4;

/// The cursors, and the lowest commit that is kept.
#[derive(Debug)]
pub(super) struct Trim {
    cursors: HashMap<String, u64>,
    floor: u64,
    kept_max: u64,
}

impl Trim {
    pub(super) fn read(db: &sled::Db, last: u64, kept_max: u64) -> Result<Trim, ReadFault> {
        let mut cursors = HashMap::new();
        for pair in db.scan_prefix(layout::CURSORS) {
            let (key, value) = pair?;
            let name = String::from_utf8_lossy(&key[1..]).into_owned();
            cursors.insert(name, layout::unseal_number(&key, &value)?);
        }
        let floor = floor(db)?.unwrap_or(last + 1);
        Ok(Trim { cursors, floor, kept_max })
    }

    /// The lowest commit that is kept.
    pub(super) fn floor(&self) -> u64 {
        self.floor
    }

    pub(super) fn move_cursor(&mut self, name: String, at: u64) {
        self.cursors.insert(name, at);
    }

    /// Removes a few old commits, in the entry that writes commit `number`. The commit before it always stays: a commit
    /// must be found in sled that says how far it reaches.
    pub(super) fn step(&mut self, number: u64, entry: &mut Entry) {
        let done_with = self.cursors.values().min().copied().unwrap_or(number);
        let too_old = number.saturating_sub(self.kept_max);
        let end = done_with.max(too_old).min(number - 1);
        for _ in 0..REMOVED_PER_COMMIT {
            if self.floor >= end {
                break;
            }
            entry.remove(&layout::commit_key(self.floor));
            self.floor += 1;
        }
    }
}

fn floor(db: &sled::Db) -> Result<Option<u64>, ReadFault> {
    match db.scan_prefix(layout::COMMITS).next().transpose()? {
        Some((key, _)) => Ok(Some(layout::read_numbered(&key)?)),
        None => Ok(None),
    }
}
