//! What is on its way: words to rooms, and a new dispatcher to its work.

use deskwire::domain::facts::Facts;
use deskwire_protocol::{PersonId, TicketId};

/// What is on its way to a room.
pub enum ToRoom {
    Assign { agent: PersonId, round: u32, attempt: u64 },
    Wake,
}

/// How far a new dispatcher is.
pub enum Start {
    Listing,
    Fencing { live: Vec<TicketId> },
    Ready { live: Vec<TicketId>, stages: Vec<Facts> },
    Done,
}
