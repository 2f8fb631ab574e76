//! The world: engine, connections, people and time, and the choice of what happens next.

use std::collections::BTreeMap;
use std::rc::Rc;

use deskwire_loadtest::random::Random;
use deskwire_protocol::{PersonId, Time};

use crate::client::Tab;
use crate::dispatcher;
use crate::engine::Engine;
use crate::faults::Odds;
use crate::network::Wire;
use crate::people::{EVERYBODY, Mailbox};
use crate::shared::{Broken, Shared};

/// The dispatcher's wheel, in milliseconds.
const TICK_MS: u64 = 100;
/// The look for idle rooms, in milliseconds.
const IDLE_EVERY_MS: u64 = 1_000;
const START_MS: u64 = 1_700_000_000_000;

/// Whether things go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They do.
    Chaos,
    /// All faults have stopped, and nobody has wishes any more.
    Rest,
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Up(u64),
    Down(u64),
    Room(u64),
    Person(PersonId),
    Dispatcher,
    Supervisor,
    Store,
    Read,
}

/// Everything.
pub struct World {
    /// What all may see.
    pub shared: Rc<Shared>,
    /// Where every choice comes from.
    pub random: Random,
    /// The process.
    pub engine: Engine,
    /// Connections, by number.
    pub wires: BTreeMap<u64, Wire>,
    /// Windows.
    pub tabs: Vec<Tab>,
    /// Milliseconds that have passed.
    pub elapsed: u64,
    /// How far the machine's clock is ahead of them.
    pub wall_ahead: i64,
    /// Whether things go wrong.
    pub mode: Mode,
    /// Which faults come.
    pub odds: Odds,
    /// Steps that the disk still takes.
    pub stalled: u64,
    numbers: u64,
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> World {
        let mut random = Random::new(seed);
        let shared = Shared::new();
        let mut tabs = Vec::new();
        for (person, _, _, slots, windows) in EVERYBODY {
            shared.log.borrow_mut().set_slots(PersonId(person), slots);
            tabs.extend((0..windows).map(|_| Tab::new(PersonId(person))));
        }
        let odds = Odds::draw(&mut random);
        World {
            shared,
            random,
            engine: Engine::new(),
            wires: BTreeMap::new(),
            tabs,
            elapsed: 0,
            wall_ahead: 0,
            mode: Mode::Chaos,
            odds,
            stalled: 0,
            numbers: 0,
        }
    }

    /// A number that was not used before.
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// The machine's clock.
    pub fn wall(&self) -> Time {
        Time::from_ms((START_MS + self.elapsed).saturating_add_signed(self.wall_ahead))
    }

    /// A clock that never runs back.
    pub fn steady(&self) -> Time {
        Time::from_ms(START_MS + self.elapsed)
    }

    /// One of several.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(self.random.below(all.len() as u64) as usize).copied()
    }

    /// Steps with faults, then none until everything is quiet. What broke, if anything did.
    pub fn run(&mut self, steps: usize) -> Option<Broken> {
        let fault_every = 20 + self.random.below(100);
        for _ in 0..steps {
            self.shared.trace.borrow_mut().step();
            match self.random.below(fault_every) {
                0 => self.fault(),
                _ => self.step(),
            }
            self.check_step();
            if self.shared.broken().is_some() {
                return self.shared.broken();
            }
        }
        self.rest();
        self.shared.broken()
    }

    fn step(&mut self) {
        self.stalled = self.stalled.saturating_sub(1);
        let ready = self.ready();
        let chosen = self.random.below(ready.len() as u64 + 4) as usize;
        match ready.get(chosen) {
            Some(step) => self.take(*step),
            None if chosen == ready.len() => {
                // A slow disk is one that clients wait for.
                let by = self.random.below(if self.stalled > 0 { 1_200 } else { 80 });
                self.pass(by);
            }
            None => {
                let tab = self.random.below(self.tabs.len() as u64) as usize;
                self.step_tab(tab);
            }
        }
    }

    /// Everything that has something to do.
    fn ready(&self) -> Vec<Step> {
        let mut ready = Vec::with_capacity(32);
        for (id, wire) in &self.wires {
            if wire.server && (!wire.up.is_empty() || !wire.client || !wire.outbox.is_open()) {
                ready.push(Step::Up(*id));
            }
            if wire.client && (wire.outbox.waiting() > 0 || !wire.outbox.is_open()) {
                ready.push(Step::Down(*id));
            }
        }
        let engine = &self.engine;
        ready.extend(engine.instances.values().filter(|room| room.is_busy()).map(|room| Step::Room(room.id)));
        let busy = |mail: &&Mailbox| !mail.is_empty();
        ready.extend(engine.people.iter().filter(|(_, mail)| busy(mail)).map(|(person, _)| Step::Person(*person)));
        ready.extend(engine.dispatcher.is_busy().then_some(Step::Dispatcher));
        ready.extend((!engine.rooms_events.is_empty()).then_some(Step::Supervisor));
        ready.extend((self.stalled == 0 && engine.store.is_busy()).then_some(Step::Store));
        ready.extend((!engine.reads.is_empty()).then_some(Step::Read));
        ready
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Up(wire) => self.step_up(wire),
            Step::Down(wire) => self.step_down(wire),
            Step::Room(id) => self.step_room(id),
            Step::Person(person) => self.step_person(person),
            Step::Dispatcher => self.step_dispatcher(),
            Step::Supervisor => self.step_supervisor(),
            Step::Store => self.step_store(),
            Step::Read => self.step_read(),
        }
    }

    fn step_store(&mut self) {
        for answer in self.engine.store.step(&self.shared, &mut self.random) {
            self.answer(answer);
        }
    }

    fn answer(&mut self, answer: crate::store::Answer) {
        use crate::store::Answer;
        match answer {
            Answer::Told(id, outcome) => {
                if let Some(instance) = self.engine.instances.get_mut(&id) {
                    instance.told(outcome);
                }
            }
            Answer::Fence(id, Some(head)) => {
                if let Some(instance) = self.engine.instances.get_mut(&id) {
                    instance.fenced(head);
                }
            }
            Answer::Fence(id, None) => {
                if let Some(instance) = self.engine.instances.remove(&id) {
                    self.room_fell(instance, "its fence was refused");
                }
            }
            Answer::Barrier(life) => self.engine.dispatcher.barrier(life),
        }
    }

    /// Time passes.
    pub fn pass(&mut self, ms: u64) {
        let before = self.elapsed;
        self.elapsed += ms;
        if before / TICK_MS != self.elapsed / TICK_MS
            && let Some(notice) = self.engine.turn.put(())
        {
            self.tell_dispatcher(dispatcher::Mail::Tick(notice));
        }
        if before / IDLE_EVERY_MS != self.elapsed / IDLE_EVERY_MS {
            self.look_for_the_idle();
        }
    }

    /// Does one thing that is ready. Answers whether there was any.
    pub fn settle_one(&mut self) -> bool {
        let ready = self.ready();
        let step = self.one_of(&ready);
        step.inspect(|step| self.take(*step)).is_some()
    }
}
