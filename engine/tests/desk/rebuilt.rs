//! A wrong stage index: `check` names it, `rebuild` puts it right, and the queue knows its tickets again.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use crate::client::Client;
use crate::engine::Engine;

/// The exit code, and all that an offline command said.
pub fn run(command: &str, data: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_deskwire")).args([command, "--data"]).arg(data).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), said)
}

/// Takes one ticket out of the index, spoils another's entry, and adds one that nobody opened.
fn damage(data: &Path, missing: u64, spoiled: u64) {
    let log = sled::Config::new().path(data.join("log")).segment_size(8 << 20).flush_every_ms(None);
    let log = log.open().unwrap();
    let key = |ticket: u64| [&[0x40][..], &ticket.to_be_bytes()].concat();
    let value = log.remove(key(missing)).unwrap().unwrap();
    log.insert(key(spoiled), value.clone()).unwrap();
    log.insert(key(7), value).unwrap();
    log.flush().unwrap();
}

/// G09: missing, damaged and surplus entries are each named; rebuilt, the queue has what the logs say is open.
#[test]
fn a_damaged_index_is_named_and_rebuilt_and_the_queue_has_its_tickets_again() {
    let mut engine = Engine::start();
    let tickets: Vec<_> = (1..=3)
        .map(|key| {
            let (mut customer, _) = Client::customer(&engine, "Carl");
            customer.start_chat("general", key).unwrap()
        })
        .collect();
    engine.signal(Signal::TERM);
    engine.wait_for("everything that was acknowledged is kept");
    engine.kill();
    damage(engine.data(), tickets[0].0, tickets[1].0);

    let (code, said) = run("check", engine.data());
    assert_eq!(code, 1, "{said}");
    for words in [
        format!("ticket {} in the stage index is damaged", tickets[1]),
        format!("ticket {}: open, but not in the stage index", tickets[0]),
        "ticket 0000000000000007: in the stage index, but not open".to_owned(),
        "3 of them in the stage index, which `deskwire rebuild` repairs".to_owned(),
    ] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    engine.begin();
    engine.wait_for("`deskwire rebuild` makes the stage index anew");
    engine.wait_for("the dispatcher fell again and again");
    engine.kill();
    for expected in ["1 entries were right, 2 written, 1 removed", "3 entries were right, 0 written, 0 removed"] {
        let (code, said) = run("rebuild", engine.data());
        assert!(code == 0 && said.contains(expected), "{said}");
    }
    assert_eq!(run("check", engine.data()).0, 0);

    engine.restart();
    let mut alice = Client::agent(&engine, "alice");
    let mut mine: Vec<_> = (0..3).map(|_| alice.yours()).collect();
    mine.sort();
    let mut opened = tickets;
    opened.sort();
    assert_eq!(mine, opened);
}
