//! Who works here and who asks, and the actors of people: they welcome, and bring acts to rooms and dispatcher.

use std::collections::VecDeque;
use std::sync::Arc;

use deskwire::domain::dispatch::OfferAnswer;
use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::Presence;
use deskwire::domain::room::Yes;
use deskwire::domain::ticket::Command;
use deskwire::domain::who::{Sight, Who};
use deskwire_protocol::kinds::{self, TicketReady, Welcome};
use deskwire_protocol::{PersonId, Phase, Priority, Role, Status, TicketId, Time};

use crate::dispatcher;
use crate::network::{Ask, Outbox};
use crate::room;
use crate::world::World;

/// The category whose tickets find their agents by themselves.
pub const AUTOMATIC: CategoryId = CategoryId(1);
/// The category whose tickets are picked.
pub const MANUAL: CategoryId = CategoryId(2);

/// The category whose tickets are offered.
pub const OFFERED: CategoryId = CategoryId(3);

/// Everybody: person, role, categories, slots, tabs.
pub const EVERYBODY: [(u64, Role, &[CategoryId], u16, usize); 5] = [
    (1, Role::Customer, &[], 0, 2),
    (2, Role::Customer, &[], 0, 1),
    (11, Role::Agent, &[AUTOMATIC, MANUAL, OFFERED], 1, 1),
    (12, Role::Agent, &[AUTOMATIC, OFFERED], 2, 1),
    (21, Role::Supervisor, &[AUTOMATIC, OFFERED], 1, 1),
];

/// Who somebody is.
pub fn who(person: PersonId) -> Arc<Who> {
    let one = EVERYBODY.iter().find(|one| one.0 == person.0).expect("everybody is in the list");
    Arc::new(Who {
        person,
        role: one.1,
        name: format!("p{}", one.0).into(),
        categories: one.2.into(),
        reachable: person.0 == 2,
        sight: Sight::default(),
    })
}

/// Those who work here.
pub fn staff() -> impl Iterator<Item = Arc<Who>> {
    EVERYBODY.iter().filter(|one| one.1.is_staff()).map(|one| who(PersonId(one.0)))
}

/// What a person's actor is told.
pub enum Mail {
    /// A connection has signed in.
    Attached { outbox: Outbox },
    /// A connection has gone.
    Detached,
    /// A customer starts a chat.
    Open { ask: Ask, request: u32, key: u64 },
    /// An agent takes a ticket by hand.
    Pick { ask: Ask, ticket: TicketId },
    /// An agent answers an offer.
    AnswerOffer { ask: Ask, ticket: TicketId, offer: u32, answer: OfferAnswer },
    /// Somebody says that a ticket goes to an agent.
    Move { ask: Ask, ticket: TicketId, agent: PersonId },
    /// An agent says whether he takes new tickets.
    SetStatus { ask: Ask, status: Status },
    /// An agent looks at the queue.
    Watch { ask: Ask },
}

/// The mailbox of a person's actor; all else it holds is who it is.
pub type Mailbox = VecDeque<Mail>;

/// The ticket that a customer's chat key makes.
pub fn ticket_of(person: PersonId, key: u64) -> TicketId {
    TicketId(person.0 * 100 + key)
}

impl World {
    /// Brings a message to a person's actor.
    pub fn tell_person(&mut self, person: PersonId, mail: Mail) {
        self.engine.people.entry(person).or_default().push_back(mail);
    }

    /// A person's actor handles the next message.
    pub fn step_person(&mut self, person: PersonId) {
        let mail = self.engine.people.get_mut(&person).and_then(Mailbox::pop_front);
        let (Some(mail), who) = (mail, who(person)) else { return };
        match mail {
            Mail::Attached { outbox } => self.welcome(&who, &outbox),
            Mail::Detached => self.tell_presence(&who),
            Mail::Open { ask, request, key } => {
                let ticket = ticket_of(person, key);
                let category = [AUTOMATIC, OFFERED, MANUAL][key as usize % 3];
                let command = Command::Open {
                    category,
                    category_name: "any".into(),
                    priority: if key % 2 == 0 { Priority::Normal } else { Priority::High },
                    subject: String::new(),
                    early_posts: category != MANUAL,
                    phase: if key == 1 && person.0 == 1 { Phase::Asynchronous } else { Phase::Live },
                    skills: Vec::new(),
                    first: None,
                    turned_away: None,
                };
                let yes = Yes::Frame(TicketReady { request, ticket }.into());
                self.tell_room(ticket, room::Mail::Command { ask, who, command, yes });
            }
            Mail::Pick { ask, ticket } => self.tell_dispatcher(dispatcher::Mail::Pick { ask, who, ticket }),
            Mail::SetStatus { ask, status } => {
                self.tell_dispatcher(dispatcher::Mail::SetStatus { ask, who, status });
            }
            Mail::AnswerOffer { ask, ticket, offer, answer } => {
                self.tell_dispatcher(dispatcher::Mail::AnswerOffer { ask, who, ticket, offer, answer });
            }
            Mail::Move { ask, ticket, agent } => {
                self.tell_dispatcher(dispatcher::Mail::Move { ask, who, ticket, agent });
            }
            Mail::Watch { ask } => self.tell_dispatcher(dispatcher::Mail::Watch { ask, who }),
        }
    }

    fn welcome(&mut self, who: &Arc<Who>, outbox: &Outbox) {
        let welcome = Welcome {
            person: who.person,
            role: who.role,
            name: who.name.to_string(),
            token: String::new(),
            epoch: TicketId(1),
            now: Time::default(),
            tickets: Vec::new(),
        };
        outbox.send(&kinds::PublicFrame::Welcome(welcome));
        self.tell_presence(who);
        if who.role.is_staff() {
            self.tell_dispatcher(dispatcher::Mail::Greet { who: who.clone(), outbox: outbox.clone() });
        }
    }

    /// Asked anew each time, so that a late notice of an old connection cannot hide a new one.
    fn tell_presence(&mut self, who: &Arc<Who>) {
        if !who.role.is_staff() {
            return self.tell_dispatcher(dispatcher::Mail::CustomerMoved { customer: who.person });
        }
        let presence = match self.engine.directory.outboxes(who.person).is_empty() {
            true => Presence::Gone,
            false => Presence::Here,
        };
        self.tell_dispatcher(dispatcher::Mail::Presence { who: who.clone(), presence });
    }
}
