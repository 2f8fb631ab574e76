//! Silence: whose answer a talk waits for, since when, and what falls due while it does not come.
//!
//! A customer who is asked and says nothing is reminded, and later the ticket is closed. An agent who owes an answer is
//! warned, then the supervisors are told, then the ticket goes back to the queue. All of it is reckoned from the log, so
//! it survives any fall; a restart gives everybody his full time from then. Only live talks that an agent has are
//! minded, and none that he has set aside.

use deskwire_protocol::kinds::ENGINE;
use deskwire_protocol::{Phase, SilenceLevel, StageName, Step, TellCause, Time};

use super::event::{Advanced, AgentSilent, CustomerTold, Event};
use super::lifecycle::{self, Act};
use super::ticket::Ticket;

/// The reason of a close because the customer did not answer.
pub const NO_REPLY: &str = "no_reply";
/// The reason of a return to the queue because the agent did not answer.
pub const AGENT_SILENT: &str = "agent_silent";

/// Whose answer a talk waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// Nobody's: nothing was said yet.
    #[default]
    Nobody,
    /// The customer's.
    Customer {
        /// Since when.
        since: Time,
        /// When he was reminded.
        reminded: Option<Time>,
    },
    /// The agent's.
    Agent {
        /// Since when.
        since: Time,
        /// When he was warned.
        warned: Option<Time>,
        /// When the supervisors were told.
        escalated: Option<Time>,
    },
}

/// How long a category bears silence, in milliseconds; 0 for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    /// The customer's, until he is reminded.
    pub customer_ms: u64,
    /// From then until the ticket is closed.
    pub close_ms: u64,
    /// The agent's, until he is warned.
    pub agent_ms: u64,
    /// From then until the supervisors are told.
    pub escalate_ms: u64,
    /// From then until the ticket goes back to the queue.
    pub requeue_ms: u64,
}

/// What falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The customer is reminded.
    Remind,
    /// The ticket is closed.
    Close,
    /// The agent is warned.
    Warn,
    /// The supervisors are told.
    Escalate,
    /// It goes back to the queue.
    Requeue,
}

impl Patience {
    /// The shortest time in which anything can fall due of which nothing is known yet; none where nothing ever does.
    pub fn shortest_ms(&self) -> Option<u64> {
        let Patience { customer_ms, close_ms, agent_ms, escalate_ms, requeue_ms } = *self;
        if customer_ms == 0 && agent_ms == 0 {
            return None;
        }
        [customer_ms, close_ms, agent_ms, escalate_ms, requeue_ms].into_iter().filter(|ms| *ms > 0).min()
    }
}

impl Turn {
    /// What falls due next, and when, if nothing is said until then. No silence began before `began`.
    pub fn next(&self, patience: &Patience, began: Time) -> Option<(Time, Due)> {
        let after = |from: Time, ms: u64, due| (ms > 0).then(|| (Time::from_ms(from.max(began).ms() + ms), due));
        match *self {
            Turn::Nobody => None,
            Turn::Customer { since, reminded: None } => after(since, patience.customer_ms, Due::Remind),
            Turn::Customer { reminded: Some(at), .. } => after(at, patience.close_ms, Due::Close),
            Turn::Agent { since, warned: None, .. } => after(since, patience.agent_ms, Due::Warn),
            Turn::Agent { warned: Some(at), escalated: None, .. } => after(at, patience.escalate_ms, Due::Escalate),
            Turn::Agent { escalated: Some(at), .. } => after(at, patience.requeue_ms, Due::Requeue),
        }
    }

    /// Since when somebody's answer is awaited.
    pub fn since(&self) -> Option<Time> {
        match self {
            Turn::Nobody => None,
            Turn::Customer { since, .. } | Turn::Agent { since, .. } => Some(*since),
        }
    }

    /// The turn after an event.
    pub fn after(self, event: &Event) -> Turn {
        match event {
            Event::Posted(posted) if posted.author != 0 => Turn::Customer { since: posted.at, reminded: None },
            // What he adds while he waits for an answer does not begin the wait anew.
            Event::Posted(posted) => match self {
                Turn::Agent { .. } => self,
                Turn::Nobody | Turn::Customer { .. } => Turn::of_agent(posted.at),
            },
            // A new agent has his own time; whether the customer should answer is his to say.
            Event::Assigned(assigned) => match self {
                Turn::Agent { .. } => Turn::of_agent(assigned.at),
                Turn::Nobody | Turn::Customer { .. } => Turn::Nobody,
            },
            Event::Advanced(advanced) if advanced.step == Step::Resume => self.from(advanced.at),
            // He says that the word is the customer's.
            Event::Advanced(advanced) if advanced.step == Step::Pend => {
                Turn::Customer { since: advanced.at, reminded: None }
            }
            Event::CustomerTold(told) if told.cause == TellCause::Silent => match self {
                Turn::Customer { since, .. } => Turn::Customer { since, reminded: Some(told.at) },
                Turn::Nobody | Turn::Agent { .. } => self,
            },
            Event::AgentSilent(silent) => self.marked(silent.level, silent.at),
            Event::Founded(_)
            | Event::Entered(_)
            | Event::Departed(_)
            | Event::Moderated(_)
            | Event::CategoryChanged(_)
            | Event::Opened(_)
            | Event::Advanced(_)
            | Event::MemberAdded(_)
            | Event::PhaseChanged(_)
            | Event::CustomerTold(_)
            | Event::Noted(_)
            | Event::WatchBegan(_)
            | Event::WatchEnded(_)
            | Event::Acted(_) => self,
        }
    }

    fn of_agent(since: Time) -> Turn {
        Turn::Agent { since, warned: None, escalated: None }
    }

    /// The same, begun anew: the talk was set aside meanwhile.
    fn from(self, at: Time) -> Turn {
        match self {
            Turn::Nobody => Turn::Nobody,
            Turn::Customer { .. } => Turn::Customer { since: at, reminded: None },
            Turn::Agent { .. } => Turn::of_agent(at),
        }
    }

    fn marked(self, level: SilenceLevel, at: Time) -> Turn {
        match (self, level) {
            (Turn::Agent { since, escalated, .. }, SilenceLevel::Warned) => {
                Turn::Agent { since, warned: Some(at), escalated }
            }
            (Turn::Agent { since, warned, .. }, SilenceLevel::Escalated) => {
                Turn::Agent { since, warned, escalated: Some(at) }
            }
            (Turn::Nobody | Turn::Customer { .. }, _) => self,
        }
    }
}

impl Ticket {
    /// What falls due next, and when, if nothing is said until then.
    pub fn silence_due(&self, patience: &Patience, began: Time) -> Option<(Time, Due)> {
        let facts = self.outline().facts();
        let minded = facts.phase == Phase::Live && matches!(facts.stage, StageName::Assigned | StageName::Pending);
        self.outline().turn().next(patience, began).filter(|_| minded)
    }

    /// What comes of a silence that has lasted long enough; `text` is said to a customer who is reminded.
    pub fn decide_silence(&self, patience: &Patience, text: &str, began: Time, now: Time) -> Option<(Due, Event)> {
        let (_, due) = self.silence_due(patience, began).filter(|(at, _)| *at <= now)?;
        let (facts, at) = (self.outline().facts(), now.max(self.outline().last_at()));
        let step = |step, reason: &str| {
            let stage = lifecycle::next(facts.stage, Act::Step(step))?;
            Some(Event::Advanced(Advanced { at, author: ENGINE, step, stage, reason: reason.to_owned() }))
        };
        let silent = |level| {
            let agent = facts.owner()?;
            let member = self.outline().members().iter().find(|member| member.person == agent);
            let name = member.map_or_else(String::new, |member| member.name.to_string());
            Some(Event::AgentSilent(AgentSilent { at, agent, name, level }))
        };
        let event = match due {
            Due::Remind => Some(Event::CustomerTold(CustomerTold {
                at,
                cause: TellCause::Silent,
                may_wait: false,
                may_leave_message: facts.reachable,
                text: text.to_owned(),
            })),
            Due::Close => step(Step::Close, NO_REPLY),
            Due::Warn => silent(SilenceLevel::Warned),
            Due::Escalate => silent(SilenceLevel::Escalated),
            Due::Requeue => step(Step::Requeue, AGENT_SILENT),
        };
        Some((due, event?))
    }
}

#[cfg(test)]
#[path = "silence_tests.rs"]
mod tests;
