//! At rest: faults stop, everything runs until it is quiet, and then log, Matcher, views and answers must agree.

use std::sync::Arc;

use deskwire::domain::event::Event;
use deskwire::domain::facts::Facts;
use deskwire::domain::who::Who;
use deskwire_loadtest::client::delivery::Phase;
use deskwire_protocol::{PersonId, Role, TicketId};

use crate::client::Hearing;
use crate::people::{self, AUTOMATIC, MANUAL};
use crate::shared::Check;
use crate::world::{Mode, World};

/// Longest time that anything waits before it is tried again, with room to spare, in milliseconds.
const REST_MS: u64 = 40_000;
/// Time passes in pieces of this, in milliseconds.
const PIECE_MS: u64 = 250;
/// Quiet for this long is rest: longer than any resend, in milliseconds.
const QUIET_MS: u64 = 11_500;

impl World {
    /// Runs until it is quiet, then checks.
    pub fn rest(&mut self) {
        self.mode = Mode::Rest;
        self.stalled = 0;
        self.shared.note("rest");
        self.somebody_goes_home();
        let (until, mut quiet) = (self.elapsed + REST_MS, 0);
        while self.elapsed < until && quiet < QUIET_MS {
            quiet = match self.settle() {
                true => 0,
                false => quiet + PIECE_MS,
            };
            if self.shared.broken().is_some() {
                return;
            }
            self.pass(PIECE_MS);
        }
        self.settle();
        self.check_matcher();
        self.check_pairs();
        self.check_presence();
        self.check_answers();
        self.check_views();
        self.check_registrations();
    }

    /// Does all there is to do now. Answers whether a client or the log moved.
    fn settle(&mut self) -> bool {
        let mut moved = false;
        loop {
            self.shared.trace.borrow_mut().step();
            let acted = (0..self.tabs.len()).filter(|tab| self.must_act(*tab)).count() > 0;
            moved |= acted;
            if !self.settle_one() && !acted {
                return moved;
            }
            self.check_step();
            if self.shared.broken().is_some() {
                return moved;
            }
        }
    }

    /// In half of the seeds an agent is not there at rest; nobody may take him for present.
    fn somebody_goes_home(&mut self) {
        let agents = self.tabs.iter().enumerate().filter(|(_, tab)| people::who(tab.person).role == Role::Agent);
        let agents: Vec<usize> = agents.map(|(index, _)| index).collect();
        let (Some(tab), 0) = (self.one_of(&agents), self.random.below(2)) else { return };
        self.tabs[tab].stays_away = true;
        if let Some(wire) = self.tabs[tab].wire {
            self.leave_wire(tab, wire);
        }
        // The last word of his going may be lost as well, and what he said be written and not told: he asks no more.
        for _ in 0..self.random.below(4) {
            (0..self.random.below(40)).for_each(|_| _ = self.settle_one());
            match self.random.below(3) {
                0 => self.person_fell(self.tabs[tab].person),
                _ => self.a_room_falls(),
            }
        }
    }

    fn is_here(&self, person: PersonId) -> bool {
        !self.engine.directory.outboxes(person).is_empty()
    }

    fn check_presence(&self) {
        let Some(dispatch) = self.engine.dispatcher.living() else { return };
        for who in people::staff() {
            let works = dispatch.matcher().agent(who.person).is_some_and(|agent| agent.slots_at_work() > 0);
            let words = || format!("{:?} works and is not there", who.person);
            self.shared.expect(!works || self.is_here(who.person), Check::Paired, words);
        }
    }

    fn fail_first(&self, check: Check, wrong: Option<String>) {
        if let Some(words) = wrong {
            self.shared.fail(check, words);
        }
    }

    fn check_matcher(&self) {
        let Some(dispatch) = self.engine.dispatcher.living().filter(|dispatch| dispatch.is_pairing()) else {
            return self.shared.fail(Check::MatcherIsLog, "the dispatcher does not pair");
        };
        let log = self.shared.log.borrow();
        let wrong = |facts: &&Facts| {
            let (matcher, ticket) = (dispatch.matcher(), facts.ticket);
            let right = matcher.is_waiting(ticket) == facts.is_waiting()
                && matcher.holder(ticket) == facts.owner().or(facts.writes_up());
            !right || (!facts.is_done_with() && dispatch.facts(ticket) != Some(*facts))
        };
        let words = log.all().find(wrong).map(|facts| {
            let matcher = dispatch.matcher();
            let (waits, holder) = (matcher.is_waiting(facts.ticket), matcher.holder(facts.ticket));
            format!(
                "{facts:?}; the Matcher: waits {waits}, held by {holder:?}, believes {:?}",
                dispatch.facts(facts.ticket)
            )
        });
        drop(log);
        self.fail_first(Check::MatcherIsLog, words);
    }

    /// By the log alone: a waiting ticket of an automatic category, and an agent of it with a free slot.
    fn check_pairs(&self) {
        let log = self.shared.log.borrow();
        let has_place = |agent: PersonId, facts: &Facts| {
            let same = log.owned(agent).filter(|owned| owned.phase == facts.phase);
            same.count() < usize::from(log.slots(agent))
        };
        let serves = |who: &Who, facts: &Facts| who.serves(facts.category) && self.is_here(who.person);
        let waits = |facts: &&Facts| facts.is_waiting() && facts.category != MANUAL;
        let overlooked = log.all().filter(waits).find_map(|facts| {
            let may = |who: &Arc<Who>| who.role == Role::Agent && serves(who, facts) && has_place(who.person, facts);
            Some((facts.ticket, people::staff().find(may)?.person))
        });
        // And one that was escalated does not stand beside a supervisor who could take it.
        let asked = |facts: &&Facts| facts.escalated().is_some() && facts.category == AUTOMATIC;
        let escalated = log.all().filter(asked).find_map(|facts| {
            let has_it = |person| facts.owner() == Some(person);
            let may = |who: &Arc<Who>| {
                who.role == Role::Supervisor
                    && !has_it(who.person)
                    && serves(who, facts)
                    && has_place(who.person, facts)
            };
            Some((facts.ticket, people::staff().find(may)?.person))
        });
        let overlooked = overlooked.or(escalated);
        let words = overlooked.map(|(ticket, agent)| format!("{ticket:?} waits beside {agent:?}"));
        drop(log);
        self.fail_first(Check::Paired, words);
    }

    fn check_answers(&self) {
        let open = self.wires.values().find(|wire| wire.outbox.asks() > 0);
        self.fail_first(
            Check::Answered,
            open.map(|wire| format!("{} questions of connection {} wait", wire.outbox.asks(), wire.outbox.id())),
        );
        for (index, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| !tab.stays_away) {
            let asked = tab.requests.iter().next();
            self.fail_first(Check::Answered, asked.map(|asked| format!("tab {index}: {asked:?} has no answer")));
            let waits = |heard: &Hearing| heard.delivery.outgoing().underway().len() > 0;
            let unsaid =
                tab.heard.iter().find(|(ticket, heard)| waits(heard) && !self.has_lost(**ticket, tab.person, heard));
            let words = |heard: &Hearing| {
                format!("tab {index} at {:?}: {:?}", heard.delivery.phase(), heard.delivery.outgoing())
            };
            self.fail_first(Check::Acknowledged, unsaid.map(|(_, heard)| words(heard)));
        }
    }

    fn check_views(&self) {
        for (index, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| !tab.stays_away) {
            for (ticket, heard) in
                tab.heard.iter().filter(|(ticket, heard)| !self.has_lost(**ticket, tab.person, heard))
            {
                let (seen, due) = (heard.delivery.seen(), self.due(*ticket, tab.person, heard.from));
                let words = || format!("tab {index} of {:?} has {seen} of {due} of {ticket:?}", tab.person);
                self.shared.expect(seen >= due, Check::Heard, words);
                let phase = heard.delivery.phase();
                let words = || format!("tab {index} of {:?}: {ticket:?} is {phase:?}", tab.person);
                self.shared.expect(phase == Phase::Live, Check::Heard, words);
            }
        }
    }

    /// Whether an agent was told that a ticket is not his to hear, and rightly so.
    fn has_lost(&self, ticket: TicketId, person: PersonId, heard: &Hearing) -> bool {
        let log = self.shared.log.borrow();
        // He may read it again by now, where it waits again.
        let who = people::who(person);
        let was_not = |seq| log.outline(ticket, seq).is_some_and(|outline| !outline.may_read(&who));
        heard.delivery.phase() == Phase::Failed && (1..=log.head(ticket)).any(was_not)
    }

    /// What somebody who joined at `from` must have seen: all, or what came before he lost the right.
    fn due(&self, ticket: TicketId, person: PersonId, from: u32) -> u32 {
        let log = self.shared.log.borrow();
        let who = people::who(person);
        let loses = |seq: &u32| {
            let posted = matches!(log.event(ticket, *seq).map(|event| &**event), Some(Event::Posted(_)));
            !posted && log.outline(ticket, *seq).is_some_and(|outline| !outline.may_read(&who))
        };
        let lost = (from + 1..=log.head(ticket)).find(loses);
        log.number_for(who.role, ticket, lost.map_or(log.head(ticket), |seq| seq - 1))
    }

    fn check_registrations(&self) {
        let log = self.shared.log.borrow();
        let tickets: Vec<TicketId> = log.all().map(|facts| facts.ticket).collect();
        drop(log);
        for ticket in tickets {
            let registered = self.engine.directory.registrations.of(ticket);
            let dead = registered.iter().find(|one| !one.to.is_open());
            self.fail_first(Check::NoLeak, dead.map(|one| format!("{} hears {ticket:?} and is gone", one.to.id())));
        }
    }
}
