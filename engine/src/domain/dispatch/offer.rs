//! Offers: an agent is asked whether he will have a ticket, which waits on until he has said so.
//!
//! Created, then accepted, declined, lapsed or rescinded. A ticket is in at most one; the agent's slot is taken
//! meanwhile. An offer lives in the dispatcher's memory alone: after its fall they are made again.

use std::sync::Arc;

use deskwire_protocol::kinds::{self, Offered, StaffFrame, TransferAnswered};
use deskwire_protocol::words::OfferExit;
use deskwire_protocol::{PersonId, Phase, Refusal, Routing, Status, TicketId, Time};

use super::claim::{Pick, Wish, no};
use super::{Dispatch, Output, Standing};
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::ticket::Moved;

/// What an agent says to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAnswer {
    /// Yes.
    Accept,
    /// No.
    Decline,
}

/// An offer that stands.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    agent: PersonId,
    number: u32,
    until: Time,
    round: u32,
    category: CategoryId,
    phase: Phase,
    /// How the ticket comes to him if he accepts.
    routing: Routing,
    /// Who has it until then and who moves it, where somebody does.
    moved: Option<Arc<Moved>>,
}

impl Offer {
    /// Whether facts leave it standing.
    pub(super) fn stands(&self, facts: &Facts) -> bool {
        let same = (facts.round, facts.category, facts.phase) == (self.round, self.category, self.phase);
        let asked_for = self.routing != Routing::Escalated || facts.escalated().is_some();
        self.from().map_or(facts.is_waiting(), |from| facts.owner() == Some(from))
            && same
            && asked_for
            && !facts.hands.ignored.contains(&self.agent)
    }

    /// Who has the ticket while it is offered.
    fn from(&self) -> Option<PersonId> {
        self.moved.as_ref().and_then(|moved| moved.from)
    }
}

impl<A> Dispatch<A> {
    /// Asks an agent; his slot is taken already.
    pub(super) fn offer(
        &mut self,
        ticket: TicketId,
        agent: PersonId,
        (routing, moved): (Routing, Option<Arc<Moved>>),
        out: &mut Vec<Output<A>>,
    ) {
        self.remember_decision(ticket, agent, routing);
        self.attempts += 1;
        let number = u32::try_from(self.attempts & u64::from(u32::MAX)).expect("32 bits");
        let facts = self.facts(ticket).expect("what waits in the Matcher was reported");
        let rules = self.rules(facts.category);
        let until = Time::from_ms(self.now.ms() + u64::from(rules.offer_s) * 1_000);
        let &Facts { round, category, phase, .. } = facts;
        let offer = Offer { agent, number, until, round, category, phase, routing, moved };
        out.push(Output::Offer { agent, offer: self.offered_as(facts, &offer) });
        self.offers.insert((until.ms(), ticket));
        if let Some(belief) = self.tickets.get_mut(&ticket) {
            belief.standing = Standing::Offered(offer);
        }
    }

    /// An offer as its agent is shown it.
    fn offered_as(&self, facts: &Facts, offer: &Offer) -> Offered {
        let &Offer { number, until, category, .. } = offer;
        let Facts { ticket, priority, arrived, name, subject, .. } = facts.clone();
        let category = self.category_name(category);
        Offered { ticket, offer: number, until, category, priority, since: arrived, name, subject }
    }

    /// What a new connection of an agent's must know besides which tickets are his: what he is asked to take, and what
    /// he writes up.
    pub fn greeting(&self, agent: PersonId) -> Vec<StaffFrame> {
        let held = self.matcher.agent(agent).into_iter().flat_map(|agent| agent.held().keys());
        let frame = |facts: &Facts| match self.offer_of(facts.ticket).filter(|offer| offer.agent == agent) {
            Some(offer) => Some(self.offered_as(facts, &offer).into()),
            None => {
                let until = facts.wrap_up_until.filter(|_| facts.writes_up() == Some(agent))?;
                Some(kinds::WrapUp { ticket: facts.ticket, until }.into())
            }
        };
        held.filter_map(|ticket| frame(self.facts(*ticket)?)).collect()
    }

    pub(super) fn answer_offer(
        &mut self,
        agent: PersonId,
        ticket: TicketId,
        number: u32,
        answer: OfferAnswer,
        ask: A,
        out: &mut Vec<Output<A>>,
    ) {
        let offer = self.offer_of(ticket).filter(|offer| offer.agent == agent && offer.number == number);
        let Some(offer) = offer else {
            return out.push(no(ask, Refusal::Lapsed));
        };
        match (answer, self.paused) {
            (OfferAnswer::Accept, Some(refusal)) => out.push(no(ask, refusal)),
            (OfferAnswer::Accept, None) => {
                self.end_offer(ticket, &offer, OfferExit::Accepted, out);
                self.claim(
                    ticket,
                    agent,
                    (offer.routing, offer.moved),
                    vec![Pick { agent, wish: Wish::ToHave, ask }],
                    out,
                );
            }
            (OfferAnswer::Decline, _) => {
                self.end_offer(ticket, &offer, OfferExit::Declined, out);
                self.take_back(ticket, &offer);
                self.pass_over(ticket, agent, out);
                out.push(Output::Answer { ask, result: Ok(()) });
            }
        }
    }

    /// Offers whose time is over: the ticket goes back to its place, and whoever did not answer gets no more until he
    /// says otherwise.
    pub(super) fn let_offers_lapse(&mut self, out: &mut Vec<Output<A>>) {
        while let Some((due, ticket)) = self.offers.first().copied().filter(|(due, _)| *due <= self.now.ms()) {
            self.offers.remove(&(due, ticket));
            let Some(offer) = self.offer_of(ticket).filter(|offer| offer.until.ms() == due) else { continue };
            self.end_offer(ticket, &offer, OfferExit::Lapsed, out);
            if self.is_available(offer.agent) {
                self.matcher.set_status(offer.agent, Status::NotResponding, self.now);
                let (agent, status, label) = (offer.agent, Status::NotResponding, String::new());
                out.push(Output::StatusIs { agent, status, label, ask: None });
            }
            self.take_back(ticket, &offer);
            self.pass_over(ticket, offer.agent, out);
        }
    }

    fn is_available(&self, agent: PersonId) -> bool {
        self.matcher.agent(agent).is_some_and(|agent| agent.state().status == Status::Available)
    }

    /// The ticket is where it was before it was offered: in its queue, or with its owner.
    pub(super) fn take_back(&mut self, ticket: TicketId, offer: &Offer) {
        let Some(belief) = self.tickets.get_mut(&ticket) else { return };
        belief.standing = Standing::Placed;
        let facts = belief.facts.clone();
        match offer.from() {
            Some(_) => self.matcher.move_no_more(ticket, self.now),
            None => self.queue(&facts),
        }
    }

    /// The ticket is not for him, as long as somebody else is there.
    fn pass_over(&mut self, ticket: TicketId, agent: PersonId, out: &mut Vec<Output<A>>) {
        let Some(facts) = self.facts(ticket) else { return };
        let (category, waits) = (facts.category, facts.is_waiting());
        let again_ms = u64::from(self.rules(category).again_s) * 1_000;
        self.matcher.exclude(ticket, agent, Time::from_ms(self.now.ms() + again_ms), self.now);
        if waits && !self.matcher.has_candidate(ticket, self.now) {
            out.push(Output::AllDeclined { ticket, category });
        }
    }

    /// The ticket went elsewhere, or is over.
    pub(super) fn rescind(&mut self, ticket: TicketId, offer: &Offer, out: &mut Vec<Output<A>>) {
        self.end_offer(ticket, offer, OfferExit::Rescinded, out);
    }

    /// All offers of an agent: he works here no more.
    pub(super) fn rescind_all(&mut self, agent: PersonId, out: &mut Vec<Output<A>>) {
        let tickets: Vec<TicketId> = self.offers.iter().map(|(_, ticket)| *ticket).collect();
        for ticket in tickets {
            let Some(offer) = self.offer_of(ticket).filter(|offer| offer.agent == agent) else { continue };
            self.rescind(ticket, &offer, out);
            self.take_back(ticket, &offer);
            self.pass_over(ticket, agent, out);
        }
    }

    fn end_offer(&mut self, ticket: TicketId, offer: &Offer, exit: OfferExit, out: &mut Vec<Output<A>>) {
        self.offers.remove(&(offer.until.ms(), ticket));
        out.push(Output::OfferGone { agent: offer.agent, ticket, offer: offer.number, exit });
        if let Some(moved) = offer.moved.as_ref().filter(|moved| moved.by != PersonId::default()) {
            let name = self.matcher.agent(offer.agent).map_or_else(String::new, |agent| agent.profile().name.clone());
            let answered = TransferAnswered { ticket, agent: offer.agent, name, exit };
            out.push(Output::Staff { to: Arc::new([moved.by]), frame: answered.into() });
        }
    }

    pub(super) fn offer_of(&self, ticket: TicketId) -> Option<Offer> {
        match &self.tickets.get(&ticket)?.standing {
            Standing::Offered(offer) => Some(offer.clone()),
            Standing::Placed | Standing::Claimed(_) | Standing::Resting | Standing::Out => None,
        }
    }

    /// Who is asked about a ticket, and by which number.
    pub fn offered(&self, ticket: TicketId) -> Option<(PersonId, u32)> {
        self.offer_of(ticket).map(|offer| (offer.agent, offer.number))
    }
}
