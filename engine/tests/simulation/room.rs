//! One instance of a room: its mailbox, its replay, and its effects carried out one after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use deskwire::actors::ask::No;
use deskwire::actors::latest::{Latest, Notice};
use deskwire::domain::registration::Tell;
use deskwire::domain::room::{Assign, Chime, Direct, Effect, Join, Question, Quiet, Reported, Room, Telling, Yes};
use deskwire::domain::ticket::Command;
use deskwire::domain::view;
use deskwire::domain::who::Who;
use deskwire::store::{Incarnation, Outcome};
use deskwire_protocol::{Refusal, ServerFrame, StreamId, TicketId};

use crate::dispatcher;
use crate::network::{Ask, Outbox};
use crate::reads::Read;
use crate::store::{Append, Job};
use crate::supervisor::Event;
use crate::world::World;

/// A room that did nothing for this long leaves, in milliseconds.
pub const ROOM_IDLE_MS: u64 = 10_000;
/// Events read at once in a replay.
const REPLAY_PAGE: u32 = 7;

/// What a room is told.
pub enum Mail {
    /// Somebody wants something of the ticket.
    Command { ask: Ask, who: Arc<Who>, command: Command, yes: Yes },
    /// A connection wants to hear the ticket.
    Join { ask: Ask, who: Arc<Who>, stream: StreamId, after: u32 },
    /// A connection left.
    Left { who: Arc<Who> },
    /// The queue gives the ticket to an agent.
    Assign { who: Arc<Who>, assign: Assign },
    /// The queue has the ticket do something.
    Direct(Direct),
    /// The queue asks about silence.
    Chime(Chime),
    /// The queue wants to know how things are.
    Report,
    /// The store has news.
    Synced(Notice<Outcome>),
    /// Nothing happened for a while.
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Spawned,
    AwaitsFence,
    Replays { from: u32, head: u32 },
    Lives,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    Here,
    Draining,
}

/// One instance of a room.
pub struct Instance {
    /// Its number.
    pub id: u64,
    /// Its ticket.
    pub ticket: TicketId,
    /// Which instance it is.
    pub incarnation: Incarnation,
    /// What waits.
    pub mailbox: VecDeque<Mail>,
    /// When it last did something.
    pub used: u64,
    room: Room<Ask, Outbox>,
    effects: VecDeque<Effect<Ask, Outbox>>,
    news: Arc<Latest<Outcome>>,
    report: Arc<Latest<Reported>>,
    phase: Phase,
    stay: Stay,
    /// Whether it handled anything: one without a ticket then leaves.
    handled: bool,
}

/// Why an instance falls.
type Fallen = &'static str;

impl Instance {
    /// A room that has not replayed.
    pub fn new(id: u64, ticket: TicketId, incarnation: Incarnation, now: u64) -> Instance {
        Instance {
            id,
            ticket,
            incarnation,
            mailbox: VecDeque::new(),
            used: now,
            room: Room::new(ticket),
            effects: VecDeque::new(),
            news: Arc::default(),
            report: Arc::default(),
            phase: Phase::Spawned,
            stay: Stay::Here,
            handled: false,
        }
    }

    /// Whether it takes no more mail.
    pub fn is_draining(&self) -> bool {
        self.stay == Stay::Draining
    }

    /// Whether it has something to do.
    pub fn is_busy(&self) -> bool {
        let starts = matches!(self.phase, Phase::Spawned | Phase::Replays { .. });
        let lives = self.phase == Phase::Lives;
        starts
            || !self.effects.is_empty()
            || (lives && (!self.mailbox.is_empty() || self.is_draining() || self.is_empty()))
    }

    fn is_empty(&self) -> bool {
        self.handled && self.room.head() == 0 && self.room.is_settled() && !self.is_draining()
    }

    /// The writer says what became of an append.
    pub fn told(&mut self, outcome: Outcome) {
        if let Some(notice) = self.news.put(outcome)
            && !self.is_draining()
        {
            self.mailbox.push_back(Mail::Synced(notice));
        }
    }

    /// The store answers the fence.
    pub fn fenced(&mut self, head: u32) {
        self.phase = Phase::Replays { from: 1, head };
    }
}

impl World {
    /// One instance does the next thing.
    pub fn step_room(&mut self, id: u64) {
        let Some(mut instance) = self.engine.instances.remove(&id) else { return };
        let done = match instance.effects.is_empty() {
            false => self.carry_out(&mut instance),
            true => self.advance(&mut instance),
        };
        match done {
            Ok(Goes::On) => {
                self.engine.instances.insert(id, instance);
            }
            Ok(Goes::Ends) => self.left(instance),
            Err(why) => self.room_fell(instance, why),
        }
    }

    /// An instance falls with all it has.
    pub fn room_fell(&mut self, instance: Instance, why: &str) {
        self.shared.note(format!("room {} of {:?} falls: {why}", instance.id, instance.ticket));
        self.engine.rooms_events.push_back(Event::Fell(instance.ticket, instance.incarnation));
    }

    fn advance(&mut self, instance: &mut Instance) -> Result<Goes, Fallen> {
        match instance.phase {
            Phase::Spawned => {
                let Instance { ticket, incarnation, id, .. } = *instance;
                if self.engine.store.has_place() {
                    self.engine.store.hand_in(Job::Fence { ticket, incarnation, instance: id });
                    instance.phase = Phase::AwaitsFence;
                }
            }
            Phase::AwaitsFence => {}
            Phase::Replays { from, head } if from > head => self.wake(instance),
            Phase::Replays { from, head } => self.replay(instance, from, head)?,
            Phase::Lives => return self.handle(instance),
        }
        Ok(Goes::On)
    }

    fn replay(&mut self, instance: &mut Instance, from: u32, head: u32) -> Result<(), Fallen> {
        let last = head.min(from + REPLAY_PAGE - 1);
        for seq in from..=last {
            let event = self.shared.log.borrow().event(instance.ticket, seq).map(|event| (**event).clone());
            let event = event.ok_or("the log ends before the fence said")?;
            if !instance.room.replay(event) {
                return Err("the log does not begin with an opening");
            }
        }
        instance.phase = Phase::Replays { from: last + 1, head };
        Ok(())
    }

    fn wake(&mut self, instance: &mut Instance) {
        let mut out = Vec::new();
        instance.room.heed(self.engine.directory.era);
        let listeners = self.engine.directory.registrations.of(instance.ticket);
        instance.room.wake(listeners, self.wall(), &mut out);
        instance.effects.extend(out);
        instance.phase = Phase::Lives;
    }

    fn handle(&mut self, instance: &mut Instance) -> Result<Goes, Fallen> {
        if instance.is_empty() {
            self.leave(instance);
        }
        instance.handled = true;
        let Some(mail) = instance.mailbox.pop_front() else {
            return Ok(if instance.is_draining() { Goes::Ends } else { Goes::On });
        };
        if instance.is_draining() {
            self.pass_on(instance.ticket, mail);
            return Ok(Goes::On);
        }
        if !matches!(mail, Mail::Leave) {
            instance.used = self.elapsed;
        }
        instance.room.heed(self.engine.directory.era);
        let (now, room, mut out) = (self.wall(), &mut instance.room, Vec::new());
        match mail {
            Mail::Command { ask, who, command, yes } => {
                let from = ask.outbox.clone();
                room.command(Question { ask, from, who, yes }, command, now, &mut out);
            }
            Mail::Join { ask, who, stream, after } => {
                let to = ask.outbox.clone();
                room.join(Join { who, to, stream, after }, ask, now, &mut out);
            }
            Mail::Left { who } => room.left(who.person, now, &mut out),
            Mail::Assign { who, assign } => room.assign(&who, assign, now, &mut out),
            Mail::Direct(direct) => room.direct(direct, now, &mut out),
            Mail::Chime(chime) => room.chime(&chime, now, &mut out),
            Mail::Report => room.report(&mut out),
            Mail::Synced(notice) => match notice.take() {
                Some(Outcome::Durable(upto)) => room.synced(upto, &mut out),
                Some(Outcome::Refused) => return Err("another instance of this room writes"),
                None => {}
            },
            Mail::Leave if instance.used + ROOM_IDLE_MS <= self.elapsed && room.is_settled() => self.leave(instance),
            Mail::Leave => {}
        }
        instance.effects.extend(out);
        Ok(Goes::On)
    }

    /// It is out of the directory and the next instance may have fenced already. Questions are asked again, behind
    /// what their client sent since: brought to the next instance they could be overtaken.
    fn pass_on(&mut self, ticket: TicketId, mail: Mail) {
        match mail {
            Mail::Command { ask, .. } | Mail::Join { ask, .. } => ask.refuse(Refusal::Again),
            Mail::Left { .. } | Mail::Assign { .. } | Mail::Direct(_) | Mail::Chime(_) | Mail::Report => {
                self.tell_room(ticket, mail);
            }
            Mail::Synced(_) | Mail::Leave => {}
        }
    }

    fn leave(&mut self, instance: &mut Instance) {
        self.shared.note(format!("room {} of {:?} leaves", instance.id, instance.ticket));
        self.engine.directory.remove_room(instance.ticket, instance.incarnation);
        instance.stay = Stay::Draining;
    }

    /// It ended in order. What it had not told yet, a next instance tells.
    fn left(&mut self, instance: Instance) {
        let Instance { ticket, incarnation, room, .. } = instance;
        self.engine.directory.remove_room(ticket, incarnation);
        self.engine.store.release(ticket, incarnation);
        let settled = room.is_settled();
        drop(room);
        if !settled {
            self.tell_room(ticket, Mail::Report);
        }
        self.engine.rooms_events.push_back(Event::Ended(ticket));
    }

    /// Carries out what was decided; now and then only a part, so that a fall may come between.
    fn carry_out(&mut self, instance: &mut Instance) -> Result<Goes, Fallen> {
        while let Some(effect) = instance.effects.pop_front() {
            if matches!(effect, Effect::Append { .. }) && !self.engine.store.has_place() {
                instance.effects.push_front(effect);
                break;
            }
            self.carry(instance, effect)?;
            if self.random.below(24) == 0 {
                break;
            }
        }
        Ok(Goes::On)
    }

    fn carry(&mut self, instance: &mut Instance, effect: Effect<Ask, Outbox>) -> Result<(), Fallen> {
        let ticket = instance.ticket;
        match effect {
            Effect::Append { first, events, facts } => {
                let Instance { incarnation, id, .. } = *instance;
                let append = Append { ticket, incarnation, instance: id, first, events, facts };
                self.engine.store.hand_in(Job::Append(Box::new(append)));
            }
            Effect::Tell { to, seq, event, telling } => {
                let frame = match telling {
                    Telling::Customer { place, sight } => {
                        view::public(ticket, place, &event, sight).map(ServerFrame::Public)
                    }
                    Telling::Staff { sight } => view::staff(ticket, seq, &event, sight),
                    Telling::Answered | Telling::Unseen => None,
                };
                let told = to.tell(seq, |outbox| frame.into_iter().for_each(|frame| outbox.send_any(frame)));
                if told == Tell::Gap {
                    self.shared.violated("a registration would have had a gap");
                    to.to.cut();
                }
            }
            Effect::Show { to, frame } => to.to.send(&frame),
            Effect::ShowStaff { to, frame } => to.to.send_staff((*frame).clone()),
            Effect::Answer { ask, frame } => ask.answer(frame),
            Effect::Refuse { ask, refused } => {
                ask.refuse_with(No { expected: refused.expected, ..No::new(refused.refusal, refused.detail) });
            }
            Effect::ReadAside { ask, reader, after, upto, .. } => {
                self.engine.reads.push(Read { ask, ticket, reader, after, upto });
            }
            // No discussion is played here.
            Effect::CrowdSoon | Effect::List { .. } => {}
            Effect::ReadBack { ask, .. } | Effect::Mark { ask, .. } | Effect::Marked { ask } => {
                ask.refuse(Refusal::Again)
            }
            Effect::CutOff { registration } => registration.to.cut(),
            Effect::Register { registration } => {
                if !self.engine.directory.register(instance.incarnation, registration.clone()) {
                    return Err("another instance of this room hears");
                }
                if registration.is_gone() {
                    instance.mailbox.push_back(Mail::Left { who: registration.who.clone() });
                }
            }
            Effect::Unregister { registration } => {
                self.engine.directory.unregister(ticket, &registration.to);
            }
            Effect::Quiet(Quiet::Chimed { next, passed_over }) => {
                self.tell_dispatcher(dispatcher::Mail::Chimed { ticket, next, passed_over });
            }
            Effect::Quiet(Quiet::Alarm { level, .. }) => {
                self.shared.happened.borrow_mut().insert(format!("{level:?}"));
            }
            Effect::Report(reported) => {
                if let Some(notice) = instance.report.put(reported) {
                    self.tell_dispatcher(dispatcher::Mail::Report(notice));
                }
            }
            Effect::NoTicket { era } => self.tell_dispatcher(dispatcher::Mail::NoTicket { ticket, era }),
            Effect::AssignRefused { attempt, refusal, reported } => {
                self.tell_dispatcher(dispatcher::Mail::AssignRefused { ticket, attempt, refusal, reported });
            }
        }
        Ok(())
    }
}

/// Whether an instance stays.
enum Goes {
    On,
    Ends,
}
