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

/// The memory of idle sessions.
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
    /// Rooms that still live at the end of the idle time, where the server can be asked: 0 says that all are idle.
    pub rooms: Option<u64>,
}
