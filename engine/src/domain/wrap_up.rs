//! Wrap-up: a ticket is over, and its last agent's slot stays used until he has written it up or his time is over.

use deskwire_protocol::limits::WRAP_UP_SECONDS_MAX;
use deskwire_protocol::{PersonId, Refusal, StaffAct, Time};

use super::authorize::Action;
use super::event::{Acted, Event};
use super::ticket::{Decision, Refused, Ticket, illegal};
use super::who::Who;

impl Ticket {
    /// Whoever writes it up has done (0), or needs so many seconds from now.
    pub(super) fn decide_wrap_up(&self, who: &Who, more_s: u32, at: Time) -> Result<Decision, Refused> {
        self.outline().allows(who, Action::WrapUp)?;
        if more_s > WRAP_UP_SECONDS_MAX {
            let detail = format!("at most {WRAP_UP_SECONDS_MAX} seconds");
            return Err(Refused { detail, ..Refusal::Malformed.into() });
        }
        let facts = self.outline().facts();
        match (facts.wrap_up_until, more_s) {
            (None, 0) if facts.is_over() => Ok(Decision::Already),
            (None, _) => Err(illegal(facts.stage, "writing up")),
            (Some(_), _) => Ok(Decision::Events(vec![acted(who, more_s, at)])),
        }
    }
}

fn acted(who: &Who, more_s: u32, at: Time) -> Event {
    let (act, until) = match more_s {
        0 => (StaffAct::EndWrapUp, Time::default()),
        _ => (StaffAct::ExtendWrapUp, Time::from_ms(at.ms() + u64::from(more_s) * 1_000)),
    };
    let (person, name) = (who.person, who.name.to_string());
    let (agent, agent_name, reason) = (PersonId::default(), String::new(), String::new());
    Event::Acted(Acted { at, person, name, act, agent, agent_name, until, reason })
}

/// Something that the engine does.
pub(super) fn engine_acted(at: Time, act: StaffAct) -> Event {
    let (person, agent) = (PersonId::default(), PersonId::default());
    let (name, agent_name, reason, until) = (String::new(), String::new(), String::new(), Time::default());
    Event::Acted(Acted { at, person, name, act, agent, agent_name, until, reason })
}
