//! Disks that fail, fill up or do not answer.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

use deskwire::store::{Disk, Fatal, OpenFault, Store, StoreSettings};

use crate::common::*;

/// Settings whose end of the process is only heard.
fn heard(settings: StoreSettings) -> (StoreSettings, Receiver<Fatal>) {
    let (say, heard) = sync_channel(16);
    let say = Mutex::new(say);
    let on_fatal = Arc::new(move |fatal| {
        let _ = say.lock().unwrap().send(fatal);
    });
    (StoreSettings { on_fatal, ..settings }, heard)
}

/// C09: a sync that failed ends the process; nobody is told, nothing more is taken.
#[tokio::test]
async fn a_failed_sync_is_fatal() {
    let dir = tempfile::tempdir().unwrap();
    let syncs = AtomicU64::new(0);
    let (settings, heard) = heard(StoreSettings {
        sync: Arc::new(move |file| match syncs.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => file.sync_data(),
            _ => Err(io::Error::from_raw_os_error(5)),
        }),
        ..settings()
    });
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    store.fence(T, ONE).await.unwrap();
    put(&store, T, ONE, 1, 1).await;
    let (second, told) = append(T, ONE, 2, 1);
    store.append(second).await.unwrap();
    assert!(told.await.is_err(), "nobody is told");
    let fatal = heard.recv().unwrap();
    assert!(matches!(fatal, Fatal::SyncFailed(_)), "{fatal}");
    assert_eq!(fatal.exit_code(), 30);
    // The door is shut once the process would have been ended.
    while store.append(append(T, ONE, 3, 1).0).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.events(T, 1, 2, ALL).await.unwrap().len(), 1, "what is not durable is not read");
    close(store, thread).await;
}

#[tokio::test]
async fn a_sync_that_does_not_return_is_fatal() {
    let dir = tempfile::tempdir().unwrap();
    let (wake, asleep) = sync_channel::<()>(16);
    let asleep = Mutex::new(asleep);
    let syncs = AtomicU64::new(0);
    let (settings, heard) = heard(StoreSettings {
        stalled_fatal_ms: 50,
        sync: Arc::new(move |file| {
            if syncs.fetch_add(1, Ordering::SeqCst) > 0 {
                let _ = asleep.lock().unwrap().recv();
            }
            file.sync_data()
        }),
        ..settings()
    });
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    store.fence(T, ONE).await.unwrap();
    let (append, _told) = append(T, ONE, 1, 1);
    store.append(append).await.unwrap();
    let fatal = heard.recv().unwrap();
    assert!(matches!(fatal, Fatal::Stalled(50..)), "{fatal}");
    drop(wake);
    close(store, thread).await;
}

#[tokio::test]
async fn the_two_marks_of_the_disk_are_a_state() {
    let marks = [(0, 0, Disk::Fine), (u64::MAX, 0, Disk::Low), (u64::MAX, u64::MAX, Disk::Lowest)];
    for (disk_low_bytes, disk_lowest_bytes, state) in marks {
        let dir = tempfile::tempdir().unwrap();
        let settings = StoreSettings { disk_low_bytes, disk_lowest_bytes, ..settings() };
        let (store, thread) = Store::open(dir.path(), settings).unwrap();
        assert_eq!(store.pressure().disk(), state, "known before the first command");
        close(store, thread).await;
    }
}

#[tokio::test]
async fn the_ballast_is_laid_with_room_and_given_up_without() {
    let dir = tempfile::tempdir().unwrap();
    let ballast = dir.path().join("ballast");
    let roomy = StoreSettings { ballast_bytes: 3 << 20, ..settings() };
    let (store, thread) = Store::open(dir.path(), roomy).unwrap();
    while !std::fs::metadata(&ballast).is_ok_and(|found| found.len() == 3 << 20) {
        tokio::task::yield_now().await;
    }
    close(store, thread).await;

    let full = StoreSettings { open_free_bytes: u64::MAX, ..settings() };
    let Err(fault) = Store::open(dir.path(), full) else {
        panic!("it was opened");
    };
    assert!(matches!(fault, OpenFault::DiskFull { .. }), "{fault}");
    assert_eq!(fault.exit_code(), 24);
    assert!(!ballast.exists());
}
