//! The supervisor of rooms: starts again what fell, sets aside what falls again and again, lets the idle go.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use deskwire_protocol::kinds::{PublicFrame, Refused};
use deskwire_protocol::{Refusal, TicketId};
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::desk::Desk;
use super::directory::Whose;
use super::discussions::tell_crowds;
use super::dispatcher;
use super::room;
use crate::metrics::ActorKind;

/// A room that falls this often in a minute is set aside.
pub const FALLS_MAX: usize = 5;
/// The minute, in milliseconds.
pub const FALLS_WITHIN_MS: u64 = 60_000;

/// What the supervisor is told.
pub enum Msg {
    /// Time has passed.
    Tick,
    /// Fall.
    #[cfg(feature = "planted-bugs")]
    Panic,
}

/// The supervisor of rooms.
pub struct Rooms;

/// It holds nothing but counts.
pub struct State {
    desk: Arc<Desk>,
    falls: HashMap<TicketId, VecDeque<u64>>,
}

impl Actor for Rooms {
    type Msg = Msg;
    type State = State;
    type Arguments = Arc<Desk>;

    async fn pre_start(&self, _: ActorRef<Msg>, desk: Arc<Desk>) -> Result<State, ActorProcessingErr> {
        Ok(State { desk, falls: HashMap::new() })
    }

    async fn handle(&self, _: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        match msg {
            Msg::Tick => state.tick(),
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("the supervisor of rooms was asked to fall"),
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Msg>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(actor, fault) => {
                if let Some(Whose::Room(ticket, incarnation)) = state.desk.directory.forget_actor(actor.get_id()) {
                    tracing::error!(%ticket, %fault, "a room fell");
                    state.desk.directory.remove_room(ticket, incarnation);
                    state.fell(ticket);
                }
            }
            SupervisionEvent::ActorTerminated(actor, _, _) => {
                if let Some(Whose::Room(ticket, _)) = state.desk.directory.forget_actor(actor.get_id()) {
                    state.desk.tell_dispatcher(dispatcher::Msg::RoomGone { ticket });
                }
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }
}

impl State {
    fn tick(&mut self) {
        tell_crowds(&self.desk);
        let now_ms = self.desk.now_ms();
        self.falls.retain(|_, at| at.back().is_some_and(|last| last + FALLS_WITHIN_MS > now_ms));
        for room in self.desk.directory.idle_rooms(now_ms.saturating_sub(self.desk.limits.idle_ms)) {
            // One that is gone meanwhile need not leave.
            let _ = room.cast(room::Msg::Leave);
        }
    }

    /// A room that fell is started at once: who listens silently must hear what was written and not told.
    fn fell(&mut self, ticket: TicketId) {
        self.desk.metrics.falls[ActorKind::Room].inc();
        self.desk.tell_dispatcher(dispatcher::Msg::RoomFell { ticket });
        let now_ms = self.desk.now_ms();
        let falls = self.falls.entry(ticket).or_default();
        falls.retain(|at| at + FALLS_WITHIN_MS > now_ms);
        falls.push_back(now_ms);
        match falls.len() < FALLS_MAX {
            true => self.desk.tell_room(ticket, room::Msg::Report),
            false => {
                // Put back, it has its falls before it again.
                self.falls.remove(&ticket);
                set_aside(&self.desk, ticket);
            }
        }
    }
}

/// Takes a ticket out of service: no room, no place in the queue, words for its people.
pub(super) fn set_aside(desk: &Arc<Desk>, ticket: TicketId) {
    tracing::error!(%ticket, "a ticket is set aside after repeated falls; put it back, or a restart tries it again");
    desk.directory.set_aside(ticket);
    let words = Refused {
        request: 0,
        ticket,
        number: 0,
        code: Refusal::SetAside.number(),
        retry_ms: 0,
        expected: 0,
        detail: Refusal::SetAside.words().trim().to_owned(),
    };
    let words = PublicFrame::Refused(words);
    for listener in desk.directory.listeners(ticket) {
        listener.to.send(&words);
        desk.directory.unregister(ticket, &listener.to);
    }
    desk.tell_dispatcher(dispatcher::Msg::SetAside { ticket });
}

/// An operator tries a ticket again that was set aside. Answers whether it was.
pub fn put_back(desk: &Desk, ticket: TicketId) -> bool {
    let was_aside = desk.directory.put_back(ticket);
    if was_aside {
        tracing::warn!(%ticket, "a ticket was put back");
        desk.tell_dispatcher(dispatcher::Msg::PutBack { ticket });
    }
    was_aside
}
