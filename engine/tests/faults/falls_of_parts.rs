//! Parts fall that the process cannot go on without: it ends with its code, and the next start has everything.

use std::time::{Duration, Instant};

use deskwire_protocol::TicketId;
use rustix::process::Signal;

use crate::client::Client;
use crate::engine::{Engine, PATIENCE};
use crate::falls::{fall, fall_and_wait, post_until_acknowledged};
use crate::load::{Load, Size, is_long};
use crate::row::{Judged, row, spread};

/// Falls of the dispatcher within a minute that end the process.
const DISPATCHER_FALLS: usize = 5;
/// Posts that a connection may have in flight.
const WINDOW: u32 = 32;
const LONG_LOG: u32 = 10_000;
/// One more would set the ticket aside.
const FALLS_OF_ONE_ROOM: u32 = 4;
/// How soon a room of so many messages is back, where the program is as fast as a release is.
const BACK_WITHIN_MS: f64 = 20.0;

/// Waits for its end, which must not be long in coming; the exit code, and after how many milliseconds.
fn end(engine: &mut Engine, of: &str) -> (Option<i32>, f64) {
    let began = Instant::now();
    loop {
        if let Some(status) = engine.ended() {
            return (status.code(), began.elapsed().as_secs_f64() * 1e3);
        }
        assert!(began.elapsed() < PATIENCE, "{of}: it does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// C08, C09; promise 5: the supervisors, the root, the dispatcher too often, each thread of the store.
#[test]
fn a_part_that_it_cannot_go_on_without_ends_the_process_with_its_code() {
    let mut engine = Engine::start();
    let size = Size { customers: 20, agents: 5, rate: 150, seconds: if is_long() { 60 } else { 9 }, chat_posts: 12 };
    let parts = [
        ("rooms", 71),
        ("people", 71),
        ("root", 71),
        ("dispatcher", 70),
        ("store=writer", 32),
        ("store=keeper", 32),
        ("store=checkpoint", 32),
    ];
    let rounds = if is_long() { 10 } else { 1 };
    let load = Load::start_and_wait(&engine, size);
    let (mut ends_ms, mut wrong) = (Vec::new(), 0);
    for (part, expected) in parts.into_iter().cycle().take(parts.len() * rounds) {
        std::thread::sleep(Duration::from_millis(250));
        if part == "dispatcher" {
            (1..DISPATCHER_FALLS).for_each(|_| fall_and_wait(&engine, part, part));
        }
        fall(&engine, part);
        if part == "store=checkpoint" {
            // One is made when the engine goes down, at the latest.
            engine.signal(Signal::TERM);
        }
        let (code, ms) = end(&mut engine, part);
        ends_ms.push(ms);
        if code != Some(expected) {
            println!("{part}: it ended with {code:?}, not {expected}");
            wrong += 1;
        }
        engine.restart();
    }
    let mut judged = Judged::default();
    judged.add(&load.end());
    let figures = format!("{} falls, ended after {}", ends_ms.len(), spread(&mut ends_ms));
    judged.row("falls that end the process", &figures);
    row("exit codes of falls", &figures, wrong);
}

/// A ticket with this many messages, in a window as wide as may be.
fn long_ticket(engine: &Engine, messages: u32) -> (Client, TicketId) {
    let (mut carl, _) = Client::customer(engine, "Carl");
    let ticket = carl.start_chat("technical", 1).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    for first in (1..=messages).step_by(WINDOW as usize) {
        let last = messages.min(first + WINDOW - 1);
        (first..=last).for_each(|number| carl.post(ticket, number, "one of very many"));
        (first..=last)
            .for_each(|number| assert_eq!(carl.acknowledged(ticket, number).map_err(|no| no.code), Ok(number + 1)));
        carl.heard.clear();
        carl.raw.clear();
    }
    (carl, ticket)
}

/// C08; promise 5: from its fall to the first post that it acknowledges again; half of all are back so soon.
#[test]
fn a_room_of_ten_thousand_messages_is_back_soon_after_its_fall() {
    let is_fast = !cfg!(debug_assertions);
    let engine = Engine::start();
    let mut back_ms = Vec::new();
    // The middle of several counts: what else this machine does meanwhile is not the room's.
    for _ in 0..if is_fast { 4 } else { 1 } {
        let (mut carl, ticket) = long_ticket(&engine, LONG_LOG);
        for number in LONG_LOG + 1..=LONG_LOG + FALLS_OF_ONE_ROOM {
            let began = Instant::now();
            fall(&engine, &format!("room={}", ticket.0));
            let (seq, _) = post_until_acknowledged(&mut carl, ticket, number, "is anybody there");
            back_ms.push(began.elapsed().as_secs_f64() * 1e3);
            assert_eq!(seq, number + 1);
        }
    }
    let spread = spread(&mut back_ms);
    let (soonest, middle) = (back_ms[0], back_ms[back_ms.len() / 2]);
    let build = if is_fast { "" } else { " (a debug build, whose time is nobody's promise)" };
    let late = u64::from(is_fast && middle > BACK_WITHIN_MS);
    row("a room of 10,000 messages is back", &format!("soonest {soonest:.1} ms, {spread}{build}"), late);
}
