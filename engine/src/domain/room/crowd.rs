//! What a discussion adds to a room: how many are here, whom an act concerns, deleted posts.

use std::collections::HashSet;
use std::sync::Arc;

use deskwire_protocol::ModerationAct;
use deskwire_protocol::kinds::{Crowd, PublicFrame};
use deskwire_protocol::limits::TYPING_CONNECTIONS_MAX;

use super::{Effect, Room};
use crate::domain::discussion::{self, Deleted};
use crate::domain::event::Event;

impl<A, O: Clone + PartialEq> Room<A, O> {
    /// Whether it is a discussion: there nobody is told who comes and goes, but how many are here.
    pub(super) fn is_discussion(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.discussion().is_some())
    }

    /// Whether too many are here to be told who types.
    pub(super) fn is_crowded(&self) -> bool {
        self.listeners.len() > TYPING_CONNECTIONS_MAX && self.is_discussion()
    }

    /// How many people are here.
    pub(super) fn here(&self) -> u32 {
        let here = self.listeners.iter().filter(|listener| !listener.is_gone());
        here.map(|listener| listener.who.person).collect::<HashSet<_>>().len() as u32
    }

    /// Somebody came or went: the others are told soon, once for many.
    pub(super) fn crowd_changed(&mut self, out: &mut Vec<Effect<A, O>>) {
        if !std::mem::replace(&mut self.crowd_is_due, true) {
            out.push(Effect::CrowdSoon);
        }
    }

    /// Tells all how many they are.
    pub fn tell_crowd(&mut self, out: &mut Vec<Effect<A, O>>) {
        self.crowd_is_due = false;
        let frame = Arc::new(PublicFrame::Crowd(Crowd { ticket: self.id, here: self.here() }));
        for to in self.listeners.iter().filter(|listener| !listener.is_gone()) {
            out.push(Effect::Show { to: to.clone(), frame: frame.clone() });
        }
    }

    /// Tells him whom an act concerns what was done about him, before he may lose the room with it; lists what was
    /// founded.
    pub(super) fn tell_concerned(&self, event: &Event, out: &mut Vec<Effect<A, O>>) {
        if let Event::Founded(founded) = event {
            out.push(Effect::List { founded: Box::new(founded.clone()) });
        }
        let (Event::Moderated(moderated), Some(shown)) = (event, &self.shown) else { return };
        let concerned = shown.members().get(usize::from(moderated.member));
        let frame = discussion::view::concerned(self.id, moderated);
        let (Some(concerned), Some(frame)) = (concerned, frame.map(Arc::new)) else { return };
        for to in self.listeners.iter().filter(|to| to.who.person == concerned.person && !to.is_gone()) {
            out.push(Effect::Show { to: to.clone(), frame: frame.clone() });
        }
    }

    /// A deleted post's text leaves the tail with its deletion's being durable.
    pub(super) fn blank(&mut self, event: &Event) {
        let Event::Moderated(moderated) = event else { return };
        if moderated.act != ModerationAct::DeletePost {
            return;
        }
        let first = self.tail_first();
        let kept = moderated.seq.checked_sub(first).and_then(|at| self.tail.get_mut(at as usize));
        if let Some(kept) = kept {
            *kept = Arc::new(discussion::without_text(Event::clone(kept)));
        }
    }

    /// The deleted posts, for pages that are read aside.
    pub(super) fn deleted(&self) -> Deleted {
        let discussion = self.shown.as_ref().and_then(|shown| shown.discussion());
        discussion.map(|discussion| discussion.deleted().clone()).unwrap_or_default()
    }
}
