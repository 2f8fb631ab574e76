//! The room actor: carries messages to one ticket's pure room, and its effects to disk and people.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deskwire_protocol::{Refusal, TicketId};
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, ActorRuntime};

use super::ask::Ask;
use super::carry::Carrier;
use super::desk::Desk;
use super::directory::RoomEntry;
use super::latest::{Latest, Notice};
use super::marks;
use super::outbox::Outbox;
pub use super::room_msg::Msg;
use crate::domain::disk::Disk;
use crate::domain::event::Event;
use crate::domain::room::{Effect, Join, Question, Room};
use crate::store::{Incarnation, Outcome, PageLimits};

/// Makes a room. It replays before it handles its first message.
pub fn spawn(
    desk: &Arc<Desk>,
    ticket: TicketId,
    incarnation: Incarnation,
    supervisor: ActorCell,
) -> Result<RoomEntry, Refusal> {
    let used = Arc::new(AtomicU64::new(desk.now_ms()));
    let start = Start { desk: desk.clone(), ticket, incarnation, used: used.clone() };
    let (actor, _) =
        ActorRuntime::spawn_linked_instant(None, RoomActor, start, supervisor).map_err(|_| Refusal::Again)?;
    Ok(RoomEntry { actor, incarnation, used })
}

struct RoomActor;

struct Start {
    desk: Arc<Desk>,
    ticket: TicketId,
    incarnation: Incarnation,
    used: Arc<AtomicU64>,
}

struct State {
    room: Room<Ask, Outbox>,
    carrier: Carrier,
    effects: Vec<Effect<Ask, Outbox>>,
    used: Arc<AtomicU64>,
    stay: Stay,
}

/// Whether a room is still the one of its ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stay {
    Here,
    Leaving,
}

impl Actor for RoomActor {
    type Msg = Msg;
    type State = State;
    type Arguments = Start;

    async fn pre_start(&self, myself: ActorRef<Msg>, start: Start) -> Result<State, ActorProcessingErr> {
        let told = told(myself, Arc::default());
        let carrier = Carrier::new(start.desk, start.ticket, start.incarnation, told);
        Ok(State { room: Room::new(start.ticket), carrier, effects: Vec::new(), used: start.used, stay: Stay::Here })
    }

    async fn post_start(&self, _: ActorRef<Msg>, state: &mut State) -> Result<(), ActorProcessingErr> {
        state.replay().await?;
        state.room.heed(state.carrier.desk.directory.era());
        let (listeners, now) = (state.carrier.listeners(), state.carrier.desk.clock.now());
        state.room.wake(listeners, now, &mut state.effects);
        state.carry_out().await
    }

    async fn handle(&self, myself: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        if state.stay == Stay::Leaving {
            state.pass_on(msg);
            return Ok(());
        }
        state.handle(&myself, msg)?;
        state.carry_out().await?;
        state.leave_if_done(&myself);
        Ok(())
    }

    async fn post_stop(&self, _: ActorRef<Msg>, state: &mut State) -> Result<(), ActorProcessingErr> {
        state.carrier.left(state.room.is_settled());
        Ok(())
    }
}

/// What the writer calls: it leaves the news in a box, and at most one notice in the mailbox.
fn told(myself: ActorRef<Msg>, news: Arc<Latest<Outcome>>) -> crate::store::Told {
    Arc::new(move |outcome| {
        if let Some(notice) = news.put(outcome) {
            // A room that is gone has told its supervisor; the next one replays.
            let _ = myself.cast(Msg::Synced(notice));
        }
    })
}

impl State {
    /// Reads the whole log of the ticket, up to a head that is behind all that an earlier instance appended.
    async fn replay(&mut self) -> Result<(), ActorProcessingErr> {
        let head = self.carrier.fence().await?;
        let mut from = 1;
        while from <= head {
            let page = self.carrier.desk.store.events(self.carrier.ticket, from, head, PageLimits::REPLAY).await?;
            let last = page.last().map_or(head, |(seq, _)| *seq);
            for (seq, bytes) in page {
                let event = Event::decode(&bytes).map_err(|fault| format!("event {seq} of the log: {fault}"))?;
                if !self.room.replay(event) {
                    return Err("the log does not begin with an opening".into());
                }
            }
            from = last + 1;
        }
        if head > 0 {
            self.room.know_marks(marks::of(&self.carrier.desk.store, self.carrier.ticket).await?);
        }
        Ok(())
    }

    fn handle(&mut self, myself: &ActorRef<Msg>, msg: Msg) -> Result<(), ActorProcessingErr> {
        let (now, now_ms) = (self.carrier.desk.clock.now(), self.carrier.desk.now_ms());
        if !matches!(msg, Msg::Leave | Msg::Chime(_)) {
            self.used.store(now_ms, Relaxed);
        }
        self.room.heed(self.carrier.desk.directory.era());
        let out = &mut self.effects;
        match msg {
            Msg::Command { ask, who, command, yes } => {
                let in_time = self.carrier.in_time(self.room.facts(), &who, &command, now);
                let (admitted, from) = (self.carrier.desk.admits(&command).and(in_time), ask.outbox().clone());
                self.room.command_where(admitted, Question { ask, from, who, yes }, command, now, out);
            }
            Msg::Join { ask, who, .. } | Msg::Look { ask, who, .. }
                if !self.carrier.desk.disk().admits_audit() && self.room.watch_is_unsaid(&who) =>
            {
                ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim());
            }
            Msg::Join { ask, who, .. } if self.carrier.desk.disk() != Disk::Fine && self.room.would_enter(&who) => {
                ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim());
            }
            Msg::Join { ask, who, stream, after } => {
                let to = ask.outbox().clone();
                self.room.join(Join { who, to, stream, after }, ask, now, out);
            }
            Msg::ReadBack { ask, who, before } => self.room.read_back(&who, before, ask, out),
            Msg::Look { ask, who, look } => self.room.look(who, look, ask, now, out),
            Msg::Typing { ask, who, what } => {
                ask.forget();
                self.room.typing(&who, what, now, out);
            }
            Msg::ReadUpTo { ask, who, seq } => self.room.read_up_to(&who, seq, ask, out),
            Msg::MarkKept { person, place } => self.room.mark_kept(person, place, out),
            Msg::HearNoMore { ask, who } => {
                self.carrier.desk.directory.unregister(self.carrier.ticket, ask.outbox());
                ask.forget();
                self.room.left(who.person, now, out);
            }
            Msg::Left { who } => self.room.left(who.person, now, out),
            // One that is not heard now is repeated until it is.
            Msg::Assign { who, assign } => {
                if self.carrier.desk.disk() == Disk::Fine {
                    self.room.assign(&who, assign, now, out);
                }
            }
            Msg::Direct { direct } => {
                if self.carrier.desk.disk() != Disk::Lowest {
                    self.room.direct(direct, now, out);
                }
            }
            Msg::Chime(chime) if self.carrier.desk.disk() != Disk::Lowest => self.room.chime(&chime, now, out),
            Msg::Chime(_) => {}
            Msg::Report => self.room.report(out),
            Msg::TellCrowd => self.room.tell_crowd(out),
            Msg::Synced(notice) => self.synced(notice)?,
            Msg::Leave => self.leave_if_idle(myself, now_ms),
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("a room was asked to fall"),
        }
        Ok(())
    }

    fn synced(&mut self, notice: Notice<Outcome>) -> Result<(), ActorProcessingErr> {
        #[cfg(feature = "planted-bugs")]
        super::fall::at_sync_of(self.carrier.ticket);
        match notice.take() {
            Some(Outcome::Durable(upto)) => self.room.synced(upto, &mut self.effects),
            Some(Outcome::Refused) => return Err("another instance of this room writes".into()),
            None => {}
        }
        Ok(())
    }

    /// Leaves, if nothing came meanwhile.
    fn leave_if_idle(&mut self, myself: &ActorRef<Msg>, now_ms: u64) {
        if self.used.load(Relaxed) + self.carrier.desk.limits.idle_ms <= now_ms && self.room.is_settled() {
            self.leave(myself);
        }
    }

    /// A ticket that does not exist, or is over and heard by nobody, takes nobody's place: whoever asked was answered,
    /// and that was all. Where he was handed a part of the log it stays for
    /// its time: it would be replayed for each part.
    fn leave_if_done(&mut self, myself: &ActorRef<Msg>) {
        if self.room.is_settled() && !self.room.is_needed() && !self.carrier.leads_on {
            self.leave(myself);
        }
    }

    /// Out of the directory first; what is in the mailbox is passed on.
    fn leave(&mut self, myself: &ActorRef<Msg>) {
        self.stay = Stay::Leaving;
        self.carrier.desk.directory.remove_room(self.carrier.ticket, self.carrier.incarnation);
        // It can only fail where the actor is already on its way out.
        let _ = myself.drain();
    }

    /// The next instance may have fenced already, so nothing is decided here any more. Questions are asked again,
    /// behind what their client sent since: brought to the next instance they could be overtaken by it.
    fn pass_on(&self, msg: Msg) {
        match msg {
            Msg::HearNoMore { .. }
            | Msg::Left { .. }
            | Msg::Assign { .. }
            | Msg::Direct { .. }
            | Msg::Chime(_)
            | Msg::Report
            | Msg::TellCrowd
            | Msg::MarkKept { .. } => {
                self.carrier.desk.tell_room(self.carrier.ticket, msg);
            }
            Msg::Command { .. }
            | Msg::Join { .. }
            | Msg::ReadBack { .. }
            | Msg::Look { .. }
            | Msg::Typing { .. }
            | Msg::ReadUpTo { .. } => {
                msg.refuse(Refusal::Again);
            }
            Msg::Synced(_) | Msg::Leave => {}
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => {}
        }
    }

    async fn carry_out(&mut self) -> Result<(), ActorProcessingErr> {
        // Taken whole: nothing is held while idle.
        for effect in std::mem::take(&mut self.effects) {
            self.carrier.carry(effect).await?;
        }
        Ok(())
    }
}
