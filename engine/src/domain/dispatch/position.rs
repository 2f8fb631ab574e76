//! Positions and estimated waits: told at once to who begins to wait, then in sweeps over the queues that moved.

use std::collections::HashMap;

use deskwire_protocol::{TicketId, Time};

use super::forecasts::Promise;
use super::{Dispatch, Output};
use crate::domain::event::CategoryId;
use crate::domain::matcher::Key;

/// A ticket is told its position at most once in this time, in milliseconds.
pub const POSITION_EVERY_MS: u64 = 1_000;
/// Positions told in one tick at most; the others follow in the next ones.
pub const POSITIONS_PER_TICK_MAX: usize = 500;
/// Waiting tickets looked at in one tick at most, so that a tick stays short however long the queues are.
const VISITS_PER_TICK_MAX: usize = 4_000;

/// What a ticket's customer was told last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    position: u32,
    wait_s: u32,
    at: Time,
    news: News,
    pub(super) promise: Promise,
}

/// Whether there is more to say than what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    OnChange,
    Asked,
}

/// How far the sweeps are.
#[derive(Debug, Default)]
pub(super) struct Sweeps {
    queues: HashMap<CategoryId, Sweep>,
    /// Where the next tick begins, so that no category waits for another.
    next: CategoryId,
}

/// The sweep of one queue. What moves behind it makes another sweep, so that at rest everybody has been told.
#[derive(Debug, Default)]
struct Sweep {
    /// The version of the queue at the beginning of the last sweep that told everybody.
    told: u64,
    /// The version at the beginning of this one.
    version: u64,
    /// The last ticket looked at, and how many were before and with it; none between sweeps.
    after: Option<(Key, usize)>,
    /// Tickets of this sweep that could not be told yet.
    missed: usize,
}

/// What a tick may still do.
struct Budget {
    visits: usize,
    tells: usize,
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.visits == 0 || self.tells == 0
    }
}

/// What became of telling.
#[derive(PartialEq, Eq)]
enum Telling {
    Told,
    Nothing,
    TooSoon,
}

impl Told {
    /// A position always matters; an estimate only if it is off by a tenth.
    fn is_right(&self, position: u32, wait_s: u32) -> bool {
        self.news == News::OnChange
            && self.position == position
            && self.wait_s.abs_diff(wait_s) <= self.wait_s.max(10) / 10
    }
}

impl<A> Dispatch<A> {
    /// Tells those who began to wait in this step, and still do.
    pub(super) fn tell_fresh(&mut self, out: &mut Vec<Output<A>>) {
        for ticket in std::mem::take(&mut self.fresh) {
            self.tell_now(ticket, out);
        }
    }

    /// Somebody asks: told at once, or with the next sweep if it was told just now.
    pub(super) fn retell(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        let Some(belief) = self.tickets.get_mut(&ticket) else {
            return;
        };
        if let Some(told) = &mut belief.told {
            told.news = News::Asked;
        }
        let category = belief.facts.category;
        if self.gate.is_open() && self.tell_now(ticket, out) == Telling::TooSoon {
            self.sweeps.queues.entry(category).or_default().told = 0;
        }
    }

    fn tell_now(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) -> Telling {
        match self.matcher.position(ticket) {
            Some(position) => self.tell(ticket, position, out),
            None => Telling::Nothing,
        }
    }

    fn tell(&mut self, ticket: TicketId, position: u64, out: &mut Vec<Output<A>>) -> Telling {
        let Some(category) = self.facts(ticket).map(|facts| facts.category) else {
            return Telling::Nothing;
        };
        let wait_s = self.wait_s(category, position);
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let Some(belief) = self.tickets.get_mut(&ticket) else { return Telling::Nothing };
        match &belief.told {
            Some(told) if told.is_right(position, wait_s) => return Telling::Nothing,
            Some(told) if self.now.ms() < told.at.ms() + POSITION_EVERY_MS => return Telling::TooSoon,
            Some(_) | None => {}
        }
        let promise = belief.told.map(|told| told.promise).filter(|promise| promise.stands(&belief.facts));
        let promise = promise.unwrap_or_else(|| Promise::new(&belief.facts, self.now, wait_s));
        belief.told = Some(Told { position, wait_s, at: self.now, news: News::OnChange, promise });
        out.push(Output::Position { ticket, customer: belief.facts.customer, position, wait_s });
        Telling::Told
    }

    pub(super) fn sweep_positions(&mut self, out: &mut Vec<Output<A>>) {
        if !self.gate.is_open() {
            return;
        }
        let next = self.sweeps.next;
        let categories: Vec<CategoryId> = self.matcher.queues().map(|(category, _)| category).collect();
        let (first, second) = categories.split_at(categories.partition_point(|category| *category < next));
        let mut budget = Budget { visits: VISITS_PER_TICK_MAX, tells: POSITIONS_PER_TICK_MAX };
        for category in second.iter().chain(first) {
            self.sweep(*category, &mut budget, out);
            if budget.is_spent() {
                self.sweeps.next = *category;
                return;
            }
        }
    }

    fn sweep(&mut self, category: CategoryId, budget: &mut Budget, out: &mut Vec<Output<A>>) {
        let Some(queue) = self.matcher.queue(category) else {
            return;
        };
        let mut sweep = self.sweeps.queues.remove(&category).unwrap_or_default();
        if sweep.after.is_none() && sweep.told != queue.version {
            sweep = Sweep { told: sweep.told, version: queue.version, after: None, missed: 0 };
        }
        if sweep.told != sweep.version {
            let after = sweep.after.map(|(key, _)| key);
            let keys: Vec<Key> = queue.line.after(after).take(budget.visits).collect();
            self.sweep_keys(&mut sweep, keys, budget, out);
        }
        self.sweeps.queues.insert(category, sweep);
    }

    fn sweep_keys(&mut self, sweep: &mut Sweep, keys: Vec<Key>, budget: &mut Budget, out: &mut Vec<Output<A>>) {
        for key in keys {
            if budget.is_spent() {
                return;
            }
            let before = sweep.after.map_or(0, |(_, count)| count);
            budget.visits -= 1;
            match self.tell(key.ticket(), before as u64 + 1, out) {
                Telling::Told => budget.tells -= 1,
                Telling::TooSoon => sweep.missed += 1,
                Telling::Nothing => {}
            }
            sweep.after = Some((key, before + 1));
        }
        if !budget.is_spent() {
            sweep.told = if sweep.missed == 0 { sweep.version } else { 0 };
            sweep.after = None;
        }
    }
}
