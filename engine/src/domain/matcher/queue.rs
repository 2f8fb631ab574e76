//! One category's queue: who waits, who could serve, how long serving takes.

use std::collections::BTreeSet;

use super::agent::Turn;
use super::line::Line;

/// What a ticket is assumed to take before one of its category has ended, in milliseconds.
pub const HANDLING_FIRST_MS: u64 = 5 * 60 * 1_000;

/// How a category's tickets find their agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// By an agent's hand alone; also the mode of a category that nobody has named yet.
    #[default]
    Manual,
    /// In the same step in which a ticket and a free slot are both there; an agent's hand may be quicker.
    Automatic,
}

/// What an agent brings to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Seat {
    /// His turn, if he may take one more now.
    pub turn: Option<Turn>,
    /// His slots, used or not, if he is here and available.
    pub slots: u32,
}

/// The queue of one category.
#[derive(Clone, Debug)]
pub struct Queue {
    /// How its tickets find their agents.
    pub mode: Mode,
    /// Who waits.
    pub line: Line,
    /// Those of its agents who may take one more now, in their order.
    pub free: BTreeSet<Turn>,
    /// Slots of its agents who are here and available, used or not.
    pub slots_at_work: u64,
    /// Grows with everything that may change a position or an estimate.
    pub version: u64,
    handling_ms: u64,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue {
            mode: Mode::default(),
            line: Line::default(),
            free: BTreeSet::new(),
            slots_at_work: 0,
            version: 1,
            handling_ms: HANDLING_FIRST_MS,
        }
    }
}

impl Queue {
    /// An agent brings something else than before.
    pub fn restaff(&mut self, before: Seat, after: Seat) {
        if before.turn != after.turn {
            before.turn.inspect(|turn| _ = self.free.remove(turn));
            after.turn.inspect(|turn| _ = self.free.insert(*turn));
        }
        if before.slots != after.slots {
            self.slots_at_work = self.slots_at_work + u64::from(after.slots) - u64::from(before.slots);
            self.version += 1;
        }
    }

    /// A ticket was handled in this time; the mean moves an eighth of the way to it.
    pub fn handled(&mut self, ms: u64) {
        self.handling_ms = (self.handling_ms * 7 + ms) / 8;
        self.version += 1;
    }

    /// The estimated wait of a position (from 1), in seconds: that many endings, each slot at work giving one per
    /// mean handling time. With nobody at work it is reckoned with one slot, which is a guess like any other.
    pub fn wait_s(&self, position: u64) -> u32 {
        let ms = position.saturating_mul(self.handling_ms) / self.slots_at_work.max(1);
        u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// Whether it makes a pair now by itself.
    pub fn is_ready(&self) -> bool {
        self.mode == Mode::Automatic && !self.line.is_empty() && !self.free.is_empty()
    }
}
