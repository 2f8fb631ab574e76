//! A directory becomes a store, or words and an exit code say why not.

use std::fs;
use std::path::Path;

use deskwire::store::{Lock, OpenFault, Outcome, RecordKind, RecordPut, Store, StoreSettings, accept_loss};
use deskwire_protocol::TicketId;

use crate::common::*;

fn fault(dir: &Path) -> OpenFault {
    fault_with(dir, settings())
}

fn fault_with(dir: &Path, settings: StoreSettings) -> OpenFault {
    match Store::open(dir, settings) {
        Ok(_) => panic!("it was opened"),
        Err(fault) => fault,
    }
}

/// A closed store with some events.
async fn filled(dir: &Path) {
    let (store, thread) = open(dir);
    store.fence(T, ONE).await.unwrap();
    assert_eq!(put(&store, T, ONE, 1, 5).await, Outcome::Durable(5));
    assert_eq!(put(&store, T, ONE, 6, 5).await, Outcome::Durable(10));
    close(store, thread).await;
}

#[tokio::test]
async fn a_second_engine_and_an_offline_command_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let second = fault(dir.path());
    assert!(matches!(second, OpenFault::Locked(_)), "{second}");
    assert_eq!(second.exit_code(), 20);
    assert!(matches!(Lock::take(dir.path()), Err(OpenFault::Locked(_))));
    assert!(matches!(accept_loss(dir.path()), Err(OpenFault::Locked(_))));
    close(store, thread).await;
    Lock::take(dir.path()).unwrap();
}

/// G01: data of a newer engine is refused with words, and not touched.
#[tokio::test]
async fn newer_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let identity = dir.path().join("identity");
    let text = fs::read_to_string(&identity).unwrap();
    fs::write(&identity, "deskwire data 99\nwhatever a later engine says\n").unwrap();
    let newer = fault(dir.path());
    assert_eq!(newer.exit_code(), 21);
    assert!(newer.to_string().contains("version 99"), "{newer}");
    fs::write(&identity, text).unwrap();
    let (store, thread) = open(dir.path());
    assert_eq!(store.fence(T, ONE).await, Ok(10));
    close(store, thread).await;
}

/// C08: a store that ends before what was acknowledged does not serve, until an operator accepts the loss; clients learn
/// of it by the epoch.
#[tokio::test]
async fn lost_history_is_explained_and_can_be_accepted() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let (store, thread) = open(dir.path());
    let epoch = store.epoch();
    close(store, thread).await;
    fs::remove_dir_all(dir.path().join("log")).unwrap();
    let lost = fault(dir.path());
    assert!(matches!(lost, OpenFault::HistoryLost { found: 0, expected: 2 }), "{lost}");
    assert_eq!(lost.exit_code(), 23);
    let accepted = accept_loss(dir.path()).unwrap();
    assert_ne!(accepted, epoch);
    let (store, thread) = open(dir.path());
    assert_eq!(store.epoch(), accepted);
    close(store, thread).await;
}

#[tokio::test]
async fn what_stops_sled_from_opening_is_cleared_away() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    filled_again(dir.path(), 10).await;
    let log = dir.path().join("log");
    let unfinished = log.join("snap.7FFFFFFFFFFFFFF0.generating");
    fs::write(&unfinished, b"half").unwrap();
    filled_again(dir.path(), 11).await;
    assert!(!unfinished.exists());

    fs::write(log.join("snap.7FFFFFFFFFFFFFF0"), b"").unwrap();
    filled_again(dir.path(), 12).await;
    assert!(log.join("aside.snap.7FFFFFFFFFFFFFF0").exists());
}

/// The `pread64` that sled gets is ours, which lets no read fail in silence while the log is opened.
#[tokio::test]
async fn the_log_is_read_through_the_guard() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let before = deskwire::store::pread64::calls();
    filled_again(dir.path(), 10).await;
    assert!(deskwire::store::pread64::calls() > before);
}

async fn filled_again(dir: &Path, head: u32) {
    let (store, thread) = open(dir);
    assert_eq!(store.fence(T, ONE).await, Ok(head));
    assert_eq!(store.events(T, 1, head, ALL).await.unwrap().len() as u32, head);
    assert_eq!(put(&store, T, ONE, head + 1, 1).await, Outcome::Durable(head + 1));
    close(store, thread).await;
}

#[tokio::test]
async fn a_damaged_log_is_words_and_not_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    for (file, code) in [("log/conf", 22), ("identity", 22), ("watermark", 22)] {
        let path = dir.path().join(file);
        let whole = fs::read(&path).unwrap();
        let damaged = whole.iter().map(|byte| byte ^ 0x10).collect::<Vec<_>>();
        fs::write(&path, damaged).unwrap();
        let found = fault(dir.path());
        assert_eq!(found.exit_code(), code, "{file}: {found}");
        fs::write(&path, whole).unwrap();
    }
    fs::remove_file(dir.path().join("identity")).unwrap();
    assert_eq!(fault(dir.path()).exit_code(), 22, "a log without an identity is not a new store");
}

/// One flipped bit anywhere in the log: the store says so at opening or at reading, or nothing was touched; it never
/// serves other bytes.
#[tokio::test]
async fn a_flipped_bit_never_becomes_a_wrong_answer() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let path = dir.path().join("log/db");
    let whole = fs::read(&path).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap().min(6_000);
    for at in (0..used).step_by(used / 24) {
        let copy = tempfile::tempdir().unwrap();
        copy_store(dir.path(), copy.path());
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(copy.path().join("log/db"), damaged).unwrap();
        let Ok((store, thread)) = Store::open(copy.path(), settings()) else {
            continue;
        };
        if let Ok(events) = store.events(T, 1, 10, ALL).await {
            assert!(events.iter().zip(1..).all(|(found, seq)| *found == (seq, event(T, seq))));
        }
        close(store, thread).await;
    }
}

/// sled never syncs the files that it makes for large values; ours are small enough that it makes none.
#[tokio::test]
async fn the_largest_values_stay_inside_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let large = vec![7; deskwire::store::VALUE_BYTES_MAX];
    for ticket in (1..=3).map(TicketId) {
        store.fence(ticket, ONE).await.unwrap();
        for first in (1..=200).step_by(20) {
            let (mut append, told) = append(ticket, ONE, first, 20);
            append.events = vec![large.clone(); 20];
            store.append(append).await.unwrap();
            assert_eq!(told.await, Ok(Outcome::Durable(first + 19)));
        }
    }
    let records = (0..100u8).map(|id| RecordPut::put(RecordKind::Setting, vec![id; 512], 1, large.clone()));
    store.commit(records.collect()).await.unwrap();
    close(store, thread).await;
    let mut blobs = fs::read_dir(dir.path().join("log/blobs")).unwrap();
    assert!(blobs.next().is_none(), "a value went to a file of its own");
    let (store, thread) = open(dir.path());
    assert_eq!(store.fence(TicketId(3), ONE).await, Ok(200));
    close(store, thread).await;
}
