//! Who is there: presence and typing of those who take part, the watching of those who do not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskwire_protocol::kinds::{NoteTypingNow, Presence, PublicFrame, StaffFrame, TypingNow};
use deskwire_protocol::limits::TYPING_EVERY_MS;
use deskwire_protocol::{PersonId, Time};

use super::{Effect, Room, Then};
use crate::domain::audience::{self, Audience, Sort};
use crate::domain::authorize::Action;
use crate::domain::facts::Facts;
use crate::domain::registration::Registration;
use crate::domain::ticket::Refused;
use crate::domain::who::Who;

/// What somebody types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Typing {
    /// A message.
    Post,
    /// A note.
    Note,
}

/// What a room knows of its people beside the log.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// When somebody's typing was last shown.
    typed: HashMap<(PersonId, Typing), Time>,
    /// Who of the staff is here and not silent, as the others of them were told.
    pub(super) colleagues: BTreeMap<PersonId, Arc<str>>,
    /// How far each has read, in the numbers of customers; on disk.
    pub(super) marks: HashMap<PersonId, u32>,
}

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Tells the others who came, and him who is there. Who is no member watches unseen.
    pub(super) fn greet(&mut self, newcomer: &Arc<Registration<O>>, out: &mut Vec<Effect<A, O>>) {
        if self.is_discussion() {
            return self.crowd_changed(out);
        }
        let Some(shown) = &self.shown else { return };
        let person = newcomer.who.person;
        for (index, other) in shown.members().iter().enumerate() {
            if other.person != person && self.is_here(other.person) && shown.seen_as(other.person).is_some() {
                let frame = Arc::new(self.presence(index as u16, true));
                out.push(Effect::Show { to: newcomer.clone(), frame });
            }
        }
        if let Some(author) = shown.seen_as(person).filter(|_| !self.is_here(person)) {
            self.show_others(Sort::Presence, person, self.presence(author, true), out);
        }
    }

    /// Who watched until he took part is seen from then on; `before` is how many members there were.
    pub(super) fn show_new_members(&self, before: usize, out: &mut Vec<Effect<A, O>>) {
        let members = self.shown.iter().flat_map(|shown| shown.members()).enumerate().skip(before);
        for (index, member) in members.filter(|(_, member)| self.is_here(member.person)) {
            self.show_others(Sort::Presence, member.person, self.presence(index as u16, true), out);
        }
    }

    pub(super) fn is_here(&self, person: PersonId) -> bool {
        self.listeners.iter().any(|listener| listener.who.person == person && !listener.is_gone())
    }

    /// A connection left: with a person's last one the others are told, and a watch of his is over.
    pub fn left(&mut self, person: PersonId, now: Time, out: &mut Vec<Effect<A, O>>) {
        self.listeners.retain(|listener| !listener.is_gone());
        if self.is_discussion() {
            return self.crowd_changed(out);
        }
        self.show_colleagues(out);
        let member = self.shown.as_ref().and_then(|shown| shown.seen_as(person));
        if let (false, Some(author)) = (self.is_here(person), member) {
            self.show_others(Sort::Presence, person, self.presence(author, false), out);
        }
        if self.ticket.as_ref().is_some_and(|ticket| ticket.outline().watcher(person).is_some()) {
            // Behind the joins that wait: one of them may be his.
            self.when_durable(Then::EndWatch { person, now }, out);
        }
    }

    /// Has the log say what it must before somebody hears it live: that he is in the discussion, or that he watches.
    pub(super) fn begin_hearing(&mut self, who: &Who, now: Time, out: &mut Vec<Effect<A, O>>) -> Result<(), Refused> {
        let begun = self.ticket.as_ref().map_or(Ok(Vec::new()), |ticket| ticket.decide_hearing(who, now))?;
        if !begun.is_empty() {
            self.take(begun, out);
        }
        Ok(())
    }

    /// Whether somebody would become a member of this discussion by hearing it.
    pub fn would_enter(&self, who: &Who) -> bool {
        let discussion = self.ticket.as_ref().and_then(|ticket| ticket.outline().discussion());
        discussion.is_some_and(|discussion| !discussion.holds(who.person))
    }

    /// Notes in the log that somebody watches, where he does and it does not say so.
    pub(super) fn begin_watch(&mut self, who: &Who, now: Time, out: &mut Vec<Effect<A, O>>) -> Result<(), Refused> {
        let begun = self.ticket.as_ref().map_or(Ok(None), |ticket| ticket.decide_watch(who, now))?;
        if let Some(event) = begun {
            self.take(vec![event], out);
        }
        Ok(())
    }

    /// What the queue must know of the ticket, as decided.
    pub fn facts(&self) -> Option<&Facts> {
        self.ticket.as_ref().map(|ticket| ticket.outline().facts())
    }

    /// Whether somebody would watch without the log's saying so.
    pub fn watch_is_unsaid(&self, who: &Who) -> bool {
        let decided = self.ticket.as_ref().map(|ticket| ticket.decide_watch(who, Time::default()));
        !matches!(decided, None | Some(Ok(None)))
    }

    /// Whether the disk says that somebody watches, where he does, or is in the discussion.
    pub(super) fn may_be_told_now(&self, who: &Who) -> bool {
        match self.shown.as_ref().filter(|shown| shown.discussion().is_some()) {
            Some(shown) => !self.would_enter(who) && shown.may_hear(who),
            None => self.may_hear_now(who),
        }
    }

    /// Whether the disk says that somebody watches, where he does.
    pub(super) fn may_hear_now(&self, who: &Who) -> bool {
        let watcher = self.ticket.as_ref().and_then(|ticket| ticket.outline().watcher(who.person));
        // Who is about to be more than a watcher is one until the disk says so.
        let still_watches = || self.shown.as_ref().is_some_and(|shown| shown.is_watched_as(who));
        !self.watch_is_unsaid(who) && watcher.map_or(!still_watches(), |watcher| watcher.since <= self.served())
    }

    /// Notes in the log that those who are not here watch no longer: one person, or after a fall whoever it was.
    pub(super) fn end_watches(&mut self, person: Option<PersonId>, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Some(ticket) = &self.ticket else { return };
        let watchers = ticket.outline().watchers().iter();
        let gone = watchers.filter(|one| person.is_none_or(|person| one.person == person) && !self.is_here(one.person));
        let events: Vec<_> = gone.map(|watcher| ticket.watch_ended(watcher, now)).collect();
        if !events.is_empty() {
            self.take(events, out);
        }
    }

    /// Somebody types: those whom it concerns see it, each person's at most once in a while.
    pub fn typing(&mut self, who: &Who, what: Typing, now: Time, out: &mut Vec<Effect<A, O>>) {
        let Some(shown) = self.shown.as_ref().filter(|_| !self.is_crowded()) else { return };
        let (action, member) = match what {
            Typing::Post => (Action::Post, shown.member(who.person)),
            Typing::Note => (Action::Note, None),
        };
        if shown.allows(who, action).is_err() || (what == Typing::Post && member.is_none()) {
            return;
        }
        let key = (who.person, what);
        let due = self.live.typed.get(&key).is_none_or(|last| last.ms() + TYPING_EVERY_MS <= now.ms() || *last > now);
        if !due {
            return;
        }
        self.live.typed.insert(key, now);
        match member {
            Some(author) => {
                let frame = PublicFrame::TypingNow(TypingNow { ticket: self.id, author });
                self.show_others(Sort::Typing, who.person, frame, out);
            }
            None => self.show_note_typing(who, out),
        }
    }

    fn show_note_typing(&self, who: &Who, out: &mut Vec<Effect<A, O>>) {
        let (person, name) = (who.person, who.name.to_string());
        let frame = Arc::new(StaffFrame::NoteTypingNow(NoteTypingNow { ticket: self.id, person, name }));
        for to in self.others(Sort::NoteTyping, person).filter(|to| Audience::of(to.who.role) == Audience::Staff) {
            out.push(Effect::ShowStaff { to: to.clone(), frame: frame.clone() });
        }
    }

    pub(super) fn show_others(&self, sort: Sort, person: PersonId, frame: PublicFrame, out: &mut Vec<Effect<A, O>>) {
        let frame = Arc::new(frame);
        for to in self.others(sort, person) {
            out.push(Effect::Show { to: to.clone(), frame: frame.clone() });
        }
    }

    /// Everybody but one person, of those who are shown this.
    pub(super) fn others(&self, sort: Sort, person: PersonId) -> impl Iterator<Item = &Arc<Registration<O>>> {
        let others = self.listeners.iter().filter(move |to| to.who.person != person && !to.is_gone());
        others.filter(move |to| {
            let member = |person| self.shown.as_ref().and_then(|shown| shown.member(person));
            let standing = self.shown.as_ref().map(|shown| shown.standing(&to.who, member(to.who.person)));
            standing.is_some_and(|standing| audience::sees(sort, standing))
        })
    }

    pub(super) fn presence(&self, author: u16, here: bool) -> PublicFrame {
        PublicFrame::Presence(Presence { ticket: self.id, author, here })
    }
}
