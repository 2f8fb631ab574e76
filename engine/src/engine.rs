//! The running engine: everything is opened, wired up, and let go of in order.

use crate::config::Settings;
use crate::store::StoreSettings;

const MIB: u64 = 1 << 20;

/// For whom the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A desk with what is in its store.
    Serve,
    /// A desk with demonstration staff and categories, put in at the first start.
    Demo,
}

/// Why the engine ended, for people and for whoever started it.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub struct Ended {
    /// What happened and what to do.
    pub words: String,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// Runs until it is told to stop (SIGTERM, SIGINT) and everything accepted is kept.
pub async fn run(settings: Settings, mode: Mode) -> Result<(), Ended> {
    let _ = (settings, mode);
    Err(Ended { words: "the engine is not wired up yet".to_owned(), exit_code: 1 })
}

/// The store's settings out of the engine's.
pub fn store_settings(settings: &Settings) -> StoreSettings {
    let limits = &settings.store;
    StoreSettings {
        disk_low_bytes: u64::from(limits.disk_low_mib) * MIB,
        disk_lowest_bytes: u64::from(limits.disk_lowest_mib) * MIB,
        ballast_bytes: u64::from(limits.ballast_mib) * MIB,
        stalled_ms: u64::from(limits.slow_seconds) * 1_000,
        stalled_fatal_ms: u64::from(limits.fatal_seconds) * 1_000,
        ..StoreSettings::default()
    }
}
