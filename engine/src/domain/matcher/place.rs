//! Where a waiting ticket stands: in its category's line, in the class of what it asks for now, with the agent who
//! had it last, or in another category's queue besides; and when that changes by time alone.

use std::sync::Arc;

use deskwire_protocol::{PersonId, Phase, Priority, TicketId, Time};

use super::classes::ClassKey;
use super::line::{Key, Line};
use super::queue::Mode;
use super::skill::Need;
use super::{Matcher, Place};
use crate::domain::event::CategoryId;

/// What a ticket wants of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The ticket.
    pub ticket: TicketId,
    /// Its category.
    pub category: CategoryId,
    /// How soon it should be served.
    pub priority: Priority,
    /// When it came to the queue first: its place in the order, and what its skills and overflow are reckoned from.
    pub arrived: Time,
    /// When this round of waiting began: what the wait for its last agent is reckoned from.
    pub since: Time,
    /// Which slots it uses.
    pub phase: Phase,
    /// What it asks for.
    pub need: Arc<Need>,
    /// Who had it last.
    pub last_agent: Option<PersonId>,
    /// Who wants none of it.
    pub ignored: Vec<PersonId>,
}

/// A waiting ticket and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) request: Request,
    pub(super) key: Key,
    pub(super) stands: Stands,
    /// When it stands elsewhere by time alone.
    pub(super) due: Option<Time>,
}

/// Where a ticket stands besides the line of its category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// In that line alone: it is picked by hand.
    Apart,
    /// It waits for the agent who had it last, and for him alone.
    With(PersonId),
    /// In these categories' classes: its own, and one that helps out.
    In { class: ClassKey, own: Option<CategoryId>, besides: Option<CategoryId> },
}

impl Spot {
    /// The queues in whose classes it stands.
    pub(super) fn queues(&self) -> impl Iterator<Item = (CategoryId, &ClassKey)> {
        let (class, categories) = match &self.stands {
            Stands::In { class, own, besides } => (Some(class), [*own, *besides]),
            Stands::Apart | Stands::With(_) => (None, [None, None]),
        };
        categories.into_iter().flatten().zip(class.into_iter().cycle())
    }

    /// The category that helps out, if one does.
    pub(super) fn besides(&self) -> Option<CategoryId> {
        match &self.stands {
            Stands::In { besides, .. } => *besides,
            Stands::Apart | Stands::With(_) => None,
        }
    }
}

impl Matcher {
    /// A new spot for a request; the ticket has none yet.
    pub(super) fn stand(&mut self, request: Request, now: Time) {
        let key = Key::new(request.priority, request.arrived, request.ticket);
        let (category, ticket) = (request.category, request.ticket);
        let mut spot = Spot { request, key, stands: Stands::Apart, due: None };
        self.with_line(category, |line| _ = line.insert(key));
        self.enter(&mut spot, now);
        self.waiting += 1;
        self.places.insert(ticket, Place::Waiting(Box::new(spot)));
    }

    /// Takes a spot out of every line.
    pub(super) fn unstand(&mut self, spot: &Spot) {
        self.exit(spot);
        self.with_line(spot.request.category, |line| _ = line.remove(&spot.key));
        self.waiting -= 1;
        self.dirty.tickets.remove(&spot.key);
    }

    /// Lets a waiting ticket stand where it should by now.
    pub(super) fn stand_anew(&mut self, ticket: TicketId, now: Time) {
        if !self.is_waiting(ticket) {
            return;
        }
        let Some(Place::Waiting(mut spot)) = self.places.remove(&ticket) else { return };
        self.exit(&spot);
        self.enter(&mut spot, now);
        self.places.insert(ticket, Place::Waiting(spot));
    }

    /// Time has passed: whoever asks for less by now, or need not wait for his agent any more, stands elsewhere.
    pub fn advance(&mut self, now: Time) {
        while let Some((due, ticket)) = self.due.first().copied().filter(|(due, _)| *due <= now.ms()) {
            self.due.remove(&(due, ticket));
            self.forget_exclusions(ticket, now);
            self.stand_anew(ticket, now);
        }
    }

    /// When [`Matcher::advance`] has something to do next.
    pub fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| Time::from_ms(*due))
    }

    fn enter(&mut self, spot: &mut Spot, now: Time) {
        (spot.stands, spot.due) = self.where_to(&spot.request, now);
        match &spot.stands {
            Stands::Apart => {}
            Stands::With(agent) => {
                let lines = self.sticky.entry(*agent).or_default();
                lines.of_mut(spot.request.phase).insert(spot.key);
            }
            Stands::In { class, own, besides } => {
                for category in [*own, *besides].into_iter().flatten() {
                    self.queues.entry(category).or_default().classes.add(class, spot.key);
                }
                if let Some(category) = *besides {
                    self.with_line(category, |line| _ = line.insert(spot.key));
                }
            }
        }
        let due = spot.due.into_iter().chain(self.exclusion_ends(spot.request.ticket)).min();
        spot.due = due;
        self.due.extend(due.map(|due| (due.ms(), spot.request.ticket)));
        self.dirty.tickets.insert(spot.key);
        self.dirty.look_again();
    }

    fn exit(&mut self, spot: &Spot) {
        if let Some(due) = spot.due {
            self.due.remove(&(due.ms(), spot.request.ticket));
        }
        match &spot.stands {
            Stands::Apart => {}
            Stands::With(agent) => {
                if let Some(lines) = self.sticky.get_mut(agent) {
                    lines.of_mut(spot.request.phase).remove(&spot.key);
                    if lines.live.is_empty() && lines.asynchronous.is_empty() {
                        self.sticky.remove(agent);
                    }
                }
            }
            Stands::In { class, own, besides } => {
                for category in [*own, *besides].into_iter().flatten() {
                    self.queues.entry(category).or_default().classes.take_out(class, spot.key);
                }
                if let Some(category) = *besides {
                    self.with_line(category, |line| _ = line.remove(&spot.key));
                }
            }
        }
    }

    /// Where a request stands now, and until when.
    fn where_to(&self, request: &Request, now: Time) -> (Stands, Option<Time>) {
        let policy = self.policy(request.category);
        if let Some((agent, until)) =
            self.awaited(request, policy.sticky_ms, now).filter(|_| policy.mode != Mode::Manual)
        {
            return (Stands::With(agent), Some(until));
        }
        let (skills, relaxes) = request.need.at(request.arrived, now);
        let overflow = policy.overflow.filter(|overflow| overflow.to != request.category);
        let spills = overflow.map(|overflow| Time::from_ms(request.arrived.ms().saturating_add(overflow.after_ms)));
        let besides = overflow.filter(|_| spills.is_some_and(|at| at <= now)).map(|overflow| overflow.to);
        let besides = besides.filter(|category| self.policy(*category).mode != Mode::Manual);
        let own = (policy.mode != Mode::Manual).then_some(request.category);
        let due = relaxes.into_iter().chain(spills.filter(|at| *at > now)).min();
        match own.or(besides) {
            None => (Stands::Apart, due),
            Some(_) => {
                let class = ClassKey { phase: request.phase, skills: skills.clone() };
                (Stands::In { class, own, besides }, due)
            }
        }
    }

    /// The agent that a ticket waits for, and until when.
    fn awaited(&self, request: &Request, sticky_ms: u64, now: Time) -> Option<(PersonId, Time)> {
        let until = Time::from_ms(request.since.ms().saturating_add(sticky_ms));
        let id = request.last_agent.filter(|_| now < until)?;
        let agent = self.agents.get(&id)?;
        let awaited = agent.is_on_duty() && agent.serves(request.category) && !request.ignored.contains(&id);
        (awaited && !self.is_named_excluded(request.ticket, id, now)).then_some((id, until))
    }

    /// An agent is no longer at work: who waits for him alone need not.
    pub(super) fn wait_no_more_for(&mut self, agent: PersonId, now: Time) {
        let lines = self.sticky.get(&agent).into_iter();
        let tickets: Vec<TicketId> =
            lines.flat_map(|lines| keys(&lines.live).chain(keys(&lines.asynchronous))).collect();
        for ticket in tickets {
            self.stand_anew(ticket, now);
        }
    }
}

fn keys(line: &Line) -> impl Iterator<Item = TicketId> + '_ {
    line.after(None).map(|key| key.ticket())
}
