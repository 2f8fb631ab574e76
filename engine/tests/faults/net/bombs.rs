//! Fragment bombs and malformed streams by the hundred: each ends with its code, memory keeps its bound, talk goes on.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use deskwire_protocol::CloseCode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::raw::{self, frame};
use super::{chats_at, mib, rss};
use crate::engine::Engine;
use crate::load::{Size, assert_kept, is_long, wait_until};
use crate::row::{broken, row};

const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF8: u16 = 1007;
const TOO_BIG: u16 = 1009;
const NORMAL: u16 = 1000;
const SLOW: u16 = CloseCode::Slow as u16;
/// He was slow, and nobody could tell him so.
const NO_HELLO: u16 = CloseCode::NoHello as u16;

/// Pings whose answers are not read.
const UNREAD: &str = "pings, unread";

const SUBPROTOCOLS: [&str; 2] = ["deskwire.v1", "deskwire.v1.json"];
/// A bomb goes on for so many bytes, or until its connection ends.
const BOMB_BYTES: usize = 512 * 1024;
const PINGS: usize = 10_000;
/// A connection may hold twice the longest message, and the engine some of its own beside.
const EACH_MAX: u64 = 64 * 1024;
const BESIDE: u64 = 16 << 20;

/// What is sent, first once and then again and again, and how that may end.
struct Bomb {
    name: &'static str,
    first: Vec<u8>,
    then: Vec<u8>,
    repeats: usize,
    codes: &'static [u16],
}

fn once(name: &'static str, first: Vec<u8>, codes: &'static [u16]) -> Bomb {
    Bomb { name, first, then: Vec::new(), repeats: 0, codes }
}

fn again(name: &'static str, first: Vec<u8>, then: Vec<u8>, codes: &'static [u16]) -> Bomb {
    let repeats = BOMB_BYTES / then.len();
    Bomb { name, first, then, repeats, codes }
}

/// A header that announces more than comes.
fn announced(length: u64) -> Vec<u8> {
    [&[0x82, 0xff][..], &length.to_be_bytes(), &[1, 2, 3, 4]].concat()
}

fn large(first: u8) -> Vec<u8> {
    frame(first, &[7; 30_000])
}

fn bombs() -> Vec<Bomb> {
    let between = [frame(0x00, b"a"), frame(0x89, b"between")].concat();
    let pings = Bomb { repeats: PINGS, ..again(UNREAD, Vec::new(), frame(0x89, &[7; 125]), &[SLOW, NO_HELLO, 0]) };
    vec![
        again("empty fragments", frame(0x01, b""), frame(0x00, b""), &[TOO_BIG]),
        again("fragments of a byte", frame(0x02, b"a"), frame(0x00, b"a"), &[TOO_BIG]),
        again("fragments with pings between", frame(0x01, b"a"), between, &[TOO_BIG]),
        Bomb { repeats: 40, ..again("large fragments", large(0x02), large(0x00), &[TOO_BIG]) },
        once("a length of 4 GiB", announced(1 << 32), &[TOO_BIG]),
        once("the greatest length", announced(u64::MAX >> 1), &[TOO_BIG]),
        once("a negative length", announced(u64::MAX), &[PROTOCOL_ERROR]),
        once("no mask", vec![0x82, 1, 0], &[PROTOCOL_ERROR]),
        once("reserved bits", frame(0xf2, b"a"), &[PROTOCOL_ERROR]),
        once("a reserved opcode", frame(0x83, b"a"), &[PROTOCOL_ERROR]),
        once("half a character", frame(0x81, &[b'a', 0xc3]), &[NOT_UTF8]),
        once(
            "half a character, then another fragment",
            [frame(0x01, &[0xe2]), frame(0x80, b"a")].concat(),
            &[NOT_UTF8],
        ),
        again("closes", frame(0x88, &1000_u16.to_be_bytes()), frame(0x88, &1000_u16.to_be_bytes()), &[NORMAL, 0]),
        pings,
    ]
}

/// One connection that throws one bomb; the code it ends with.
async fn throw(address: SocketAddr, number: usize, bomb: &Bomb, subprotocol: &str) -> u16 {
    let mut stream = raw::open(address, number, subprotocol).await.unwrap();
    // What the engine has ended it need not take; where it stops reading, nothing more need come.
    let _ = timeout(raw::PATIENCE, send(&mut stream, bomb)).await;
    raw::closed(&mut stream).await
}

async fn send(stream: &mut TcpStream, bomb: &Bomb) -> std::io::Result<()> {
    stream.write_all(&bomb.first).await?;
    let many = bomb.then.repeat(20);
    for _ in 0..bomb.repeats.div_ceil(20) {
        stream.write_all(&many).await?;
    }
    Ok(())
}

/// Throws each bomb so many times on each subprotocol, all at once; what each came to.
async fn throw_all(address: SocketAddr, times: usize) -> BTreeMap<(&'static str, u16), usize> {
    let mut thrown = JoinSet::new();
    for (number, bomb) in (0..times).flat_map(|_| bombs()).enumerate() {
        thrown.spawn(async move {
            let mut codes = Vec::new();
            for subprotocol in SUBPROTOCOLS {
                codes.push((bomb.name, throw(address, number, &bomb, subprotocol).await));
            }
            codes
        });
    }
    let mut codes = BTreeMap::new();
    while let Some(one) = thrown.join_next().await {
        one.unwrap().into_iter().for_each(|code| *codes.entry(code).or_default() += 1);
    }
    codes
}

/// Promise 6.
#[test]
fn bombs_end_with_their_codes_and_neither_memory_nor_talk_suffers() {
    let (size, times) = match is_long() {
        true => (Size { customers: 400, agents: 60, rate: 400, seconds: 60, chat_posts: 20 }, 60),
        false => (Size { customers: 16, agents: 5, rate: 80, seconds: 6, chat_posts: 12 }, 15),
    };
    let engine = Engine::start();
    let load = chats_at(engine.address, &engine, size);
    let before = rss(&engine);
    let bombing = std::thread::spawn({
        let address = engine.address;
        move || Runtime::new().unwrap().block_on(throw_all(address, times))
    });
    let mut peak = before;
    while !bombing.is_finished() {
        peak = peak.max(rss(&engine));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let codes = bombing.join().unwrap();
    let at_once = (times * bombs().len()) as u64;
    let report = load.end();
    let wrong: Vec<_> = codes.iter().filter(|((name, code), _)| !allowed(name, *code)).collect();
    let (grown, bound) = (peak - before, at_once * EACH_MAX + BESIDE);
    row(
        "bombs",
        &format!(
            "{} connections, {at_once} at once, {} kinds; memory +{:.1} MiB of {:.0} MiB; p99 of others {:.1} ms",
            codes.values().sum::<usize>(),
            bombs().len(),
            mib(grown),
            mib(bound),
            report.times_us["deliver"].p99.map_or(f64::INFINITY, |us| us as f64 / 1e3)
        ),
        broken(&report) + wrong.len() as u64,
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(engine.metric("deskwire_closes_total{code=\"slow\"}") > 0.0, "who reads no answers to his pings is slow");
    assert!(grown <= bound, "{grown} of {bound}");
    assert_kept(&report);
    assert_eq!(report.counts["connections lost"], 0, "{report}");
    wait_until("all are gone", || engine.metric("deskwire_sockets") == 0.0);
    assert_eq!(engine.metric("deskwire_inbound_bytes"), 0.0);
    assert_eq!(engine.metric("deskwire_outbox_bytes"), 0.0);
}

fn allowed(name: &str, code: u16) -> bool {
    bombs().iter().any(|bomb| bomb.name == name && bomb.codes.contains(&code))
}
