//! One event on its way to all who hear it: encoded once, put in each outbox.

use deskwire_protocol::{ServerFrame, TicketId};

use super::encoded::{PublicBytes, StaffBytes};
use super::outbox::Outbox;
use crate::domain::event::Event;
use crate::domain::room::Telling;
use crate::domain::view::{self, Sight};

/// One event as frames, encoded on first need, at most once for each numbering, sight and form.
#[derive(Default)]
pub struct Encoded {
    seq: u32,
    /// By numbering (that of the log first), sight and form.
    public: [[[Option<PublicBytes>; 2]; 2]; 2],
    /// By sight and form.
    staff: [[Option<StaffBytes>; 2]; 2],
}

/// An event of a ticket as it goes to a connection.
pub struct Line<'a> {
    /// The ticket.
    pub ticket: TicketId,
    /// Its place in the log.
    pub seq: u32,
    /// What happened.
    pub event: &'a Event,
}

impl Encoded {
    /// Puts an event in an outbox. Answers `false` where that is not one for it: a bug.
    pub fn push(&mut self, to: &Outbox, line: &Line<'_>, telling: Telling) -> bool {
        if self.seq != line.seq {
            *self = Encoded { seq: line.seq, ..Encoded::default() };
        }
        match telling {
            Telling::Customer { place, sight } => self.push_public(to, line, place, sight),
            Telling::Staff { sight } => match view::staff(line.ticket, line.seq, line.event, sight) {
                Some(ServerFrame::Public(_)) => self.push_public(to, line, line.seq, sight),
                Some(ServerFrame::Staff(frame)) => {
                    let Some(staff) = to.staff() else { return false };
                    let bytes = || StaffBytes::new(&frame, to.form());
                    let known = &mut self.staff[sight as usize][to.form() as usize];
                    staff.push(known.get_or_insert_with(bytes).clone());
                    true
                }
                None => false,
            },
            Telling::Answered | Telling::Unseen => true,
        }
    }

    fn push_public(&mut self, to: &Outbox, line: &Line<'_>, place: u32, sight: Sight) -> bool {
        let numbering = usize::from(place != line.seq);
        let known = &mut self.public[numbering][sight as usize][to.form() as usize];
        if known.is_none() {
            *known = view::public(line.ticket, place, line.event, sight).map(|it| PublicBytes::new(&it, to.form()));
        }
        known.iter().for_each(|bytes| to.push(bytes.clone()));
        known.is_some()
    }
}
