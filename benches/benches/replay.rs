//! The cold start of a room with 10,000 events: its log read from the store page by page, decoded, and folded.
//!
//! Not measured: the spawning of the actor (some microseconds), and a cold disk: the pages are in memory.

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::domain::event::Event;
use deskwire::domain::room::Room;
use deskwire::store::{Append, Incarnation, PageLimits, Store, StoreHandle, StoreSettings};
use deskwire_benches::beside::Cpu;
use deskwire_benches::desk;
use deskwire_protocol::TicketId;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TICKET: TicketId = TicketId(7);
const EVENTS: u32 = 10_000;

async fn fill(store: &StoreHandle) {
    let incarnation = Incarnation(1);
    store.fence(TICKET, incarnation).await.expect("a new ticket");
    for (event, first) in desk::talk(EVENTS).zip(1..) {
        let (events, records, told) = (vec![event.encode()], Vec::new(), Arc::new(|_| ()));
        let append = Append { ticket: TICKET, incarnation, first, events, stage: None, records, told };
        store.append(append).await.expect("the store runs");
    }
    store.barrier().await.expect("the store runs");
}

/// What a room's actor does before it takes its first question.
async fn replay(store: &StoreHandle, incarnation: Incarnation) -> Room<u64, u64> {
    let head = store.fence(TICKET, incarnation).await.expect("a newer instance");
    let (mut room, mut from) = (Room::new(TICKET), 1);
    while from <= head {
        let page = store.events(TICKET, from, head, PageLimits::REPLAY).await.expect("the log is whole");
        from = page.last().expect("there is more").0 + 1;
        for (_, bytes) in page {
            assert!(room.replay(Event::decode(&bytes).expect("it was just written")));
        }
    }
    room
}

fn rooms(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory for the store");
    let (store, thread) = Store::open(dir.path(), StoreSettings::default()).expect("a new store");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(fill(&store));
    let (mut cpu, mut incarnation) = (Cpu::default(), 1);
    let mut group = criterion.benchmark_group("replay");
    group.measurement_time(Duration::from_secs(5)).sample_size(20);
    group.throughput(Throughput::Elements(u64::from(EVENTS)));
    group.bench_function(BenchmarkId::from_parameter(EVENTS), |bench| {
        bench.iter_custom(|rooms| {
            cpu.time(rooms, || {
                incarnation += 1;
                let room = runtime.block_on(replay(&store, Incarnation(incarnation)));
                assert_eq!(room.durable(), EVENTS);
            })
        });
    });
    group.finish();
    cpu.keep(&format!("replay/{EVENTS}"));
    runtime.block_on(thread.stop());
}

criterion_group!(benches, rooms);
criterion_main!(benches);
