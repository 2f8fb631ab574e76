//! The floor in figures: what waits, and how the first waits of late ended; a fold of the facts that the queue hears.
//!
//! **Service level**, over a sliding window of [`WINDOW_MINUTES`]: of the live tickets whose first wait ended in it, the
//! share whose agent came within the time that the category's rules name (`answer_within_s`).
//!
//! - with short abandons: `in_time / (answered + abandoned)`;
//! - without: `in_time / (answered + abandoned - abandoned_short)`, where an abandon is short within [`SHORT_MS`].
//!
//! Each arrival counts once, by how its **first** wait ended: what comes back to the queue from an agent was answered
//! already; what is reopened arrives anew. A ticket that was turned down or closed while it waited is in neither sum, and
//! neither is an asynchronous one. The wait is from the arrival to the beginning of the stage that ended it, both from
//! the log. It is counted in the minute in which the queue heard of it. Where two changes were heard as one (a ticket
//! assigned and closed at once), the time of the hearing stands for the one that is not known.
//!
//! **Abandonment** is `abandoned / (answered + abandoned)`. **Occupancy** is of now: used live slots of those on duty / all
//! their live slots.
//!
//! **After a fall of the dispatcher** what waits is as before, since it follows from the tickets' facts; what was counted
//! over the window, and what a what-if draws from, begins anew ([`Floor::began`] says when).

mod lines;
mod past;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use deskwire_protocol::{PersonId, Phase, StageName, TicketId, Time};

use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::matcher::PerPhase;
use crate::domain::whatif::WaitEnd;

pub use lines::{Lines, Progress};
pub use past::{PAST_MAX, Past};
pub use window::{Counts, WINDOW_MINUTES};

use window::Window;

/// An abandon within this time is a short one: whoever thought better of it, in milliseconds.
pub const SHORT_MS: u64 = 5_000;

/// The fold.
#[derive(Debug, Default)]
pub struct Floor {
    began: Time,
    categories: BTreeMap<CategoryId, Tally>,
    /// Live tickets that an agent has, of those whose beginning was seen: who, and since when.
    worked: HashMap<TicketId, (PersonId, Time)>,
}

/// What is known of one category.
#[derive(Debug, Default)]
struct Tally {
    /// In the order of their arrivals.
    waiting: PerPhase<BTreeSet<(u64, TicketId)>>,
    window: Window,
    past: Past,
}

/// What waits in a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many tickets.
    pub tickets: PerPhase<u32>,
    /// When the first of them arrived.
    pub oldest: Option<Time>,
}

/// How a first wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstWait {
    Answered { waited_ms: u64 },
    Abandoned { waited_ms: u64 },
    Otherwise,
}

impl Floor {
    /// A new one, which counts from now on.
    pub fn new(began: Time) -> Floor {
        Floor { began, ..Floor::default() }
    }

    /// Since when there are counts.
    pub fn began(&self) -> Time {
        self.began
    }

    /// What was believed of a ticket is followed by something else. Of one that is set aside nothing is believed.
    pub fn follow(&mut self, before: Option<&Facts>, after: Option<&Facts>, answer_within_ms: u64, now: Time) {
        if let Some(facts) = before.filter(|facts| facts.is_waiting()) {
            let key = (facts.arrived.ms(), facts.ticket);
            self.tally(facts.category).waiting.of_mut(facts.phase).remove(&key);
        }
        if let Some(facts) = after.filter(|facts| facts.is_waiting()) {
            let key = (facts.arrived.ms(), facts.ticket);
            self.tally(facts.category).waiting.of_mut(facts.phase).insert(key);
        }
        self.follow_work(before, after, now);
        let Some(after) = after else { return };
        if before.is_none_or(Facts::is_over) {
            self.arrives(after);
        }
        let end = before.and_then(|before| first_wait(before, after, now));
        if let (Some(before), Some(end)) = (before, end) {
            self.count(before, end, answer_within_ms, now);
        }
    }

    fn arrives(&mut self, facts: &Facts) {
        if waits_first(facts) && facts.arrived >= self.began {
            let skills = facts.skills.clone();
            self.tally(facts.category).past.arrived(facts.arrived, skills);
        }
    }

    fn count(&mut self, before: &Facts, end: FirstWait, answer_within_ms: u64, now: Time) {
        let tally = self.tally(before.category);
        let counts = tally.window.at(now);
        match end {
            FirstWait::Answered { waited_ms } => {
                counts.answered += 1;
                counts.in_time += u32::from(waited_ms <= answer_within_ms);
                tally.past.waited(waited_ms, WaitEnd::Served);
            }
            FirstWait::Abandoned { waited_ms } => {
                counts.abandoned += 1;
                counts.abandoned_short += u32::from(waited_ms <= SHORT_MS);
                tally.past.waited(waited_ms, WaitEnd::Abandoned);
            }
            FirstWait::Otherwise => {}
        }
    }

    /// How long slots are used for live tickets, writing up included.
    fn follow_work(&mut self, before: Option<&Facts>, after: Option<&Facts>, now: Time) {
        let works = |facts: &Facts| facts.owner().or(facts.writes_up()).filter(|_| facts.phase == Phase::Live);
        let (was, is) = (before.and_then(works), after.and_then(works));
        if was == is {
            return;
        }
        let ticket = before.or(after).map(|facts| facts.ticket).unwrap_or_default();
        if let Some((_, since)) = self.worked.remove(&ticket)
            && let (Some(before), Some(after)) = (before, after)
        {
            let until = if after.phase == Phase::Live { after.since.max(since) } else { now };
            let until = if before.wrap_up_until.is_some() { now } else { until };
            self.tally(before.category).past.handled(until.ms().saturating_sub(since.ms()));
        }
        if let (Some(_), Some(after), Some(agent)) = (before, after, is) {
            self.worked.insert(ticket, (agent, after.since));
        }
    }

    /// What waits in a category.
    pub fn waiting(&self, category: CategoryId) -> Waiting {
        let Some(Tally { waiting, .. }) = self.categories.get(&category) else { return Waiting::default() };
        let count = |phase| u32::try_from(waiting.of(phase).len()).unwrap_or(u32::MAX);
        let first = |phase| waiting.of(phase).first().map(|(arrived, _)| Time::from_ms(*arrived));
        let tickets = PerPhase { live: count(Phase::Live), asynchronous: count(Phase::Asynchronous) };
        let oldest = [first(Phase::Live), first(Phase::Asynchronous)].into_iter().flatten().min();
        Waiting { tickets, oldest }
    }

    /// What is counted of a category over the window that ends now.
    pub fn counts(&self, category: CategoryId, now: Time) -> Counts {
        self.categories.get(&category).map_or_else(Counts::default, |tally| tally.window.sum(now))
    }

    /// What a category has seen of late, where anything is known of it.
    pub fn past(&self) -> impl Iterator<Item = (CategoryId, &Past)> {
        self.categories.iter().map(|(category, tally)| (*category, &tally.past))
    }

    fn tally(&mut self, category: CategoryId) -> &mut Tally {
        self.categories.entry(category).or_default()
    }
}

/// Whether it waits and has never been answered since it arrived.
fn waits_first(facts: &Facts) -> bool {
    match facts.stage {
        StageName::Waiting => facts.round == 1,
        StageName::Reopened => true,
        StageName::Assigned
        | StageName::Pending
        | StageName::OnHold
        | StageName::Closed
        | StageName::Rejected
        | StageName::Abandoned => false,
    }
}

/// How the first wait of a live ticket ended, if it did.
fn first_wait(before: &Facts, after: &Facts, now: Time) -> Option<FirstWait> {
    if !waits_first(before) || before.phase != Phase::Live || waits_first(after) {
        return None;
    }
    let since = |end: Time| end.ms().saturating_sub(before.arrived.ms());
    let was_given = after.owner().is_some() || after.agent != before.agent || after.round > before.round;
    Some(match (after.stage, was_given) {
        (StageName::Assigned, true) => FirstWait::Answered { waited_ms: since(after.since) },
        (_, true) => FirstWait::Answered { waited_ms: since(now) },
        (StageName::Abandoned, false) => FirstWait::Abandoned { waited_ms: since(after.since) },
        (_, false) => FirstWait::Otherwise,
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
