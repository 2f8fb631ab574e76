//! A commit of the store from hand-in to told: 1, 8, 64 and 512 posts of 100 bytes that wait together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::store::{Append, Incarnation, Store, StoreHandle, StoreSettings};
use deskwire_protocol::TicketId;

const TICKETS: u64 = 512;
const ROOM: Incarnation = Incarnation(1);

/// Posts to the next tickets in turn, and returns when all are told.
fn post(store: &StoreHandle, turn: &mut u64, posts: u64) {
    let (tell, told) = sync_channel(1);
    let left = Arc::new(AtomicU64::new(posts));
    for _ in 0..posts {
        let (ticket, seq) = (TicketId(*turn % TICKETS), (*turn / TICKETS) as u32 + 1);
        let (tell, left) = (tell.clone(), left.clone());
        let append = Append {
            ticket,
            incarnation: ROOM,
            first: seq,
            events: vec![vec![2; 130]],
            stage: None,
            records: Vec::new(),
            told: Arc::new(move |_| {
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    let _ = tell.send(());
                }
            }),
        };
        assert!(store.try_append(append).is_ok(), "fewer wait than there are places");
        *turn += 1;
    }
    told.recv().expect("the store runs");
}

fn commits(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory for the store");
    let (store, thread) = Store::open(dir.path(), StoreSettings::default()).expect("a new store");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for ticket in 0..TICKETS {
        runtime.block_on(store.fence(TicketId(ticket), ROOM)).expect("a new ticket");
    }
    let mut turn = 0;
    let mut group = criterion.benchmark_group("commit");
    for posts in [1, 8, 64, 512] {
        group.throughput(Throughput::Elements(posts));
        group.bench_function(BenchmarkId::from_parameter(posts), |bench| {
            bench.iter(|| post(&store, &mut turn, posts));
        });
    }
    group.finish();
    runtime.block_on(thread.stop());
}

criterion_group!(benches, commits);
criterion_main!(benches);
