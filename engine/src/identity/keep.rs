//! Where accounts and categories are kept: in the store, or for a test in memory alone.

use super::account::DeskRecord;
use crate::store::{CommitFault, ReadFault, RecordKind, RecordPut, StoreHandle};

/// The version of a record whose writers are one at a time: nobody compares it.
const ONLY_VERSION: u64 = 1;

/// Why they could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepFault {
    /// They could not be read.
    #[error("the accounts cannot be read: {0}")]
    Read(#[from] ReadFault),
    /// They could not be written.
    #[error("the accounts cannot be written: {0}")]
    Write(#[from] CommitFault),
}

/// Where they are kept.
pub enum Keep {
    /// In the store.
    Store(StoreHandle),
    /// Nowhere; for tests.
    Memory,
}

impl Keep {
    /// Every record there is: what others name comes first.
    pub(super) async fn read(&self) -> Result<Vec<Vec<u8>>, KeepFault> {
        let Keep::Store(store) = self else {
            return Ok(Vec::new());
        };
        let mut records = store.records(RecordKind::Category, &[]).await?;
        for kind in [
            RecordKind::Team,
            RecordKind::Account,
            RecordKind::AgentProfile,
            RecordKind::CategoryRules,
            RecordKind::Supervision,
        ] {
            records.extend(store.records(kind, &[]).await?);
        }
        Ok(records.into_iter().map(|record| record.bytes).collect())
    }

    /// Writes records together; done once they are on disk.
    pub(super) async fn write(&self, records: &[DeskRecord]) -> Result<(), KeepFault> {
        if let Keep::Store(store) = self {
            store.commit(records.iter().map(put).collect()).await?;
        }
        Ok(())
    }
}

fn put(record: &DeskRecord) -> RecordPut {
    let (kind, id) = match record {
        DeskRecord::Account(account) => (RecordKind::Account, account.person.0.to_be_bytes().to_vec()),
        DeskRecord::Category(category) => (RecordKind::Category, category.id.0.to_be_bytes().to_vec()),
        DeskRecord::AgentProfile(profile) => (RecordKind::AgentProfile, profile.person.0.to_be_bytes().to_vec()),
        DeskRecord::CategoryRules(rules) => (RecordKind::CategoryRules, rules.id.0.to_be_bytes().to_vec()),
        DeskRecord::Supervision(one) => (RecordKind::Supervision, one.person.0.to_be_bytes().to_vec()),
        DeskRecord::Team(team) => (RecordKind::Team, team.id.to_be_bytes().to_vec()),
    };
    RecordPut::put(kind, id, ONLY_VERSION, record.encode())
}
