//! Nobody is told anything that is not on disk, in the order of the queue.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskwire::store::{Outcome, RecordKind, RecordPut, Store, StoreSettings};
use deskwire_protocol::TicketId;

use crate::common::*;

/// A disk whose syncs wait to be let through, one by one.
struct Gate {
    begun: Receiver<()>,
    let_through: SyncSender<()>,
}

impl Gate {
    fn settings() -> (Gate, StoreSettings) {
        let (begin, begun) = sync_channel(16);
        let (let_through, passed) = sync_channel(16);
        let (begin, passed) = (Mutex::new(begin), Mutex::new(passed));
        let opening = AtomicU64::new(0);
        let settings = StoreSettings {
            sync: Arc::new(move |file| {
                // The first is the proof at opening.
                if opening.fetch_add(1, Ordering::SeqCst) > 0 {
                    let _ = begin.lock().unwrap().send(());
                    let _ = passed.lock().unwrap().recv();
                }
                file.sync_data()
            }),
            ..settings()
        };
        (Gate { begun, let_through }, settings)
    }
}

/// C09: neither acknowledgement, nor read, nor fence, before the sync has returned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_or_read_before_the_sync_returns() {
    let dir = tempfile::tempdir().unwrap();
    let (gate, settings) = Gate::settings();
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    store.fence(T, ONE).await.unwrap();
    let (append, mut told) = append(T, ONE, 1, 1);
    store.append(append).await.unwrap();
    gate.begun.recv().unwrap();

    assert!(told.try_recv().is_err());
    assert_eq!(store.events(T, 1, 1, ALL).await, Ok(Vec::new()), "not yet to be seen");
    let fencer = store.clone();
    let mut fence = tokio::spawn(async move { fencer.fence(T, TWO).await });
    let soon = Duration::from_millis(100);
    assert!(tokio::time::timeout(soon, &mut fence).await.is_err(), "the fence waits");
    assert!(told.try_recv().is_err());

    gate.let_through.send(()).unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(1)));
    assert_eq!(store.events(T, 1, 1, ALL).await.unwrap().len(), 1);
    assert_eq!(fence.await.unwrap(), Ok(1));
    drop(gate);
    close(store, thread).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_during_a_sync_becomes_one_commit_told_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (gate, mut settings) = Gate::settings();
    let batches = Arc::new(Mutex::new(Vec::new()));
    let seen = batches.clone();
    settings.on_commit = Some(Arc::new(move |report| seen.lock().unwrap().push(report.appends)));
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    store.fence(T, ONE).await.unwrap();

    let order = Arc::new(Mutex::new(Vec::new()));
    for seq in 1..=101 {
        let (mut append, _) = append(T, ONE, seq, 1);
        let order = order.clone();
        append.told = Arc::new(move |outcome| order.lock().unwrap().push(outcome));
        store.append(append).await.unwrap();
        if seq == 1 {
            gate.begun.recv().unwrap();
        }
    }
    gate.let_through.send(()).unwrap();
    gate.let_through.send(()).unwrap();
    assert_eq!(store.barrier().await, Ok(2));
    assert_eq!(*order.lock().unwrap(), (1..=101).map(Outcome::Durable).collect::<Vec<_>>());
    assert_eq!(*batches.lock().unwrap(), [1, 100]);
    assert_eq!((store.stats().commits(), store.stats().appends()), (2, 101));
    drop(gate);
    close(store, thread).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_disk_is_a_state_that_passes() {
    let dir = tempfile::tempdir().unwrap();
    let (gate, settings) = Gate::settings();
    let settings = StoreSettings { stalled_ms: 30, ..settings };
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    assert_eq!(store.pressure().oldest_ms(), 0);
    store.fence(T, ONE).await.unwrap();
    let (append, told) = append(T, ONE, 1, 1);
    store.append(append).await.unwrap();
    while !store.pressure().is_stalled() {
        tokio::task::yield_now().await;
    }
    gate.let_through.send(()).unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(1)));
    assert_eq!(store.barrier().await, Ok(1));
    assert!(!store.pressure().is_stalled());
    drop(gate);
    close(store, thread).await;
}

#[tokio::test]
async fn records_alone_are_answered_with_their_commit() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let put = |bytes: &[u8]| vec![RecordPut::put(RecordKind::Setting, *b"greeting", 1, bytes)];
    assert_eq!(store.commit(put(b"hello")).await, Ok(1));
    assert_eq!(store.commit(put(b"good day")).await, Ok(2));
    assert!(store.commit(put(&[0; 40_000])).await.is_err());
    let found = store.record(RecordKind::Setting, b"greeting").await.unwrap().unwrap();
    assert_eq!(found.bytes, b"good day");
    close(store, thread).await;
}

/// What was handed in before the stop is written, what comes later is refused.
#[tokio::test]
async fn a_stop_writes_what_was_handed_in() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let mut told = Vec::new();
    for ticket in (1..=50).map(TicketId) {
        store.fence(ticket, ONE).await.unwrap();
        let (append, answer) = append(ticket, ONE, 1, 2);
        store.append(append).await.unwrap();
        told.push(answer);
    }
    thread.stop().await;
    for answer in told {
        assert_eq!(answer.await, Ok(Outcome::Durable(2)));
    }
    let (late, _) = append(T, ONE, 1, 1);
    assert!(store.append(late).await.is_err());
    assert_eq!(store.events(TicketId(50), 1, 2, ALL).await.unwrap().len(), 2, "reads go on");
}
