//! SIGKILL again and again under load: no acknowledged message is lost, doubled or reordered.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::engine::Engine;
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

/// About how long that takes.
const GOING_DOWN: Duration = Duration::from_millis(50);

/// How often, after how much talk at most, and who talks.
struct Campaign {
    kills: usize,
    talk_ms: u64,
    size: Size,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    talking: usize,
    closing: usize,
    starting: usize,
    /// Of those while it went down: it was down already.
    too_late: usize,
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

    /// Kills it at some moment and starts it again.
    fn one_more(&mut self, engine: &mut Engine, talk: Duration) {
        std::thread::sleep(below(talk));
        match [Moment::Talking, Moment::Closing, Moment::Starting][self.kills() % 3] {
            Moment::Talking => {
                no_violation(engine);
                engine.kill();
                self.talking += 1;
            }
            Moment::Closing => {
                engine.signal(Signal::TERM);
                std::thread::sleep(below(GOING_DOWN));
                self.too_late += usize::from(engine.ended().is_some());
                engine.kill();
                self.closing += 1;
            }
            Moment::Starting => {
                // Whenever that is: an engine killed while it starts is the next to be killed while it starts.
                engine.kill();
                self.talking += 1;
                engine.begin();
                let latest = self.opened_ms.last().copied().unwrap_or(200.0);
                std::thread::sleep(below(Duration::from_secs_f64(latest / 1e3)));
                engine.kill();
                self.starting += 1;
            }
        }
        let began = Instant::now();
        engine.restart();
        self.opened_ms.push(began.elapsed().as_secs_f64() * 1e3);
    }
}

fn no_violation(engine: &Engine) {
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"append_out_of_turn\"}"), 0.0);
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
        "{} kills: {talking} in talk, {closing} going down ({too_late} of them were down), {starting} starting; {} \
         connections lost; open again {}",
        done.kills(),
        judged.lost,
        spread(&mut done.opened_ms)
    );
    judged.row(name, &figures);
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
