//! The agent actor: welcomes his connections, tells the dispatcher whether he is there, and brings his acts to it.

use std::sync::Arc;

use deskwire_protocol::Refusal;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, ActorRuntime};

use super::desk::Desk;
use super::dispatcher;
use super::floor;
use super::person::{self, Msg};
use super::room;
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::who::Who;

pub(super) fn spawn(desk: &Arc<Desk>, who: &Arc<Who>, supervisor: ActorCell) -> Result<ActorRef<Msg>, Refusal> {
    let start = State { desk: desk.clone(), who: who.clone() };
    let (actor, _) =
        ActorRuntime::spawn_linked_instant(None, AgentActor, start, supervisor).map_err(|_| Refusal::Again)?;
    Ok(actor)
}

struct AgentActor;

struct State {
    desk: Arc<Desk>,
    who: Arc<Who>,
}

impl Actor for AgentActor {
    type Msg = Msg;
    type State = State;
    type Arguments = State;

    async fn pre_start(&self, _: ActorRef<Msg>, start: State) -> Result<State, ActorProcessingErr> {
        Ok(start)
    }

    async fn handle(&self, _: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        // What he serves may be something else by now.
        if let Some(who) = state.desk.accounts.who(state.who.person) {
            state.who = who;
        }
        let (desk, who) = (&state.desk, state.who.clone());
        match msg {
            Msg::Attached { outbox } => {
                outbox.send(&person::welcome(desk, &who, String::new(), Vec::new()).into());
                // What is his follows as `yours` frames. In this order, so that he hears once how the desk sees him: what
                // his coming changes is told to all his connections.
                desk.tell_dispatcher(dispatcher::Msg::Greet { who, outbox });
                state.tell_presence();
            }
            Msg::Detached => state.tell_presence(),
            Msg::Open { ask, .. } => ask.refuse(Refusal::Forbidden, "chats are started by customers"),
            Msg::Reopen { ask, ticket, command, yes } => {
                desk.tell_room(ticket, room::Msg::Command { ask, who, command, yes });
            }
            Msg::Pick { ask, ticket } => desk.tell_dispatcher(dispatcher::Msg::Pick { ask, who, ticket }),
            Msg::AnswerOffer { ask, ticket, offer, answer } => {
                desk.tell_dispatcher(dispatcher::Msg::AnswerOffer { ask, who, ticket, offer, answer });
            }
            Msg::Transfer { ask, ticket, agent, manner, reason } => {
                desk.tell_dispatcher(dispatcher::Msg::Transfer { ask, who, ticket, agent, manner, reason });
            }
            Msg::TakeOver { ask, ticket, reason } => {
                desk.tell_dispatcher(dispatcher::Msg::TakeOver { ask, who, ticket, reason });
            }
            Msg::SetStatus { ask, status, label } => match may(&who, Action::SetStatus) {
                Ok(()) => desk.tell_dispatcher(dispatcher::Msg::SetStatus { ask, who, status, label }),
                Err(refusal) => ask.refuse(refusal, refusal.words().trim()),
            },
            Msg::Watch { ask, watch } => match may(&who, Action::WatchQueue) {
                Ok(()) => desk.tell_dispatcher(dispatcher::Msg::Watch { ask, who, watch }),
                Err(refusal) => ask.refuse(refusal, refusal.words().trim()),
            },
            Msg::AskRouting { ask, why } => desk.tell_dispatcher(dispatcher::Msg::AskRouting { ask, who, why }),
            Msg::Floor { ask, wish } => floor::hear(desk, who, ask, wish),
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("an agent's actor was asked to fall"),
        }
        Ok(())
    }
}

fn may(who: &Who, action: Action) -> Result<(), Refusal> {
    authorize(&who.actor(), action, Target::Desk)
}

impl State {
    /// Asked anew each time, so that a late notice of an old connection cannot hide a new one.
    fn tell_presence(&self) {
        let presence = match self.desk.directory.outboxes(self.who.person).is_empty() {
            true => dispatcher::Presence::Gone,
            false => dispatcher::Presence::Here,
        };
        self.desk.tell_dispatcher(dispatcher::Msg::Presence { who: self.who.clone(), presence });
    }
}
