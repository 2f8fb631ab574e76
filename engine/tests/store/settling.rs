//! What was written is read the same from memory, while it is being settled, from sled, and after any end.

use std::collections::BTreeMap;

use deskwire::domain::facts::Facts;
use deskwire::store::{
    Outcome, PageLimits, ReadFault, Record, RecordKind, RecordPut, StageChange, Store, StoreHandle, StoreSettings,
};
use deskwire_protocol::TicketId;
use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};

use tokio::sync::watch;

use crate::common::*;

const TICKETS: u64 = 6;
const STEPS: u32 = 400;

/// What the store should hold.
#[derive(Default)]
struct Model {
    logs: BTreeMap<TicketId, Vec<Vec<u8>>>,
    records: BTreeMap<Vec<u8>, Record>,
    stages: BTreeMap<TicketId, Facts>,
}

/// One to a few events of up to some kilobytes, a record put or deleted, a stage put or removed.
async fn write(store: &StoreHandle, model: &mut Model, rng: &mut TestRng) {
    let ticket = TicketId(rng.random_range(0..TICKETS) << 60 | 7);
    let log = model.logs.entry(ticket).or_default();
    let first = log.len() as u32 + 1;
    let (mut append, told) = append(ticket, ONE, first, 0);
    for seq in first..first + rng.random_range(0..4) {
        let mut event = event(ticket, seq);
        event.resize(rng.random_range(20..4_000), b'y');
        append.events.push(event.clone());
        log.push(event);
    }
    let head = log.len() as u32;
    let id = [rng.random_range(1..3), rng.random_range(0..4)].to_vec();
    if rng.random_bool(0.3) {
        model.records.remove(&id);
        append.records.push(RecordPut::delete(RecordKind::ReadMark, id));
    } else {
        let record = Record { id: id.clone(), version: head.into(), bytes: vec![head as u8; head as usize % 40] };
        append.records.push(RecordPut::put(RecordKind::ReadMark, id.clone(), record.version, record.bytes.clone()));
        model.records.insert(id, record);
    }
    append.stage = Some(match rng.random_bool(0.3) {
        true => {
            model.stages.remove(&ticket);
            StageChange::Remove
        }
        false => {
            model.stages.insert(ticket, facts(ticket, head));
            StageChange::Put(facts(ticket, head))
        }
    });
    store.append(append).await.unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(head)));
}

/// Pages of a random size from a random place, forwards and back.
async fn read_pages(store: &StoreHandle, model: &Model, rng: &mut TestRng) {
    for (ticket, log) in &model.logs {
        let head = log.len() as u32;
        let limits = PageLimits { events: rng.random_range(1..30), bytes: rng.random_range(1..40_000) };
        let from = rng.random_range(1..head + 3);
        let to = rng.random_range(1..head + 3);
        let expected = page(limits, (from..=to.min(head)).map(|seq| (seq, log[seq as usize - 1].clone())));
        assert_eq!(store.events(*ticket, from, to, limits).await.unwrap(), expected, "{from}..={to} of {head}");
        let mut expected = page(limits, (1..from.min(head + 1)).rev().map(|seq| (seq, log[seq as usize - 1].clone())));
        expected.reverse();
        assert_eq!(store.events_back(*ticket, from, limits).await.unwrap(), expected, "before {from} of {head}");
    }
}

fn page(limits: PageLimits, events: impl Iterator<Item = (u32, Vec<u8>)>) -> Vec<(u32, Vec<u8>)> {
    let mut bytes = 0;
    let fits = |(_, event): &(u32, Vec<u8>)| {
        let is_first = bytes == 0;
        bytes += event.len();
        is_first || bytes <= limits.bytes
    };
    events.take(limits.events).take_while(fits).collect()
}

async fn read_the_rest(store: &StoreHandle, model: &Model) {
    let expected = model.records.values().cloned().collect::<Vec<_>>();
    assert_eq!(store.records(RecordKind::ReadMark, &[]).await.unwrap(), expected);
    for first in 1..3 {
        let own = expected.iter().filter(|record| record.id[0] == first);
        let own = own.cloned().collect::<Vec<_>>();
        assert_eq!(store.records(RecordKind::ReadMark, &[first]).await.unwrap(), own);
        let before = own.iter().rev().filter(|record| record.id[1] < 3).take(2).cloned().collect::<Vec<_>>();
        let back = store.records_back(RecordKind::ReadMark, vec![first], Some(vec![first, 3]), 2).await;
        assert_eq!(back.unwrap(), before);
        for last in 0..4 {
            let one = store.record(RecordKind::ReadMark, &[first, last]).await.unwrap();
            assert_eq!(one.as_ref(), own.iter().find(|record| record.id[1] == last));
        }
    }
    assert_eq!(store.stages().await.unwrap(), model.stages.values().cloned().collect::<Vec<_>>());
}

/// Every commit that is kept says what its events are, one after the other, and where its reader is.
async fn read_commits(store: &StoreHandle, model: &Model, last: u64) {
    let floor = match store.commits(0, 1).await {
        Err(ReadFault::Trimmed { floor }) => floor,
        found => found.unwrap()[0].number,
    };
    let kept = store.tail(floor - 1, usize::MAX, |_| true).await.unwrap();
    assert!(kept.iter().map(|commit| commit.number).eq(floor..=last), "{floor}..={last}");
    for (ticket, seq, event) in kept.iter().flat_map(|commit| &commit.events) {
        assert_eq!(*event, model.logs[ticket][*seq as usize - 1]);
    }
    assert!(store.cursor("reader").await.unwrap().is_none_or(|at| at <= last));
}

async fn fence_all(store: &StoreHandle, model: &Model) {
    for ticket in (0..TICKETS).map(|n| TicketId(n << 60 | 7)) {
        let head = model.logs.get(&ticket).map_or(0, Vec::len) as u32;
        assert_eq!(store.fence(ticket, ONE).await, Ok(head));
    }
}

/// C08: while files of the journal fill up and are settled one after the other, with a reader of commits on the way, and
/// sudden ends in between.
#[tokio::test]
async fn long_logs_are_read_from_values_of_many_events() {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let (mut model, mut dirs) = (Model::default(), vec![tempfile::tempdir().unwrap()]);
    let settings = || StoreSettings { journal_bytes: 64 << 10, ..settings() };
    let (mut store, mut thread) = Store::open(dirs[0].path(), settings()).unwrap();
    fence_all(&store, &model).await;
    for step in 1..=STEPS {
        write(&store, &mut model, &mut rng).await;
        read_pages(&store, &model, &mut rng).await;
        let last = store.barrier().await.unwrap();
        if step % 5 == 0 {
            read_the_rest(&store, &model).await;
            read_commits(&store, &model, last).await;
            store.move_cursor("reader", last.saturating_sub(3)).await.unwrap();
        }
        match step % 67 {
            0 => {
                let copy = tempfile::tempdir().unwrap();
                copy_store(dirs.last().unwrap().path(), copy.path());
                drop((store, thread));
                (store, thread) = Store::open(copy.path(), settings()).unwrap();
                dirs.push(copy);
                fence_all(&store, &model).await;
            }
            33 => assert_eq!(store.check().await.unwrap().tickets as usize, count(&model)),
            _ => {}
        }
    }
    close(store, thread).await;
    let (store, thread) = open(dirs.last().unwrap().path());
    read_pages(&store, &model, &mut rng).await;
    read_the_rest(&store, &model).await;
    read_commits(&store, &model, store.barrier().await.unwrap()).await;
    close(store, thread).await;
}

fn count(model: &Model) -> usize {
    model.logs.values().filter(|log| !log.is_empty()).count()
}

/// C08: readers at work while file after file is settled find all that was acknowledged, at any moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_while_it_is_settled_misses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let (head, known) = watch::channel(0);
    let readers = [1, 7, 40].map(|back| {
        let (store, mut known) = (store.clone(), known.clone());
        tokio::spawn(async move {
            let mut reads = 0;
            while known.changed().await.is_ok() {
                let head = *known.borrow_and_update();
                let from = u32::saturating_sub(head, back).max(1);
                let found = store.events(T, from, head, ALL).await.unwrap();
                assert!(found.into_iter().eq((from..=head).map(|seq| (seq, event(T, seq)))), "{from}..={head}");
                let mark = store.record(RecordKind::ReadMark, b"mark").await.unwrap().unwrap();
                assert!(mark.version >= head.into(), "{} after {head}", mark.version);
                reads += 1;
            }
            reads
        })
    });
    store.fence(T, ONE).await.unwrap();
    for seq in 1..=4_000 {
        let (mut append, told) = append(T, ONE, seq, 1);
        append.records = vec![RecordPut::put(RecordKind::ReadMark, *b"mark", seq.into(), *b"")];
        store.append(append).await.unwrap();
        assert_eq!(told.await, Ok(Outcome::Durable(seq)));
        head.send_replace(seq);
    }
    drop(head);
    for reader in readers {
        assert!(reader.await.unwrap() > 100, "it was away");
    }
    close(store, thread).await;
}
