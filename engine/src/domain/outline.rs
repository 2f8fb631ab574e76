//! A ticket without its streams: what frames, lists and the queue show of it, and who may read it.

use std::sync::Arc;

use deskwire_protocol::kinds;
use deskwire_protocol::{PersonId, Refusal, Role, StageName, TicketId, Time};

use super::authorize::{Action, OfTicket, Target, authorize};
use super::event::Event;
use super::facts::Facts;
use super::lifecycle::{self, Act};
use super::who::Who;

/// One who took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// His display name.
    pub name: Arc<str>,
    /// What he is.
    pub role: Role,
}

/// The cheap part of a ticket's fold. A room keeps it twice: as decided, and as durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    head: u32,
    last_at: Time,
    facts: Facts,
    category_name: Arc<str>,
    early_posts: bool,
    members: Vec<Member>,
}

impl Outline {
    /// The outline after the first event; nothing where that is not an opening.
    pub fn begin(id: TicketId, first: &Event) -> Option<Outline> {
        let Event::Opened(opened) = first else { return None };
        let customer = Member { person: opened.person, name: opened.name.as_str().into(), role: Role::Customer };
        Some(Outline {
            head: 1,
            last_at: opened.at,
            facts: Facts {
                ticket: id,
                seq: 1,
                stage: StageName::Waiting,
                round: 1,
                agent: None,
                customer: opened.person,
                category: opened.category,
                priority: opened.priority,
                arrived: opened.at,
                since: opened.at,
                phase: opened.phase,
                reachable: opened.reachable,
                skills: opened.skills.0.clone(),
                name: opened.name.clone(),
                subject: opened.subject.clone(),
            },
            category_name: opened.category_name.as_str().into(),
            early_posts: opened.early_posts,
            members: vec![customer],
        })
    }

    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        self.head += 1;
        self.last_at = event.at();
        match event {
            Event::Opened(_) => {}
            Event::Posted(posted) => {
                let after = lifecycle::next(self.facts.stage, Act::CustomerPost).unwrap_or(self.facts.stage);
                if posted.author == 0 && after != self.facts.stage {
                    self.enter(after);
                }
            }
            Event::Assigned(assigned) => {
                self.add_member(assigned.agent, &assigned.name, assigned.role);
                self.facts.agent = Some(assigned.agent);
                self.enter(StageName::Assigned);
            }
            Event::Advanced(advanced) => self.enter(advanced.stage),
            Event::MemberAdded(added) => self.add_member(added.person, &added.name, added.role),
            Event::PhaseChanged(changed) => {
                self.facts.phase = changed.phase;
                self.facts.seq = self.head;
            }
        }
    }

    fn enter(&mut self, stage: StageName) {
        self.facts.stage = stage;
        self.facts.seq = self.head;
        self.facts.since = self.last_at;
        if stage == StageName::Reopened {
            self.facts.arrived = self.last_at;
        }
        if self.facts.is_waiting() {
            self.facts.round += 1;
        }
    }

    fn add_member(&mut self, person: PersonId, name: &str, role: Role) {
        if self.member(person).is_none() {
            self.members.push(Member { person, name: name.into(), role });
        }
    }

    /// Whether somebody may do this to it, by the one table.
    pub fn allows(&self, who: &Who, action: Action) -> Result<(), Refusal> {
        let Facts { customer, agent, stage, category, .. } = self.facts;
        let of = OfTicket { customer, agent, stage, serves: who.serves(category) };
        authorize(&who.actor(), action, Target::Ticket(of))
    }

    /// Whether somebody may read it.
    pub fn may_read(&self, who: &Who) -> bool {
        self.allows(who, Action::Read).is_ok()
    }

    /// The frame that begins hearing it.
    pub fn joined(&self, stream_head: u32) -> kinds::Joined {
        kinds::Joined {
            ticket: self.facts.ticket,
            head: self.head,
            stage: self.facts.stage,
            category: self.category_name.to_string(),
            subject: self.facts.subject.clone(),
            members: self
                .members
                .iter()
                .map(|member| kinds::Member { name: member.name.to_string(), role: member.role })
                .collect(),
            stream_head,
        }
    }

    /// The index of a person, if he ever took part.
    pub fn member(&self, person: PersonId) -> Option<u16> {
        self.members.iter().position(|member| member.person == person).map(|index| index as u16)
    }

    /// Everybody who ever took part, in the order of their index.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The sequence of the last event.
    pub fn head(&self) -> u32 {
        self.head
    }

    /// When that was.
    pub fn last_at(&self) -> Time {
        self.last_at
    }

    /// What the queue must know of it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the customer may post before an agent has it.
    pub fn early_posts(&self) -> bool {
        self.early_posts
    }
}
