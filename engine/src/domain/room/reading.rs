//! How far members have read. A mark is a customer's number of an event whoever sets it, so that a note read, or a
//! watch, moves none and shows in none; it is told once it is kept.

use std::sync::Arc;

use deskwire_protocol::kinds::{PublicFrame, ReadMark, ReadMarks};
use deskwire_protocol::{PersonId, Refusal};

use super::{Effect, Room};
use crate::domain::audience::{self, Audience, Sort};
use crate::domain::outline::Outline;
use crate::domain::registration::Registration;
use crate::domain::ticket::Refused;
use crate::domain::who::Who;

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// The marks as they were kept, before anything is asked.
    pub fn know_marks(&mut self, marks: impl IntoIterator<Item = (PersonId, u32)>) {
        self.live.marks.extend(marks);
    }

    /// A member has read up to here, in his numbers. Who only watches leaves no mark.
    pub fn read_up_to(&self, who: &Who, seq: u32, ask: A, out: &mut Vec<Effect<A, O>>) {
        out.push(match self.mark_of(who, seq) {
            Err(refused) => Effect::Refuse { ask, refused },
            Ok(place) if place <= self.live.marks.get(&who.person).copied().unwrap_or(0) => Effect::Marked { ask },
            Ok(place) => Effect::Mark { ask, person: who.person, place },
        });
    }

    fn mark_of(&self, who: &Who, seq: u32) -> Result<u32, Refused> {
        let shown = self.shown.as_ref().filter(|shown| shown.may_read(who)).ok_or(Refusal::UnknownTicket)?;
        // Where many are, marks of all to all would be a storm, and say little.
        if shown.seen_as(who.person).is_none() || shown.is_watched_as(who) || shown.discussion().is_some() {
            return Err(Refusal::Forbidden.into());
        }
        let audience = Audience::of(who.role);
        if seq > shown.point(audience, shown.head()).place {
            return Err(Refusal::Ahead.into());
        }
        Ok(match audience {
            Audience::Customer => seq,
            Audience::Staff => shown.point(Audience::Customer, seq).place,
        })
    }

    /// A mark is on disk: all who hear the ticket are told, its reader's other connections too. One that a starting room
    /// read there is told all the same: it may not have been. A start by itself shows nothing, for a watch can cause it.
    pub fn mark_kept(&mut self, person: PersonId, place: u32, out: &mut Vec<Effect<A, O>>) {
        let known = self.live.marks.entry(person).or_insert(0);
        if *known > place {
            return;
        }
        *known = place;
        for to in self.listeners.iter().filter(|to| !to.is_gone()) {
            self.show_marks(to, Some(person), out);
        }
    }

    /// Shows one listener the mark of one person, or all.
    pub(super) fn show_marks(&self, to: &Arc<Registration<O>>, of: Option<PersonId>, out: &mut Vec<Effect<A, O>>) {
        let Some(shown) = &self.shown else { return };
        if !audience::sees(Sort::ReadMark, shown.standing(&to.who, shown.member(to.who.person))) {
            return;
        }
        let marks = self.marks(shown, Audience::of(to.who.role), of);
        if !marks.is_empty() {
            let frame = Arc::new(PublicFrame::ReadMarks(ReadMarks { ticket: self.id, marks }));
            out.push(Effect::Show { to: to.clone(), frame });
        }
    }

    /// All marks, as somebody is answered who asks once.
    pub(super) fn all_marks(&self, shown: &Outline, audience: Audience) -> ReadMarks {
        ReadMarks { ticket: self.id, marks: self.marks(shown, audience, None) }
    }

    fn marks(&self, shown: &Outline, audience: Audience, of: Option<PersonId>) -> Vec<ReadMark> {
        let members = (0_u16..).zip(shown.members());
        let asked = members.filter(|(_, member)| of.is_none_or(|person| person == member.person));
        let mark = |(author, member): (u16, &crate::domain::outline::Member)| {
            let place = *self.live.marks.get(&member.person)?;
            let seq = match audience {
                Audience::Customer => place,
                Audience::Staff => shown.hidden().seq(Audience::Customer, place),
            };
            Some(ReadMark { author, seq })
        };
        asked.filter_map(mark).collect()
    }
}
