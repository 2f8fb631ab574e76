//! The supervisor of customers and agents: counts their falls, lets the idle go.

use std::sync::Arc;

use deskwire_protocol::CloseCode;
use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use super::desk::Desk;
use super::directory::Whose;
use super::person;
use crate::metrics::ActorKind;

/// What the supervisor is told.
pub enum Msg {
    /// Time has passed.
    Tick,
    /// Fall.
    #[cfg(feature = "planted-bugs")]
    Panic,
}

/// The supervisor of people.
pub struct People;

impl Actor for People {
    type Msg = Msg;
    type State = Arc<Desk>;
    type Arguments = Arc<Desk>;

    async fn pre_start(&self, _: ActorRef<Msg>, desk: Arc<Desk>) -> Result<Arc<Desk>, ActorProcessingErr> {
        Ok(desk)
    }

    async fn handle(&self, _: ActorRef<Msg>, msg: Msg, desk: &mut Arc<Desk>) -> Result<(), ActorProcessingErr> {
        match msg {
            Msg::Tick => desk.directory.dismiss_idle_people(desk.now_ms().saturating_sub(desk.limits.idle_ms)),
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("the supervisor of people was asked to fall"),
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Msg>,
        event: SupervisionEvent,
        desk: &mut Arc<Desk>,
    ) -> Result<(), ActorProcessingErr> {
        let (actor, fell) = match event {
            SupervisionEvent::ActorTerminated(actor, _, _) => (actor, None),
            SupervisionEvent::ActorFailed(actor, fault) => (actor, Some(fault)),
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => return Ok(()),
        };
        if let Some(Whose::Person(person, role)) = desk.directory.forget_actor(actor.get_id()) {
            desk.directory.person_left(person, actor.get_id());
            if let Some(fault) = fell {
                tracing::error!(%person, %fault, "a person's actor fell");
                let kind = if role.is_staff() { ActorKind::Agent } else { ActorKind::Customer };
                desk.metrics.falls[kind].inc();
                // What waited for it is lost, a welcome or a farewell perhaps: with new connections all is said again.
                for outbox in desk.directory.outboxes(person) {
                    outbox.close(CloseCode::Internal);
                }
                if let Some(who) = desk.accounts.who(person) {
                    desk.tell_person(&who, person::Msg::Detached);
                }
            }
        }
        Ok(())
    }
}
