//! Pages below a room's tail, read aside and answered without the room.

use deskwire::domain::numbering::Point;
use deskwire::domain::view::{PageMaker, Reader};
use deskwire_protocol::TicketId;

use crate::network::Ask;
use crate::world::World;

/// A page that somebody waits for.
pub struct Read {
    /// Whose question.
    pub ask: Ask,
    /// Of which ticket.
    pub ticket: TicketId,
    /// With whose eyes.
    pub reader: Reader,
    /// After this point.
    pub after: Point,
    /// Up to this one.
    pub upto: Point,
}

impl World {
    /// The pool of readers answers one.
    pub fn step_read(&mut self) {
        let at = self.random.below(self.engine.reads.len() as u64) as usize;
        let Read { ask, ticket, reader, after, upto } = self.engine.reads.swap_remove(at);
        let mut maker = PageMaker::after(ticket, reader, after);
        let log = self.shared.log.borrow();
        for seq in after.seq + 1..=upto.seq {
            let Some(event) = log.event(ticket, seq) else { break };
            if !maker.add(seq, event) {
                break;
            }
        }
        drop(log);
        ask.answer(maker.page(upto.place, true));
    }
}
