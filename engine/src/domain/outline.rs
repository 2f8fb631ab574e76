//! A ticket without its streams: what frames, lists and the queue show of it, and who may read it.

mod fold;

use std::sync::Arc;

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{PersonId, Refusal, Role, StageName, TicketId, Time};

use super::audience::Audience;
use super::authorize::{self, Action, Standing, Target, authorize};
use super::discussion::{self, Discussion};
use super::event::{Event, Opened};
use super::facts::{Causes, Facts, Hands, Invitation};
use super::numbering::{Hidden, Point};
use super::silence::Turn;
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

/// One who watches unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// Who.
    pub person: PersonId,
    /// His display name.
    pub name: Arc<str>,
    /// The sequence of the event that says so.
    pub since: u32,
}

/// The cheap part of a ticket's fold. A room keeps it twice: as decided, and as durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    head: u32,
    last_at: Time,
    facts: Facts,
    category_name: Arc<str>,
    early_posts: bool,
    /// How long its agent may write it up, in seconds.
    wrap_up_s: u32,
    turn: Turn,
    members: Vec<Member>,
    hidden: Hidden,
    watchers: Vec<Watcher>,
    /// How many of the hidden events are of watching.
    watches: usize,
    kind: Kind,
}

/// What a log is the log of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A customer's question.
    Question,
    /// An open room.
    Discussion(Box<Discussion>),
}

impl Outline {
    /// The outline after the first event; nothing where none begins with that.
    pub fn begin(id: TicketId, first: &Event) -> Option<Outline> {
        let member = |person, name: &str, role| Member { person, name: name.into(), role };
        match first {
            Event::Opened(opened) => {
                let customer = member(opened.person, &opened.name, Role::Customer);
                let begun = Outline::beginning(question(id, opened), customer, Kind::Question);
                let category_name = opened.category_name.as_str().into();
                Some(Outline { category_name, early_posts: opened.early_posts, ..begun })
            }
            Event::Founded(founded) => {
                let founder = member(founded.person, &founded.name, founded.role);
                let kind = Kind::Discussion(Box::new(Discussion::begin(founded)));
                Some(Outline::beginning(discussion::facts(id, founded), founder, kind))
            }
            Event::Posted(_)
            | Event::CustomerTold(_)
            | Event::AgentSilent(_)
            | Event::Assigned(_)
            | Event::Advanced(_)
            | Event::MemberAdded(_)
            | Event::PhaseChanged(_)
            | Event::CategoryChanged(_)
            | Event::Noted(_)
            | Event::WatchBegan(_)
            | Event::WatchEnded(_)
            | Event::Acted(_)
            | Event::Entered(_)
            | Event::Departed(_)
            | Event::Moderated(_) => None,
        }
    }

    fn beginning(facts: Facts, first: Member, kind: Kind) -> Outline {
        Outline {
            head: 1,
            last_at: facts.arrived,
            facts,
            category_name: "".into(),
            early_posts: false,
            wrap_up_s: 0,
            turn: Turn::default(),
            members: vec![first],
            hidden: Hidden::default(),
            watchers: Vec::new(),
            watches: 0,
            kind,
        }
    }

    /// Whether somebody may do this to it, by the one table.
    pub fn allows(&self, who: &Who, action: Action) -> Result<(), Refusal> {
        if let Kind::Discussion(discussion) = &self.kind {
            return authorize(&who.actor(), action, Target::Discussion(discussion.part(who)));
        }
        authorize(&who.actor(), action, Target::Ticket(who.of_ticket(&self.facts, self.member(who.person))))
    }

    /// What somebody with this index among its members, or none, is to it.
    pub fn standing(&self, who: &Who, member: Option<u16>) -> Standing {
        if let Kind::Discussion(_) = &self.kind {
            return authorize::standing_in_discussion(who.role);
        }
        authorize::standing(&who.actor(), &who.of_ticket(&self.facts, member))
    }

    /// Whether somebody who hears it watches: he may read it, and is none of those whom its people see there.
    pub fn is_watched_as(&self, who: &Who) -> bool {
        if let Kind::Discussion(_) = &self.kind {
            return false;
        }
        let member = self.member(who.person);
        match self.standing(who, member) {
            Standing::Supervisor => true,
            Standing::Admin => member.is_none(),
            Standing::Customer
            | Standing::Agent
            | Standing::Partaker
            | Standing::Guest
            | Standing::Adviser
            | Standing::Candidate
            | Standing::Onlooker
            | Standing::Colleague
            | Standing::Stranger => false,
        }
    }

    /// Whether somebody may read it.
    pub fn may_read(&self, who: &Who) -> bool {
        self.allows(who, Action::Read).is_ok()
    }

    /// Whether somebody who may read it may also hear it: of a discussion, its members.
    pub fn may_hear(&self, who: &Who) -> bool {
        match &self.kind {
            Kind::Question => self.may_read(who),
            Kind::Discussion(discussion) => discussion.holds(who.person),
        }
    }

    /// What it is, where it is a discussion.
    pub fn discussion(&self) -> Option<&Discussion> {
        match &self.kind {
            Kind::Question => None,
            Kind::Discussion(discussion) => Some(discussion),
        }
    }

    /// The frame that begins hearing it, with so many here.
    pub fn joined(&self, who: &Who, stream_head: u32, here: u32) -> PublicFrame {
        if let Kind::Discussion(of) = &self.kind {
            return discussion::joined(self, of, who, (stream_head, here)).into();
        }
        PublicFrame::Joined(kinds::Joined {
            ticket: self.facts.ticket,
            head: self.point(Audience::of(who.role), self.head).place,
            stage: self.facts.stage,
            category: self.category_name.to_string(),
            subject: self.facts.subject.clone(),
            members: self
                .members
                .iter()
                .map(|member| kinds::Member { name: member.name.to_string(), role: member.role })
                .collect(),
            stream_head,
        })
    }

    /// The index of a person, if he ever took part.
    pub fn member(&self, person: PersonId) -> Option<u16> {
        if let Kind::Discussion(discussion) = &self.kind {
            return discussion.member(person);
        }
        self.members.iter().position(|member| member.person == person).map(|index| index as u16)
    }

    /// The same while customers may see that he is there: who was a member before is not seen where he is asked into the
    /// notes.
    pub fn seen_as(&self, person: PersonId) -> Option<u16> {
        let unseen = self.facts.hands.invitation(person) == Some(Invitation::Notes);
        self.member(person).filter(|_| !unseen)
    }

    /// Everybody who ever took part, in the order of their index.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// A point of its log, as an audience calls it.
    pub fn point(&self, audience: Audience, seq: u32) -> Point {
        self.hidden.point(audience, seq)
    }

    /// The hidden events of its log.
    pub fn hidden(&self) -> &Hidden {
        &self.hidden
    }

    /// Who watches unseen, by the log.
    pub fn watchers(&self) -> &[Watcher] {
        &self.watchers
    }

    /// One of them.
    pub fn watcher(&self, person: PersonId) -> Option<&Watcher> {
        self.watchers.iter().find(|watcher| watcher.person == person)
    }

    /// How many of its events are of watching.
    pub fn watches(&self) -> usize {
        self.watches
    }

    /// Whose answer the talk waits for.
    pub fn turn(&self) -> Turn {
        self.turn
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

/// What the queue must know of a ticket that has just begun.
fn question(ticket: TicketId, opened: &Opened) -> Facts {
    Facts {
        ticket,
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
        wrap_up_until: None,
        told: Causes::default(),
        hands: Hands::default(),
        name: opened.name.clone(),
        subject: opened.subject.clone(),
    }
}
