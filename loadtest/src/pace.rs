//! When posts are due, and a clock hand that wakes the client on time: finer than the runtime's millisecond.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use tokio::sync::Notify;

use crate::clock;
use crate::random::Random;

/// How posts follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Arrivals {
    /// At random, independent of each other: a Poisson process.
    Poisson,
    /// Evenly.
    Fixed,
}

/// The times at which posts are due, in microseconds; an open model: nothing that happens changes them.
#[derive(Clone, Debug)]
pub struct Schedule {
    arrivals: Arrivals,
    mean_us: f64,
    next_us: f64,
    random: Random,
}

impl Schedule {
    /// A schedule of `per_second` posts that begins at `start_us`.
    pub fn new(arrivals: Arrivals, per_second: f64, start_us: u64, seed: u64) -> Schedule {
        let mut schedule =
            Schedule { arrivals, mean_us: 1e6 / per_second, next_us: start_us as f64, random: Random::new(seed) };
        schedule.step();
        schedule
    }

    fn step(&mut self) {
        self.next_us += self.mean_us
            * match self.arrivals {
                Arrivals::Poisson => self.random.exponential(),
                Arrivals::Fixed => 1.0,
            };
    }

    /// When the next is due.
    pub fn next_us(&self) -> u64 {
        self.next_us as u64
    }

    /// The next that is due by now, each once.
    pub fn due(&mut self, now_us: u64) -> Option<u64> {
        let next = self.next_us();
        (next <= now_us).then(|| {
            self.step();
            next
        })
    }
}

/// A thread that sleeps exactly and wakes a task.
#[derive(Debug)]
pub struct Hand {
    alarms: mpsc::SyncSender<Instant>,
    rung: Arc<Notify>,
}

impl Hand {
    /// Starts the thread; it ends when this is dropped.
    pub fn start() -> Hand {
        let (alarms, asked) = mpsc::sync_channel::<Instant>(1);
        let rung = Arc::new(Notify::new());
        let ring = rung.clone();
        thread::spawn(move || {
            while let Ok(at) = asked.recv() {
                clock::sleep_until(at);
                ring.notify_one();
            }
        });
        Hand { alarms, rung }
    }

    /// Waits until then.
    pub async fn until(&self, at: Instant) {
        if at > clock::now() && self.alarms.try_send(at).is_ok() {
            self.rung.notified().await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_schedule_keep_their_rate_whatever_happens() {
        for arrivals in [Arrivals::Poisson, Arrivals::Fixed] {
            let mut schedule = Schedule::new(arrivals, 1_000.0, 500, 1);
            assert_eq!(schedule.due(400), None);
            let count = std::iter::from_fn(|| schedule.due(100_000_500)).count();
            assert!((99_000..=101_000).contains(&count), "{arrivals:?}: {count}");
        }
    }
}
