//! What goes wrong, by seeded choice: falls, cuts, moves, jumps, a power cut.

use deskwire_protocol::PersonId;

use crate::engine::Engine;
use crate::world::World;

/// How often each kind of fault comes, of all faults together; a seed leaves some out.
#[derive(Clone, Copy, Debug)]
pub struct Odds([u64; KINDS]);

const KINDS: usize = 10;
const USUAL: [u64; KINDS] = [9, 3, 2, 3, 9, 2, 3, 4, 3, 6];
/// The grace of who is gone, in milliseconds.
pub const GRACE_MS: u64 = 8_000;
/// Longest wait for the disk, in steps.
const STALL_MAX: u64 = 400;

impl Odds {
    /// People come and go, and time passes; nothing falls.
    pub fn of_absences() -> Odds {
        Odds([0, 0, 0, 0, 3, 0, 0, 1, 0, 0])
    }

    /// A seed's own: every kind, or only some of them.
    pub fn draw(random: &mut deskwire_loadtest::random::Random) -> Odds {
        let kept = random.draw() | random.draw();
        let mut odds = USUAL;
        for (kind, odds) in odds.iter_mut().enumerate() {
            *odds *= (kept >> kind) & 1;
        }
        Odds(odds)
    }
}

impl World {
    /// One fault.
    pub fn fault(&mut self) {
        let Odds(odds) = self.odds;
        let mut drawn = self.random.below(odds.iter().sum());
        for (kind, odds) in odds.into_iter().enumerate() {
            if drawn < odds {
                return self.fault_of(kind);
            }
            drawn -= odds;
        }
    }

    fn fault_of(&mut self, kind: usize) {
        match kind {
            0 => self.a_room_falls(),
            1 => self.the_dispatcher_falls(),
            2 => self.the_process_ends(),
            3 => self.an_actor_of_a_person_falls(),
            4 => self.a_tab_moves(),
            5 => self.a_tab_forgets(),
            6 => self.an_outbox_is_cut(),
            7 => self.the_clock_jumps(),
            8 => self.a_room_loses_its_place(),
            _ => self.the_disk_is_slow(),
        }
    }

    /// One instance falls.
    pub fn a_room_falls(&mut self) {
        let ids: Vec<u64> = self.engine.instances.keys().copied().collect();
        let Some(id) = self.one_of(&ids) else { return };
        let Some(instance) = self.engine.instances.get(&id) else { return };
        if self.engine.falls.may_fall(instance.ticket, self.elapsed)
            && let Some(instance) = self.engine.instances.remove(&id)
        {
            self.room_fell(instance, "a fault");
        }
    }

    fn the_dispatcher_falls(&mut self) {
        if self.engine.dispatcher.may_fall(self.elapsed) {
            self.shared.note("the dispatcher falls");
            self.engine.dispatcher.fall(self.elapsed);
        }
    }

    /// A kill, a failed sync or a power cut: the difference is in what survives of the batch that is being written.
    pub fn the_process_ends(&mut self) {
        self.shared.note("the process ends");
        for wire in self.wires.values_mut().filter(|wire| wire.server) {
            let reached = self.random.below(wire.outbox.waiting() as u64 + 1) as usize;
            wire.outbox.lose_from(reached);
            wire.outbox.close();
            wire.server = false;
            wire.up.clear();
        }
        let engine = std::mem::replace(&mut self.engine, Engine::new());
        engine.store.die(&self.shared, &mut self.random);
        let gone: Vec<u64> = self.wires.keys().copied().collect();
        gone.into_iter().for_each(|id| self.bury(id));
    }

    fn an_actor_of_a_person_falls(&mut self) {
        let people: Vec<PersonId> = self.engine.people.keys().copied().collect();
        if let Some(person) = self.one_of(&people) {
            self.person_fell(person);
        }
    }

    fn a_tab_moves(&mut self) {
        let tab = self.random.below(self.tabs.len() as u64) as usize;
        if let Some(wire) = self.tabs[tab].wire {
            self.shared.note(format!("tab {tab} leaves {wire}"));
            self.leave_wire(tab, wire);
            if self.random.below(2) == 0 {
                self.a_person_goes_out(self.tabs[tab].person);
            }
        }
    }

    /// With all his windows, for about as long as the grace.
    fn a_person_goes_out(&mut self, person: PersonId) {
        let until = self.elapsed + GRACE_MS + self.random.below(2 * GRACE_MS);
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].person == person {
                self.tabs[tab].wire.into_iter().for_each(|wire| self.leave_wire(tab, wire));
                self.tabs[tab].away_until = until;
            }
        }
        let by = self.random.below(3 * GRACE_MS);
        self.pass(by);
    }

    fn a_tab_forgets(&mut self) {
        let tab = self.random.below(self.tabs.len() as u64) as usize;
        self.shared.note(format!("tab {tab} is opened anew"));
        if let Some(wire) = self.tabs[tab].wire {
            self.leave_wire(tab, wire);
        }
        self.tabs[tab].forget();
    }

    fn an_outbox_is_cut(&mut self) {
        let ids: Vec<u64> = self.wires.keys().copied().collect();
        let id = self.one_of(&ids);
        if let Some(wire) = id.and_then(|id| self.wires.get(&id)) {
            self.shared.note(format!("connection {} is cut", wire.outbox.id()));
            wire.outbox.cut();
        }
    }

    fn the_clock_jumps(&mut self) {
        match self.random.below(3) {
            0 => self.wall_ahead += self.random.below(7_200_000) as i64,
            1 => self.wall_ahead -= self.random.below(7_200_000) as i64,
            _ => {
                let by = self.random.below(15_000);
                self.pass(by);
            }
        }
        self.shared.note(format!("the clock jumps: {} ahead", self.wall_ahead));
    }

    fn the_disk_is_slow(&mut self) {
        self.stalled = self.random.below(STALL_MAX);
        self.shared.note(format!("the disk takes {} steps", self.stalled));
    }

    /// The directory forgets an instance that lives on: what it still appends is in flight behind the next one's fence.
    fn a_room_loses_its_place(&mut self) {
        let rooms: Vec<_> = self.engine.directory.rooms.iter().map(|(ticket, room)| (*ticket, *room)).collect();
        if let Some((ticket, (incarnation, id))) = self.one_of(&rooms) {
            self.shared.note(format!("room {id} of {ticket:?} loses its place"));
            self.engine.directory.remove_room(ticket, incarnation);
            self.engine.store.excuse(incarnation);
        }
    }
}
