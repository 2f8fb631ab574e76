//! Pages, stages, records and commits, as they were written.

use deskwire::store::{Outcome, PageLimits, ReadFault, RecordKind, RecordPut, StageChange, Store, StoreSettings};
use deskwire_protocol::TicketId;

use crate::common::*;

const NONE: [u32; 0] = [];

/// C04: in order, both ways, across a reopen.
#[tokio::test]
async fn pages_are_gapless_both_ways_and_after_a_reopen() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    for ticket in [TicketId(1), TicketId(2)] {
        store.fence(ticket, ONE).await.unwrap();
        assert_eq!(put(&store, ticket, ONE, 1, 300).await, Outcome::Durable(300));
    }
    close(store, thread).await;
    let (store, thread) = open(dir.path());
    let ticket = TicketId(1);
    let page = |events, bytes| PageLimits { events, bytes };

    let all = store.events(ticket, 1, u32::MAX, ALL).await.unwrap();
    assert_eq!(all.len(), 300);
    assert!(all.iter().zip(1..).all(|(found, seq)| *found == (seq, event(ticket, seq))));

    let one = event(ticket, 1).len();
    let seqs = |page: Vec<(u32, Vec<u8>)>| page.iter().map(|(seq, _)| *seq).collect::<Vec<_>>();
    let forward = |from, to, limits| store.events(ticket, from, to, limits);
    assert_eq!(seqs(forward(5, 7, ALL).await.unwrap()), [5, 6, 7]);
    assert_eq!(seqs(forward(5, 300, page(2, usize::MAX)).await.unwrap()), [5, 6]);
    assert_eq!(seqs(forward(5, 300, page(200, 3 * one)).await.unwrap()), [5, 6, 7]);
    assert_eq!(seqs(forward(5, 300, page(200, 1)).await.unwrap()), [5], "at least one");
    assert_eq!(seqs(forward(301, u32::MAX, ALL).await.unwrap()), NONE);
    assert_eq!(seqs(forward(7, 5, ALL).await.unwrap()), NONE);
    let back = |before, limits| store.events_back(ticket, before, limits);
    assert_eq!(seqs(back(301, page(3, usize::MAX)).await.unwrap()), [298, 299, 300]);
    assert_eq!(seqs(back(3, page(200, usize::MAX)).await.unwrap()), [1, 2]);
    assert_eq!(seqs(back(u32::MAX, page(9, 2 * one)).await.unwrap()), [299, 300]);
    assert_eq!(seqs(back(1, ALL).await.unwrap()), NONE);
    close(store, thread).await;
}

#[tokio::test]
async fn stages_and_records_are_written_with_the_events_and_deleted_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    store.fence(T, ONE).await.unwrap();
    let (mut first, told) = append(T, ONE, 1, 1);
    first.stage = Some(StageChange::Put(facts(T, 1)));
    first.records = vec![
        RecordPut::put(RecordKind::CustomerTicket, *b"ada1", 7, *b"one"),
        RecordPut::put(RecordKind::CustomerTicket, *b"ada2", 8, *b"two"),
        RecordPut::put(RecordKind::CustomerTicket, *b"bob1", 9, *b""),
    ];
    store.append(first).await.unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(1)));
    close(store, thread).await;

    let (store, thread) = open(dir.path());
    assert_eq!(store.stages().await.unwrap(), [facts(T, 1)]);
    let ada = store.records(RecordKind::CustomerTicket, b"ada").await.unwrap();
    let ada = ada.iter().map(|found| (found.version, &*found.bytes)).collect::<Vec<_>>();
    assert_eq!(ada, [(7, &b"one"[..]), (8, b"two")]);
    let bob = store.record(RecordKind::CustomerTicket, b"bob1").await.unwrap().unwrap();
    assert_eq!((bob.version, bob.bytes.len()), (9, 0));
    assert_eq!(store.record(RecordKind::Account, b"bob1").await, Ok(None));

    assert_eq!(store.fence(T, TWO).await, Ok(1));
    let (mut last, told) = append(T, TWO, 2, 0);
    last.stage = Some(StageChange::Remove);
    last.records = vec![RecordPut::delete(RecordKind::CustomerTicket, *b"bob1")];
    store.append(last).await.unwrap();
    assert_eq!(told.await, Ok(Outcome::Durable(1)), "no events, the head stays");
    assert_eq!(store.stages().await, Ok(Vec::new()));
    assert_eq!(store.record(RecordKind::CustomerTicket, b"bob1").await, Ok(None));
    close(store, thread).await;
}

#[tokio::test]
async fn commits_list_what_changed_and_are_kept_for_the_slowest_reader() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    store.move_cursor("slow", 1).await.unwrap();
    store.fence(T, ONE).await.unwrap();
    for seq in 1..=20 {
        put(&store, T, ONE, seq, 1).await;
    }
    let listed = store.commits(1, usize::MAX).await.unwrap();
    let firsts = listed.iter().flat_map(|commit| &commit.ranges).map(|range| range.first);
    assert_eq!(firsts.collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    store.move_cursor("slow", 15).await.unwrap();
    for seq in 21..=30 {
        put(&store, T, ONE, seq, 1).await;
    }
    let trimmed = ReadFault::Trimmed { floor: 15 };
    assert_eq!(store.commits(1, 1).await, Err(trimmed));
    assert_eq!(store.commits(14, 1).await.unwrap()[0].number, 15);
    close(store, thread).await;

    let few = StoreSettings { commits_kept_max: 5, ..settings() };
    let (store, thread) = Store::open(dir.path(), few).unwrap();
    store.fence(T, ONE).await.unwrap();
    for seq in 31..=40 {
        put(&store, T, ONE, seq, 1).await;
    }
    let last = store.barrier().await.unwrap();
    let behind = store.commits(16, 1).await;
    assert_eq!(behind, Err(ReadFault::Trimmed { floor: last - 5 }), "a limit for the slowest too");
    close(store, thread).await;
}

/// sled's reverse lookups are what a fence stands on: many tickets, many pages, split and merged, across a reopen.
#[tokio::test]
async fn the_head_of_each_of_many_tickets_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    // Spread over the whole range, so that neighbours in the tree come and go in any order.
    let ticket = |n: u64| TicketId(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let head = |n: u64| 1 + (n * 37 % 90) as u32;
    for n in 0..400 {
        store.fence(ticket(n), ONE).await.unwrap();
    }
    for seq in 1..=90 {
        for n in (0..400).filter(|n| seq <= head(*n)) {
            let (append, _) = append(ticket(n), ONE, seq, 1);
            store.append(append).await.unwrap();
        }
    }
    close(store, thread).await;
    let (store, thread) = open(dir.path());
    for n in 0..400 {
        assert_eq!(store.fence(ticket(n), ONE).await, Ok(head(n)));
        assert_eq!(store.events(ticket(n), 1, u32::MAX, ALL).await.unwrap().len() as u32, head(n));
        let last = store.events_back(ticket(n), u32::MAX, PageLimits { events: 1, bytes: 1 }).await.unwrap();
        assert_eq!(last, [(head(n), event(ticket(n), head(n)))]);
        assert_eq!(store.fence(TicketId(ticket(n).0 ^ 1), ONE).await, Ok(0));
    }
    assert_eq!(store.stats().violations(), 0);
    close(store, thread).await;
}
