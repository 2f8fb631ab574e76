//! What staff do beside the talk: notes, whispers, taking part.

use deskwire_protocol::{NoteKind, Role, TicketId, kinds};

use crate::client::Want;
use crate::world::World;

impl World {
    /// Leaves a note, or whispers.
    pub fn note(&mut self, tab: usize, ticket: Option<TicketId>) {
        let note = match self.tabs_role(tab) {
            Role::Supervisor if self.random.below(2) == 0 => NoteKind::Whisper,
            Role::Customer | Role::Agent | Role::Supervisor | Role::Admin => NoteKind::Note,
        };
        let one = &mut self.tabs[tab];
        let Some(hearing) = ticket.and_then(|ticket| one.heard.get_mut(&ticket)) else { return };
        one.said += 1;
        let text = format!("{}.{}:{}", one.person.0, hearing.name, one.said);
        hearing.delivery.note(text.into(), note, u64::from(one.said));
    }

    /// A supervisor takes part.
    pub fn take_part(&mut self, tab: usize, ticket: Option<TicketId>) {
        if let Some(ticket) = ticket {
            self.request(tab, Want::Once, |request| kinds::TakePart { request, ticket }.into());
        }
    }

    /// A supervisor talks where he takes part.
    pub fn say_if_member(&mut self, tab: usize, ticket: Option<TicketId>) {
        let (person, log) = (self.tabs[tab].person, self.shared.log.borrow());
        let is_member = ticket.and_then(|ticket| log.newest(ticket)?.member(person)).is_some();
        drop(log);
        if is_member {
            self.say(tab, ticket);
        }
    }
}
