//! From hand to hand: what people do with a ticket that changes who looks after it, short of giving it to an agent, which
//! is the queue's.

use deskwire_protocol::limits::{IGNORED_BY_MAX, NOTES_PER_TICKET_MAX, REASON_BYTES_MAX};
use deskwire_protocol::words::ConsultManner;
use deskwire_protocol::{PersonId, Refusal, StaffAct, Time};

use super::authorize::Action;
use super::consult::Consult;
use super::event::{Acted, CategoryChanged, CategoryId, Event};
use super::lifecycle::{self, Act};
use super::ticket::{Decision, Refused, Ticket, bounded, illegal};
use super::who::Who;

/// Most hidden events of a ticket beside those of watching, before an act that adds one is refused. Notes have the first
/// half for themselves.
pub const ACTS_PER_TICKET_MAX: usize = 2 * NOTES_PER_TICKET_MAX;

/// What somebody wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handing {
    /// It goes to another category, where it waits.
    ToCategory {
        /// Which; nothing where there is none of that name.
        to: Option<NamedCategory>,
        /// Why.
        reason: String,
    },
    /// A supervisor is to have it.
    Escalate {
        /// Why.
        reason: String,
    },
    /// No supervisor need have it.
    EndEscalation {
        /// Why.
        reason: String,
    },
    /// He wants to see no more of it while it waits.
    Ignore,
    /// He wants to see it again.
    EndIgnore,
    /// A colleague is asked in, or no more.
    Consult(Consult),
}

impl Handing {
    /// Whether it gives somebody's slot back, or ends something: what goes on while the disk is nearly full.
    pub fn frees_somebody(&self) -> bool {
        match self {
            Handing::ToCategory { .. } | Handing::EndEscalation { .. } => true,
            Handing::Consult(consult) => consult.manner == ConsultManner::End,
            Handing::Escalate { .. } | Handing::Ignore | Handing::EndIgnore => false,
        }
    }
}

/// A category as a ticket must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCategory {
    /// Which.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// Whether customers may post there before an agent has their ticket.
    pub early_posts: bool,
}

impl Ticket {
    pub(super) fn decide_hand(&self, who: &Who, handing: Handing, at: Time) -> Result<Decision, Refused> {
        match handing {
            Handing::ToCategory { to, reason } => self.decide_to_category(who, to, reason, at),
            Handing::Escalate { reason } => self.decide_escalation(who, StaffAct::Escalate, reason, at),
            Handing::EndEscalation { reason } => self.decide_escalation(who, StaffAct::EndEscalation, reason, at),
            Handing::Ignore => self.decide_ignore(who, StaffAct::Ignore, at),
            Handing::EndIgnore => self.decide_ignore(who, StaffAct::EndIgnore, at),
            Handing::Consult(consult) => self.decide_consult(who, consult, at),
        }
    }

    /// Its place among those who wait is that of its arrival there too, and it asks for the skills that it asked for.
    fn decide_to_category(
        &self,
        who: &Who,
        to: Option<NamedCategory>,
        reason: String,
        at: Time,
    ) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::Transfer)?;
        bounded("reason", &reason, REASON_BYTES_MAX)?;
        let NamedCategory { id, name, early_posts } = to.ok_or(Refusal::UnknownCategory)?;
        let stage = self.facts().stage;
        let stage = lifecycle::next(stage, Act::ToCategory).ok_or_else(|| illegal(stage, "another category"))?;
        if id == self.facts().category {
            return Err(Refusal::SameCategory.into());
        }
        self.takes_act()?;
        let acted = acted(who, at, StaffAct::TransferToCategory, reason);
        let changed = CategoryChanged { at, category: id, category_name: name, early_posts, stage };
        Ok(Decision::Events(vec![Event::Acted(acted), Event::CategoryChanged(changed)]))
    }

    /// Its owner has it on until a supervisor does.
    fn decide_escalation(&self, who: &Who, act: StaffAct, reason: String, at: Time) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::Escalate)?;
        bounded("reason", &reason, REASON_BYTES_MAX)?;
        let facts = self.facts();
        if facts.owner().is_none() {
            return Err(illegal(facts.stage, "escalating"));
        }
        if facts.escalated().is_some() == (act == StaffAct::Escalate) {
            return Ok(Decision::Already);
        }
        self.takes_act()?;
        Ok(Decision::Events(vec![Event::Acted(acted(who, at, act, reason))]))
    }

    /// Neither a no to an offer nor one to its customer: it is about this round of waiting and this one person.
    fn decide_ignore(&self, who: &Who, act: StaffAct, at: Time) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::Ignore)?;
        let facts = self.facts();
        if !facts.is_waiting() {
            return Err(illegal(facts.stage, "ignoring"));
        }
        let ignored = &facts.hands.ignored;
        if ignored.contains(&who.person) == (act == StaffAct::Ignore) {
            return Ok(Decision::Already);
        }
        if act == StaffAct::Ignore && ignored.len() >= IGNORED_BY_MAX {
            let detail = format!("at most {IGNORED_BY_MAX} people ignore a ticket");
            return Err(Refused { detail, ..Refusal::NotesFull.into() });
        }
        self.takes_act()?;
        Ok(Decision::Events(vec![Event::Acted(acted(who, at, act, String::new()))]))
    }

    /// Whether the log has a place for another act that its customer is not told.
    pub(super) fn takes_act(&self) -> Result<(), Refused> {
        let acts = self.outline().hidden().count() - self.outline().watches();
        if acts < ACTS_PER_TICKET_MAX { Ok(()) } else { Err(Refusal::NotesFull.into()) }
    }
}

/// Something that one of the staff did, which concerns nobody else.
pub(super) fn acted(who: &Who, at: Time, act: StaffAct, reason: String) -> Acted {
    let (person, name) = (who.person, who.name.to_string());
    let (agent, agent_name, until) = (PersonId::default(), String::new(), Time::default());
    Acted { at, person, name, act, agent, agent_name, until, reason }
}

#[cfg(test)]
mod tests {
    use deskwire_protocol::{Phase, Priority, Role, Routing, StreamId, TicketId};

    use super::*;
    use crate::domain::event::CategoryId;
    use crate::domain::ticket::Command;
    use crate::domain::who::Sight;

    fn who(person: u64, role: Role) -> Who {
        let (person, sight) = (PersonId(person), Sight::default());
        Who { person, role, name: "somebody".into(), categories: [CategoryId(1)].into(), reachable: false, sight }
    }

    fn take(ticket: &mut Ticket, who: &Who, command: Command) -> Result<(), Refusal> {
        let decision = ticket.decide(who, command, Time::default()).map_err(|refused| refused.refusal)?;
        if let Decision::Events(events) = decision {
            events.iter().for_each(|event| ticket.apply(event));
        }
        Ok(())
    }

    fn waiting() -> Ticket {
        let command = Command::Open {
            category: CategoryId(1),
            category_name: "chat".into(),
            priority: Priority::Normal,
            subject: "Help".into(),
            early_posts: true,
            phase: Phase::Live,
            skills: Vec::new(),
            first: None,
            turned_away: None,
        };
        let Ok(Decision::Events(events)) = Ticket::decide_first(&who(1, Role::Customer), command, Time::default())
        else {
            panic!("a chat begins")
        };
        Ticket::begin(TicketId(9), &events[0]).unwrap()
    }

    /// B09, the limit IGNORED_BY_MAX: one more is refused, until one of them wants to see it again.
    #[test]
    fn so_many_ignore_a_ticket_and_no_more() {
        let mut ticket = waiting();
        let agents: Vec<Who> = (2..).take(IGNORED_BY_MAX + 1).map(|person| who(person, Role::Agent)).collect();
        let (last, most) = agents.split_last().unwrap();
        for agent in most {
            assert_eq!(take(&mut ticket, agent, Command::Hand(Handing::Ignore)), Ok(()));
        }
        assert_eq!(take(&mut ticket, last, Command::Hand(Handing::Ignore)), Err(Refusal::NotesFull));
        assert_eq!(take(&mut ticket, &most[0], Command::Hand(Handing::EndIgnore)), Ok(()));
        assert_eq!(take(&mut ticket, last, Command::Hand(Handing::Ignore)), Ok(()));
    }

    /// The limit ACTS_PER_TICKET_MAX: who hides a ticket and shows it again without end fills the log so far and no further;
    /// its customer talks on, and an agent has it all the same.
    #[test]
    fn so_many_acts_that_its_customer_is_not_told_and_no_more() {
        let mut ticket = waiting();
        let (carl, anna) = (who(1, Role::Customer), who(2, Role::Agent));
        for act in 0..ACTS_PER_TICKET_MAX {
            let handing = if act % 2 == 0 { Handing::Ignore } else { Handing::EndIgnore };
            assert_eq!(take(&mut ticket, &anna, Command::Hand(handing)), Ok(()), "{act}");
        }
        assert_eq!(take(&mut ticket, &anna, Command::Hand(Handing::Ignore)), Err(Refusal::NotesFull));
        let post = Command::Post { stream: StreamId(1), number: 1, text: "still there?".into() };
        assert_eq!(take(&mut ticket, &carl, post), Ok(()));
        let assign = Command::Assign { round: 1, routing: Routing::Automatic, wrap_up_s: 0, moved: None };
        assert_eq!(take(&mut ticket, &anna, assign), Ok(()));
        assert_eq!(ticket.facts().owner(), Some(anna.person));
        let escalate = Command::Hand(Handing::Escalate { reason: String::new() });
        assert_eq!(take(&mut ticket, &anna, escalate), Err(Refusal::NotesFull));
    }
}
