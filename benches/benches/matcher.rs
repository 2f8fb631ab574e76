//! A step of the Matcher on a hard crowd: 10,000 agents who are all full, 200 categories, up to 100,000 waiting.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{AgentProfile, Matcher, Mode, Presence};
use deskwire_protocol::{PersonId, Priority, Role, Status, TicketId, Time};

const AGENTS: u64 = 10_000;
const CATEGORIES: u64 = 200;
const SLOTS: u16 = 3;

fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn floor(waiting: u64) -> Matcher {
    let mut matcher = Matcher::default();
    let now = Time::from_ms(1_000_000_000);
    for category in 0..CATEGORIES {
        matcher.set_mode(CategoryId(category as u16), Mode::Automatic);
    }
    for agent in 0..AGENTS {
        let categories = (0..3 + agent % 6).map(|n| CategoryId((scattered(agent * 8 + n) % CATEGORIES) as u16));
        let categories: BTreeSet<CategoryId> = categories.collect();
        let (id, name) = (PersonId(agent), String::new());
        matcher.set_agent(AgentProfile { id, name, role: Role::Agent, categories, slots: SLOTS });
        matcher.set_presence(id, Presence::Here, now);
        matcher.set_status(id, Status::Available, now);
        for slot in 0..u64::from(SLOTS) {
            matcher.hold(TicketId(u64::MAX - agent * 8 - slot), id, CategoryId(0), None, now);
        }
    }
    for ticket in 0..waiting {
        let category = CategoryId((scattered(ticket) % CATEGORIES) as u16);
        let priority = Priority::ALL[(ticket % 4) as usize];
        matcher.wait(TicketId(ticket), category, priority, Time::from_ms(900_000_000 + ticket * 7), now);
    }
    matcher.audit();
    matcher
}

fn steps(criterion: &mut Criterion) {
    let now = Time::from_ms(2_000_000_000);
    let mut group = criterion.benchmark_group("matcher");
    for waiting in [1_000, 10_000, 100_000] {
        let mut matcher = floor(waiting);
        let mut turn = 0;
        // An agent ends a ticket and gets the next; the ticket waits again, so that the floor stays as it is.
        group.bench_function(BenchmarkId::new("free_and_pair", waiting), |bench| {
            bench.iter(|| {
                turn = (turn + 1) % AGENTS;
                let held = matcher.agent(PersonId(turn)).and_then(|agent| agent.held().keys().next().copied());
                let ended = held.expect("all are full");
                matcher.leave(ended, now);
                let made = black_box(matcher.pair(now));
                let category = CategoryId((scattered(ended.0) % CATEGORIES) as u16);
                matcher.wait(ended, category, Priority::Normal, now, now);
                matcher.audit();
                made
            });
        });
        group.bench_function(BenchmarkId::new("position", waiting), |bench| {
            bench.iter_batched(
                || {
                    turn += 1;
                    TicketId(turn % waiting)
                },
                |ticket| black_box(matcher.position(ticket)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
