//! Connections that are lost, all at once or one after the other, and come back.

use crate::engine::Engine;
use crate::play::{assert_kept, count, play};

/// G13, C10: all connections are dropped at one moment.
#[test]
fn storm_cuts_everybody_and_all_come_back() {
    let engine = Engine::start();
    let report = play(&engine, "storm --customers 40 --agents 14 --rate 150 --calm 1 --storms 2");
    assert_kept(&report);
    assert_eq!((count(&report, "struck"), count(&report, "not back")), (108, 0), "{report}");
    assert_eq!((report.times_us["back"].count, report.violations), (108, Some(0)), "{report}");
    assert_eq!((report.times_us["back"].missing, report.times_us["outage"].missing), (0, 0), "{report}");
    assert!(report.to_string().contains("storm: struck 108, not back 0"), "{report}");
    assert!(count(&report, "connections lost") >= 108, "{report}");
}

/// G13, C08, C10: the load tester starts the server itself, kills it under load and starts it again.
#[test]
fn storm_kills_the_server_it_started_and_all_come_back() {
    let dir = tempfile::tempdir().unwrap();
    // A port that was free a moment ago; nobody else here takes one by number.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!(
        "{} demo --data {} --listen 127.0.0.1:{port} --ops-listen 127.0.0.1:0",
        env!("CARGO_BIN_EXE_deskwire"),
        dir.path().display()
    );
    let words = format!("storm --url ws://127.0.0.1:{port}/ws --customers 40 --agents 14 --rate 150 --calm 1");
    let report = crate::play::run_with(&words, &["--server-command", &server]).unwrap();
    println!("{report}");
    assert_kept(&report);
    assert_eq!((count(&report, "struck"), count(&report, "not back")), (54, 0), "{report}");
    let (killed, open) = (report.times_us["back"], report.times_us["back, open"]);
    assert!(killed.count == 54 && open.count == 54 && open.max <= killed.max, "{report}");
    // Only what it started is ever its to kill.
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(crate::play::run_with(&words, &["--server-command", &server]).is_err());
}

/// G13, C10: everybody is offline again and again while the others talk.
#[test]
fn jitter_takes_everybody_offline_and_nothing_is_missed() {
    let engine = Engine::start();
    let words = "jitter --customers 20 --agents 8 --rate 150 --every 2 --offline 0.5 --duration 6 --chat-seconds 4";
    let report = play(&engine, words);
    assert_kept(&report);
    assert!(count(&report, "times offline") >= 50, "{report}");
    assert!(report.times_us["resume"].count >= 50 && count(&report, "unsent") == 0, "{report}");
    assert_eq!((report.checked.undelivered, report.violations), (0, Some(0)), "{report}");
}
