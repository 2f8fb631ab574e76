//! The count of what was promised and what was broken.

use serde::{Deserialize, Serialize};

macro_rules! promises {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:literal,)+) => {
        /// What the engine promises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Promise { $($(#[doc = $doc])+ $name,)+ }

        impl Promise {
            /// Every promise, in the order of the report.
            pub const ALL: &'static [Promise] = &[$(Promise::$name),+];

            /// The word for its being broken.
            pub fn broken(self) -> &'static str {
                match self { $(Promise::$name => $words,)+ }
            }
        }
    };
}

promises! {
    /// What was acknowledged is in the log.
    NotLost = "lost",
    /// Nothing is in the log, or told on one connection, twice.
    NotDoubled = "doubled",
    /// The posts of one sender stand in the order he sent them, at the places acknowledged.
    NotReordered = "reordered",
    /// Places run 1, 2, 3 … in the log and in every view.
    Gapless = "gaps",
    /// A text stands there as it was sent.
    Unaltered = "altered",
    /// Every watcher saw what the log holds.
    SameForAll = "differing views",
    /// Who was there to the end has seen everything.
    Delivered = "missed",
    /// A post has one answer, however often it is sent.
    OneAnswer = "contradicted",
    /// A stream that was acknowledged is known.
    StreamsKept = "forgotten streams",
    /// What was refused for good is not in the log.
    RefusedMeansNo = "refused yet kept",
    /// Nobody hears of what is not his.
    Private = "leaked",
    /// The history of every ticket can be read.
    Readable = "unread",
}

/// How often each promise was broken, and out of how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Posts made.
    pub posted: u64,
    /// Posts acknowledged.
    pub acknowledged: u64,
    /// Posts refused for good.
    pub refused: u64,
    /// Posts without an answer that are in the log.
    pub unknown_kept: u64,
    /// Posts without an answer that are not.
    pub unknown_dropped: u64,
    /// Posts of other sides that a watcher, gone before the end, did not see.
    pub undelivered: u64,
    /// Logs read from the first event to the last.
    pub logs: u64,
    /// Events in them.
    pub events: u64,
    #[serde(skip)]
    pub(super) broken: [u64; Promise::ALL.len()],
}

impl Tally {
    /// A promise was broken once more.
    pub fn count(&mut self, promise: Promise) {
        self.broken[promise as usize] += 1;
    }

    /// How often a promise was broken.
    pub fn of(&self, promise: Promise) -> u64 {
        self.broken[promise as usize]
    }

    /// Whether any was.
    pub fn is_broken(&self) -> bool {
        self.broken.iter().any(|count| *count > 0)
    }

    /// Adds another count.
    pub fn add(&mut self, other: &Tally) {
        self.posted += other.posted;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown_kept += other.unknown_kept;
        self.unknown_dropped += other.unknown_dropped;
        self.undelivered += other.undelivered;
        self.logs += other.logs;
        self.events += other.events;
        self.broken.iter_mut().zip(other.broken).for_each(|(sum, more)| *sum += more);
    }

    /// Only the broken ones: `lost 2  gaps 1`.
    pub fn broken_words(&self) -> String {
        let broken = Promise::ALL.iter().filter(|promise| self.of(**promise) > 0);
        broken.map(|promise| format!("{} {}", promise.broken(), self.of(*promise))).collect::<Vec<_>>().join("  ")
    }

    /// `lost 0 doubled 0 reordered 0 …`
    pub fn words(&self) -> String {
        let one = |promise: &Promise| format!("{} {}", promise.broken(), self.of(*promise));
        Promise::ALL.iter().map(one).collect::<Vec<_>>().join("  ")
    }
}
