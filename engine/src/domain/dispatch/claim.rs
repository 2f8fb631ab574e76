//! Claims: a slot is taken, an Assign is on its way, and picks wait for what becomes of it.

use std::sync::Arc;

use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Role, Routing, TicketId};

use super::learn::stage_words;
use super::message::attempt_of;
use super::{Answer, Belief, Dispatch, Output, Standing, refuse};
use crate::domain::facts::Facts;
use crate::domain::matcher::{CannotTake, How, Limit, Match};
use crate::domain::ticket::Moved;

/// An Assign that was not answered for this long is sent again, in milliseconds.
pub const ASSIGN_REPEAT_MS: u64 = 2_000;
/// Picks that may wait for one claim; further ones are told `busy`.
pub const PICKS_PER_TICKET_MAX: usize = 256;

/// A slot taken for a ticket whose room has yet to say so.
#[derive(Debug)]
pub(super) struct Claim<A> {
    agent: PersonId,
    name: String,
    role: Role,
    round: u32,
    routing: Routing,
    wrap_up_s: u32,
    /// Who has it until then and who moves it, where somebody does.
    pub(super) moved: Option<Arc<Moved>>,
    /// The latest.
    attempt: u64,
    /// The agent's own and others', in the order in which they came.
    pub(super) picks: Vec<Pick<A>>,
}

/// Somebody who waits for the answer whether a ticket is this agent's.
#[derive(Debug)]
pub(super) struct Pick<A> {
    pub(super) agent: PersonId,
    pub(super) wish: Wish,
    pub(super) ask: A,
}

/// What he who waits asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The agent himself asked for it: if it waits after all, he may have it still.
    ToHave,
    /// Somebody gave it to the agent: if it went elsewhere, that is over.
    ToGive,
}

/// When an attempt is to be repeated if it is still the latest.
#[derive(Debug)]
pub(super) struct Repeat {
    due_ms: u64,
    ticket: TicketId,
    attempt: u64,
}

/// What becomes of a pick now.
enum Verdict {
    Answer(Answer),
    WaitForClaim,
    Ask,
}

impl<A> Claim<A> {
    /// How its agent came by the ticket, if these facts say that he has it.
    pub(super) fn won(&self, facts: &Facts) -> Option<Routing> {
        let round = self.round + u32::from(self.from().is_some());
        (facts.owner() == Some(self.agent) && facts.round == round).then_some(self.routing)
    }

    /// Whether facts leave it undecided.
    pub(super) fn is_open(&self, facts: &Facts) -> bool {
        let stands = self.from().map_or(facts.is_waiting(), |from| facts.owner() == Some(from));
        stands && facts.round == self.round
    }

    /// Whether a free slot was needed.
    pub(super) fn limit(&self) -> Limit {
        match self.moved.as_ref().map(|moved| moved.manner) {
            Some(Manner::BeyondLimit) => Limit::Beyond,
            Some(Manner::AtOnce | Manner::IfAccepted) | None => Limit::Kept,
        }
    }

    /// Who has the ticket while it moves.
    pub(super) fn from(&self) -> Option<PersonId> {
        self.moved.as_ref().and_then(|moved| moved.from)
    }
}

impl<A> Dispatch<A> {
    /// Makes every pair that can be made.
    pub(super) fn pair(&mut self, out: &mut Vec<Output<A>>) {
        while self.is_pairing() {
            let Some(Match { ticket, agent, how }) = self.matcher.pair(self.now) else {
                return;
            };
            match how {
                How::Assign => self.claim(ticket, agent, (Routing::Automatic, None), Vec::new(), out),
                How::Offer => self.offer(ticket, agent, (Routing::Offered, None), out),
            }
        }
    }

    pub(super) fn pick(&mut self, agent: PersonId, ticket: TicketId, ask: A, out: &mut Vec<Output<A>>) {
        match self.judge(agent, ticket) {
            Verdict::Answer(result) => out.push(Output::Answer { ask, result }),
            Verdict::WaitForClaim => self.wait_for_claim(ticket, Pick { agent, wish: Wish::ToHave, ask }, out),
            Verdict::Ask => match self.matcher.pick(agent, ticket, self.now) {
                Ok(()) => {
                    let picks = vec![Pick { agent, wish: Wish::ToHave, ask }];
                    self.claim(ticket, agent, (Routing::Picked, None), picks, out);
                }
                Err(CannotTake::NoFreeSlot | CannotTake::Away) => out.push(no(ask, Refusal::NoFreeSlot)),
                Err(CannotTake::NotWaiting) => out.push(no(ask, Refusal::UnknownTicket)),
                Err(CannotTake::Ignored) => out.push(no(ask, Refusal::Ignored)),
            },
        }
    }

    /// A ticket of a category that is not his answers like one that does not exist.
    fn judge(&self, agent: PersonId, ticket: TicketId) -> Verdict {
        if let Err(refusal) = self.at_the_desk(agent) {
            return Verdict::Answer(Err(refusal));
        }
        if !self.gate.is_open() {
            return Verdict::Answer(Err(refuse(Refusal::PairingPaused)));
        }
        let Some(belief) = self.tickets.get(&ticket) else {
            return Verdict::Answer(Err(refuse(Refusal::UnknownTicket)));
        };
        let owner = belief.facts.owner();
        if owner == Some(agent) && !self.is_aside(ticket) {
            return Verdict::Answer(Ok(()));
        }
        let who = self.matcher.agent(agent);
        if !who.is_some_and(|who| who.serves(belief.facts.category)) {
            return Verdict::Answer(Err(refuse(Refusal::UnknownTicket)));
        }
        if owner.is_some() && !self.is_aside(ticket) {
            return Verdict::Answer(Err(taken(&belief.facts)));
        }
        self.judge_standing(belief)
    }

    fn judge_standing(&self, belief: &Belief<A>) -> Verdict {
        match (&belief.standing, self.paused) {
            (Standing::Out, _) if self.is_aside(belief.facts.ticket) => Verdict::Answer(Err(refuse(Refusal::SetAside))),
            (Standing::Out | Standing::Resting, _) => Verdict::Answer(Err(refuse(Refusal::PairingPaused))),
            (Standing::Claimed(_), _) => Verdict::WaitForClaim,
            (Standing::Offered(_), _) => Verdict::Answer(Err(offered())),
            (Standing::Placed, Some(refusal)) => Verdict::Answer(Err(refuse(refusal))),
            (Standing::Placed, None) => Verdict::Ask,
        }
    }

    fn wait_for_claim(&mut self, ticket: TicketId, pick: Pick<A>, out: &mut Vec<Output<A>>) {
        match self.claim_of(ticket) {
            Some(claim) if claim.picks.len() < PICKS_PER_TICKET_MAX => claim.picks.push(pick),
            Some(_) | None => out.push(no(pick.ask, Refusal::Busy)),
        }
    }

    /// The slot is taken already; from here on the ticket is promised.
    pub(super) fn claim(
        &mut self,
        ticket: TicketId,
        agent: PersonId,
        (routing, moved): (Routing, Option<Arc<Moved>>),
        picks: Vec<Pick<A>>,
        out: &mut Vec<Output<A>>,
    ) {
        self.remember_decision(ticket, agent, routing);
        let profile = self.matcher.agent(agent).map(|agent| agent.profile());
        let profile = profile.expect("whoever was chosen is known");
        let (name, role) = (profile.name.clone(), profile.role);
        let category = self.facts(ticket).expect("what waits in the Matcher was reported").category;
        let wrap_up_s = self.rules(category).wrap_up_s;
        let belief = self.tickets.get_mut(&ticket);
        let belief = belief.expect("what waits in the Matcher was reported");
        let (round, attempt) = (belief.facts.round, 0);
        belief.standing =
            Standing::Claimed(Claim { agent, name, role, round, routing, wrap_up_s, moved, attempt, picks });
        self.send(ticket, out);
    }

    /// Sends a claim's Assign as a new attempt.
    fn send(&mut self, ticket: TicketId, out: &mut Vec<Output<A>>) {
        self.attempts += 1;
        let attempt = attempt_of(self.era, self.attempts);
        let due_ms = self.now.ms() + ASSIGN_REPEAT_MS;
        let Some(claim) = self.claim_of(ticket) else {
            return;
        };
        claim.attempt = attempt;
        out.push(Output::Assign {
            ticket,
            agent: claim.agent,
            name: claim.name.clone(),
            role: claim.role,
            round: claim.round,
            routing: claim.routing,
            wrap_up_s: claim.wrap_up_s,
            moved: claim.moved.clone(),
            attempt,
        });
        self.repeats.push_back(Repeat { due_ms, ticket, attempt });
    }

    pub(super) fn repeat_assigns(&mut self, out: &mut Vec<Output<A>>) {
        while let Some(repeat) = self.repeats.pop_front_if(|repeat| repeat.due_ms <= self.now.ms()) {
            let claim = self.claim_of(repeat.ticket);
            if claim.is_some_and(|claim| claim.attempt == repeat.attempt) {
                self.send(repeat.ticket, out);
            }
        }
    }

    /// A refusal, after its facts were learned.
    pub(super) fn refused(&mut self, ticket: TicketId, of: u64, refusal: Refusal, out: &mut Vec<Output<A>>) {
        let Some(claim) = self.claim_of(ticket).filter(|claim| claim.attempt == of) else {
            return;
        };
        let (agent, picks) = (claim.agent, std::mem::take(&mut claim.picks));
        if refusal == Refusal::Again {
            claim.picks = picks;
            return;
        }
        if !refusal.is_retryable() {
            self.rest(ticket);
        }
        for pick in picks {
            let own = pick.agent == agent || refusal.is_retryable();
            out.push(no(pick.ask, if own { refusal } else { Refusal::PairingPaused }));
        }
    }

    /// A ticket that waits rests; one that was to move stays where it is.
    fn rest(&mut self, ticket: TicketId) {
        let moves = self.claim_of(ticket).is_some_and(|claim| claim.from().is_some());
        if moves {
            self.matcher.move_no_more(ticket, self.now);
            if let Some(belief) = self.tickets.get_mut(&ticket) {
                belief.standing = Standing::Placed;
            }
            return;
        }
        self.matcher.leave(ticket, self.now);
        if let Some(belief) = self.tickets.get_mut(&ticket) {
            belief.standing = Standing::Resting;
            self.resting.push(ticket);
        }
    }

    pub(super) fn queue_the_resting(&mut self, out: &mut Vec<Output<A>>) {
        for ticket in std::mem::take(&mut self.resting) {
            let belief = self.tickets.remove(&ticket);
            let Some(mut belief) = belief else { continue };
            if matches!(belief.standing, Standing::Resting) {
                belief.standing = Standing::Placed;
                self.queue(&belief.facts);
                self.show_entry(&belief.facts, out);
            }
            self.tickets.insert(ticket, belief);
        }
    }

    fn claim_of(&mut self, ticket: TicketId) -> Option<&mut Claim<A>> {
        match &mut self.tickets.get_mut(&ticket)?.standing {
            Standing::Claimed(claim) => Some(claim),
            Standing::Placed | Standing::Offered(_) | Standing::Resting | Standing::Out => None,
        }
    }

    /// Who has been promised a ticket whose room has yet to confirm it, and since which attempt.
    pub fn claimed(&self, ticket: TicketId) -> Option<(PersonId, u64)> {
        match &self.tickets.get(&ticket)?.standing {
            Standing::Claimed(claim) => Some((claim.agent, claim.attempt)),
            Standing::Placed | Standing::Offered(_) | Standing::Resting | Standing::Out => None,
        }
    }
}

pub(super) fn no<A>(ask: A, refusal: Refusal) -> Output<A> {
    Output::Answer { ask, result: Err(refuse(refusal)) }
}

pub(super) fn taken(facts: &Facts) -> (Refusal, String) {
    let words = format!("somebody else has this ticket: it is {}", stage_words(facts.stage));
    (Refusal::Taken, words)
}

fn offered() -> (Refusal, String) {
    (Refusal::Taken, "the ticket is offered to somebody just now".to_owned())
}
