//! What staff do beside a ticket's talk: notes and whispers, watching, taking part.

use deskwire_protocol::limits::{NOTES_PER_TICKET_MAX, TEXT_BYTES_MAX, WATCHES_PER_TICKET_MAX};
use deskwire_protocol::{NoteKind, Refusal, StreamId, Time};

use super::authorize::Action;
use super::event::{Event, MemberAdded, Noted, WatchBegan, WatchEnded};
use super::outline::Watcher;
use super::streams::{Digest, Place};
use super::ticket::{Decision, Refused, Ticket, bounded, illegal};
use super::who::Who;

impl Ticket {
    /// A note is numbered on its sender's stream like a post, and taken once like one. It may be left in any stage.
    pub(super) fn decide_note(
        &self,
        who: &Who,
        stream: StreamId,
        number: u32,
        (note, text): (NoteKind, String),
        at: Time,
    ) -> Result<Decision, Refused> {
        self.may_note(who, note)?;
        bounded("text", &text, TEXT_BYTES_MAX)?;
        match self.streams().place(who.person, stream, number, Digest::of_note(note, &text), at) {
            Place::Repeat(taken) => Ok(Decision::Repeat(taken)),
            Place::No { refusal, expected } => Err(Refused { expected, ..refusal.into() }),
            Place::Next => {
                self.takes_note(note)?;
                if text.trim().is_empty() {
                    return Err(Refusal::EmptyText.into());
                }
                let (person, name, role) = (who.person, who.name.to_string(), who.role);
                let noted = Noted { at, person, name, role, note, stream, number, text };
                Ok(Decision::Events(vec![Event::Noted(noted)]))
            }
        }
    }

    fn may_note(&self, who: &Who, note: NoteKind) -> Result<(), Refused> {
        let action = match note {
            NoteKind::Note => Action::Note,
            NoteKind::Whisper => Action::Whisper,
        };
        Ok(self.outline().allows(who, action)?)
    }

    /// Whether there is place for one more, and somebody to whisper to.
    fn takes_note(&self, note: NoteKind) -> Result<(), Refused> {
        let outline = self.outline();
        if outline.hidden().count() - outline.watches() >= NOTES_PER_TICKET_MAX {
            return Err(Refusal::NotesFull.into());
        }
        match (note, outline.facts().owner()) {
            (NoteKind::Whisper, None) => Err(illegal(outline.facts().stage, "whispering")),
            (NoteKind::Whisper, Some(_)) | (NoteKind::Note, _) => Ok(()),
        }
    }

    /// A supervisor takes part. Who does already need not begin.
    pub(super) fn decide_take_part(&self, who: &Who, at: Time) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::TakePart)?;
        if self.outline().member(who.person).is_some() {
            return Ok(Decision::Already);
        }
        if self.outline().facts().is_over() {
            return Err(illegal(self.outline().facts().stage, "taking part"));
        }
        self.next_member()?;
        let (person, name, role) = (who.person, who.name.to_string(), who.role);
        Ok(Decision::Events(vec![Event::MemberAdded(MemberAdded { at, person, name, role })]))
    }

    /// What the log must say before somebody hears the ticket: that he watches, where he does and it is not said yet.
    pub(super) fn decide_watch(&self, who: &Who, now: Time) -> Result<Option<Event>, Refused> {
        let outline = self.outline();
        if outline.watcher(who.person).is_some() || !outline.is_watched_as(who) {
            return Ok(None);
        }
        // Each that has begun has its place for an end.
        if outline.watches() + outline.watchers().len() + 2 > WATCHES_PER_TICKET_MAX {
            return Err(Refusal::NotesFull.into());
        }
        let (at, person, name) = (now.max(outline.last_at()), who.person, who.name.to_string());
        Ok(Some(Event::WatchBegan(WatchBegan { at, person, name })))
    }

    /// What the log says of somebody who watched and does no longer.
    pub(super) fn watch_ended(&self, watcher: &Watcher, now: Time) -> Event {
        let at = now.max(self.outline().last_at());
        Event::WatchEnded(WatchEnded { at, person: watcher.person, name: watcher.name.to_string() })
    }
}
