//! Who acts: what the rules need to know of a person.

use std::sync::Arc;

use deskwire_protocol::{PersonId, Role};

use super::authorize::{Actor, OfTicket};
use super::event::CategoryId;
use super::facts::Facts;

/// A person with a proven identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person.
    pub person: PersonId,
    /// What he is.
    pub role: Role,
    /// His display name.
    pub name: Arc<str>,
    /// The categories he serves; empty for customers.
    pub categories: Arc<[CategoryId]>,
    /// Whether he can be reached when he is not here: a customer whose address is known.
    pub reachable: bool,
}

impl Who {
    /// Whether he serves this category: agents by their list, supervisors and admins always.
    pub fn serves(&self, category: CategoryId) -> bool {
        match self.role {
            Role::Customer => false,
            Role::Agent => self.categories.contains(&category),
            Role::Supervisor | Role::Admin => true,
        }
    }

    /// Whether he may hear tickets in which he takes no part: such a watch stands in their logs.
    pub fn may_watch(&self) -> bool {
        match self.role {
            Role::Customer | Role::Agent => false,
            Role::Supervisor | Role::Admin => true,
        }
    }

    /// A ticket as it must be known to judge what he asks of it; `member` is his index there, if he has one.
    pub fn of_ticket(&self, facts: &Facts, member: Option<u16>) -> OfTicket {
        let (customer, agent, stage) = (facts.customer, facts.agent, facts.stage);
        OfTicket { customer, agent, stage, serves: self.serves(facts.category), member: member.is_some() }
    }

    /// As the one who asks, for [`authorize`](super::authorize::authorize).
    pub fn actor(&self) -> Actor {
        Actor { person: self.person, role: self.role }
    }
}
