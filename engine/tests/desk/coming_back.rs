//! Falls and restarts: what was acknowledged is there, who listens hears it, and the process ends in order.

use std::time::{Duration, Instant};

use deskwire_protocol::kinds::PublicFrame;
use deskwire_protocol::{CloseCode, ServerFrame, StageName};

use crate::client::{Client, seq};
use crate::engine::Engine;

/// C08, C09, C10: SIGKILL in the middle; everything acknowledged is there once, in order, and a repeat is answered.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    let mut engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    agent.yours();
    customer.join(ticket, 11, 0).unwrap();
    let mut acknowledged = Vec::new();
    let mut next = 1;
    for _ in 0..5 {
        for number in next..next + 20 {
            customer.post(ticket, number, &format!("text {number}"));
        }
        for number in next..next + 10 {
            acknowledged.push((number, customer.acknowledged(ticket, number).unwrap()));
        }
        engine.kill();
        engine.restart();
        let (client, again) = Client::hello(&engine, &welcome.token, "");
        customer = client;
        assert_eq!(again.epoch, welcome.epoch);
        assert_eq!(again.tickets.len(), 1);
        assert_eq!(again.tickets[0].stage, StageName::Assigned);
        let events = customer.join(ticket, 11, 0).unwrap();
        assert!(events.iter().filter_map(seq).eq(1..=events.len() as u32));
        let own: Vec<(u32, u32)> = events
            .iter()
            .filter_map(|event| match event {
                PublicFrame::OwnMessage(own) => Some((own.number, own.seq)),
                _ => None,
            })
            .collect();
        assert!(own.iter().map(|(number, _)| *number).eq(1..=own.len() as u32), "{own:?}");
        assert_eq!(own[..acknowledged.len()], acknowledged, "each at the place that was acknowledged");
        next = own.len() as u32 + 1;
        for (number, place) in acknowledged.iter().rev().take(5) {
            customer.post(ticket, *number, &format!("text {number}"));
            assert_eq!(customer.acknowledged(ticket, *number).unwrap(), *place);
        }
        acknowledged = own;
    }
    let mut agent = Client::agent(&engine, "alice");
    assert_eq!(agent.yours(), ticket, "it is still his");
}

/// Promise 3: a room may leave with people listening; the next post reaches them without a byte from them.
#[test]
fn who_listens_silently_hears_a_room_that_left_and_came_back() {
    let engine = Engine::with(&[("ACTORS_IDLE_SECONDS", "1")]);
    let (mut writer, welcome) = Client::customer(&engine, "Carl");
    let ticket = writer.start_chat("technical", 1).unwrap();
    let (mut listener, _) = Client::hello(&engine, &welcome.token, "");
    listener.join(ticket, 12, 0).unwrap();
    writer.join(ticket, 11, 0).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while engine.metric("deskwire_actors{actor=\"room\"}") > 0.0 {
        assert!(Instant::now() < until, "the room does not leave");
        std::thread::sleep(Duration::from_millis(50));
    }
    writer.post(ticket, 1, "are you there?");
    let posted = Instant::now();
    assert_eq!(listener.message(), (2, "are you there?".to_owned()));
    assert!(posted.elapsed() < Duration::from_secs(1));
}

/// G10: SIGTERM says goodbye, closes with 1001 and ends well; what was acknowledged is kept.
#[test]
fn the_engine_drains() {
    let mut engine = Engine::start();
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    customer.post(ticket, 1, "last words");
    customer.acknowledged(ticket, 1).unwrap();
    let closing = std::thread::spawn(move || {
        let code = customer.closed();
        (code, customer.heard)
    });
    let began = Instant::now();
    assert!(engine.terminate().success());
    assert!(began.elapsed() < Duration::from_secs(6));
    let (code, heard) = closing.join().unwrap();
    assert_eq!(code, CloseCode::GoingAway.number());
    assert!(heard.iter().any(|frame| matches!(frame, ServerFrame::Public(PublicFrame::Goodbye(_)))));
    engine.restart();
    let (mut customer, _) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(customer.join(ticket, 11, 0).unwrap().len(), 2);
}

/// A second engine on the same data refuses with words and a code of its own.
#[test]
fn two_engines_do_not_share_a_directory() {
    let engine = Engine::start();
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_deskwire"))
        .args(["serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--data"])
        .arg(engine.data())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success());
    assert_ne!(second.status.code(), Some(1), "{words}");
    assert!(words.contains("in use") || words.contains("another"), "{words}");
}
