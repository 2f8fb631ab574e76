//! A full discussion: 250 members on 250 sockets, 20 of whom read slowly.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use deskwire_protocol::kinds::PublicFrame;
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, TicketId};
use socket2::{Domain, Socket, Type};

use crate::client::{Client, seq};
use crate::discussing::{enter, found, say, supervisor};
use crate::engine::{Engine, PATIENCE};

const MEMBERS: usize = 250;
const SLOW: usize = 20;
/// At most so many posts until all who do not read are cut off.
const POSTS_MAX: u32 = 1_500;
/// So many posts may be on their way to one who reads: fewer than make him slow.
const AHEAD_MAX: u32 = 16;
const TEXT_BYTES: usize = 8_192;
const SLOW_CUT: &str = "deskwire_closes_total{code=\"slow\"}";
/// The last post.
const END: &str = "that was all";
/// A segment as on a real network: over loopback the kernel would hold megabytes for who does not read.
const SEGMENT: u32 = 1_400;

/// A connection whose kernel keeps little for it.
fn narrow(address: SocketAddr) -> Client {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.set_tcp_mss(SEGMENT).unwrap();
    socket.connect(&address.into()).unwrap();
    Client::over(TcpStream::from(socket), address, "/ws", "deskwire.v1")
}

/// A member, and what brings him back.
struct Member {
    client: Client,
    token: String,
    /// The last event that came with the join.
    seen: u32,
}

fn member(room: TicketId, mut client: Client, index: usize) -> Member {
    let token = client.greet("", &format!("member {index}")).token;
    let seen = enter(&mut client, room, 1_000 + index as u128).unwrap().head;
    Member { client, token, seen }
}

/// Reads on from what it has seen: every event in its order, each once, up to the last post. Answers the last number.
fn listen(client: &mut Client, mut seen: u32, progress: &AtomicU32) -> u32 {
    loop {
        let (next, text) = client.wait(|frame| match frame {
            ServerFrame::Public(frame) => seq(frame).map(|next| (next, text(frame))),
            ServerFrame::Staff(_) => None,
        });
        assert_eq!(next, seen + 1, "no gap, no double");
        seen = next;
        progress.store(seen, Relaxed);
        if text == END {
            return seen;
        }
    }
}

fn text(frame: &PublicFrame) -> String {
    match frame {
        PublicFrame::Message(message) => message.text.clone(),
        _ => String::new(),
    }
}

/// Those who read, each on a thread of his own, which says how far he is, and when he has all.
fn listen_all(members: Vec<Member>, done: &SyncSender<u32>) -> Vec<Arc<AtomicU32>> {
    let one = |Member { mut client, seen, .. }| {
        let (done, progress) = (done.clone(), Arc::new(AtomicU32::new(seen)));
        let told = progress.clone();
        let listens = move || done.send(listen(&mut client, seen, &told)).unwrap();
        thread::Builder::new().stack_size(256 << 10).spawn(listens).unwrap();
        progress
    };
    members.into_iter().map(one).collect()
}

/// Waits until all who read have come near: on a busy machine their threads are slow without their fault.
fn wait_for_readers(progress: &[Arc<AtomicU32>], seq: u32) {
    let until = Instant::now() + PATIENCE;
    while progress.iter().any(|one| one.load(Relaxed) + AHEAD_MAX < seq) {
        assert!(Instant::now() < until, "somebody who reads does not get on");
        thread::sleep(Duration::from_millis(1));
    }
}

/// C03: the 251st is told so; a message reaches the 249 others; 20 who do not read are cut off as slow, the others have
/// everything in order meanwhile, and those who were cut off come back and have it all, without a gap.
#[test]
fn twenty_of_250_members_who_read_slowly_hold_nobody_up_and_miss_nothing() {
    let engine = Engine::start();
    let mut sam = supervisor(&engine);
    let room = found(&mut sam, 1, 0).unwrap();
    enter(&mut sam, room, 1).unwrap();
    let one = |index: usize| match index < SLOW {
        true => member(room, narrow(engine.address), index),
        false => member(room, Client::connect(engine.address), index),
    };
    let mut slow: Vec<Member> = (0..MEMBERS - 1).map(one).collect();
    let quick = slow.split_off(SLOW);
    let mut late = Client::customer(&engine, "Lou").0;
    assert_eq!(enter(&mut late, room, 9).unwrap_err().code, Refusal::DiscussionFull.number());

    let (done, all_done) = sync_channel(MEMBERS);
    let listening = quick.len();
    let progress = listen_all(quick, &done);
    let filler = "x".repeat(TEXT_BYTES);
    let last_cut = (1..=POSTS_MAX).find(|number| {
        let seq = say(&mut sam, room, *number, &filler).unwrap();
        wait_for_readers(&progress, seq);
        number.is_multiple_of(10) && engine.metric(SLOW_CUT) >= SLOW as f64
    });
    let posts = last_cut.expect("those who do not read are cut off") + 1;
    let end = say(&mut sam, room, posts, END).unwrap();
    for _ in 0..listening {
        assert_eq!(all_done.recv_timeout(PATIENCE).unwrap(), end);
    }
    assert_eq!(engine.metric(SLOW_CUT), SLOW as f64, "nobody else");
    for (index, Member { mut client, token, seen }) in slow.into_iter().enumerate() {
        // The last of them may find his socket gone when he comes to read how it ended.
        assert!(client.ended().is_none_or(|code| code == CloseCode::Slow.number()));
        let heard = client.heard.iter().filter_map(|frame| match frame {
            ServerFrame::Public(frame) => seq(frame),
            ServerFrame::Staff(_) => None,
        });
        let seen = heard.max().unwrap_or(seen);
        let mut again = Client::hello(&engine, &token, "").0;
        let missed = again.join(room, 5_000 + index as u128, seen).unwrap();
        assert!(missed.iter().filter_map(seq).eq(seen + 1..=end), "a resume without a gap");
    }
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"gap\"}"), 0.0);
}
