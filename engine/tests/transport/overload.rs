//! Too much, in each direction: the slow are cut off, the fast are stopped, a full process is survived.

use std::process::Command;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Duration;

use deskwire::actors::connections::Bounds;
use deskwire_protocol::kinds::Message;
use deskwire_protocol::limits::IN_FLIGHT_FRAMES_MAX;
use deskwire_protocol::{CloseCode, PublicFrame, TicketId, Time};

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::client::{BINARY, Client, PING, TEXT};
use crate::server::{Manner, Running, impatient, settings, start, start_with, until};

fn large() -> PublicFrame {
    let text = "x".repeat(10_000);
    Message { ticket: TicketId(1), seq: 1, at: Time::from_ms(0), author: 0, text }.into()
}

/// Pushes until this one is cut off; the kernel's buffers fill first.
fn fill(running: &Running, reader: usize) -> usize {
    let outbox = running.bench.outboxes.lock().unwrap()[reader].clone();
    let frame = large();
    (0..100_000)
        .find(|_| {
            outbox.send(&frame);
            std::thread::yield_now();
            !outbox.is_open()
        })
        .expect("a reader that does not read is cut off")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_cut_off_and_the_others_go_on() {
    let running = start(Manner::Echo);
    let mut slow = Client::open(running.address()).await;
    until("it was opened", || running.bench.opened.load(SeqCst) == 1).await;
    let mut other = Client::open(running.address()).await;
    until("both were opened", || running.bench.opened.load(SeqCst) == 2).await;
    fill(&running, 0);
    until("the handler hears of it at once", || running.bench.closed.load(SeqCst) == 1).await;
    other.send(TEXT, b"hello").await;
    assert_eq!(other.next().await, Some((TEXT, b"hello".to_vec())));
    assert_eq!(slow.closed().await, Some(CloseCode::Slow.number()));
    assert_eq!(running.connections.outward_bytes(), 0);
    let slow_closes = running.connections.counts.closes().find(|(code, _)| *code == CloseCode::Slow);
    assert_eq!(slow_closes, Some((CloseCode::Slow, 1)));
}

/// The bound of all together: the fullest goes, the others keep what waits for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_all_together_hold_too_much_the_fullest_is_cut() {
    let bounds = Bounds {
        outward_bytes_max: 1 << 20,
        outbox_bytes_max: 1 << 30,
        outbox_frames_max: 1 << 20,
        ..Bounds::default()
    };
    let running = start_with(Manner::Echo, settings(), bounds);
    let _slow = Client::open(running.address()).await;
    until("it was opened", || running.bench.opened.load(SeqCst) == 1).await;
    let _other = Client::open(running.address()).await;
    until("both were opened", || running.bench.opened.load(SeqCst) == 2).await;
    let other = running.bench.outboxes.lock().unwrap()[1].clone();
    fill(&running, 0);
    assert!(other.is_open());
    assert!(running.connections.outward_bytes() <= 1 << 20);
}

/// A client that sends pings and never reads their answers is a slow reader too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_pings_ends_the_flooder() {
    let running = start(Manner::Echo);
    let mut client = Client::open(running.address()).await;
    until("it was opened", || running.bench.opened.load(SeqCst) == 1).await;
    let outbox = running.first();
    let flood: Vec<u8> = (0..500).flat_map(|_| crate::client::frame(PING, &[0; 125])).collect();
    let mut at = 0;
    while outbox.is_open() {
        let written = timeout(Duration::from_millis(20), client.stream.write(&flood[at..])).await;
        at = (at + written.map_or(0, Result::unwrap)) % flood.len();
    }
    assert_eq!(client.closed().await, Some(CloseCode::Slow.number()));
}

/// Who is owed much is read no further; who then reads nothing at all is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_on_and_never_reads_is_cut_off_as_silent() {
    let running = start_with(Manner::Echo, impatient(), Bounds::default());
    let mut client = Client::open(running.address()).await;
    let asks = crate::client::frame(BINARY, &[0; 30_000]);
    let mut at = 0;
    while running.first().is_open() {
        let written = timeout(Duration::from_millis(20), client.stream.write(&asks[at..])).await;
        at = (at + written.map_or(0, Result::unwrap_or_default)) % asks.len();
        assert!(running.first().waiting_bytes() < 128 * 1024);
    }
    assert_eq!(client.closed().await, Some(CloseCode::Silent.number()));
}

/// C08
#[tokio::test]
async fn a_client_with_all_its_permits_out_is_read_no_further() {
    let running = start(Manner::Hold);
    let mut client = Client::open(running.address()).await;
    let held = || running.bench.held.lock().unwrap().len();
    for _ in 0..100 {
        client.send(TEXT, b"a post").await;
    }
    until("all places are taken", || held() == IN_FLIGHT_FRAMES_MAX as usize).await;
    let mut other = Client::open(running.address()).await;
    other.send(TEXT, b"x").await;
    until("another client is not stopped", || held() == IN_FLIGHT_FRAMES_MAX as usize + 1).await;
    assert_eq!(running.first().in_flight(), IN_FLIGHT_FRAMES_MAX);
    running.bench.held.lock().unwrap().pop();
    // Each place that becomes free lets one more in, until all hundred came.
    for _ in 0..100 - IN_FLIGHT_FRAMES_MAX {
        let freed = running.bench.held.lock().unwrap().remove(0);
        drop(freed);
        until("one more came", || held() == IN_FLIGHT_FRAMES_MAX as usize).await;
    }
    running.bench.held.lock().unwrap().clear();
    until("nothing is in flight", || running.first().in_flight() == 0 && running.connections.inward_bytes() == 0).await;
}

/// Beginnings of messages that never end count for the whole engine too.
#[tokio::test]
async fn when_beginnings_alone_fill_the_engine_those_who_add_are_turned_away() {
    let bounds = Bounds { inward_bytes_max: 100_000, ..Bounds::default() };
    let running = start_with(Manner::Echo, settings(), bounds);
    let beginning = crate::client::frame(BINARY, &[0; 32_000])[..30_000].to_vec();
    let mut clients = Vec::new();
    let crowded = || running.connections.counts.closes().any(|count| count == (CloseCode::Crowded, 1));
    while !crowded() {
        let mut client = Client::open(running.address()).await;
        client.write(&beginning).await;
        clients.push(client);
        assert!(clients.len() < 20);
        tokio::task::yield_now().await;
    }
    assert!(running.connections.inward_bytes() <= 100_000);
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away_with_words() {
    let running =
        start_with(Manner::Echo, deskwire::transport::Settings { sockets_max: 2, ..settings() }, Bounds::default());
    let first = Client::open(running.address()).await;
    let _second = Client::open(running.address()).await;
    let mut third = Client::connect(running.address()).await;
    third.write(crate::client::request("/ws", "").as_bytes()).await;
    let answer = third.rest().await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("come back later"), "{answer}");
    assert_eq!(running.server.seen().crowded.load(Relaxed), 1);
    drop(first);
    until("there is a place again", || running.server.open() == 1).await;
    let _fourth = Client::open(running.address()).await;
}

/// The limit of open files is lowered for a child process, which runs the ignored test below.
#[test]
fn a_process_without_descriptors_goes_on_when_it_has_some_again() {
    let test = std::env::current_exe().unwrap();
    let child = Command::new("sh")
        .args(["-c", "ulimit -n 48; exec \"$0\" --exact overload::with_few_descriptors --ignored --nocapture"])
        .arg(test)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
}

#[tokio::test]
#[ignore = "needs a lowered limit of open files: run by the test above"]
async fn with_few_descriptors() {
    let running = start(Manner::Echo);
    let mut clients = Vec::new();
    let exhausted = || running.server.seen().exhausted.load(Relaxed);
    while exhausted() == 0 {
        match tokio::net::TcpStream::connect(running.address()).await {
            Ok(stream) => clients.push(stream),
            // We are one process: our own ends take descriptors too. One of them back lets the queue of the
            // kernel grow by one that the server cannot accept.
            Err(_exhausted) => {
                clients.pop();
                tokio::task::yield_now().await;
            }
        }
        tokio::task::yield_now().await;
    }
    drop(clients);
    let mut late = Client::open(running.address()).await;
    late.send(TEXT, b"still there?").await;
    assert_eq!(late.next().await, Some((TEXT, b"still there?".to_vec())));
}
