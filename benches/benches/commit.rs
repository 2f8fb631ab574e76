//! A commit of the store from hand-in to told: 1, 8, 64 and 512 posts of 100 bytes that wait together; and what the
//! disk alone takes, a write and an `fdatasync` of one post.
//!
//! Not measured: the room that decides, and the sending of what was told. CPU is that of all threads: the writer's, the
//! one that brings sled to disk, and the bench's own.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deskwire::store::{Append, Incarnation, Store, StoreHandle, StoreSettings};
use deskwire_benches::beside::Cpu;
use deskwire_benches::desk;
use deskwire_protocol::TicketId;

const TICKETS: u64 = 512;
const ROOM: Incarnation = Incarnation(1);
/// An entry of the journal with one post.
const ENTRY_BYTES: usize = 300;
/// Where the file of the bare disk begins anew, as the journal's files do.
const FILE_BYTES: u64 = 4 << 20;

/// Posts to the next tickets in turn, and returns when all are told.
fn post(store: &StoreHandle, event: &[u8], turn: &mut u64, posts: u64) {
    let (tell, told) = sync_channel(1);
    let left = Arc::new(AtomicU64::new(posts));
    for _ in 0..posts {
        let (ticket, seq) = (TicketId(*turn % TICKETS), (*turn / TICKETS) as u32 + 1);
        let (tell, left) = (tell.clone(), left.clone());
        let append = Append {
            ticket,
            incarnation: ROOM,
            first: seq,
            events: vec![event.to_vec()],
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
    disk(criterion, dir.path());
    let (store, thread) = Store::open(&dir.path().join("store"), StoreSettings::default()).expect("a new store");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for ticket in 0..TICKETS {
        runtime.block_on(store.fence(TicketId(ticket), ROOM)).expect("a new ticket");
    }
    let (mut turn, event) = (0, desk::posted(3, 1).encode());
    let mut group = criterion.benchmark_group("commit");
    for posts in [1, 8, 64, 512] {
        let mut cpu = Cpu::default();
        group.throughput(Throughput::Elements(posts));
        group.bench_function(BenchmarkId::from_parameter(posts), |bench| {
            bench.iter_custom(|count| cpu.time(count, || post(&store, &event, &mut turn, posts)));
        });
        cpu.keep(&format!("commit/{posts}"));
    }
    group.finish();
    runtime.block_on(thread.stop());
}

/// The floor of every acknowledgement.
fn disk(criterion: &mut Criterion, dir: &Path) {
    let mut cpu = Cpu::default();
    let (path, entry) = (dir.join("bare"), [7; ENTRY_BYTES]);
    let mut file = File::create(&path).expect("a file");
    let mut written = 0;
    criterion.benchmark_group("disk").bench_function("write_and_fdatasync", |bench| {
        bench.iter_custom(|count| {
            cpu.time(count, || {
                written += ENTRY_BYTES as u64;
                if written > FILE_BYTES {
                    file = File::create(&path).expect("a file");
                    written = 0;
                }
                file.write_all(&entry).expect("room on the disk");
                file.sync_data().expect("a disk that works");
            })
        });
    });
    cpu.keep("disk/write_and_fdatasync");
}

criterion_group!(benches, commits);
criterion_main!(benches);
