//! What people do with tickets that they hand on: the frames, and the commands that they are.

use deskwire::domain::event::CategoryId;
use deskwire::domain::handing::{Handing, NamedCategory};
use deskwire::domain::ticket::Command;
use deskwire_protocol::{TicketId, kinds};

use crate::client::Want;
use crate::people::{AUTOMATIC, MANUAL, OFFERED};
use crate::world::World;

/// A category's name here is its number.
pub fn to_category(name: String, reason: String) -> Command {
    let id = name.parse().map(CategoryId).expect("a number");
    let to = Some(NamedCategory { id, name, early_posts: id != MANUAL });
    Command::Hand(Handing::ToCategory { to, reason })
}

impl World {
    /// To one of the categories, whether it is there already or not.
    pub fn hand_on(&mut self, tab: usize, ticket: Option<TicketId>) {
        let Some(ticket) = ticket else { return };
        let CategoryId(to) = [AUTOMATIC, OFFERED, MANUAL][self.random.below(3) as usize];
        let (category, reason) = (to.to_string(), format!("hand {}", self.number()));
        self.request(tab, Want::Once, |request| kinds::TransferToCategory { request, ticket, category, reason }.into());
    }
}
