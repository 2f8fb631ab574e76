//! A category's waiting tickets by what they ask for: whoever can serve one of a class can serve all of it.
//!
//! Classes are found by the first skill that they ask for, the one whose first ticket comes first before the others:
//! whoever looks for the best that he can serve stops at the first class that he can, or at one that comes after what
//! he has found elsewhere. A class that nobody can serve is passed in one comparison of skills.

use std::collections::{BTreeMap, HashMap};

use deskwire_protocol::Phase;

use super::line::{Key, Line};
use super::skill::{SkillId, Skills};

/// Tickets that ask for the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassKey {
    /// Which slots they use.
    pub phase: Phase,
    /// What they ask for.
    pub skills: Skills,
}

/// Where a class is looked for: its phase and its first skill.
type Anchor = (Phase, Option<SkillId>);

/// All classes of one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    lines: HashMap<ClassKey, Line>,
    /// The first ticket of each class.
    fronts: HashMap<Anchor, BTreeMap<Key, ClassKey>>,
}

impl ClassKey {
    fn anchor(&self) -> Anchor {
        (self.phase, self.skills.first())
    }
}

impl Classes {
    /// Adds a ticket to its class.
    pub(super) fn add(&mut self, class: &ClassKey, key: Key) {
        let line = match self.lines.get_mut(class) {
            Some(line) => line,
            None => self.lines.entry(class.clone()).or_default(),
        };
        let before = line.first();
        line.insert(key);
        if before.is_none_or(|before| key < before) {
            let fronts = self.fronts.entry(class.anchor()).or_default();
            let class = before.and_then(|before| fronts.remove(&before)).unwrap_or_else(|| class.clone());
            fronts.insert(key, class);
        }
    }

    /// Takes a ticket out of its class; a class without tickets is forgotten.
    pub(super) fn take_out(&mut self, class: &ClassKey, key: Key) {
        let Some(line) = self.lines.get_mut(class) else { return };
        let was_first = line.first() == Some(key);
        line.remove(&key);
        let first = line.first();
        if first.is_none() {
            self.lines.remove(class);
        }
        if !was_first {
            return;
        }
        let anchor = class.anchor();
        let Some(fronts) = self.fronts.get_mut(&anchor) else { return };
        if let (Some(class), Some(first)) = (fronts.remove(&key), first) {
            fronts.insert(first, class);
        }
        if fronts.is_empty() {
            self.fronts.remove(&anchor);
        }
    }

    /// The first ticket that somebody with these skills can serve and may be given, if it comes before another.
    pub(super) fn first_for(
        &self,
        phase: Phase,
        skills: &Skills,
        before: Option<Key>,
        may: impl Fn(Key) -> bool,
    ) -> Option<Key> {
        let mut best = before;
        let anchors = std::iter::once(None).chain(skills.iter().map(|skill| Some(skill.id)));
        for fronts in anchors.filter_map(|anchor| self.fronts.get(&(phase, anchor))) {
            for (key, class) in fronts {
                if best.is_some_and(|best| best <= *key) {
                    break;
                }
                if skills.meet(&class.skills) {
                    let first = may(*key).then_some(*key);
                    best = first.or_else(|| self.later(class, *key, &may)).into_iter().chain(best).min();
                }
            }
        }
        best.filter(|best| Some(*best) != before)
    }

    /// The first of a class behind one that may not be given.
    fn later(&self, class: &ClassKey, key: Key, may: impl Fn(Key) -> bool) -> Option<Key> {
        self.lines.get(class)?.after(Some(key)).find(|key| may(*key))
    }

    /// How many tickets the classes hold.
    pub(super) fn len(&self) -> usize {
        self.lines.values().map(Line::len).sum()
    }

    /// Whether a ticket is in a class.
    pub(super) fn has(&self, class: &ClassKey, key: &Key) -> bool {
        self.lines.get(class).is_some_and(|line| line.contains(key))
    }

    /// Whether the fronts are those of the lines, and no others. Reads everything.
    pub(super) fn is_sound(&self) -> bool {
        let fronts = self.fronts.iter().flat_map(|(anchor, fronts)| fronts.iter().map(move |front| (anchor, front)));
        let sound = |(anchor, (key, class)): (&Anchor, (&Key, &ClassKey))| {
            class.anchor() == *anchor && self.lines.get(class).and_then(Line::first) == Some(*key)
        };
        self.fronts.values().map(BTreeMap::len).sum::<usize>() == self.lines.len() && fronts.into_iter().all(sound)
    }
}
