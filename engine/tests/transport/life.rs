//! A connection's life: who may open one, silence, the two ways it ends, and the drain.

use std::io::Write;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Duration;

use deskwire::actors::connections::Bounds;
use deskwire::actors::encoded::Form;
use deskwire_protocol::kinds::Goodbye;
use deskwire_protocol::{CloseCode, PublicFrame};
use tokio::net::TcpStream;

use crate::client::{BINARY, CLOSE, Client, PATIENCE, PING, PONG, TEXT, frame};
use crate::server::{Manner, impatient, settings, start, start_with, until};

/// A12
#[tokio::test]
async fn a_token_in_the_address_reaches_the_handler() {
    let running = start(Manner::Echo);
    let _client = Client::open_at(running.address(), "/ws?token=a%2Bb", "").await;
    until("it was opened", || running.bench.opened.load(SeqCst) == 1).await;
    assert_eq!(*running.bench.tokens.lock().unwrap(), [Some("a+b".to_owned())]);
}

/// A10
#[tokio::test]
async fn whom_the_handler_refuses_is_told_why() {
    let running = start(Manner::Unauthenticated);
    let mut client = Client::open_at(running.address(), "/ws?token=forged", "").await;
    assert_eq!(client.closed().await, Some(CloseCode::Unauthenticated.number()));
    until("it is gone", || running.connections.count() == 0).await;
    assert_eq!(running.bench.closed.load(SeqCst), 0);
}

/// C20
#[tokio::test]
async fn each_subprotocol_gets_its_own_form() {
    let running = start(Manner::Echo);
    let goodbye = PublicFrame::from(Goodbye { retry_ms: 5 });
    for (more, first, payload) in [
        ("sec-websocket-protocol: deskwire.v1\r\n", BINARY, goodbye.encode()),
        ("sec-websocket-protocol: deskwire.v1.json\r\n", TEXT, goodbye.to_json().into_bytes()),
        ("", TEXT, goodbye.to_json().into_bytes()),
    ] {
        let mut client = Client::open_at(running.address(), "/ws", more).await;
        until("it was opened", || running.bench.outboxes.lock().unwrap().len() == 1).await;
        running.bench.outboxes.lock().unwrap().remove(0).send(&goodbye);
        assert_eq!(client.next().await, Some((first, payload)));
    }
}

#[tokio::test]
async fn who_sends_no_first_frame_is_closed_also_with_half_a_header() {
    let running = start_with(Manner::AdmitNobody, impatient(), Bounds::default());
    let mut silent = Client::open(running.address()).await;
    let mut half = Client::open(running.address()).await;
    half.write(&frame(TEXT, b"hello")[..1]).await;
    let mut wordy = Client::open(running.address()).await;
    wordy.send(PING, b"I am here").await;
    for client in [&mut silent, &mut half, &mut wordy] {
        assert_eq!(client.closed().await, Some(CloseCode::NoHello.number()));
    }
    until("they are gone", || running.connections.count() == 0).await;
}

#[tokio::test]
async fn silence_is_pinged_and_a_pong_is_enough_to_stay() {
    let running = start_with(Manner::Echo, impatient(), Bounds::default());
    let mut client = Client::open(running.address()).await;
    for _ in 0..6 {
        assert_eq!(client.next().await, Some((PING, Vec::new())));
        client.send(PONG, &[]).await;
    }
    client.send(TEXT, b"still here").await;
    assert_eq!(client.next().await, Some((TEXT, b"still here".to_vec())));
}

/// Half-open: the other end never says anything again.
#[tokio::test]
async fn who_answers_no_ping_is_cut_off() {
    let running = start_with(Manner::Echo, impatient(), Bounds::default());
    let mut client = Client::open(running.address()).await;
    client.write(&frame(TEXT, b"half a frame")[..7]).await;
    assert_eq!(client.next().await, Some((PING, Vec::new())));
    assert_eq!(client.closed().await, Some(CloseCode::Silent.number()));
}

/// The close frame is written and the client neither answers nor goes: the socket ends without it.
#[tokio::test]
async fn who_does_not_go_after_the_close_frame_is_put_out() {
    let running = start_with(Manner::Echo, impatient(), Bounds::default());
    let mut client = Client::open(running.address()).await;
    client.write(&[0x81, 0]).await;
    let (first, _words) = client.next().await.unwrap();
    assert_eq!(first, CLOSE);
    assert_eq!(running.bench.closed.load(SeqCst), 1, "the handler need not wait for the socket");
    until("it is put out", || running.connections.count() == 0 && running.server.open() == 0).await;
}

#[tokio::test]
async fn a_close_frame_is_answered_with_its_code_after_what_waits() {
    let running = start(Manner::Echo);
    for (payload, answer) in [(&[3, 232][..], &[3, 232][..]), (&[15, 160, b'x'], &[15, 160]), (&[], &[])] {
        let mut client = Client::open(running.address()).await;
        client.write(&[frame(TEXT, b"last"), frame(CLOSE, payload), frame(TEXT, b"too late")].concat()).await;
        assert_eq!(client.next().await, Some((TEXT, b"last".to_vec())));
        assert_eq!(client.next().await, Some((CLOSE, answer.to_vec())));
        assert_eq!(client.next().await, None);
    }
    until("the handler heard of all three", || running.bench.closed.load(SeqCst) == 3).await;
    assert_eq!(running.connections.count(), 0);
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing_behind() {
    let running = start(Manner::Echo);
    for _ in 0..20 {
        let mut client = Client::open(running.address()).await;
        client.write(&frame(TEXT, b"half")[..8]).await;
        client.stream.set_zero_linger().unwrap();
    }
    until("all were opened", || running.bench.opened.load(SeqCst) == 20).await;
    until("all are closed", || running.bench.closed.load(SeqCst) == 20).await;
    until("all are gone", || running.connections.count() == 0 && running.server.open() == 0).await;
    assert_eq!(running.connections.inward_bytes(), 0);
}

/// A page that is closed while it connects: the server finds its request and its end together, and has not answered.
#[tokio::test]
async fn who_asks_for_an_upgrade_and_is_gone_holds_no_place() {
    const GONE: u64 = 64;
    let running = start(Manner::Echo);
    for _ in 0..GONE {
        // Without a wait: the server, on the same thread, comes to them when all are gone.
        let mut client = std::net::TcpStream::connect(running.address()).unwrap();
        client.write_all(crate::client::request("/ws", "").as_bytes()).unwrap();
    }
    until("all were accepted", || running.server.seen().accepted.load(Relaxed) == GONE).await;
    until("all places are free", || running.server.open() == 0).await;
}

/// G10
#[tokio::test]
async fn a_drain_tells_everybody_when_to_come_back_and_leaves() {
    let running = start_with(Manner::Echo, settings(), Bounds::default());
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(Client::open(running.address()).await);
    }
    let mut idle_http = Client::connect(running.address()).await;
    idle_http.write(b"GET /hello HTTP/1.1\r\nhost: desk\r\n\r\n").await;
    idle_http.head().await;
    until("all were opened", || running.bench.opened.load(SeqCst) == 10).await;
    let address = running.address();
    let draining = tokio::spawn(running.server.drain(PATIENCE));
    let mut returns = Vec::new();
    for client in &mut clients {
        let (_, goodbye) = client.next().await.unwrap();
        let goodbye = PublicFrame::from_json(std::str::from_utf8(&goodbye).unwrap()).unwrap();
        let PublicFrame::Goodbye(Goodbye { retry_ms }) = goodbye else { panic!("not a goodbye: {goodbye:?}") };
        returns.push(retry_ms);
        assert_eq!(client.closed().await, Some(CloseCode::GoingAway.number()));
    }
    assert!(draining.await.unwrap(), "all were gone in time");
    returns.dedup();
    assert_eq!(returns.len(), 10, "they do not come back at once");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// G10: what was accepted is answered before the goodbye.
#[tokio::test]
async fn a_drain_waits_for_what_is_in_flight() {
    let running = start(Manner::Hold);
    let mut client = Client::open(running.address()).await;
    client.send(TEXT, b"asked").await;
    until("it is in flight", || running.connections.in_flight() == 1).await;
    let outbox = running.first();
    let permit = running.bench.held.lock().unwrap().pop().unwrap();
    let draining = tokio::spawn(running.server.drain(PATIENCE));
    tokio::task::yield_now().await;
    assert!(outbox.is_open(), "nobody was sent away yet");
    outbox.echo(Form::Json, b"answered");
    drop(permit);
    assert_eq!(client.next().await, Some((TEXT, b"answered".to_vec())));
    assert!(client.next().await.is_some(), "the goodbye comes behind it");
    assert_eq!(client.closed().await, Some(CloseCode::GoingAway.number()));
    assert!(draining.await.unwrap());
}

#[tokio::test]
async fn a_drain_does_not_wait_for_ever() {
    let running = start(Manner::Echo);
    let mut stubborn = Client::open(running.address()).await;
    let all_gone = running.server.drain(Duration::from_millis(100)).await;
    assert!(!all_gone);
    assert_eq!(stubborn.closed().await, Some(CloseCode::GoingAway.number()));
}

#[tokio::test]
async fn a_handler_that_panics_costs_one_connection() {
    let running = start(Manner::Panic);
    let mut bystander = Client::open(running.address()).await;
    let mut client = Client::open(running.address()).await;
    client.send(TEXT, b"now").await;
    assert_eq!(client.next().await, None);
    until("it is gone", || running.connections.count() == 1 && running.bench.closed.load(SeqCst) == 1).await;
    bystander.send(PING, b"?").await;
    assert_eq!(bystander.next().await, Some((PONG, b"?".to_vec())));
    let (held, inward) = (running.first().in_flight(), running.connections.inward_bytes());
    assert_eq!((held, inward), (0, 0), "the panic gave its permit back");
}
