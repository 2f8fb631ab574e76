//! How a run goes: on a terminal a bar and a line each second, and silence anywhere else.

use std::cell::RefCell;
use std::io::{IsTerminal, stderr};
use std::rc::Rc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use crate::checker::Tally;
use crate::clock::{Clock, pause};
use crate::measure::{Measures, What};
use crate::scenario::World;

const BAR: &str = "{elapsed_precise} {bar:32.green/black} {msg}";
const BAR_WITHOUT_COLOUR: &str = "{elapsed_precise} [{bar:32}] {msg}";

/// What a run is shown by, whatever it plays.
pub trait Watched: 'static {
    /// The run's clock.
    fn clock(&self) -> Clock;

    /// The measured time, in microseconds since the run began; empty or endless where it has none yet.
    fn measured(&self) -> std::ops::Range<u64>;

    /// What was measured so far.
    fn measures(&self) -> &Measures;

    /// What was checked so far.
    fn tally(&self) -> &Tally;

    /// Who is there, in words.
    fn there(&self) -> String;
}

impl Watched for World {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn measured(&self) -> std::ops::Range<u64> {
        self.measured.clone()
    }

    fn measures(&self) -> &Measures {
        &self.measures
    }

    fn tally(&self) -> &Tally {
        self.checker.tally()
    }

    fn there(&self) -> String {
        format!("{} connected, {} chats paired", self.ready(|_| true), self.paired.len())
    }
}

/// The bar and its lines; they end when this is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    task: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows how a run goes, where somebody looks and has not asked for silence.
    pub fn of<W: Watched>(world: &Rc<RefCell<W>>, wanted: bool) -> Progress {
        if !wanted || !stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden(), task: None };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let template = if colour { BAR } else { BAR_WITHOUT_COLOUR };
        bar.set_style(ProgressStyle::with_template(template).expect("both templates are right").progress_chars("=> "));
        let (told, world) = (bar.clone(), world.clone());
        let task = tokio::task::spawn_local(async move {
            let mut before = 0;
            loop {
                pause(Duration::from_secs(1)).await;
                let (line, state) = {
                    let world = world.borrow();
                    (line(&*world, &mut before), state(&*world))
                };
                told.println(line);
                if let Some((done_s, all_s)) = state.seconds {
                    told.set_length(all_s);
                    told.set_position(done_s);
                }
                told.set_message(state.words);
            }
        });
        Progress { bar, task: Some(task) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.bar.finish_and_clear();
    }
}

/// How far a run is.
struct State {
    /// Seconds of the measured time that are over, and all of it.
    seconds: Option<(u64, u64)>,
    words: String,
}

fn state<W: Watched>(world: &W) -> State {
    let (now_us, measured) = (world.clock().us(), world.measured());
    let kept = if world.tally().is_broken() { "BROKEN" } else { "all kept" };
    if measured.is_empty() || measured.end == u64::MAX {
        return State { seconds: None, words: format!("{}, {kept}", world.there()) };
    }
    let all_s = (measured.end - measured.start) / 1_000_000;
    let done_s = (now_us.saturating_sub(measured.start) / 1_000_000).min(all_s);
    let rate = world.measures().acknowledged as f64 / done_s.max(1) as f64;
    let p99 = |what| milliseconds(world.measures().line(what).p99);
    let phase = match now_us {
        now if now < measured.start => "warming up",
        now if now >= measured.end => "letting everything arrive",
        _ => "measuring",
    };
    let words =
        format!("{done_s}/{all_s} s {phase}, {rate:.0} acknowledged/s, deliver p99 {}, {kept}", p99(What::Deliver));
    State { seconds: Some((done_s, all_s)), words }
}

/// The second that is over, in a line.
fn line<W: Watched>(world: &W, before: &mut u64) -> String {
    let acknowledged = world.tally().acknowledged;
    let rate = acknowledged - std::mem::replace(before, acknowledged).min(acknowledged);
    let p99 = |what| milliseconds(world.measures().latest(what).map(|brief| brief.p99));
    format!(
        "{:>5} s  {rate:>6} acknowledged/s  p99 of this second: acknowledge {}, deliver {}  {}",
        world.clock().us() / 1_000_000,
        p99(What::Acknowledge),
        p99(What::Deliver),
        world.there()
    )
}

fn milliseconds(us: Option<u64>) -> String {
    us.map_or_else(|| "-".into(), |us| format!("{:.1} ms", us as f64 / 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some40Of60 {
        clock: Clock,
        measures: Measures,
        tally: Tally,
        measured: std::ops::Range<u64>,
    }

    impl Watched for Some40Of60 {
        fn clock(&self) -> Clock {
            self.clock
        }

        fn measured(&self) -> std::ops::Range<u64> {
            self.measured.clone()
        }

        fn measures(&self) -> &Measures {
            &self.measures
        }

        fn tally(&self) -> &Tally {
            &self.tally
        }

        fn there(&self) -> String {
            "7 connected".into()
        }
    }

    fn run(measured: std::ops::Range<u64>) -> Some40Of60 {
        let clock = Clock::start();
        let mut measures = Measures::new(clock);
        (0..40).for_each(|_| measures.post_acknowledged(0));
        let mut tally = Tally::default();
        tally.acknowledged = 40;
        Some40Of60 { clock, measures, tally, measured }
    }

    #[test]
    fn the_line_tells_the_rate_of_its_second_and_the_bar_how_far_it_is() {
        let mut before = 30;
        let world = run(0..60_000_000);
        assert!(line(&world, &mut before).contains("    10 acknowledged/s"), "{}", line(&world, &mut before));
        let state = state(&world);
        assert_eq!(state.seconds, Some((0, 60)));
        assert!(
            state.words.starts_with("0/60 s measuring, 40 acknowledged/s, deliver p99 -, all kept"),
            "{}",
            state.words
        );
    }

    #[test]
    fn what_has_no_end_yet_tells_who_is_there() {
        for measured in [0..0, 0..u64::MAX] {
            let state = state(&run(measured));
            assert_eq!((state.seconds, state.words.as_str()), (None, "7 connected, all kept"));
        }
        assert!(state(&run(u64::MAX - 1_000_001..u64::MAX - 1)).words.contains("warming up"));
    }
}
