//! Chats through a bad network: cut, delayed, throttled, dribbled, half-open, with no way in.

use std::thread::sleep;
use std::time::{Duration, Instant};

use deskwire_loadtest::report::Report;

use super::chats_at;
use super::proxy::{CALM, Door, End, Fate, Proxy, Weather};
use crate::engine::Engine;
use crate::load::{Load, Size, assert_kept, figures, is_long, wait_until};
use crate::row::{broken, row};

const SOCKETS: &str = "deskwire_sockets";
/// Silence is looked for each second, and an end may be read for five.
const SWEEP_AND_LINGER: Duration = Duration::from_secs(7);
/// What a busy machine may take beside.
const SLACK: Duration = Duration::from_secs(10);
/// The longest silence of earnest.
const SILENT_MAX: Duration = Duration::from_secs(45);
const SILENT: &str = "deskwire_closes_total{code=\"silent\"}";

/// An engine, a network before it, and people who talk over that.
struct Stage {
    engine: Engine,
    proxy: Proxy,
    load: Load,
    people: usize,
    begun: Instant,
    last: Duration,
}

impl Stage {
    fn set(rate: usize) -> Stage {
        Stage::set_with(&[], rate, 5)
    }

    /// With settings of the engine, for so many seconds where it is short.
    fn set_with(settings: &[(&str, &str)], rate: usize, seconds: u64) -> Stage {
        let size = match is_long() {
            true => Size { customers: 400, agents: 60, rate: rate * 3, seconds: 90, chat_posts: 20 },
            false => Size { customers: 16, agents: 5, rate, seconds, chat_posts: 12 },
        };
        let engine = Engine::with(settings);
        let proxy = Proxy::start(engine.address);
        let load = chats_at(proxy.address, &engine, size);
        let (people, last) = (size.customers + size.agents, Duration::from_secs(size.seconds));
        Stage { engine, proxy, load, people, begun: Instant::now(), last }
    }

    /// Whether so much of the time in which people talk is over.
    fn is_over(&self, part: f64) -> bool {
        self.begun.elapsed() > self.last.mul_f64(part)
    }

    fn cut_all(&self, end: End) {
        self.proxy.strike(|_| Some(Fate::Cut(end)));
    }

    /// Good weather, the end, and what came of it.
    fn end(self, name: &str, more: &str) -> Report {
        self.proxy.set(CALM);
        let report = self.load.end();
        let more = if more.is_empty() { String::new() } else { format!("{more}; ") };
        row(name, &format!("{more}{}", figures(&report)), broken(&report));
        assert_kept(&report);
        assert_eq!(report.violations, Some(0), "{report}");
        wait_until("all sockets are given back", || self.engine.metric(SOCKETS) == 0.0);
        report
    }
}

fn random(below: u64) -> u64 {
    getrandom::u64().unwrap() % below
}

/// C08, C09, C10: connections end by RST and by FIN at random moments and at each byte of a frame.
#[test]
fn connections_cut_at_any_byte_lose_double_and_reorder_nothing() {
    let stage = Stage::set(120);
    while !stage.is_over(0.4) {
        sleep(Duration::from_millis(50 + random(150)));
        let end = if random(2) == 0 { End::Reset } else { End::Finish };
        stage.proxy.strike(|_| (random(4) == 0).then_some(Fate::Cut(end)));
    }
    let at_random = stage.proxy.cuts();
    // In the middle of talk, then for a while in the middle of the welcome and the first page, which lets nobody in.
    // Where more is said, more must fit into a connection for anybody to get on.
    let some = if is_long() { 4_000 } else { 1_500 };
    for (part, bytes, end) in [(0.7, some, End::Reset), (0.75, 300, End::Finish)] {
        stage.proxy.set(Weather { cut_after: Some((bytes, end)), ..CALM });
        stage.cut_all(end);
        while !stage.is_over(part) {
            sleep(Duration::from_millis(20));
        }
    }
    let people = stage.people as u64;
    wait_until("each was cut inside a frame", || stage.proxy.cuts() - at_random > 2 * people);
    let cuts = stage.proxy.cuts();
    stage.proxy.set(CALM);
    let report = stage.end("cuts", &format!("{at_random} cuts at random, {} inside a frame", cuts - at_random));
    assert!(at_random > people, "{report}");
    assert!(report.counts["connections lost"] > 2 * people, "{report}");
}

/// C08: every frame is under way for 40 to 100 ms, each way.
#[test]
fn a_slow_network_with_jitter_keeps_everything_in_order() {
    let stage = Stage::set(120);
    stage.proxy.set(Weather { delay_ms: 40, jitter_ms: 60, ..CALM });
    while !stage.is_over(1.0) {
        sleep(Duration::from_millis(50));
    }
    let report = stage.end("delay", "40 to 100 ms each way");
    assert!(report.times_us["deliver"].p50.is_none_or(|us| us > 2 * 40_000), "it was slow: {report}");
    assert_eq!(report.counts["connections lost"], 0, "{report}");
}

/// C08: frames arrive byte by byte, or at 8 KB/s.
#[test]
fn a_network_that_dribbles_and_throttles_only_takes_longer() {
    let stage = Stage::set(25);
    stage.proxy.set(Weather { piece_bytes: 1, ..CALM });
    while !stage.is_over(0.5) {
        sleep(Duration::from_millis(50));
    }
    stage.proxy.set(Weather { piece_bytes: 50, bytes_per_s: 8_000, ..CALM });
    while !stage.is_over(1.0) {
        sleep(Duration::from_millis(50));
    }
    stage.end("dribble", "byte by byte, then 8 KB/s");
}

/// C10: all are cut off and nobody gets in for a while; afterwards everybody is back with all that he had.
#[test]
fn after_a_black_hole_everybody_comes_back() {
    let stage = Stage::set(120);
    while !stage.is_over(0.2) {
        sleep(Duration::from_millis(20));
    }
    stage.proxy.set(Weather { door: Door::BlackHole, ..CALM });
    stage.cut_all(End::Reset);
    wait_until("nobody is in", || stage.engine.metric(SOCKETS) == 0.0);
    while !stage.is_over(0.5) {
        sleep(Duration::from_millis(20));
    }
    stage.proxy.set(CALM);
    let lifted = Instant::now();
    let people = stage.people as f64;
    wait_until("everybody is in again", || stage.engine.metric(SOCKETS) >= people);
    let back = lifted.elapsed();
    let report = stage.end("black hole", &format!("all back {} ms after it lifted", back.as_millis()));
    assert!(report.counts["connections lost"] >= people as u64, "{report}");
}

/// Half of the people are half-open, a quarter is not heard and an eighth hears nothing: the engine frees the sockets of whom it
/// does not hear within its time for silence and the time to read an end; the others talk on, and who was struck resumes.
#[test]
fn half_open_connections_are_freed_and_resume() {
    // The times of earnest are 20 s and 45 s.
    let (settings, silent): (&[(&str, &str)], u64) = match is_long() {
        true => (&[], 45),
        false => (&[("SERVE_PING_SECONDS", "1"), ("SERVE_SILENT_SECONDS", "2")], 2),
    };
    let stage = Stage::set_with(settings, 100, 15);
    sleep(Duration::from_millis(500));
    let begun = Instant::now();
    stage.proxy.strike(|at| match at % 8 {
        0..=3 => Some(Fate::SwallowBoth),
        4 | 5 => Some(Fate::SwallowInward),
        6 => Some(Fate::SwallowOutward),
        _ => None,
    });
    let (dead, unheard) = (stage.proxy.count(Fate::SwallowBoth), stage.proxy.count(Fate::SwallowInward));
    // All that the engine then has are connections from which it hears. Of the unheard some may have gone by themselves.
    let freed = wait_for(&stage.engine, |engine| {
        let silent = engine.metric(SILENT) >= dead as f64;
        let heard = stage.proxy.count(Fate::Forward) + stage.proxy.count(Fate::SwallowOutward);
        silent && engine.metric(SOCKETS) <= heard as f64
    });
    let within = Duration::from_secs(silent) + SWEEP_AND_LINGER + SLACK;
    let freed = freed.unwrap_or_else(|| {
        let [sockets, silent] = [SOCKETS, SILENT].map(|name| stage.engine.metric(name));
        let carried = stage.proxy.count(Fate::Forward);
        panic!("{dead} dead, {unheard} unheard; {silent} found silent; {sockets} sockets, {carried} carried");
    });
    assert!(begun.elapsed() < within, "{freed:?} of {within:?}");
    stage.proxy.end_struck();
    let people = stage.people as f64;
    wait_until("everybody is in again", || stage.engine.metric(SOCKETS) >= people);
    let words = format!("{dead} dead and {unheard} unheard of {people}, freed after {:.1} s", freed.as_secs_f64());
    stage.end("half-open", &words);
}

/// How long it took until something was so, if it became so.
fn wait_for(engine: &Engine, is_so: impl Fn(&Engine) -> bool) -> Option<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < SILENT_MAX + SWEEP_AND_LINGER + SLACK {
        if is_so(engine) {
            return Some(begun.elapsed());
        }
        sleep(Duration::from_millis(50));
    }
    None
}
