//! A room is asked whether a silence in its talk has lasted too long: it does what falls due, and says when to ask again.

use std::sync::Arc;

use deskwire_protocol::{PersonId, SilenceLevel, Time};

use super::{Effect, Room};
use crate::domain::event::{AgentSilent, CategoryId, Event};
use crate::domain::silence::{Due, Patience};

/// The queue asks. A room that has left is woken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chime {
    /// How long the category bears silence.
    pub patience: Patience,
    /// What a customer is reminded with.
    pub text: Arc<str>,
    /// No silence began before.
    pub began: Time,
}

/// What comes of it, for others than those who hear the ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// To the queue: ask again then at the latest, and pass this agent over if the ticket comes back.
    Chimed {
        /// When something falls due if nothing is said until then.
        next: Option<Time>,
        /// Who did not answer.
        passed_over: Option<PersonId>,
    },
    /// To the agent, or to supervisors: the customer waits for an answer. It is on disk.
    Alarm {
        /// The ticket's category: whose supervisors.
        category: CategoryId,
        /// The agent.
        agent: PersonId,
        /// His display name.
        name: String,
        /// Whom to tell.
        level: SilenceLevel,
        /// Since when the customer waits.
        since: Time,
    },
}

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Does what falls due.
    pub fn chime(&mut self, chime: &Chime, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Chime { patience, text, began } = chime;
        let Some(ticket) = &self.ticket else { return };
        let owner = ticket.outline().facts().owner();
        let decided = ticket.decide_silence(patience, text, *began, now);
        let passed_over = owner.filter(|_| matches!(decided, Some((Due::Requeue, _))));
        if let Some((_, event)) = decided {
            self.take(vec![event], out);
        }
        let next = self.ticket.as_ref().and_then(|ticket| ticket.silence_due(patience, *began)).map(|(at, _)| at);
        if next.is_some() || passed_over.is_some() {
            out.push(Effect::Quiet(Quiet::Chimed { next, passed_over }));
        }
    }

    /// Who is to hear of an event beside those who hear the ticket.
    pub(super) fn alarm(&self, event: &Event, out: &mut Vec<Effect<A, O>>) {
        if let Event::AgentSilent(AgentSilent { agent, name, level, at }) = event {
            let Some(shown) = &self.shown else { return };
            let (category, since) = (shown.facts().category, shown.turn().since().unwrap_or(*at));
            let (agent, name, level) = (*agent, name.clone(), *level);
            out.push(Effect::Quiet(Quiet::Alarm { category, agent, name, level, since }));
        }
    }
}
