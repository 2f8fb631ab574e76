//! Facts from rooms become beliefs, places in the Matcher, and what people are told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use deskwire_protocol::{Refusal, Routing, StageName, TicketId, Time};

use super::claim::{Pick, Wish};
use super::{Belief, Dispatch, Output, Standing, refuse};
use crate::domain::facts::Facts;
use crate::domain::matcher::{Held, Hold, Limit, Request};

/// Tickets that are over and whose last sequence is remembered, so that an older report does not bring them back.
pub const OVER_REMEMBERED_MAX: usize = 16_384;

/// A ticket was given to an agent, durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// How it came to him.
    pub routing: Routing,
    /// Whether that kept his limit.
    pub limit: Limit,
    /// How long it had waited, in milliseconds, if it was the first time.
    pub waited_ms: Option<u64>,
    /// How far off the wait was that its customer was told first, in milliseconds, if he was told one.
    pub estimate_error_ms: Option<u64>,
}

/// The last tickets that were over.
#[derive(Debug, Default)]
pub(super) struct Over {
    seqs: HashMap<TicketId, u32>,
    order: VecDeque<(TicketId, u32)>,
}

impl Over {
    fn remember(&mut self, ticket: TicketId, seq: u32) {
        if self.seqs.insert(ticket, seq) == Some(seq) {
            return;
        }
        self.order.push_back((ticket, seq));
        if self.order.len() > OVER_REMEMBERED_MAX
            && let Some((ticket, seq)) = self.order.pop_front()
            && self.seqs.get(&ticket) == Some(&seq)
        {
            self.seqs.remove(&ticket);
        }
    }

    fn is_newer(&self, facts: &Facts) -> bool {
        self.seqs.get(&facts.ticket).is_some_and(|seq| *seq > facts.seq)
    }
}

impl<A> Dispatch<A> {
    pub(super) fn report(&mut self, facts: Facts, era: u64, out: &mut Vec<Output<A>>) {
        let ticket = facts.ticket;
        self.learn(facts, out);
        self.heard(ticket, era);
    }

    /// Believes facts, unless newer ones are known already.
    pub(super) fn learn(&mut self, facts: Facts, out: &mut Vec<Output<A>>) {
        let ticket = facts.ticket;
        let known = self.tickets.get(&ticket);
        if self.over.is_newer(&facts) || known.is_some_and(|belief| belief.facts.seq > facts.seq) {
            return;
        }
        let old = self.tickets.remove(&ticket);
        let told = old.as_ref().and_then(|belief| belief.told);
        let shown = old.as_ref().and_then(Belief::shown).cloned();
        self.count_given(old.as_ref(), &facts);
        let before = old.as_ref().map(|belief| belief.facts.clone());
        let (standing, picks, since) = self.settle(old.map(|belief| belief.standing), &facts, out);
        let belief = Belief { facts, standing, told };
        self.place(&belief, since);
        self.pass_over_giver(before.as_ref(), &belief.facts);
        self.follow_ignored(before.as_ref(), &belief, out);
        self.follow_consulted(before.as_ref(), &belief.facts, out);
        self.follow_escalation(before.as_ref(), &belief.facts, out);
        self.floor_follows(shown.as_ref(), belief.shown());
        self.show(shown.as_ref(), &belief, out);
        let facts = belief.facts.clone();
        self.keep(belief);
        self.follow(before.as_ref(), &facts, out);
        self.prefer_last_agent(before.as_ref(), &facts, out);
        for pick in picks {
            self.judge_again(pick, ticket, out);
        }
    }

    fn count_given(&mut self, old: Option<&Belief<A>>, facts: &Facts) {
        let Some(old) = old else { return };
        if let Standing::Claimed(claim) = &old.standing
            && let Some(routing) = claim.won(facts)
        {
            let waited_ms = self.now.ms().saturating_sub(facts.arrived.ms());
            let waited_ms = (facts.round == 1).then_some(waited_ms);
            let limit = claim.limit();
            self.given.push(Given { routing, limit, waited_ms, estimate_error_ms: self.estimate_error_ms(old, facts) });
        }
    }

    /// The standing under new facts, the picks that a claim leaves behind if it ended, and when its agent began.
    fn settle(
        &mut self,
        old: Option<Standing<A>>,
        facts: &Facts,
        out: &mut Vec<Output<A>>,
    ) -> (Standing<A>, Vec<Pick<A>>, Option<Time>) {
        match old {
            Some(Standing::Offered(offer)) if offer.stands(facts) => (Standing::Offered(offer), Vec::new(), None),
            Some(Standing::Offered(offer)) => {
                self.rescind(facts.ticket, &offer, out);
                (Standing::Placed, Vec::new(), None)
            }
            Some(Standing::Claimed(claim)) if claim.is_open(facts) => (Standing::Claimed(claim), Vec::new(), None),
            Some(Standing::Claimed(claim)) => (Standing::Placed, claim.picks, Some(self.now)),
            Some(Standing::Resting) if facts.is_waiting() => (Standing::Resting, Vec::new(), None),
            Some(Standing::Placed | Standing::Resting | Standing::Out) | None if self.is_aside(facts.ticket) => {
                (Standing::Out, Vec::new(), None)
            }
            Some(Standing::Placed | Standing::Resting | Standing::Out) | None => (Standing::Placed, Vec::new(), None),
        }
    }

    /// Puts a ticket where its facts say, in the Matcher.
    fn place(&mut self, belief: &Belief<A>, since: Option<Time>) {
        let facts = &belief.facts;
        match (&belief.standing, facts.owner()) {
            (Standing::Claimed(_) | Standing::Offered(_) | Standing::Resting | Standing::Out, _) => {}
            (Standing::Placed, Some(agent)) => {
                let held = Held { category: facts.category, phase: facts.phase, hold: Hold::Active, since };
                self.matcher.hold(facts.ticket, agent, held, self.now);
            }
            (Standing::Placed, None) if facts.writes_up().is_some() => {
                let agent = facts.agent.expect("somebody writes it up");
                let (category, phase) = (facts.category, facts.phase);
                let held = Held { category, phase, hold: Hold::WrapUp, since: Some(facts.since) };
                self.matcher.hold(facts.ticket, agent, held, self.now);
            }
            (Standing::Placed, None) if facts.is_waiting() => self.queue(facts),
            (Standing::Placed, None) => self.matcher.leave(facts.ticket, self.now),
        }
    }

    /// Puts a ticket into its queue.
    pub(super) fn queue(&mut self, facts: &Facts) {
        let need = Arc::new(self.rules(facts.category).need(&facts.skills));
        let &Facts { ticket, category, priority, arrived, since, phase, agent: last_agent, .. } = facts;
        let ignored = facts.hands.ignored.clone();
        let request = Request { ticket, category, priority, arrived, since, phase, need, last_agent, ignored };
        self.matcher.wait(request, self.now);
        self.pass_over_whom_it_was_taken_from(ticket);
        if self.gate.is_open() {
            self.fresh.push(facts.ticket);
        }
    }

    /// Remembers a ticket, as long as it is not over.
    fn keep(&mut self, belief: Belief<A>) {
        let ticket = belief.facts.ticket;
        if belief.facts.is_done_with() {
            self.aside.remove(&ticket);
            self.over.remember(ticket, belief.facts.seq);
        } else {
            self.tickets.insert(ticket, belief);
        }
    }

    fn judge_again(&mut self, pick: Pick<A>, ticket: TicketId, out: &mut Vec<Output<A>>) {
        if let Some(facts) = self.facts(ticket) {
            if pick.wish == Wish::ToGive && facts.owner() != Some(pick.agent) {
                let words = format!("the ticket went elsewhere meanwhile: it is {}", stage_words(facts.stage));
                return out.push(Output::Answer { ask: pick.ask, result: Err((Refusal::Taken, words)) });
            }
            return self.pick(pick.agent, ticket, pick.ask, out);
        }
        let words = "the ticket is over: nobody can pick it".to_owned();
        let result = Err((Refusal::IllegalStep, words));
        out.push(Output::Answer { ask: pick.ask, result });
    }

    /// Lets go of a ticket until it is put back.
    pub(super) fn set_aside(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        self.heard(ticket, self.era);
        if !self.aside.insert(ticket) {
            return;
        }
        let Some(belief) = self.tickets.get_mut(&ticket) else {
            return;
        };
        let shown = belief.shown().cloned();
        let standing = std::mem::replace(&mut belief.standing, Standing::Out);
        if let Standing::Offered(offer) = &standing {
            self.rescind(ticket, offer, out);
        }
        self.orders.remove(&ticket);
        self.matcher.leave(ticket, self.now);
        self.floor_follows(shown.as_ref(), None);
        if let Some(facts) = shown {
            self.unshow(&facts, out);
        }
        for ask in standing.into_asks() {
            out.push(Output::Answer { ask, result: Err(refuse(Refusal::SetAside)) });
        }
    }

    /// Takes a ticket up again; its room says where it is.
    pub(super) fn put_back(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        if self.aside.remove(&ticket) {
            out.push(Output::Wake { ticket });
        }
    }
}

impl<A> Belief<A> {
    /// The facts that people have been told of it.
    pub(super) fn shown(&self) -> Option<&Facts> {
        match self.standing {
            Standing::Placed | Standing::Claimed(_) | Standing::Offered(_) | Standing::Resting => Some(&self.facts),
            Standing::Out => None,
        }
    }
}

impl<A> Standing<A> {
    /// The asks that wait in it.
    pub(super) fn into_asks(self) -> Vec<A> {
        match self {
            Standing::Claimed(claim) => claim.picks.into_iter().map(|pick| pick.ask).collect(),
            Standing::Placed | Standing::Offered(_) | Standing::Resting | Standing::Out => Vec::new(),
        }
    }
}

/// A stage in the words of a refusal.
pub(super) fn stage_words(stage: StageName) -> &'static str {
    match stage {
        StageName::Waiting => "waiting",
        StageName::Assigned => "assigned",
        StageName::Pending => "pending",
        StageName::OnHold => "on hold",
        StageName::Closed => "closed",
        StageName::Rejected => "rejected",
        StageName::Abandoned => "abandoned",
        StageName::Reopened => "reopened",
    }
}
