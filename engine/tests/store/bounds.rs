//! The bounds of the store's queue and of its batches, with a disk that waits until it is let go.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskwire::store::{
    Append, BATCH_APPENDS_MAX, BATCH_BYTES_MAX, CommitReport, NoPlace, Outcome, QUEUE_APPENDS_MAX, Store, StoreHandle,
    StoreSettings, StoreThread, VALUE_BYTES_MAX,
};
use deskwire_protocol::TicketId;
use tempfile::TempDir;

use crate::common::*;

/// A store whose thread waits in a sync, and what it commits.
struct Held {
    store: StoreHandle,
    thread: StoreThread,
    commits: Arc<Mutex<Vec<CommitReport>>>,
    let_go: Box<dyn FnOnce() + Send>,
    _dir: TempDir,
}

/// Opens a store and makes its thread wait; the tickets are fenced before.
async fn held(tickets: impl Iterator<Item = TicketId>) -> Held {
    let dir = tempfile::tempdir().unwrap();
    let (hold, held_back) = sync_channel::<Receiver<()>>(1);
    let (begin, begun) = sync_channel(1);
    let (held_back, begin) = (Mutex::new(held_back), Mutex::new(begin));
    let commits: Arc<Mutex<Vec<CommitReport>>> = Arc::default();
    let seen = commits.clone();
    let settings = StoreSettings {
        sync: Arc::new(move |file| {
            if let Ok(until) = held_back.lock().unwrap().try_recv() {
                begin.lock().unwrap().send(()).unwrap();
                // The other end is dropped when it may go on.
                let _ = until.recv();
            }
            file.sync_data()
        }),
        on_commit: Some(Arc::new(move |report| seen.lock().unwrap().push(*report))),
        ..settings()
    };
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    for ticket in tickets.chain([T]) {
        store.fence(ticket, ONE).await.unwrap();
    }
    let (let_go, until) = sync_channel(1);
    hold.send(until).unwrap();
    store.append(append(T, ONE, 1, 1).0).await.unwrap();
    tokio::task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
    Held { store, thread, commits, let_go: Box::new(move || drop(let_go)), _dir: dir }
}

/// The limits QUEUE_APPENDS_MAX and BATCH_APPENDS_MAX.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_and_a_batch_hold_so_many_appends_and_no_more() {
    let Held { store, thread, commits, let_go, _dir } = held(std::iter::empty()).await;
    for seq in 2..2 + QUEUE_APPENDS_MAX as u32 {
        assert!(store.try_append(append(T, ONE, seq, 1).0).is_ok(), "{seq}");
    }
    let last = 2 + QUEUE_APPENDS_MAX as u32;
    assert!(matches!(store.try_append(append(T, ONE, last, 1).0), Err(NoPlace::Full(_))));
    assert_eq!(store.queued(), QUEUE_APPENDS_MAX);
    let_go();
    assert!(
        matches!(put(&store, T, ONE, last, 1).await, Outcome::Durable(upto) if upto == last),
        "it waits for a place"
    );
    let sizes: Vec<usize> = commits.lock().unwrap().iter().map(|commit| commit.appends as usize).collect();
    assert_eq!(sizes.iter().max(), Some(&BATCH_APPENDS_MAX), "{sizes:?}");
    close(store, thread).await;
}

/// The limit BATCH_BYTES_MAX: the one that passes it is the last of its batch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_holds_so_many_bytes_and_no_more() {
    const MANY: u64 = 100;
    let Held { store, thread, commits, let_go, _dir } = held((1..=MANY).map(TicketId)).await;
    for ticket in 1..=MANY {
        let events = vec![vec![b'x'; VALUE_BYTES_MAX]];
        let large = Append { events, ..append(TicketId(ticket), ONE, 1, 1).0 };
        assert!(store.try_append(large).is_ok());
    }
    let_go();
    store.barrier().await.unwrap();
    let sizes: Vec<usize> = commits.lock().unwrap().iter().map(|commit| commit.bytes as usize).collect();
    assert!(sizes.iter().all(|bytes| *bytes < BATCH_BYTES_MAX + VALUE_BYTES_MAX), "{sizes:?}");
    assert!(sizes.len() >= 4 && sizes.iter().any(|bytes| *bytes >= BATCH_BYTES_MAX), "{sizes:?}");
    close(store, thread).await;
}

/// The limit `reads_at_once`: a read takes one of so many turns; without any, nobody reads.
#[tokio::test]
async fn who_reads_waits_for_his_turn() {
    for (turns, reads) in [(1, true), (0, false)] {
        let dir = tempfile::tempdir().unwrap();
        let one = StoreSettings { reads_at_once: turns, ..settings() };
        let (store, thread) = Store::open(dir.path(), one).unwrap();
        let both = async { tokio::try_join!(store.events(T, 1, 1, ALL), store.stages()) };
        let waited = tokio::time::timeout(Duration::from_millis(if reads { 10_000 } else { 100 }), both).await;
        assert_eq!(waited.is_ok_and(|read| read.is_ok()), reads);
        close(store, thread).await;
    }
}
