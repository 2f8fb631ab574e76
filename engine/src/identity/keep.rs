//! Where accounts and categories are kept: in the store, or for a test in memory alone.

use super::account::DeskRecord;

/// Why they could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the accounts cannot be kept: {0}")]
pub struct KeepFault(pub String);

/// Where they are kept.
pub enum Keep {
    /// Nowhere; for tests.
    Memory,
}

impl Keep {
    /// Every record there is.
    pub(super) async fn read(&self) -> Result<Vec<Vec<u8>>, KeepFault> {
        match self {
            Keep::Memory => Ok(Vec::new()),
        }
    }

    /// Writes records together; done once they are on disk.
    pub(super) async fn write(&self, _records: &[DeskRecord]) -> Result<(), KeepFault> {
        match self {
            Keep::Memory => Ok(()),
        }
    }
}
