//! Bugs that can be switched on at run time, so that the test of a promise can be shown to fail on one.
//!
//! Without the feature `planted-bugs`, [`is`] is a constant `false` and every hook is compiled away. With it, a bug is
//! on where the environment variable `DESKWIRE_PLANTED_BUG` names it, or where a test switched it on for its thread.

#[cfg(feature = "planted-bugs")]
use std::{cell::Cell, sync::OnceLock};

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $bug:ident = $name:literal,)+) => {
        /// One bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PlantedBug { $($(#[doc = $doc])+ $bug,)+ }

        impl PlantedBug {
            /// The bug of this name in the environment variable.
            pub fn from_name(name: &str) -> Option<PlantedBug> {
                match name {
                    $($name => Some(PlantedBug::$bug),)+
                    _ => None,
                }
            }

            /// Its name in the environment variable.
            pub fn name(self) -> &'static str {
                match self { $(PlantedBug::$bug => $name,)+ }
            }
        }
    };
}

bugs! {
    /// The store tells that an append is durable, and writes it a little later.
    AckBeforeSync = "ack_before_sync",
    /// The store tells of every append, and does not write one in so many: as if a failed write were nobody's business.
    WriterForgets = "writer_forgets",
    /// The store opens without making again what only its journal holds.
    JournalForgotten = "journal_forgotten",
    /// A room acknowledges a post when it has applied it.
    AcknowledgeApplied = "acknowledge_applied",
    /// A room acknowledges a repeat when it sees it, whether or not the first is on disk.
    AcknowledgeRepeatApplied = "acknowledge_repeat_applied",
    /// A room serves a resume from what it has applied.
    ResumeApplied = "resume_applied",
    /// A registration does not outlive the room that made it.
    RegistrationsInRoom = "registrations_in_room",
    /// The store takes what any instance of a room appends, wherever it says that it belongs.
    TwoInstancesAppend = "two_instances_append",
    /// A room reports a stage when it has applied it.
    SlotFreedEarly = "slot_freed_early",
    /// A registration begins one event after the page that it came with: as if the room had registered a step after it
    /// read, and that event had happened in between.
    RegisterAfterRead = "register_after_read",
    /// A room that starts does not know which numbers its streams have used.
    NumbersForgotten = "numbers_forgotten",
    /// A supervisor's whisper is told to the customer as if it were a message.
    WhisperLeaked = "whisper_leaked",
    /// Nobody looks for silence: no connection is pinged, or ended for it or for want of a first frame.
    SilenceForgiven = "silence_forgiven",
    /// An outbox takes more than its bound.
    OutboxUnbounded = "outbox_unbounded",
    /// A message may have any length and any number of fragments.
    MessageUnbounded = "message_unbounded",
}

/// Whether a bug is switched on.
#[cfg(not(feature = "planted-bugs"))]
pub const fn is(_: PlantedBug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static HERE: Cell<Option<PlantedBug>> = const { Cell::new(None) };
}

/// Whether a bug is switched on, in this process or on this thread.
#[cfg(feature = "planted-bugs")]
pub fn is(bug: PlantedBug) -> bool {
    static CHOSEN: OnceLock<Option<PlantedBug>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let name = std::env::var("DESKWIRE_PLANTED_BUG").ok()?;
        // A misspelt bug must not make a test pass that should fail.
        Some(PlantedBug::from_name(&name).expect("DESKWIRE_PLANTED_BUG names a planted bug"))
    });
    *chosen == Some(bug) || HERE.get() == Some(bug)
}

/// Switches one bug on for this thread alone, or all of them off.
#[cfg(feature = "planted-bugs")]
pub fn switch_here(bug: Option<PlantedBug>) {
    HERE.set(bug);
}
