//! What the queue does where people hand tickets on.

use std::sync::Arc;

use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{PersonId, Routing, StageName, Time};

use super::{Belief, Dispatch, Output};
use crate::domain::facts::Facts;
use crate::domain::matcher::Mode;
use crate::domain::rules::ms;

impl<A> Dispatch<A> {
    /// Who gives a ticket to another category does not get it back there, for a while, as long as somebody else is there.
    pub(super) fn pass_over_giver(&mut self, before: Option<&Facts>, facts: &Facts) {
        let Some(giver) = before.filter(|before| before.category != facts.category).and_then(Facts::owner) else {
            return;
        };
        if facts.is_waiting() {
            let again_ms = ms(self.rules(facts.category).again_s);
            self.matcher.exclude(facts.ticket, giver, Time::from_ms(self.now.ms() + again_ms), self.now);
        }
    }

    /// Who ignores a ticket sees it leave his view, who does no longer sees it come; when nobody is left who could take
    /// it, supervisors hear so.
    pub(super) fn follow_ignored(&mut self, before: Option<&Facts>, belief: &Belief<A>, out: &mut Vec<Output<A>>) {
        let facts = &belief.facts;
        let (ticket, is) = (facts.ticket, &facts.hands.ignored);
        let was = before.map_or(&[][..], |before| &before.hands.ignored);
        let watchers = self.audience(facts.category);
        let among = |one: &[PersonId], other: &[PersonId]| -> Arc<[PersonId]> {
            one.iter().copied().filter(|id| !other.contains(id) && watchers.contains(id)).collect()
        };
        let (gone, back) = (among(is, was), among(was, is));
        if !gone.is_empty() {
            out.push(Output::QueueGone { to: gone, ticket, exit: QueueExit::Ignored });
        }
        if !back.is_empty() && facts.is_waiting() {
            out.push(Output::QueueEntry { to: back, entry: self.entry(facts) });
        }
        let more = before.is_some() && is.iter().any(|id| !was.contains(id));
        if more && self.matcher.is_waiting(ticket) && !self.matcher.has_candidate(ticket, self.now) {
            out.push(Output::AllDeclined { ticket, category: facts.category });
        }
    }

    /// A ticket that was opened again goes to whoever had it last, if he is free just then; else it waits like any other.
    /// Where tickets are picked by hand nothing is given.
    pub(super) fn prefer_last_agent(&mut self, before: Option<&Facts>, facts: &Facts, out: &mut Vec<Output<A>>) {
        let anew = before.is_none_or(|before| before.round != facts.round) && facts.stage == StageName::Reopened;
        let Some(agent) = facts.agent.filter(|_| anew && self.is_pairing()) else { return };
        let (ticket, mode) = (facts.ticket, self.rules(facts.category).mode);
        if mode == Mode::Manual || self.matcher.pick(agent, ticket, self.now).is_err() {
            return;
        }
        match mode {
            Mode::Offer => self.offer(ticket, agent, (Routing::Offered, None), out),
            Mode::Automatic | Mode::Manual => self.claim(ticket, agent, (Routing::Automatic, None), Vec::new(), out),
        }
    }
}
