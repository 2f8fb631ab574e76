//! The stage index put right, out of the logs that it is derived from.

use std::sync::Arc;

use deskwire_protocol::TicketId;
use tokio::sync::mpsc;

use super::append::{Append, Outcome, StageChange};
use super::fault::{Closed, FenceFault, ReadFault};
use super::handle::StoreHandle;
use super::heads::Incarnation;
use super::writer::BATCH_APPENDS_MAX;

/// Nothing else is at work on the store, so any instance is the newest.
const ONLY: Incarnation = Incarnation(1);

/// What a rebuild of the stage index found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries that were as they should be.
    pub right: u64,
    /// Entries that were missing, wrong or damaged, and were written.
    pub written: u64,
    /// Entries of tickets that are not open, removed.
    pub removed: u64,
    /// Tickets whose logs make no sense: what the index has of them was left as it is.
    pub left: u64,
}

/// Why a rebuild did not come to its end. What it has written until then is right; it can be begun again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RebuildFault {
    /// The store could not be read.
    #[error("{0}")]
    Read(#[from] ReadFault),
    /// A ticket could not be fenced.
    #[error("{0}")]
    Fence(#[from] FenceFault),
    /// The store is closed.
    #[error("{0}")]
    Closed(#[from] Closed),
    /// The store would not have a change, which is a bug.
    #[error("the stage of ticket {0} was refused")]
    Refused(TicketId),
}

impl StoreHandle {
    /// Folds every log, and makes the stage index say what the logs say: for `deskwire rebuild`, with nothing else at
    /// work on the store. Each change is an append without events, under the same rule and sync as any other.
    pub async fn rebuild(&self) -> Result<Rebuilt, RebuildFault> {
        let checked = self.checked().await?;
        let mut rebuilt = Rebuilt { right: checked.stages_right, left: checked.senseless, ..Rebuilt::default() };
        for changes in checked.stage_changes.chunks(BATCH_APPENDS_MAX) {
            for (_, change) in changes {
                match change {
                    StageChange::Put(_) => rebuilt.written += 1,
                    StageChange::Remove => rebuilt.removed += 1,
                }
            }
            self.change_stages(changes).await?;
        }
        Ok(rebuilt)
    }

    /// Writes these, and waits until all of them are on disk.
    async fn change_stages(&self, changes: &[(TicketId, StageChange)]) -> Result<(), RebuildFault> {
        let (told, mut tells) = mpsc::channel(changes.len());
        for (ticket, change) in changes {
            let (ticket, told) = (*ticket, told.clone());
            let first = self.fence(ticket, ONLY).await?.saturating_add(1);
            let told = Arc::new(move |outcome| {
                // There is a place for each, and who waited has gone only if the process ends.
                let _ = told.try_send((ticket, outcome));
            });
            let stage = Some(change.clone());
            let append =
                Append { ticket, incarnation: ONLY, first, events: Vec::new(), stage, records: Vec::new(), told };
            self.append(append).await?;
        }
        drop(told);
        for _ in changes {
            match tells.recv().await {
                Some((ticket, Outcome::Durable(_))) => self.release(ticket, ONLY),
                Some((ticket, Outcome::Refused)) => return Err(RebuildFault::Refused(ticket)),
                None => return Err(Closed.into()),
            }
        }
        Ok(())
    }
}
