//! How many posts may be inside at once: about as many as are acknowledged within the time that a post may take.
//!
//! What is accepted waits: in mailboxes, for a processor, for the disk. How long, is known only when it is acknowledged, and
//! by then as much again has been accepted; how many are inside is known at once. So the number is bounded, and the bound
//! follows the time: while the posts of a short window took longer on average than they may, it goes down by a quarter,
//! and back up by a sixteenth in each window after that. (The idea is that of adaptive concurrency limits: additive or slow
//! growth and quick retreat, as a TCP sender finds its window.)

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The bound is never lower: what goes into half a commit is no overload.
pub const POSTS_INSIDE_MIN: u32 = 256;
/// The bound is never higher, and begins here.
pub const POSTS_INSIDE_MAX: u32 = 65_536;
/// How long posts are looked at before the bound moves, in microseconds.
const WINDOW_US: u32 = 10_000;

/// The posts inside, and how many there may be.
#[derive(Debug)]
pub struct Intake {
    inside: AtomicU32,
    max: AtomicU32,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    began_us: u32,
    posts: u32,
    sum_us: u64,
}

impl Default for Intake {
    fn default() -> Intake {
        Intake { inside: AtomicU32::new(0), max: AtomicU32::new(POSTS_INSIDE_MAX), window: Mutex::default() }
    }
}

impl Intake {
    /// Whether no further post should be accepted now.
    pub fn is_full(&self) -> bool {
        self.inside() >= self.max()
    }

    /// Posts that were accepted and are not answered yet.
    pub fn inside(&self) -> u32 {
        self.inside.load(Relaxed)
    }

    /// How many there may be.
    pub fn max(&self) -> u32 {
        self.max.load(Relaxed)
    }

    /// A post was accepted.
    pub(super) fn enter(&self) {
        self.inside.fetch_add(1, Relaxed);
    }

    /// A post was answered, or nobody will.
    pub(super) fn leave(&self) {
        self.inside.fetch_sub(1, Relaxed);
    }

    /// A post was acknowledged, at this time, so long after it was read; it may take so long. Times in microseconds, the
    /// clock's may wrap around.
    pub(super) fn took(&self, now_us: u32, took_us: u32, may_take_us: u64) {
        // One of many: where another is just being looked at, this one need not be.
        let Ok(mut window) = self.window.try_lock() else { return };
        window.posts += 1;
        window.sum_us += u64::from(took_us);
        if now_us.wrapping_sub(window.began_us) < WINDOW_US {
            return;
        }
        let mean_us = window.sum_us / u64::from(window.posts);
        *window = Window { began_us: now_us, ..Window::default() };
        let max = self.max();
        let max = match mean_us > may_take_us {
            true => max.min(self.inside()) / 4 * 3,
            false => max + max / 16,
        };
        self.max.store(max.clamp(POSTS_INSIDE_MIN, POSTS_INSIDE_MAX), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const MAY_TAKE_US: u64 = 20_000;

    /// Posts that come at one rate and are acknowledged at another, one after the other, for some seconds of made up time;
    /// how long those of the second half took, longest last, and how many were refused in it.
    fn through(intake: &Intake, offered: u32, served: u32, seconds: u32) -> (Vec<u32>, u32) {
        let (mut waiting, mut took, mut refused) = (VecDeque::new(), Vec::new(), 0);
        let (mut in_due, mut out_due) = (0, 0);
        for us in (0..seconds * 1_000_000).step_by(10) {
            in_due += offered;
            while in_due >= 100_000 {
                in_due -= 100_000;
                match intake.is_full() {
                    true => refused += u32::from(us > seconds * 500_000),
                    false => {
                        intake.enter();
                        waiting.push_back(us);
                    }
                }
            }
            out_due = if waiting.is_empty() { 0 } else { out_due + served };
            while out_due >= 100_000 {
                out_due -= 100_000;
                let Some(came) = waiting.pop_front() else { break };
                intake.leave();
                intake.took(us, us - came, MAY_TAKE_US);
                if us > seconds * 500_000 {
                    took.push(us - came);
                }
            }
        }
        took.sort_unstable();
        (took, refused)
    }

    /// Bound "posts inside": whatever is offered beyond what can be served, what is accepted waits about as long as it may,
    /// and as much is served as without the refusals.
    #[test]
    fn what_is_accepted_waits_no_longer_the_more_is_offered() {
        for served in [20_000, 40_000] {
            for times in [2, 5, 10] {
                let intake = Intake::default();
                let (took, refused) = through(&intake, served * times, served, 4);
                let p99 = took[took.len() * 99 / 100];
                assert!(u64::from(p99) < 2 * MAY_TAKE_US, "{times} times {served}: p99 {p99} us");
                assert!(took.len() as u32 > served * 2 * 95 / 100, "{} served", took.len());
                assert!(refused > 0);
            }
        }
    }

    /// What can be served is not refused, and after too much has gone the bound is soon out of the way.
    #[test]
    fn what_can_be_served_is_accepted_again_soon() {
        let intake = Intake::default();
        assert_eq!(through(&intake, 30_000, 40_000, 2).1, 0);
        let (_, refused) = through(&intake, 400_000, 40_000, 2);
        assert!(refused > 0 && intake.max() < 4_000, "{}", intake.max());
        while intake.inside() > 0 {
            intake.leave();
        }
        assert_eq!(through(&intake, 30_000, 40_000, 2).1, 0);
        assert!(intake.max() > 8_000, "{}", intake.max());
    }

    /// The bounds of the bound.
    #[test]
    fn the_bound_stays_within_its_own() {
        let intake = Intake::default();
        for turn in 1..200 {
            intake.took(turn * WINDOW_US, 10 * MAY_TAKE_US as u32, MAY_TAKE_US);
        }
        assert_eq!(intake.max(), POSTS_INSIDE_MIN);
        for turn in 200..800 {
            intake.took(turn * WINDOW_US, MAY_TAKE_US as u32, MAY_TAKE_US);
        }
        assert_eq!(intake.max(), POSTS_INSIDE_MAX);
        (0..POSTS_INSIDE_MAX).for_each(|_| intake.enter());
        assert!(intake.is_full());
        intake.leave();
        assert!(!intake.is_full());
    }
}
