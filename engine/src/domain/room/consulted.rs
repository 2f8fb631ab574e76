//! Colleagues who are asked in: when the others see that one came or went.

use deskwire_protocol::{PersonId, StaffAct};

use super::{Effect, Room};
use crate::domain::audience::Sort;
use crate::domain::event::Event;

/// Somebody about whom an act of consulting is, and whether he was seen before it.
pub(super) struct Seen {
    person: PersonId,
    was: bool,
}

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Before an event is durable: whom it asks in, or no more.
    pub(super) fn consulted_by(&self, event: &Event) -> Option<Seen> {
        let Event::Acted(acted) = event else { return None };
        let is_consult = matches!(acted.act, StaffAct::Consult | StaffAct::ConsultTalk | StaffAct::EndConsult);
        is_consult.then(|| Seen { person: acted.agent, was: self.is_seen(acted.agent) })
    }

    /// Behind it, and behind what it took from him: the others see what changed.
    pub(super) fn show_consulted(&self, seen: Option<Seen>, out: &mut Vec<Effect<A, O>>) {
        let Some(Seen { person, was }) = seen else { return };
        let (is, member) = (self.is_seen(person), self.shown.as_ref().and_then(|shown| shown.member(person)));
        if let Some(author) = member.filter(|_| is != was) {
            self.show_others(Sort::Presence, person, self.presence(author, is), out);
        }
    }

    fn is_seen(&self, person: PersonId) -> bool {
        self.is_here(person) && self.shown.as_ref().is_some_and(|shown| shown.seen_as(person).is_some())
    }
}
