//! A ticket goes to an agent because somebody says so: from whom, who says so and why, and what its log says of it.

use deskwire_protocol::words::Manner;
use deskwire_protocol::{PersonId, Role, Routing, StaffAct, Time};

use super::event::{Acted, Assigned};

/// A ticket that goes to an agent because somebody says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Who has it; nobody where it waits.
    pub from: Option<PersonId>,
    /// Who says so; nobody for the engine.
    pub by: PersonId,
    /// His display name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// How.
    pub manner: Manner,
}

impl Moved {
    /// The engine found somebody for what was asked.
    pub fn by_engine(from: Option<PersonId>) -> Moved {
        Moved { from, by: PersonId::default(), name: String::new(), reason: String::new(), manner: Manner::AtOnce }
    }

    /// What staff read of it beside the assignment itself; nothing where the engine found somebody for what was asked.
    pub(super) fn acted(&self, at: Time, routing: Routing, (agent, agent_name): (PersonId, String)) -> Option<Acted> {
        let act = match routing {
            Routing::TakenOver | Routing::ByHand if self.manner == Manner::BeyondLimit => StaffAct::AssignBeyondLimit,
            Routing::TakenOver => StaffAct::TakeOver,
            Routing::ByHand => StaffAct::Assign,
            Routing::Transferred | Routing::Automatic | Routing::Picked | Routing::Offered => StaffAct::Transfer,
            Routing::Escalated => return None,
        };
        let (person, name, reason) = (self.by, self.name.clone(), self.reason.clone());
        Some(Acted { at, person, name, act, agent, agent_name, until: Time::default(), reason })
    }
}

/// Whether a supervisor has it now, or has said who is to have it.
pub(super) fn ends_escalation(assigned: &Assigned) -> bool {
    match assigned.routing {
        Routing::ByHand | Routing::TakenOver | Routing::Escalated => true,
        Routing::Automatic | Routing::Picked | Routing::Offered | Routing::Transferred => assigned.role != Role::Agent,
    }
}
