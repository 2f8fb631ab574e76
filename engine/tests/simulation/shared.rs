//! What every part of the simulated world may see: the log as a power cut would leave it, the trace, the first failure.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::log::Log;
use crate::trace::Trace;

/// What is checked; a failure names one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Promise 1, C09: what leaves the engine is on disk.
    Durable,
    /// Promise 2, C08: a post is in the log at most once, its numbers run 1, 2, 3 ….
    ExactlyOnce,
    /// Promise 2, C08: one sender's posts stand in the order in which they were said.
    InOrder,
    /// Promise 3, C10: what a client sees has no gap and no repeat, and is what the log says.
    Gapless,
    /// An event key is written once.
    KeyOnce,
    /// Promise 4, B15: a ticket is assigned only from the queue, in the round that the queue saw.
    OneOwner,
    /// B14: nobody owns more than his slots by the log, and whoever owns by the log has a slot in the Matcher.
    Slots,
    /// Promise 7: nobody is told what he may not read.
    Private,
    /// C14: who hears a ticket unseen stands in its log, once.
    Watched,
    /// The exported counters of violated invariants stay 0.
    Counters,
    /// At rest: the Matcher is what the log says.
    MatcherIsLog,
    /// At rest: each client's view is the log, also of who only listens.
    Heard,
    /// At rest: every post has its answer, and what was acknowledged is in the log.
    Acknowledged,
    /// At rest: every question has its answer.
    Answered,
    /// At rest: nobody waits beside a free agent.
    Paired,
    /// At rest: only living connections are registered.
    NoLeak,
}

/// The first thing that went wrong.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Which promise.
    pub check: Check,
    /// How.
    pub words: String,
}

/// See the module.
#[derive(Default)]
pub struct Shared {
    /// What is synced, and nothing else.
    pub log: RefCell<Log>,
    /// The story.
    pub trace: RefCell<Trace>,
    /// Reasons of the steps that were asked for, by connection and request.
    pub steps_asked: RefCell<HashMap<(u64, u32), String>>,
    /// What has happened at least once: so that a check of what never happens is noticed.
    pub happened: RefCell<BTreeSet<String>>,
    /// The sum of all counters of violated invariants.
    pub violations: Cell<u64>,
    broken: RefCell<Option<Broken>>,
}

impl Shared {
    /// A new world's.
    pub fn new() -> Rc<Shared> {
        Rc::default()
    }

    /// Tells the story.
    pub fn note(&self, line: impl Into<String>) {
        self.trace.borrow_mut().note(line.into());
    }

    /// Something is wrong; the first counts.
    pub fn fail(&self, check: Check, words: impl Into<String>) {
        let words = words.into();
        self.note(format!("BROKEN {check:?}: {words}"));
        self.broken.borrow_mut().get_or_insert(Broken { check, words });
    }

    /// Fails unless it is so.
    pub fn expect(&self, so: bool, check: Check, words: impl FnOnce() -> String) {
        if !so {
            self.fail(check, words());
        }
    }

    /// Counts a violated invariant, as the engine's metrics do.
    pub fn violated(&self, words: &str) {
        self.violations.set(self.violations.get() + 1);
        self.fail(Check::Counters, words);
    }

    /// What went wrong first.
    pub fn broken(&self) -> Option<Broken> {
        self.broken.borrow().clone()
    }
}
