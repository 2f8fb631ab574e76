//! Which of the staff are here: told to the others of the staff, so that two do not answer at once. A silent watch stays
//! silent, and customers are told of members alone (`live.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use deskwire_protocol::PersonId;
use deskwire_protocol::kinds::{StaffFrame, StaffHere};

use super::{Effect, Room};
use crate::domain::audience::{Audience, Sort};
use crate::domain::registration::Registration;
use crate::domain::who::Who;

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Tells staff who of them came or went since this was asked last.
    pub(super) fn show_colleagues(&mut self, out: &mut Vec<Effect<A, O>>) {
        let here = self.colleagues();
        let was = std::mem::replace(&mut self.live.colleagues, here);
        let is = &self.live.colleagues;
        let gone = was.iter().filter(|(person, _)| !is.contains_key(person)).map(|one| (one, false));
        let came = is.iter().filter(|(person, _)| !was.contains_key(person)).map(|one| (one, true));
        for ((person, name), here) in gone.chain(came) {
            let frame = self.staff_here(*person, name, here);
            let others = self.others(Sort::StaffHere, *person).filter(|to| is_of_staff(&to.who));
            out.extend(others.map(|to| Effect::ShowStaff { to: to.clone(), frame: frame.clone() }));
        }
    }

    /// Tells one of the staff, who has just come, who was here before him.
    pub(super) fn show_colleagues_to(&self, newcomer: &Arc<Registration<O>>, out: &mut Vec<Effect<A, O>>) {
        if !is_of_staff(&newcomer.who) {
            return;
        }
        let others = self.live.colleagues.iter().filter(|(person, _)| **person != newcomer.who.person);
        out.extend(others.map(|(person, name)| {
            let frame = self.staff_here(*person, name, true);
            Effect::ShowStaff { to: newcomer.clone(), frame }
        }));
    }

    /// A room that starts tells nobody again who is here.
    pub(super) fn know_colleagues(&mut self) {
        self.live.colleagues = self.colleagues();
    }

    fn colleagues(&self) -> BTreeMap<PersonId, Arc<str>> {
        let here = self.listeners.iter().filter(|to| !to.is_gone() && self.is_openly_here(&to.who));
        here.map(|to| (to.who.person, to.who.name.clone())).collect()
    }

    /// Who is asked in is no silent watch, whatever else he may be.
    fn is_openly_here(&self, who: &Who) -> bool {
        let Some(shown) = self.shown.as_ref().filter(|shown| shown.discussion().is_none()) else { return false };
        let is_asked_in = || shown.facts().hands.invitation(who.person).is_some();
        is_of_staff(who) && (!shown.is_watched_as(who) || is_asked_in())
    }

    fn staff_here(&self, person: PersonId, name: &str, here: bool) -> Arc<StaffFrame> {
        Arc::new(StaffFrame::StaffHere(StaffHere { ticket: self.id, person, name: name.to_owned(), here }))
    }
}

fn is_of_staff(who: &Who) -> bool {
    Audience::of(who.role) == Audience::Staff
}
