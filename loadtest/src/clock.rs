//! The only place of the load client that reads the time and waits for it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time since a run began.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// The run begins.
    pub fn start() -> Clock {
        Clock { began: now() }
    }

    /// Microseconds since the run began.
    pub fn us(&self) -> u64 {
        now().duration_since(self.began).as_micros() as u64
    }

    /// Milliseconds since the run began.
    pub fn ms(&self) -> u64 {
        self.us() / 1_000
    }

    /// The moment this many microseconds after the run began.
    pub fn at_us(&self, us: u64) -> Instant {
        self.began + Duration::from_micros(us)
    }
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "a measuring tool reads the time, and does so here only")]
pub fn now() -> Instant {
    Instant::now()
}

/// The time of day, in seconds since 1970; a report says with it when its run was.
#[expect(clippy::disallowed_methods, reason = "a report says when its run was")]
pub fn time_of_day_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Waits, to the runtime's millisecond.
#[expect(
    clippy::disallowed_methods,
    reason = "pauses of a load profile are what is asked for, not a wait for something"
)]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits in a thread of its own, as exactly as the kernel does.
#[expect(clippy::disallowed_methods, reason = "a thread whose only work is to sleep exactly")]
pub fn sleep_until(at: Instant) {
    std::thread::sleep(at.saturating_duration_since(now()));
}
