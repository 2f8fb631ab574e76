//! The root: makes the supervisors and the dispatcher, starts the dispatcher again, ends the process where it must.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use deskwire_protocol::TicketId;
use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::desk::{Desk, Supervisors};
use super::dispatcher::{self, Dispatcher};
use super::latest::Latest;
use super::notifier::{self, Notifier};
use super::people::{self, People};
use super::rooms::{self, FALLS_MAX, FALLS_WITHIN_MS, Rooms};
use crate::metrics::ActorKind;

/// Exit code: the dispatcher fell too often.
pub const EXIT_DISPATCHER: i32 = 70;
/// Exit code: a supervisor or the root fell.
pub const EXIT_SUPERVISOR: i32 = 71;

/// How often the dispatcher's timer wheel moves, in milliseconds.
const TICK_MS: u64 = 100;
/// How often the supervisors look for who is idle, in ticks.
const IDLE_TICKS: u64 = 10;

/// The root.
pub struct Root;

/// What the root knows.
pub struct State {
    desk: Arc<Desk>,
    rooms: ActorId,
    people: ActorId,
    notifier: ActorId,
    notifier_falls: VecDeque<u64>,
    dispatcher_falls: VecDeque<u64>,
    blamed: Option<TicketId>,
}

impl Actor for Root {
    type Msg = ();
    type State = State;
    type Arguments = Arc<Desk>;

    async fn pre_start(&self, myself: ActorRef<()>, desk: Arc<Desk>) -> Result<State, ActorProcessingErr> {
        let (rooms, _) = Actor::spawn_linked(None, Rooms, desk.clone(), myself.get_cell()).await?;
        let (people, _) = Actor::spawn_linked(None, People, desk.clone(), myself.get_cell()).await?;
        desk.supervised_by(Supervisors { rooms: rooms.get_cell(), people: people.get_cell() });
        start_dispatcher(&desk, myself.get_cell()).await?;
        let notifier = start_notifier(&desk, myself.get_cell()).await?;
        let state = State {
            notifier,
            notifier_falls: VecDeque::new(),
            rooms: rooms.get_id(),
            people: people.get_id(),
            dispatcher_falls: VecDeque::new(),
            blamed: None,
            desk: desk.clone(),
        };
        tokio::spawn(tick(desk, rooms, people));
        Ok(state)
    }

    /// It is told nothing, but to fall.
    #[cfg(feature = "planted-bugs")]
    async fn handle(&self, _: ActorRef<()>, (): (), _: &mut State) -> Result<(), ActorProcessingErr> {
        panic!("the root was asked to fall")
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<()>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        let (actor, fault) = match event {
            SupervisionEvent::ActorTerminated(actor, _, _) => (actor, "it ended".into()),
            SupervisionEvent::ActorFailed(actor, fault) => (actor, fault),
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => return Ok(()),
        };
        if actor.get_id() == state.rooms || actor.get_id() == state.people {
            exit(EXIT_SUPERVISOR, &format!("a supervisor fell: {fault}"));
        }
        if actor.get_id() == state.notifier {
            tracing::error!(%fault, "the notifier fell");
            return state.notifier_fell(myself.get_cell()).await;
        }
        tracing::error!(%fault, "the dispatcher fell");
        state.dispatcher_fell();
        start_dispatcher(&state.desk, myself.get_cell()).await
    }
}

async fn start_dispatcher(desk: &Arc<Desk>, root: ActorCell) -> Result<(), ActorProcessingErr> {
    Actor::spawn_linked(None, Dispatcher, desk.clone(), root).await?;
    Ok(())
}

async fn start_notifier(desk: &Arc<Desk>, root: ActorCell) -> Result<ActorId, ActorProcessingErr> {
    let (notifier, _) = Actor::spawn_linked(None, Notifier, desk.clone(), root).await?;
    Ok(notifier.get_id())
}

impl State {
    /// Started again; one that falls again and again is left down until the next start, for talk goes on without it.
    async fn notifier_fell(&mut self, root: ActorCell) -> Result<(), ActorProcessingErr> {
        self.desk.metrics.falls[ActorKind::Notifier].inc();
        let now_ms = self.desk.now_ms();
        self.notifier_falls.retain(|at| at + FALLS_WITHIN_MS > now_ms);
        self.notifier_falls.push_back(now_ms);
        match self.notifier_falls.len() >= FALLS_MAX {
            true => tracing::error!("the notifier fell again and again: nobody is given notice until the next start"),
            false => self.notifier = start_notifier(&self.desk, root).await?,
        }
        Ok(())
    }

    /// The ticket it handled when it fell twice is set aside; too many falls end the process.
    fn dispatcher_fell(&mut self) {
        self.desk.metrics.falls[ActorKind::Dispatcher].inc();
        let now_ms = self.desk.now_ms();
        self.dispatcher_falls.retain(|at| at + FALLS_WITHIN_MS > now_ms);
        self.dispatcher_falls.push_back(now_ms);
        if self.dispatcher_falls.len() >= FALLS_MAX {
            exit(EXIT_DISPATCHER, "the dispatcher fell again and again");
        }
        let handled = self.desk.take_handled();
        match handled {
            Some(ticket) if self.blamed == handled => {
                // Put back, it is blamed for two falls again, not for one.
                self.blamed = None;
                rooms::set_aside(&self.desk, ticket);
            }
            Some(_) | None => self.blamed = handled,
        }
    }
}

/// Moves the wheel. At most one tick waits in each mailbox.
async fn tick(desk: Arc<Desk>, rooms: ActorRef<rooms::Msg>, people: ActorRef<people::Msg>) {
    let mut interval = tokio::time::interval(Duration::from_millis(TICK_MS));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let (turn, look) = (Arc::new(Latest::default()), Arc::new(Latest::default()));
    for count in 0_u64.. {
        interval.tick().await;
        if let Some(notice) = turn.put(()) {
            desk.tell_dispatcher(dispatcher::Msg::Tick(notice));
        }
        if let Some(notice) = look.put(()) {
            desk.tell_notifier(notifier::Msg::Tick(notice));
        }
        if count % IDLE_TICKS == 0 && (rooms.cast(rooms::Msg::Tick).is_err() || people.cast(people::Msg::Tick).is_err())
        {
            return;
        }
    }
}

/// The process ends; whoever runs it starts it again, and nothing logged is lost.
#[expect(clippy::disallowed_methods, reason = "there is no main to return to: the actors are what fell")]
fn exit(code: i32, words: &str) -> ! {
    tracing::error!(code, "{words}");
    std::process::exit(code)
}
