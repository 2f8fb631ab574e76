//! A post in a discussion of 2, 50 and 250, from the command to the outboxes of all who hear it: the room as a machine,
//! the event encoded once, a place in each outbox taken. The figure is for each delivery.
//!
//! Not measured: the disk (it is durable at once), the actor's mailbox, the waking of the connections' tasks and their
//! writes, which `write` measures.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::actors::connections::{Bounds, Connections};
use deskwire::actors::encoded::{Audience, Form};
use deskwire::actors::outbox::Outbox;
use deskwire::actors::telling::{Encoded, Line};
use deskwire::actors::writer::{Alarm, Work, Writer};
use deskwire::domain::discussion::Foundation;
use deskwire::domain::registration::Tell;
use deskwire::domain::room::{Effect, Join, Question, Room, Yes};
use deskwire::domain::ticket::Command;
use deskwire::domain::who::Who;
use deskwire_benches::desk;
use deskwire_loadtest::clock;
use deskwire_protocol::kinds::FROM_NEWEST;
use deskwire_protocol::{ServerFrame, StreamId, TicketId, Time};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TICKET: TicketId = TicketId(77);
/// Posts between two emptyings of the outboxes, fewer than one holds.
const POSTS: u64 = 50;

struct Hall {
    room: Room<u64, Outbox>,
    members: Vec<Arc<Who>>,
    outboxes: Vec<Outbox>,
    writers: Vec<Writer>,
    posts: u64,
    encoded: Encoded,
}

impl Hall {
    fn new(members: u64) -> Hall {
        let connections = Connections::new(Bounds::default());
        let (outboxes, writers) = (0..members).map(|_| connections.open(Form::Binary)).unzip();
        // Its founder is one of them.
        let members = [desk::supervisor(1_000)].into_iter().chain((1..members).map(desk::customer)).collect();
        let mut hall =
            Hall { room: Room::new(TICKET), members, outboxes, writers, posts: 0, encoded: Encoded::default() };
        let foundation = Foundation { title: "Bench".into(), topic: String::new(), members_max: 250, slow_s: 0 };
        let question = hall.question(hall.members[0].clone(), 0, Yes::Acknowledged(0));
        let mut effects = Vec::new();
        hall.room.command(question, Command::Found(foundation), desk::at(1), &mut effects);
        hall.settle(effects);
        for who in 0..hall.members.len() {
            hall.outboxes[who].admit(Audience::of(hall.members[who].role));
            hall.enter(who);
            hall.empty();
        }
        hall
    }

    fn question(&self, who: Arc<Who>, from: usize, yes: Yes) -> Question<u64, Outbox> {
        Question { ask: 0, from: self.outboxes[from].clone(), who, yes }
    }

    fn stream(who: usize) -> StreamId {
        StreamId(who as u128 + 1)
    }

    fn enter(&mut self, who: usize) {
        let (member, to) = (self.members[who].clone(), self.outboxes[who].clone());
        let mut effects = Vec::new();
        let join = Join { who: member, to, stream: Hall::stream(who), after: FROM_NEWEST };
        self.room.join(join, 0, desk::at(1), &mut effects);
        self.settle(effects);
    }

    /// What was decided is durable, and all that comes of it is carried out.
    fn settle(&mut self, mut effects: Vec<Effect<u64, Outbox>>) -> u64 {
        self.room.synced(self.room.head(), &mut effects);
        effects.into_iter().map(|effect| self.carry(effect)).sum()
    }

    /// As the room's actor does; answers how many were told.
    fn carry(&mut self, effect: Effect<u64, Outbox>) -> u64 {
        if let Effect::Tell { to, seq, event, telling } = &effect {
            let line = Line { ticket: TICKET, seq: *seq, event };
            let encoded = &mut self.encoded;
            let told = to.tell(*seq, |outbox| assert!(encoded.push(outbox, &line, *telling)));
            return u64::from(told == Tell::Told);
        }
        if let Effect::Answer { frame: ServerFrame::Public(frame), .. } = &effect {
            // To whom is all the same to the work.
            self.outboxes[0].send(frame);
        }
        if let Effect::Refuse { refused, .. } = &effect {
            panic!("{refused:?}");
        }
        0
    }

    /// One member says something, each in turn.
    fn post(&mut self, text: String, now: Time) -> u64 {
        let who = (self.posts % self.members.len() as u64) as usize;
        let number = (self.posts / self.members.len() as u64) as u32 + 1;
        self.posts += 1;
        let question = self.question(self.members[who].clone(), who, Yes::Acknowledged(number));
        let mut effects = Vec::new();
        let command = Command::Post { stream: Hall::stream(who), number, text };
        self.room.command(question, command, now, &mut effects);
        self.settle(effects)
    }

    /// Takes all that waits, as if it were written.
    fn empty(&mut self) {
        for writer in &mut self.writers {
            while writer.collect(Waker::noop(), Alarm::On) == Work::Some {
                writer.advance(usize::MAX);
            }
        }
    }

    /// So many posts, the outboxes emptied outside of what is timed.
    fn posts(&mut self, mut left: u64) -> Duration {
        let (members, mut took) = (self.members.len() as u64, Duration::ZERO);
        while left > 0 {
            let now = left.min(POSTS);
            left -= now;
            let texts: Vec<String> = (0..now).map(|nth| desk::text(nth as u32)).collect();
            let begun = clock::now();
            // The sender's mark moves too, so that all are told.
            let told: u64 = texts.into_iter().map(|text| self.post(text, desk::at(2))).sum();
            took += begun.elapsed();
            assert_eq!(told, now * members);
            self.empty();
        }
        assert!(self.outboxes.iter().all(Outbox::is_open), "an outbox was too small");
        took
    }
}

fn fan_out(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fan_out");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(50);
    for members in [2, 50, 250] {
        let mut hall = Hall::new(members);
        group.throughput(Throughput::Elements(members - 1));
        group.bench_function(BenchmarkId::from_parameter(members), |bench| {
            bench.iter_custom(|posts| hall.posts(posts));
        });
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
