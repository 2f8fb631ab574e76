//! A category's waiting tickets by what they ask for: whoever can serve one of a class can serve all of it.
//!
//! Classes are found by the first skill that they ask for, the one whose first ticket comes first before the others:
//! whoever looks for the best that he can serve stops at the first class that he can, or at one that comes after what
//! he has found elsewhere. A class that he cannot serve is passed in a comparison of a few words.

use std::collections::HashMap;

use deskwire_protocol::Phase;

use super::agent::PerPhase;
use super::line::{Key, Line};
use super::skill::{Planes, SkillId, Skills};

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
    /// A bit for each of these below the 63rd, none first: how many are set before one is its place.
    present: u64,
    /// From when the first ticket behind each is served.
    firsts: Vec<Second>,
    /// The classes behind each, in the order of their first tickets.
    fronts: Vec<Vec<Front>>,
}

/// A class, found by its first ticket.
#[derive(Clone, Debug)]
struct Front {
    key: Key,
    /// What it asks for, at a glance.
    asks: Planes,
    class: ClassKey,
}

/// When a ticket is served from, in 1,024 ms and rounded down, so that many fit side by side: of two tickets the one
/// that is served earlier never has the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Second(u32);

impl Second {
    /// Of a ticket's place in the order of service.
    pub(super) fn of(key: &Key) -> Second {
        Second((key.served_from() >> 10).clamp(0, i64::from(u32::MAX)) as u32)
    }
}

impl Anchors {
    /// The place of a skill, if any class is behind it.
    fn place(&self, skill: Option<SkillId>) -> Option<usize> {
        match 1_u64.checked_shl(skill.map_or(0, |skill| u32::from(skill.0) + 1)) {
            Some(bit) => (self.present & bit != 0).then(|| (self.present & (bit - 1)).count_ones() as usize),
            None => self.skills.binary_search(&skill).ok(),
        }
    }

    fn set_present(&mut self) {
        let bits = self.skills.iter().map(|skill| skill.map_or(0, |skill| u32::from(skill.0) + 1));
        self.present = bits.filter_map(|bit| 1_u64.checked_shl(bit)).fold(0, |all, bit| all | bit);
    }

    fn add(&mut self, skill: Option<SkillId>, front: Front) {
        let key = front.key;
        let index = match self.skills.binary_search(&skill) {
            Ok(index) => index,
            Err(index) => {
                self.skills.insert(index, skill);
                self.firsts.insert(index, Second::of(&key));
                self.fronts.insert(index, Vec::with_capacity(1));
                self.set_present();
                index
            }
        };
        let fronts = &mut self.fronts[index];
        let place = fronts.partition_point(|other| other.key < key);
        fronts.insert(place, front);
        self.firsts[index] = self.firsts[index].min(Second::of(&key));
    }

    fn take_out(&mut self, skill: Option<SkillId>, key: Key) -> Option<Front> {
        let index = self.place(skill)?;
        let place = self.fronts[index].binary_search_by_key(&key, |front| front.key).ok()?;
        let front = self.fronts[index].remove(place);
        match self.fronts[index].first() {
            Some(first) => self.firsts[index] = Second::of(&first.key),
            None => {
                self.skills.remove(index);
                self.firsts.remove(index);
                self.fronts.remove(index);
                self.set_present();
            }
        }
        Some(front)
    }
}

/// The classes behind one skill of one queue.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a> {
    classes: &'a Classes,
    anchors: &'a Anchors,
    /// Which of them: its fronts are not looked at before they must be.
    index: usize,
}

impl Behind<'_> {
    /// The first ticket here that somebody with these skills can serve and may be given, if it comes before another.
    pub(super) fn first_for(
        &self,
        (skills, planes): (&Skills, &Planes),
        before: Option<Key>,
        may: impl Fn(Key) -> bool,
    ) -> Option<Key> {
        let mut best = before;
        for front in &self.anchors.fronts[self.index] {
            if best.is_some_and(|best| best <= front.key) {
                break;
            }
            let meets = || planes.are_exact(&front.asks) || skills.meet(&front.class.skills);
            if !planes.lack(&front.asks) && meets() {
                let later = || self.classes.lines.get(&front.class)?.after(Some(front.key)).find(|key| may(*key));
                let found = if may(front.key) { Some(front.key) } else { later() };
                best = found.into_iter().chain(best).min();
            }
        }
        best
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
            let class = front.map_or_else(|| class.clone(), |front| front.class);
            anchors.add(skill, Front { key, asks: class.skills.planes(), class });
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
            if let (Some(front), Some(key)) = (anchors.take_out(skill, key), first) {
                anchors.add(skill, Front { key, ..front });
            }
        }
    }

    /// Where somebody with these skills would look, and from when the first ticket there is served.
    pub(super) fn behind<'a>(
        &'a self,
        phase: Phase,
        skills: &'a Skills,
    ) -> impl Iterator<Item = (Second, Behind<'a>)> + 'a {
        let anchors = self.anchors.of(phase);
        let asked = std::iter::once(None).chain(skills.iter().map(|skill| Some(skill.id)));
        asked.filter_map(|skill| {
            let index = anchors.place(skill)?;
            Some((anchors.firsts[index], Behind { classes: self, anchors, index }))
        })
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
                fronts.is_sorted_by_key(|front| front.key)
                    && fronts.first().map(|front| Second::of(&front.key)) == Some(anchors.firsts[index])
                    && anchors.place(anchors.skills[index]) == Some(index)
                    && fronts.iter().all(|front| {
                        front.class.skills.first() == anchors.skills[index]
                            && front.asks == front.class.skills.planes()
                            && self.lines.get(&front.class).and_then(Line::first) == Some(front.key)
                    })
            })
        }) && count == self.lines.len()
    }
}
