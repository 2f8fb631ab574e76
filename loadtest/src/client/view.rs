//! What one client has seen of a ticket: a run without a gap, and own posts that are known by their answer alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use deskwire_protocol::ServerFrame;

use super::effect::Effect;
use super::outgoing::Said;

/// An acknowledgement names a place; the events before it must be here after this long, in milliseconds.
pub const BEHIND_MS_MAX: u64 = 1_000;
/// Own places known by an acknowledgement alone, whose event may still come.
const COVERED_KEPT: usize = 64;

/// The run of events seen, from the first on.
#[derive(Clone, Debug, Default)]
pub struct View {
    seen: u32,
    /// Own posts whose place is beyond the next one, and since when nothing brought us nearer.
    ahead: BTreeMap<u32, (Arc<str>, Said)>,
    behind_since: u64,
    covered: VecDeque<u32>,
}

impl View {
    /// The last place seen; everything up to it was seen.
    pub fn seen(&self) -> u32 {
        self.seen
    }

    /// Takes in the event that is next.
    pub fn see(&mut self, seq: u32, event: ServerFrame, now: u64, out: &mut Vec<Effect>) {
        self.seen = seq;
        out.push(Effect::Event { seq, event });
        self.close_up(now, out);
    }

    /// Takes in that what we said stands at this place.
    pub fn cover(&mut self, seq: u32, own: (Arc<str>, Said), now: u64, out: &mut Vec<Effect>) {
        if seq <= self.seen {
            return;
        }
        if self.ahead.is_empty() {
            self.behind_since = now;
        }
        self.ahead.insert(seq, own);
        self.close_up(now, out);
    }

    /// Whether the place was known by an acknowledgement alone; once.
    pub fn uncover(&mut self, seq: u32) -> bool {
        let known = self.covered.iter().position(|covered| *covered == seq);
        known.and_then(|at| self.covered.remove(at)).is_some()
    }

    /// The place of ours that is waiting for what should have come before it.
    pub fn behind(&self, now: u64) -> Option<u32> {
        let first = self.ahead.first_key_value()?;
        (self.behind_since + BEHIND_MS_MAX <= now).then_some(*first.0)
    }

    /// When [`View::behind`] will have something to say if nothing comes.
    pub fn behind_at(&self) -> Option<u64> {
        (!self.ahead.is_empty()).then_some(self.behind_since + BEHIND_MS_MAX)
    }

    /// The waiting begins again.
    pub fn wait_again(&mut self, now: u64) {
        self.behind_since = now;
    }

    /// Own posts known by their acknowledgement take their place once everything before them is here.
    fn close_up(&mut self, now: u64, out: &mut Vec<Effect>) {
        while let Some(first) = self.ahead.first_entry().filter(|first| *first.key() <= self.seen + 1) {
            let (seq, (text, said)) = first.remove_entry();
            if seq == self.seen + 1 {
                self.seen = seq;
                if self.covered.len() == COVERED_KEPT {
                    self.covered.pop_front();
                }
                self.covered.push_back(seq);
                out.push(Effect::Own { seq, text, said });
            }
            self.behind_since = now;
        }
    }
}
