//! What only the journal holds is there after any end; a torn entry is none; a damaged one is not served around.

use std::fs;
use std::path::{Path, PathBuf};

use deskwire::domain::event::Event;
use deskwire::store::{OpenFault, Outcome, RecordKind, RecordPut, StageChange, Store, StoreHandle, StoreSettings};
use deskwire_protocol::TicketId;

use crate::checking::{facts_of, log};
use crate::common::*;

/// A commit that changes everything at once: events `first..=last` of a chat, its stage, a record.
async fn put_all(store: &StoreHandle, first: u32, last: u32) {
    let events = log(last - 1);
    let (mut whole, told) = append(T, ONE, first, 0);
    whole.events = events[first as usize - 1..].iter().map(Event::encode).collect();
    whole.stage = Some(StageChange::Put(facts_of(T, &events)));
    whole.records = vec![RecordPut::put(RecordKind::Setting, *b"last", last.into(), *b"")];
    store.append(whole).await.unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(last)));
}

/// All that a commit changes must say the same head, and the whole must be whole.
async fn head(dir: &Path) -> u32 {
    let (store, thread) = open(dir);
    let head = store.events(T, 1, u32::MAX, ALL).await.unwrap().len() as u32;
    let record = store.record(RecordKind::Setting, b"last").await.unwrap();
    assert_eq!(record.map_or(0, |found| found.version), u64::from(head));
    assert_eq!(store.stages().await.unwrap(), [facts_of(T, &log(head - 1))]);
    assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
    assert_eq!(store.fence(T, ONE).await, Ok(head));
    close(store, thread).await;
    head
}

fn journal(dir: &Path, slot: usize) -> PathBuf {
    dir.join(format!("journal.{slot}"))
}

/// Where each entry of a file begins, and where the last one ends.
fn bounds(file: &[u8]) -> Vec<usize> {
    let mut bounds = vec![64];
    loop {
        let at = *bounds.last().unwrap();
        match u32::from_le_bytes(*file[at..].first_chunk().unwrap()) as usize {
            0 => return bounds,
            length => bounds.push(at + 16 + length),
        }
    }
}

/// The generation of a file, as its header says.
fn generation(file: &[u8]) -> u64 {
    u64::from_le_bytes(*file[8..].first_chunk().unwrap())
}

/// The file in use.
fn newest(dir: &Path) -> (PathBuf, Vec<u8>) {
    let files = [0, 1].map(|slot| (journal(dir, slot), fs::read(journal(dir, slot)).unwrap()));
    files.into_iter().max_by_key(|(_, file)| generation(file)).unwrap()
}

/// C08, C09: whatever a power cut leaves of the last entry, the commit is there as a whole or not at all; and the store
/// goes on from there.
#[tokio::test]
async fn a_torn_entry_is_as_if_it_had_never_been() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    store.fence(T, ONE).await.unwrap();
    put_all(&store, 1, 3).await;
    put_all(&store, 4, 6).await;
    let left = tempfile::tempdir().unwrap();
    copy_store(dir.path(), left.path());
    close(store, thread).await;

    let (path, whole) = newest(left.path());
    let bounds = bounds(&whole);
    let (begin, end) = (bounds[1], bounds[2]);
    for cut in (begin..end).step_by((end - begin) / 40).chain([end - 1, end]) {
        let copy = tempfile::tempdir().unwrap();
        copy_store(left.path(), copy.path());
        let mut torn = whole.clone();
        torn[cut..].fill(0);
        fs::write(copy.path().join(path.file_name().unwrap()), torn).unwrap();
        // The last bytes of an entry may be zeros anyway.
        let expected = if cut < end - 1 { 3 } else { 6 };
        let found = head(copy.path()).await;
        assert!(found == expected || cut == end - 1, "cut at {cut} of {begin}..{end}: {found}");
        let (store, thread) = open(copy.path());
        store.fence(T, TWO).await.unwrap();
        close(store, thread).await;
        let (store, thread) = open(copy.path());
        store.fence(T, ONE).await.unwrap();
        put_all(&store, found + 1, found + 4).await;
        close(store, thread).await;
        assert_eq!(head(copy.path()).await, found + 4);
    }
}

/// From file to file and on, and at each moment what a sudden end leaves holds what was told; also when the engine that
/// makes it again comes to a sudden end itself, and the next.
#[tokio::test]
async fn a_sudden_end_leaves_what_was_told_again_and_again() {
    let first = tempfile::tempdir().unwrap();
    let (mut store, mut thread) = open(first.path());
    let mut dirs = vec![first];
    let mut told = 0;
    for round in 1..=60 {
        store.fence(T, ONE).await.unwrap();
        for _ in 0..round % 7 {
            put_all(&store, told + 1, told + 2).await;
            told += 2;
        }
        let copy = tempfile::tempdir().unwrap();
        copy_store(dirs.last().unwrap().path(), copy.path());
        drop((store, thread));
        if round % 3 == 0 {
            let look = tempfile::tempdir().unwrap();
            copy_store(copy.path(), look.path());
            assert_eq!(head(look.path()).await, told, "round {round}");
        }
        (store, thread) = open(copy.path());
        dirs.push(copy);
    }
    close(store, thread).await;
    assert_eq!(head(dirs.last().unwrap().path()).await, told);
}

/// A journal that is forgotten at the opening is a loss that the tests above would see.
#[cfg(feature = "planted-bugs")]
#[tokio::test]
async fn an_opening_that_forgets_the_journal_is_caught() {
    use deskwire::planted::{PlantedBug, switch_here};
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    store.fence(T, ONE).await.unwrap();
    put_all(&store, 1, 3).await;
    let left = tempfile::tempdir().unwrap();
    copy_store(dir.path(), left.path());
    close(store, thread).await;
    switch_here(Some(PlantedBug::JournalForgotten));
    let (store, thread) = open(left.path());
    switch_here(None);
    assert_eq!(store.events(T, 1, 3, ALL).await.unwrap().len(), 0);
    close(store, thread).await;
}

/// One flipped bit anywhere in what the journal holds: all that was acknowledged is served, or nothing.
#[tokio::test]
async fn a_flipped_bit_in_the_journal_hides_no_loss() {
    // Where the last checkpoint came late, sled has it all and needs no journal: then once more.
    for _ in 0..10 {
        let (served, refused) = flip_bits().await;
        assert!(served > 0, "nothing served");
        if refused > 0 {
            return;
        }
    }
    panic!("the journal was never needed");
}

/// Flips one bit after another; how many stores were served whole, and how many refused.
async fn flip_bits() -> (u32, u32) {
    let dir = tempfile::tempdir().unwrap();
    let settings = StoreSettings { journal_bytes: 4 << 10, ..settings() };
    let (store, thread) = Store::open(dir.path(), settings).unwrap();
    store.fence(T, ONE).await.unwrap();
    for seq in 1..=40 {
        assert_eq!(put(&store, T, ONE, seq, 1).await, Outcome::Durable(seq));
    }
    let last = store.barrier().await.unwrap();
    while watermark(dir.path()) < last {
        tokio::task::yield_now().await;
    }
    let left = tempfile::tempdir().unwrap();
    copy_store(dir.path(), left.path());
    close(store, thread).await;

    let (mut served, mut refused) = (0, 0);
    for slot in [0, 1] {
        let whole = fs::read(journal(left.path(), slot)).unwrap();
        for at in (0..whole.len()).step_by(97) {
            let copy = tempfile::tempdir().unwrap();
            copy_store(left.path(), copy.path());
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            fs::write(journal(copy.path(), slot), damaged).unwrap();
            match Store::open(copy.path(), crate::common::settings()) {
                Err(fault) => {
                    assert!(matches!(fault, OpenFault::HistoryLost { .. }), "{fault}");
                    refused += 1;
                }
                Ok((store, thread)) => {
                    let events = store.events(T, 1, u32::MAX, ALL).await.unwrap();
                    assert_eq!(events.len(), 40, "file {slot} at {at}");
                    assert!(events.iter().zip(1..).all(|(found, seq)| *found == (seq, event(T, seq))));
                    close(store, thread).await;
                    served += 1;
                }
            }
        }
    }
    (served, refused)
}

fn watermark(dir: &Path) -> u64 {
    let file = fs::read(dir.join("watermark")).unwrap();
    let number = |at: usize| u64::from_le_bytes(*file[at..].first_chunk().unwrap());
    number(0).max(number(4_096))
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_words() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    close(store, thread).await;
    let whole = [0, 1].map(|slot| fs::read(journal(dir.path(), slot)).unwrap());
    for (slot, file) in whole.iter().enumerate() {
        fs::write(journal(dir.path(), slot), vec![7; file.len()]).unwrap();
    }
    let Err(fault) = Store::open(dir.path(), settings()) else { panic!("it was opened") };
    assert_eq!((fault.exit_code(), fault.to_string().contains("journal")), (22, true), "{fault}");
    fs::remove_file(journal(dir.path(), 1)).unwrap();
    let Err(fault) = Store::open(dir.path(), settings()) else { panic!("it was opened") };
    assert_eq!((fault.exit_code(), fault.to_string().contains("journal")), (26, true), "{fault}");
}

/// G01: what an engine of before the first release wrote is refused with words, and stays as it is.
#[tokio::test]
async fn data_of_before_the_first_release_is_refused_with_words() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let epoch = store.epoch();
    close(store, thread).await;
    for version in [1, 2] {
        let body = format!("deskwire data {version}\nepoch {epoch:016x}\n");
        let identity = format!("{body}crc {:08x}\n", crc32c::crc32c(body.as_bytes()));
        fs::write(dir.path().join("identity"), &identity).unwrap();
        let Err(fault) = Store::open(dir.path(), settings()) else { panic!("it was opened") };
        assert_eq!((fault.exit_code(), fault.to_string().contains("begin anew")), (21, true), "{fault}");
        assert_eq!(fs::read_to_string(dir.path().join("identity")).unwrap(), identity);
    }
}

/// An entry larger than a file has a file of its own.
#[tokio::test]
async fn an_entry_larger_than_a_file_is_kept_too() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let ticket = TicketId(8);
    store.fence(ticket, ONE).await.unwrap();
    for (first, count) in [(1, 1), (2, 900), (902, 1), (903, 900)] {
        assert_eq!(put(&store, ticket, ONE, first, count).await, Outcome::Durable(first + count - 1));
    }
    let left = tempfile::tempdir().unwrap();
    copy_store(dir.path(), left.path());
    close(store, thread).await;
    let (store, thread) = open(left.path());
    assert_eq!(store.fence(ticket, ONE).await, Ok(1_802));
    assert_eq!(store.events(ticket, 1, u32::MAX, ALL).await.unwrap().len(), 1_802);
    close(store, thread).await;
}
