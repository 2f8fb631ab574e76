//! Consulting: a colleague is asked into the notes of somebody's ticket, or into its talk; it stays its owner's.
//!
//! Who is asked in stands among the ticket's facts, so that every door judges him alike, and for as long as its owner has
//! it: it ends when somebody ends it, when he gets the ticket himself, when it goes back to the queue, and when it is over.

use std::sync::Arc;

use deskwire_protocol::limits::{CONSULTED_PER_TICKET_MAX, REASON_BYTES_MAX};
use deskwire_protocol::words::ConsultManner;
use deskwire_protocol::{PersonId, Refusal, Role, StaffAct, Time};

use super::authorize::{Action, Standing};
use super::event::{Acted, CategoryId, Event, MemberAdded};
use super::facts::{Consulted, Hands, Invitation};
use super::handing::acted;
use super::ticket::{Decision, Refused, Ticket, bounded, illegal};
use super::who::Who;

/// Somebody is to be asked in, or no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consult {
    /// Whom it is about.
    pub person: PersonId,
    /// The same as he is known; nothing where nobody of the staff is.
    pub guest: Option<Arc<Who>>,
    /// Into what, or no more.
    pub manner: ConsultManner,
    /// Why.
    pub reason: String,
}

impl Ticket {
    pub(super) fn decide_consult(&self, who: &Who, wish: Consult, at: Time) -> Result<Decision, Refused> {
        let leaves = wish.manner == ConsultManner::End && wish.person == who.person;
        self.outline().allows(who, if leaves { Action::EndOwnConsult } else { Action::Consult })?;
        bounded("reason", &wish.reason, REASON_BYTES_MAX)?;
        match wish.manner {
            ConsultManner::Notes => self.decide_invitation(who, wish, Invitation::Notes, at),
            ConsultManner::Talk => self.decide_invitation(who, wish, Invitation::Talk, at),
            ConsultManner::End => Ok(self.decide_end_of_consult(who, wish, at)),
        }
    }

    /// Each that has begun has its place for an end.
    fn decide_end_of_consult(&self, who: &Who, wish: Consult, at: Time) -> Decision {
        if self.facts().hands.invitation(wish.person).is_none() {
            return Decision::Already;
        }
        let agent_name = wish.guest.map_or_else(String::new, |guest| guest.name.to_string());
        let ended = acted(who, at, StaffAct::EndConsult, wish.reason);
        Decision::Events(vec![Event::Acted(Acted { agent: wish.person, agent_name, ..ended })])
    }

    fn decide_invitation(&self, who: &Who, wish: Consult, into: Invitation, at: Time) -> Result<Decision, Refused> {
        let facts = self.facts();
        if facts.owner().is_none() {
            return Err(illegal(facts.stage, "consulting"));
        }
        match (facts.hands.invitation(wish.person), into) {
            (Some(Invitation::Notes), Invitation::Notes) | (Some(Invitation::Talk), Invitation::Talk) => {
                return Ok(Decision::Already);
            }
            (Some(Invitation::Talk), Invitation::Notes) => return Err(cannot("he is in the talk: end that first")),
            (Some(Invitation::Notes), Invitation::Talk) => {}
            (None, Invitation::Notes | Invitation::Talk) => self.has_place_for_one_more()?,
        }
        let guest = self.guest(who, wish.guest)?;
        self.takes_act()?;
        let act = match into {
            Invitation::Notes => StaffAct::Consult,
            Invitation::Talk => StaffAct::ConsultTalk,
        };
        let (agent, agent_name) = (guest.person, guest.name.to_string());
        let asked = acted(who, at, act, wish.reason);
        let mut events = vec![Event::Acted(Acted { agent, agent_name, ..asked })];
        if into == Invitation::Talk && self.outline().member(agent).is_none() {
            self.next_member()?;
            // Behind the invitation: who reads along by one into the notes is nobody between the two otherwise.
            let (person, name, role) = (agent, guest.name.to_string(), guest.role);
            events.push(Event::MemberAdded(MemberAdded { at, person, name, role }));
        }
        Ok(Decision::Events(events))
    }

    fn has_place_for_one_more(&self) -> Result<(), Refused> {
        let is_full = self.facts().hands.consulted.len() >= CONSULTED_PER_TICKET_MAX;
        if is_full { Err(Refusal::ConsultsFull.into()) } else { Ok(()) }
    }

    /// He who can be asked in. That there is nobody, a customer or one who serves other categories is answered alike.
    fn guest(&self, who: &Who, guest: Option<Arc<Who>>) -> Result<Arc<Who>, Refused> {
        let words = "only an agent who serves the ticket's category, or a supervisor, can be asked in";
        let may = |guest: &Arc<Who>| may_be_asked(guest, self.facts().category);
        let guest = guest.filter(may).ok_or_else(|| cannot(words))?;
        if guest.person == who.person || self.facts().owner() == Some(guest.person) {
            return Err(cannot("neither oneself nor its owner can be asked in"));
        }
        match self.outline().standing(&guest, self.outline().member(guest.person)) {
            Standing::Partaker => Err(cannot("he takes part in the talk already")),
            Standing::Customer
            | Standing::Agent
            | Standing::Supervisor
            | Standing::Admin
            | Standing::Guest
            | Standing::Adviser
            | Standing::Candidate
            | Standing::Onlooker
            | Standing::Colleague
            | Standing::Stranger => Ok(guest),
        }
    }
}

fn may_be_asked(guest: &Who, category: CategoryId) -> bool {
    match guest.role {
        Role::Agent => guest.serves(category),
        Role::Supervisor => true,
        Role::Customer | Role::Admin => false,
    }
}

fn cannot(words: &str) -> Refused {
    Refused { detail: words.to_owned(), ..Refusal::CannotConsult.into() }
}

impl Hands {
    /// Into what somebody is asked, if he is.
    pub fn invitation(&self, person: PersonId) -> Option<Invitation> {
        self.consulted.iter().find(|one| one.person == person).map(|one| one.into)
    }

    /// He is asked in, in place of how he was.
    pub(super) fn invite(&mut self, person: PersonId, into: Invitation) {
        self.end_consult(person);
        self.consulted.push(Consulted { person, into });
    }

    /// He is asked in no more.
    pub(super) fn end_consult(&mut self, person: PersonId) {
        self.consulted.retain(|one| one.person != person);
    }

    /// He is a member: he needs no invitation into the notes. Answers whether that ended one.
    pub(super) fn let_in(&mut self, person: PersonId) -> bool {
        let ends = self.invitation(person) == Some(Invitation::Notes);
        if ends {
            self.end_consult(person);
        }
        ends
    }
}

#[cfg(test)]
#[path = "consult_tests.rs"]
mod tests;
