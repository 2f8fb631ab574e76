//! Two instances of one room cannot both write.

use deskwire::store::{FenceFault, Incarnation, Outcome};
use deskwire_protocol::TicketId;

use crate::common::*;

/// C08: an old instance's appends stay in flight and change nothing.
#[tokio::test]
async fn after_a_fence_an_older_instance_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    assert_eq!(store.fence(T, ONE).await, Ok(0));
    assert_eq!(put(&store, T, ONE, 1, 3).await, Outcome::Durable(3));
    assert_eq!(store.fence(T, TWO).await, Ok(3));
    assert_eq!(put(&store, T, ONE, 4, 1).await, Outcome::Refused);
    assert_eq!(put(&store, T, TWO, 4, 1).await, Outcome::Durable(4));
    assert_eq!(store.fence(T, ONE).await, Err(FenceFault::Superseded));
    assert_eq!(store.stats().violations(), 2);
    close(store, thread).await;
}

#[tokio::test]
async fn a_fence_is_queued_behind_all_that_came_before() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    store.fence(T, ONE).await.unwrap();
    let mut told = Vec::new();
    for seq in 1..=1_000 {
        let (append, answer) = append(T, ONE, seq, 1);
        store.append(append).await.unwrap();
        told.push(answer);
    }
    assert_eq!(store.fence(T, TWO).await, Ok(1_000));
    for (seq, mut answer) in (1..).zip(told) {
        assert_eq!(answer.try_recv(), Ok(Outcome::Durable(seq)), "told before the fence");
    }
    close(store, thread).await;
}

#[tokio::test]
async fn a_gap_a_repeat_and_an_append_without_a_fence_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    assert_eq!(put(&store, T, ONE, 1, 1).await, Outcome::Refused);
    store.fence(T, ONE).await.unwrap();
    assert_eq!(put(&store, T, ONE, 2, 1).await, Outcome::Refused);
    assert_eq!(put(&store, T, ONE, 1, 1).await, Outcome::Durable(1));
    assert_eq!(put(&store, T, ONE, 1, 1).await, Outcome::Refused);
    let (mut too_large, told) = append(T, ONE, 2, 1);
    too_large.events[0] = vec![1; deskwire::store::VALUE_BYTES_MAX + 1];
    store.append(too_large).await.unwrap();
    assert_eq!(told.await, Ok(Outcome::Refused));
    assert_eq!(store.events(T, 1, u32::MAX, ALL).await.unwrap().len(), 1);
    assert_eq!(store.stats().violations(), 4);
    close(store, thread).await;
}

/// The head of a ticket without a room is found on disk.
#[tokio::test]
async fn a_released_ticket_is_fenced_at_its_stored_head() {
    let dir = tempfile::tempdir().unwrap();
    let (store, thread) = open(dir.path());
    let neighbours = [TicketId(T.0 - 1), T, TicketId(T.0 + 1)];
    for (count, ticket) in (3..).zip(neighbours) {
        store.fence(ticket, ONE).await.unwrap();
        let (append, _told) = append(ticket, ONE, 1, count);
        store.append(append).await.unwrap();
        store.release(ticket, ONE);
    }
    // Not a violation of the rooms that left: their appends were in the queue before.
    for _ in 0..3 {
        store.barrier().await.unwrap();
    }
    for (count, ticket) in (3..).zip(neighbours) {
        assert_eq!(put(&store, ticket, ONE, count + 1, 1).await, Outcome::Refused, "released");
        assert_eq!(store.fence(ticket, Incarnation(1)).await, Ok(count));
    }
    assert_eq!(store.stats().violations(), 3);
    close(store, thread).await;
}
