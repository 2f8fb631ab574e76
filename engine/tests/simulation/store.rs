//! The store: a queue, one batch at a time, a sync that may be late or never come, and answers after it.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use deskwire::domain::event::Event;
use deskwire::domain::facts::Facts;
use deskwire::planted::{self, PlantedBug};
use deskwire::store::{Heads, Incarnation, Outcome};
use deskwire_loadtest::random::Random;
use deskwire_protocol::TicketId;

use crate::shared::Shared;

/// Jobs that may wait; a room with one more waits for a place.
pub const QUEUE_MAX: usize = 8;

/// What one decision writes.
pub struct Append {
    /// Whose log.
    pub ticket: TicketId,
    /// The instance that appends.
    pub incarnation: Incarnation,
    /// The instance that hears of it.
    pub instance: u64,
    /// The sequence of the first event.
    pub first: u32,
    /// What happened.
    pub events: Vec<Arc<Event>>,
    /// The ticket after it, where its stage changed.
    pub facts: Option<Facts>,
}

/// What waits for the thread that writes.
pub enum Job {
    /// Events.
    Append(Box<Append>),
    /// A starting room.
    Fence {
        /// Its ticket.
        ticket: TicketId,
        /// Which instance.
        incarnation: Incarnation,
        /// Who hears of it.
        instance: u64,
    },
    /// A starting dispatcher, by its number.
    Barrier(u64),
}

/// What is told after the sync.
pub enum Answer {
    /// To a room: what became of an append.
    Told(u64, Outcome),
    /// To a starting room: its durable head, or that another has the ticket.
    Fence(u64, Option<u32>),
    /// To a starting dispatcher.
    Barrier(u64),
}

/// The thread that writes, and what waits for it.
#[derive(Default)]
pub struct Store {
    queue: VecDeque<Job>,
    batch: Vec<Append>,
    gathered: VecDeque<Answer>,
    /// To be told.
    answers: VecDeque<Answer>,
    heads: Heads,
    /// Rooms that left; forgotten once the queue was empty after they said so.
    left: Vec<(TicketId, Incarnation)>,
    leaving: Vec<(TicketId, Incarnation)>,
    /// Instances that the simulation itself left without a place in the directory: that the store turns them away
    /// is as it should be.
    excused: BTreeSet<Incarnation>,
    phase: Phase,
}

#[derive(Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Gathered,
}

impl Store {
    /// Whether another job finds a place.
    pub fn has_place(&self) -> bool {
        self.queue.len() < QUEUE_MAX
    }

    /// Hands in a job.
    pub fn hand_in(&mut self, job: Job) {
        self.queue.push_back(job);
    }

    /// A room left.
    pub fn release(&mut self, ticket: TicketId, incarnation: Incarnation) {
        self.left.push((ticket, incarnation));
    }

    /// What this instance appends may be turned away.
    pub fn excuse(&mut self, incarnation: Incarnation) {
        self.excused.insert(incarnation);
    }

    /// Whether there is anything to do.
    pub fn is_busy(&self) -> bool {
        !self.queue.is_empty() || self.phase == Phase::Gathered || !self.answers.is_empty()
    }

    /// Tells, syncs or gathers, whichever is next. Answers what is told now.
    pub fn step(&mut self, shared: &Rc<Shared>, random: &mut Random) -> Vec<Answer> {
        if !self.answers.is_empty() {
            let count = 1 + random.below(self.answers.len() as u64) as usize;
            return self.answers.drain(..count).collect();
        }
        match self.phase {
            Phase::Gathered => {
                self.phase = Phase::Idle;
                let batch = std::mem::take(&mut self.batch);
                shared.note(format!("store: synced {} appends", batch.len()));
                batch.iter().for_each(|append| write(shared, append));
                self.answers = std::mem::take(&mut self.gathered);
                Vec::new()
            }
            Phase::Idle => {
                self.phase = Phase::Gathered;
                let count = 1 + random.below(self.queue.len() as u64 * 2) as usize;
                self.gather(count, shared);
                match planted::is(PlantedBug::AckBeforeSync) {
                    true => self.gathered.drain(..).collect(),
                    false => Vec::new(),
                }
            }
        }
    }

    fn gather(&mut self, count: usize, shared: &Shared) {
        for _ in 0..count {
            let Some(job) = self.queue.pop_front() else {
                self.queue_is_empty();
                break;
            };
            self.take(job, shared);
        }
    }

    fn queue_is_empty(&mut self) {
        for (ticket, incarnation) in self.leaving.drain(..) {
            self.heads.release(ticket, incarnation);
        }
        std::mem::swap(&mut self.leaving, &mut self.left);
    }

    fn take(&mut self, job: Job, shared: &Shared) {
        match job {
            Job::Append(append) => self.take_append(*append, shared),
            Job::Fence { ticket, incarnation, instance } => {
                let stored = shared.log.borrow().head(ticket);
                let head = self.heads.fence(ticket, incarnation, stored);
                if let Err(violation) = &head {
                    shared.note(format!("store: fence of {instance} refused: {violation}"));
                    self.count(incarnation, shared, "a fence was refused");
                }
                self.gathered.push_back(Answer::Fence(instance, head.ok()));
            }
            Job::Barrier(dispatcher) => self.gathered.push_back(Answer::Barrier(dispatcher)),
        }
    }

    fn take_append(&mut self, append: Append, shared: &Shared) {
        let count = append.events.len() as u32;
        match self.heads.admit(append.ticket, append.incarnation, append.first, count) {
            Ok(head) => {
                self.gathered.push_back(Answer::Told(append.instance, Outcome::Durable(head)));
                self.batch.push(append);
            }
            Err(violation) => {
                shared.note(format!("store: append {} of {} refused: {violation}", append.first, append.instance));
                self.count(append.incarnation, shared, "an append was refused");
                self.gathered.push_back(Answer::Told(append.instance, Outcome::Refused));
            }
        }
    }

    fn count(&self, incarnation: Incarnation, shared: &Shared, words: &str) {
        if !self.excused.contains(&incarnation) {
            shared.violated(words);
        }
    }

    /// The process ends. Of what was being written a first part may be on disk; what is synced surely is.
    pub fn die(self, shared: &Shared, random: &mut Random) {
        let kept = random.below(self.batch.len() as u64 + 1) as usize;
        shared.note(format!("store: dies with {} appends unsynced, {kept} survive", self.batch.len()));
        self.batch.iter().take(kept).for_each(|append| write(shared, append));
    }
}

fn write(shared: &Shared, append: &Append) {
    let mut log = shared.log.borrow_mut();
    let mut breaks = Ok(());
    for (seq, event) in (append.first..).zip(&append.events) {
        breaks = breaks.and(log.write(append.ticket, seq, event));
    }
    if let Some(facts) = &append.facts {
        log.put_stage(facts.clone());
    }
    drop(log);
    if let Err((check, words)) = breaks {
        shared.fail(check, words);
    }
}
