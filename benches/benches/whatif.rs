//! What if: an hour of a floor with 1,000 waiting and 500 agents, run forward with three agents more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use deskwire::domain::event::CategoryId;
use deskwire::domain::matcher::{AgentProfile, Held, Hold, Matcher, Mode, Need, Policy, Presence, Request, Slots};
use deskwire::domain::whatif::{Changes, Question, Seen, WaitEnd, ask};
use deskwire_protocol::{PersonId, Phase, Priority, Status, TicketId, Time};

const AGENTS: u64 = 500;
const WAITING: u64 = 1_000;
const CATEGORIES: u64 = 10;
const NOW_MS: u64 = 1_000_000_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn category(number: u64) -> CategoryId {
    CategoryId((number % CATEGORIES) as u16)
}

/// Every agent serves three of ten categories and has three slots, all used.
fn floor() -> Matcher {
    let (mut matcher, now) = (Matcher::default(), Time::from_ms(NOW_MS));
    for number in 0..CATEGORIES {
        matcher.set_policy(category(number), Policy { mode: Mode::Automatic, ..Policy::default() }, now);
    }
    for number in 0..AGENTS {
        let (id, slots) = (PersonId(number), Slots { live: 3, asynchronous: 0 });
        let categories = BTreeSet::from([category(number), category(number * 3 + 1), category(number * 7 + 2)]);
        matcher.set_agent(AgentProfile { categories, slots, ..AgentProfile::nobody(id) }, now);
        matcher.set_presence(id, Presence::Here, now);
        matcher.set_status(id, Status::Available, now);
        for slot in 0..3 {
            let since = Some(Time::from_ms(NOW_MS - number * 700 - slot * 40_000));
            let held = Held { category: category(number), phase: Phase::Live, hold: Hold::Active, since };
            matcher.hold(TicketId(1_000_000 + number * 3 + slot), id, held, now);
        }
    }
    for number in 0..WAITING {
        let arrived = Time::from_ms(NOW_MS - number * 300);
        let request = Request {
            ticket: TicketId(number),
            category: category(number),
            priority: Priority::Normal,
            arrived,
            since: arrived,
            phase: Phase::Live,
            need: Arc::new(Need::default()),
            last_agent: None,
            ignored: Vec::new(),
        };
        matcher.wait(request, now);
    }
    matcher.audit();
    matcher
}

/// 250 arrivals a minute, as many as the floor can serve.
fn seen() -> BTreeMap<CategoryId, Seen> {
    let seen = Seen {
        gaps_ms: (0..1_500).map(|number| 400 + number * 37 % 4_000).collect(),
        handled_ms: (0..1_500).map(|number| 30_000 + number * 7_919 % 660_000).collect(),
        waits: (0..1_500).map(|number| (number * 131 % 300_000, end(number))).collect(),
        needs: Vec::new(),
    };
    (0..CATEGORIES).map(|number| (category(number), seen.clone())).collect()
}

fn end(number: u64) -> WaitEnd {
    if number.is_multiple_of(10) { WaitEnd::Abandoned } else { WaitEnd::Served }
}

fn hour(criterion: &mut Criterion) {
    let (matcher, seen) = (floor(), seen());
    let changes = Changes { agents_more: 3, ..Changes::default() };
    let mut group = criterion.benchmark_group("what_if");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for runs in [1, 4] {
        group.bench_function(format!("an_hour_{runs}_runs"), |bench| {
            let (now, within_ms) = (Time::from_ms(NOW_MS), BTreeMap::new());
            bench.iter(|| {
                let (matcher, seen, within_ms) = (&matcher, &seen, &within_ms);
                ask(&Question { matcher, now, seen, within_ms, minutes: 60, runs, seed: 7, of: None }, &changes)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hour);
criterion_main!(benches);
