//! A category's waiting tickets by what they ask for: whoever can serve one of a class can serve all of it.
//!
//! Classes are found by the first skill that they ask for, the one whose first ticket comes first before the others:
//! whoever looks for the best that he can serve stops at the first class that he can, or at one that comes after what
//! he has found elsewhere. A class that he cannot serve is passed in one comparison of bits, mostly.

use std::collections::{BTreeMap, HashMap};

use deskwire_protocol::Phase;

use super::agent::PerPhase;
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

/// All classes of one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    lines: HashMap<ClassKey, Line>,
    anchors: PerPhase<Anchors>,
}

/// The classes of a phase by the first skill that they ask for: side by side, so that a look at a few of them touches
/// little memory.
#[derive(Clone, Debug, Default)]
struct Anchors {
    /// In order; none first.
    skills: Vec<Option<SkillId>>,
    /// The first ticket behind each.
    firsts: Vec<Key>,
    /// The first ticket of each class behind each.
    fronts: Vec<BTreeMap<Key, Front>>,
}

/// A class, found by its first ticket.
#[derive(Clone, Debug)]
struct Front {
    /// A bit for each skill it asks for: whoever lacks one cannot serve it.
    mask: u64,
    class: ClassKey,
}

impl Anchors {
    fn add(&mut self, skill: Option<SkillId>, key: Key, front: Front) {
        let index = match self.skills.binary_search(&skill) {
            Ok(index) => index,
            Err(index) => {
                self.skills.insert(index, skill);
                self.firsts.insert(index, key);
                self.fronts.insert(index, BTreeMap::new());
                index
            }
        };
        self.fronts[index].insert(key, front);
        self.firsts[index] = self.firsts[index].min(key);
    }

    fn take_out(&mut self, skill: Option<SkillId>, key: Key) -> Option<Front> {
        let index = self.skills.binary_search(&skill).ok()?;
        let front = self.fronts[index].remove(&key);
        match self.fronts[index].first_key_value() {
            Some((first, _)) => self.firsts[index] = *first,
            None => {
                self.skills.remove(index);
                self.firsts.remove(index);
                self.fronts.remove(index);
            }
        }
        front
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
            let (anchors, skill) = (self.anchors.of_mut(class.phase), class.skills.first());
            let front = before.and_then(|before| anchors.take_out(skill, before));
            let new = || Front { mask: class.skills.mask(), class: class.clone() };
            anchors.add(skill, key, front.unwrap_or_else(new));
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
        if was_first {
            let (anchors, skill) = (self.anchors.of_mut(class.phase), class.skills.first());
            if let (Some(front), Some(first)) = (anchors.take_out(skill, key), first) {
                anchors.add(skill, first, front);
            }
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
        let (anchors, lacks) = (self.anchors.of(phase), !skills.mask());
        let mut best = before;
        for skill in std::iter::once(None).chain(skills.iter().map(|skill| Some(skill.id))) {
            let Ok(index) = anchors.skills.binary_search(&skill) else { continue };
            if best.is_some_and(|best| best <= anchors.firsts[index]) {
                continue;
            }
            for (key, front) in &anchors.fronts[index] {
                if best.is_some_and(|best| best <= *key) {
                    break;
                }
                if front.mask & lacks == 0 && skills.meet(&front.class.skills) {
                    let first = may(*key).then_some(*key);
                    best = first.or_else(|| self.later(&front.class, *key, &may)).into_iter().chain(best).min();
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
        let mut count = 0;
        [Phase::Live, Phase::Asynchronous].into_iter().all(|phase| {
            let anchors = self.anchors.of(phase);
            anchors.fronts.iter().enumerate().all(|(index, fronts)| {
                count += fronts.len();
                fronts.first_key_value().map(|(key, _)| *key) == Some(anchors.firsts[index])
                    && fronts.iter().all(|(key, front)| {
                        front.class.skills.first() == anchors.skills[index]
                            && self.lines.get(&front.class).and_then(Line::first) == Some(*key)
                    })
            })
        }) && count == self.lines.len()
    }
}
