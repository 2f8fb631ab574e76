//! Who is asked into which tickets: he is told at once, and again at each new connection. Nothing here touches the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::ConsultManner;
use deskwire_protocol::{PersonId, TicketId};

use super::{Dispatch, Output};
use crate::domain::facts::{Consulted, Facts, Invitation};

/// Most tickets that a new connection is told its person is asked into.
pub const CONSULTS_TOLD_MAX: usize = 64;

/// The tickets that somebody is asked into. As many for each as there are tickets with an owner, at most.
#[derive(Debug, Default)]
pub(super) struct Consults(BTreeMap<PersonId, BTreeSet<TicketId>>);

impl Consults {
    fn add(&mut self, person: PersonId, ticket: TicketId) {
        self.0.entry(person).or_default().insert(ticket);
    }

    fn remove(&mut self, person: PersonId, ticket: TicketId) {
        let Some(tickets) = self.0.get_mut(&person) else { return };
        tickets.remove(&ticket);
        if tickets.is_empty() {
            self.0.remove(&person);
        }
    }
}

impl<A> Dispatch<A> {
    /// Facts changed: who is asked in now, or no more, hears so.
    pub(super) fn follow_consulted(&mut self, before: Option<&Facts>, facts: &Facts, out: &mut Vec<Output<A>>) {
        let was = before.map_or(&[][..], |before| &before.hands.consulted);
        let is = &facts.hands.consulted;
        for gone in was.iter().filter(|was| facts.hands.invitation(was.person).is_none()) {
            self.consults.remove(gone.person, facts.ticket);
            out.push(self.consulted(facts, gone.person, ConsultManner::End));
        }
        for Consulted { person, into } in is.iter().filter(|one| !was.contains(one)) {
            self.consults.add(*person, facts.ticket);
            out.push(self.consulted(facts, *person, manner(*into)));
        }
    }

    fn consulted(&self, facts: &Facts, person: PersonId, manner: ConsultManner) -> Output<A> {
        Output::Staff { to: Arc::new([person]), frame: self.consult_frame(facts, manner) }
    }

    fn consult_frame(&self, facts: &Facts, manner: ConsultManner) -> StaffFrame {
        let category = self.category_name(facts.category);
        let (ticket, name, subject) = (facts.ticket, facts.name.clone(), facts.subject.clone());
        StaffFrame::Consulted(kinds::Consulted { ticket, manner, category, name, subject })
    }

    /// What somebody is asked into, for a new connection of his.
    pub fn consults_of(&self, person: PersonId) -> Vec<StaffFrame> {
        let tickets = self.consults.0.get(&person).into_iter().flatten().filter_map(|ticket| self.facts(*ticket));
        let frame = |facts: &Facts| {
            let into = facts.hands.invitation(person)?;
            Some(self.consult_frame(facts, manner(into)))
        };
        tickets.filter_map(frame).take(CONSULTS_TOLD_MAX).collect()
    }
}

fn manner(into: Invitation) -> ConsultManner {
    match into {
        Invitation::Notes => ConsultManner::Notes,
        Invitation::Talk => ConsultManner::Talk,
    }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::{Phase, Priority, StageName, Time};

    use super::*;
    use crate::domain::event::CategoryId;
    use crate::domain::facts::{Causes, Hands};

    fn consulted(ticket: u64, seq: u32, into: Option<Invitation>) -> Facts {
        let consulted = into.map(|into| Consulted { person: PersonId(3), into });
        Facts {
            ticket: TicketId(ticket),
            seq,
            stage: StageName::Assigned,
            round: 1,
            agent: Some(PersonId(2)),
            customer: PersonId(1),
            category: CategoryId(1),
            priority: Priority::Normal,
            arrived: Time::from_ms(1),
            since: Time::from_ms(1),
            phase: Phase::Live,
            reachable: false,
            skills: Vec::new(),
            wrap_up_until: None,
            told: Causes::default(),
            hands: Hands { consulted: consulted.into_iter().collect(), ..Hands::default() },
            name: String::new(),
            subject: String::new(),
        }
    }

    fn told(out: &mut Vec<Output<u32>>) -> Vec<ConsultManner> {
        let told = out.drain(..).filter_map(|output| {
            let Output::Staff { frame: StaffFrame::Consulted(it), .. } = output else { return None };
            Some(it.manner)
        });
        told.collect()
    }

    /// B32: each change is told once; what stands is told again to who comes back.
    #[test]
    fn who_is_asked_in_hears_each_change_once() {
        let (mut dispatch, mut out) = (Dispatch::<u32>::default(), Vec::new());
        for (seq, into, expected) in [
            (1, Some(Invitation::Notes), vec![ConsultManner::Notes]),
            (2, Some(Invitation::Notes), vec![]),
            (3, Some(Invitation::Talk), vec![ConsultManner::Talk]),
            (4, None, vec![ConsultManner::End]),
            (5, None, vec![]),
        ] {
            dispatch.learn(consulted(7, seq, into), &mut out);
            assert_eq!(told(&mut out), expected, "{seq}");
            assert_eq!(dispatch.consults_of(PersonId(3)).len(), usize::from(into.is_some()));
        }
        assert!(dispatch.consults.0.is_empty());
    }

    /// The limit CONSULTS_TOLD_MAX at its edge.
    #[test]
    fn a_new_connection_is_told_so_many_and_no_more() {
        let (mut dispatch, mut out) = (Dispatch::<u32>::default(), Vec::new());
        for ticket in 1..=CONSULTS_TOLD_MAX as u64 {
            dispatch.learn(consulted(ticket, 1, Some(Invitation::Notes)), &mut out);
        }
        assert_eq!(dispatch.consults_of(PersonId(3)).len(), CONSULTS_TOLD_MAX);
        dispatch.learn(consulted(1_000, 1, Some(Invitation::Notes)), &mut out);
        assert_eq!(dispatch.consults_of(PersonId(3)).len(), CONSULTS_TOLD_MAX);
        assert_eq!(dispatch.consults_of(PersonId(4)).len(), 0);
    }
}
