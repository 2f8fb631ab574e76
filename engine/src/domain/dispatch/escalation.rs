//! Escalated tickets: those that wait for a supervisor, in front of all else that he could take.
//!
//! That a ticket is escalated is in its log; here is only their line. Its owner has it, and uses a slot for it, until a
//! supervisor's room has said that it is his: it moves as a transfer does. One that has come back to the queue meanwhile,
//! its owner being gone, stays in the line too: a supervisor who is free has it before anybody else. Until one is, an
//! agent may have it, and it waits for a supervisor on. Either takes it out of the queue in one place, the Matcher, so it
//! is given once.

use std::collections::BTreeSet;
use std::sync::Arc;

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::{PersonId, Role, Routing, TicketId, Time};

use super::view::ENTRIES_PER_SLICE_MAX;
use super::{Dispatch, Output, Standing};
use crate::domain::facts::Facts;
use crate::domain::matcher::{Held, Hold, Limit, Mode};
use crate::domain::ticket::Moved;

/// Tickets that wait for a supervisor, the first escalated first.
#[derive(Debug, Default)]
pub(super) struct Escalations {
    line: BTreeSet<(Time, TicketId)>,
    /// The version of the supervisors under which nobody was found for any of them.
    looked_at: Option<u64>,
}

impl Escalations {
    pub(super) fn look_again(&mut self) {
        self.looked_at = None;
    }
}

impl<A> Dispatch<A> {
    /// Tickets that wait for a supervisor, the first escalated first.
    pub fn escalated(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.escalations.line.iter().map(|(_, ticket)| *ticket)
    }

    /// Facts changed: the line follows, and supervisors who watch the queue hear of it.
    pub(super) fn follow_escalation(&mut self, before: Option<&Facts>, facts: &Facts, out: &mut Vec<Output<A>>) {
        let (was, is) = (before.and_then(Facts::escalated), facts.escalated());
        let same_category = before.is_none_or(|before| before.category == facts.category);
        if is.is_some() && before.is_some_and(|before| before.owner() != facts.owner()) {
            // Its agent is gone, or another has it: a supervisor who is free comes before all others.
            self.escalations.look_again();
        }
        if (was, same_category) == (is, true) {
            return;
        }
        self.escalations.look_again();
        if let (Some(since), Some(before)) = (was, before) {
            self.escalations.line.remove(&(since, facts.ticket));
            self.show_escalation(before, Time::default(), out);
        }
        if let Some(since) = is {
            self.escalations.line.insert((since, facts.ticket));
            self.show_escalation(facts, since, out);
        }
    }

    fn show_escalation(&mut self, facts: &Facts, since: Time, out: &mut Vec<Output<A>>) {
        let watchers = self.audience(facts.category);
        let to: Arc<[PersonId]> = watchers.iter().copied().filter(|id| self.may_take_escalated(*id)).collect();
        if !to.is_empty() {
            out.push(Output::Staff { to, frame: self.escalation(facts, since) });
        }
    }

    /// To one who begins to watch: the first of the line.
    pub(super) fn show_escalations(&mut self, id: PersonId, out: &mut Vec<Output<A>>) {
        if !self.may_take_escalated(id) {
            return;
        }
        let serves = |facts: &&Facts| self.matcher.agent(id).is_some_and(|agent| agent.serves(facts.category));
        let tickets = self.escalated().filter_map(|ticket| self.facts(ticket)).filter(serves);
        let to: Arc<[PersonId]> = Arc::new([id]);
        out.extend(tickets.take(ENTRIES_PER_SLICE_MAX).map(|facts| Output::Staff {
            to: to.clone(),
            frame: self.escalation(facts, facts.escalated().unwrap_or_default()),
        }));
    }

    fn may_take_escalated(&self, id: PersonId) -> bool {
        self.matcher.agent(id).is_some_and(|agent| agent.profile().role == Role::Supervisor)
    }

    fn escalation(&self, facts: &Facts, since: Time) -> StaffFrame {
        let category = self.category_name(facts.category);
        let (ticket, name, subject) = (facts.ticket, facts.name.clone(), facts.subject.clone());
        StaffFrame::Escalation(kinds::Escalation { ticket, since, category, name, subject })
    }

    /// Gives escalated tickets to supervisors who are free, before anything else is given to them.
    pub(super) fn hand_to_supervisors(&mut self, out: &mut Vec<Output<A>>) {
        let version = self.matcher.supervisors_version();
        if self.escalations.line.is_empty() || self.escalations.looked_at == Some(version) || !self.is_pairing() {
            return;
        }
        let line: Vec<TicketId> = self.escalated().collect();
        for ticket in line {
            self.hand_to_supervisor(ticket, out);
        }
        self.escalations.looked_at = Some(self.matcher.supervisors_version());
    }

    fn hand_to_supervisor(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        let Some(belief) = self.tickets.get(&ticket).filter(|belief| matches!(belief.standing, Standing::Placed))
        else {
            return;
        };
        let (category, phase, from) = (belief.facts.category, belief.facts.phase, belief.facts.owner());
        let Some(supervisor) = self.matcher.free_supervisor(ticket, category, phase, self.now) else { return };
        let held = Held { category, phase, hold: Hold::Promised, since: None };
        if self.matcher.move_to(ticket, (supervisor, Limit::Kept), held, self.now).is_err() {
            return;
        }
        let moved = Some(Arc::new(Moved::by_engine(from)));
        match self.rules(category).mode {
            Mode::Offer => self.offer(ticket, supervisor, (Routing::Escalated, moved), out),
            Mode::Automatic | Mode::Manual => {
                self.claim(ticket, supervisor, (Routing::Escalated, moved), Vec::new(), out);
            }
        }
    }
}
