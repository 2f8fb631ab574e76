//! Answers about routing, as frames: why a ticket has this agent or none, and why an agent gets nothing.

use deskwire_protocol::kinds::{self, MyRoutingLine, ObstacleCount, RoutingLine, SkillAsked};
use deskwire_protocol::limits::ASKED_SKILLS_MAX;
use deskwire_protocol::{Obstacle, PersonId, Refusal, Routing, StaffFrame, TicketId, Time};

use super::ask::{Ask, ReplyTo};
use crate::domain::dispatch::{Decided, Dispatch};
use crate::domain::event::CategoryId;
use crate::domain::matcher::{Candidate, Explanation, Skills};
use crate::domain::who::Who;

/// A question about routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Why a ticket has this agent, or none.
    Ticket(TicketId),
    /// Why I get nothing.
    Mine,
}

impl Why {
    /// The ticket it is about, if it is about one.
    pub(super) fn ticket(self) -> Option<TicketId> {
        match self {
            Why::Ticket(ticket) => Some(ticket),
            Why::Mine => None,
        }
    }
}

/// Answers, if that is allowed and there is something to say.
pub(super) fn answer(dispatch: &Dispatch<Ask>, ask: Ask, who: &Who, why: Why, allowed: Option<Result<(), Refusal>>) {
    let ReplyTo::Request { request, .. } = ask.reply_to() else { return ask.forget() };
    let frame = || match why {
        Why::Ticket(ticket) => explained(dispatch, request, ticket),
        Why::Mine => of_agent(dispatch, request, who.person),
    };
    let allowed = allowed.unwrap_or(Err(Refusal::UnknownTicket));
    match allowed.and_then(|()| frame().ok_or(Refusal::UnknownTicket)) {
        Ok(frame) => ask.answer_any(frame.into()),
        Err(refusal) => ask.refuse(refusal, refusal.words().trim()),
    }
}

/// Why a ticket has this agent, or none; nothing if it neither waits nor was given lately.
fn explained(dispatch: &Dispatch<Ask>, request: u32, ticket: TicketId) -> Option<StaffFrame> {
    let routing = dispatch.routing_of(ticket);
    let frame = match (routing.explanation, routing.decided) {
        (Some(explanation), _) => waits(dispatch, &explanation),
        (None, Some(decided)) => was_given(dispatch, decided),
        (None, None) => return None,
    };
    Some(kinds::RoutingExplained { request, ticket, ..frame }.into())
}

/// Why an agent gets nothing, or not yet.
fn of_agent(dispatch: &Dispatch<Ask>, request: u32, agent: PersonId) -> Option<StaffFrame> {
    let explanation = dispatch.matcher().explain_agent(agent, dispatch.now())?;
    let heads = explanation.heads.iter().map(|head| {
        let (skill, level) = head.verdict.skill.map_or((0, 0), |skill| (skill.id.0, skill.level));
        MyRoutingLine {
            ticket: head.ticket,
            category: dispatch.category_name(head.category),
            obstacle: head.verdict.obstacle,
            skill,
            level,
            until: head.verdict.until.unwrap_or_default(),
            waiting: count(head.waiting),
        }
    });
    let (obstacle, more) = (explanation.obstacle, count(explanation.more));
    Some(kinds::MyRouting { request, obstacle, heads: heads.collect(), more }.into())
}

fn waits(dispatch: &Dispatch<Ask>, explanation: &Explanation) -> kinds::RoutingExplained {
    kinds::RoutingExplained {
        request: 0,
        ticket: TicketId::default(),
        agent: PersonId::default(),
        routing: Routing::Automatic,
        at: dispatch.now(),
        position: u32::try_from(explanation.position).unwrap_or(u32::MAX),
        besides: besides(dispatch, explanation.besides),
        asks: asks(&explanation.asks),
        relaxes: explanation.relaxes.unwrap_or_default(),
        candidates: explanation.candidates.iter().map(|one| line(dispatch, one)).collect(),
        counts: explanation.counts.iter().map(|(obstacle, agents)| counted(*obstacle, *agents)).collect(),
    }
}

fn was_given(dispatch: &Dispatch<Ask>, decided: &Decided) -> kinds::RoutingExplained {
    let decision = &decided.decision;
    let chosen = Candidate { turn: decision.turn, verdict: Obstacle::Chosen.into() };
    let candidates = std::iter::once(&chosen).chain(&decision.runners_up);
    let rest = [
        (Obstacle::Chosen, 1),
        (Obstacle::Turn, decision.free.saturating_sub(1)),
        (Obstacle::Full, decision.on_duty.saturating_sub(decision.free)),
        (Obstacle::Away, decision.staff.saturating_sub(decision.on_duty)),
    ];
    kinds::RoutingExplained {
        request: 0,
        ticket: decision.ticket,
        agent: decision.turn.agent,
        routing: decided.routing,
        at: decision.at,
        position: 0,
        besides: besides(dispatch, decision.besides),
        asks: asks(&decision.asked),
        relaxes: Time::default(),
        candidates: candidates.map(|one| line(dispatch, one)).collect(),
        counts: rest.into_iter().map(|(obstacle, agents)| counted(obstacle, agents)).collect(),
    }
}

fn line(dispatch: &Dispatch<Ask>, one: &Candidate) -> RoutingLine {
    let agent = dispatch.matcher().agent(one.turn.agent);
    let (skill, level) = one.verdict.skill.map_or((0, 0), |skill| (skill.id.0, skill.level));
    RoutingLine {
        agent: one.turn.agent,
        name: agent.map_or_else(String::new, |agent| agent.profile().name.clone()),
        obstacle: one.verdict.obstacle,
        skill,
        level,
        until: one.verdict.until.unwrap_or_default(),
        used: one.turn.load,
        idle_since: Time::from_ms(one.turn.idle_since_ms),
    }
}

fn besides(dispatch: &Dispatch<Ask>, category: Option<CategoryId>) -> String {
    category.map_or_else(String::new, |category| dispatch.category_name(category))
}

fn asks(skills: &Skills) -> Vec<SkillAsked> {
    skills.iter().take(ASKED_SKILLS_MAX).map(|skill| SkillAsked { skill: skill.id.0, level: skill.level }).collect()
}

fn counted(obstacle: Obstacle, agents: u32) -> ObstacleCount {
    ObstacleCount { obstacle, agents }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
