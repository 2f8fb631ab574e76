//! One category's queue: who waits, by what they ask for; who could serve; how long serving takes.

use std::collections::BTreeSet;

use deskwire_protocol::{PersonId, Phase};

use super::agent::{PerPhase, Turn};
use super::classes::Classes;
use super::handling::Handling;
use super::line::Line;
use crate::domain::event::CategoryId;

/// How a category's tickets find their agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By an agent's hand alone; also the mode of a category that nobody has named yet.
    #[default]
    Manual,
    /// In the same step in which a ticket and a free slot are both there; an agent's hand may be quicker.
    Automatic,
    /// As automatic, but the agent is asked first.
    Offer,
}

/// How the Matcher treats a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Policy {
    /// How its tickets find agents.
    pub mode: Mode,
    /// A ticket waits this long for the agent who had it last, if he is at work, in milliseconds; 0 for not.
    pub sticky_ms: u64,
    /// Where a ticket may be served besides, once it has waited too long.
    pub overflow: Option<Overflow>,
}

/// Another category helps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// Which.
    pub to: CategoryId,
    /// After this long, in milliseconds.
    pub after_ms: u64,
}

/// What an agent brings to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Seat {
    /// His turns, where he may take one more now.
    pub turns: PerPhase<Option<Turn>>,
    /// His live slots, used or not, if he is here and available.
    pub slots: u32,
    /// Whether he is here and available.
    pub on_duty: bool,
}

/// The queue of one category.
#[derive(Clone, Debug)]
pub struct Queue {
    /// How it is treated.
    pub policy: Policy,
    /// All that wait and may be served here, whatever they ask for.
    pub line: Line,
    /// Those that wait for the queue to give them, by what they ask for.
    pub(super) classes: Classes,
    /// Everybody who serves it.
    pub staff: BTreeSet<PersonId>,
    /// Those of its agents who may take one more now, in their order.
    pub free: PerPhase<BTreeSet<Turn>>,
    /// Live slots of its agents who are here and available, used or not.
    pub slots_at_work: u64,
    /// Its agents who are here and available.
    pub on_duty: usize,
    /// Grows with everything that may change a position or an estimate.
    pub version: u64,
    handling: Handling,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue {
            policy: Policy::default(),
            line: Line::default(),
            classes: Classes::default(),
            staff: BTreeSet::new(),
            free: PerPhase::default(),
            slots_at_work: 0,
            on_duty: 0,
            version: 1,
            handling: Handling::default(),
        }
    }
}

/// Who serves.
impl Queue {
    /// An agent brings something else than before.
    pub(super) fn restaff(&mut self, before: Seat, after: Seat) {
        for phase in [Phase::Live, Phase::Asynchronous] {
            let (before, after) = (*before.turns.of(phase), *after.turns.of(phase));
            let free = self.free.of_mut(phase);
            if before != after {
                before.inspect(|turn| _ = free.remove(turn));
                after.inspect(|turn| _ = free.insert(*turn));
            }
        }
        self.on_duty = self.on_duty + usize::from(after.on_duty) - usize::from(before.on_duty);
        if before.slots != after.slots {
            self.slots_at_work = self.slots_at_work + u64::from(after.slots) - u64::from(before.slots);
            self.version += 1;
        }
    }

    /// A ticket was handled in this time.
    pub(super) fn handled(&mut self, ms: u64) {
        self.handling.handled(ms);
        self.version += 1;
    }

    /// A ticket was written up in this time.
    pub(super) fn wrote_up(&mut self, ms: u64) {
        self.handling.wrote_up(ms);
        self.version += 1;
    }

    /// How long its tickets are handled.
    pub fn handling(&self) -> &Handling {
        &self.handling
    }
}
