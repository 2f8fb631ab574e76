//! What a run cost: CPU and memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// CPU and memory of one process over the measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Part of one core.
    pub cores: f64,
    /// Microseconds of CPU for each message delivered; nothing where none was.
    pub us_per_message: Option<f64>,
    /// Resident memory at the end, in bytes.
    pub rss_bytes: u64,
}

impl Cost {
    /// So much CPU in so many seconds, in which so many messages were delivered.
    pub fn of(cpu: Duration, rss_bytes: u64, seconds: f64, messages: u64) -> Cost {
        let cpu_s = cpu.as_secs_f64();
        let us_per_message = (messages > 0).then(|| cpu_s * 1e6 / messages as f64);
        Cost { cores: cpu_s / seconds, us_per_message, rss_bytes }
    }
}

/// The memory and CPU of idle sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Idle {
    /// How many sessions.
    pub sessions: u64,
    /// The server's resident memory without them, in bytes.
    pub rss_before_bytes: u64,
    /// With them, idle, in bytes.
    pub rss_after_bytes: u64,
    /// The difference for each, in bytes.
    pub bytes_per_session: f64,
    /// Of the server's resident memory, what it took itself (no file stands for it): without them, in bytes. 0 where
    /// only its metrics are known.
    pub rss_anon_before_bytes: u64,
    /// With them, idle, in bytes.
    pub rss_anon_after_bytes: u64,
    /// The difference of these for each session, in bytes.
    pub anon_bytes_per_session: f64,
    /// CPU while all are idle, part of one core.
    pub idle_cores: f64,
    /// The same for each session, in microseconds of CPU a second: whatever else the server does in that time is in it.
    /// None without sessions, without idle time, and in reports of before.
    pub cpu_us_per_session_s: Option<f64>,
    /// Rooms that still live at the end of the idle time, where the server can be asked: 0 says that all are idle.
    pub rooms: Option<u64>,
}

impl Idle {
    /// The CPU of so many sessions that idle for so many seconds.
    pub fn with_cpu(self, cpu: Duration, seconds: u64) -> Idle {
        let cpu_s = cpu.as_secs_f64();
        let of_one = cpu_s * 1e6 / (self.sessions * seconds) as f64;
        Idle {
            idle_cores: cpu_s / seconds.max(1) as f64,
            cpu_us_per_session_s: (self.sessions * seconds > 0).then_some(of_one),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_of_idle_sessions_is_shared_out_among_them() {
        let idle = |sessions, seconds| {
            let idle = Idle { sessions, ..Idle::default() }.with_cpu(Duration::from_millis(500), seconds);
            (idle.idle_cores, idle.cpu_us_per_session_s)
        };
        assert_eq!(idle(1_000, 10), (0.05, Some(50.0)));
        assert_eq!(idle(0, 10), (0.05, None));
        assert_eq!(idle(10, 0), (0.5, None));
    }
}
