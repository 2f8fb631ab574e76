//! Bugs that can be switched on at run time, so that the test of a promise can be shown to fail on one.
//!
//! Compiled only with the feature `planted-bugs`; chosen with the environment variable `DESKWIRE_PLANTED_BUG`.

use std::sync::OnceLock;

/// One bug, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// The store tells that an append is durable, and writes it a little later.
    AckBeforeSync,
}

impl PlantedBug {
    /// The bug of this name in the environment variable.
    pub fn from_name(name: &str) -> Option<PlantedBug> {
        match name {
            "ack_before_sync" => Some(PlantedBug::AckBeforeSync),
            _ => None,
        }
    }

    /// Whether this bug is switched on in this process.
    pub fn is_on(self) -> bool {
        static CHOSEN: OnceLock<Option<PlantedBug>> = OnceLock::new();
        let chosen = CHOSEN.get_or_init(|| {
            let name = std::env::var("DESKWIRE_PLANTED_BUG").ok()?;
            // A misspelt bug must not make a test pass that should fail.
            Some(PlantedBug::from_name(&name).expect("DESKWIRE_PLANTED_BUG names a planted bug"))
        });
        *chosen == Some(self)
    }
}
