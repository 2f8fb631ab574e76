//! Whether chats are let in, and what those are told who wait while it takes too long, the hours end or nobody is left:
//! each cause once a round of waiting, never silence.
//!
//! What a ticket is told stands in its log and facts, so no fall of anybody tells it twice. Once a second each category
//! with a queue is looked at; where a cause has come up its queue is gone through, some tickets a tick. A ticket that
//! comes later, or changes, is looked at by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire_protocol::{Phase, TellCause, TicketId, Time};

use super::{Announcement, Dispatch, Order, Output};
use crate::domain::admission::{Admission, Duty, Floor, admission, closure};
use crate::domain::event::CategoryId;
use crate::domain::matcher::{Agent, Key, Presence, Skills};
use crate::domain::rules::Rules;
use deskwire_protocol::Status;

/// Tickets looked at in one tick at most; the others follow in the next ones.
pub const TOLD_PER_TICK_MAX: usize = 1_000;
/// How often a category is looked at, in milliseconds.
const LOOK_EVERY_MS: u64 = 1_000;

/// Who is still to be looked at.
#[derive(Debug, Default)]
pub(super) struct Ceilings {
    /// Tickets that have changed, or whose time has come.
    fresh: BTreeSet<TicketId>,
    /// When tickets have waited for too long.
    due: BTreeSet<(u64, TicketId)>,
    /// Categories whose queues have something to be told.
    sweeps: BTreeMap<CategoryId, Sweep>,
    look_ms: u64,
}

/// How far a queue was told.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    cause: TellCause,
    after: Option<Key>,
    rest: Rest,
}

/// Whether there are tickets that were not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Some,
    None,
}

/// What becomes of new chats.
impl<A> Dispatch<A> {
    /// What becomes of a new chat of a category now.
    pub fn admission(&self, category: CategoryId) -> Admission {
        let rules = self.rules(category);
        let helper = rules.overflow.map(|overflow| overflow.to).filter(|to| self.categories.contains_key(to));
        let helper = helper.map(|to| (to, self.rules(to), self.floor(to)));
        let helper = helper.as_ref().map(|(to, rules, floor)| (*to, rules.as_ref(), *floor));
        admission(&rules, self.floor(category), helper, self.now)
    }

    fn floor(&self, category: CategoryId) -> Floor {
        let waiting = self.matcher.queue(category).map_or(0, |queue| queue.line.len());
        Floor { duty: self.duty(category), waiting }
    }

    /// Who could serve a category's chats. A dispatcher that has just begun has not heard of everybody yet.
    fn duty(&self, category: CategoryId) -> Duty {
        let rules = self.rules(category);
        let begins = !self.gate.is_open() || self.now < rules.agent_gone_at(self.began);
        let asked = Skills::from(rules.finally.as_slice());
        let Some(queue) = self.matcher.queue(category) else {
            return if begins { Duty::Unknown } else { Duty::Nobody };
        };
        if asked.is_empty() && !queue.free.live.is_empty() {
            return Duty::Free;
        }
        let staff = queue.staff.iter().filter_map(|id| self.matcher.agent(*id));
        let mut duty = if begins { Duty::Unknown } else { Duty::Nobody };
        for agent in staff.filter(|agent| agent.profile().skills.meet(&asked)) {
            match self.stands(agent, &rules) {
                Duty::Free => return Duty::Free,
                Duty::Unknown => duty = Duty::Unknown,
                Duty::Full if duty == Duty::Nobody => duty = Duty::Full,
                Duty::Full | Duty::Nobody => {}
            }
        }
        duty
    }

    /// One agent: he is there, or his lease has not ended yet.
    fn stands(&self, agent: &Agent, rules: &Rules) -> Duty {
        let available = agent.state().status == Status::Available;
        match (available, agent.presence()) {
            (false, _) => Duty::Nobody,
            (true, Presence::Here) if agent.turn(Phase::Live).is_some() => Duty::Free,
            (true, Presence::Here) => Duty::Full,
            (true, Presence::Gone) => {
                let leased = agent.gone_since().is_some_and(|since| self.now < rules.agent_gone_at(since));
                if leased { Duty::Unknown } else { Duty::Nobody }
            }
        }
    }

    /// When a category opens next, if that is known and it is closed.
    pub fn opens_at(&self, category: CategoryId) -> Option<Time> {
        let rules = self.rules(category);
        if rules.hours.is_open(self.now) { None } else { rules.hours.opens_at(self.now) }
    }
}

/// What those are told who wait.
impl<A> Dispatch<A> {
    /// Facts changed: whether there is something to tell is looked at with the next tick.
    pub(super) fn follow_ceilings(&mut self, ticket: TicketId) {
        let Some(facts) = self.facts(ticket).filter(|facts| facts.is_waiting() && facts.phase == Phase::Live) else {
            return;
        };
        let due = self.rules(facts.category).waited_too_long_at(facts.since);
        self.ceilings.due.extend(due.map(|due| (due.ms(), ticket)));
        self.ceilings.fresh.insert(ticket);
    }

    /// The rules of a category are others: everybody who waits there is looked at again.
    pub(super) fn reconsider_ceilings(&mut self, category: CategoryId) {
        let queue = self.matcher.queue(category).into_iter();
        let tickets: Vec<TicketId> = queue.flat_map(|queue| queue.line.after(None)).map(|key| key.ticket()).collect();
        for ticket in tickets {
            self.follow_ceilings(ticket);
        }
    }

    pub(super) fn tell_who_waits(&mut self, out: &mut Vec<Output<A>>) {
        if !self.gate.is_open() {
            return;
        }
        self.look_at_categories();
        while let Some((due, ticket)) = self.ceilings.due.first().copied().filter(|(due, _)| *due <= self.now.ms()) {
            self.ceilings.due.remove(&(due, ticket));
            self.ceilings.fresh.insert(ticket);
        }
        let mut left = TOLD_PER_TICK_MAX;
        while let Some(ticket) = self.ceilings.fresh.pop_first() {
            self.heed(ticket, out);
            left -= 1;
            if left == 0 {
                return;
            }
        }
        let categories: Vec<CategoryId> = self.ceilings.sweeps.keys().copied().collect();
        for category in categories {
            left -= self.sweep_ceilings(category, left, out);
        }
    }

    fn look_at_categories(&mut self) {
        if self.now.ms() < self.ceilings.look_ms {
            return;
        }
        self.ceilings.look_ms = self.now.ms() + LOOK_EVERY_MS;
        let waiting = self.matcher.queues().filter(|(_, queue)| !queue.line.is_empty()).map(|(category, _)| category);
        let causes: BTreeMap<CategoryId, TellCause> =
            waiting.filter_map(|category| Some((category, self.cause(category)?))).collect();
        self.ceilings.sweeps.retain(|category, sweep| causes.get(category) == Some(&sweep.cause));
        for (category, cause) in causes {
            self.ceilings.sweeps.entry(category).or_insert(Sweep { cause, after: None, rest: Rest::Some });
        }
    }

    /// Why all who wait in a category wait in vain for now, if so, and nobody helps out.
    fn cause(&self, category: CategoryId) -> Option<TellCause> {
        let rules = self.rules(category);
        let cause = match rules.hours.is_open(self.now) {
            false => TellCause::Closed,
            true if self.duty(category) == Duty::Nobody => TellCause::Nobody,
            true => return None,
        };
        let helper = rules.overflow.map(|overflow| overflow.to).filter(|to| self.categories.contains_key(to));
        let helped = helper.is_some_and(|to| closure(&self.rules(to), self.floor(to), self.now).is_none());
        (!helped).then_some(cause)
    }

    /// Goes on through a queue. Answers how many tickets it looked at.
    fn sweep_ceilings(&mut self, category: CategoryId, most: usize, out: &mut Vec<Output<A>>) -> usize {
        let Some(sweep) = self.ceilings.sweeps.get(&category).copied().filter(|sweep| sweep.rest == Rest::Some) else {
            return 0;
        };
        let queue = self.matcher.queue(category).into_iter();
        let keys: Vec<Key> = queue.flat_map(|queue| queue.line.after(sweep.after)).take(most).collect();
        for key in &keys {
            self.heed(key.ticket(), out);
        }
        let rest = if keys.len() < most { Rest::None } else { Rest::Some };
        let after = keys.last().copied().or(sweep.after);
        self.ceilings.sweeps.insert(category, Sweep { after, rest, ..sweep });
        keys.len()
    }

    /// Has a ticket's customer told what he was not told yet, if there is something.
    fn heed(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        let Some(facts) = self.facts(ticket).filter(|facts| facts.is_waiting() && facts.phase == Phase::Live) else {
            return;
        };
        if self.is_aside(ticket) {
            return;
        }
        let too_long = self.rules(facts.category).waited_too_long_at(facts.since).filter(|at| *at <= self.now);
        let sweep = self.ceilings.sweeps.get(&facts.category).map(|sweep| sweep.cause);
        let causes = [too_long.map(|_| TellCause::WaitTooLong), sweep];
        let cause = causes.into_iter().flatten().find(|cause| !facts.told.has(*cause));
        if let Some(cause) = cause {
            self.order(ticket, Order::Tell(cause), out);
        }
    }

    /// What is said with an order, where something is said.
    pub(super) fn notice(&self, ticket: TicketId, order: Order) -> Option<Announcement> {
        let Order::Tell(cause) = order else { return None };
        let category = self.facts(ticket)?.category;
        let rules = self.rules(category);
        let (may_wait, text) = match cause {
            TellCause::WaitTooLong => (true, &rules.full_text),
            TellCause::Nobody => (true, &rules.unavailable_text),
            TellCause::Closed => (self.duty(category) != Duty::Nobody, &rules.unavailable_text),
            TellCause::Silent => (false, &rules.silent_text),
        };
        Some(Announcement { may_wait, text: Arc::from(text.as_str()) })
    }
}
