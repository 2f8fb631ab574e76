//! What a category has seen of late: what a what-if draws from.

use std::collections::VecDeque;

use deskwire_protocol::Time;

use crate::domain::matcher::Skill;
use crate::domain::whatif::WaitEnd;

/// The latest of each that are remembered.
pub const PAST_MAX: usize = 512;

/// The latest arrivals, handling times and waits.
#[derive(Clone, Debug, Default)]
pub struct Past {
    last: Option<Time>,
    /// Between two arrivals, in milliseconds.
    pub gaps_ms: VecDeque<u64>,
    /// How long slots were used for a ticket, in milliseconds.
    pub handled_ms: VecDeque<u64>,
    /// How long tickets waited, in milliseconds, and how that ended.
    pub waits: VecDeque<(u64, WaitEnd)>,
    /// What tickets came with.
    pub skills: VecDeque<Vec<Skill>>,
}

/// What was seen in less than this is taken for all that comes in this time, in milliseconds: a few who came together
/// just after the start are no rush.
const SEEN_LEAST_MS: u64 = 10 * 60_000;

impl Past {
    /// The gaps, and one more that makes the arrivals as frequent as they were in all the time since the counting began.
    pub fn gaps_until(&self, began: Time, now: Time) -> Vec<u64> {
        let Some(last) = self.last else { return Vec::new() };
        let mut gaps: Vec<u64> = self.gaps_ms.iter().copied().collect();
        let open_ms = now.ms().saturating_sub(last.ms());
        let last_ms = match gaps.len() < PAST_MAX {
            true => {
                let seen_ms = now.ms().saturating_sub(began.ms()).max(SEEN_LEAST_MS);
                seen_ms.saturating_sub(gaps.iter().sum())
            }
            false => open_ms,
        };
        gaps.push(last_ms.max(open_ms));
        gaps
    }

    pub(super) fn arrived(&mut self, at: Time, skills: Vec<Skill>) {
        if let Some(last) = self.last {
            remember(&mut self.gaps_ms, at.ms().saturating_sub(last.ms()));
        }
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        remember(&mut self.skills, skills);
    }

    pub(super) fn handled(&mut self, ms: u64) {
        remember(&mut self.handled_ms, ms);
    }

    pub(super) fn waited(&mut self, ms: u64, end: WaitEnd) {
        remember(&mut self.waits, (ms, end));
    }
}

fn remember<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() >= PAST_MAX {
        all.pop_front();
    }
    all.push_back(one);
}
