//! A customer who does not stay: his live ticket goes on as a message.

use deskwire_protocol::{Phase, Refusal, Time};

use super::authorize::Action;
use super::event::{Event, PhaseChanged};
use super::ticket::{Decision, Refused, Ticket, illegal};
use super::who::Who;

/// The reason of the change of phase.
pub const LEFT_MESSAGE: &str = "left_message";

impl Ticket {
    /// It keeps its number, place, agent and history. He must be one who can be reached.
    pub(super) fn decide_leave_message(&self, who: &Who, at: Time) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::LeaveMessage)?;
        let facts = self.outline().facts();
        if facts.is_over() {
            return Err(illegal(facts.stage, "leaving a message"));
        }
        match (facts.phase, facts.reachable) {
            (Phase::Asynchronous, _) => Ok(Decision::Already),
            (Phase::Live, false) => Err(Refusal::Unreachable.into()),
            (Phase::Live, true) => {
                let (author, phase, reason) = (0, Phase::Asynchronous, LEFT_MESSAGE.to_owned());
                Ok(Decision::Events(vec![Event::PhaseChanged(PhaseChanged { at, author, phase, reason })]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use deskwire_protocol::{PersonId, Priority, Role, Routing, StageName, Step, StreamId, TicketId};

    use super::*;
    use crate::domain::event::CategoryId;
    use crate::domain::ticket::Command;
    use crate::domain::who::Sight;

    fn who(person: u64, role: Role, reachable: bool) -> Who {
        let (person, categories) = (PersonId(person), Arc::from([CategoryId(1)]));
        Who { person, role, name: "p".into(), categories, reachable, sight: Sight::default() }
    }

    fn open(customer: &Who) -> Command {
        Command::Open {
            category: CategoryId(1),
            category_name: "general".into(),
            priority: Priority::Normal,
            subject: String::new(),
            early_posts: !customer.reachable,
            phase: Phase::Live,
            skills: Vec::new(),
            first: None,
            turned_away: None,
        }
    }

    fn opened(customer: &Who) -> Ticket {
        let Ok(Decision::Events(events)) = Ticket::decide_first(customer, open(customer), Time::from_ms(1)) else {
            panic!("it is opened")
        };
        Ticket::begin(TicketId(7), &events[0]).unwrap()
    }

    fn decide(ticket: &mut Ticket, who: &Who, command: Command) -> Result<(), Refusal> {
        let decision = ticket.decide(who, command, Time::from_ms(2)).map_err(|refused| refused.refusal)?;
        if let Decision::Events(events) = decision {
            events.iter().for_each(|event| ticket.apply(event));
        }
        Ok(())
    }

    fn assign(round: u32) -> Command {
        Command::Assign { round, routing: Routing::Automatic, wrap_up_s: 0, moved: None }
    }

    /// B26, B14: a ticket that goes on as a message keeps its place and its customer may say more; an assignment that
    /// took a slot for a chat fits no more.
    #[test]
    fn an_assignment_for_a_chat_does_not_fit_a_message() {
        let (customer, agent) = (who(1, Role::Customer, true), who(2, Role::Agent, false));
        let mut ticket = opened(&customer);
        let post = |number| Command::Post { stream: StreamId(1), number, text: "more".into() };
        assert_eq!(decide(&mut ticket, &customer, post(1)), Err(Refusal::NotYetAssigned));
        assert_eq!(decide(&mut ticket, &customer, Command::LeaveMessage), Ok(()));
        let facts = ticket.outline().facts().clone();
        assert_eq!((facts.phase, facts.stage, facts.arrived.ms()), (Phase::Asynchronous, StageName::Waiting, 1));
        assert_eq!(decide(&mut ticket, &customer, post(1)), Ok(()));
        assert_eq!(decide(&mut ticket, &agent, assign(1)), Err(Refusal::Taken));
        assert_eq!(decide(&mut ticket, &agent, assign(facts.round)), Ok(()));
        assert_eq!(decide(&mut ticket, &customer, Command::LeaveMessage), Ok(()), "it is so already");
        assert_eq!(ticket.outline().facts().owner(), Some(agent.person));
    }

    /// B26: only its customer, only while it is open, and only if he can be reached.
    #[test]
    fn only_a_customer_who_can_be_reached_leaves_a_message() {
        let customer = who(1, Role::Customer, false);
        let mut ticket = opened(&customer);
        assert_eq!(decide(&mut ticket, &customer, Command::LeaveMessage), Err(Refusal::Unreachable));
        let agent = who(2, Role::Agent, false);
        assert_eq!(decide(&mut ticket, &agent, Command::LeaveMessage), Err(Refusal::Forbidden));
        let step = Command::Advance { step: Step::Close, reason: String::new() };
        assert_eq!(decide(&mut ticket, &customer, step), Ok(()));
        assert_eq!(decide(&mut ticket, &customer, Command::LeaveMessage), Err(Refusal::IllegalStep));
    }
}
