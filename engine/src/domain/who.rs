//! Who acts: what the rules need to know of a person.

use std::sync::Arc;

use deskwire_protocol::{PersonId, Role};

use super::authorize::{Actor, OfTicket};
use super::event::CategoryId;
use super::facts::Facts;
use super::matcher::TeamId;

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
    /// What he may see beyond that.
    pub sight: Sight,
}

/// What a member of staff may see beyond his own tickets and those that wait in his categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// What a supervisor is bound to; one who is bound to nothing oversees all.
    pub bound: Option<Bound>,
    /// Those of his categories whose tickets he may read while a colleague has them.
    pub shared: Arc<[CategoryId]>,
}

/// What a supervisor oversees who is bound to teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The teams.
    pub teams: Arc<[TeamId]>,
    /// What their agents serve.
    pub categories: Arc<[CategoryId]>,
}

impl Who {
    /// Whether he serves this category: by his list, or because he oversees it.
    pub fn serves(&self, category: CategoryId) -> bool {
        match self.role {
            Role::Customer => false,
            Role::Agent | Role::Supervisor | Role::Admin => {
                self.categories.contains(&category) || self.oversees(category)
            }
        }
    }

    /// Whether tickets of this category are his to oversee: an admin's always, a supervisor's where a team of his serves
    /// it.
    pub fn oversees(&self, category: CategoryId) -> bool {
        match self.role {
            Role::Customer | Role::Agent => false,
            Role::Supervisor => self.sight.bound.as_ref().is_none_or(|bound| bound.categories.contains(&category)),
            Role::Admin => true,
        }
    }

    /// Whether an agent of this team, or of none, is his to oversee.
    pub fn leads(&self, team: Option<TeamId>) -> bool {
        match self.role {
            Role::Customer | Role::Agent => false,
            Role::Supervisor => {
                let bound = self.sight.bound.as_ref();
                bound.is_none_or(|bound| team.is_some_and(|team| bound.teams.contains(&team)))
            }
            Role::Admin => true,
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
        OfTicket {
            customer,
            agent,
            stage,
            serves: self.serves(facts.category),
            oversees: self.oversees(facts.category),
            shared: self.sight.shared.contains(&facts.category),
            member: member.is_some(),
            invited: facts.hands.invitation(self.person),
        }
    }

    /// As the one who asks, for [`authorize`](super::authorize::authorize).
    pub fn actor(&self) -> Actor {
        Actor { person: self.person, role: self.role }
    }
}
