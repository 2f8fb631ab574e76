//! SIGKILL again and again under load: no acknowledged message is lost, doubled or reordered.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::engine::{Engine, PATIENCE};
use crate::load::{Load, Size, is_long};
use crate::row::{Judged, spread};

/// When the process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// While people talk.
    Talking,
    /// While it goes down in order.
    Closing,
    /// Again while it starts.
    Starting,
}

/// The moments of each round, after which the engine may open again: as many of each, and starts both after talk and
/// after an end that was cut short. All four are at least four kills, even where it always goes down too soon: so they
/// come to any number.
const ROUNDS: [&[Moment]; 4] = [
    &[Moment::Talking],
    &[Moment::Closing, Moment::Starting],
    &[Moment::Talking, Moment::Starting],
    &[Moment::Closing],
];

/// How often, after how much talk at most, and who talks.
struct Campaign {
    kills: usize,
    talk_ms: u64,
    size: Size,
}

/// What was done so far: kills of a process that was alive.
#[derive(Default)]
struct Done {
    rounds: usize,
    talking: usize,
    closing: usize,
    starting: usize,
    /// While it went down it was down already: this is no kill.
    too_late: usize,
    /// How long it took to go down, and a little more since; none before that was measured.
    going_down: Option<Duration>,
    /// How long it took until the desk was open again.
    opened_ms: Vec<f64>,
}

/// A random time below this one.
pub fn below(longest: Duration) -> Duration {
    longest.mul_f64(getrandom::u32().unwrap() as f64 / f64::from(u32::MAX))
}

impl Done {
    fn kills(&self) -> usize {
        self.talking + self.closing + self.starting
    }

    /// Kills it at some moment, or at one and the next, and starts it again.
    fn one_more(&mut self, engine: &mut Engine, talk: Duration) {
        std::thread::sleep(below(talk));
        no_violation(engine);
        for moment in ROUNDS[self.rounds % ROUNDS.len()] {
            match moment {
                Moment::Talking => self.kill_talking(engine),
                Moment::Closing => self.kill_closing(engine),
                Moment::Starting => self.kill_starting(engine),
            }
        }
        self.rounds += 1;
        let began = Instant::now();
        engine.restart();
        self.opened_ms.push(began.elapsed().as_secs_f64() * 1e3);
    }

    fn kill_talking(&mut self, engine: &mut Engine) {
        assert!(kill(engine), "it had ended by itself: {:#?}", engine.said);
        self.talking += 1;
    }

    /// The first goes down unhurt, to see how long that takes. It takes longer or shorter from time to time: after each
    /// that came too late the next come sooner, and then a little later each time.
    fn kill_closing(&mut self, engine: &mut Engine) {
        engine.signal(Signal::TERM);
        let began = Instant::now();
        let moment = self.going_down.map_or(PATIENCE, below);
        while engine.ended().is_none() && began.elapsed() < moment {
            std::thread::sleep(Duration::from_millis(1));
        }
        let took = began.elapsed();
        match kill(engine) {
            true => {
                self.closing += 1;
                self.going_down = self.going_down.map(|usual| usual.mul_f64(1.05));
            }
            false => {
                self.too_late += 1;
                self.going_down = Some(took);
            }
        }
    }

    fn kill_starting(&mut self, engine: &mut Engine) {
        engine.begin();
        let latest = self.opened_ms.last().copied().unwrap_or(200.0);
        std::thread::sleep(below(Duration::from_secs_f64(latest / 1e3)));
        assert!(kill(engine), "it ended instead of starting: {:#?}", engine.said);
        self.starting += 1;
    }
}

/// Kills it; false where it was down already, for the system keeps how a process ended first.
fn kill(engine: &mut Engine) -> bool {
    engine.kill();
    engine.ended().and_then(|status| status.signal()) == Some(Signal::KILL.as_raw())
}

/// The engine's own count, of every kind.
fn no_violation(engine: &Engine) {
    let (_, metrics) = engine.http(engine.ops, "GET", "/metrics", "");
    let kinds: Vec<&str> =
        metrics.lines().filter(|line| line.starts_with("deskwire_invariant_violations_total{")).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|line| line.ends_with(" 0")), "{kinds:#?}");
}

/// Kills while chats go on the whole time: as soon as the load client has played its time it plays on. Every log is read
/// at the end of its play.
fn campaign(name: &str, Campaign { kills, talk_ms, size }: Campaign) {
    let mut engine = Engine::start();
    let (mut done, mut judged) = (Done::default(), Judged::default());
    while done.kills() < kills {
        let load = Load::start_and_wait(&engine, size);
        let until = Instant::now() + Duration::from_secs(size.seconds);
        while done.kills() < kills && Instant::now() < until {
            done.one_more(&mut engine, Duration::from_millis(talk_ms));
        }
        judged.add(&load.end());
    }
    no_violation(&engine);
    let Done { talking, closing, starting, too_late, .. } = done;
    let figures = format!(
        "{} kills: {talking} in talk, {closing} going down, {starting} starting, beside {too_late} that came when it \
         was down; {} connections lost; open again {}",
        done.kills(),
        judged.lost,
        spread(&mut done.opened_ms)
    );
    judged.row(name, &figures);
    // As many of each, but for what came too late, and that is the smaller part.
    assert!(talking.abs_diff(starting) <= 2 && closing > too_late, "{figures}");
    assert!(judged.lost >= (size.customers + size.agents) as u64);
}

/// C08, C09, C10; promise 5: clients resume after each kill, and everything acknowledged is there exactly once, in order.
#[test]
fn a_process_killed_again_and_again_loses_doubles_and_reorders_nothing() {
    let (kills, seconds) = if is_long() { (1_000, 60) } else { (100, 12) };
    let size = Size { customers: 30, agents: 8, rate: 200, seconds, chat_posts: 12 };
    campaign("SIGKILL, again and again", Campaign { kills, talk_ms: 350, size });
    if is_long() {
        let size = Size { customers: 1_000, agents: 100, rate: 400, seconds: 150, chat_posts: 20 };
        campaign("SIGKILL under 1,100 people", Campaign { kills: 50, talk_ms: 3_600, size });
    }
}
