//! A store that is not what it should be is told apart from one that is, and what is wrong is named.

use std::path::Path;

use deskwire::domain::event::{CategoryId, Event, Opened, Posted, SkillList};
use deskwire::domain::facts::Facts;
use deskwire::domain::outline::Outline;
use deskwire::store::{BATCH_APPENDS_MAX, Outcome, Rebuilt, RecordKind, RecordPut, StageChange};
use deskwire_protocol::{PersonId, Phase, Priority, StreamId, TicketId, Time};

use crate::common::*;

/// A chat with this many posts.
pub fn log(posts: u32) -> Vec<Event> {
    let opened = Opened {
        at: Time::from_ms(1_000),
        person: PersonId(5),
        name: "Ada".to_owned(),
        category: CategoryId(3),
        category_name: "Engines".to_owned(),
        priority: Priority::Normal,
        subject: "It stopped".to_owned(),
        early_posts: true,
        phase: Phase::Live,
        reachable: false,
        skills: SkillList::default(),
    };
    let post =
        |number| Posted { at: Time::from_ms(2_000), author: 0, stream: StreamId(1), number, text: "hello".to_owned() };
    let posts = (1..=posts).map(|number| Event::from(post(number)));
    std::iter::once(opened.into()).chain(posts).collect()
}

/// How a ticket stands after a log.
pub fn facts_of(ticket: TicketId, log: &[Event]) -> Facts {
    let mut outline = Outline::begin(ticket, &log[0]).unwrap();
    log[1..].iter().for_each(|event| outline.apply(event));
    outline.facts().clone()
}

/// Three tickets in a store that is whole but for what `stage` says of each. The events of each lie in three values: they
/// came before three closings.
async fn filled(dir: &Path, stage: impl Fn(TicketId, Facts) -> Option<Facts>) {
    for (first, last) in [(1, 2), (3, 4), (5, 5)] {
        let (store, thread) = open(dir);
        for ticket in (1..=3).map(TicketId) {
            store.fence(ticket, ONE).await.unwrap();
            let events = log(4);
            let (mut part, told) = append(ticket, ONE, first, 0);
            part.events = events[first as usize - 1..last as usize].iter().map(Event::encode).collect();
            part.stage = stage(ticket, facts_of(ticket, &events)).map(StageChange::Put);
            part.records = vec![RecordPut::put(RecordKind::CustomerTicket, ticket.0.to_be_bytes(), 1, *b"")];
            store.append(part).await.unwrap();
            assert_eq!(told.await, Ok(Outcome::Durable(last)));
        }
        close(store, thread).await;
    }
}

async fn findings(dir: &Path) -> Vec<String> {
    let (store, thread) = open(dir);
    let report = store.check().await.unwrap();
    close(store, thread).await;
    assert_eq!(report.faults, report.findings.len() as u64);
    report.findings
}

/// Changes what is under sled's own checksums, as a bug or a broken memory would.
fn meddle(dir: &Path, with: impl FnOnce(&sled::Db)) {
    let config = sled::Config::new().path(dir.join("log")).segment_size(8 << 20).flush_every_ms(None);
    let db =
        (0..100).find_map(|_| config.open().map_err(|_| std::thread::yield_now()).ok()).expect("the store was closed");
    with(&db);
    db.flush().unwrap();
}

fn event_key(ticket: u64, seq: u32) -> Vec<u8> {
    [&[0x10][..], &ticket.to_be_bytes(), &seq.to_be_bytes()].concat()
}

/// G09: `check` proves the log whole.
#[tokio::test]
async fn a_whole_store_is_counted_and_found_whole() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), |_, facts| Some(facts)).await;
    let (store, thread) = open(dir.path());
    let report = store.check().await.unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!((report.tickets, report.events, report.records, report.stages), (3, 15, 3, 3));
    assert!(report.commits > 0);
    close(store, thread).await;
}

/// A store whose index lacks ticket 1, is wrong about 2, right about 3, and has 9, which is none.
async fn with_a_wrong_index(dir: &Path) {
    filled(dir, |ticket, facts| match ticket.0 {
        1 => None,
        2 => Some(Facts { round: 7, ..facts }),
        _ => Some(facts),
    })
    .await;
    let (store, thread) = open(dir);
    store.fence(TicketId(9), ONE).await.unwrap();
    let (mut nothing, told) = append(TicketId(9), ONE, 1, 0);
    nothing.stage = Some(StageChange::Put(facts(TicketId(9), 1)));
    store.append(nothing).await.unwrap();
    told.await.unwrap();
    close(store, thread).await;
}

#[tokio::test]
async fn an_index_that_disagrees_is_named() {
    let dir = tempfile::tempdir().unwrap();
    with_a_wrong_index(dir.path()).await;
    let expected = [
        "ticket 0000000000000002: the stage index disagrees with its log",
        "ticket 0000000000000009: in the stage index, but not open",
        "ticket 0000000000000001: open, but not in the stage index",
    ];
    assert_eq!(findings(dir.path()).await, expected);
}

async fn rebuild(dir: &Path) -> Rebuilt {
    let (store, thread) = open(dir);
    let rebuilt = store.rebuild().await.unwrap();
    assert_eq!(store.stats().violations(), 0);
    close(store, thread).await;
    rebuilt
}

/// G09: what is derived is made anew out of the log; what was right is not touched.
#[tokio::test]
async fn a_wrong_index_is_rebuilt_and_a_second_time_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    with_a_wrong_index(dir.path()).await;
    assert_eq!(rebuild(dir.path()).await, Rebuilt { right: 1, written: 2, removed: 1, left: 0 });
    assert_eq!(findings(dir.path()).await, Vec::<String>::new());
    assert_eq!(rebuild(dir.path()).await, Rebuilt { right: 3, written: 0, removed: 0, left: 0 });
    let (store, thread) = open(dir.path());
    let expected: Vec<Facts> = (1..=3).map(|id| facts_of(TicketId(id), &log(4))).collect();
    assert_eq!(store.stages().await.unwrap(), expected);
    close(store, thread).await;
}

/// G09: an entry whose checksum is wrong is written anew too; one of a ticket whose log makes no sense is left.
#[tokio::test]
async fn a_damaged_entry_is_rebuilt_and_a_damaged_log_leaves_its_own_alone() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), |_, facts| Some(facts)).await;
    meddle(dir.path(), |db| {
        for key in [[&[0x40][..], &1_u64.to_be_bytes()].concat(), event_key(2, 3)] {
            let mut value = db.get(&key).unwrap().unwrap().to_vec();
            value[20] ^= 1;
            db.insert(key, value).unwrap();
        }
    });
    let expected = [
        "the log of ticket 0000000000000002 from event 3 on is damaged",
        "ticket 0000000000000002: its log makes no sense",
        "ticket 0000000000000001 in the stage index is damaged",
    ];
    assert_eq!(findings(dir.path()).await, expected);
    assert_eq!(rebuild(dir.path()).await, Rebuilt { right: 1, written: 1, removed: 0, left: 1 });
    assert_eq!(findings(dir.path()).await, expected[..2]);
}

/// More entries than a batch holds.
#[tokio::test]
async fn a_whole_index_that_is_gone_is_rebuilt_in_batches() {
    let dir = tempfile::tempdir().unwrap();
    let count = BATCH_APPENDS_MAX as u64 + 10;
    let (store, thread) = open(dir.path());
    for ticket in (1..=count).map(TicketId) {
        store.fence(ticket, ONE).await.unwrap();
        let (mut opened, told) = append(ticket, ONE, 1, 0);
        opened.events = log(0).iter().map(Event::encode).collect();
        store.append(opened).await.unwrap();
        drop(told);
    }
    store.barrier().await.unwrap();
    close(store, thread).await;
    assert_eq!(rebuild(dir.path()).await, Rebuilt { written: count, ..Rebuilt::default() });
    assert_eq!(findings(dir.path()).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_damaged_event_is_named_and_never_served() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), |_, facts| Some(facts)).await;
    meddle(dir.path(), |db| {
        let key = event_key(2, 3);
        let mut value = db.get(&key).unwrap().unwrap().to_vec();
        value[20] ^= 1;
        db.insert(key, value).unwrap();
    });
    let found = findings(dir.path()).await;
    assert_eq!(found[0], "the log of ticket 0000000000000002 from event 3 on is damaged");
    let (store, thread) = open(dir.path());
    assert_eq!(store.events(TicketId(2), 1, 2, ALL).await.unwrap().len(), 2);
    let fault = store.events(TicketId(2), 1, 5, ALL).await.unwrap_err();
    assert_eq!(fault.to_string(), "the log of ticket 0000000000000002 from event 3 on is damaged");
    assert_eq!(store.events(TicketId(2), 5, 5, ALL).await.unwrap().len(), 1);
    close(store, thread).await;
}

#[tokio::test]
async fn a_hole_in_a_log_is_named_and_never_served() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path(), |_, facts| Some(facts)).await;
    meddle(dir.path(), |db| {
        db.remove(event_key(1, 3)).unwrap();
        db.remove(event_key(3, 5)).unwrap();
    });
    let found = findings(dir.path()).await;
    assert_eq!(found[0], "ticket 0000000000000001: event 5 follows event 2");
    assert!(found[1].ends_with("ticket 0000000000000003 ends at 4, not 5"), "{found:?}");
    let (store, thread) = open(dir.path());
    assert!(store.events(TicketId(1), 1, 5, ALL).await.is_err());
    assert!(store.events_back(TicketId(1), 6, ALL).await.is_err());
    close(store, thread).await;
}
