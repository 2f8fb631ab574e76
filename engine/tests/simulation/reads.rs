//! Pages below a room's tail, read aside and answered without the room.

use deskwire::domain::view::{self, PageMaker};
use deskwire_protocol::TicketId;
use deskwire_protocol::kinds::{Page, PublicFrame};

use crate::network::Ask;
use crate::world::World;

/// A page that somebody waits for.
pub struct Read {
    /// Whose question.
    pub ask: Ask,
    /// Of which ticket.
    pub ticket: TicketId,
    /// With whose eyes.
    pub member: Option<u16>,
    /// After this sequence.
    pub after: u32,
    /// Up to this one.
    pub durable: u32,
}

impl World {
    /// The pool of readers answers one.
    pub fn step_read(&mut self) {
        let at = self.random.below(self.engine.reads.len() as u64) as usize;
        let Read { ask, ticket, member, after, durable } = self.engine.reads.swap_remove(at);
        let mut maker = PageMaker::default();
        let log = self.shared.log.borrow();
        for seq in after + 1..=durable {
            let Some(event) = log.event(ticket, seq) else { break };
            if !maker.add(&view::frame(ticket, seq, event, view::sight(event, member))) {
                break;
            }
        }
        drop(log);
        ask.answer(&PublicFrame::Page(Page { ticket, head: durable, more: true, events: maker.finish() }));
    }
}
