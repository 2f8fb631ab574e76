//! Skills: what agents can do, what a ticket asks for, and how it asks for less the longer it waits.

use std::sync::Arc;

use deskwire_protocol::Time;
use rkyv::{Archive, Deserialize, Serialize};

/// The highest level of a skill; the lowest is 1.
pub const LEVEL_MAX: u8 = 5;
/// Most conditions of one step.
pub const CONDITIONS_MAX: usize = 8;
/// Most steps of one need.
pub const STEPS_MAX: usize = 8;
/// Most skills of one agent.
pub const SKILLS_MAX: usize = 64;

/// A skill; numbers are never used again.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Archive,
    Serialize,
    Deserialize,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct SkillId(pub u16);

/// A skill at a level: what an agent has, or the least that a ticket asks for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Archive,
    Serialize,
    Deserialize,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Skill {
    /// Which.
    pub id: SkillId,
    /// 1 to 5.
    pub level: u8,
}

/// Skills in the order of their numbers, none twice. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skills(Arc<[Skill]>);

impl From<&[Skill]> for Skills {
    fn from(skills: &[Skill]) -> Skills {
        Skills::new(skills.iter().copied())
    }
}

impl Skills {
    /// These; of one that is named twice the higher level counts.
    pub fn new(skills: impl IntoIterator<Item = Skill>) -> Skills {
        let mut all: Vec<Skill> = skills.into_iter().collect();
        all.sort_unstable_by_key(|skill| (skill.id, std::cmp::Reverse(skill.level)));
        all.dedup_by_key(|skill| skill.id);
        Skills(all.into())
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = Skill> + '_ {
        self.0.iter().copied()
    }

    /// The first of them, if there is any: where a class of tickets is looked for.
    pub fn first(&self) -> Option<SkillId> {
        self.0.first().map(|skill| skill.id)
    }

    /// The same in three words, for a look without a step through memory.
    pub(super) fn planes(&self) -> Planes {
        let mut planes = Planes::default();
        self.0.iter().for_each(|skill| planes.raise(*skill));
        planes
    }

    /// Whether nothing is asked, or nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether whoever has these has each of the others at its level or a higher one.
    pub fn meet(&self, asked: &Skills) -> bool {
        self.lacking(asked).is_none()
    }

    /// The first of the others that whoever has these lacks, or has at a lower level.
    pub fn lacking(&self, asked: &Skills) -> Option<Skill> {
        let mut own = self.0.iter();
        let mut has = |asked: &Skill| {
            let found = own.by_ref().find(|own| own.id >= asked.id);
            found.is_some_and(|own| own.id == asked.id && own.level >= asked.level)
        };
        asked.iter().find(|asked| !has(asked))
    }

    /// All of both.
    pub fn and(&self, other: &Skills) -> Skills {
        Skills::new(self.iter().chain(other.iter()))
    }
}

/// The levels of skills side by side: a bit of each word is a skill, the words are the bits of its level. Skills whose
/// numbers differ by 64 share a bit, which has the highest level of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Planes {
    words: [u64; 3],
    /// Whether a number is beyond the bits, so that a look here says only who certainly lacks something.
    shared: bool,
}

impl Planes {
    fn level(&self, bit: u64) -> u8 {
        (0..3).map(|word| u8::from(self.words[word] & bit != 0) << word).sum()
    }

    fn raise(&mut self, skill: Skill) {
        let bit = 1 << (skill.id.0 % 64);
        self.shared |= skill.id.0 >= 64;
        let level = self.level(bit).max(skill.level);
        for word in 0..3 {
            self.words[word] = self.words[word] & !bit | if level >> word & 1 == 1 { bit } else { 0 };
        }
    }

    /// Whether who has these certainly lacks one of the others: all 64 levels are compared at once, from the highest bit.
    pub(super) fn lack(&self, asked: &Planes) -> bool {
        let above = |word: usize| asked.words[word] & !self.words[word];
        let same = |word: usize| !(asked.words[word] ^ self.words[word]);
        above(2) | same(2) & (above(1) | same(1) & above(0)) != 0
    }

    /// Whether [`Planes::lack`] says all there is to say.
    pub(super) fn are_exact(&self, asked: &Planes) -> bool {
        !self.shared && !asked.shared
    }
}

/// What a ticket asks for during a part of its wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillStep {
    /// All of these.
    pub skills: Skills,
    /// For this long, in milliseconds.
    pub for_ms: u64,
}

/// What a ticket asks for: steps in order, each for a time, and after the last what is left for good.
///
/// The idea is the routing steps of contact centres: ask for much first, then for less, so that nobody waits for
/// ever for somebody rare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// One after the other.
    pub steps: Vec<SkillStep>,
    /// After all steps.
    pub finally: Skills,
}

impl Need {
    /// What is asked at a time by a ticket that arrived at another, and when that changes next.
    pub fn at(&self, arrived: Time, now: Time) -> (&Skills, Option<Time>) {
        let mut until = arrived.ms();
        for step in &self.steps {
            until = until.saturating_add(step.for_ms);
            if now.ms() < until {
                return (&step.skills, Some(Time::from_ms(until)));
            }
        }
        (&self.finally, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn skills(pairs: &[(u16, u8)]) -> Skills {
        Skills::new(pairs.iter().map(|(id, level)| Skill { id: SkillId(*id), level: *level }))
    }

    fn any_skills() -> impl Strategy<Value = Skills> {
        prop::collection::vec((0_u16..130, 1_u8..=LEVEL_MAX), 0..12).prop_map(|pairs| skills(&pairs))
    }

    proptest! {
        /// B03: a look at the levels side by side never says that somebody lacks what he has, and says all where no
        /// number is too large.
        #[test]
        fn levels_side_by_side_say_what_the_list_says(own in any_skills(), asked in any_skills()) {
            let (mine, theirs) = (own.planes(), asked.planes());
            prop_assert!(!mine.lack(&theirs) || !own.meet(&asked));
            prop_assert!(!mine.are_exact(&theirs) || mine.lack(&theirs) != own.meet(&asked));
            let small = |all: &Skills| Skills::new(all.iter().filter(|skill| skill.id.0 < 64));
            let (own, asked) = (small(&own), small(&asked));
            prop_assert!(own.planes().are_exact(&asked.planes()));
            prop_assert_eq!(own.planes().lack(&asked.planes()), !own.meet(&asked));
        }
    }

    /// B03, B17
    #[test]
    fn a_need_relaxes_step_by_step() {
        let steps = vec![
            SkillStep { skills: skills(&[(1, 5), (2, 3)]), for_ms: 1_000 },
            SkillStep { skills: skills(&[(1, 3)]), for_ms: 500 },
        ];
        let need = Need { steps, finally: Skills::default() };
        let at = |ms| need.at(Time::from_ms(100), Time::from_ms(ms));
        assert_eq!(at(1_099), (&skills(&[(1, 5), (2, 3)]), Some(Time::from_ms(1_100))));
        assert_eq!(at(1_100), (&skills(&[(1, 3)]), Some(Time::from_ms(1_600))));
        assert_eq!(at(1_600), (&Skills::default(), None));
        assert_eq!(at(0), at(100), "a clock that ran back asks for no less");
    }

    proptest! {
        #[test]
        fn meeting_is_having_each_at_its_level(
            own in prop::collection::btree_map(0u16..6, 1u8..=5, 0..6),
            asked in prop::collection::btree_map(0u16..6, 1u8..=5, 0..4),
        ) {
            let all = |map: &std::collections::BTreeMap<u16, u8>| {
                Skills::new(map.iter().map(|(id, level)| Skill { id: SkillId(*id), level: *level }))
            };
            let expected = asked.iter().all(|(id, level)| own.get(id).is_some_and(|own| own >= level));
            prop_assert_eq!(all(&own).meet(&all(&asked)), expected);
        }
    }
}
