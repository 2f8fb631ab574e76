//! The rules of a conversation: what comes of a post, an assignment, a close, and the fold of what came of it, on
//! tickets of 10, 1,000 and 10,000 events.
//!
//! A command is consumed and a ticket changed; fresh ones are made outside of what is timed. Not measured: the room
//! around the ticket, which keeps a second fold.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use deskwire::domain::event::Event;
use deskwire::domain::ticket::{Command, Decision, Ticket};
use deskwire::domain::who::Who;
use deskwire_benches::desk;
use deskwire_protocol::{Routing, Step};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A command that somebody may give to a ticket as it is.
struct Case {
    name: &'static str,
    ticket: Ticket,
    who: std::sync::Arc<Who>,
    command: Command,
}

fn cases(events: u32) -> [Case; 3] {
    let (talk, waits) = (desk::ticket(desk::talk(events)), desk::ticket(desk::monologue(events)));
    // The customer's posts are the odd ones of the talk.
    let number = (events - 2).div_ceil(2) + 1;
    let post = Command::Post { stream: desk::CUSTOMERS, number, text: desk::text(events) };
    let assign = Command::Assign { round: 1, routing: Routing::Automatic, wrap_up_s: 0, moved: None };
    let close = Command::Advance { step: Step::Close, reason: "solved".into() };
    [
        Case { name: "post", ticket: talk.clone(), who: desk::customer(1), command: post },
        Case { name: "assign", ticket: waits, who: desk::agent(2), command: assign },
        Case { name: "close", ticket: talk, who: desk::agent(2), command: close },
    ]
}

impl Case {
    fn decide(&self, command: Command) -> Vec<Event> {
        let now = desk::at(20_000);
        match self.ticket.decide(&self.who, command, now) {
            Ok(Decision::Events(events)) => events,
            other => panic!("{}: {other:?}", self.name),
        }
    }
}

fn tickets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ticket");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(50);
    for events in [10, 1_000, 10_000] {
        for case in cases(events) {
            group.bench_function(BenchmarkId::new(format!("decide_{}", case.name), events), |bench| {
                bench.iter_batched(|| case.command.clone(), |command| case.decide(command), BatchSize::SmallInput);
            });
            let decided = case.decide(case.command.clone());
            group.bench_function(BenchmarkId::new(format!("apply_{}", case.name), events), |bench| {
                bench.iter_batched_ref(
                    || case.ticket.clone(),
                    |ticket| decided.iter().for_each(|event| ticket.apply(black_box(event))),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, tickets);
criterion_main!(benches);
