//! A disk that is full to its last byte: what is on its way in the store has room of its own.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use deskwire::store::{Fatal, Outcome, ReadFault, Store, StoreHandle, StoreSettings};
use deskwire_protocol::TicketId;

use crate::common::*;
use crate::disk::{Filler, Image, free_bytes};

const TICKETS: u64 = 40;
/// With these the two files of the journal are full once, which is all that may be on its way when nothing more is
/// admitted.
const EVENTS: u32 = 50;
const EVENT_BYTES: usize = 4_000;

/// The log grows by so much at a time.
const SEGMENT_BYTES: u64 = 8 << 20;

/// Goes on until all is told, or the store ends. Answers up to where every ticket was told.
async fn write(store: &StoreHandle, from: u32) -> u32 {
    for seq in from..from + EVENTS {
        for ticket in (0..TICKETS).map(TicketId) {
            let (mut append, told) = append(ticket, ONE, seq, 1);
            append.events[0].resize(EVENT_BYTES, b'y');
            if store.append(append).await.is_err() || told.await != Ok(Outcome::Durable(seq)) {
                return seq - 1;
            }
        }
    }
    from + EVENTS - 1
}

async fn has_all(store: &StoreHandle, to: u32) {
    for ticket in (0..TICKETS).map(TicketId) {
        let found = store.events(ticket, 1, to, ALL).await.unwrap();
        let as_written =
            |(seq, bytes): &(u32, Vec<u8>)| bytes.starts_with(&event(ticket, *seq)) && bytes.len() == EVENT_BYTES;
        assert_eq!(found.len() as u32, to);
        assert!(found.iter().all(as_written));
    }
}

fn settings_of(reserve_bytes: u64, on_fatal: impl Fn(Fatal) + Send + Sync + 'static) -> StoreSettings {
    StoreSettings {
        reserve_bytes,
        journal_bytes: StoreSettings::default().journal_bytes,
        on_fatal: Arc::new(on_fatal),
        ..settings()
    }
}

/// Waits until the keeper has taken the reserve.
async fn wait_for_reserve(dir: &Path, bytes: u64) {
    let has = || {
        let log = std::fs::metadata(dir.join("log/db")).unwrap();
        log.blocks() * 512 >= log.len() + bytes
    };
    while !has() {
        tokio::task::yield_now().await;
    }
}

/// Settles two full files of the journal on a full disk; answers what the store said of it, and how much of the reserve went.
async fn settled(reserve_bytes: u64) -> Result<(Result<u64, ReadFault>, Option<Fatal>), String> {
    let dir = tempfile::tempdir().unwrap();
    let disk = Image::make(dir.path(), 320)?;
    let path = disk.store();
    let (say, heard) = sync_channel(16);
    let on_fatal = move |fatal| drop(say.try_send(fatal));
    let (store, thread) = Store::open(&path, settings_of(reserve_bytes, on_fatal)).unwrap();
    for ticket in (0..TICKETS).map(TicketId) {
        store.fence(ticket, ONE).await.unwrap();
    }
    assert_eq!(write(&store, 1).await, EVENTS);
    if reserve_bytes > 0 {
        wait_for_reserve(&path, reserve_bytes).await;
    }
    let length = || std::fs::metadata(path.join("log/db")).unwrap().len();
    let before = length();
    let mut filler = Filler::leave(path.parent().unwrap(), 0);
    filler.take_the_rest();
    assert_eq!(free_bytes(path.parent().unwrap()), 0);
    let told = write(&store, EVENTS + 1).await;
    let settled = store.check().await.map(|_| length() - before);
    if settled.is_ok() {
        has_all(&store, told).await;
    }
    close(store, thread).await;
    drop(filler);
    let (store, thread) = Store::open(&path, settings_of(reserve_bytes, |fatal| panic!("{fatal}"))).unwrap();
    has_all(&store, told).await;
    close(store, thread).await;
    Ok((settled, heard.try_recv().ok()))
}

/// C09; the limit `reserve_bytes`: with it all that is on its way is settled and read on a full disk, and the process goes
/// on; without it the store ends it. Nothing is lost either way.
#[tokio::test]
async fn what_is_on_its_way_has_room_of_its_own_on_a_full_disk() {
    let reserve = StoreSettings::default().reserve_bytes;
    let (with, without) = match (settled(reserve).await, settled(0).await) {
        (Ok(with), Ok(without)) => (with, without),
        (Err(why), _) | (_, Err(why)) => {
            return println!(
                "SKIPPED what_is_on_its_way_has_room_of_its_own_on_a_full_disk (1 test of C09 did not run): {why}"
            );
        }
    };
    let (settled, fatal) = with;
    let used = settled.unwrap();
    assert!(fatal.is_none() && (1..=reserve / 2 + SEGMENT_BYTES).contains(&used), "{fatal:?}, {used}");
    let (settled, fatal) = without;
    assert!(settled.is_err() && matches!(fatal, Some(Fatal::SyncFailed(_))), "{settled:?}, {fatal:?}");
    println!("FAULT full disk under the store: {used} bytes of the reserve of {reserve} were used; broken 0");
}
