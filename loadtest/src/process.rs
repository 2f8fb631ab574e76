//! What a process on this machine has used, as `/proc` tells it.

use std::fs;
use std::time::Duration;

/// The kernel's unit of CPU time here: a hundredth of a second on every Linux that is in use.
const TICK: Duration = Duration::from_millis(10);

/// CPU time and memory of a process at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system time since it began.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub rss_bytes: u64,
    /// Of it, memory that no file stands for: what the process itself took.
    pub rss_anon_bytes: u64,
}

/// The usage of a process; nothing where it is gone or `/proc` is not there.
pub fn usage(pid: u32) -> Option<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(Usage {
        cpu: cpu_of(&stat)?,
        rss_bytes: memory_of(&status, "VmRSS:")?,
        rss_anon_bytes: memory_of(&status, "RssAnon:")?,
    })
}

/// The usage of this process.
pub fn own() -> Option<Usage> {
    usage(std::process::id())
}

/// Fields 14 and 15 of `stat`; the name in field 2 may hold spaces and braces, so counting begins behind it.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * (ticks()? + ticks()?))
}

fn memory_of(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_found_behind_any_name() {
        let stat = "1 (a ) b) S 0 0 0 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(memory_of("Name:\tx\nVmRSS:\t   2048 kB\n", "VmRSS:"), Some(2 << 20));
        assert_eq!(cpu_of(""), None);
        assert!(own().is_some_and(|usage| usage.rss_bytes > 0));
    }
}
