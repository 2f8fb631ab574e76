//! One run of a floor: arrivals, endings and customers who leave, in the order of their times.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use deskwire_protocol::{PersonId, Phase, Priority, Status, TicketId, Time};

use super::sample::{Deck, Dice, Handled, Patience};
use super::{Changes, Curves, MINUTES_MAX, Minute, Question, SERVICE_MS, Seen};
use crate::domain::event::CategoryId;
use crate::domain::matcher::{Agent, AgentProfile, Held, Hold, Matcher, Need, Overflow, Policy, Presence, Request};

/// Numbers of tickets and agents that there are not: above all that were given away so far, as good as surely.
const INVENTED: u64 = 0xFFFF_0000_0000_0000;

/// After so many happenings nobody comes any more: a run takes its time, and no longer, whatever was seen.
const HAPPENINGS_MAX: u64 = 1_000_000;

/// What happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    Arrives(CategoryId),
    Ends(TicketId),
    Leaves(TicketId),
    MinuteEnds,
}

/// What a category is drawn from.
struct Sources {
    gaps: Deck<u64>,
    handled: Handled,
    patience: Patience,
    needs: Deck<Arc<Need>>,
}

struct Run<'a> {
    /// Whose tickets are counted; nothing for all.
    of: Option<&'a BTreeSet<CategoryId>>,
    within_ms: &'a BTreeMap<CategoryId, u64>,
    matcher: Matcher,
    dice: Dice,
    now: Time,
    end: Time,
    sources: BTreeMap<CategoryId, Sources>,
    /// The number of each keeps the order of what happens at once.
    agenda: BinaryHeap<Reverse<(u64, u64, Happens)>>,
    numbers: u64,
    /// When those who wait began to, and in which category; and the same in order, of those that are counted.
    began: HashMap<TicketId, (u64, CategoryId)>,
    arrived: BTreeSet<(u64, TicketId)>,
    minute: Minute,
    curves: Curves,
}

pub(super) fn run(question: &Question<'_>, changes: &Changes, seed: u64) -> Curves {
    let minutes = question.minutes.min(MINUTES_MAX);
    let mut run = Run {
        of: question.of,
        within_ms: question.within_ms,
        matcher: question.matcher.clone(),
        dice: Dice::new(seed),
        now: question.now,
        end: Time::from_ms(question.now.ms() + u64::from(minutes) * 60_000),
        sources: question.seen.iter().map(|(category, seen)| (*category, Sources::of(seen))).collect(),
        agenda: BinaryHeap::new(),
        numbers: 0,
        began: HashMap::new(),
        arrived: BTreeSet::new(),
        minute: Minute::default(),
        curves: Curves::default(),
    };
    run.matcher.audit();
    run.take_over();
    run.change(changes);
    run.pair();
    (1..=u64::from(minutes)).for_each(|minute| run.at(minute * 60_000, Happens::MinuteEnds));
    run.go();
    run.curves
}

impl Sources {
    fn of(seen: &Seen) -> Sources {
        Sources {
            gaps: Deck::new(&seen.gaps_ms),
            handled: Handled::new(&seen.handled_ms),
            patience: Patience::of(&seen.waits),
            needs: Deck::new(&seen.needs),
        }
    }
}

impl Run<'_> {
    /// What is so at the beginning: who waits, what is handled, when the next customers come.
    fn take_over(&mut self) {
        let mut waiting: Vec<(TicketId, CategoryId, Time)> =
            self.matcher.requests().map(|request| (request.ticket, request.category, request.arrived)).collect();
        waiting.sort_unstable();
        for (ticket, category, arrived) in waiting {
            self.begins(ticket, category, arrived);
        }
        let held = self.matcher.agents().flat_map(|agent| agent.held().iter());
        let mut held: Vec<(TicketId, Held)> = held.map(|(ticket, held)| (*ticket, *held)).collect();
        held.sort_unstable_by_key(|(ticket, _)| *ticket);
        for (ticket, held) in held.into_iter().filter(|(_, held)| held.phase == Phase::Live) {
            let rest = self.rest(held);
            self.at(rest, Happens::Ends(ticket));
        }
        let categories: Vec<CategoryId> = self.sources.keys().copied().collect();
        categories.into_iter().for_each(|category| self.next_arrival(category));
    }

    fn rest(&mut self, held: Held) -> u64 {
        let now_ms = self.now.ms();
        let Some(sources) = self.sources.get(&held.category) else { return 60_000 };
        match held.since {
            Some(since) => sources.handled.rest(now_ms.saturating_sub(since.ms()), &mut self.dice),
            None => sources.handled.some_rest(&mut self.dice),
        }
    }

    fn change(&mut self, changes: &Changes) {
        let known = self.matcher.agents().filter(|agent| agent.is_on_duty());
        let mut at_work: Vec<AgentProfile> = known.map(Agent::profile).cloned().collect();
        at_work.sort_unstable_by_key(|profile| profile.id);
        let models: Vec<AgentProfile> = at_work.iter().cycle().take(changes.agents_more).cloned().collect();
        for (number, profile) in models.into_iter().enumerate() {
            let id = PersonId(INVENTED + number as u64);
            at_work.push(AgentProfile { id, ..profile });
        }
        for mut profile in at_work {
            let id = profile.id;
            profile.slots.live = changes.slots.unwrap_or(profile.slots.live);
            self.matcher.set_agent(profile, self.now);
            self.matcher.set_presence(id, Presence::Here, self.now);
            self.matcher.set_status(id, Status::Available, self.now);
        }
        for (of, to, after_ms) in &changes.overflow {
            let overflow = Some(Overflow { to: *to, after_ms: *after_ms });
            let policy = Policy { overflow, ..self.matcher.policy(*of) };
            self.matcher.set_policy(*of, policy, self.now);
        }
    }

    fn at(&mut self, later_ms: u64, happens: Happens) {
        self.numbers += 1;
        self.agenda.push(Reverse((self.now.ms() + later_ms, self.numbers, happens)));
    }

    fn go(&mut self) {
        loop {
            let next = self.agenda.peek().map_or(self.end.ms(), |Reverse((at, ..))| *at);
            // What changes by time alone comes first.
            if let Some(due) = self.matcher.next_due().filter(|due| due.ms() < next) {
                self.now = self.now.max(due);
                self.pair();
                continue;
            }
            let Some(Reverse((at, _, happens))) = self.agenda.pop().filter(|_| next <= self.end.ms()) else { return };
            self.now = self.now.max(Time::from_ms(at));
            self.happen(happens);
            self.pair();
        }
    }

    fn happen(&mut self, happens: Happens) {
        match happens {
            Happens::Arrives(category) => self.arrive(category),
            Happens::Ends(ticket) => self.matcher.leave(ticket, self.now),
            Happens::Leaves(ticket) => {
                if self.matcher.is_waiting(ticket) {
                    self.minute.abandoned += if self.waits_no_more(ticket).is_some() { 1.0 } else { 0.0 };
                    self.matcher.leave(ticket, self.now);
                }
            }
            Happens::MinuteEnds => self.end_minute(),
        }
    }

    fn arrive(&mut self, category: CategoryId) {
        self.next_arrival(category);
        self.numbers += 1;
        let (ticket, arrived) = (TicketId(INVENTED + self.numbers), self.now);
        let Some(sources) = self.sources.get_mut(&category) else { return };
        let need = sources.needs.draw(&mut self.dice).unwrap_or_default();
        let (priority, phase) = (Priority::Normal, Phase::Live);
        let request = Request {
            ticket,
            category,
            priority,
            arrived,
            since: arrived,
            phase,
            need,
            last_agent: None,
            ignored: Vec::new(),
        };
        self.matcher.wait(request, self.now);
        self.begins(ticket, category, arrived);
    }

    fn next_arrival(&mut self, category: CategoryId) {
        if self.numbers > HAPPENINGS_MAX {
            return;
        }
        let gap = self.sources.get_mut(&category).and_then(|sources| sources.gaps.draw(&mut self.dice));
        if let Some(gap) = gap {
            self.at(gap, Happens::Arrives(category));
        }
    }

    /// A customer waits; he loses his patience some day, or never.
    fn begins(&mut self, ticket: TicketId, category: CategoryId, arrived: Time) {
        self.began.insert(ticket, (arrived.ms(), category));
        if self.counts(category) {
            self.arrived.insert((arrived.ms(), ticket));
        }
        let waited_ms = self.now.ms().saturating_sub(arrived.ms());
        let sources = self.sources.get(&category);
        if let Some(patience_ms) = sources.and_then(|sources| sources.patience.draw(waited_ms, &mut self.dice)) {
            self.at(patience_ms.saturating_sub(waited_ms), Happens::Leaves(ticket));
        }
    }

    fn pair(&mut self) {
        self.matcher.advance(self.now);
        while let Some(made) = self.matcher.pair(self.now) {
            let (ticket, agent) = (made.ticket, made.agent);
            let held = self.matcher.agent(agent).and_then(|agent| agent.held().get(&ticket)).copied();
            let held = held.expect("a pair takes a slot");
            let since = Some(self.now);
            self.matcher.hold(ticket, agent, Held { hold: Hold::Active, since, ..held }, self.now);
            let sources = self.sources.get_mut(&held.category);
            let handled = sources.map_or(60_000, |sources| sources.handled.draw(&mut self.dice));
            self.at(handled, Happens::Ends(ticket));
            if let Some(in_time) = self.waits_no_more(ticket) {
                self.minute.served += 1.0;
                self.minute.in_time += f64::from(u8::from(in_time));
            }
        }
        self.matcher.audit();
    }

    /// Whether a ticket waited no longer than its category says, if it is counted.
    fn waits_no_more(&mut self, ticket: TicketId) -> Option<bool> {
        let (arrived, category) = self.began.remove(&ticket)?;
        self.arrived.remove(&(arrived, ticket));
        let within_ms = self.within_ms.get(&category).copied().unwrap_or(SERVICE_MS);
        self.counts(category).then(|| self.now.ms().saturating_sub(arrived) <= within_ms)
    }

    fn counts(&self, category: CategoryId) -> bool {
        self.of.is_none_or(|of| of.contains(&category))
    }

    fn end_minute(&mut self) {
        let oldest_ms = self.arrived.first().map_or(0, |(arrived, _)| self.now.ms().saturating_sub(*arrived));
        self.minute.waiting = self.arrived.len() as f64;
        self.minute.oldest_s = oldest_ms as f64 / 1_000.0;
        self.curves.minutes.push(std::mem::take(&mut self.minute));
    }
}
