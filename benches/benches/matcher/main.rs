//! A step of the Matcher on a hard crowd, each step timed alone: the median, the 99th of a hundred, and the worst. The
//! size is how many wait; a tenth as many agents are at work.
//!
//! Criterion's own figures are means of many steps; what a floor feels is the tail, so the steps are also put into a
//! list and sorted. `-- --quick` or a name as usual; `STEPS` says how many steps a list has, `ONLY`
//! which. Not measured: the dispatcher around it, which tells rooms and people.

mod floor;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::Matcher;
use deskwire_protocol::{PersonId, TicketId, Time};

use deskwire_benches::beside;
use floor::{ARRIVED_MS, Dice, NOW, SIZES, floor, held, request};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A floor, and what the steps need to go on.
struct Desk {
    matcher: Matcher,
    dice: Dice,
    agents: u64,
    waiting: u64,
    next: u64,
    now: u64,
}

/// One kind of step: what is measured, with what is not before and after it.
type Step = fn(&mut Desk) -> Duration;

impl Desk {
    fn new(agents: u64, waiting: u64) -> Desk {
        Desk { matcher: floor(agents, waiting), dice: Dice::new(2), agents, waiting, next: 1 << 30, now: NOW }
    }

    fn now(&self) -> Time {
        Time::from_ms(self.now)
    }

    /// An agent and a ticket of his.
    fn busy(&mut self) -> (PersonId, TicketId) {
        let id = PersonId(self.dice.below(self.agents));
        let agent = self.matcher.agent(id).expect("all are there");
        (id, *agent.held().keys().next().expect("all are full"))
    }

    /// A ticket that waits.
    fn waits(&mut self) -> TicketId {
        loop {
            let ticket = TicketId(self.dice.below(self.waiting));
            if self.matcher.is_waiting(ticket) {
                return ticket;
            }
        }
    }

    /// A ticket that waits in a category of an agent's, if there is one.
    fn waits_for(&mut self, id: PersonId) -> TicketId {
        let agent = self.matcher.agent(id).expect("all are there");
        let category = *agent.profile().categories.first().expect("each serves one");
        let line = &self.matcher.queue(category).expect("all are named").line;
        let nth = self.dice.below(line.len().max(1) as u64);
        line.after(None).nth(nth as usize).map_or_else(|| TicketId(0), |key| key.ticket())
    }

    /// Another ticket waits for one that left, far back in the queue or in its middle.
    fn refill(&mut self) {
        let arrived = Time::from_ms(ARRIVED_MS + self.dice.below(self.waiting * 7));
        while self.matcher.waiting() < self.waiting as usize {
            let request = request(self.next, arrived, &mut self.dice);
            self.next += 1;
            self.matcher.wait(request, self.now());
            while self.matcher.pair(self.now()).is_some() {}
        }
        self.matcher.audit();
    }
}

/// The clock of the bench: the lesser of real time and this thread's, so that a step is not charged with what others
/// did while it stood still.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn timed<T>(step: impl FnOnce() -> T) -> Duration {
    let of_thread = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let (own, begun) = (of_thread(), Instant::now());
    black_box(step());
    let elapsed = begun.elapsed();
    elapsed.min(of_thread() - own)
}

/// A ticket of an agent ends, and he gets the best of what waits.
fn free_and_pair(desk: &mut Desk) -> Duration {
    let ((agent, ended), now) = (desk.busy(), desk.now());
    let matcher = &mut desk.matcher;
    let took = timed(|| {
        matcher.leave(ended, now);
        while matcher.pair(now).is_some() {}
        matcher.audit()
    });
    desk.settle(agent, ended);
    took
}

/// A ticket comes; nobody is free for it.
fn arrival(desk: &mut Desk) -> Duration {
    let now = desk.now();
    let request = request(desk.next, now, &mut desk.dice);
    desk.next += 1;
    let (matcher, ticket) = (&mut desk.matcher, request.ticket);
    let took = timed(|| {
        matcher.wait(request, now);
        while matcher.pair(now).is_some() {}
        matcher.audit()
    });
    desk.matcher.leave(ticket, now);
    desk.matcher.audit();
    took
}

/// An agent with a free slot takes one by hand that is no better than the others.
fn pick(desk: &mut Desk) -> Duration {
    let now = desk.now();
    let (agent, ended) = desk.busy();
    let ticket = desk.waits_for(agent);
    let matcher = &mut desk.matcher;
    matcher.leave(ended, now);
    let took = timed(|| {
        let picked = matcher.pick(agent, ticket, now).is_ok();
        while matcher.pair(now).is_some() {}
        (picked, matcher.audit())
    });
    desk.settle(agent, ended);
    took
}

/// The next ticket that asks for less from now on.
fn relax(desk: &mut Desk) -> Duration {
    let Some(due) = desk.matcher.next_due() else { return Duration::ZERO };
    desk.now = desk.now.max(due.ms());
    let (now, matcher) = (desk.now(), &mut desk.matcher);
    timed(|| {
        matcher.advance(now);
        while matcher.pair(now).is_some() {}
        matcher.audit()
    })
}

/// Where a ticket stands in its queue.
fn position(desk: &mut Desk) -> Duration {
    let ticket = desk.waits();
    timed(|| desk.matcher.position(ticket))
}

/// How long a queue will wait: made at most once a second a queue.
fn forecast(desk: &mut Desk) -> Duration {
    let (category, now) = (CategoryId(desk.dice.below(floor::CATEGORIES) as u16), desk.now());
    timed(|| desk.matcher.forecast(category, now))
}

impl Desk {
    /// Whoever had a ticket that ended, and got nothing, gets it back; what was given waits no more, so others come.
    fn settle(&mut self, id: PersonId, ended: TicketId) {
        if self.has_room(id) {
            let agent = self.matcher.agent(id).expect("all are there");
            let category = *agent.profile().categories.first().expect("each serves one");
            self.matcher.hold(ended, id, held(category), self.now());
        }
        self.refill();
    }

    fn has_room(&self, id: PersonId) -> bool {
        self.matcher.agent(id).is_some_and(|agent| agent.used().live < floor::SLOTS)
    }
}

const STEPS: [(&str, Step); 6] = [
    ("free_and_pair", free_and_pair),
    ("arrival", arrival),
    ("pick", pick),
    ("relax", relax),
    ("position", position),
    ("forecast", forecast),
];

fn tails(name: &str, desk: &mut Desk, step: Step, steps: usize) {
    let mut took: Vec<Duration> = (0..steps).map(|_| step(desk)).filter(|took| !took.is_zero()).collect();
    took.sort_unstable();
    let Some(last) = took.len().checked_sub(1) else { return };
    let at = |of_thousand: usize| took[(took.len() * of_thousand / 1_000).min(last)];
    let figures = [at(500), at(990), at(999), took[last]].map(|took| took.as_nanos() as f64 / 1_000.0);
    let [half, most, nearly_all, worst] = figures;
    let (steps, waiting) = (took.len(), desk.waiting);
    println!(
        "{name:>14} {waiting:>7} waiting: p50 {half:.2} µs, p99 {most:.2}, p99.9 {nearly_all:.2}, worst {worst:.1} ({steps} steps)"
    );
    let bench = serde_json::json!({ "group_id": "matcher", "function_id": name, "value_str": waiting.to_string() });
    let [half, most] = [at(500), at(990)].map(|took| took.as_nanos() as u64);
    let kept = serde_json::json!({ "bench": bench, "p50_ns": half, "p99_ns": most });
    beside::keep(&format!("matcher/{name}/{waiting}"), kept);
}

fn steps(criterion: &mut Criterion) {
    let count = std::env::var("STEPS").ok().and_then(|count| count.parse().ok()).unwrap_or(5_000);
    let mut group = criterion.benchmark_group("matcher");
    group.sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
    let only = std::env::var("ONLY").unwrap_or_default();
    for (agents, waiting) in SIZES {
        let mut desk = Desk::new(agents, waiting);
        for (name, step) in STEPS.into_iter().filter(|(name, _)| name.contains(&only)) {
            tails(name, &mut desk, step, count);
            // Criterion times a step as often as it likes; no more relax than wait.
            if name == "relax" {
                continue;
            }
            group.bench_function(BenchmarkId::new(name, waiting), |bench| {
                bench.iter_custom(|count| (0..count).map(|_| step(&mut desk)).sum());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
