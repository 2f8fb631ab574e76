//! One category's queue: who waits, by what they ask for; who could serve; how long serving takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire_protocol::{PersonId, Phase};

use super::agent::{PerPhase, Turn};
use super::line::{Key, Line};
use super::skill::{SkillId, Skills};
use crate::domain::event::CategoryId;

/// What a ticket is assumed to take before one of its category has ended, in milliseconds.
pub const HANDLING_FIRST_MS: u64 = 5 * 60 * 1_000;

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

/// Tickets that ask for the same: whoever can serve one of them can serve all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassKey {
    /// Which slots they use.
    pub phase: Phase,
    /// What they ask for.
    pub skills: Arc<Skills>,
}

#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) key: ClassKey,
    pub(super) line: Line,
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
    /// Those that wait for the queue to give them, by what they ask for: the first skill, then all of it.
    classes: BTreeMap<Option<SkillId>, Vec<Class>>,
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
    handling_ms: u64,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue {
            policy: Policy::default(),
            line: Line::default(),
            classes: BTreeMap::new(),
            staff: BTreeSet::new(),
            free: PerPhase::default(),
            slots_at_work: 0,
            on_duty: 0,
            version: 1,
            handling_ms: HANDLING_FIRST_MS,
        }
    }
}

/// Who waits.
impl Queue {
    /// Adds a ticket to its class.
    pub(super) fn add(&mut self, class: &ClassKey, key: Key) {
        let classes = self.classes.entry(class.skills.first()).or_default();
        match classes.iter_mut().find(|known| known.key == *class) {
            Some(known) => _ = known.line.insert(key),
            None => {
                let mut line = Line::default();
                line.insert(key);
                classes.push(Class { key: class.clone(), line });
            }
        }
    }

    /// Takes a ticket out of its class; a class without tickets is forgotten.
    pub(super) fn take_out(&mut self, class: &ClassKey, key: Key) {
        let anchor = class.skills.first();
        let Some(classes) = self.classes.get_mut(&anchor) else { return };
        let Some(index) = classes.iter().position(|known| known.key == *class) else { return };
        classes[index].line.remove(&key);
        if classes[index].line.is_empty() {
            classes.swap_remove(index);
        }
        if classes.is_empty() {
            self.classes.remove(&anchor);
        }
    }

    /// The classes that somebody with these skills can serve.
    pub(super) fn classes_for<'a>(&'a self, skills: &'a Skills) -> impl Iterator<Item = &'a Class> {
        let anchors = std::iter::once(None).chain(skills.iter().map(|skill| Some(skill.id)));
        let classes = anchors.filter_map(|anchor| self.classes.get(&anchor)).flatten();
        classes.filter(|class| skills.meet(&class.key.skills))
    }

    /// How many tickets its classes hold.
    pub(super) fn classed(&self) -> usize {
        self.classes.values().flatten().map(|class| class.line.len()).sum()
    }

    /// Whether a ticket is in a class.
    pub(super) fn has(&self, class: &ClassKey, key: &Key) -> bool {
        let classes = self.classes.get(&class.skills.first());
        classes.is_some_and(|classes| classes.iter().any(|known| known.key == *class && known.line.contains(key)))
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

    /// A ticket was handled in this time; the mean moves an eighth of the way to it.
    pub(super) fn handled(&mut self, ms: u64) {
        self.handling_ms = (self.handling_ms * 7 + ms) / 8;
        self.version += 1;
    }

    /// How long a ticket is handled, in milliseconds: the mean of the latest.
    pub fn handling_ms(&self) -> u64 {
        self.handling_ms
    }

    /// The estimated wait of a position (from 1), in seconds: that many endings, each slot at work giving one per
    /// mean handling time. With nobody at work it is reckoned with one slot, which is a guess like any other.
    pub fn wait_s(&self, position: u64) -> u32 {
        let ms = position.saturating_mul(self.handling_ms) / self.slots_at_work.max(1);
        u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX)
    }
}
