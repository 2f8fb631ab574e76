//! Silence is the rooms' matter; here it is only when each is asked. A room that an agent's talk is in is asked at least
//! as often as the shortest silence of its category lasts, and answers when something falls due before that: so nothing
//! is due unasked, whatever is said meanwhile, and a post costs the dispatcher nothing. What is lost in a fall is begun
//! anew from the facts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deskwire_protocol::{PersonId, Phase, TicketId, Time};

use super::{Dispatch, Output};
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::room::Chime;
use crate::domain::rules::ms;

/// When which room is asked.
#[derive(Debug, Default)]
pub(super) struct Chimes {
    due: BTreeSet<(u64, TicketId)>,
    at: HashMap<TicketId, u64>,
}

impl Chimes {
    fn set(&mut self, ticket: TicketId, at_ms: u64) {
        self.remove(ticket);
        self.at.insert(ticket, at_ms);
        self.due.insert((at_ms, ticket));
    }

    fn remove(&mut self, ticket: TicketId) {
        if let Some(at_ms) = self.at.remove(&ticket) {
            self.due.remove(&(at_ms, ticket));
        }
    }
}

impl<A> Dispatch<A> {
    /// Facts changed: the ticket's room is asked from now on, or no more.
    pub(super) fn follow_silence(&mut self, facts: &Facts) {
        let minded = facts.phase == Phase::Live && facts.owner().is_some();
        match self.shortest_ms(facts).filter(|_| minded) {
            Some(ms) if !self.chimes.at.contains_key(&facts.ticket) => {
                self.chimes.set(facts.ticket, self.now.ms() + ms);
            }
            Some(_) => {}
            None => self.chimes.remove(facts.ticket),
        }
    }

    fn shortest_ms(&self, facts: &Facts) -> Option<u64> {
        self.rules(facts.category).patience().shortest_ms()
    }

    /// The rules of a category are others.
    pub(super) fn reconsider_silence(&mut self, category: CategoryId) {
        let all = self.tickets.values().map(|belief| &belief.facts);
        let owned = all.filter(|facts| facts.category == category && facts.owner().is_some());
        let owned: Vec<Facts> = owned.cloned().collect();
        for facts in &owned {
            self.chimes.remove(facts.ticket);
            self.follow_silence(facts);
        }
    }

    /// Asks the rooms whose time has come.
    pub(super) fn chime(&mut self, out: &mut Vec<Output<A>>) {
        if !self.gate.is_open() {
            return;
        }
        while let Some((_, ticket)) = self.chimes.due.first().copied().filter(|(due, _)| *due <= self.now.ms()) {
            self.chimes.remove(ticket);
            let Some(facts) = self.facts(ticket).cloned() else { continue };
            self.follow_silence(&facts);
            if self.is_aside(ticket) || !self.chimes.at.contains_key(&ticket) {
                continue;
            }
            let rules = self.rules(facts.category);
            let chime =
                Chime { patience: rules.patience(), text: Arc::from(rules.silent_text.as_str()), began: self.began };
            out.push(Output::Chime { ticket, chime });
        }
    }

    /// A room says when to ask it again at the latest, and who is not to have its ticket again for a while.
    pub(super) fn chimed(&mut self, ticket: TicketId, next: Option<Time>, passed_over: Option<PersonId>) {
        let Some(facts) = self.facts(ticket).cloned() else { return };
        if let (Some(next), Some(at_ms)) = (next, self.chimes.at.get(&ticket)) {
            let next_ms = next.ms().max(self.now.ms() + 1).min(*at_ms);
            self.chimes.set(ticket, next_ms);
        }
        if let Some(agent) = passed_over {
            let until = self.now.ms() + ms(self.rules(facts.category).again_s);
            self.matcher.exclude(ticket, agent, Time::from_ms(until), self.now);
        }
    }
}
