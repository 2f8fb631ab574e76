//! Every metric is fed: what a day at the desk brings about is counted, under its own name and label.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use deskwire::metrics::Metrics;
use deskwire_protocol::kinds;
use deskwire_protocol::{CloseCode, Refusal};

use crate::client::Client;
use crate::engine::{Engine, PATIENCE};

/// What this test does not move, and where it is seen.
const ELSEWHERE: [(&str, &str); 8] = [
    ("deskwire_actor_falls_total", "faults: whatever makes an actor fall on demand"),
    ("deskwire_rooms_set_aside", "faults: a_ticket_that_was_set_aside_is_put_back"),
    ("deskwire_disk_state", "a_nearly_full_disk_refuses_posts_and_goes_on_reading"),
    (
        "deskwire_store_queue",
        "faults, on a slow disk: what_was_accepted_before_a_drain_is_acknowledged_and_what_comes_later_is_refused",
    ),
    ("deskwire_store_unsynced_age_seconds", "the same"),
    ("deskwire_posts_inside", "the same"),
    ("deskwire_limit_overrides_total", "beside this: a_supervisors_override_is_named_and_counted_apart"),
    (
        "deskwire_invariant_violations_total",
        "nowhere: no input of a client's leads there, and every test of the desk wants it 0",
    ),
];

/// Connections that may be open.
const CONNECTIONS: usize = 24;
/// Posts that one who does not read is sent at most: the kernel keeps some megabytes for him.
const POSTS_MAX: u32 = 2_000;

/// The highest value of each sample that any scrape has shown.
#[derive(Default)]
struct Seen(HashMap<String, f64>);

impl Seen {
    fn look(&mut self, engine: &Engine) {
        let (_, text) = engine.http(engine.ops, "GET", "/metrics", "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let highest = self.0.entry(sample.to_owned()).or_default();
            *highest = highest.max(value.parse().unwrap());
        }
    }

    fn of(&self, sample: &str) -> f64 {
        *self.0.get(sample).unwrap_or_else(|| panic!("there is no {sample}"))
    }

    /// Whether any child of a family has moved; a histogram's count.
    fn has_moved(&self, family: &str) -> bool {
        let is_of = |sample: &str| match sample.strip_prefix(family) {
            Some(rest) => rest.is_empty() || rest.starts_with('{') || rest == "_count",
            None => false,
        };
        self.0.iter().any(|(sample, value)| is_of(sample) && *value > 0.0)
    }
}

/// A chat from the queue to its end, with a pick by hand beside it; what is refused on the way.
fn a_day(engine: &Engine, seen: &mut Seen) {
    let (mut carl, _) = Client::customer(engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    while seen.0.get("deskwire_queue_oldest_wait_seconds").is_none_or(|wait| *wait == 0.0) {
        seen.look(engine);
    }
    let wrong = r#"{"email":"alice@demo.example","password":"wrong"}"#;
    assert_eq!(engine.http(engine.address, "POST", "/api/auth/login", wrong).0, 401);
    let mut alice = Client::agent(engine, "alice");
    assert_eq!(alice.yours(), ticket);
    let by_hand = carl.start_chat("technical", 2).unwrap();
    let request = alice.request();
    alice.send(kinds::Pick { request, ticket: by_hand });
    alice.done(request).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    carl.post(ticket, 1, "hello");
    carl.acknowledged(ticket, 1).unwrap();
    carl.post(ticket, 3, "one too many");
    assert_eq!(carl.acknowledged(ticket, 3).unwrap_err().code, Refusal::OutOfOrder.number());
    let (mut again, _) = Client::customer(engine, "Stranger");
    assert_eq!(again.join(ticket, 11, 0).unwrap_err().code, Refusal::UnknownTicket.number());
    assert_eq!(carl.join(ticket, 12, 1_000).unwrap_err().code, Refusal::Ahead.number());
    seen.look(engine);
    again.send_bytes(0x82, &[200]);
    assert_eq!(again.closed(), CloseCode::Malformed.number());
}

/// One who begins a message and does not end it; one who listens and does not read.
fn bad_manners(engine: &Engine, seen: &mut Seen) {
    let (mut slow, _) = Client::customer(engine, "Slow");
    slow.send_bytes(0x02, &[0; 5_000]);
    slow.send_bytes(0x89, b"");
    while seen.0.get("deskwire_inbound_bytes").is_none_or(|bytes| *bytes < 5_000.0) {
        seen.look(engine);
    }
    let (mut loud, welcome) = Client::customer(engine, "Loud");
    let ticket = loud.start_chat("technical", 1).unwrap();
    loud.join(ticket, 11, 0).unwrap();
    let (mut deaf, _) = Client::hello(engine, &welcome.token, "");
    deaf.join(ticket, 12, 0).unwrap();
    for number in 1..=POSTS_MAX {
        loud.post(ticket, number, &"x".repeat(16_000));
        loud.acknowledged(ticket, number).unwrap();
        seen.look(engine);
        if seen.has_moved("deskwire_outbox_cuts_total") {
            return;
        }
    }
    panic!("it was never cut off");
}

/// As many connections as there may be, and one more: it is turned away, once those who were here before have left.
fn a_crowd(engine: &Engine) {
    let until = Instant::now() + PATIENCE;
    while !the_last_is_turned_away(engine) {
        assert!(Instant::now() < until, "nobody was turned away");
    }
}

fn the_last_is_turned_away(engine: &Engine) -> bool {
    let mut crowd: Vec<_> = (0..=CONNECTIONS).map(|_| TcpStream::connect(engine.address).unwrap()).collect();
    let mut last = crowd.pop().unwrap();
    last.set_read_timeout(Some(PATIENCE)).unwrap();
    last.write_all(b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    last.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer) == "HTTP/1.1 503"
}

/// G08: no family stays at 0 but those that are named, each for its reason; and what is counted is what happened.
#[test]
fn every_metric_moves_when_its_cause_comes_about() {
    let engine = Engine::with(&[("SERVE_CONNECTIONS", &CONNECTIONS.to_string())]);
    let mut seen = Seen::default();
    a_day(&engine, &mut seen);
    bad_manners(&engine, &mut seen);
    a_crowd(&engine);
    seen.look(&engine);
    let still: Vec<_> = Metrics::NAMES.iter().filter(|name| !seen.has_moved(name)).copied().collect();
    let named: Vec<_> = ELSEWHERE.iter().map(|(name, _)| *name).collect();
    let unfed: Vec<_> = still.iter().filter(|name| !named.contains(name)).collect();
    assert!(unfed.is_empty(), "never moved: {unfed:?}");

    for (sample, value) in [
        ("deskwire_sockets_accepted_total", 6.0),
        ("deskwire_sign_ins_total{outcome=\"accepted\"}", 1.0),
        ("deskwire_sign_ins_total{outcome=\"refused\"}", 1.0),
        ("deskwire_matches_total{routing=\"automatic\"}", 1.0),
        ("deskwire_matches_total{routing=\"picked\"}", 1.0),
        ("deskwire_queue_wait_seconds_count", 2.0),
        ("deskwire_refusals_total{reason=\"out_of_order\"}", 1.0),
        ("deskwire_refusals_total{reason=\"unknown_ticket\"}", 1.0),
        ("deskwire_refusals_total{reason=\"ahead\"}", 1.0),
        ("deskwire_clients_ahead_total", 1.0),
        ("deskwire_closes_total{code=\"malformed\"}", 1.0),
        ("deskwire_closes_total{code=\"slow\"}", 1.0),
        ("deskwire_outbox_cuts_total{bound=\"bytes\"}", 1.0),
        ("deskwire_sockets_signed_in{role=\"agent\"}", 1.0),
        ("deskwire_actors{actor=\"agent\"}", 1.0),
        ("deskwire_actors{actor=\"dispatcher\"}", 1.0),
    ] {
        assert_eq!(seen.of(sample), value, "{sample}");
    }
    // A commit may be between the two: the notifier keeps its place by itself.
    let commits = |seen: &Seen| {
        ["deskwire_store_commit_appends_count", "deskwire_store_sync_seconds_count"].map(|sample| seen.of(sample))
    };
    for _ in 0..100 {
        if commits(&seen)[0] == commits(&seen)[1] {
            break;
        }
        seen.look(&engine);
    }
    assert_eq!(commits(&seen)[0], commits(&seen)[1]);
    assert!(seen.of("deskwire_store_appends_total") > 100.0);
    assert!(seen.of("deskwire_frames_out_total") > seen.of("deskwire_frames_in_total"));
    let (text, free) = (engine.http(engine.ops, "GET", "/metrics", "").1, seen.of("deskwire_disk_free_bytes"));
    assert!(text.contains("# HELP deskwire_disk_free_bytes ") && free > 1e6);
}
