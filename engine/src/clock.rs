//! The one place that reads the time; everybody else is handed it, so that tests can hold it still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deskwire_protocol::Time;

/// Tells the time: the machine's, or one that a test moves by hand. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { started: Instant, started_at: Time },
    Manual { now_ms: Arc<AtomicU64>, started_ms: u64 },
}

/// The hand of a manual clock.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicU64>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the clock is what reads the time")]
    pub fn system() -> Clock {
        Clock(Source::System { started: Instant::now(), started_at: time_of_day() })
    }

    /// A clock that stands at `start` until its hand is moved.
    pub fn manual(start: Time) -> (Clock, Hand) {
        let now_ms = Arc::new(AtomicU64::new(start.ms()));
        let clock = Clock(Source::Manual { now_ms: now_ms.clone(), started_ms: start.ms() });
        (clock, Hand(now_ms))
    }

    /// The time of day, in milliseconds since 1970. May jump when somebody sets the machine's clock.
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::System { .. } => time_of_day(),
            Source::Manual { now_ms, .. } => Time::from_ms(now_ms.load(Ordering::SeqCst)),
        }
    }

    /// What has passed since this clock was made. Never runs back; the difference of two is a length of time.
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Source::System { started, .. } => started.elapsed(),
            Source::Manual { now_ms, started_ms } => {
                Duration::from_millis(now_ms.load(Ordering::SeqCst).saturating_sub(*started_ms))
            }
        }
    }
}

impl Clock {
    /// What has passed since this clock was made, in microseconds that wrap around after an hour: for the difference of
    /// two moments that are close.
    pub fn wrapping_us(&self) -> u32 {
        self.elapsed().as_micros() as u32
    }

    /// The time of day when this clock was made, and what has passed since: for waiting, which must not last an hour
    /// longer because somebody set the machine's clock back by one.
    pub fn steady(&self) -> Time {
        let started_ms = match &self.0 {
            Source::System { started_at, .. } => started_at.ms(),
            Source::Manual { started_ms, .. } => *started_ms,
        };
        Time::from_ms(started_ms + u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX >> 1))
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock is what reads the time")]
fn time_of_day() -> Time {
    // A machine set to before 1970 reads as 1970: a ticket's own time never runs back anyway.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl Hand {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the time of day, back too: as when an operator corrects the machine's clock.
    pub fn set(&self, to: Time) {
        self.0.store(to.ms(), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_until_its_hand_is_moved() {
        let (clock, hand) = Clock::manual(Time::from_ms(1_000));
        assert_eq!((clock.now().ms(), clock.elapsed()), (1_000, Duration::ZERO));
        hand.advance(Duration::from_millis(250));
        assert_eq!((clock.now().ms(), clock.elapsed()), (1_250, Duration::from_millis(250)));
        assert_eq!(clock.steady().ms(), 1_250);
        hand.set(Time::from_ms(500));
        assert_eq!((clock.now().ms(), clock.elapsed()), (500, Duration::ZERO));
    }

    #[test]
    fn the_machines_clock_knows_the_year_and_does_not_run_back() {
        let clock = Clock::system();
        assert!(clock.now().ms() > 1_700_000_000_000);
        let first = clock.elapsed();
        assert!(clock.elapsed() >= first);
        assert!(clock.steady().ms() > 1_700_000_000_000);
    }
}
