//! The log followed: commits with what matters in them, a cursor that is found again, records from the end.

use deskwire::store::{Append, Outcome, RecordKind, RecordPut};
use deskwire_protocol::TicketId;

use crate::common::*;

/// E03: whoever follows the log is given each event that he wants once, in order, and the others not at all; where he
/// was he finds again after a reopening.
#[tokio::test]
async fn whoever_follows_the_log_is_given_what_he_wants_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    assert_eq!(store.cursor("reader").await, Ok(None));
    // From here on commits are kept for it.
    store.move_cursor("reader", 0).await.unwrap();
    for (ticket, kinds) in [(TicketId(2), &[1, 2, 2][..]), (TicketId(1), &[1, 2, 4]), (TicketId(3), &[2, 2])] {
        store.fence(ticket, ONE).await.unwrap();
        let (first, told) = append(ticket, ONE, 1, kinds.len() as u32);
        let events = kinds.iter().map(|kind| vec![*kind, 9]).collect();
        store.append(Append { events, ..first }).await.unwrap();
        assert_eq!(told.await, Ok(Outcome::Durable(kinds.len() as u32)));
    }
    // A commit says of which kind its events are, where it is one: what is not wanted is not looked at.
    let commits = store.commits(0, 100).await.unwrap();
    let kinds: Vec<u8> = commits.iter().flat_map(|commit| &commit.ranges).map(|range| range.kind).collect();
    assert_eq!(kinds, [0, 0, 2]);
    // A commit of records alone is passed, and has nothing to give.
    let last = store.commit(vec![RecordPut::put(RecordKind::Setting, *b"x", 1, *b"y")]).await.unwrap();
    store.move_cursor("reader", 1).await.unwrap();
    store.barrier().await.unwrap();

    let all = store.tail(0, 100, |kind| kind != 2).await.unwrap();
    let events: Vec<_> = all.iter().flat_map(|commit| &commit.events).cloned().collect();
    let expected = [(TicketId(2), 1, vec![1, 9]), (TicketId(1), 1, vec![1, 9]), (TicketId(1), 3, vec![4, 9])];
    assert_eq!(events, expected);
    assert!(all.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    let both = store.tail(0, 100, |_| true).await.unwrap();
    assert_eq!(both.iter().map(|commit| commit.events.len()).sum::<usize>(), 8);
    assert_eq!(store.tail(0, 1, |_| true).await.unwrap().len(), 1);
    assert!(store.tail(last, 100, |_| true).await.unwrap().iter().all(|commit| commit.events.is_empty()));

    close(store, thread).await;
    let (store, thread) = open(dir.path());
    assert_eq!(store.cursor("reader").await, Ok(Some(1)));
    assert_eq!(store.cursor("another").await, Ok(None));
    close(store, thread).await;
}

/// A03: a page from the end backwards, of one prefix alone; and several by their ids.
#[tokio::test]
async fn records_are_read_from_the_end_and_by_their_ids() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let ids: [&[u8]; 5] = [b"a1", b"a2", b"a3", b"b1", b"`9"];
    let put = |id: &&[u8]| RecordPut::put(RecordKind::Evaluation, *id, 1, *id);
    store.commit(ids.iter().map(put).collect()).await.unwrap();
    let back = |before: Option<&[u8]>, max| {
        let (store, before) = (store.clone(), before.map(<[u8]>::to_vec));
        async move {
            let records = store.records_back(RecordKind::Evaluation, b"a".to_vec(), before, max).await.unwrap();
            records.into_iter().map(|record| String::from_utf8(record.id).unwrap()).collect::<Vec<_>>()
        }
    };
    assert_eq!(back(None, 2).await, ["a3", "a2"]);
    assert_eq!(back(Some(b"a2"), 9).await, ["a1"]);
    assert!(back(Some(b"a1"), 9).await.is_empty());
    let asked = vec![b"b1".to_vec(), b"no".to_vec(), b"a1".to_vec()];
    let found = store.records_of(RecordKind::Evaluation, asked).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|record| record.map(|record| record.bytes)).collect();
    assert_eq!(found, [Some(b"b1".to_vec()), None, Some(b"a1".to_vec())]);
    close(store, thread).await;
}
