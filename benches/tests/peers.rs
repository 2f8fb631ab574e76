//! The client for the peers against a tiny NATS of our own: it enters, talks, is acknowledged, and counts what is lost.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use deskwire_benches::peers::crowd::{Dialect, Seats};
use deskwire_benches::peers::play::{self, Plan};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// A subject, the subscription's number, and the way to whom.
type Subscription = (String, String, Rc<RefCell<OwnedWriteHalf>>);
type Subscriptions = Rc<RefCell<Vec<Subscription>>>;

/// Whether the server does what it should.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// JetStream refuses every post.
    StoresNothing,
}

async fn listen(mood: Mood) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let subscriptions = Subscriptions::default();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(serve(stream, subscriptions.clone(), mood));
        }
    });
    at
}

async fn serve(stream: TcpStream, subscriptions: Subscriptions, mood: Mood) {
    let (read, write) = stream.into_split();
    let (mut read, write) = (BufReader::new(read), Rc::new(RefCell::new(write)));
    write.borrow().try_write(b"INFO {\"server_name\":\"tiny\"}\r\n").unwrap();
    let mut line = String::new();
    while read.read_line(&mut line).await.is_ok_and(|count| count > 0) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["PING"] => drop(write.borrow().try_write(b"PONG\r\n").unwrap()),
            ["SUB", subject, number] => {
                subscriptions.borrow_mut().push((subject.into(), number.into(), write.clone()));
            }
            ["PUB", subject, ref rest @ .., length] => {
                let mut payload = vec![0; length.parse::<usize>().unwrap() + 2];
                read.read_exact(&mut payload).await.unwrap();
                let payload = &payload[..payload.len() - 2];
                publish(&subscriptions, subject, payload, Some(&write));
                let stored = match mood {
                    Mood::StoresNothing if subject.starts_with("t.") => &b"{\"error\":{\"code\":503}}"[..],
                    Mood::Well | Mood::StoresNothing => b"{\"stream\":\"LOAD\"}",
                };
                rest.iter().for_each(|reply| publish(&subscriptions, reply, stored, None));
            }
            _ => assert_eq!(words[0], "CONNECT"),
        }
        line.clear();
    }
}

/// To all who hear it but the one who said it.
fn publish(subscriptions: &Subscriptions, subject: &str, payload: &[u8], but: Option<&Rc<RefCell<OwnedWriteHalf>>>) {
    for (pattern, number, write) in subscriptions.borrow().iter() {
        let hears = pattern == subject || pattern.strip_suffix('*').is_some_and(|start| subject.starts_with(start));
        if hears && but.is_none_or(|but| !Rc::ptr_eq(but, write)) {
            let head = format!("MSG {subject} {number} {}\r\n", payload.len());
            let message = [head.as_bytes(), payload, b"\r\n"].concat();
            // Small enough for a socket's buffer, and who has left needs none.
            let _ = write.borrow().try_write(&message);
        }
    }
}

fn plan(at: SocketAddr, dialect: Dialect, seats: Seats) -> Plan {
    let (warmup, measured) = (Duration::from_millis(50), Duration::from_millis(400));
    let (pid, settle, patience) = (std::process::id(), Duration::ZERO, play::PATIENCE);
    Plan { dialect, at, seats, rate: 500.0, warmup, measured, settle, size: 100, seed: 7, pid, patience }
}

#[tokio::test(flavor = "current_thread")]
async fn everything_said_in_a_room_comes_to_all_others_and_is_acknowledged() {
    let played = async {
        let at = listen(Mood::Well).await;
        play::talk(&plan(at, Dialect::JetStream, Seats::Hall { members: 4 })).await.unwrap()
    };
    let figures = LocalSet::new().run_until(played).await;
    assert_eq!((figures.missing, figures.complaints.len()), (0, 0), "{:?}", figures.complaints);
    assert!(figures.delivered_per_s > 0.0 && figures.acknowledge.is_some() && figures.deliver.is_some());
    assert!(figures.us_per_message.is_some());
}

#[tokio::test(flavor = "current_thread")]
async fn two_and_two_talk_and_nothing_is_acknowledged_where_nothing_is_promised() {
    let played = async {
        let at = listen(Mood::Well).await;
        play::talk(&plan(at, Dialect::Nats, Seats::Pairs { customers: 6, agents: 2 })).await.unwrap()
    };
    let figures = LocalSet::new().run_until(played).await;
    assert_eq!((figures.missing, figures.acknowledge), (0, None));
    assert!(figures.delivered_per_s > 0.0);
}

#[tokio::test(flavor = "current_thread")]
async fn posts_that_are_not_stored_are_told() {
    let played = async {
        let at = listen(Mood::StoresNothing).await;
        let plan = plan(at, Dialect::JetStream, Seats::Hall { members: 2 });
        play::talk(&Plan { rate: 20.0, patience: Duration::from_millis(100), ..plan }).await.unwrap()
    };
    let figures = LocalSet::new().run_until(played).await;
    assert!(figures.missing > 0 && figures.acknowledge.is_none());
    assert!(figures.complaints.keys().any(|words| words.contains("503")), "{:?}", figures.complaints);
}

#[tokio::test(flavor = "current_thread")]
async fn sessions_that_do_nothing_are_let_in() {
    let played = async {
        let at = listen(Mood::Well).await;
        let plan = plan(at, Dialect::Nats, Seats::Idle { sessions: 20 });
        play::idle(&Plan { measured: Duration::from_millis(10), ..plan }).await.unwrap()
    };
    assert!(LocalSet::new().run_until(played).await.bytes_per_session.is_some());
}
