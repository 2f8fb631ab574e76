//! Moves: a ticket goes to an agent because somebody says so, transfer, assignment by hand and take over alike.
//!
//! They pass the Matcher like every other way to an owner. The slot of the agent is taken at the decision, that of
//! whoever has the ticket is freed by the fact alone; between the two both are used.

use std::sync::Arc;

use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Refusal, Routing, TicketId};

use super::claim::{Pick, Wish, taken};
use super::{Dispatch, Output, Standing, refuse};
use crate::domain::matcher::{CannotTake, Held, Hold, Limit};
use crate::domain::ticket::Moved;

impl<A> Dispatch<A> {
    /// Whether he who says so may is judged before; here it is about the ticket and the agent.
    pub(super) fn move_ticket(
        &mut self,
        ticket: TicketId,
        agent: PersonId,
        routing: Routing,
        moved: Moved,
        ask: A,
        out: &mut Vec<Output<A>>,
    ) {
        match self.begin_move(ticket, agent, (routing, moved.manner), out) {
            Ok((from, manner)) => {
                let moved = Some(Arc::new(Moved { from, manner, ..moved }));
                match manner {
                    Manner::IfAccepted => {
                        out.push(Output::Answer { ask, result: Ok(()) });
                        self.offer(ticket, agent, (routing, moved), out);
                    }
                    Manner::AtOnce | Manner::BeyondLimit => {
                        self.claim(ticket, agent, (routing, moved), vec![Pick { agent, wish: Wish::ToGive, ask }], out);
                    }
                }
            }
            Err(refusal) => out.push(Output::Answer { ask, result: Err(refusal) }),
        }
    }

    /// Takes the slot; answers who has the ticket until then, and in which manner it goes: within the limit where that can
    /// be.
    fn begin_move(
        &mut self,
        ticket: TicketId,
        agent: PersonId,
        (routing, manner): (Routing, Manner),
        out: &mut Vec<Output<A>>,
    ) -> Result<(Option<PersonId>, Manner), (Refusal, String)> {
        if let Some(refusal) = self.paused.filter(|_| self.gate.is_open()) {
            return Err(refuse(refusal));
        }
        let belief = self.tickets.get(&ticket).filter(|_| self.gate.is_open());
        let belief = belief.ok_or_else(|| refuse(Refusal::PairingPaused))?;
        let facts = belief.facts.clone();
        match belief.standing {
            Standing::Placed | Standing::Offered(_) => {}
            Standing::Claimed(_) | Standing::Resting => return Err(refuse(Refusal::PairingPaused)),
            Standing::Out => return Err(refuse(Refusal::SetAside)),
        }
        let from = facts.owner();
        if facts.is_over() || (routing == Routing::TakenOver && from.is_none()) {
            return Err((Refusal::IllegalStep, taken(&facts).1));
        }
        if from == Some(agent) {
            return Err((Refusal::CannotTake, "he has the ticket already".to_owned()));
        }
        let target = self.matcher.agent(agent).filter(|agent| agent.is_known());
        let target = target.ok_or_else(|| (Refusal::CannotTake, "there is no such agent at work".to_owned()))?;
        // A supervisor who takes it over is entitled to every ticket.
        if routing != Routing::TakenOver && !target.serves(facts.category) {
            return Err((Refusal::CannotTake, "he does not serve the ticket's category".to_owned()));
        }
        if let Some(offer) = self.offer_of(ticket) {
            self.rescind(ticket, &offer, out);
            self.take_back(ticket, &offer);
        }
        let held = Held { category: facts.category, phase: facts.phase, hold: Hold::Promised, since: None };
        match self.matcher.move_to(ticket, (agent, Limit::Kept), held, self.now) {
            Ok(()) => Ok((from, if manner == Manner::BeyondLimit { Manner::AtOnce } else { manner })),
            Err(CannotTake::NoFreeSlot) if manner == Manner::BeyondLimit => {
                let beyond = self.matcher.move_to(ticket, (agent, Limit::Beyond), held, self.now);
                beyond.map(|()| (from, manner)).map_err(words)
            }
            Err(why) => Err(words(why)),
        }
    }
}

fn words(why: CannotTake) -> (Refusal, String) {
    let words = match why {
        CannotTake::Away => "he is away",
        CannotTake::NoFreeSlot => "all his slots are used, or his team's",
        CannotTake::NotWaiting | CannotTake::Ignored => "the ticket is on its way to somebody",
    };
    (Refusal::CannotTake, words.to_owned())
}
