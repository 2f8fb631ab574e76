//! The running engine: everything is opened, wired up, and let go of in order.

use crate::config::Settings;

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
    Err(Ended {
        words: "the engine is not wired up yet".to_owned(),
        exit_code: 1,
    })
}
