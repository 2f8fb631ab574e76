//! What those who oversee the floor want: to see it, to ask about it, and to do something about agents and many tickets.
//!
//! An agent who is not theirs to lead answers as one who does not exist. What is done about a ticket is in its log, with
//! who and why; what is done about an agent or a team is a line of the engine's log.

use std::sync::Arc;

use deskwire_protocol::kinds;
use deskwire_protocol::{CloseCode, PersonId, Phase, Refusal, Role, Status, Step, TakenBack, TicketId};

use super::ask::{Ask, ReplyTo};
use super::bulk::{self, Bulk};
use super::desk::Desk;
use super::dispatcher::{self, State};
use super::encoded::Audience;
use super::errand::Errand;
use super::person::Watch;
use super::what_if::{self, WHAT_IF_WAITING_MAX, WhatIf};
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::dispatch::{FloorInput, Input, Watching};
use crate::domain::matcher::{PerPhase, TeamId};
use crate::domain::who::Who;

/// The limit of a team that has none, as frames say it.
const NO_LIMIT: u16 = u16::MAX;

/// What is wanted, as the frame says it.
#[derive(Debug)]
pub enum FloorWish {
    /// To watch the floor.
    Watch(kinds::WatchFloor),
    /// To look at it once.
    Look(kinds::AskFloor),
    /// To know what would be if.
    WhatIf(kinds::WhatIf),
    /// Another status for an agent.
    SetStatus(kinds::SetAgentStatus),
    /// An agent to be signed out.
    SignOut(kinds::SignOut),
    /// All tickets of an agent to go elsewhere.
    TakeBack(kinds::TakeBack),
    /// Tickets to be closed.
    Close(kinds::CloseTickets),
    /// Other slots for a team.
    SetTeamSlots(kinds::SetTeamSlots),
}

/// A wish on its way to the dispatcher.
#[derive(Debug)]
pub struct Wished {
    /// The question.
    pub ask: Ask,
    /// Who.
    pub who: Arc<Who>,
    /// What.
    pub wish: FloorWish,
}

impl FloorWish {
    fn action(&self) -> Action {
        match self {
            FloorWish::Watch(_) | FloorWish::Look(_) | FloorWish::WhatIf(_) => Action::WatchFloor,
            FloorWish::SetStatus(_)
            | FloorWish::SignOut(_)
            | FloorWish::TakeBack(_)
            | FloorWish::Close(_)
            | FloorWish::SetTeamSlots(_) => Action::MoveFloor,
        }
    }
}

/// Somebody's wish, if he may have it. What needs the queue goes to the dispatcher.
pub(super) fn hear(desk: &Arc<Desk>, who: Arc<Who>, ask: Ask, wish: FloorWish) {
    if let Err(refusal) = authorize(&who.actor(), wish.action(), Target::Desk) {
        return ask.refuse(refusal, refusal.words().trim());
    }
    match wish {
        FloorWish::Close(kinds::CloseTickets { tickets, reason, .. }) => {
            let tickets: Vec<TicketId> = tickets.into_iter().map(|one| one.ticket).collect();
            tracing::info!(by = %who.person, tickets = tickets.len(), reason, "tickets are to be closed in one act");
            bulk::begin(desk, ask, Bulk { who, tickets, step: Step::Close, reason, first: None });
        }
        FloorWish::SetTeamSlots(wish) => set_team_slots(desk, who, ask, &wish),
        FloorWish::Watch(_)
        | FloorWish::Look(_)
        | FloorWish::WhatIf(_)
        | FloorWish::SetStatus(_)
        | FloorWish::SignOut(_)
        | FloorWish::TakeBack(_) => desk.tell_dispatcher(dispatcher::Msg::Floor(Box::new(Wished { ask, who, wish }))),
    }
}

fn set_team_slots(desk: &Arc<Desk>, who: Arc<Who>, ask: Ask, wish: &kinds::SetTeamSlots) {
    let before = desk.accounts.team(wish.team).filter(|_| who.leads(Some(TeamId(wish.team))));
    let Some(before) = before else {
        return ask.refuse(Refusal::UnknownTeam, Refusal::UnknownTeam.words().trim());
    };
    let limit = |slots: u16| (slots != NO_LIMIT).then_some(slots);
    let after = PerPhase { live: limit(wish.live), asynchronous: limit(wish.asynchronous) };
    let (desk, team) = (desk.clone(), wish.team);
    tokio::spawn(async move {
        match desk.accounts.set_team_slots(team, after).await {
            Ok(()) => {
                tracing::info!(by = %who.person, team, before = ?before.slots, after = ?after, "a team's slots were changed");
                desk.tell_dispatcher(dispatcher::Msg::TeamChanged { team });
                ask.done();
            }
            Err(fault) => {
                tracing::error!(%fault, "a team's slots were not kept");
                ask.refuse(Refusal::Again, "it could not be written, try again later");
            }
        }
    });
}

impl State {
    /// A wish of somebody who may have such, about what only the queue knows.
    pub(super) fn wished(&mut self, Wished { ask, who, wish }: Wished) {
        match wish {
            FloorWish::Watch(wish) => self.watch_floor(ask, who, if wish.on { Watch::Begin } else { Watch::End }),
            FloorWish::Look(wish) => {
                let frame = self.dispatch.look_at_the_floor(&who, wish.part, wish.page, wish.request);
                ask.answer_any(frame.into());
            }
            FloorWish::WhatIf(wish) => self.what_if(ask, &who, &wish),
            FloorWish::SetStatus(wish) => self.set_status_of(ask, &who, wish),
            FloorWish::SignOut(wish) => self.sign_out(ask, who, wish),
            FloorWish::TakeBack(wish) => self.take_back(ask, who, wish),
            FloorWish::Close(_) | FloorWish::SetTeamSlots(_) => ask.forget(),
        }
    }

    fn watch_floor(&mut self, ask: Ask, who: Arc<Who>, watch: Watch) {
        let watching = match watch {
            Watch::Begin => {
                // After a fall of ours he must look anew.
                self.desk.directory.set_watch(who.person, Watch::Begin);
                Watching::Begin
            }
            Watch::End => Watching::End,
        };
        self.step(Input::Floor(FloorInput::Watch { who, watching, ask }));
    }

    fn what_if(&mut self, ask: Ask, who: &Arc<Who>, wish: &kinds::WhatIf) {
        if self.dispatch.matcher().waiting() > WHAT_IF_WAITING_MAX {
            return ask.refuse(Refusal::FloorTooLarge, Refusal::FloorTooLarge.words().trim());
        }
        match what_if::changes(&self.desk, wish) {
            Ok(changes) => {
                let (request, minutes) = (wish.request, wish.minutes);
                let copied = || WhatIf { request, minutes, changes, copied: self.dispatch.copy_of_the_floor() };
                what_if::begin(&self.desk, who, ask, copied);
            }
            Err((refusal, words)) => ask.refuse(refusal, words),
        }
    }

    /// Whether an agent is somebody's to lead; else he is nobody.
    fn leads(&self, who: &Who, agent: PersonId) -> bool {
        let profile = self.desk.accounts.profile(agent).filter(|profile| profile.role != Role::Admin);
        profile.is_some_and(|profile| who.leads(profile.team))
    }

    fn set_status_of(&mut self, ask: Ask, who: &Who, wish: kinds::SetAgentStatus) {
        let kinds::SetAgentStatus { agent, status, reason, .. } = wish;
        if !self.leads(who, agent) {
            return ask.refuse(Refusal::UnknownAgent, Refusal::UnknownAgent.words().trim());
        }
        let before = self.desk.statuses.of(agent);
        tracing::info!(by = %who.person, %agent, ?before, after = ?status, reason, "an agent's status is set by another");
        self.step(Input::Floor(FloorInput::SetStatus { agent, status, ask: Some(ask) }));
    }

    /// His live tickets go back to the queue at once: whoever signs him out has decided that nobody waits out his grace.
    /// Asynchronous ones stay his.
    fn sign_out(&mut self, ask: Ask, who: Arc<Who>, wish: kinds::SignOut) {
        let kinds::SignOut { agent, reason, .. } = wish;
        if !self.leads(&who, agent) {
            return ask.refuse(Refusal::UnknownAgent, Refusal::UnknownAgent.words().trim());
        }
        let first = match Errand::begin(&self.desk.connections, Audience::Staff) {
            Ok(first) => first,
            Err(no) => return ask.refuse_with(no),
        };
        tracing::info!(by = %who.person, %agent, reason, "an agent is signed out by another");
        let offline = Ask::new(first.permit(0), ReplyTo::Request { request: 1, ticket: TicketId::default() });
        let status = Status::Offline;
        self.step(Input::Floor(FloorInput::SetStatus { agent, status, ask: Some(offline) }));
        self.step(Input::Floor(FloorInput::Rescind { agent }));
        self.desk.directory.outboxes(agent).iter().for_each(|outbox| outbox.close(CloseCode::SignedOut));
        let tickets = self.dispatch.owned(agent, &[Phase::Live]);
        let bulk = Bulk { who, tickets, step: Step::Requeue, reason, first: Some(first) };
        bulk::begin(&self.desk, ask, bulk);
    }

    fn take_back(&mut self, ask: Ask, who: Arc<Who>, wish: kinds::TakeBack) {
        let kinds::TakeBack { agent, taken, reason, .. } = wish;
        if !self.leads(&who, agent) {
            return ask.refuse(Refusal::UnknownAgent, Refusal::UnknownAgent.words().trim());
        }
        let tickets = self.dispatch.owned(agent, &[Phase::Live, Phase::Asynchronous]);
        tracing::info!(by = %who.person, %agent, ?taken, tickets = tickets.len(), reason, "tickets are taken from an agent");
        match taken {
            TakenBack::Requeue => {}
            TakenBack::Redistribute => {
                let tickets = tickets.clone();
                self.step(Input::Floor(FloorInput::PassOver { agent, tickets }));
            }
        }
        bulk::begin(&self.desk, ask, Bulk { who, tickets, step: Step::Requeue, reason, first: None });
    }

    /// Whether he may give a ticket to an agent: a supervisor who is bound to teams to theirs alone, unless it is his own.
    pub(super) fn may_give_to(&self, by: &Who, ticket: TicketId, agent: PersonId) -> bool {
        let owner = self.dispatch.facts(ticket).and_then(|facts| facts.owner());
        let bound = by.role == Role::Supervisor && by.sight.bound.is_some();
        !bound || by.person == agent || owner == Some(by.person) || self.leads(by, agent)
    }
}
